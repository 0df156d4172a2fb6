"""Balances at the end of any day, as known after any event: a bounded number of rows each.

What was known after an event is what whole blocks moved, and the postings of the events between it
and the nearest end of a block. Every statement is built once, since building it takes longer than
its answer, and has few shapes, and numbers that a planner cannot look at (`_unseen`): so a server
keeps it prepared, and its plan too. Every statement names its book.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final

import msgspec
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Connection,
    Dialect,
    FromClause,
    Integer,
    ScalarSelect,
    Select,
    SmallInteger,
    Table,
    Text,
    and_,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    select,
    true,
    union_all,
)
from sqlalchemy.types import TypeEngine

from ledger.blocks.store import FIGURES, PLACE, busy_codes, moved, moving, written
from ledger.clocks.parts import EVENTS, Part, parts_through
from ledger.clocks.sums import DAY, FORWARD, YEAR, Place, Sums, spans_through
from ledger.store import to_us
from ledger.tables import BLOCK_DELTA, BOOK_HEAD, DELTA, EVENT, POSTING

_PROBES: Final = 16
"""How many events are looked at at once to find an instant: a sixteenth is left each time."""

_BLOCKS: Final = {"level": SmallInteger(), "block": BigInteger(), "sign": BigInteger()}
"""Blocks that are read; `sign` is -1 where they are taken off again."""

_SPANS: Final = {"grain": SmallInteger(), "first": Integer(), "last": Integer()}
"""Buckets of a grain that are read of each."""

_LAST_YEAR: Final = 9999
_NOTHING: Final = Sums()


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
    spans, dialect = spans_through(through), connection.dialect.name
    asked: dict[str, Any] = {"book_id": book_id, "account": account}
    if known is None:
        asked["year"] = _LAST_YEAR if through is None else through.year
        for grain, first, last in spans:
            asked |= {f"first_{grain}": first, f"last_{grain}": last}
        query = _of_now(dialect, *(grain for grain, _, _ in spans), one=account is not None)
    else:
        parts = parts_through(known, written(connection, book_id, known), over=True)
        tail = bool(parts) and parts[0].level == EVENTS
        if tail:
            events = parts.pop(0)
            asked |= {"after": events.after, "through": events.through, "events_sign": events.sign}
            asked["seqs"] = list(range(events.after + 1, events.through + 1))
            asked["day"] = spans[-1][2]
        asked |= _listed(dialect, _BLOCKS, _blocks_of(parts))
        asked |= _listed(dialect, _SPANS, spans)
        dated, one = through is not None, account is not None
        query = _of_then(dialect, tail=tail, dated=dated, one=one)
    return {
        (code, holder, currency): sums
        for code, holder, currency, *figures in _rows(connection, query, asked)
        if code is not None and (sums := Sums(*figures)) != _NOTHING
    }


def _rows(
    connection: Connection, query: Select[Any], asked: Mapping[str, Any]
) -> Iterable[Sequence[Any]]:
    """Return the rows of a statement whose text is made once.

    Else SQLAlchemy looks for it, and at every value, each time; here all are as drivers take them.
    """
    text, names = _text(query, connection.dialect)
    values: Any = asked if names is None else tuple(asked[name] for name in names)
    return connection.exec_driver_sql(text, values)


@lru_cache(maxsize=64)
def _text(query: Select[Any], dialect: Dialect) -> tuple[str, Sequence[str] | None]:
    """Return a statement as text, and the names of its parameters where it has them by place."""
    made = query.compile(dialect=dialect)
    return str(made), made.positiontup


@lru_cache(maxsize=16)
def _of_now(dialect: str, *grains: int, one: bool) -> Select[Any]:
    """Return the statement that adds up a span of buckets of each grain, and what came before.

    That is what is brought forward into the newest year, of those up to the one that is wanted,
    into which anything is; whole years are added from that one on.
    """
    newest, year = _newest_forward(), bindparam("year", type_=Integer())
    spans = [_span(FORWARD, newest, year)]
    for grain in grains:
        first, last = (bindparam(f"{end}_{grain}", type_=Integer()) for end in ("first", "last"))
        spans.append(_span(grain, func.coalesce(newest, first) if grain == YEAR else first, last))
    wanted = union_all(*spans).subquery()
    kept, rows = _found(dialect, DELTA, wanted, wanted, one=one)
    return _added([_figures(kept).select_from(rows)])


def _newest_forward() -> ScalarSelect[Any]:
    kept = DELTA.c
    chosen = (
        kept.book_id == bindparam("book_id"),
        kept.grain == literal_column(str(FORWARD), SmallInteger),
        kept.bucket <= _unseen("year", Integer()),
    )
    return select(func.max(kept.bucket)).where(*chosen).scalar_subquery()


def _span(grain: int, first: ColumnElement[int], last: ColumnElement[int]) -> Select[Any]:
    number = literal_column(str(grain), SmallInteger)
    columns: list[Any] = [number.label("grain"), first.label("first"), last.label("last")]
    return select(*columns)


@lru_cache(maxsize=16)
def _of_then(dialect: str, *, tail: bool, dated: bool, one: bool) -> Select[Any]:
    """Return the statement that adds up spans of buckets in blocks, and maybe single events.

    Each is added up by itself first: a union of all their rows is what SQLite is slowest at.
    """
    blocks = _added([_of_blocks(dialect, one=one)])
    return _added([blocks, _added([_of_events(dialect, dated=dated, one=one)])]) if tail else blocks


def _added(rows: list[Select[Any]]) -> Select[Any]:
    part = union_all(*rows).subquery().c
    account, holder, currency = (part[name] for name in PLACE)
    sums = (cast(func.sum(part[name]), BigInteger).label(name) for name in FIGURES)
    by_place = holder, account, currency  # holders first, since they differ most
    return select(account, holder, currency, *sums).group_by(*by_place)


def _of_blocks(dialect: str, *, one: bool) -> Select[Any]:
    """Return the movements of each span in each block."""
    blocks, spans = _rows_of(dialect, _BLOCKS), _rows_of(dialect, _SPANS)
    of_block = BLOCK_DELTA.c.level == blocks.c.level, BLOCK_DELTA.c.block == blocks.c.block
    wanted = blocks.join(spans, true())
    kept, rows = _found(dialect, BLOCK_DELTA, wanted, spans, *of_block, one=one)
    return _figures(kept, blocks.c.sign).select_from(rows)


def _found(
    dialect: str,
    table: Table,
    wanted: FromClause,
    spans: FromClause,
    *inside: ColumnElement[bool],
    one: bool,
) -> tuple[Any, FromClause]:
    """Return the movements in all that is *wanted*, which has *spans*: their columns and rows.

    No database can know that this is little, and each is made to begin at it: PostgreSQL by a query
    of its own for each, that it may not take apart; SQLite by an outer join, which has a row of
    NULLs where there is none.
    """
    kept = table.c
    chosen = [
        kept.book_id == bindparam("book_id"),
        *inside,
        kept.grain == spans.c.grain,
        kept.bucket >= spans.c.first,
        kept.bucket <= spans.c.last,
    ]
    if one:
        chosen.append(kept.account == _unseen("account", Text()))
    if dialect == "postgresql":
        each = select(table).where(*chosen).offset(literal_column("0")).lateral()
        return each.c, wanted.join(each, true())
    return kept, wanted.outerjoin(table, and_(*chosen))


def _of_events(dialect: str, *, dated: bool, one: bool) -> Select[Any]:
    """Return what single events moved, from their postings.

    PostgreSQL takes any range for a share of the table, unless it may look at its ends and plan
    anew each time; it is given a list, since there are few.
    """
    seq = POSTING.c.seq
    if dialect == "postgresql":
        asked = seq == func.any(bindparam("seqs", type_=ARRAY(BigInteger)))
    else:
        asked = and_(seq > bindparam("after"), seq <= bindparam("through"))
    inside = [asked]
    if dated:
        inside.append(POSTING.c.business_date <= _unseen("day", Integer()))
    kept = moved(bindparam("book_id"), busy_codes(bindparam("book_id")), inside).c
    rows = _figures(kept, bindparam("events_sign", type_=BigInteger()))
    return rows.where(kept.account == bindparam("account")) if one else rows


def _figures(kept: Any, sign: ColumnElement[int] | None = None) -> Select[Any]:
    """Return place and amounts of movements; those without an amount at home are home money."""
    home_debit = func.coalesce(kept.home_debit, kept.debit)
    home_credit = func.coalesce(kept.home_credit, kept.credit)
    figures = [kept.debit, kept.credit, home_debit, home_credit]
    if sign is not None:
        figures = [sign * figure for figure in figures]
    named = (figure.label(name) for figure, name in zip(figures, FIGURES, strict=True))
    return select(*(kept[name] for name in PLACE), *named)


def _unseen(name: str, kind: TypeEngine[Any]) -> ScalarSelect[Any]:
    """Return a parameter as a query of its own, `(SELECT ?)`.

    A plan that was made for its value would look better to PostgreSQL than one for any value, and
    so be made anew for each question, which takes longer than the answer. This way both are alike,
    and it keeps the one it has.
    """
    return select(bindparam(name, type_=kind)).scalar_subquery()


def _blocks_of(parts: Iterable[Part]) -> list[tuple[int, ...]]:
    return [(part.level, block, part.sign) for part in parts for block in part.blocks]


def _listed(
    dialect: str, columns: Mapping[str, Any], rows: Sequence[tuple[int, ...]]
) -> dict[str, Any]:
    """Return the parameters that `_rows_of` makes rows of."""
    if dialect == "postgresql":
        return {name: [row[at] for row in rows] for at, name in enumerate(columns)}
    return {"_".join(columns): msgspec.json.encode(rows).decode()}


def _rows_of(dialect: str, columns: Mapping[str, Any]) -> FromClause:
    """Return rows that a statement is given as lists of numbers."""
    if dialect == "postgresql":
        lists = (_unseen(name, ARRAY(kind)) for name, kind in columns.items())
        named = (column(name, kind) for name, kind in columns.items())
        return func.unnest(*lists).table_valued(*named).render_derived()
    row = func.json_each(bindparam("_".join(columns))).table_valued("value").c.value
    values = (
        func.json_extract(row, literal_column(f"'$[{at}]'"), type_=kind).label(name)
        for at, (name, kind) in enumerate(columns.items())
    )
    return select(*values).subquery()


def last_number(connection: Connection, book_id: int, known: int | None = None) -> int | None:
    """Return the latest business date (yyyymmdd) on which money moved, as known after an event."""
    if known is None:
        found: int | None = connection.scalar(_LAST_DAY, {"book_id": book_id})
        return found
    parts = parts_through(known, written(connection, book_id, known), over=False)
    asked: dict[str, Any] = {"book_id": book_id, "after": known, "through": known}
    if parts and parts[0].level == EVENTS:
        asked["after"] = parts.pop(0).after
    dialect = connection.dialect.name
    asked |= _listed(dialect, _BLOCKS, _blocks_of(parts))
    return max((day for day in connection.scalars(_last_days(dialect), asked) if day), default=None)


_LAST_DAY: Final = select(func.max(DELTA.c.bucket)).where(
    DELTA.c.book_id == bindparam("book_id"), DELTA.c.grain == DAY
)


@lru_cache(maxsize=2)
def _last_days(dialect: str) -> CompoundSelect[Any]:
    """Return the statement of the last day of each block, and of single events."""
    kept, blocks = BLOCK_DELTA.c, _rows_of(dialect, _BLOCKS)
    of_block = select(func.max(kept.bucket)).where(
        kept.book_id == bindparam("book_id"),
        kept.level == blocks.c.level,
        kept.block == blocks.c.block,
        kept.grain == DAY,
    )
    of_events = select(func.max(POSTING.c.business_date)).where(
        POSTING.c.book_id == bindparam("book_id"),
        POSTING.c.seq > bindparam("after"),
        POSTING.c.seq <= bindparam("through"),
        moving(),
    )
    return union_all(select(of_block.scalar_subquery()).select_from(blocks), of_events)


def known_seq(connection: Connection, book_id: int, known_at: int | datetime | None) -> int | None:
    """Return the last event that was known, at most the log's last; None stays None: now.

    A number is an event's, that event included. An instant is looked up between fewer and fewer
    events: they are recorded at rising times.
    """
    if known_at is None:
        return None
    head: int = connection.scalar(_HEAD, {"book_id": book_id}) or 0
    if isinstance(known_at, int):
        return min(known_at, head)
    wanted, low, high = to_us(known_at), 0, head
    while low < high:
        step = -(-(high - low) // _PROBES)
        probed = {"book_id": book_id, "seqs": list(range(low + step, high + 1, step))}
        found = connection.scalar(_LAST_BY, probed | {"wanted": wanted})
        low, high = found or low, min(high, (found or low) + step - 1)
    return low


_HEAD: Final = select(BOOK_HEAD.c.seq).where(BOOK_HEAD.c.book_id == bindparam("book_id"))
_LAST_BY: Final = select(func.max(EVENT.c.seq)).where(
    EVENT.c.book_id == bindparam("book_id"),
    EVENT.c.seq.in_(bindparam("seqs", expanding=True)),
    EVENT.c.recorded_us <= bindparam("wanted"),
)
