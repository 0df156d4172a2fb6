"""What becomes of commands: recorded before, decided on a book as it is known, or refused."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from ledger import chain, codec, store
from ledger.database import Connection
from ledger.decide import Decision, completed, decide, refuse_role
from ledger.errors import Conflict, LedgerError
from ledger.events import Event
from ledger.events.base import Actor, Entry
from ledger.log import store as log
from ledger.queue import Command, Outcome, Recorded
from ledger.state import State

Known = Mapping[int, Mapping[str, Entry]]
"""Entries by book and id."""

NOTHING: Final[Known] = {}

Clock = Callable[[], int]
"""Tells microseconds since 1970."""


def known_of(connection: Connection, commands: Iterable[Command]) -> Known:
    """Return the entries of those facts that were recorded before, by book and id."""
    facts = [(command.book_id, event.id) for command in commands for event in command.events]
    return {
        book_id: {e.event.id: e for e in log.find_entries(connection, book_id, ids)}
        for book_id, ids in store.known(connection, facts).items()
    }


def outcomes_of(
    command: Command, states: Mapping[int, State], known: Known, clock: Clock
) -> list[Outcome]:
    """Return what becomes of each fact; what is recorded is pending in its book's state."""
    state = states.get(command.book_id)
    if state is None:
        return [Conflict("book-unknown", book=command.book_id) for _ in command.events]
    after = state.head.seq
    before = known.get(command.book_id, {})
    found = [_outcome(event, command.actor, state, before, clock) for event in command.events]
    if not command.atomic or not any(isinstance(out, LedgerError) for out in found):
        return found
    state.undo(after)
    return [out if isinstance(out, LedgerError) else Conflict("batch-refused") for out in found]


def _outcome(
    event: Event, actor: Actor, state: State, known: Mapping[str, Entry], clock: Clock
) -> Outcome:
    try:
        before = known.get(event.id) or state.applied(event.id)
        if before is not None:
            return _repeated(before, event, state, actor)
        event = completed(event, state)
        decision = decide(event, state, actor)
    except LedgerError as refusal:
        return refusal
    entry = next_entry(decision, actor, state, clock())
    state.apply(entry)
    return Recorded(entry)


def next_entry(decision: Decision, actor: Actor, state: State, now_us: int) -> Entry:
    """Return the entry that follows the head of a book; its time follows too."""
    head, body = state.head, decision.body
    seq, recorded_us = head.seq + 1, max(now_us, head.recorded_us + 1)
    who = f"{actor.role}:{actor.key}"
    return Entry(
        seq=seq,
        event=decision.event,
        postings=decision.postings,
        caveats=decision.caveats,
        recorded_at=store.instant(recorded_us),
        actor=actor,
        hash=chain.link(head.hash, state.book.id, seq, recorded_us, who, body),
        body=body,
    )


def _repeated(entry: Entry, event: Event, state: State, actor: Actor) -> Recorded:
    """Return the first answer to an event that is stated again; a Conflict when it differs.

    What it leaves out is what was filled in then, whatever would be filled in today.
    """
    stated = codec.decode(entry.body)
    if type(event) is type(stated):
        event = event.as_completed(stated)
    event = completed(event, state)
    refuse_role(event, state, actor)
    differs = codec.difference(stated, event)
    if differs is not None:
        raise Conflict("id-reused", pointer=differs, id=event.id, field=differs)
    return Recorded(entry, repeated=True)
