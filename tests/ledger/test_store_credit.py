"""Store credit: by hand, by return, spent, expired (5.4)."""

from typing import Any

from ledger.book import Book
from ledger.events import Event
from tests.builders import a_credit, a_refund, a_sale, cash, fact, goods, hat, reversal, tender
from tests.ledger.memory import TILL, Memory
from tests.ledger.refusals import conflict, faults, forbidden
from tests.notation import booked, journal

ZURICH = Book(
    id=4,
    name="Hüte am Limmatquai",
    country="CH",
    region=None,
    currency="CHF",
    timezone="Europe/Zurich",
)


def lapsed(amount: str = "25.00", id_: str = "X-1", **fields: Any) -> Event:
    """Return store credit that expires, by default of the voucher V-1."""
    stated = {"voucher": "V-1", "reason": "two years"} | fields
    return fact("store_credit_expired", id_, amount=amount, **stated)


def test_credit_by_hand_is_an_expense(ledger: Memory) -> None:
    assert booked(ledger.record(a_credit())) == journal(
        "Dr store_credit_expense 25.00 / Cr store_credit V-1 25.00"
    )
    named = ledger.record(a_credit("C-2", voucher=None, customer="C-7"))
    assert "Cr store_credit C-7 25.00" in booked(named)


def test_credit_for_a_return_is_a_liability_alone(ledger: Memory) -> None:
    """Returns and taxes are reversed; nothing is spent by the shop."""
    ledger.record(a_sale())
    back = a_refund(tenders=[tender("store_credit", "45.99", voucher="V-1")])
    assert booked(ledger.record(back)) == journal(
        """
        Dr sales_returns Hats 40.00 / Dr sales_tax GST 2.00 / Dr sales_tax QST 3.99
        Cr store_credit V-1 45.99
        """
    )
    spent = a_sale("S-2", [hat()], [tender("store_credit", "45.99", voucher="V-1")])
    assert booked(ledger.record(spent)) == journal(
        """
        Dr store_credit V-1 45.99
        Cr sales Hats 40.00 / Cr sales_tax GST 2.00 / Cr sales_tax QST 3.99
        """
    )
    more = a_sale("S-3", [goods("0.01")], [tender("store_credit", "0.01", voucher="V-1")])
    assert conflict(ledger, more)["code"] == "overdrawn"


def test_credit_does_not_expire_in_quebec(ledger: Memory) -> None:
    ledger.record(a_credit())
    refused = conflict(ledger, lapsed())
    assert (refused["code"], refused["role"]) == ("expiry-forbidden", "store_credit")
    assert forbidden(ledger, lapsed(), TILL)["what"] == "store_credit_expired"
    entry = ledger.record(lapsed("5.00", override="granted with a term, in writing"))
    assert booked(entry) == journal("Dr store_credit V-1 5.00 / Cr store_credit_breakage 5.00")


def test_credit_may_expire_in_london(london: Memory) -> None:
    """A voucher's, or a customer's; never more than there is."""
    london.record(a_credit())
    london.record(a_credit("C-2", voucher=None, customer="C-7"))
    assert booked(london.record(lapsed())) == journal(
        "Dr store_credit V-1 25.00 / Cr store_credit_breakage 25.00"
    )
    of_customer = lapsed("20.00", "X-2", voucher=None, customer="C-7")
    assert "Dr store_credit C-7 20.00" in booked(london.record(of_customer))
    assert conflict(london, lapsed("0.01", "X-3"))["code"] == "overdrawn"
    london.record(reversal("X-1"))
    assert london.balance("store_credit", "V-1") == -2500


def test_credit_lasts_five_years_in_switzerland() -> None:
    """From the day on which it was last filled, by hand or by a refund."""
    zurich = Memory(ZURICH)
    zurich.record(a_credit(on="2024-01-01"))
    assert conflict(zurich, lapsed())["first"] == "2029-01-01"
    zurich.record(a_sale("S-1", [goods("9.00")], [cash("9.00")]))
    given = [tender("store_credit", "9.00")]
    zurich.record(a_refund("R-1", "S-1", given, on="2025-06-01", customer="C-7"))
    of_customer = lapsed("9.00", voucher=None, customer="C-7")
    assert conflict(zurich, of_customer)["first"] == "2030-06-01"


def test_credit_needs_somebody_who_holds_it(ledger: Memory) -> None:
    assert faults(ledger, lapsed(voucher=None)) == {"/voucher": "required"}
    assert faults(ledger, a_credit(voucher=None)) == {"/voucher": "required"}
