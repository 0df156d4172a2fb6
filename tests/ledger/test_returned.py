"""Goods that go back to their vendor (5.8)."""

from typing import Any

from ledger.events import Event
from ledger.postings import Caveat
from tests.builders import a_receipt, a_sale, fact, goods, item, reversal, tax, taxes
from tests.ledger.memory import TILL, Memory
from tests.ledger.refusals import conflict, faults
from tests.notation import booked, journal


def returned(id_: str, many: str, credit: str, receipt: str | None = "G-1", **fields: Any) -> Event:
    """Return hats given back to the vendor, for so much credit each."""
    lines = [{"item": "HAT", "quantity": many, "unit_cost": credit}]
    stated = {"vendor": "Chapeaux Lavoie", "lines": lines, "receipt": receipt}
    return fact("goods_returned", id_, **(stated | fields))


def test_stock_leaves_at_average_and_the_vendor_credits_what_it_says(ledger: Memory) -> None:
    """Average 11.00, credited at 10.00: the rest is a loss. The bill is yet to come."""
    ledger.record(a_receipt("G-1", ("HAT", "10", "10.00")))
    ledger.record(a_receipt("G-2", ("HAT", "10", "12.00")))
    entry = ledger.record(returned("B-1", "2", "10.00"), TILL)
    assert booked(entry) == journal(
        """
        Dr goods_received_not_billed G-1 20.00 / Dr stock_adjustments HAT 2.00
        Cr inventory HAT 22.00 x 2
        """
    )


def test_more_credit_than_the_average_is_a_gain(ledger: Memory) -> None:
    ledger.record(a_receipt("G-1", ("HAT", "10", "10.00")))
    entry = ledger.record(returned("B-1", "2", "10.50", credit_note="CN-4"))
    assert booked(entry) == journal(
        """
        Dr payable CN-4 21.00 / Cr stock_adjustments HAT 1.00
        Cr inventory HAT 20.00 x 2
        """
    )


def test_taxes_go_back_with_the_goods(ledger: Memory) -> None:
    """One that could not be recovered was a part of the cost."""
    ledger.record(tax("PST", "7", recoverable=False))
    ledger.record(a_receipt("G-1", ("HAT", "10", "10.00"), taxes=taxes(GST="5.00", PST="7.00")))
    back = returned("B-1", "1", "10.00", taxes=taxes(GST="0.50", PST="0.70"), credit_note="CN-4")
    assert booked(ledger.record(back)) == journal(
        """
        Dr payable CN-4 11.20 / Dr stock_adjustments HAT 0.70
        Cr inventory HAT 10.70 x 1 / Cr tax_recoverable GST 0.50 / Cr stock_adjustments HAT 0.70
        """
    )


def test_what_is_owed_under_the_bill_is_lessened(ledger: Memory) -> None:
    ledger.record(a_receipt("G-1", ("HAT", "10", "10.00"), bill="F-77"))
    assert "Dr payable F-77 20.00" in booked(ledger.record(returned("B-1", "2", "10.00")))


def test_without_receipt_or_credit_note_the_vendor_owes_it(ledger: Memory) -> None:
    ledger.record(a_receipt("G-1", ("HAT", "10", "10.00")))
    entry = ledger.record(returned("B-1", "2", "10.00", receipt=None))
    assert "Dr payable Chapeaux Lavoie 20.00" in booked(entry)


def test_no_more_goes_back_than_came(ledger: Memory) -> None:
    """Offline it has gone back all the same: the credit waits in suspense."""
    ledger.record(a_receipt("G-1", ("HAT", "3", "10.00")))
    ledger.record(a_receipt("G-2", ("HAT", "9", "10.00")))
    ledger.record(returned("B-1", "2", "10.00"))
    assert conflict(ledger, returned("B-2", "1.5", "10.00")) == {
        "code": "return-exceeds",
        "pointer": "/lines/0/quantity",
        "receipt": "G-1",
        "item": "HAT",
        "left": "1",
    }
    entry = ledger.record(returned("B-2", "1.5", "10.00", happened_offline=True))
    holder = "goods_received_not_billed:G-1"
    assert booked(entry) == journal(f"Dr suspense {holder} 15.00 / Cr inventory HAT 15.00 x 1.5")
    assert entry.caveats == (Caveat("receipt-offline", holder, 1500),)


def test_a_return_taken_back_may_be_stated_again(ledger: Memory) -> None:
    ledger.record(a_receipt("G-1", ("HAT", "3", "10.00")))
    before = ledger.balances()
    ledger.record(returned("B-1", "3", "9.00"))
    ledger.record(reversal("B-1"))
    assert ledger.balances() == before
    ledger.record(returned("B-2", "3", "9.00"))


def test_goods_that_went_back_are_not_reversed_before(ledger: Memory) -> None:
    ledger.record(a_receipt("G-1", ("HAT", "3", "10.00")))
    ledger.record(returned("B-1", "1", "10.00"))
    assert conflict(ledger, reversal("G-1"))["event"] == "B-1"


def test_goods_sold_meanwhile_leave_below_zero(ledger: Memory) -> None:
    ledger.record(item("HAT", "Hats"))
    ledger.record(a_receipt("G-1", ("HAT", "3", "10.00")))
    ledger.record(a_sale("S-1", [goods("0", "Hats", item="HAT", quantity="2")], []))
    ledger.record(returned("B-1", "3", "10.00"))
    assert (ledger.stock("HAT").quantity, ledger.stock("HAT").value) == (-2_000_000, -2000)


def test_what_is_refused(ledger: Memory) -> None:
    assert faults(ledger, returned("B-1", "0", "1.00")) == {"/lines/0/quantity": "zero"}
    assert faults(ledger, returned("B-1", "1000000000", "1000000")) == {
        "/lines/0/quantity": "too-large"
    }
    assert conflict(ledger, returned("B-1", "1", "1.00"))["code"] == "receipt-unknown"


def test_goods_of_a_foreign_vendor_go_back(ledger: Memory) -> None:
    """EUR 10.00 each came in at 15.00 and leave at that; at 1.40 the vendor credits 14.00."""
    euro = {"currency": "EUR", "rate": "1.5"}
    ledger.record(a_receipt("G-1", ("HAT", "10", "10.00"), **euro))
    back = returned("B-1", "1", "10.00", currency="EUR", rate="1.4", credit_note="CN-4")
    entry = ledger.record(back)
    assert [(p.role, p.currency, p.amount, p.at_home) for p in entry.postings] == [
        ("stock_adjustments", "CAD", 100, 100),
        ("inventory", "EUR", -1000, -1400),
        ("inventory", "CAD", -100, -100),
        ("payable", "EUR", 1000, 1400),
    ]
    assert (ledger.stock("HAT").quantity, ledger.stock("HAT").value) == (9_000_000, 13500)
