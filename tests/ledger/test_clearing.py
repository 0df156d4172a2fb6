"""Exceptions are cleared by a person: what is in suspense goes where it belongs."""

from ledger.events import Event
from tests.builders import a_gift_card, a_journal, a_sale, card, fact, gift_card, goods, taxes
from tests.ledger.memory import TILL, Memory
from tests.ledger.refusals import conflict, faults, forbidden
from tests.notation import booked, journal


def _cleared(id_: str, exception: str, *lines: dict[str, str], **fields: str) -> Event:
    stated = {"reason": "seen to"} | fields
    return fact("exception_cleared", id_, exception=exception, lines=list(lines), **stated)


def _unknown_method(ledger: Memory) -> None:
    ledger.record(a_sale("S-1", [goods("45.99", None)], [card("45.99", "klarna")]))
    assert ledger.balance("suspense", "method:klarna") == 4599


def test_money_of_an_unknown_method_is_placed(ledger: Memory) -> None:
    _unknown_method(ledger)
    lines = [
        {"account": "clearing", "holder": "visa", "debit": "40.00"},
        {"account": "merchant_fees", "debit": "5.99"},
    ]
    assert booked(ledger.record(_cleared("C-1", "S-1:0", *lines))) == journal(
        "Dr clearing visa 40.00 / Dr merchant_fees 5.99 / Cr suspense method:klarna 45.99"
    )


def test_what_a_card_lacked_offline_is_placed(ledger: Memory) -> None:
    ledger.record(a_gift_card("GC-1", "10.00"))
    offline = a_sale(
        "S-1", [goods("40.00", None)], [gift_card("GC-1", "40.00")], happened_offline=True
    )
    assert "Dr suspense gift_cards:GC-1 30.00" in booked(ledger.record(offline))
    loss = {"account": "promotion_expense", "debit": "30.00"}
    assert booked(ledger.record(_cleared("C-1", "S-1:0", loss))) == journal(
        "Dr promotion_expense 30.00 / Cr suspense gift_cards:GC-1 30.00"
    )


def test_an_exception_without_suspense_is_only_seen(ledger: Memory) -> None:
    ledger.record(
        a_sale("S-1", [goods("45.99", None, taxes=taxes(LUX="0.00"))], [card("45.99", None)])
    )
    assert booked(ledger.record(_cleared("C-1", "S-1:0"))) == []


def test_exactly_what_is_in_suspense_is_placed_once(ledger: Memory) -> None:
    _unknown_method(ledger)
    short = _cleared("C-1", "S-1:0", {"account": "bank", "debit": "45.00"})
    assert faults(ledger, short) == {"/lines": "suspense-not-placed"}
    nothing = _cleared("C-1", "S-1:1")
    assert conflict(ledger, nothing)["code"] == "exception-unknown"
    assert conflict(ledger, _cleared("C-1", "S-9:0"))["code"] == "exception-unknown"
    whole = {"account": "bank", "debit": "45.99"}
    ledger.record(_cleared("C-1", "S-1:0", whole))
    assert conflict(ledger, _cleared("C-2", "S-1:0", whole))["code"] == "exception-cleared"


def test_a_clearing_can_be_taken_back_and_stands_in_the_way_of_its_event(ledger: Memory) -> None:
    _unknown_method(ledger)
    whole = {"account": "bank", "debit": "45.99"}
    ledger.record(_cleared("C-1", "S-1:0", whole))
    back = fact("event_reversed", "X-1", reverses="S-1", reason="mistake")
    assert conflict(ledger, back)["code"] == "has-dependents"
    ledger.record(fact("event_reversed", "X-2", reverses="C-1", reason="wrong account"))
    ledger.record(_cleared("C-2", "S-1:0", whole))
    assert ledger.balance("suspense", "method:klarna") == 0


def test_exceptions_are_the_bookkeepers(ledger: Memory) -> None:
    _unknown_method(ledger)
    seen = _cleared("C-1", "S-1:0", {"account": "bank", "debit": "45.99"})
    assert forbidden(ledger, seen, TILL)["what"] == "exception_cleared"


def test_what_a_journal_moved_since_is_not_moved_again(ledger: Memory) -> None:
    """Then there is nothing left to place, and the exception is only seen."""
    _unknown_method(ledger)
    moved = a_journal(
        "J-1",
        {"account": "bank", "debit": "45.99"},
        {"account": "suspense", "holder": "method:klarna", "credit": "45.99"},
    )
    ledger.record(moved)
    again = _cleared("C-1", "S-1:0", {"account": "bank", "debit": "45.99"})
    assert faults(ledger, again) == {"/lines": "suspense-not-placed"}
    assert booked(ledger.record(_cleared("C-1", "S-1:0"))) == []
    assert ledger.balance("suspense", "method:klarna") == 0
