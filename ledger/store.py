"""The log of a book and what is kept in step with it: the one append, and the reads.

Every statement names its book.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from msgspec import Struct, structs
from sqlalchemy import Connection, select, update

from ledger import chain
from ledger.accounts import CHART
from ledger.book import Book
from ledger.database import insert_rows, pipelined
from ledger.events.base import Entry
from ledger.events.configuration import AccountDefined
from ledger.stock import Stock
from ledger.tables import (
    ACCOUNT,
    BALANCE,
    BOOK,
    BOOK_HEAD,
    DELTA,
    EVENT,
    EXCEPTION,
    POSTING,
    STOCK,
    SUBJECT,
)


class Head(Struct, frozen=True):
    """Where a book's log ends."""

    seq: int
    hash: bytes
    recorded_us: int


def to_day(day: date) -> int:
    """Return a day as yyyymmdd."""
    return day.year * 10_000 + day.month * 100 + day.day


def from_day(number: int) -> date:
    """Return the day of yyyymmdd."""
    return date(number // 10_000, number // 100 % 100, number % 100)


def instant(microseconds: int) -> datetime:
    """Return the instant of microseconds since 1970."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


def create_book(connection: Connection, book: Book, now_us: int) -> None:
    """Open a book: its empty log and its chart of accounts."""
    insert_rows(connection, BOOK, [(*structs.astuple(book), now_us)])
    insert_rows(connection, BOOK_HEAD, [(book.id, 0, chain.genesis(book.id), now_us)])
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
    query = select(BOOK_HEAD.c.seq, BOOK_HEAD.c.hash, BOOK_HEAD.c.recorded_us).where(
        BOOK_HEAD.c.book_id == book_id
    )
    row = connection.execute(query.with_for_update() if lock else query).first()
    return Head(*row) if row else None


def append(
    connection: Connection,
    book_id: int,
    entries: Sequence[Entry],
    busy: AbstractSet[str],
    stocks: Mapping[str, Stock],
) -> None:
    """Write *entries*, which follow the head that this transaction holds, and what is kept in step.

    *busy* are the codes of the accounts whose deltas are kept by holder; *stocks* is what is held
    now of each item that the entries moved.
    """
    with pipelined(connection):
        _insert(connection, book_id, entries, busy, stocks)
    last = entries[-1]
    moved = connection.execute(
        update(BOOK_HEAD)
        .where(BOOK_HEAD.c.book_id == book_id, BOOK_HEAD.c.seq == entries[0].seq - 1)
        .values(seq=last.seq, hash=last.hash, recorded_us=to_us(last.recorded_at))
    )
    assert moved.rowcount == 1, "the head moved although it was held"


def _insert(
    connection: Connection,
    book_id: int,
    entries: Sequence[Entry],
    busy: AbstractSet[str],
    stocks: Mapping[str, Stock],
) -> None:
    insert_rows(connection, EVENT, [_event_row(book_id, entry) for entry in entries])
    insert_rows(
        connection,
        POSTING,
        [row for entry in entries for row in _posting_rows(book_id, entry)],
    )
    insert_rows(
        connection,
        EXCEPTION,
        [
            (book_id, entry.seq, number, caveat.cause, caveat.subject, caveat.amount)
            for entry in entries
            for number, caveat in enumerate(entry.caveats)
        ],
    )
    insert_rows(
        connection,
        SUBJECT,
        [(book_id, *about, entry.seq) for entry in entries for about in entry.event.subjects()],
        "ON CONFLICT DO NOTHING",
    )
    _add_up(connection, book_id, entries, busy)
    insert_rows(
        connection,
        STOCK,
        [
            (book_id, item, *map(int, structs.astuple(stock)))
            for item, stock in sorted(stocks.items())
        ],
        _PUT_STOCK,
    )
    accounts = [
        (book_id, entry.event.code, entry.event.role)
        for entry in entries
        if isinstance(entry.event, AccountDefined)
    ]
    insert_rows(connection, ACCOUNT, accounts, "ON CONFLICT DO NOTHING")


def to_us(at: datetime) -> int:
    """Return an instant as microseconds since 1970, exactly."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _event_row(book_id: int, entry: Entry) -> tuple[Any, ...]:
    event = entry.event
    return (
        book_id,
        entry.seq,
        event.id,
        event.__struct_config__.tag,
        to_day(event.day()),
        to_us(entry.recorded_at),
        f"{entry.actor.role}:{entry.actor.key}",
        event.register,
        event.session,
        event.customer,
        event.booking,
        entry.body,
        entry.hash,
    )


def _posting_rows(book_id: int, entry: Entry) -> Iterable[tuple[Any, ...]]:
    day = to_day(entry.event.day())
    for line, posting in enumerate(entry.postings):
        yield (
            book_id,
            entry.seq,
            line,
            posting.account,
            posting.holder,
            posting.currency,
            posting.amount,
            posting.quantity,
            day,
            posting.location,
        )


_ADD: Final = (
    ' DO UPDATE SET debit = "{0}".debit + excluded.debit, credit = "{0}".credit + excluded.credit'
)
_ADD_BALANCE: Final = (
    "ON CONFLICT (book_id, account, holder, currency)"
    + _ADD.format("balance")
    + ', quantity = "balance".quantity + excluded.quantity'
)
_ADD_DELTA: Final = "ON CONFLICT (book_id, grain, bucket, account, holder, currency)" + _ADD.format(
    "delta"
)


_PUT_STOCK: Final = (
    "ON CONFLICT (book_id, item) DO UPDATE SET quantity = excluded.quantity,"
    " value = excluded.value, last_value = excluded.last_value,"
    " last_quantity = excluded.last_quantity, stocked = excluded.stocked"
)


def _add_up(
    connection: Connection, book_id: int, entries: Sequence[Entry], busy: AbstractSet[str]
) -> None:
    """Add what *entries* move to the balances and deltas, each touched once."""
    balances: dict[tuple[str, str, str], list[int]] = {}
    days: dict[tuple[int, str, str, str], list[int]] = {}
    for entry in entries:
        day = to_day(entry.event.day())
        for posting in entry.postings:
            amount, account, holder = posting.amount, posting.account, posting.holder
            side = 0 if amount > 0 else 1
            sums = balances.setdefault((account, holder, posting.currency), [0, 0, 0])
            sums[side] += abs(amount)
            sums[2] += posting.quantity
            if amount:
                of_day = (day, account, holder if account in busy else "", posting.currency)
                days.setdefault(of_day, [0, 0])[side] += abs(amount)
    rows = [(book_id, *key, *sums) for key, sums in sorted(balances.items())]
    insert_rows(connection, BALANCE, rows, _ADD_BALANCE)
    deltas = _by_bucket(days)
    rows = [(book_id, *delta, *sums) for delta, sums in sorted(deltas.items())]
    insert_rows(connection, DELTA, rows, _ADD_DELTA)


def _by_bucket(
    days: Mapping[tuple[int, str, str, str], Sequence[int]],
) -> dict[tuple[int, int, str, str, str], list[int]]:
    """Return what moved by day, month and year (grain 0, 1 and 2) from what moved by day."""
    deltas: dict[tuple[int, int, str, str, str], list[int]] = {}
    for (day, *place), (debit, credit) in days.items():
        for grain, bucket in ((0, day), (1, day // 100), (2, day // 10_000)):
            moved = deltas.setdefault((grain, bucket, *place), [0, 0])  # type: ignore[arg-type]  # the rest of the key
            moved[0] += debit
            moved[1] += credit
    return deltas
