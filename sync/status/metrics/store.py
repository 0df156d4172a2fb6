"""How far all books have come, in sums: how much is planned and sealed, what waits, what lives.

Each table is held to its book, so that every server of a spread database adds up its own.
"""

from typing import Any

from msgspec import Struct
from sqlalchemy import Select, case, func, select

from ledger.blocks.store import BLOCK
from ledger.database import Connection
from ledger.tables import BLOCK_DELTA, BOOK, BOOK_HEAD
from sync.outbox import SETTLED
from sync.tables import CONNECTION, DOCUMENT, SYNC_BOOK


class Standing(Struct, frozen=True):
    """Facts that the planner has before it (of the worst book and of all), and what waits.

    `unsealed` are facts of the worst book that stand in no block yet: fewer than a block's where
    all is well. `documents` are by state as they are stored, `connections` by state.
    """

    books: int
    facts: int
    behind_most: int
    behind_all: int
    unsealed: int
    documents: dict[str, int]
    oldest_open_us: int | None
    paused: int
    connections: dict[str, int]


def standing(connection: Connection) -> Standing:
    """Return how far all books have come."""
    books, facts, unsealed = connection.execute(_heads()).one()
    most, behind = connection.execute(_lag()).one()
    documents = connection.execute(
        select(DOCUMENT.c.state, func.count())
        .join(BOOK, BOOK.c.book_id == DOCUMENT.c.book_id)
        .group_by(DOCUMENT.c.state)
    )
    oldest = connection.scalar(
        select(func.min(DOCUMENT.c.planned_us))
        .join(BOOK, BOOK.c.book_id == DOCUMENT.c.book_id)
        .where(DOCUMENT.c.state.not_in(SETTLED), DOCUMENT.c.scope != "")
    )
    paused = connection.scalar(
        select(func.count())
        .select_from(SYNC_BOOK)
        .join(BOOK, BOOK.c.book_id == SYNC_BOOK.c.book_id)
        .where(SYNC_BOOK.c.paused_us > 0)
    )
    connections = connection.execute(
        select(CONNECTION.c.state, func.count()).group_by(CONNECTION.c.state)
    )
    return Standing(
        books=books,
        facts=int(facts or 0),
        behind_most=int(most or 0),
        behind_all=int(behind or 0),
        unsealed=int(unsealed or 0),
        documents={row[0]: row[1] for row in documents},
        oldest_open_us=oldest,
        paused=paused or 0,
        connections={row[0]: row[1] for row in connections},
    )


def _heads() -> Select[*tuple[Any, ...]]:
    last = (
        select(func.max(BLOCK_DELTA.c.block))
        .where(BLOCK_DELTA.c.book_id == BOOK.c.book_id, BLOCK_DELTA.c.level == 0)
        .correlate(BOOK)
        .scalar_subquery()
    )
    unsealed = BOOK_HEAD.c.seq - (func.coalesce(last, -1) + 1) * BLOCK
    return select(func.count(), func.sum(BOOK_HEAD.c.seq), func.max(unsealed)).join(
        BOOK, BOOK.c.book_id == BOOK_HEAD.c.book_id
    )


def _lag() -> Select[*tuple[Any, ...]]:
    """Return the query of what connected books have not planned yet."""
    planned = func.coalesce(SYNC_BOOK.c.planned_seq, 0)
    behind = case((BOOK_HEAD.c.seq > planned, BOOK_HEAD.c.seq - planned), else_=0)
    return (
        select(func.max(behind), func.sum(behind))
        .select_from(CONNECTION)
        .join(BOOK_HEAD, BOOK_HEAD.c.book_id == CONNECTION.c.book_id)
        .outerjoin(SYNC_BOOK, SYNC_BOOK.c.book_id == CONNECTION.c.book_id)
    )
