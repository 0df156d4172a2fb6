"""What planning reads and writes: the place in the log, the entries that wait, the documents."""

from collections.abc import Iterable, Sequence
from datetime import date
from operator import attrgetter
from typing import Any, Final, Literal

from msgspec import Struct
from sqlalchemy import delete, func, or_, select, update

from ledger.database import Connection, insert_rows
from ledger.events.base import Entry
from ledger.store import from_day, to_day, to_us
from sync.documents import AnyDocument, encode
from sync.lane.store import NEW
from sync.outbox import State, Stored, is_master
from sync.plan.scope import Scope
from sync.store import STORED, to_stored
from sync.tables import DOCUMENT, NEED, SYNC_BOOK, SYNC_ENTRY, SYNC_SESSION, SYNC_SET

_AT_ONCE: Final = 500
"""How many places or names one statement takes."""


class Spot(Struct, frozen=True):
    """Where an entry belongs: alone (`entry`), or with a session's or a day's; 0 while it waits."""

    kind: Literal["entry", "session", "day"]
    name: str
    channel: str = ""
    number: int = 0

    def scope(self) -> Scope:
        """Return the scope that is planned."""
        return Scope(self.kind, self.name, self.channel or None, self.number)

    def title(self) -> str:
        """Return the name under which its documents are kept."""
        return f"entry:{self.name}" if self.kind == "entry" else self.scope().prefix


class Waiting(Struct, frozen=True):
    """A set that has entries without documents; `recorded_us` is when the last was recorded."""

    spot: Spot
    entries: int
    first_day: date
    recorded_us: int


def cursor(connection: Connection, book_id: int) -> int:
    """Return the last entry that planning has read."""
    query = select(SYNC_BOOK.c.planned_seq).where(SYNC_BOOK.c.book_id == book_id)
    return connection.scalar(query) or 0


def advance(connection: Connection, book_id: int, seen: int, to: int) -> None:
    """Move the cursor on from where it was *seen*, which the held row guarantees."""
    moved = connection.execute(
        update(SYNC_BOOK)
        .where(SYNC_BOOK.c.book_id == book_id, SYNC_BOOK.c.planned_seq == seen)
        .values(planned_seq=to)
    )
    assert moved.rowcount == 1, "the cursor moved although the book's row was held"


def note_entry(connection: Connection, book_id: int, entry: Entry, spot: Spot) -> None:
    """Remember where an entry belongs."""
    place = (spot.kind, spot.name, spot.channel, spot.number)
    when = (to_day(entry.event.day()), to_us(entry.recorded_at))
    insert_rows(connection, SYNC_ENTRY, [(book_id, entry.seq, entry.event.id, *place, *when)])


def find_spot(connection: Connection, book_id: int, event_id: str) -> Spot | None:
    """Return where an event's entry went, None when it needs no documents or was not read yet."""
    row = connection.execute(
        select(
            SYNC_ENTRY.c.kind, SYNC_ENTRY.c.name, SYNC_ENTRY.c.channel, SYNC_ENTRY.c.set_number
        ).where(SYNC_ENTRY.c.book_id == book_id, SYNC_ENTRY.c.event_id == event_id)
    ).first()
    return Spot(*row) if row else None


def find_spots(connection: Connection, book_id: int, event_ids: Sequence[str]) -> dict[str, Spot]:
    """Return where the entries of events went, by event; those that need no documents are not."""
    rows = connection.execute(
        select(
            SYNC_ENTRY.c.event_id,
            SYNC_ENTRY.c.kind,
            SYNC_ENTRY.c.name,
            SYNC_ENTRY.c.channel,
            SYNC_ENTRY.c.set_number,
        ).where(SYNC_ENTRY.c.book_id == book_id, SYNC_ENTRY.c.event_id.in_(event_ids))
    )
    return {event_id: Spot(*spot) for event_id, *spot in rows}


def spots_of(connection: Connection, book_id: int, seqs: Sequence[int]) -> dict[int, Spot]:
    """Return where entries went, by their place in the log."""
    place = (SYNC_ENTRY.c.kind, SYNC_ENTRY.c.name, SYNC_ENTRY.c.channel, SYNC_ENTRY.c.set_number)
    found: dict[int, Spot] = {}
    for start in range(0, len(seqs), _AT_ONCE):
        some = SYNC_ENTRY.c.seq.in_(seqs[start : start + _AT_ONCE])
        query = select(SYNC_ENTRY.c.seq, *place).where(SYNC_ENTRY.c.book_id == book_id, some)
        found.update({seq: Spot(*spot) for seq, *spot in connection.execute(query)})
    return found


def close_session(connection: Connection, book_id: int, session: str, seq: int) -> None:
    """Remember that a session is closed: its set is due."""
    insert_rows(connection, SYNC_SESSION, [(book_id, session, seq)], NEW)


def is_closed(connection: Connection, book_id: int, session: str) -> bool:
    """Tell whether a session is closed, as far as the log is read."""
    query = select(SYNC_SESSION.c.session).where(
        SYNC_SESSION.c.book_id == book_id, SYNC_SESSION.c.session == session
    )
    return connection.execute(query).first() is not None


def waiting_sets(connection: Connection, book_id: int) -> list[Waiting]:
    """Return the sets that have entries without documents, by their first entry."""
    place = (SYNC_ENTRY.c.kind, SYNC_ENTRY.c.name, SYNC_ENTRY.c.channel)
    first, last = func.min(SYNC_ENTRY.c.day), func.max(SYNC_ENTRY.c.recorded_us)
    rows = connection.execute(
        select(*place, func.count(), first, last)
        .where(SYNC_ENTRY.c.book_id == book_id, SYNC_ENTRY.c.set_number == 0)
        .group_by(*place)
        .order_by(first, func.min(SYNC_ENTRY.c.seq))
    )
    return [
        Waiting(Spot(kind, name, channel), count, from_day(day), recorded_us)
        for kind, name, channel, count, day, recorded_us in rows
    ]


def waiting_entries(connection: Connection, book_id: int, spot: Spot) -> list[int]:
    """Return the places in the log of a set's entries that have no documents yet."""
    return list(
        connection.scalars(
            select(SYNC_ENTRY.c.seq).where(*_of(book_id, spot), SYNC_ENTRY.c.set_number == 0)
        )
    )


def waiting_seqs(connection: Connection, book_id: int) -> list[int]:
    """Return the places in the log of every entry that waits for its set."""
    query = select(SYNC_ENTRY.c.seq).where(
        SYNC_ENTRY.c.book_id == book_id, SYNC_ENTRY.c.set_number == 0
    )
    return list(connection.scalars(query.order_by(SYNC_ENTRY.c.seq)))


def next_set(connection: Connection, book_id: int, spot: Spot) -> Spot:
    """Give the set that is planned now its number, and put the waiting entries into it."""
    place = (spot.kind, spot.name, spot.channel)
    insert_rows(connection, SYNC_SET, [(book_id, *place, 0)], NEW)
    number = connection.scalar(
        update(SYNC_SET)
        .where(
            SYNC_SET.c.book_id == book_id,
            SYNC_SET.c.kind == spot.kind,
            SYNC_SET.c.name == spot.name,
            SYNC_SET.c.channel == spot.channel,
        )
        .values(sets=SYNC_SET.c.sets + 1)
        .returning(SYNC_SET.c.sets)
    )
    assert number is not None
    connection.execute(
        update(SYNC_ENTRY)
        .where(*_of(book_id, spot), SYNC_ENTRY.c.set_number == 0)
        .values(set_number=number)
    )
    return Spot(*place, number)


def put_documents(
    connection: Connection,
    book_id: int,
    documents: Sequence[AnyDocument],
    *,
    scope: str,
    seq: int,
    now_us: int,
) -> int:
    """Add the documents that are new; return how many were. The book's row is held."""
    known = _states(connection, book_id, _keys_and_needs(documents))
    fresh = [document for document in documents if document.key not in known]
    coming = {document.key for document in fresh}
    needs: list[tuple[int, str, str]] = []
    rows: list[tuple[Any, ...]] = []
    for ordinal, document in enumerate(fresh):
        missing = [need for need in document.needs if need not in known and need not in coming]
        open_needs = [need for need in document.needs if known.get(need) != "synced"]
        needs += [(book_id, need, document.key) for need in open_needs]
        state: State = "waiting" if open_needs else "queued"
        shared = is_master(document)
        row = _row(book_id, document, "" if shared else scope, seq, ordinal, state, now_us)
        if missing:
            row.update(state="needs_attention", cause="need-unknown", subject=missing[0])
        rows.append(tuple(row[column.name] for column in DOCUMENT.columns))
    insert_rows(connection, DOCUMENT, rows)
    insert_rows(connection, NEED, needs, NEW)
    return len(fresh)


def supersede(connection: Connection, book_id: int, scope: str) -> bool:
    """Take back a scope's documents if surely none is there; else leave them all as they are.

    The book's row is held, so no worker can claim one in between. What was refused because
    something stands there under its key is not surely absent.
    """
    own = (DOCUMENT.c.book_id == book_id, DOCUMENT.c.scope == scope)
    there = or_(
        DOCUMENT.c.state.not_in(("waiting", "queued", "retrying", "needs_attention")),
        DOCUMENT.c.uncertain == 1,
        DOCUMENT.c.cause == "number-taken",
    )
    if connection.execute(select(DOCUMENT.c.key).where(*own, there)).first():
        return False
    connection.execute(update(DOCUMENT).where(*own).values(state="superseded"))
    keys = select(DOCUMENT.c.key).where(*own)
    connection.execute(delete(NEED).where(NEED.c.book_id == book_id, NEED.c.key.in_(keys)))
    return True


def own_documents(connection: Connection, book_id: int, scope: str) -> list[Stored]:
    """Return the documents of one scope, in their order."""
    rows = connection.execute(
        select(*STORED, DOCUMENT.c.ordinal).where(
            DOCUMENT.c.book_id == book_id, DOCUMENT.c.scope == scope
        )
    )  # sorted here: asked to, SQLite walks the whole outbox instead of looking the scope up
    return [to_stored(row) for row in sorted(rows, key=attrgetter("seq", "ordinal"))]


def _states(connection: Connection, book_id: int, keys: Iterable[str]) -> dict[str, str]:
    rows = connection.execute(
        select(DOCUMENT.c.key, DOCUMENT.c.state).where(
            DOCUMENT.c.book_id == book_id, DOCUMENT.c.key.in_(sorted(set(keys)))
        )
    )
    return {row.key: row.state for row in rows}


def _keys_and_needs(documents: Sequence[AnyDocument]) -> Iterable[str]:
    for document in documents:
        yield document.key
        yield from document.needs


def _row(
    book_id: int,
    document: AnyDocument,
    scope: str,
    seq: int,
    ordinal: int,
    state: State,
    now_us: int,
) -> dict[str, Any]:
    empty: dict[str, Any] = {
        column.name: 0 if column.type.python_type is int else "" for column in DOCUMENT.columns
    }
    return empty | {
        "book_id": book_id,
        "key": document.key,
        "kind": type(document).__name__,
        "body": encode(document),
        "version": 1,
        "day": to_day(document.day),
        "number": document.number,
        "scope": scope,
        "seq": seq,
        "ordinal": ordinal,
        "state": state,
        "planned_us": now_us,
    }


def _of(book_id: int, spot: Spot) -> tuple[Any, ...]:
    return (
        SYNC_ENTRY.c.book_id == book_id,
        SYNC_ENTRY.c.kind == spot.kind,
        SYNC_ENTRY.c.name == spot.name,
        SYNC_ENTRY.c.channel == spot.channel,
    )
