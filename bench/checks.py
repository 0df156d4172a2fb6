"""What was recorded while it was measured: counted, added up, and its chain recomputed."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, Table, func, select

from ledger import store
from ledger.book import Book
from ledger.database import Engine, snapshot
from ledger.events.base import Entry
from ledger.tables import BALANCE, EVENT, POSTING
from ledger.verify.verify import verify


class Wrong(AssertionError):
    """What is in a book is not what was recorded into it."""


def sums_of(entries: Sequence[Entry]) -> dict[str, int]:
    """Return what entries moved by account, in minor units, debit positive."""
    sums: dict[str, int] = {}
    for entry in entries:
        for posting in entry.postings:
            sums[posting.account] = sums.get(posting.account, 0) + posting.amount
    return sums


def check(database: Engine, book: Book, sales: int, a_sale: Mapping[str, int]) -> None:
    """Raise Wrong unless a book holds so many sales, each of the same sums by account.

    Its chain, the balance of every entry, and everything that is kept in step are recomputed.
    """
    with snapshot(database) as connection:
        of_book = EVENT.c.book_id == book.id, EVENT.c.type == "sale_completed"
        found = connection.scalar(select(func.count()).where(*of_book))
        held = _by_account(connection, BALANCE, BALANCE.c.debit - BALANCE.c.credit, book)
        posted = _by_account(connection, POSTING, POSTING.c.amount, book)
    expected = {account: amount * sales for account, amount in a_sale.items()} if sales else {}
    for what, one, other in (
        ("sales", found, sales),
        ("balances", held, expected),
        ("postings", posted, expected),
    ):
        if one != other:
            raise Wrong(f"book {book.id}: {what} are {one}, not {other}")
    report = verify(database, book, lambda *_: None, replay=False)
    if not report.well:
        raise Wrong(f"book {book.id}: {[found.finding for found in report.checks]}")


def _by_account(
    connection: Connection, table: Table, amount: ColumnElement[int], book: Book
) -> dict[str, int]:
    query = select(table.c.account, func.sum(amount)).where(table.c.book_id == book.id)
    rows = connection.execute(query.group_by(table.c.account))
    return {account: int(total) for account, total in rows}


def find(database: Engine, number: int) -> Book:
    """Return a book by its number."""
    with snapshot(database) as connection:
        book = store.find_book(connection, number)
    assert book is not None
    return book
