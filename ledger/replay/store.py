"""The log as it is stored, row by row, and the rows of what is kept in step with it.

Every statement names its book.
"""

from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, Final, NamedTuple

from msgspec import Struct
from sqlalchemy import Column, ColumnElement, Connection, Table, Text, select, text
from sqlalchemy.event import listen
from sqlalchemy.schema import CreateTable

from ledger import codec
from ledger.database import METADATA, Engine, open_database
from ledger.errors import LedgerError
from ledger.events import Event
from ledger.replay.disk import store as disk
from ledger.tables import (
    ACCOUNT,
    BALANCE,
    BLOCK_DELTA,
    DELTA,
    DEVICE_RUN,
    EVENT,
    EXCEPTION,
    POSTING,
    STOCK,
    STOCK_PLACE,
    SUBJECT,
)

BY_EVENT: Final = (EXCEPTION, SUBJECT)
"""What is written once with an event, and never changed."""

STANDING: Final = (ACCOUNT, BALANCE, DELTA, STOCK, STOCK_PLACE, DEVICE_RUN)
"""What every event may move on."""

PROJECTIONS: Final = (*BY_EVENT, *STANDING, BLOCK_DELTA)

PAGE: int = 1000
"""How many events are read at once."""


class Page:
    """Some events after one another, and what is stored beside them, read once somebody asks."""

    def __init__(self, connection: Connection, span: tuple[int, int, int]) -> None:
        self._connection, self._span = connection, span

    @cached_property
    def postings(self) -> dict[int, list[tuple[Any, ...]]]:
        """Return the postings of each event, in order, as `Posted` names their fields."""
        return _by_event(_page(self._connection, _POSTED, POSTING.c.line, self._span))

    @cached_property
    def caveats(self) -> dict[int, list[tuple[Any, ...]]]:
        """Return what each event left for a person: its place, cause, subject and amount."""
        return _by_event(_page(self._connection, _LEFT, EXCEPTION.c.number, self._span))


class Logged(Struct, frozen=True, gc=False):
    """An event as it is stored.

    Its day is yyyymmdd, its time microseconds since 1970, its actor `role:key`; `body` are the
    exact bytes that were hashed.
    """

    page: Page
    seq: int
    event_id: str
    type: str
    business_date: int
    recorded_us: int
    actor: str
    location: str | None
    register: str | None
    session: str | None
    staff: str | None
    channel: str | None
    customer: str | None
    booking: str | None
    order_ref: str | None
    body: bytes
    hash: bytes

    @property
    def postings(self) -> Sequence[tuple[Any, ...]]:
        """Return its postings as they are stored, in order, as `Posted` names their fields."""
        return self.page.postings.get(self.seq, ())

    @property
    def caveats(self) -> Sequence[tuple[Any, ...]]:
        """Return what it left for a person, in order: its place, cause, subject and amount."""
        return self.page.caveats.get(self.seq, ())


class Posted(NamedTuple):
    """A posting as it is stored; from account to location it is what its event decides."""

    seq: int
    line: int
    account: str
    holder: str
    currency: str
    amount: int
    quantity: int
    home: int | None
    location: str | None
    business_date: int


class Ought(Struct, frozen=True):
    """What ought to be in a table of a book, by primary key."""

    table: Table
    rows: Iterable[tuple[Any, ...]]


DECIDED: Final = slice(2, 9)
"""The fields of a stored posting that its event decides."""

_EVENT: Final = [EVENT.c[name] for name in Logged.__struct_fields__[1:]]
_POSTED: Final = [POSTING.c[name] for name in Posted._fields]
_LEFT: Final = [EXCEPTION.c[name] for name in ("seq", "cause", "subject", "amount")]


def page_end(after: int, through: int) -> int:
    """Return the last place of the page that follows *after*."""
    return min(after + PAGE, through)


def logged(connection: Connection, book_id: int, *, after: int, through: int) -> list[Logged]:
    """Return a page of the events after *after*, up to *through*, in order.

    What is asked of them is read in the same transaction.
    """
    span = (book_id, after, page_end(after, through))
    page = Page(connection, span)
    return [Logged(page, *row) for row in _page(connection, _EVENT, EVENT.c.seq, span)]


def stated(logged: Logged) -> Event | LedgerError:
    """Return the event that the stored bytes are, or why they are none."""
    try:
        return codec.decode(logged.body)
    except LedgerError as reason:
        return reason


def _page(
    connection: Connection,
    columns: Sequence[Column[Any]],
    order: ColumnElement[Any],
    span: tuple[int, int, int],
) -> list[tuple[Any, ...]]:
    """Return rows as the driver gives them: a row that knows its columns costs as much again."""
    book_id, after, through = span
    table = columns[0].table.c
    inside = table.book_id == book_id, table.seq > after, table.seq <= through
    query = select(*columns).where(*inside).order_by(table.seq, order)
    with connection.execute(query) as rows:
        cursor: Any = rows.cursor
        return list(cursor.fetchall())


def _by_event(rows: list[tuple[Any, ...]]) -> dict[int, list[tuple[Any, ...]]]:
    found: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(row)
    return found


def take_time(connection: Connection) -> None:
    """Let the statements of this transaction take as long as they need."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))


def rows_in_order(
    connection: Connection, table: Table, book_id: int, *chosen: ColumnElement[bool]
) -> Generator[tuple[Any, ...]]:
    """Yield the rows of a table by primary key: text in the order of its characters."""
    postgres = connection.dialect.name == "postgresql"
    order = [
        column.collate("C") if postgres and isinstance(column.type, Text) else column
        for column in table.primary_key.columns
    ]
    query = select(table).where(table.c.book_id == book_id, *chosen).order_by(*order)
    with connection.execute(query, execution_options={"yield_per": 2000}) as rows:
        for row in rows:
            yield tuple(row)


def differences(
    table: Table, expected: Iterable[tuple[Any, ...]], found: Iterable[tuple[Any, ...]]
) -> Iterator[tuple[tuple[Any, ...] | None, tuple[Any, ...] | None]]:
    """Yield (expected, found) of each row that differs, by primary key; None where there is none.

    Both come in the order of their keys.
    """
    width = len(table.primary_key.columns)
    ours, theirs = iter(expected), iter(found)
    one, other = next(ours, None), next(theirs, None)
    while one is not None or other is not None:
        if other is None or (one is not None and one[:width] < other[:width]):
            yield one, None
            one = next(ours, None)
        elif one is None or other[:width] < one[:width]:
            yield None, other
            other = next(theirs, None)
        else:
            if one != other:
                yield one, other
            one, other = next(ours, None), next(theirs, None)


def throwaway(path: str) -> Engine:
    """Return a database for what is thrown away, whatever happens to the machine.

    Its tables have their primary keys alone: nothing is looked up otherwise.
    """
    engine = open_database(f"sqlite:///{path}")
    listen(engine, "connect", _unguarded)
    with engine.begin() as connection:
        for table in METADATA.tables.values():
            connection.execute(CreateTable(table))
    disk.prepare(engine)
    return engine


def _unguarded(raw: Any, _record: Any) -> None:
    for pragma in ("synchronous=OFF", "journal_mode=OFF", "secure_delete=OFF"):
        raw.execute(f"PRAGMA {pragma}")
