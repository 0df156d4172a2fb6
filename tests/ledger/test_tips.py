"""Tips that go from the till to the staff."""

from typing import Any

from ledger.events import Event
from tests.builders import a_sale, card, cash, fact, gift_card, goods, reversal
from tests.ledger.memory import TILL, Memory
from tests.ledger.refusals import faults, undecodable
from tests.notation import booked, journal


def paid_out(amount: str = "5.00", staff: str = "Ana", **fields: Any) -> Event:
    """Return tips paid out, by default 5.00 to Ana in cash."""
    stated = {"tenders": [cash(amount)], "register": "till-3"} | fields
    return fact("tips_paid_out", stated.pop("id_", "T-1"), amount=amount, staff=staff, **stated)


def test_tips_come_by_card_and_go_in_cash(ledger: Memory) -> None:
    """In full, whatever the card's fees."""
    line = goods("20.00")
    ledger.record(a_sale("S-1", [line], [card("25.00")], tip="5.00", staff="Ana"))
    assert booked(ledger.record(paid_out(), TILL)) == journal(
        "Dr tips Ana 5.00 / Cr cash till-3 5.00"
    )
    assert ledger.balance("tips", "Ana", "CAD") == 0


def test_tips_are_paid_in_several_ways(ledger: Memory) -> None:
    ways = [cash("2.00"), {"kind": "transfer", "amount": "3.00"}]
    assert booked(ledger.record(paid_out(tenders=ways))) == journal(
        "Dr tips Ana 5.00 / Cr cash till-3 2.00 / Cr clearing transfer 3.00"
    )


def test_tips_may_be_paid_ahead(ledger: Memory) -> None:
    """The staff's balance says so until the next tips come."""
    ledger.record(paid_out())
    assert ledger.balance("tips", "Ana", "CAD") == 500


def test_a_reversal_puts_tips_back(ledger: Memory) -> None:
    ledger.record(paid_out())
    ledger.record(reversal("T-1"))
    assert ledger.balances() == {}


def test_what_is_refused(ledger: Memory) -> None:
    assert faults(ledger, paid_out(tenders=[cash("4.00")])) == {"/tenders": "tenders-differ"}
    assert faults(ledger, paid_out(tenders=[])) == {"/tenders": "tenders-differ"}
    assert faults(ledger, paid_out(tenders=[gift_card("GC-1", "5.00")])) == {
        "/tenders/0/kind": "not-one-of"
    }
    nobody = {"type": "tips_paid_out", "id": "T-1", "occurred_at": "2026-03-14T14:00:00-05:00"}
    assert undecodable(nobody | {"amount": "5.00"}) == {"/staff": "required"}
