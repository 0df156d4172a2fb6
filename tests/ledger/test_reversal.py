"""Reversals: the stored postings turned round, once, while nothing builds on them."""

from datetime import date

import pytest

from ledger.events import Event
from tests.builders import (
    a_credit,
    a_deposit,
    a_gift_card,
    a_journal,
    a_receipt,
    a_refund,
    a_sale,
    adjusted,
    cash,
    closed,
    deposit_back,
    gift_card,
    goods,
    method,
    moved,
    opened,
    reversal,
    tender,
)
from tests.ledger.memory import Memory
from tests.ledger.refusals import conflict
from tests.notation import booked, journal


@pytest.mark.parametrize(
    "event",
    [
        a_sale("E"),
        a_refund("E", None, [cash("5.00")], amount="5.00"),
        a_deposit("E"),
        a_credit("E"),
        opened(id_="E"),
        moved("drop", "5.00", "E"),
        a_receipt("E", ("HAT", "3", "3.335")),
        adjusted("E", {"item": "HAT", "quantity": "-1"}),
        a_journal("E", {"account": "bank", "debit": "1"}, {"account": "bad_debt", "credit": "1"}),
    ],
    ids=lambda event: str(event.__struct_config__.tag),
)
def test_a_reversal_restores_every_balance(ledger: Memory, event: Event) -> None:
    ledger.record(a_receipt("G-0", ("HAT", "1", "10.00")))
    before, stock = ledger.balances(), ledger.stock("HAT")
    entry = ledger.record(event)
    assert ledger.balances() != before
    undone = ledger.record(reversal("E"))
    assert ledger.balances() == before
    assert (ledger.stock("HAT").quantity, ledger.stock("HAT").value) == (
        stock.quantity,
        stock.value,
    )
    assert booked(undone) == sorted(map(_turned, booked(entry)))


def _turned(line: str) -> str:
    return ("Cr" if line.startswith("Dr") else "Dr") + line[2:]


def test_a_reversal_is_of_the_day_and_the_place_of_what_it_takes_back(ledger: Memory) -> None:
    ledger.record(a_sale(session="Z-1", register="till-3", channel="web", location="laurier"))
    undone = ledger.record(reversal("S-1", on="2026-03-20")).event
    assert undone.business_date == date(2026, 3, 14)
    places = (undone.session, undone.register, undone.channel, undone.location)
    assert places == ("Z-1", "till-3", "web", "laurier")


def test_a_reversal_may_state_its_own_day(ledger: Memory) -> None:
    ledger.record(a_sale())
    undone = ledger.record(reversal("S-1", on="2026-03-20", business_date="2026-03-19")).event
    assert undone.business_date == date(2026, 3, 19)


def test_only_once_and_never_a_reversal(ledger: Memory) -> None:
    ledger.record(a_sale())
    assert conflict(ledger, reversal("S-9")) == {
        "code": "event-unknown",
        "pointer": "/reverses",
        "event": "S-9",
    }
    ledger.record(reversal("S-1"))
    again = conflict(ledger, reversal("S-1", "again"))
    assert (again["code"], again["event"]) == ("already-reversed", "undo-S-1")
    assert conflict(ledger, reversal("undo-S-1"))["code"] == "not-reversible"


def test_configuration_is_not_reversed(ledger: Memory) -> None:
    ledger.record(method("visa"))
    assert conflict(ledger, reversal("method-visa"))["code"] == "not-reversible"


def test_what_a_later_event_refers_to_stays(ledger: Memory) -> None:
    """Until that is taken back itself."""
    ledger.record(a_sale())
    ledger.record(a_refund())
    refused = conflict(ledger, reversal("S-1"))
    assert (refused["code"], refused["event"]) == ("has-dependents", "R-1")
    ledger.record(reversal("R-1"))
    ledger.record(reversal("S-1"))
    assert ledger.balances() == {}


@pytest.mark.parametrize(
    ("filled", "draw"),
    [
        (a_gift_card("GC-1", "10.00", "F"), gift_card("GC-1", "1.00")),
        (a_deposit("F", "D-1", "10.00"), tender("deposit", "1.00", deposit="D-1")),
        (a_credit("F", voucher="V-1"), tender("store_credit", "1.00", voucher="V-1")),
    ],
    ids=["gift card", "deposit", "store credit"],
)
def test_what_was_drawn_on_stays(ledger: Memory, filled: Event, draw: dict[str, str]) -> None:
    """Until the draw is taken back."""
    ledger.record(filled)
    ledger.record(a_sale("S-1", [goods("1.00")], [draw]))
    refused = conflict(ledger, reversal("F"))
    assert (refused["code"], refused["event"]) == ("already-used", "S-1")
    ledger.record(reversal("S-1"))
    ledger.record(reversal("F"))
    assert ledger.balances() == {}


def test_a_draw_before_the_filling_does_not_count(ledger: Memory) -> None:
    ledger.record(a_gift_card("GC-1", "10.00"))
    ledger.record(a_sale("S-1", [goods("1.00")], [gift_card("GC-1", "1.00")]))
    ledger.record(a_gift_card("GC-1", "20.00", "topped"))
    ledger.record(reversal("topped"))
    assert ledger.balance("gift_cards", "GC-1") == -900


def test_a_deposit_given_back_is_there_again_when_that_is_taken_back(ledger: Memory) -> None:
    ledger.record(a_deposit())
    ledger.record(deposit_back())
    assert conflict(ledger, reversal("D-7-in"))["event"] == "D-7-out"
    ledger.record(reversal("D-7-out"))
    assert booked(ledger.record(deposit_back("again"))) == journal(
        "Dr deposits D-7 16.10 / Cr clearing card 16.10"
    )


def test_offline_a_drawn_card_is_taken_back_as_far_as_it_goes(ledger: Memory) -> None:
    """What was spent of it stands in suspense."""
    ledger.record(a_gift_card("GC-1", "10.00", "F"))
    ledger.record(a_sale("S-1", [goods("4.00")], [gift_card("GC-1", "4.00")]))
    entry = ledger.record(reversal("F", happened_offline=True))
    assert booked(entry) == journal(
        """
        Dr gift_cards GC-1 6.00 / Dr suspense gift_cards:GC-1 4.00
        Cr cash unassigned 10.00
        """
    )


def test_an_opening_and_a_closing_can_be_taken_back(ledger: Memory) -> None:
    ledger.record(opened())
    ledger.record(closed(cash="190.00"))
    ledger.record(reversal("close-Z-1"))
    ledger.record(reversal("open-Z-1"))
    assert ledger.balances() == {}
