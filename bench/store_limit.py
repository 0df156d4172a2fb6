"""What the store alone can do: the rows of the same sales, prebuilt, written by SQL."""

import contextlib
import time
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from ledger import store
from ledger.book import Book
from ledger.database import Engine, pipelined, snapshot, transaction
from ledger.events.base import Entry
from ledger.log import store as log
from ledger.state import State
from ledger.tables import BOOK_HEAD


class Batch(Struct):
    """The statements of one commit, as they were captured."""

    sales: int
    statements: list[tuple[str, Any]]


class _Capture:
    """Stands in for a connection: keeps what would be executed."""

    def __init__(self, dialect: Any) -> None:
        self.dialect = dialect
        self.connection = self.driver_connection = self
        self.statements: list[tuple[str, Any]] = []

    def pipeline(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def exec_driver_sql(self, statement: str, parameters: Any) -> None:
        self.statements.append((statement, parameters))

    def execute(self, statement: Any) -> Any:
        compiled = statement.compile(dialect=self.dialect)
        values = tuple(compiled.params[name] for name in compiled.positiontup or compiled.params)
        self.statements.append((str(compiled), values if compiled.positional else compiled.params))
        return _One()


class _One:
    rowcount = 1


def captured(
    database: Engine, state: State, book: Book, entries: Sequence[Entry], size: int
) -> list[Batch]:
    """Return the statements that record *entries* into an empty *book*, *size* sales a commit."""
    with transaction(database) as connection:
        store.create_book(connection, book, now_us=1)
        begun = BOOK_HEAD.update().where(BOOK_HEAD.c.book_id == book.id)
        connection.execute(begun.values(seq=entries[0].seq - 1))
    batches: list[Batch] = []
    for start in range(0, len(entries), size):
        part = entries[start : start + size]
        capture = _Capture(database.dialect)
        store.append(capture, book.id, part, state.busy(), {})  # type: ignore[arg-type]  # a stand-in
        batches.append(Batch(len(part), capture.statements))
    return batches


def write(database: Engine, batches: Sequence[Batch]) -> float:
    """Execute each batch in a transaction of its own; return sales a second."""
    start = time.perf_counter()
    for batch in batches:
        with transaction(database) as connection, pipelined(connection):
            for statement, parameters in batch.statements:
                connection.exec_driver_sql(statement, parameters)
    return sum(batch.sales for batch in batches) / (time.perf_counter() - start)


def recorded(database: Engine, book: Book, limit: int) -> tuple[State, list[Entry]]:
    """Return the last sales of a book and its state."""
    with snapshot(database) as connection:
        head = store.head(connection, book.id)
        assert head is not None
        state = State(connection, book, head)
        entries = log.entries(connection, book.id, after=max(head.seq - limit, 0), limit=limit)
    return state, entries
