"""Facts as they were stated, by place in the log, by id, or by what they speak of.

Every statement names its book; long lists are read in parts.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, select

from ledger import codec
from ledger.events.base import BusinessEvent, Entry
from ledger.log.store import entries_at
from ledger.tables import EVENT, SUBJECT

_MANY = 500


def facts_at(
    connection: Connection, book_id: int, seqs: Collection[int]
) -> dict[int, BusinessEvent]:
    """Return the facts at these places of the log."""
    found: dict[int, BusinessEvent] = {}
    for part in _parts(seqs):
        query = select(EVENT.c.seq, EVENT.c.body).where(
            EVENT.c.book_id == book_id, EVENT.c.seq.in_(part)
        )
        found |= {seq: codec.decode(body) for seq, body in connection.execute(query)}
    return found


def facts_named(
    connection: Connection, book_id: int, ids: Collection[str]
) -> dict[str, BusinessEvent]:
    """Return the facts that have these ids, of those in the log."""
    found: dict[str, BusinessEvent] = {}
    for part in _parts(ids):
        query = select(EVENT.c.event_id, EVENT.c.body).where(
            EVENT.c.book_id == book_id, EVENT.c.event_id.in_(part)
        )
        found |= {name: codec.decode(body) for name, body in connection.execute(query)}
    return found


def places_about(
    connection: Connection,
    book_id: int,
    kind: str,
    names: Collection[str],
    known: int | None = None,
) -> dict[str, list[int]]:
    """Return the places of the facts that speak of each of some subjects, oldest first.

    *known*: of those that were recorded by then.
    """
    found: dict[str, list[int]] = {}
    for part in _parts(names):
        query = select(SUBJECT.c.name, SUBJECT.c.seq).where(
            SUBJECT.c.book_id == book_id, SUBJECT.c.kind == kind, SUBJECT.c.name.in_(part)
        )
        for name, seq in sorted(tuple(row) for row in connection.execute(query)):
            if known is None or seq <= known:
                found.setdefault(name, []).append(seq)
    return found


def entries_in(connection: Connection, book_id: int, seqs: Collection[int]) -> dict[int, Entry]:
    """Return the entries at these places of the log."""
    found = (entry for part in _parts(seqs) for entry in entries_at(connection, book_id, part))
    return {entry.seq: entry for entry in found}


def _parts(values: Collection[Any]) -> Iterator[Sequence[Any]]:
    wanted = sorted(set(values))
    for at in range(0, len(wanted), _MANY):
        yield wanted[at : at + _MANY]
