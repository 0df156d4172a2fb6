"""The one append: what books grow by, written while their heads are held, or sent ahead of that."""

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import Connection, delete

from ledger.blocks import store as blocks
from ledger.database import Sending, insert_all, inserts
from ledger.growth.rows import Device, Grown, rows_of
from ledger.tables import DEVICE_RUN


def append(connection: Connection, *books: Grown) -> None:
    """Write what *books* grew by; this transaction holds their heads."""
    insert_all(connection, rows_of(books))
    _complete(connection, books)


def send(connection: Connection, books: Sequence[Grown]) -> Sending:
    """Send what *books* grew by without waiting for an answer, for `finish` to complete.

    No head is held: the store refuses all of it unless each is where these entries follow.
    """
    statements: list[tuple[str, tuple[object, ...]]] = [(EXPECTED, _before(g)) for g in books]
    statements += inserts(connection.dialect.name, rows_of(books))
    if not _is_more(books):
        statements.append(("COMMIT", ()))
    return Sending(connection, statements)


def finish(connection: Connection, sending: Sending, books: Sequence[Grown]) -> None:
    """Wait for what was sent, and commit what is not committed with it; a DBAPIError if refused."""
    sending.wait()
    _complete(connection, books)
    connection.commit()


EXPECTED: Final = (
    "SELECT 1 / count(*) FROM (SELECT 1 FROM book_head"
    " WHERE book_id = %s AND seq = %s AND generation = %s FOR UPDATE) AS held"
)
"""Holds a head, and fails (division by zero) where it is not as expected.

One book a statement: a store that is spread out by book locks rows of one book alone.
"""


def _before(grown: Grown) -> tuple[int, int, int]:
    return grown.book_id, grown.entries[0].seq - 1, grown.generation


def _is_more(books: Iterable[Grown]) -> bool:
    """Tell whether something is left to do once the rows are there."""
    return any(_crosses(grown) or grown.kept.runs_gone for grown in books)


def _complete(connection: Connection, books: Iterable[Grown]) -> None:
    for grown in books:
        for device, first in grown.kept.runs_gone:
            _drop_run(connection, grown.book_id, device, first)
        if _crosses(grown):
            blocks.seal(connection, grown.book_id, grown.entries[-1].seq, grown.kept.busy)


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
