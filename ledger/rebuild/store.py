"""What is kept in step beside what ought to be, and the rows that differ put right.

Every statement names its book.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, or_, update

from ledger.blocks.store import size_of
from ledger.database import insert_rows
from ledger.replay.store import BY_EVENT, STANDING, differences, rows_in_order
from ledger.tables import BLOCK_DELTA, BOOK_HEAD, POSTING

Differing = list[tuple[tuple[Any, ...] | None, tuple[Any, ...] | None]]
"""Rows as they ought to be, and as they are; None where there is none."""

_LEVELS: Final = range(12)


class Beside:
    """Two databases that hold a book: what ought to be kept of it, and what is."""

    def __init__(self, expected: Connection, book_id: int, *, postings: bool) -> None:
        self._expected, self._book_id = expected, book_id
        self._once = (POSTING, *BY_EVENT) if postings else BY_EVENT
        self._differing: dict[str, Differing] = {}

    def compare_written_once(self, found: Connection, after: int, through: int | None) -> None:
        """Find what differs of that which was written once, with the events of a span."""
        for table in self._once:
            inside = [table.c.seq > after]
            if through is not None:
                inside.append(table.c.seq <= through)
            self._compare(found, table, inside)
        ended = [] if through is None else [_ended(through)]
        self._compare(found, BLOCK_DELTA, [*ended, ~_ended(after)])

    def compare_standing(self, found: Connection) -> None:
        """Find what differs of that which every event may move on."""
        for table in STANDING:
            self._compare(found, table, ())

    def put_right(self, found: Connection) -> dict[str, int]:
        """Let the rows that differ be as they ought to be; return how many they were."""
        for table in (*self._once, *STANDING, BLOCK_DELTA):
            _put_right(found, table, self._differing.get(table.name, []))
        return {name: len(rows) for name, rows in self._differing.items()}

    def _compare(
        self, found: Connection, table: Table, chosen: Iterable[ColumnElement[bool]]
    ) -> None:
        conditions = tuple(chosen)
        ours = rows_in_order(self._expected, table, self._book_id, *conditions)
        theirs = rows_in_order(found, table, self._book_id, *conditions)
        kept = self._differing.setdefault(table.name, [])
        kept.extend(differences(table, ours, theirs))


def _ended(seq: int) -> ColumnElement[bool]:
    """Tell of a block whether its last event is not after *seq*."""
    level, block = BLOCK_DELTA.c.level, BLOCK_DELTA.c.block
    return or_(*(and_(level == at, block < seq // size_of(at)) for at in _LEVELS))


def _put_right(
    connection: Connection,
    table: Table,
    rows: Sequence[tuple[tuple[Any, ...] | None, tuple[Any, ...] | None]],
) -> None:
    columns = list(table.primary_key.columns)
    for _, row in rows:
        if row is not None:
            key = (column == value for column, value in zip(columns, row, strict=False))
            connection.execute(delete(table).where(*key))
    insert_rows(connection, table, [expected for expected, _ in rows if expected is not None])


def begin_generation(connection: Connection, book_id: int) -> None:
    """Tell whoever keeps the book warm to forget it."""
    changed = update(BOOK_HEAD).where(BOOK_HEAD.c.book_id == book_id)
    connection.execute(changed.values(generation=BOOK_HEAD.c.generation + 1))
