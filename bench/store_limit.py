"""What the store alone can do: the rows of the same sales, prebuilt, written by SQL.

The statements are the product's own, caught while it would execute them. Their parameters are made
ready beforehand: PostgreSQL gets the rows of the log by binary COPY, and arrays as text.
"""

import contextlib
import struct
import time
from collections.abc import Sequence
from secrets import randbelow
from typing import Any, Final, Literal

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import BigInteger, Connection, Integer, LargeBinary, SmallInteger, Table

from ledger import store
from ledger.blocks import store as blocks
from ledger.book import Book
from ledger.database import Engine, pipelined, snapshot, transaction
from ledger.events.base import Entry
from ledger.tables import BLOCK_DELTA, BOOK_HEAD, EVENT, POSTING, SUBJECT

BATCHED: Final = 256
"""Sales a commit, where they are batched."""

_COPIED: Final = {f'INSERT INTO "{table.name}"': table for table in (EVENT, POSTING, SUBJECT)}
_COPY_HEAD: Final = b"PGCOPY\n\xff\r\n\x00" + struct.pack(">ii", 0, 0)
_COPY_END: Final = struct.pack(">h", -1)
_PACKED: Final = ((BigInteger, ">iq"), (SmallInteger, ">ih"), (Integer, ">ii"))

Way = Literal["copy", "arrays"]
"""How PostgreSQL gets the rows of the log: by COPY, or as the product writes them."""


class Batch(Struct):
    """One commit: rows to COPY, statements, and where the log ends, if a block of it does."""

    sales: int
    copies: list[tuple[str, bytes]]
    statements: list[tuple[str, Any]]
    seals: int | None


class Writing(Struct, frozen=True):
    """What writing came to: sales a second, and the milliseconds of each commit."""

    per_second: float
    commits_ms: list[float]

    def percentile(self, share: float) -> float:
        """Return the time that *share* of the commits do not exceed."""
        ordered = sorted(self.commits_ms)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class _Capture:
    """Stands in for a connection: keeps what would be executed.

    It answers that nothing was sealed and nothing is to be: `write` seals as the product does.
    """

    def __init__(self, dialect: Any) -> None:
        self.dialect = dialect
        self.connection = self.driver_connection = self
        self.statements: list[tuple[str, Any]] = []

    def pipeline(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def exec_driver_sql(self, statement: str, parameters: Any) -> None:
        self.statements.append((statement, parameters))

    def scalar(self, _query: Any) -> None:
        return None

    def execute(self, statement: Any) -> Any:
        if getattr(statement, "table", None) is not BLOCK_DELTA:
            compiled = statement.compile(dialect=self.dialect)
            values = tuple(compiled.params[n] for n in compiled.positiontup or compiled.params)
            values_or_names = values if compiled.positional else compiled.params
            self.statements.append((str(compiled), values_or_names))
        return _One()


class _One:
    rowcount = 1


class Limit:
    """Writes the same entries, again and again, into empty books of a database."""

    def __init__(self, database: Engine, book: Book, entries: Sequence[Entry]) -> None:
        self._database, self._book, self._entries = database, book, entries
        with snapshot(database) as connection:
            self._busy = blocks.busy_accounts(connection, book.id)

    def batched(self, way: Way = "copy") -> Writing:
        """Write everything, 256 sales a commit."""
        return self._write(BATCHED, way, self._entries)

    def single(self, sales: int) -> Writing:
        """Write so many sales, each with a commit of its own."""
        return self._write(1, "arrays", self._entries[:sales])

    def _write(self, size: int, way: Way, entries: Sequence[Entry]) -> Writing:
        book = replace(self._book, id=randbelow(2**48) + 2**32)
        with transaction(self._database) as connection:
            store.create_book(connection, book, now_us=1)
            begun = BOOK_HEAD.update().where(BOOK_HEAD.c.book_id == book.id)
            connection.execute(begun.values(seq=entries[0].seq - 1))
        batches = [
            self._captured(book.id, entries[start : start + size], way)
            for start in range(0, len(entries), size)
        ]
        taken = []
        with self._database.connect().execution_options(writes=True) as connection:
            began = before = time.perf_counter()
            for batch in batches:
                self._commit(connection, book.id, batch)
                now = time.perf_counter()
                taken.append((now - before) * 1000)
                before = now
        return Writing(len(entries) / (before - began), taken)

    def _commit(self, connection: Connection, book_id: int, batch: Batch) -> None:
        with connection.begin():
            for statement, rows in batch.copies:
                driver: Any = connection.connection.driver_connection
                with driver.cursor() as cursor, cursor.copy(statement) as copying:
                    copying.write(rows)
            with pipelined(connection):
                for text, parameters in batch.statements:
                    connection.exec_driver_sql(text, parameters)
            if batch.seals is not None:
                blocks.seal(connection, book_id, batch.seals, self._busy)

    def _captured(self, book_id: int, entries: Sequence[Entry], way: Way) -> Batch:
        capture, last = _Capture(self._database.dialect), entries[-1].seq
        kept = store.Kept(self._busy, {}, {}, {})
        store.append(capture, book_id, entries, kept)  # type: ignore[arg-type]  # a stand-in
        seals = last if blocks.crosses(entries[0].seq - 1, last) else None
        batch = Batch(len(entries), [], [], seals)
        postgres = self._database.dialect.name == "postgresql"
        for text, parameters in capture.statements:
            table = next((t for head, t in _COPIED.items() if text.startswith(f"{head} ")), None)
            if postgres and way == "copy" and table is not None:
                batch.copies.append((_copy(table), _binary(table, parameters)))
            elif postgres and isinstance(parameters, tuple):
                batch.statements.append((text, tuple(map(_as_text, parameters))))
            else:
                batch.statements.append((text, parameters))
        return batch


def _copy(table: Table) -> str:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    return f'COPY "{table.name}" ({names}) FROM STDIN (FORMAT BINARY)'


def _binary(table: Table, columns: Sequence[Sequence[Any]]) -> bytes:
    """Return rows, given by column, in the binary form of COPY."""
    kinds = [column.type for column in table.columns]
    parts = [_COPY_HEAD]
    for row in zip(*columns, strict=True):
        parts.append(struct.pack(">h", len(row)))
        parts += [_field(value, kind) for value, kind in zip(row, kinds, strict=True)]
    return b"".join((*parts, _COPY_END))


def _field(value: Any, kind: Any) -> bytes:
    if value is None:
        return struct.pack(">i", -1)
    for family, form in _PACKED:
        if isinstance(kind, family):
            return struct.pack(form, struct.calcsize(form) - 4, value)
    body = bytes(value) if isinstance(kind, LargeBinary) else str(value).encode()
    return struct.pack(">i", len(body)) + body


def _as_text(value: Any) -> Any:
    """Return an array as PostgreSQL reads it; anything else as it is."""
    return "{" + ",".join(map(_element, value)) + "}" if isinstance(value, list) else value


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f'"\\\\x{value.hex()}"'
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return str(value)
