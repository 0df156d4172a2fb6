"""Gift cards and store credit: owed until used, lapsed or cashed out where the law allows (5.4)."""

from msgspec.structs import replace

from tests.builders import (
    a_credit,
    a_gift_card,
    a_refund,
    a_sale,
    fact,
    gift_card,
    hat,
    tender,
)
from tests.ledger.memory import MONTREAL, Memory
from tests.ledger.refusals import conflict
from tests.notation import booked, journal

TORONTO = replace(MONTREAL, region="ON")
NEW_YORK = replace(MONTREAL, country="US", region="NY", currency="USD")
CREDIT = tender("store_credit", "45.99", voucher="V-1")


def test_a_card_of_50_00_is_sold_without_tax() -> None:
    assert booked(Memory().record(a_gift_card("GC-1", "50.00"))) == journal(
        "Dr cash unassigned 50.00 / Cr gift_cards GC-1 50.00"
    )


def test_45_99_of_the_card_buy_a_hat_with_its_full_tax() -> None:
    ledger = Memory()
    ledger.record(a_gift_card("GC-1", "50.00"))
    sale = a_sale("S-1", [hat()], [gift_card("GC-1", "45.99")])
    assert booked(ledger.record(sale)) == journal(
        "Dr gift_cards GC-1 45.99 / Cr sales Hats 40.00"
        " / Cr sales_tax GST 2.00 / Cr sales_tax QST 3.99"
    )


def test_a_card_given_away_is_a_promotion() -> None:
    free = fact("gift_card_issued_free", "P-1", gift_card="GC-1", amount="20.00")
    assert booked(Memory().record(free)) == journal(
        "Dr promotion_expense 20.00 / Cr gift_cards GC-1 20.00"
    )


def test_20_00_of_a_card_lapse_to_income_where_the_law_lets_them() -> None:
    """In the United States five years after it was filled, no earlier."""
    ledger = Memory(NEW_YORK)
    ledger.record(a_gift_card("GC-1", "20.00"))
    lapsed = fact("gift_card_expired", "X-1", "2031-03-14", gift_card="GC-1", amount="20.00")
    assert booked(ledger.record(lapsed)) == journal(
        "Dr gift_cards GC-1 20.00 / Cr gift_card_breakage 20.00"
    )


def test_no_card_lapses_in_quebec() -> None:
    ledger = Memory()
    ledger.record(a_gift_card("GC-1", "20.00"))
    lapsed = fact("gift_card_expired", "X-1", gift_card="GC-1", amount="20.00")
    assert conflict(ledger, lapsed)["code"] == "expiry-forbidden"


def test_3_10_left_on_a_card_are_paid_out_on_request_in_quebec() -> None:
    ledger = Memory()
    ledger.record(a_gift_card("GC-1", "3.10"))
    out = fact("gift_card_cashed_out", "O-1", gift_card="GC-1", amount="3.10", register="till-3")
    assert booked(ledger.record(out)) == journal("Dr gift_cards GC-1 3.10 / Cr cash till-3 3.10")


def test_25_00_of_credit_by_hand_are_an_expense() -> None:
    assert booked(Memory().record(a_credit())) == journal(
        "Dr store_credit_expense 25.00 / Cr store_credit V-1 25.00"
    )


def test_45_99_of_credit_for_a_return_are_owed_and_no_expense() -> None:
    ledger = Memory()
    ledger.record(a_sale())
    assert booked(ledger.record(a_refund(tenders=[CREDIT]))) == journal(
        "Dr sales_returns Hats 40.00 / Dr sales_tax GST 2.00 / Dr sales_tax QST 3.99"
        " / Cr store_credit V-1 45.99"
    )


def test_the_credit_buys_a_hat_with_its_full_tax() -> None:
    ledger = Memory()
    ledger.record(a_sale())
    ledger.record(a_refund(tenders=[CREDIT]))
    assert booked(ledger.record(a_sale("S-2", [hat()], [CREDIT]))) == journal(
        "Dr store_credit V-1 45.99 / Cr sales Hats 40.00"
        " / Cr sales_tax GST 2.00 / Cr sales_tax QST 3.99"
    )
