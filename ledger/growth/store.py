"""The one append: what books grow by, written while their heads are held, or sent ahead of that."""

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import Connection, delete

from ledger.blocks import store as blocks
from ledger.database import Sending, insert_all, inserts, listed
from ledger.growth.rows import Device, Grown, rows_of
from ledger.tables import BOOK_HEAD, DEVICE_RUN


def append(connection: Connection, *books: Grown) -> None:
    """Write what *books* grew by; this transaction holds their heads."""
    insert_all(connection, rows_of(books))
    _complete(connection, books)


def send(connection: Connection, books: Sequence[Grown]) -> Sending:
    """Send what *books* grew by without waiting for an answer, for `finish` to complete.

    No head is held: the store refuses all of it unless each is where these entries follow.
    """
    asked, values = listed(connection, _HEAD, [_before(grown) for grown in books])
    statements = [(EXPECTED.format(asked), (len(books), *values))]
    statements += inserts(connection.dialect.name, rows_of(books))
    if not _is_more(books):
        statements.append(("COMMIT", ()))
    return Sending(connection, statements)


def finish(connection: Connection, sending: Sending, books: Sequence[Grown]) -> None:
    """Wait for what was sent, and commit what is not committed with it; a DBAPIError if refused."""
    sending.wait()
    _complete(connection, books)
    connection.commit()


_HEAD: Final = (BOOK_HEAD.c.book_id, BOOK_HEAD.c.seq, BOOK_HEAD.c.generation)
EXPECTED: Final = (
    "SELECT 1 / (count(*) = %s)::integer FROM (SELECT 1 FROM {0} AS asked JOIN book_head"
    " ON book_head.book_id = asked.book_id AND book_head.seq = asked.seq"
    " AND book_head.generation = asked.generation"
    " ORDER BY book_head.book_id FOR UPDATE OF book_head) AS held"
)
"""Holds heads, and fails (division by zero) where one is not as expected."""


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
