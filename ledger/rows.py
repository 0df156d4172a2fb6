"""Rows into tables, many at once: each database in the form that costs it and the driver least."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from functools import lru_cache
from itertools import chain
from select import POLLIN, poll
from struct import pack
from typing import Any, Final

import msgspec
import psycopg
from msgspec import Struct
from psycopg import adapters
from psycopg.adapt import Dumper
from psycopg.postgres import types
from psycopg.pq import Format
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
)
from sqlalchemy.exc import DBAPIError

_VALUES: Final = 32_766
"""How many parameters a statement of SQLite's may have."""

_PARAMETERS: Final = 50
"""Of a statement with more, psycopg makes its own form anew each time."""

_JSON: Final = msgspec.json.Encoder()

Statement = tuple[str, tuple[Any, ...]]
"""What the driver runs, and its parameters."""


@contextmanager
def pipelined(connection: Connection) -> Iterator[Any]:
    """Give the driver's connection for the block, in which PostgreSQL's answers are not awaited.

    What fails is raised as SQLAlchemy would, some of it at the end of the block.
    """
    driver: Any = connection.connection.driver_connection
    family: Any = connection.dialect.loaded_dbapi.Error
    try:
        with driver.pipeline() if connection.dialect.name == "postgresql" else nullcontext():
            yield driver
    except family as error:
        raise DBAPIError.instance(
            None, None, error, family, hide_parameters=True, dialect=connection.dialect
        ) from error


class Rows(Struct, frozen=True):
    """Whole rows of a table (one value a column, in its order); *clause* is an ON CONFLICT."""

    table: Table
    rows: Sequence[Sequence[Any]]
    clause: str = ""


def insert_rows(
    connection: Connection, table: Table, rows: Sequence[Sequence[Any]], clause: str = ""
) -> None:
    """Insert whole *rows* in one round trip."""
    insert_all(connection, [Rows(table, rows, clause)])


def insert_all(connection: Connection, parts: Iterable[Rows]) -> None:
    """Insert the rows of several tables in one round trip, no row twice."""
    Sending(connection, inserts(connection.dialect.name, parts)).wait()


class Sending:
    """Statements that were sent in a transaction; what became of them is not asked yet.

    They go to the driver itself: SQLAlchemy looks at each parameter of each. PostgreSQL answers at
    `socket` once all are done; None where that has to be waited for. SQLite does all of them here.
    """

    def __init__(self, connection: Connection, statements: Iterable[Statement]) -> None:
        if not connection.in_transaction():
            connection.begin()
        with ExitStack() as until:
            driver = until.enter_context(pipelined(connection))
            for statement, values in statements:
                driver.cursor().execute(statement, values)
            self.socket = _flushed(driver)
            self._until = until.pop_all()

    @property
    def here(self) -> bool:
        """Tell whether all are done, or can only be waited for."""
        if self.socket is None:
            return True
        asked = poll()
        asked.register(self.socket, POLLIN)
        return bool(asked.poll(0))

    def wait(self) -> None:
        """Wait until all are done; what failed is raised."""
        self._until.close()


def _flushed(driver: Any) -> int | None:
    """Ask PostgreSQL for its answers; return where they come in, unless not all could be sent."""
    if not isinstance(driver, psycopg.Connection):
        return None
    driver.pgconn.send_flush_request()
    return None if driver.pgconn.flush() else driver.fileno()


def inserts(dialect: str, parts: Iterable[Rows]) -> Iterator[Statement]:
    """Yield the statements that insert *parts*, each with its parameters.

    Plain SQL, since the recording path runs through here: PostgreSQL takes one array a column and
    several tables a statement, SQLite one statement for many rows (row by row it would give up the
    interpreter as often, and wait for it while the event loop is busy).
    """
    filled = [part for part in parts if part.rows]
    if dialect == "postgresql":
        for together in _packed(filled):
            arrays = (array for part in together for array in _arrays(part.rows))
            yield _insert(*((part.table, part.clause) for part in together)), tuple(arrays)
        return
    for part in filled:
        most = _VALUES // len(part.table.columns)
        for at in range(0, len(part.rows), most):
            rows = part.rows[at : at + most]
            yield _values(part.table, part.clause, len(rows)), tuple(chain.from_iterable(rows))


def _packed(parts: Iterable[Rows]) -> Iterator[list[Rows]]:
    """Yield parts that share a statement: as many as have few enough columns together."""
    together, columns = list[Rows](), 0
    for part in parts:
        columns += len(part.table.columns)
        if together and columns > _PARAMETERS:
            yield together
            together, columns = [], len(part.table.columns)
        together.append(part)
    if together:
        yield together


def listed(
    connection: Connection, columns: Sequence[Column[Any]], rows: Sequence[Sequence[Any]]
) -> tuple[str, tuple[str, ...]]:
    """Return *rows* (at least one) as what a statement selects from, and its parameters.

    However many rows there are, the statement stays the same, so that it is prepared once.
    """
    if connection.dialect.name == "postgresql":
        names = ", ".join(column.name for column in columns)
        text = f"(SELECT * FROM {_unnest(columns)} AS each ({names}))"  # noqa: S608 - names are our own
        return text, tuple(_arrays(rows))
    parts = (f"json_extract(value, '$[{at}]') AS {each.name}" for at, each in enumerate(columns))
    text = f"(SELECT {', '.join(parts)} FROM json_each(?))"  # noqa: S608 - names are our own
    return text, (_JSON.encode(rows).decode(),)


def _arrays(rows: Iterable[Sequence[Any]]) -> Iterator[Any]:
    """Yield the values of each column of *rows* as an array: as text, but for bytes.

    The driver would look at each value. JSON's writer is native, and but for brackets and for what
    has a backslash it writes numbers, texts and null as PostgreSQL reads them.
    """
    for values in zip(*rows, strict=True):
        if isinstance(values[0], bytes):
            yield _in_binary(values)
            continue
        text = _JSON.encode(values).decode()
        if "\\" in text:
            text = f"[{','.join(map(_element, values))}]"
        yield "{" + text[1:-1] + "}"


_BYTEA: Final = types["bytea"]


class _Binary(bytes):
    """An array of bytes in PostgreSQL's binary form: as text it would be twice as long."""


class _Made(Dumper):
    """Tells the driver that such an array is made already."""

    format = Format.BINARY
    oid = _BYTEA.array_oid

    def dump(self, obj: _Binary) -> _Binary:
        """Return the array as it is."""
        return obj


adapters.register_dumper(_Binary, _Made)


def _in_binary(values: Sequence[bytes]) -> _Binary:
    dimensions, nulls, first = 1, 0, 1
    parts = [pack(">iiIii", dimensions, nulls, _BYTEA.oid, len(values), first)]
    for value in values:
        parts += (pack(">i", len(value)), value)
    return _Binary(b"".join(parts))


def _element(value: Any) -> str:
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return "NULL" if value is None else str(value)


@lru_cache(maxsize=256)
def _insert(*parts: tuple[Table, str]) -> str:
    *before, last = [_insert_arrays(table, clause) for table, clause in parts]
    first = ", ".join(f"part{number} AS ({each})" for number, each in enumerate(before))
    return f"WITH {first} {last}" if before else last


def _insert_arrays(table: Table, clause: str) -> str:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    return f'INSERT INTO "{table.name}" ({names}) SELECT * FROM {_unnest(table.columns)} {clause}'  # noqa: S608 - names are our own


def _unnest(columns: Iterable[Column[Any]]) -> str:
    arrays = ", ".join(f"%s::{_array_type(column.type)}[]" for column in columns)
    return f"unnest({arrays})"


@lru_cache(maxsize=256)
def _values(table: Table, clause: str, size: int) -> str:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    row = ", ".join("?" for _ in table.columns)
    rows = ", ".join(f"({row})" for _ in range(size))
    return f'INSERT INTO "{table.name}" ({names}) VALUES {rows} {clause}'  # noqa: S608 - names are our own


def _array_type(kind: Any) -> str:
    if isinstance(kind, BigInteger):
        return "bigint"
    if isinstance(kind, SmallInteger):
        return "smallint"
    if isinstance(kind, Integer):
        return "integer"
    return "bytea" if isinstance(kind, LargeBinary) else "text"
