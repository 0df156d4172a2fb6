"""Movements by blocks of the log, so that both clocks read a bounded number of rows.

A block of level 0 is 256 events, one of each level above sixteen of the level below. It is written
once, when the log has passed its end, and never changes. Every statement names its book.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Connection,
    FromClause,
    Insert,
    Integer,
    Select,
    Text,
    bindparam,
    case,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    union_all,
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

_ZERO: Final = literal_column("0", BigInteger)
_NOBODY: Final = literal_column("''", Text)
_BUSY: Final = [literal_column(f"'{role}'", Text) for role in sorted(BUSY_ROLES)]
"""What never differs stands in the statements: a parameter each would take longer to send."""

FIGURES: Final = ("debit", "credit", "home_debit", "home_credit")
PLACE: Final = ("account", "holder", "currency")

Number = int | ColumnElement[int]
"""A number, or the parameter that is to be one."""

Codes = AbstractSet[str] | Select[tuple[str]] | BindParameter[Any]
"""Codes of accounts, the query of them, or the parameter that is to be a list of them."""


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
    whole, counts = through // BLOCK, written(connection, book_id, through)
    done = counts[0] if counts else 0
    first = done if whole - done <= step else _next_that_moved(connection, book_id, done, whole)
    end = min(whole, first + step)
    asked: dict[str, Any] = {"book_id": book_id}
    if first < end:
        asked |= {"first": first, "end": end, "busy": sorted(busy)}
        connection.execute(_days(BLOCK), asked)
        for grain in (MONTH, YEAR):
            connection.execute(_grain(grain), asked)
    level, complete = 1, end // FAN
    while complete:
        first = counts[level] if level < len(counts) else 0
        if first < complete:
            asked |= {"first": first, "end": complete}
            connection.execute(_level(level, FAN), asked)
        level, complete = level + 1, complete // FAN
    return end < whole


_BOOK: Final = bindparam("book_id", type_=BigInteger())
_FIRST: Final = bindparam("first", type_=BigInteger())
_END: Final = bindparam("end", type_=BigInteger())


@lru_cache(maxsize=8)
def _days(_block: int) -> Insert:
    """Return the statement of `day_rows`, built once: it is in the recording path."""
    return _inserted(day_rows(_BOOK, _FIRST, _END, bindparam("busy", expanding=True)))


@lru_cache(maxsize=8)
def _grain(grain: int) -> Insert:
    return _inserted(grain_rows(_BOOK, _FIRST, _END, grain))


@lru_cache(maxsize=32)
def _level(level: int, _fan: int) -> Insert:
    return _inserted(level_rows(_BOOK, level, _FIRST, _END))


def sealed(connection: Connection, book_id: int, level: int) -> int:
    """Return how many blocks of a level are written; blocks that moved nothing have no rows."""
    query = select(func.max(BLOCK_DELTA.c.block)).where(
        BLOCK_DELTA.c.book_id == book_id, BLOCK_DELTA.c.level == level
    )
    last = connection.scalar(query)
    return 0 if last is None else last + 1


def written(connection: Connection, book_id: int, near: int) -> list[int]:
    """Return how many blocks are written of each level that is of use near an event."""
    levels = 1
    while size_of(levels) < 2 * near:
        levels += 1
    rows = connection.execute(_last_blocks(levels), {"book_id": book_id})
    last = {level: block for level, block in rows if block is not None}
    counts = [last.get(level, -1) + 1 for level in range(levels)]
    return counts[: counts.index(0)] if 0 in counts else counts


@lru_cache(maxsize=32)
def _last_blocks(levels: int) -> CompoundSelect[Any]:
    kept = BLOCK_DELTA.c
    return union_all(
        *(
            select(literal_column(str(level), Integer), func.max(kept.block)).where(
                kept.book_id == bindparam("book_id"),
                kept.level == literal_column(str(level), Integer),
            )
            for level in range(levels)
        )
    )


def _next_that_moved(connection: Connection, book_id: int, done: int, whole: int) -> int:
    """Return the first block of level 0 from *done* on that moved money, at most *whole*."""
    query = select(func.min(POSTING.c.seq)).where(
        POSTING.c.book_id == book_id,
        POSTING.c.seq > done * BLOCK,
        POSTING.c.seq <= whole * BLOCK,
        moving(),
    )
    seq = connection.scalar(query)
    return whole if seq is None else (seq - 1) // BLOCK


def day_rows(book_id: Number, first: Number, end: Number, busy: Codes) -> Select[Any]:
    """Return the rows by day of blocks of level 0, from their postings."""
    block = (POSTING.c.seq - literal_column("1", Integer)) // literal_column(str(BLOCK), Integer)
    inside = POSTING.c.seq > first * BLOCK, POSTING.c.seq <= end * BLOCK
    asked = (block.label("block"), POSTING.c.business_date)
    part = moved(book_id, busy, inside, asked).c
    key = (part.block, part.business_date, *(part[name] for name in PLACE))
    return select(
        _number(book_id),
        literal(0),
        part.block,
        literal(DAY),
        *key[1:],
        *(func.sum(part[name]) for name in FIGURES),
    ).group_by(*key)


def grain_rows(book_id: Number, first: Number, end: Number, grain: int) -> Select[Any]:
    """Return the rows by month or year of blocks of level 0, from the grain below."""
    kept, bucket = BLOCK_DELTA.c, BLOCK_DELTA.c.bucket // literal_column("100", Integer)
    place = [kept[name] for name in PLACE]
    return (
        select(_number(book_id), literal(0), kept.block, literal(grain), bucket, *place, *_sums())
        .where(
            kept.book_id == book_id,
            kept.level == 0,
            kept.block >= first,
            kept.block < end,
            kept.grain == grain - 1,
        )
        .group_by(kept.block, bucket, *place)
    )


def level_rows(book_id: Number, level: int, first: Number, end: Number) -> Select[Any]:
    """Return the rows of blocks of a higher level, from those of the level below."""
    kept, block = BLOCK_DELTA.c, BLOCK_DELTA.c.block // literal_column(str(FAN), Integer)
    key = [kept.grain, kept.bucket, *(kept[name] for name in PLACE)]
    return (
        select(_number(book_id), literal(level), block, *key, *_sums())
        .where(
            kept.book_id == book_id,
            kept.level == level - 1,
            kept.block >= first * FAN,
            kept.block < end * FAN,
        )
        .group_by(block, *key)
    )


def _number(number: Number) -> ColumnElement[Any]:
    return literal(number) if isinstance(number, int) else number


def _sums() -> Iterable[ColumnElement[Any]]:
    return (func.sum(BLOCK_DELTA.c[name]) for name in FIGURES)


def _inserted(rows: Select[Any]) -> Insert:
    return insert(BLOCK_DELTA).from_select([column.name for column in BLOCK_DELTA.columns], rows)


def moving() -> ColumnElement[bool]:
    """Tell of a posting whether it moves money, in its own currency or at home."""
    return or_(POSTING.c.amount != _ZERO, POSTING.c.home != _ZERO)


def posted() -> tuple[ColumnElement[Any], ...]:
    """Return debit, credit, home debit and home credit of a posting; NULL of one in home money."""
    amount, home = POSTING.c.amount, POSTING.c.home
    return (
        case((amount > _ZERO, amount), else_=_ZERO).label("debit"),
        case((amount < _ZERO, -amount), else_=_ZERO).label("credit"),
        case((home > _ZERO, home), (home.is_not(None), _ZERO)).label("home_debit"),
        case((home < _ZERO, -home), (home.is_not(None), _ZERO)).label("home_credit"),
    )


def moved(
    book_id: Number,
    busy: Codes,
    chosen: Iterable[ColumnElement[bool]],
    asked: Sequence[ColumnElement[Any]] = (),
) -> FromClause:
    """Return the chosen postings that move money: what is asked for, their place and sides."""
    codes = sorted(busy) if isinstance(busy, AbstractSet) else busy
    holder = case((POSTING.c.account.in_(codes), POSTING.c.holder), else_=_NOBODY)
    # Found by its place in the log, never by its account.
    account = func.coalesce(POSTING.c.account, _NOBODY)
    place = (account.label("account"), holder.label("holder"), POSTING.c.currency)
    rows = select(*asked, *place, *posted())
    return rows.where(POSTING.c.book_id == book_id, moving(), *chosen).subquery()


def busy_codes(book_id: Number) -> Select[tuple[str]]:
    """Return the query of the codes of the accounts whose movements are kept by holder."""
    return select(ACCOUNT.c.code).where(ACCOUNT.c.book_id == book_id, ACCOUNT.c.role.in_(_BUSY))


def busy_accounts(connection: Connection, book_id: int) -> frozenset[str]:
    """Return the codes of the accounts whose movements are kept by holder."""
    return frozenset(connection.scalars(busy_codes(book_id)))
