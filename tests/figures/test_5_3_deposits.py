"""Deposits: held without tax, applied, given back, forfeited by the region's rule (5.3)."""

from typing import Any

import pytest
from msgspec.structs import replace

from ledger.book import Book
from tests.builders import a_deposit, a_sale, card, deposit_back, fact, taxes, tender
from tests.ledger.memory import LONDON, MONTREAL, Memory
from tests.notation import booked, journal

TORONTO = replace(MONTREAL, region="ON")
FREDERICTON = replace(MONTREAL, region="NB")
NEW_YORK = replace(MONTREAL, country="US", region="NY", currency="USD")


def kept(book: Book, amount: str, **fields: Any) -> list[str]:
    """Return the journal of a deposit of *amount* that is kept."""
    ledger = Memory(book)
    ledger.record(a_deposit(amount=amount))
    return booked(ledger.record(fact("deposit_forfeited", "F-1", deposit="D-7", **fields)))


def test_16_10_is_received_and_owed() -> None:
    assert booked(Memory().record(a_deposit())) == journal(
        "Dr clearing card 16.10 / Cr deposits D-7 16.10"
    )


def test_16_10_is_applied_to_a_service_of_53_66() -> None:
    """46.67, 2.33 and 4.66: the card pays the other 37.56."""
    ledger = Memory()
    ledger.record(a_deposit())
    service = {"kind": "service", "net": "46.67", "taxes": taxes(GST="2.33", QST="4.66")}
    paid = [tender("deposit", "16.10", deposit="D-7"), card("37.56", None)]
    assert booked(ledger.record(a_sale("S-1", [service], paid))) == journal(
        "Dr deposits D-7 16.10 / Dr clearing card 37.56"
        " / Cr sales service 46.67 / Cr sales_tax GST 2.33 / Cr sales_tax QST 4.66"
    )


def test_16_10_goes_back_the_way_it_came() -> None:
    ledger = Memory()
    ledger.record(a_deposit())
    assert booked(ledger.record(deposit_back())) == journal(
        "Dr deposits D-7 16.10 / Cr clearing card 16.10"
    )


def test_4_00_of_a_deposit_go_back_as_2_50_in_cash_and_1_50_onto_the_card() -> None:
    """It came as 10.00 in cash and 6.00 by card."""
    ledger = Memory()
    came = [tender("cash", "10.00"), card("6.00", None)]
    ledger.record(a_deposit(amount="16.00", tenders=came))
    assert booked(ledger.record(deposit_back(amount="4.00"))) == journal(
        "Dr deposits D-7 4.00 / Cr cash unassigned 2.50 / Cr clearing card 1.50"
    )


def test_a_deposit_carried_to_another_booking_has_no_entry() -> None:
    ledger = Memory()
    ledger.record(a_deposit(booking="B-1"))
    moved = fact("deposit_moved", "M-1", deposit="D-7", to_booking="B-2")
    assert booked(ledger.record(moved)) == []
    assert ledger.balance("deposits", "D-7", "CAD") == -1610


def test_16_10_forfeited_in_quebec_holds_0_77_and_1_46_of_tax() -> None:
    """Each tax is deemed inside the whole deposit: x 5/105 and x 9.975/109.975."""
    assert kept(MONTREAL, "16.10") == journal(
        "Dr deposits D-7 16.10 / Cr forfeited_deposits 13.87"
        " / Cr sales_tax GST 0.77 / Cr sales_tax QST 1.46"
    )


def test_50_00_forfeited_in_quebec_holds_2_38_and_4_54_of_tax() -> None:
    """Revenu Québec's own example; backing out 14.975 % at once would be 0.41 short."""
    assert kept(MONTREAL, "50.00") == journal(
        "Dr deposits D-7 50.00 / Cr forfeited_deposits 43.08"
        " / Cr sales_tax GST 2.38 / Cr sales_tax QST 4.54"
    )


@pytest.mark.parametrize(
    ("book", "deposit", "income", "tax"),
    [
        (TORONTO, "113.00", "100.00", "Cr sales_tax HST 13.00"),
        (FREDERICTON, "115.00", "100.00", "Cr sales_tax HST 15.00"),
        (LONDON, "120.00", "100.00", "Cr sales_tax VAT 20.00"),
        (NEW_YORK, "50.00", "50.00", ""),
    ],
    ids=["Ontario 13/113", "New Brunswick 15/115", "United Kingdom 20/120", "United States none"],
)
def test_a_forfeit_elsewhere_follows_the_place(
    book: Book, deposit: str, income: str, tax: str
) -> None:
    expected = f"Dr deposits D-7 {deposit} / Cr forfeited_deposits {income} / {tax}"
    assert kept(book, deposit) == journal(expected)


def test_a_forfeit_for_an_exempt_service_has_no_tax() -> None:
    assert kept(MONTREAL, "16.10", taxes=[]) == journal(
        "Dr deposits D-7 16.10 / Cr forfeited_deposits 16.10"
    )


def prepaid() -> Memory:
    """Return a book with a prepayment of 115.00, taxed when it was paid."""
    ledger = Memory()
    ledger.record(
        a_deposit(amount="115.00", kind="prepayment", taxes=taxes(GST="5.00", QST="9.98"))
    )
    return ledger


def test_a_prepayment_of_115_00_is_100_02_and_its_taxes() -> None:
    assert booked(prepaid().entries[0]) == journal(
        "Dr clearing card 115.00 / Cr deposits D-7 100.02"
        " / Cr sales_tax GST 5.00 / Cr sales_tax QST 9.98"
    )


def test_38_33_of_the_prepayment_take_back_a_third_of_net_and_taxes() -> None:
    service = {"kind": "service", "net": "33.33", "taxes": taxes(GST="1.67", QST="3.33")}
    sale = a_sale("S-1", [service], [tender("deposit", "38.33", deposit="D-7")])
    assert booked(prepaid().record(sale)) == journal(
        "Dr deposits D-7 33.33 / Dr sales_tax GST 1.67 / Dr sales_tax QST 3.33"
        " / Cr sales service 33.33 / Cr sales_tax GST 1.67 / Cr sales_tax QST 3.33"
    )


def test_a_prepayment_forfeited_is_income_at_net_and_its_tax_stays() -> None:
    assert booked(prepaid().record(fact("deposit_forfeited", "F-1", deposit="D-7"))) == journal(
        "Dr deposits D-7 100.02 / Cr forfeited_deposits 100.02"
    )
