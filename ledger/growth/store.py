"""The one append: what books grow by, written while their heads are held, or sent ahead of that."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, literal, select

from ledger.blocks import store as blocks
from ledger.blocks.store import FIGURES, PLACE
from ledger.clocks.sums import FORWARD, YEAR
from ledger.database import Sending, Statement, insert_all, inserts
from ledger.growth.rows import Device, Grown, rows_of
from ledger.tables import DELTA, DEVICE_RUN


def append(connection: Connection, *books: Grown) -> None:
    """Write what *books* grew by; this transaction holds their heads."""
    insert_all(connection, rows_of(books))
    _complete(connection, books)


def additions(dialect: str, books: Sequence[Grown]) -> list[Statement]:
    """Return what writes all that *books* grew by; for `commit`, while their heads are held."""
    return list(inserts(dialect, rows_of(books)))


def commit(connection: Connection, books: Sequence[Grown], ready: Iterable[Statement]) -> None:
    """Write what was made *ready* of *books*, whose heads this transaction holds, and commit."""
    if books:
        Sending(connection, ready).wait()
        _complete(connection, books)
    connection.commit()


def statements(dialect: str, books: Sequence[Grown]) -> list[Statement]:
    """Return what writes all that *books* grew by with no head held before.

    The store refuses all of it unless each head is where these entries follow. It commits too,
    unless there `is_more` for `finish` to do.
    """
    made: list[Statement] = [(EXPECTED[dialect], _before(grown)) for grown in books]
    made += additions(dialect, books)
    if not is_more(books):
        made.append(("COMMIT", ()))
    return made


def is_more(books: Iterable[Grown]) -> bool:
    """Tell whether something is left to do once the rows are there."""
    return any(_crosses(grown) or grown.kept.runs_gone or grown.kept.begun for grown in books)


def finish(connection: Connection, books: Sequence[Grown]) -> None:
    """Do what is left to do of *books*, whose rows are there, and commit."""
    _complete(connection, books)
    connection.commit()


EXPECTED: Final = {
    "postgresql": "SELECT 1 / count(*) FROM (SELECT 1 FROM book_head"
    " WHERE book_id = %s AND seq = %s AND generation = %s FOR UPDATE) AS held",
    "sqlite": "SELECT abs(-9223372036854775807 - 1 + count(*)) FROM book_head"
    " WHERE book_id = ? AND seq = ? AND generation = ?",
}
"""Holds a head, and fails (division by zero; overflow) where it is not as expected.

One book a statement: a store that is spread out by book locks rows of one book alone.
"""


def _before(grown: Grown) -> tuple[int, int, int]:
    return grown.book_id, grown.entries[0].seq - 1, grown.generation


def _complete(connection: Connection, books: Iterable[Grown]) -> None:
    for grown in books:
        for device, first in grown.kept.runs_gone:
            _drop_run(connection, grown.book_id, device, first)
        if grown.kept.begun:
            rows = brought_forward(grown.book_id, DELTA.c.bucket.in_(grown.kept.begun))
            connection.execute(insert(DELTA).from_select(DELTA.columns.keys(), rows))
        if _crosses(grown):
            blocks.seal(connection, grown.book_id, grown.entries[-1].seq, grown.kept.busy)


def brought_forward(book_id: int, *chosen: ColumnElement[bool]) -> Select[Any]:
    """Return the rows of what is brought forward into the years that moved money, or some of them.

    They are added up from the rows by year.
    """
    kept, earlier = DELTA.c, DELTA.alias("earlier").c
    of_book = kept.book_id == book_id, kept.grain == YEAR
    year = select(kept.bucket).where(*of_book, *chosen).distinct().subquery("later").c.bucket
    place = [earlier[name] for name in PLACE]
    sums = (func.sum(earlier[name]).label(name) for name in FIGURES)
    grain = literal(FORWARD).label("grain")
    return (
        select(earlier.book_id, grain, year, *place, *sums)
        .where(earlier.book_id == book_id, earlier.grain == YEAR, earlier.bucket < year)
        .group_by(earlier.book_id, year, *place)
    )


def _crosses(grown: Grown) -> bool:
    return blocks.crosses(grown.entries[0].seq - 1, grown.entries[-1].seq)


def _drop_run(connection: Connection, book_id: int, device: Device, first: int) -> None:
    name, epoch = device
    connection.execute(
        delete(DEVICE_RUN).where(
            DEVICE_RUN.c.book_id == book_id,
            DEVICE_RUN.c.device == name,
            DEVICE_RUN.c.epoch == epoch,
            DEVICE_RUN.c.first == first,
        )
    )
