"""The log as it is stored, row by row, and the rows of what is kept in step with it.

Every statement names its book.
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Row, Table, Text, select, text
from sqlalchemy.event import listen

from ledger.database import METADATA, Engine, open_database
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


class Logged(Struct, frozen=True):
    """An event as it is stored, with its postings and what it left for a person, in order."""

    row: Row[Any]
    postings: Sequence[Row[Any]]
    caveats: Sequence[Row[Any]]

    @property
    def seq(self) -> int:
        """Return its place in the log."""
        return int(self.row.seq)

    @property
    def recorded_us(self) -> int:
        """Return when it was recorded, in microseconds since 1970."""
        return int(self.row.recorded_us)

    @property
    def business_date(self) -> int:
        """Return the day on which it is booked, as yyyymmdd."""
        return int(self.row.business_date)

    @property
    def actor(self) -> str:
        """Return who stated it, as `role:key`."""
        return str(self.row.actor)

    @property
    def body(self) -> bytes:
        """Return the exact bytes that were hashed."""
        return bytes(self.row.body)


def logged(
    connection: Connection, book_id: int, *, after: int, through: int, limit: int = 500
) -> list[Logged]:
    """Return the events after *after*, up to *through*, in order."""
    end = min(after + limit, through)
    parts: list[dict[int, list[Row[Any]]]] = [{}, {}]
    for rows, table in zip(parts, (POSTING, EXCEPTION), strict=True):
        inside = table.c.book_id == book_id, table.c.seq > after, table.c.seq <= end
        order = table.c.line if table is POSTING else table.c.number
        for row in connection.execute(select(table).where(*inside).order_by(table.c.seq, order)):
            rows.setdefault(row.seq, []).append(row)
    events = (
        select(EVENT)
        .where(EVENT.c.book_id == book_id, EVENT.c.seq > after, EVENT.c.seq <= end)
        .order_by(EVENT.c.seq)
    )
    postings, caveats = parts
    return [
        Logged(row, postings.get(row.seq, ()), caveats.get(row.seq, ()))
        for row in connection.execute(events)
    ]


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
    """Return a database for what is thrown away, whatever happens to the machine."""
    engine = open_database(f"sqlite:///{path}")
    listen(engine, "connect", _unguarded)
    METADATA.create_all(engine)
    return engine


def _unguarded(raw: Any, _record: Any) -> None:
    raw.execute("PRAGMA synchronous=OFF")
