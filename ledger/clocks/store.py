"""Balances at the end of any day, as known after any event: a bounded number of rows each.

What was known after an event is the whole blocks before it, and the postings of the fewer than 256
events that follow them. Every statement names its book.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, FromClause, Select, func, select, union_all

from ledger.blocks.store import PLACE, busy_accounts, moved, moving, sealed, size_of
from ledger.clocks.sums import DAY, Place, Sums, added, spans_through
from ledger.tables import BLOCK_DELTA, BOOK_HEAD, DELTA, EVENT, POSTING


class Cover(Struct, frozen=True):
    """Whole blocks, as (level, first, end), from the first event through event number `through`."""

    blocks: tuple[tuple[int, int, int], ...]
    through: int


def cover(connection: Connection, book_id: int, known: int) -> Cover:
    """Return the fewest whole blocks that end at or before an event."""
    counts = list[int]()
    while count := sealed(connection, book_id, len(counts)):
        counts.append(count)
    blocks, through = list[tuple[int, int, int]](), 0
    for level in reversed(range(len(counts))):
        size = size_of(level)
        end = min(counts[level], known // size)
        if end * size > through:
            blocks.append((level, through // size, end))
            through = end * size
    return Cover(tuple(blocks), through)


def turnover(
    connection: Connection,
    book_id: int,
    through: date | None = None,
    known: int | None = None,
    account: str | None = None,
) -> dict[Place, Sums]:
    """Return what was debited and credited to the end of a day, as known after an event.

    None: every day, everything that is recorded. *account*: of one code alone.
    """
    if known is None:
        arms = [_arm(DELTA, span, DELTA.c.book_id == book_id) for span in spans_through(through)]
        return _read(connection, arms, account)
    whole = cover(connection, book_id, known)
    arms = [_arm(BLOCK_DELTA, span, *_of(book_id, block)) for span, block in _each(through, whole)]
    if whole.through < known:
        arms.append(_tail(connection, book_id, whole.through, known, through))
    return _read(connection, arms, account)


def _each(
    through: date | None, whole: Cover
) -> list[tuple[tuple[int, int, int], tuple[int, int, int]]]:
    return [(span, block) for block in whole.blocks for span in spans_through(through)]


def _of(book_id: int, block: tuple[int, int, int]) -> list[ColumnElement[bool]]:
    level, first, end = block
    kept = BLOCK_DELTA.c
    return [kept.book_id == book_id, kept.level == level, kept.block.in_(range(first, end))]


def _arm(
    table: FromClause, span: tuple[int, int, int], *chosen: ColumnElement[bool]
) -> Select[Any]:
    kept, (grain, first, last) = table.c, span
    return _summed(table).where(
        *chosen, kept.grain == grain, kept.bucket >= first, kept.bucket <= last
    )


def _summed(table: FromClause) -> Select[Any]:
    """Return the sums of each place; amounts without an amount at home are in home money."""
    home_debit = func.coalesce(table.c.home_debit, table.c.debit)
    home_credit = func.coalesce(table.c.home_credit, table.c.credit)
    place = [table.c[name] for name in PLACE]
    figures = (table.c.debit, table.c.credit, home_debit, home_credit)
    return select(*place, *(func.sum(figure) for figure in figures)).group_by(*place)


def _tail(
    connection: Connection, book_id: int, after: int, known: int, through: date | None
) -> Select[Any]:
    """Return what the events after *after* through *known* moved, from their postings."""
    inside = [POSTING.c.seq > after, POSTING.c.seq <= known]
    if through is not None:
        inside.append(POSTING.c.business_date <= spans_through(through)[-1][2])
    rows = moved(book_id, busy_accounts(connection, book_id), inside)
    return _summed(rows)


def _read(
    connection: Connection, arms: list[Select[Any]], account: str | None
) -> dict[Place, Sums]:
    if not arms:
        return {}
    if account is not None:
        arms = [arm.where(arm.selected_columns.account == account) for arm in arms]
    rows = connection.execute(union_all(*arms) if len(arms) > 1 else arms[0])
    return added(
        ((code, holder, currency), Sums(*map(int, figures)))
        for code, holder, currency, *figures in rows
    )


def last_number(connection: Connection, book_id: int, known: int | None = None) -> int | None:
    """Return the latest business date (yyyymmdd) on which money moved, as known after an event."""
    if known is None:
        query = select(func.max(DELTA.c.bucket)).where(
            DELTA.c.book_id == book_id, DELTA.c.grain == DAY
        )
        found: int | None = connection.scalar(query)
        return found
    whole = cover(connection, book_id, known)
    queries = [
        select(func.max(BLOCK_DELTA.c.bucket)).where(*_of(book_id, block), BLOCK_DELTA.c.grain == 0)
        for block in whole.blocks
    ]
    queries.append(
        select(func.max(POSTING.c.business_date)).where(
            POSTING.c.book_id == book_id,
            POSTING.c.seq > whole.through,
            POSTING.c.seq <= known,
            moving(),
        )
    )
    return max((day for query in queries if (day := connection.scalar(query))), default=None)


def known_seq(connection: Connection, book_id: int, known_at: int | datetime | None) -> int | None:
    """Return the last event that was known, at most the log's last; None stays None: now.

    A number is an event's, that event included. An instant is looked up by halves: events are
    recorded at rising times.
    """
    if known_at is None:
        return None
    head = connection.scalar(select(BOOK_HEAD.c.seq).where(BOOK_HEAD.c.book_id == book_id)) or 0
    if isinstance(known_at, int):
        return min(known_at, head)
    wanted = (known_at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    low, high = 0, head
    while low < high:
        middle = (low + high + 1) // 2
        at = select(EVENT.c.recorded_us).where(EVENT.c.book_id == book_id, EVENT.c.seq == middle)
        if connection.execute(at).scalar_one() <= wanted:
            low = middle
        else:
            high = middle - 1
    return low
