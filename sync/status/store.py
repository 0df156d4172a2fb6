"""The outbox as it is asked for: lists, sums, causes."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import and_, func, select, tuple_

from ledger.database import Connection
from ledger.store import from_day, to_day
from sync.intake import store as intake
from sync.outbox import SETTLED, State, Stored
from sync.store import STORED, to_stored
from sync.tables import ATTEMPT, CONNECTION, DOCUMENT, NEED, SYNC_BOOK

STOPPABLE: Sequence[State] = ("queued", "retrying")
"""What is shown as `paused` while its book is stopped; what may have been sent is not."""
_AT_ONCE: Final = 500
"""How many names one statement takes."""


class Filters(Struct, frozen=True, kw_only=True):
    """Which documents are wanted; None and empty mean all."""

    state: State | None = None
    kind: str | None = None
    cause: str | None = None
    since: date | None = None
    through: date | None = None


class Cause(Struct, frozen=True):
    """What keeps documents from going: how many it stopped, and how many wait behind them."""

    cause: str
    subject: str
    state: State
    documents: int
    waiting: int
    first_key: str


class Attempt(Struct, frozen=True):
    """One line of the trail."""

    line: int
    at_us: int
    version: int
    step: str
    request_id: str
    body_hash: str
    outcome: str
    status: int
    trace: str
    cause: str
    detail: str


def is_stopped(connection: Connection, book_id: int) -> bool:
    """Tell whether a book's deliveries are paused, or its connection is not alive."""
    paused = connection.scalar(select(SYNC_BOOK.c.paused_us).where(SYNC_BOOK.c.book_id == book_id))
    alive = connection.scalar(
        select(func.count()).where(
            CONNECTION.c.book_id == book_id, CONNECTION.c.state == "connected"
        )
    )
    return bool(paused) or not alive


def find_document(connection: Connection, book_id: int, key: str) -> Stored | None:
    """Return a document, in the state that people see."""
    found = list_documents(connection, book_id, DOCUMENT.c.key == key)
    return found[0] if found else None


def documents_by_event(
    connection: Connection, book_id: int, event_ids: Sequence[str]
) -> dict[str, list[Stored]]:
    """Return the documents that each event's entry went into, in their order."""
    spots = intake.find_spots(connection, book_id, event_ids)
    titles = sorted({spot.title() for spot in spots.values()})
    found: dict[str, list[Stored]] = {}
    for stored in list_documents(connection, book_id, DOCUMENT.c.scope.in_(titles)):
        found.setdefault(stored.scope, []).append(stored)
    return {event_id: found.get(spot.title(), []) for event_id, spot in spots.items()}


def not_over_there(connection: Connection, book_id: int, scopes: Sequence[str]) -> set[str]:
    """Return which scopes have a document that is not over there, and has not become needless."""
    found = set[str]()
    for start in range(0, len(scopes), _AT_ONCE):
        found |= set(
            connection.scalars(
                select(DOCUMENT.c.scope)
                .distinct()
                .where(
                    DOCUMENT.c.book_id == book_id,
                    DOCUMENT.c.scope.in_(scopes[start : start + _AT_ONCE]),
                    DOCUMENT.c.state.not_in(("synced", "superseded")),
                )
            )
        )
    return found


def search(
    connection: Connection,
    book_id: int,
    filters: Filters,
    *,
    after: tuple[int, int, str] | None = None,
    limit: int = 100,
) -> list[tuple[tuple[int, int, str], Stored]]:
    """Return documents in the order of the log, each with its place for the next page to go on."""
    stopped = is_stopped(connection, book_id)
    chosen = list(_chosen(filters, stopped=stopped))
    place = (DOCUMENT.c.seq, DOCUMENT.c.ordinal, DOCUMENT.c.key)
    if after is not None:
        chosen.append(tuple_(*place) > tuple_(*after))
    rows = connection.execute(
        select(*STORED, DOCUMENT.c.ordinal)
        .where(DOCUMENT.c.book_id == book_id, *chosen)
        .order_by(*place)
        .limit(limit)
    )
    return [((row.seq, row.ordinal, row.key), _shown(row, stopped=stopped)) for row in rows]


def list_documents(connection: Connection, book_id: int, *chosen: Any) -> list[Stored]:
    """Return chosen documents in the order of the log."""
    stopped = is_stopped(connection, book_id)
    rows = connection.execute(
        select(*STORED)
        .where(DOCUMENT.c.book_id == book_id, *chosen)
        .order_by(DOCUMENT.c.seq, DOCUMENT.c.ordinal)
    )
    return [_shown(row, stopped=stopped) for row in rows]


def account_ids(connection: Connection, book_id: int) -> dict[str, str]:
    """Return the outside id of each account of ours that stands for one, by document key."""
    rows = connection.execute(
        select(DOCUMENT.c.key, DOCUMENT.c.remote_id).where(
            DOCUMENT.c.book_id == book_id,
            DOCUMENT.c.kind == "Account",
            DOCUMENT.c.remote_id != "",
        )
    )
    return {row.key: row.remote_id for row in rows}


def transactions(connection: Connection, book_id: int) -> list[Stored]:
    """Return every document but accounts, items and people, in the order of the log."""
    return list_documents(connection, book_id, DOCUMENT.c.scope != "")


def attempts(connection: Connection, book_id: int, key: str) -> list[Attempt]:
    """Return a document's trail, oldest first."""
    columns = [ATTEMPT.c[name] for name in Attempt.__struct_fields__]
    rows = connection.execute(
        select(*columns)
        .where(ATTEMPT.c.book_id == book_id, ATTEMPT.c.key == key)
        .order_by(ATTEMPT.c.line)
    )
    return [Attempt(*row) for row in rows]


def blockers(connection: Connection, book_id: int, key: str) -> list[str]:
    """Return the keys that a document still waits for."""
    query = select(NEED.c.needs).where(NEED.c.book_id == book_id, NEED.c.key == key)
    return sorted(connection.scalars(query))


def counts(connection: Connection, book_id: int) -> dict[State, int]:
    """Return how many documents are in each state that has any."""
    stopped = is_stopped(connection, book_id)
    rows = connection.execute(
        select(DOCUMENT.c.state, func.count())
        .where(DOCUMENT.c.book_id == book_id)
        .group_by(DOCUMENT.c.state)
    )
    sums: dict[State, int] = {}
    for state, count in rows:
        shown: State = "paused" if stopped and state in STOPPABLE else state
        sums[shown] = sums.get(shown, 0) + count
    return sums


def causes(connection: Connection, book_id: int) -> list[Cause]:
    """Return what keeps documents from going, the gravest first: one line a cause and subject."""
    stopping: Sequence[State] = ("needs_attention", "unknown", "retrying")
    columns = (DOCUMENT.c.cause, DOCUMENT.c.subject, DOCUMENT.c.state)
    behind = (
        select(DOCUMENT.c.cause, DOCUMENT.c.subject, DOCUMENT.c.state, func.count().label("behind"))
        .join(NEED, and_(NEED.c.book_id == DOCUMENT.c.book_id, NEED.c.needs == DOCUMENT.c.key))
        .where(DOCUMENT.c.book_id == book_id, DOCUMENT.c.state.in_(stopping))
        .group_by(*columns)
    )
    waiting = {tuple(row[:3]): row.behind for row in connection.execute(behind)}
    rows = connection.execute(
        select(*columns, func.count(), func.min(DOCUMENT.c.key))
        .where(DOCUMENT.c.book_id == book_id, DOCUMENT.c.state.in_(stopping))
        .group_by(*columns)
    )
    found = [
        Cause(cause, subject, state, count, waiting.get((cause, subject, state), 0), key)
        for cause, subject, state, count, key in rows
    ]
    return sorted(found, key=lambda cause: (stopping.index(cause.state), -cause.documents))


def oldest_open(connection: Connection, book_id: int) -> tuple[int | None, date | None]:
    """Return when the oldest open document was planned, and the first day that has one."""
    row = connection.execute(
        select(func.min(DOCUMENT.c.planned_us), func.min(DOCUMENT.c.day)).where(
            DOCUMENT.c.book_id == book_id,
            DOCUMENT.c.state.not_in(SETTLED),
            DOCUMENT.c.scope != "",
        )
    ).one()
    return row[0], from_day(row[1]) if row[1] else None


def last_synced_us(connection: Connection, book_id: int) -> int:
    """Return when something last arrived over there; 0 when nothing ever did."""
    query = select(func.max(DOCUMENT.c.synced_us)).where(DOCUMENT.c.book_id == book_id)
    return connection.scalar(query) or 0


def _chosen(filters: Filters, *, stopped: bool) -> Sequence[Any]:
    chosen: list[Any] = []
    if filters.state == "paused":
        chosen.append(DOCUMENT.c.state.in_(STOPPABLE if stopped else ()))
    elif filters.state is not None:
        hidden = stopped and filters.state in STOPPABLE
        chosen.append(DOCUMENT.c.state.in_(() if hidden else (filters.state,)))
    if filters.kind is not None:
        chosen.append(DOCUMENT.c.kind == filters.kind)
    if filters.cause is not None:
        chosen.append(DOCUMENT.c.cause == filters.cause)
    if filters.since is not None:
        chosen.append(DOCUMENT.c.day >= to_day(filters.since))
    if filters.through is not None:
        chosen.append(DOCUMENT.c.day <= to_day(filters.through))
    return chosen


def _shown(row: Any, *, stopped: bool) -> Stored:
    stored = to_stored(row)
    return replace(stored, state="paused") if stopped and stored.state in STOPPABLE else stored
