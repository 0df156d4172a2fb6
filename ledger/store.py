"""The log of a book and what is kept in step with it: the one append, and the head it follows.

Every statement names its book.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from msgspec import Struct, structs
from sqlalchemy import Connection, delete, select, update

from ledger import chain
from ledger.accounts import CHART
from ledger.blocks import store as blocks
from ledger.book import Book
from ledger.database import insert_rows, pipelined
from ledger.devices import Runs
from ledger.events.base import Entry
from ledger.events.configuration import AccountDefined
from ledger.postings import Posting
from ledger.stock import Stock
from ledger.tables import (
    ACCOUNT,
    BALANCE,
    BOOK,
    BOOK_HEAD,
    DELTA,
    DEVICE_RUN,
    EVENT,
    EXCEPTION,
    POSTING,
    STOCK,
    STOCK_PLACE,
    SUBJECT,
)


class Head(Struct, frozen=True):
    """Where a book's log ends, and how often what is kept in step was rebuilt."""

    seq: int
    hash: bytes
    recorded_us: int
    generation: int = 0


class Kept(Struct, frozen=True):
    """What is kept in step with the log, as it is after the entries that are appended.

    `busy` are the codes of the accounts whose deltas are kept by holder; `stocks` is what is held
    now of each item that moved, `places` how much of it each location holds; `runs` are the numbers
    that devices gave.
    """

    busy: AbstractSet[str]
    stocks: Mapping[str, Stock]
    places: Mapping[tuple[str, str], int]
    runs: Mapping[tuple[str, int], Runs]


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


def append(connection: Connection, book_id: int, entries: Sequence[Entry], kept: Kept) -> None:
    """Write *entries*, which follow the head that this transaction holds, and what is kept."""
    with pipelined(connection):
        _insert(connection, book_id, entries, kept)
    last = entries[-1]
    if blocks.crosses(entries[0].seq - 1, last.seq):
        blocks.seal(connection, book_id, last.seq, kept.busy)
    moved = connection.execute(
        update(BOOK_HEAD)
        .where(BOOK_HEAD.c.book_id == book_id, BOOK_HEAD.c.seq == entries[0].seq - 1)
        .values(seq=last.seq, hash=last.hash, recorded_us=to_us(last.recorded_at))
    )
    assert moved.rowcount == 1, "the head moved although it was held"


def _insert(connection: Connection, book_id: int, entries: Sequence[Entry], kept: Kept) -> None:
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
    _add_up(connection, book_id, entries, kept.busy)
    insert_rows(
        connection,
        STOCK,
        [
            (book_id, item, *map(int, structs.astuple(stock)))
            for item, stock in sorted(kept.stocks.items())
        ],
        _PUT_STOCK,
    )
    places = [(book_id, *place, quantity) for place, quantity in sorted(kept.places.items())]
    insert_rows(connection, STOCK_PLACE, places, _PUT_PLACE)
    _write_runs(connection, book_id, kept.runs)
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
        event.location,
        event.register,
        event.session,
        event.staff,
        event.channel,
        event.customer,
        event.booking,
        event.order,
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
            posting.home,
            day,
            posting.location,
        )


_ADD: Final = " DO UPDATE SET " + ", ".join(
    f'{side} = "{{0}}".{side} + excluded.{side}'
    for side in ("debit", "credit", "home_debit", "home_credit")
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


_PUT_PLACE: Final = (
    "ON CONFLICT (book_id, item, location) DO UPDATE SET quantity = excluded.quantity"
)
_PUT_RUN: Final = (
    "ON CONFLICT (book_id, device, epoch, first) DO UPDATE SET last = excluded.last,"
    " last_day = excluded.last_day"
)


def _write_runs(connection: Connection, book_id: int, runs: Mapping[tuple[str, int], Runs]) -> None:
    """Write the runs that grew; those that others took in are deleted."""
    for (device, epoch), of_device in sorted(runs.items()):
        put, gone = of_device.changed()
        rows = [(book_id, device, epoch, *structs.astuple(run)) for run in put]
        insert_rows(connection, DEVICE_RUN, rows, _PUT_RUN)
        for first in gone:
            connection.execute(
                delete(DEVICE_RUN).where(
                    DEVICE_RUN.c.book_id == book_id,
                    DEVICE_RUN.c.device == device,
                    DEVICE_RUN.c.epoch == epoch,
                    DEVICE_RUN.c.first == first,
                )
            )


def _add_up(
    connection: Connection, book_id: int, entries: Sequence[Entry], busy: AbstractSet[str]
) -> None:
    """Add what *entries* move to the balances and deltas, each touched once."""
    balances: dict[tuple[str, str, str], _Moved] = {}
    days: dict[tuple[int, str, str, str], _Moved] = {}
    for entry in entries:
        day = to_day(entry.event.day())
        for posting in entry.postings:
            account, holder, currency = posting.account, posting.holder, posting.currency
            sums = balances.setdefault((account, holder, currency), _Moved())
            sums.post(posting)
            if posting.amount or posting.home:
                of_day = (day, account, holder if account in busy else "", currency)
                days.setdefault(of_day, _Moved()).post(posting)
    rows = [
        (book_id, *key, moved.debit, moved.credit, moved.quantity, *moved.home())
        for key, moved in sorted(balances.items())
    ]
    insert_rows(connection, BALANCE, rows, _ADD_BALANCE)
    deltas = _by_bucket(days)
    parts = [
        (book_id, *key, moved.debit, moved.credit, *moved.home())
        for key, moved in sorted(deltas.items())
    ]
    insert_rows(connection, DELTA, parts, _ADD_DELTA)


class _Moved(Struct):
    """What postings add up to, each side apart; at home only where that is other money."""

    debit: int = 0
    credit: int = 0
    quantity: int = 0
    home_debit: int = 0
    home_credit: int = 0
    foreign: bool = False

    def post(self, posting: Posting) -> None:
        """Add a posting."""
        amount = posting.amount
        if amount > 0:
            self.debit += amount
        else:
            self.credit -= amount
        self.quantity += posting.quantity
        if posting.home is not None:
            self.foreign = True
            self.home_debit += max(posting.home, 0)
            self.home_credit += max(-posting.home, 0)

    def add(self, other: "_Moved") -> None:
        """Add what other postings add up to."""
        self.debit += other.debit
        self.credit += other.credit
        self.home_debit += other.home_debit
        self.home_credit += other.home_credit
        self.foreign = self.foreign or other.foreign

    def home(self) -> tuple[int | None, int | None]:
        """Return what both sides come to at home."""
        return (self.home_debit, self.home_credit) if self.foreign else (None, None)


def _by_bucket(
    days: Mapping[tuple[int, str, str, str], _Moved],
) -> dict[tuple[int, int, str, str, str], _Moved]:
    """Return what moved by day, month and year (grain 0, 1 and 2) from what moved by day."""
    deltas: dict[tuple[int, int, str, str, str], _Moved] = {}
    for (day, account, holder, currency), moved in days.items():
        for grain, bucket in ((0, day), (1, day // 100), (2, day // 10_000)):
            key = (grain, bucket, account, holder, currency)
            deltas.setdefault(key, _Moved()).add(moved)
    return deltas
