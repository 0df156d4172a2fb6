"""Movements by blocks of the log, so that both clocks read a bounded number of rows.

A block of level 0 is 256 events, one of each level above sixteen of the level below. It is written
once, when the log has passed its end, and never changes. Every statement names its book.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Select,
    case,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
)

from ledger.accounts import ROLES
from ledger.clocks.sums import DAY, MONTH, YEAR
from ledger.tables import ACCOUNT, BLOCK_DELTA, POSTING

BLOCK: int = 256
"""How many events a block of level 0 holds."""

FAN: int = 16
"""How many blocks make one of the next level."""

STEP: Final = 64
"""How many blocks one append seals at the most: an old book is filled little by little."""

BUSY_ROLES: Final = frozenset(role for role, account in ROLES.items() if account.busy)

FIGURES: Final = ("debit", "credit", "home_debit", "home_credit")
PLACE: Final = ("account", "holder", "currency")


def size_of(level: int) -> int:
    """Return how many events a block of a level holds."""
    return int(BLOCK * FAN**level)


def crosses(before: int, through: int) -> bool:
    """Tell whether the events after *before* through *through* pass the end of a block."""
    return through // BLOCK > before // BLOCK


def seal(
    connection: Connection,
    book_id: int,
    through: int,
    busy: AbstractSet[str],
    step: int = STEP,
) -> bool:
    """Write every complete block through an event that is not there yet; at most *step* at once.

    *busy* are the codes of the accounts that are kept by holder. Tells whether some are left.
    """
    whole = through // BLOCK
    first = _next_that_moved(connection, book_id, whole)
    end = min(whole, first + step)
    if first < end:
        _insert(connection, day_rows(book_id, first, end, busy))
        for grain in (MONTH, YEAR):
            _insert(connection, grain_rows(book_id, first, end, grain))
    level, complete = 1, end // FAN
    while complete:
        first = sealed(connection, book_id, level)
        if first < complete:
            _insert(connection, level_rows(book_id, level, first, complete))
        level, complete = level + 1, complete // FAN
    return end < whole


def sealed(connection: Connection, book_id: int, level: int) -> int:
    """Return how many blocks of a level are written; blocks that moved nothing have no rows."""
    query = select(func.max(BLOCK_DELTA.c.block)).where(
        BLOCK_DELTA.c.book_id == book_id, BLOCK_DELTA.c.level == level
    )
    last = connection.scalar(query)
    return 0 if last is None else last + 1


def _next_that_moved(connection: Connection, book_id: int, whole: int) -> int:
    """Return the first block of level 0 that is not written and moved money, at most *whole*."""
    done = sealed(connection, book_id, 0)
    query = select(func.min(POSTING.c.seq)).where(
        POSTING.c.book_id == book_id,
        POSTING.c.seq > done * BLOCK,
        POSTING.c.seq <= whole * BLOCK,
        moving(),
    )
    seq = connection.scalar(query)
    return whole if seq is None else (seq - 1) // BLOCK


def day_rows(book_id: int, first: int, end: int, busy: AbstractSet[str]) -> Select[Any]:
    """Return the rows by day of blocks of level 0, from their postings."""
    block = (POSTING.c.seq - literal_column("1", Integer)) // literal_column(str(BLOCK), Integer)
    inside = POSTING.c.seq > first * BLOCK, POSTING.c.seq <= end * BLOCK
    asked = (block.label("block"), POSTING.c.business_date)
    part = moved(book_id, busy, inside, asked).c
    key = (part.block, part.business_date, *(part[name] for name in PLACE))
    return select(
        literal(book_id),
        literal(0),
        part.block,
        literal(DAY),
        *key[1:],
        *(func.sum(part[name]) for name in FIGURES),
    ).group_by(*key)


def grain_rows(book_id: int, first: int, end: int, grain: int) -> Select[Any]:
    """Return the rows by month or year of blocks of level 0, from the grain below."""
    kept, bucket = BLOCK_DELTA.c, BLOCK_DELTA.c.bucket // literal_column("100", Integer)
    place = [kept[name] for name in PLACE]
    return (
        select(literal(book_id), literal(0), kept.block, literal(grain), bucket, *place, *_sums())
        .where(
            kept.book_id == book_id,
            kept.level == 0,
            kept.block >= first,
            kept.block < end,
            kept.grain == grain - 1,
        )
        .group_by(kept.block, bucket, *place)
    )


def level_rows(book_id: int, level: int, first: int, end: int) -> Select[Any]:
    """Return the rows of blocks of a higher level, from those of the level below."""
    kept, block = BLOCK_DELTA.c, BLOCK_DELTA.c.block // literal_column(str(FAN), Integer)
    key = [kept.grain, kept.bucket, *(kept[name] for name in PLACE)]
    return (
        select(literal(book_id), literal(level), block, *key, *_sums())
        .where(
            kept.book_id == book_id,
            kept.level == level - 1,
            kept.block >= first * FAN,
            kept.block < end * FAN,
        )
        .group_by(block, *key)
    )


def _sums() -> Iterable[ColumnElement[Any]]:
    return (func.sum(BLOCK_DELTA.c[name]) for name in FIGURES)


def _insert(connection: Connection, rows: Select[Any]) -> None:
    names = [column.name for column in BLOCK_DELTA.columns]
    connection.execute(insert(BLOCK_DELTA).from_select(names, rows))


def moving() -> ColumnElement[bool]:
    """Tell of a posting whether it moves money, in its own currency or at home."""
    return or_(POSTING.c.amount != 0, POSTING.c.home != 0)


def posted() -> tuple[ColumnElement[Any], ...]:
    """Return debit, credit, home debit and home credit of a posting; NULL of one in home money."""
    amount, home = POSTING.c.amount, POSTING.c.home
    return (
        case((amount > 0, amount), else_=0).label("debit"),
        case((amount < 0, -amount), else_=0).label("credit"),
        case((home > 0, home), (home.is_not(None), 0)).label("home_debit"),
        case((home < 0, -home), (home.is_not(None), 0)).label("home_credit"),
    )


def moved(
    book_id: int,
    busy: AbstractSet[str],
    chosen: Iterable[ColumnElement[bool]],
    asked: Sequence[ColumnElement[Any]] = (),
) -> FromClause:
    """Return the chosen postings that move money: what is asked for, their place and sides."""
    holder = case((POSTING.c.account.in_(sorted(busy)), POSTING.c.holder), else_="")
    account = func.coalesce(POSTING.c.account, "")  # found by place in the log, never by account
    place = (account.label("account"), holder.label("holder"), POSTING.c.currency)
    rows = select(*asked, *place, *posted())
    return rows.where(POSTING.c.book_id == book_id, moving(), *chosen).subquery()


def busy_accounts(connection: Connection, book_id: int) -> frozenset[str]:
    """Return the codes of the accounts whose movements are kept by holder."""
    query = select(ACCOUNT.c.code).where(
        ACCOUNT.c.book_id == book_id, ACCOUNT.c.role.in_(sorted(BUSY_ROLES))
    )
    return frozenset(connection.scalars(query))
