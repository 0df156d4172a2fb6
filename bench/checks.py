"""What was recorded while it was measured: counted, added up, and its chain recomputed."""

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import ColumnElement, Connection, Table, func, select

from bench.workload import amounts
from ledger import store
from ledger.accounts import ROLES
from ledger.book import Book
from ledger.database import Engine, snapshot
from ledger.tables import BALANCE, EVENT, POSTING
from ledger.verify.verify import verify


class Wrong(AssertionError):
    """What is in a book is not what was recorded into it."""


def check(database: Engine, book: Book, sales: int) -> None:
    """Raise Wrong unless a book holds so many sales, and by account what they come to.

    Its chain, the balance of every entry, and everything that is kept in step are recomputed.
    """
    with snapshot(database) as connection:
        of_book = EVENT.c.book_id == book.id, EVENT.c.type == "sale_completed"
        ids = list(connection.scalars(select(EVENT.c.event_id).where(*of_book)))
        held = _by_account(connection, BALANCE, BALANCE.c.debit - BALANCE.c.credit, book)
        posted = _by_account(connection, POSTING, POSTING.c.amount, book)
    expected = _expected(ids)
    for what, one, other in (
        ("sales", len(ids), sales),
        ("balances", held, expected),
        ("postings", posted, expected),
    ):
        if one != other:
            raise Wrong(f"book {book.id}: {what} are {one}, not {other}")
    report = verify(database, book, lambda *_: None, replay=False)
    if not report.well:
        raise Wrong(f"book {book.id}: {[found.finding for found in report.checks]}")


def _expected(ids: Iterable[str]) -> dict[str, int]:
    """Return what sales come to by account, in minor units, from the numbers in their ids."""
    sums: Counter[str] = Counter()
    for number, times in Counter(int(name.rsplit("-", 1)[1]) for name in ids).items():
        for role, amount in amounts(number).by_role().items():
            sums[ROLES[role].code] += amount * times
    return dict(sums)


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
