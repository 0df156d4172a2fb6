"""The register: floats, petty cash, banking, and a count that is the truth (5.7)."""

from tests.builders import a_sale, card, cash, closed, goods, method, moved, opened
from tests.ledger.memory import Memory
from tests.notation import booked, journal

AT_TILL_3 = {"session": "Z-1", "register": "till-3"}


def test_a_float_of_200_00_comes_from_the_bank() -> None:
    assert booked(Memory().record(opened())) == journal(
        "Dr cash till-3 200.00 / Cr bank main 200.00"
    )


def test_a_smaller_float_gives_50_00_back() -> None:
    ledger = Memory()
    ledger.record(opened())
    again = opened("Z-2", "150.00", float_from="cash_in_transit")
    assert booked(ledger.record(again)) == journal(
        "Dr cash_in_transit 50.00 / Cr cash till-3 50.00"
    )


def test_3_00_over_in_the_drawer_and_1_00_short_by_card() -> None:
    """Drawer 230.00 and visa 70.00 expected; 233.00 and 69.00 counted."""
    ledger = Memory()
    ledger.record(method("visa"))
    ledger.record(opened())
    paid = [cash("30.00"), card("70.00")]
    ledger.record(a_sale("S-1", [goods("100.00")], paid, **AT_TILL_3))
    close = ledger.record(closed("Z-1", "till-3", cash="233.00", visa="69.00"))
    assert booked(close) == journal(
        "Dr cash till-3 3.00 / Cr till_over_short till-3 3.00"
        " / Dr till_over_short till-3 1.00 / Cr clearing visa 1.00"
    )


def test_petty_cash_is_an_expense_out_of_the_till() -> None:
    out = moved("paid_out", "12.00", account="promotion_expense", register="till-3")
    assert booked(Memory().record(out)) == journal(
        "Dr promotion_expense 12.00 / Cr cash till-3 12.00"
    )


def test_takings_go_to_the_safe_and_then_to_the_bank() -> None:
    """Till to transit, transit to bank: no profit and no loss."""
    ledger = Memory()
    ledger.record(opened(float_="300.00"))
    drop = ledger.record(moved("drop", "250.00", **AT_TILL_3))
    assert booked(drop) == journal("Dr cash_in_transit 250.00 / Cr cash till-3 250.00")
    bank = ledger.record(moved("bank", "50.00", "M-2", **AT_TILL_3))
    assert booked(bank) == journal("Dr bank main 50.00 / Cr cash till-3 50.00")
