"""What the store alone can do: the rows of the same sales, prebuilt, written by SQL.

The statements are the product's own, made ready beforehand with their parameters; PostgreSQL can
get the rows of the log by binary COPY instead.
"""

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
from ledger.database import Engine, Rows, Sending, inserts, snapshot, transaction, writing
from ledger.events.base import Entry
from ledger.growth.rows import Grown, Kept, rows_of
from ledger.tables import BOOK_HEAD, EVENT, POSTING, SUBJECT

BATCHED: Final = 256
"""Sales a commit, where they are batched."""

_COPIED: Final = (EVENT, POSTING, SUBJECT)
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
            self._prepared(book.id, entries[start : start + size], way)
            for start in range(0, len(entries), size)
        ]
        taken = []
        with writing(self._database) as connection:
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
            Sending(connection, batch.statements).wait()
            if batch.seals is not None:
                blocks.seal(connection, book_id, batch.seals, self._busy)

    def _prepared(self, book_id: int, entries: Sequence[Entry], way: Way) -> Batch:
        """Return a commit of the product's own rows and statements."""
        last, copies = entries[-1].seq, list[tuple[str, bytes]]()
        dialect, rest = self._database.dialect.name, list[Rows]()
        for part in rows_of([Grown(book_id, 0, entries, Kept(self._busy, {}, {}))]):
            if dialect == "postgresql" and way == "copy" and part.table in _COPIED and part.rows:
                copies.append((_copy(part.table), _binary(part.table, part.rows)))
            else:
                rest.append(part)
        seals = last if blocks.crosses(entries[0].seq - 1, last) else None
        statements = list(inserts(dialect, rest))
        if dialect == "postgresql" and seals is None:
            statements.append(("COMMIT", ()))  # as the product does: with the rows
        return Batch(len(entries), copies, statements, seals)


def _copy(table: Table) -> str:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    return f'COPY "{table.name}" ({names}) FROM STDIN (FORMAT BINARY)'


def _binary(table: Table, rows: Sequence[Sequence[Any]]) -> bytes:
    """Return rows in the binary form of COPY."""
    kinds = [column.type for column in table.columns]
    parts = [_COPY_HEAD]
    for row in rows:
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
