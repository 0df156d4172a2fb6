"""A book, where its log ends, and which facts are in it already.

Every statement names its book.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

from msgspec import Struct, structs
from sqlalchemy import Connection, select

from ledger import chain
from ledger.accounts import CHART
from ledger.book import Book
from ledger.database import insert_rows, listed
from ledger.tables import (
    ACCOUNT,
    BOOK,
    BOOK_HEAD,
    EVENT,
)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Head(Struct, frozen=True):
    """Where a book's log ends, and how often what is kept in step was rebuilt."""

    seq: int
    hash: bytes
    recorded_us: int
    generation: int = 0


def to_day(day: date) -> int:
    """Return a day as yyyymmdd."""
    return day.year * 10_000 + day.month * 100 + day.day


def from_day(number: int) -> date:
    """Return the day of yyyymmdd."""
    return date(number // 10_000, number // 100 % 100, number % 100)


def instant(microseconds: int) -> datetime:
    """Return the instant of microseconds since 1970."""
    seconds, rest = divmod(microseconds, 1_000_000)
    return _EPOCH + timedelta(0, seconds, rest)


def create_book(connection: Connection, book: Book, now_us: int) -> None:
    """Open a book: its empty log and its chart of accounts."""
    insert_rows(connection, BOOK, [(*structs.astuple(book), now_us)])
    insert_rows(connection, BOOK_HEAD, [(book.id, 0, chain.genesis(book.id), now_us, 0)])
    insert_rows(connection, ACCOUNT, [(book.id, account.code, account.role) for account in CHART])


def find_book(connection: Connection, book_id: int) -> Book | None:
    """Return a book, or None."""
    row = connection.execute(select(BOOK).where(BOOK.c.book_id == book_id)).first()
    return Book(*row[:-1]) if row else None


def books(connection: Connection) -> list[Book]:
    """Return every book, in the order of their opening."""
    rows = connection.execute(select(BOOK).order_by(BOOK.c.created_us, BOOK.c.book_id))
    return [Book(*row[:-1]) for row in rows]


def head(connection: Connection, book_id: int, *, lock: bool = False) -> Head | None:
    """Return where a book's log ends; with *lock* it stays there until this transaction ends."""
    columns = (BOOK_HEAD.c[name] for name in Head.__struct_fields__)
    query = select(*columns).where(BOOK_HEAD.c.book_id == book_id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return Head(*row) if row else None


def known(connection: Connection, facts: Sequence[tuple[int, str]]) -> dict[int, list[str]]:
    """Return which of *facts* (book and id) are in the log, by book."""
    asked, values = listed(connection, _FACT, facts)
    found = dict[int, list[str]]()
    for book_id, event_id in connection.exec_driver_sql(_KNOWN.format(asked), values):
        found.setdefault(book_id, []).append(event_id)
    return found


_FACT: Final = (EVENT.c.book_id, EVENT.c.event_id)
_KNOWN: Final = (
    "SELECT event.book_id, event.event_id FROM {0} AS asked JOIN event"
    " ON event.book_id = asked.book_id AND event.event_id = asked.event_id"
)


def to_us(at: datetime) -> int:
    """Return an instant as microseconds since 1970, exactly."""
    return (at - _EPOCH) // _MICROSECOND
