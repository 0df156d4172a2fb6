"""What a refusal says, and that it changed nothing."""

from typing import Any

import pytest

from ledger import codec
from ledger.errors import Conflict, Forbidden, Invalid
from ledger.events import Event
from ledger.events.base import Actor
from tests.ledger.memory import BOOKKEEPER, Memory


def faults(ledger: Memory, event: Event, actor: Actor = BOOKKEEPER) -> dict[str, str]:
    """Return {pointer: code} of the faults for which a fact is refused as content."""
    before = ledger.balances(), len(ledger.entries)
    with pytest.raises(Invalid) as refusal:
        ledger.record(event, actor)
    assert (ledger.balances(), len(ledger.entries)) == before
    found = {fault.pointer: fault.code for fault in refusal.value.faults}
    assert len(found) == len(refusal.value.faults)
    return found


def conflict(ledger: Memory, event: Event, actor: Actor = BOOKKEEPER) -> dict[str, str]:
    """Return code, pointer and facts of what the ledger's state forbids."""
    before = ledger.balances(), len(ledger.entries)
    with pytest.raises(Conflict) as refusal:
        ledger.record(event, actor)
    assert (ledger.balances(), len(ledger.entries)) == before
    return {"code": refusal.value.code, "pointer": refusal.value.pointer} | refusal.value.facts


def forbidden(ledger: Memory, event: Event, actor: Actor) -> dict[str, str]:
    """Return code and facts of what is not for a role."""
    with pytest.raises(Forbidden) as refusal:
        ledger.record(event, actor)
    return {"code": refusal.value.code} | refusal.value.facts


def undecodable(body: Any) -> dict[str, str]:
    """Return {pointer: code} of the faults that keep JSON from being an event."""
    with pytest.raises(Invalid) as refusal:
        codec.from_json(body)
    return {fault.pointer: fault.code for fault in refusal.value.faults}
