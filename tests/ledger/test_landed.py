"""Costs of bringing goods in that are known after they came (5.8)."""

from typing import Any

import pytest

from ledger.events import Event
from ledger.postings import Caveat
from tests.builders import a_receipt, a_sale, fact, goods, item, policy, reversal, tax, taxes
from tests.ledger.memory import TILL, Memory
from tests.ledger.refusals import conflict, faults, forbidden
from tests.notation import booked, journal


def landed(id_: str = "L-1", receipts: tuple[str, ...] = ("G-1",), **fields: Any) -> Event:
    """Return freight or duty of receipts."""
    return fact("landed_cost_added", id_, receipts=list(receipts), **fields)


def _two_receipts_and_a_sale(ledger: Memory) -> None:
    ledger.record(item("HAT", "Hats"))
    ledger.record(a_receipt("G-1", ("HAT", "10", "10.00")))
    ledger.record(a_receipt("G-2", ("HAT", "10", "12.00")))
    ledger.record(a_sale("S-1", [goods("0", "Hats", item="HAT", quantity="5")], []))


def test_the_fixture_of_the_contract(ledger: Memory) -> None:
    """10 at 10.00 and 10 at 12.00, 5 sold, then freight 30.00 over all 20."""
    _two_receipts_and_a_sale(ledger)
    entry = ledger.record(landed(receipts=("G-1", "G-2"), freight="30.00"))
    assert booked(entry) == journal(
        """
        Dr inventory HAT 22.50 / Dr cost_of_goods Hats 7.50
        Cr goods_received_not_billed L-1 30.00
        """
    )
    stock = ledger.stock("HAT")
    assert (stock.quantity, stock.value, stock.at_average(1_000_000)) == (15_000_000, 18750, 1250)


def test_with_the_carriers_bill_it_is_owed_at_once(ledger: Memory) -> None:
    ledger.record(a_receipt("G-1", ("HAT", "10", "10.00")))
    entry = ledger.record(
        landed(freight="10.00", taxes=taxes(GST="0.50"), vendor="Transport Roy", bill="T-9")
    )
    assert booked(entry) == journal(
        """
        Dr inventory HAT 10.00 / Dr tax_recoverable GST 0.50
        Cr payable T-9 10.50
        """
    )


@pytest.mark.parametrize(
    ("by", "hat", "cap"),
    [("value", "20.00", "10.00"), ("quantity", "6.00", "24.00"), ("weight", "27.00", "3.00")],
)
def test_it_is_allocated_by_value_quantity_or_weight(
    ledger: Memory, by: str, hat: str, cap: str
) -> None:
    lines = [
        {"item": "HAT", "quantity": "10", "unit_cost": "10.00", "weight": "0.9"},
        {"item": "CAP", "quantity": "40", "unit_cost": "1.25", "weight": "0.025"},
    ]
    ledger.record(fact("goods_received", "G-1", receipt="G-1", vendor="V", lines=lines))
    entry = ledger.record(landed(freight="20.00", duty="10.00", allocate_by=by))
    assert booked(entry) == journal(
        f"""
        Dr inventory HAT {hat} / Dr inventory CAP {cap}
        Cr goods_received_not_billed L-1 30.00
        """
    )


def test_the_share_on_hand_is_at_most_what_was_received(ledger: Memory) -> None:
    """Ten more of another receipt are there: all ten of this one count as on hand."""
    ledger.record(a_receipt("G-1", ("HAT", "10", "10.00")))
    ledger.record(a_receipt("G-2", ("HAT", "30", "10.00")))
    ledger.record(a_sale("S-1", [goods("0", "Hats", item="HAT", quantity="20")], []))
    entry = ledger.record(landed(freight="5.00"))
    assert "Dr inventory HAT 5.00" in booked(entry)


def test_what_is_sold_out_or_below_zero_costs_at_once(ledger: Memory) -> None:
    ledger.record(item("HAT", "Hats"))
    ledger.record(a_receipt("G-1", ("HAT", "10", "10.00")))
    ledger.record(a_sale("S-1", [goods("0", "Hats", item="HAT", quantity="12")], []))
    entry = ledger.record(landed(freight="5.00"))
    assert booked(entry) == journal(
        "Dr cost_of_goods Hats 5.00 / Cr goods_received_not_billed L-1 5.00"
    )


def test_where_the_book_says_so_it_is_an_expense(ledger: Memory) -> None:
    """But a tax that cannot be recovered stays a part of the goods' cost."""
    ledger.record(policy("landed_cost", "expense"))
    ledger.record(tax("PST", "7", recoverable=False))
    ledger.record(a_receipt("G-1", ("HAT", "10", "10.00")))
    entry = ledger.record(landed(freight="5.00", duty="2.00", taxes=taxes(PST="0.35")))
    assert booked(entry) == journal(
        """
        Dr freight_in 5.00 / Dr duty 2.00 / Dr inventory HAT 0.35
        Cr goods_received_not_billed L-1 7.35
        """
    )


def test_its_reversal_takes_it_off_again(ledger: Memory) -> None:
    _two_receipts_and_a_sale(ledger)
    before = ledger.balances()
    ledger.record(landed(receipts=("G-1", "G-2"), freight="30.00"))
    ledger.record(reversal("L-1"))
    assert ledger.balances() == before
    assert ledger.stock("HAT").value == 16500


def test_what_a_reversal_leaves_without_units_goes_with_the_next_that_come(ledger: Memory) -> None:
    """All ten were sold at 11.00; the freight is taken back; then five come at 10.00."""
    ledger.record(item("HAT", "Hats"))
    ledger.record(a_receipt("G-1", ("HAT", "10", "10.00")))
    ledger.record(landed(freight="10.00"))
    ledger.record(a_sale("S-1", [goods("0", "Hats", item="HAT", quantity="10")], []))
    ledger.record(reversal("L-1"))
    entry = ledger.record(a_receipt("G-2", ("HAT", "5", "10.00")))
    assert booked(entry) == journal(
        """
        Dr inventory HAT 60.00 x 5 / Cr cost_of_goods Hats 10.00
        Cr goods_received_not_billed G-2 50.00
        """
    )
    assert ledger.stock("HAT").value == 5000


def test_goods_whose_freight_was_booked_are_not_reversed_before_it(ledger: Memory) -> None:
    _two_receipts_and_a_sale(ledger)
    ledger.record(landed(freight="30.00"))
    assert conflict(ledger, reversal("G-1")) == {
        "code": "has-dependents",
        "pointer": "/reverses",
        "event": "L-1",
    }
    ledger.record(reversal("L-1"))
    ledger.record(reversal("G-1"))


def test_a_receipt_that_nobody_knows(ledger: Memory) -> None:
    """Refused, unless it happened offline: then the cost waits in suspense."""
    assert conflict(ledger, landed(freight="3.00")) == {
        "code": "receipt-unknown",
        "pointer": "/receipts/0",
        "receipt": "G-1",
    }
    entry = ledger.record(landed(freight="3.00", happened_offline=True))
    holder = "goods_received_not_billed:G-1"
    assert booked(entry) == journal(
        f"Dr suspense {holder} 3.00 / Cr goods_received_not_billed L-1 3.00"
    )
    assert entry.caveats == (Caveat("receipt-offline", holder, 300),)


def test_what_is_refused(ledger: Memory) -> None:
    ledger.record(a_receipt("G-1", ("HAT", "10", "10.00")))
    assert faults(ledger, landed(receipts=("G-1", "G-1"), bill="T-9")) == {
        "/receipts/1": "named-twice",
        "/freight": "required",
        "/vendor": "vendor-missing",
    }
    assert faults(ledger, landed(freight="0.00")) == {"/freight": "zero"}
    weighed = conflict(ledger, landed(freight="3.00", allocate_by="weight"))
    assert (weighed["code"], weighed["item"]) == ("weight-unknown", "HAT")
    what = forbidden(ledger, landed(freight="3.00"), TILL)
    assert what == {"code": "bookkeepers-only", "role": "pos", "what": "landed_cost_added"}


def test_freight_in_a_foreign_currency(ledger: Memory) -> None:
    """EUR 20.00 at 1.50 over ten hats, five of them sold: 15.00 of home money each way."""
    ledger.record(item("HAT", "Hats"))
    ledger.record(a_receipt("G-1", ("HAT", "10", "10.00")))
    ledger.record(a_sale("S-1", [goods("0", "Hats", item="HAT", quantity="5")], []))
    entry = ledger.record(landed(freight="20.00", currency="EUR", rate="1.5"))
    assert booked(entry) == journal(
        """
        Dr inventory HAT 10.00 EUR = 15.00 / Dr cost_of_goods Hats 10.00 EUR = 15.00
        Cr goods_received_not_billed L-1 20.00 EUR = 30.00
        """
    )
    assert ledger.stock("HAT").value == 6500
