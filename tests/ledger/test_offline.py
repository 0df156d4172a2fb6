"""What a till did offline is recorded in full; what breaks a rule stands in suspense."""

from typing import Any

import pytest

from ledger.errors import LedgerError
from ledger.postings import Caveat
from tests.builders import (
    a_deposit,
    a_gift_card,
    a_journal,
    a_receipt,
    a_refund,
    a_sale,
    cash,
    deposit_back,
    gift_card,
    goods,
    hat,
    moved,
    opened,
    reversal,
    taxes,
    tender,
)
from tests.ledger.memory import TILL, Memory
from tests.ledger.refusals import conflict, faults, forbidden
from tests.notation import booked, journal

OFFLINE: dict[str, Any] = {"happened_offline": True}


def test_a_card_goes_to_zero_and_the_rest_to_suspense(ledger: Memory) -> None:
    ledger.record(a_gift_card("GC-1", "30.00"))
    sale = a_sale(lines=[goods("40.00")], tenders=[gift_card("GC-1", "40.00")], **OFFLINE)
    entry = ledger.record(sale)
    assert booked(entry) == journal(
        """
        Dr gift_cards GC-1 30.00 / Dr suspense gift_cards:GC-1 10.00
        Cr sales Hats 40.00
        """
    )
    assert entry.caveats == (
        Caveat("unknown-category", "Hats"),
        Caveat("overdrawn-offline", "gift_cards:GC-1", 1000),
    )


def test_a_card_that_nobody_sold_is_all_suspense(ledger: Memory) -> None:
    sale = a_sale(lines=[goods("40.00")], tenders=[gift_card("GC-9", "40.00")], **OFFLINE)
    assert booked(ledger.record(sale)) == journal(
        "Dr suspense gift_cards:GC-9 40.00 / Cr sales Hats 40.00"
    )


def test_each_overdrawn_holder_is_its_own_exception(ledger: Memory) -> None:
    tenders = [
        gift_card("GC-1", "10.00"),
        tender("store_credit", "10.00", voucher="V-1"),
        tender("customer_credit", "10.00"),
        tender("deposit", "10.00", deposit="D-1"),
    ]
    entry = ledger.record(
        a_sale(lines=[goods("40.00")], tenders=tenders, customer="C-1", **OFFLINE)
    )
    assert booked(entry) == journal(
        """
        Dr suspense gift_cards:GC-1 10.00 / Dr suspense store_credit:V-1 10.00
        Dr suspense receivable:credit:C-1 10.00 / Dr suspense deposits:D-1 10.00
        Cr sales Hats 40.00
        """
    )
    assert [c.subject for c in entry.caveats if c.cause == "overdrawn-offline"] == [
        "deposits:D-1",
        "gift_cards:GC-1",
        "store_credit:V-1",
        "receivable:credit:C-1",
    ]


def test_a_prepayment_is_drawn_as_far_as_it_goes(ledger: Memory) -> None:
    paid = {"kind": "prepayment", "taxes": taxes(GST="0.50")}
    ledger.record(a_deposit("P-in", "P-1", "10.50", **paid))
    tenders = [tender("deposit", "12.00", deposit="P-1")]
    entry = ledger.record(a_sale(lines=[goods("12.00")], tenders=tenders, **OFFLINE))
    assert booked(entry) == journal(
        """
        Dr deposits P-1 10.00 / Dr sales_tax GST 0.50 / Dr suspense deposits:P-1 1.50
        Cr sales Hats 12.00
        """
    )
    assert conflict(ledger, deposit_back("P-out", "P-1"))["code"] == "deposit-empty"


def test_a_deposit_nobody_received_goes_back_out_of_suspense(ledger: Memory) -> None:
    back = deposit_back(tenders=[cash("16.10")], **OFFLINE)
    assert booked(ledger.record(back)) == journal(
        "Dr suspense deposits:D-7 16.10 / Cr cash unassigned 16.10"
    )
    assert conflict(ledger, deposit_back("x", "D-8", **OFFLINE))["code"] == "deposit-empty"
    stated = deposit_back("x", "D-8", amount="1.00", **OFFLINE)
    assert conflict(ledger, stated)["code"] == "tenders-needed"


def test_a_refund_beyond_what_is_left(ledger: Memory) -> None:
    """By a stated price, an amount, units without a price; each time the rest is suspended."""
    ledger.record(a_sale())
    lines = [{"sale_line": 0, "net": "50.00", "taxes": taxes(GST="2.50", QST="3.99")}]
    stated = ledger.preview(a_refund(lines=lines, tenders=[cash("56.49")], **OFFLINE))
    assert booked(stated) == journal(
        """
        Dr sales_returns Hats 40.00 / Dr sales_tax GST 2.00 / Dr sales_tax QST 3.99
        Dr suspense refund:S-1 10.50 / Cr cash unassigned 56.49
        """
    )
    assert stated.caveats == (Caveat("refund-offline", "refund:S-1", 1050),)
    amount = ledger.preview(a_refund(amount="50.00", tenders=[cash("50.00")], **OFFLINE))
    assert "Dr suspense refund:S-1 4.01" in booked(amount)
    units = [{"sale_line": 0, "quantity": "2"}]
    two = ledger.record(a_refund(lines=units, tenders=[cash("91.98")], **OFFLINE))
    assert "Dr suspense refund:S-1 45.99" in booked(two)
    assert (
        conflict(ledger, a_refund("R-2", amount="0.01", tenders=[cash("0.01")]))["left"] == "0.00"
    )


def test_a_refund_of_a_sale_that_is_not_there_is_all_suspense(ledger: Memory) -> None:
    ledger.record(a_receipt("G-1", ("HAT", "4", "18.25")))
    for id_, refund in (
        ("R-1", a_refund("R-1", "S-9", [cash("45.99")], lines=[hat()], **OFFLINE)),
        ("R-2", a_refund("R-2", "S-9", [cash("45.99")], amount="45.99", **OFFLINE)),
        ("R-3", a_refund("R-3", "S-9", [cash("45.99")], **OFFLINE)),
        ("R-4", a_refund("R-4", "S-9", [cash("45.99")], lines=[{"sale_line": 3}], **OFFLINE)),
    ):
        entry = ledger.record(refund)
        assert booked(entry) == journal("Dr suspense refund:S-9 45.99 / Cr cash unassigned 45.99")
        assert Caveat("refund-offline", "refund:S-9", 4599) in entry.caveats, id_
    back = a_refund(
        "R-5", "S-9", [cash("1.00")], lines=[goods("1.00", item="HAT")], restock="yes", **OFFLINE
    )
    assert "Dr inventory HAT 18.25 x 1" in booked(ledger.record(back))


def test_a_reversed_sale_or_a_missing_line_counts_as_nothing_left(ledger: Memory) -> None:
    ledger.record(a_sale())
    missing = a_refund("R-1", lines=[{"sale_line": 7}], tenders=[cash("1.00")], **OFFLINE)
    assert booked(ledger.record(missing)) == journal(
        "Dr suspense refund:S-1 1.00 / Cr cash unassigned 1.00"
    )
    ledger.record(a_sale("S-2"))
    ledger.record(reversal("S-2"))
    entry = ledger.record(a_refund("R-2", "S-2", [cash("1.00")], amount="1.00", **OFFLINE))
    assert "Dr suspense refund:S-2 1.00" in booked(entry)


def test_a_refund_that_arrives_before_its_sale_is_counted_against_it(ledger: Memory) -> None:
    ledger.record(a_refund("R-1", "S-1", [cash("45.99")], amount="45.99", **OFFLINE))
    ledger.record(a_sale())
    assert (
        conflict(ledger, a_refund("R-2", tenders=[cash("45.99")], amount="45.99"))["left"] == "0.00"
    )


def test_accounts_that_are_not_there(ledger: Memory) -> None:
    opening = ledger.record(opened(float_from="vault", **OFFLINE))
    assert booked(opening) == journal("Dr cash till-3 200.00 / Cr suspense account:vault 200.00")
    out = ledger.record(moved("paid_out", "5.00", account="6999", register="till-3", **OFFLINE))
    assert booked(out) == journal("Dr suspense account:6999 5.00 / Cr cash till-3 5.00")
    assert out.caveats == (Caveat("account-offline", "account:6999", 500),)
    lines = [{"account": "9999", "debit": "1.00"}, {"account": "bank", "credit": "1.00"}]
    posted = ledger.record(a_journal("J-1", *lines, **OFFLINE))
    assert "Dr suspense account:9999 1.00" in booked(posted)


def test_an_invoice_over_applied_offline(ledger: Memory) -> None:
    ledger.record(a_sale())
    back = a_refund(tenders=[tender("on_account", "45.99")], **OFFLINE)
    assert "Cr suspense receivable:S-1 45.99" in booked(ledger.record(back))


def test_what_does_not_balance_is_refused_all_the_same(ledger: Memory) -> None:
    ledger.record(a_sale())
    for event in (
        a_sale("S-2", tenders=[cash("1.00")], **OFFLINE),
        a_refund(amount="50.00", tenders=[cash("49.00")], **OFFLINE),
        a_refund(tenders=[cash("45.98")], **OFFLINE),
        a_refund(lines=[{"sale_line": 0, "quantity": "1"}], tenders=[cash("46.00")], **OFFLINE),
        a_refund(lines=[{"sale_line": 0, "quantity": "2"}], tenders=[cash("45.98")], **OFFLINE),
        a_refund("R-2", "S-9", [cash("2.00")], lines=[goods("1.00")], **OFFLINE),
        a_deposit(tenders=[cash("1.00")], **OFFLINE),
    ):
        assert faults(ledger, event) == {"/tenders": "tenders-differ"}


@pytest.mark.parametrize("kind", ["role", "twice", "dependents"])
def test_no_other_refusal_is_lifted(ledger: Memory, kind: str) -> None:
    ledger.record(a_sale())
    ledger.record(a_refund())
    ledger.record(opened())
    if kind == "role":
        blind = a_refund("R-2", None, [cash("1.00")], amount="1.00", **OFFLINE)
        assert forbidden(ledger, blind, TILL)["what"] == "blind-refund"
    elif kind == "twice":
        assert conflict(ledger, opened(id_="again", **OFFLINE))["code"] == "session-opened"
    else:
        assert conflict(ledger, reversal("S-1", **OFFLINE))["code"] == "has-dependents"
    with pytest.raises(LedgerError):
        ledger.record(reversal("S-9", **OFFLINE))


def test_suspense_goes_when_the_event_is_taken_back(ledger: Memory) -> None:
    ledger.record(a_sale(lines=[goods("4.00")], tenders=[gift_card("GC-9", "4.00")], **OFFLINE))
    ledger.record(reversal("S-1"))
    assert ledger.balances() == {}
