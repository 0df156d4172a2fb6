"""The lane of a book: one worker at a time delivers for it, and this is what it has to deliver.

Every look-up goes by the state of documents, so that what was settled long ago costs nothing.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import BigInteger, ColumnElement, cast, exists, func, or_, select, update

from ledger.database import Connection, insert_rows
from sync.documents import decode
from sync.outbox import OPEN, SENDABLE, Due, State, threads_of
from sync.tables import CONNECTION, DOCUMENT, SYNC_BOOK

NEW: Final = "ON CONFLICT DO NOTHING"
_TRIED: Final[Sequence[State]] = ("retrying", "unknown")
_TRIED_AT_ONCE: Final = 10
"""How many of those that failed before go into a round, behind all that are fresh."""


def hold(connection: Connection, book_id: int) -> None:
    """Take the book's row, making it the first time; nobody else changes its sync meanwhile."""
    insert_rows(connection, SYNC_BOOK, [(book_id, 0, "", 0, 0, 0, 0, "", "")], NEW)
    connection.execute(
        update(SYNC_BOOK)
        .where(SYNC_BOOK.c.book_id == book_id)
        .values(planned_seq=SYNC_BOOK.c.planned_seq)
    )


def take_lane(connection: Connection, book_id: int, owner: str, now_us: int, until_us: int) -> bool:
    """Become or stay the one who delivers for a book; False when another is, or nobody may now."""
    free = or_(SYNC_BOOK.c.lane_owner == owner, SYNC_BOOK.c.lane_until_us <= now_us)
    return _have_lane(connection, book_id, owner, now_us, until_us, free)


def keep_lane(connection: Connection, book_id: int, owner: str, now_us: int, until_us: int) -> bool:
    """Stay the one who delivers; False when another took it, or it was taken back."""
    kept = SYNC_BOOK.c.lane_owner == owner
    return _have_lane(connection, book_id, owner, now_us, until_us, kept)


def leave_lane(connection: Connection, book_id: int, owner: str) -> None:
    """Let another worker have the book at once."""
    connection.execute(
        update(SYNC_BOOK)
        .where(SYNC_BOOK.c.book_id == book_id, SYNC_BOOK.c.lane_owner == owner)
        .values(lane_owner="", lane_until_us=0)
    )


def free_lane(connection: Connection, book_id: int) -> None:
    """Take the lane back from whoever has it: who goes on opens the outside company anew."""
    connection.execute(
        update(SYNC_BOOK)
        .where(SYNC_BOOK.c.book_id == book_id)
        .values(lane_owner="", lane_until_us=0)
    )


def may_be_due(connection: Connection, book_id: int, now_us: int) -> bool:
    """Tell, without taking anything, whether a book may go on and has something to deliver."""
    stopped = select(SYNC_BOOK.c.book_id).where(
        SYNC_BOOK.c.book_id == book_id,
        or_(SYNC_BOOK.c.paused_us != 0, SYNC_BOOK.c.quiet_until_us > now_us),
    )
    if connection.execute(stopped).first() is not None:
        return False
    left = select(DOCUMENT.c.key).where(
        DOCUMENT.c.book_id == book_id,
        DOCUMENT.c.state == "sending",
        DOCUMENT.c.lease_until_us <= now_us,
    )
    if connection.execute(left.limit(1)).first() is not None:
        return True
    return any(_due(connection, book_id, state, now_us, 1) for state in SENDABLE)


def due(
    connection: Connection, book_id: int, now_us: int, quiesce_us: int, limit: int
) -> list[Due]:
    """Return documents that may be sent now: the fresh in the order of the log first.

    What failed before goes last, so that nothing that fails again and again holds up the others.
    What a vanished worker left in `sending` becomes `unknown`: it may have arrived.
    """
    connection.execute(
        update(DOCUMENT)
        .where(
            DOCUMENT.c.book_id == book_id,
            DOCUMENT.c.state == "sending",
            DOCUMENT.c.lease_until_us <= now_us,
        )
        .values(
            state="unknown",
            uncertain=1,
            cause="worker-lost",
            next_at_us=DOCUMENT.c.sent_us + quiesce_us,
        )
    )
    tried = [
        found
        for state in _TRIED
        for found in _due(connection, book_id, state, now_us, _TRIED_AT_ONCE)
    ]
    last = sorted(tried)[:_TRIED_AT_ONCE]
    room = max(limit - len(last), 1)
    fresh = _due(connection, book_id, "queued", now_us, room)
    return [Due(key, threads_of(decode(body))) for _, key, body in (*fresh, *last)]


def open_count(connection: Connection, book_id: int) -> int:
    """Return how many documents are not settled yet."""
    query = select(func.count()).where(DOCUMENT.c.book_id == book_id, DOCUMENT.c.state.in_(OPEN))
    return connection.scalar(query) or 0


def next_due_us(connection: Connection, book_id: int) -> int | None:
    """Return the earliest instant at which something may be sent; None when nothing is to be."""
    instants = [
        connection.scalar(
            select(func.min(DOCUMENT.c.next_at_us)).where(
                DOCUMENT.c.book_id == book_id, DOCUMENT.c.state == state
            )
        )
        for state in SENDABLE
    ]
    leased = select(func.min(DOCUMENT.c.lease_until_us)).where(
        DOCUMENT.c.book_id == book_id, DOCUMENT.c.state == "sending"
    )
    due_at = [at for at in (*instants, connection.scalar(leased)) if at is not None]
    quiet = connection.scalar(
        select(SYNC_BOOK.c.quiet_until_us).where(SYNC_BOOK.c.book_id == book_id)
    )
    return max(min(due_at), quiet or 0) if due_at else None


def clock_us(connection: Connection) -> int:
    """Return the instant by the clock of a PostgreSQL server, which all its clients share."""
    seconds = func.extract("epoch", func.clock_timestamp())
    found: int | None = connection.scalar(select(cast(seconds * 1_000_000, BigInteger)))
    assert found is not None
    return found


def failures(connection: Connection, book_id: int) -> int:
    """Return how many attempts in a row the outside system did not answer."""
    query = select(SYNC_BOOK.c.failures).where(SYNC_BOOK.c.book_id == book_id)
    return connection.scalar(query) or 0


def _have_lane(
    connection: Connection,
    book_id: int,
    owner: str,
    now_us: int,
    until_us: int,
    free: ColumnElement[bool],
) -> bool:
    taken = connection.execute(
        update(SYNC_BOOK)
        .where(
            SYNC_BOOK.c.book_id == book_id,
            free,
            SYNC_BOOK.c.paused_us == 0,
            SYNC_BOOK.c.quiet_until_us <= now_us,
            exists().where(CONNECTION.c.book_id == book_id, CONNECTION.c.state == "connected"),
        )
        .values(lane_owner=owner, lane_until_us=until_us)
    )
    return taken.rowcount == 1


def _due(
    connection: Connection, book_id: int, state: State, now_us: int, limit: int
) -> list[tuple[int, str, bytes]]:
    """Return (when, key, body) of what may be sent in one state, as its index has them."""
    rows = connection.execute(
        select(DOCUMENT.c.next_at_us, DOCUMENT.c.key, DOCUMENT.c.body)
        .where(
            DOCUMENT.c.book_id == book_id,
            DOCUMENT.c.state == state,
            DOCUMENT.c.next_at_us <= now_us,
        )
        .order_by(DOCUMENT.c.next_at_us, DOCUMENT.c.seq, DOCUMENT.c.ordinal)
        .limit(limit)
    )
    return [(row.next_at_us, row.key, row.body) for row in rows]
