"""What books grow by, as the rows of every table. Every row names its book."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final, TypeVar

from msgspec import Struct, structs

from ledger.clocks.sums import DAY, FORWARD, MONTH, YEAR
from ledger.database import Rows
from ledger.devices import Run
from ledger.events.base import Entry
from ledger.events.configuration import AccountDefined
from ledger.postings import Posting
from ledger.stock import Stock
from ledger.store import to_day, to_us
from ledger.tables import (
    ACCOUNT,
    BALANCE,
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

Device = tuple[str, int]
"""A device and the epoch of its numbers."""


class Kept(Struct, frozen=True):
    """What is kept in step with the log, as it is after the entries that are appended.

    `busy` are the codes of the accounts whose deltas are kept by holder; `stocks` is what is held
    now of each item that moved, `places` how much of it each location holds; `runs` are those of
    the numbers that devices gave which grew, `runs_gone` the first numbers of those that others
    took in; `years` are those that moved money before the entries, `begun` those in which they are
    the first to.
    """

    busy: AbstractSet[str]
    stocks: Mapping[str, Stock]
    places: Mapping[tuple[str, str], int]
    runs: Sequence[tuple[Device, Run]] = ()
    runs_gone: Sequence[tuple[Device, int]] = ()
    years: Sequence[int] = ()
    begun: Sequence[int] = ()


class Grown(Struct, frozen=True):
    """Entries that follow the head of a book, and what is kept in step with them.

    `generation` is that of the head: how often what is kept was rebuilt.
    """

    book_id: int
    generation: int
    entries: Sequence[Entry]
    kept: Kept


def moves_money(postings: Iterable[Posting]) -> bool:
    """Tell whether postings move money, in their own currency or at home."""
    return any(posting.amount or posting.home for posting in postings)


def rows_of(books: Sequence[Grown]) -> Iterator[Rows]:
    """Yield the rows of everything that *books* grew by, and of their heads."""
    entries = [(grown.book_id, entry) for grown in books for entry in grown.entries]
    yield Rows(EVENT, [_event_row(*each) for each in entries])
    yield Rows(POSTING, _posting_rows(entries))
    yield from kept_rows(books)
    yield Rows(BOOK_HEAD, [_head_row(grown) for grown in books], _PUT_HEAD)


def kept_rows(books: Sequence[Grown]) -> Iterator[Rows]:
    """Yield the rows of what is kept in step with the logs of *books*."""
    entries = [(grown.book_id, entry) for grown in books for entry in grown.entries]
    kept = [(grown.book_id, grown.kept) for grown in books]
    yield Rows(
        EXCEPTION,
        [
            (book_id, entry.seq, number, caveat.cause, caveat.subject, caveat.amount)
            for book_id, entry in entries
            for number, caveat in enumerate(entry.caveats)
        ],
    )
    yield Rows(
        SUBJECT,
        [
            (book_id, *about, entry.seq)
            for book_id, entry in entries
            for about in entry.event.subjects()
        ],
        "ON CONFLICT DO NOTHING",
    )
    yield from _sums(books)
    yield Rows(
        STOCK,
        [
            (book_id, item, *map(int, structs.astuple(stock)))
            for book_id, after in kept
            for item, stock in sorted(after.stocks.items())
        ],
        _PUT_STOCK,
    )
    yield Rows(
        STOCK_PLACE,
        [
            (book_id, *place, quantity)
            for book_id, after in kept
            for place, quantity in sorted(after.places.items())
        ],
        _PUT_PLACE,
    )
    yield Rows(
        DEVICE_RUN,
        [
            (book_id, *device, *structs.astuple(run))
            for book_id, after in kept
            for device, run in after.runs
        ],
        _PUT_RUN,
    )
    yield Rows(
        ACCOUNT,
        [
            (book_id, entry.event.code, entry.event.role)
            for book_id, entry in entries
            if isinstance(entry.event, AccountDefined)
        ],
        "ON CONFLICT DO NOTHING",
    )


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


def _head_row(grown: Grown) -> tuple[Any, ...]:
    last = grown.entries[-1]
    return (grown.book_id, last.seq, last.hash, to_us(last.recorded_at), 0)


def _posting_rows(entries: Iterable[tuple[int, Entry]]) -> list[tuple[Any, ...]]:
    rows = list[tuple[Any, ...]]()
    for book_id, entry in entries:
        seq, day = entry.seq, to_day(entry.event.day())
        rows += [
            (
                book_id,
                seq,
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
            for line, posting in enumerate(entry.postings)
        ]
    return rows


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
_PUT_HEAD: Final = (
    "ON CONFLICT (book_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash,"
    " recorded_us = excluded.recorded_us"
)
_PUT_RUN: Final = (
    "ON CONFLICT (book_id, device, epoch, first) DO UPDATE SET last = excluded.last,"
    " last_day = excluded.last_day"
)


def _sums(books: Iterable[Grown]) -> Iterator[Rows]:
    """Yield what *books* add to their balances and deltas, each touched once, in one order."""
    balances, deltas = list[tuple[Any, ...]](), list[tuple[Any, ...]]()
    for grown in books:
        by_place, by_bucket = _added_up(grown)
        for place in sorted(by_place):
            it = by_place[place]
            sums = (it.debit, it.credit, it.quantity, it.home_debit, it.home_credit)
            balances.append((grown.book_id, *place, *sums))
        for at in sorted(by_bucket):
            it = by_bucket[at]
            sides = (it.debit, it.credit, it.home_debit, it.home_credit)
            deltas.append((grown.book_id, *at, *sides))
    yield Rows(BALANCE, balances, _ADD_BALANCE)
    yield Rows(DELTA, deltas, _ADD_DELTA)


class _Moved(Struct):
    """What postings add up to, each side apart; at home only where that is other money."""

    debit: int = 0
    credit: int = 0
    quantity: int = 0
    home_debit: int | None = None
    home_credit: int | None = None

    def post_home(self, home: int) -> None:
        """Add what a posting comes to at home."""
        self.home_debit = (self.home_debit or 0) + max(home, 0)
        self.home_credit = (self.home_credit or 0) + max(-home, 0)

    def plus(self, other: "_Moved") -> "_Moved":
        """Return what both add up to."""
        both = _Moved(
            self.debit + other.debit,
            self.credit + other.credit,
            self.quantity + other.quantity,
            self.home_debit,
            self.home_credit,
        )
        if other.home_debit is not None:
            both.home_debit = (both.home_debit or 0) + other.home_debit
            both.home_credit = (both.home_credit or 0) + (other.home_credit or 0)
        return both

    @property
    def is_money(self) -> bool:
        """Tell whether any money moved: a delta keeps no quantities."""
        return bool(self.debit or self.credit or self.home_debit or self.home_credit)


_Place = tuple[str, str, str]
"""Account, holder and currency."""

_Key = TypeVar("_Key")


def _added_up(grown: Grown) -> tuple[dict[_Place, _Moved], dict[tuple[int, int, *_Place], _Moved]]:
    """Return what a book's entries move by place, and by grain, bucket and place."""
    days: defaultdict[tuple[int, *_Place], _Moved] = defaultdict(_Moved)
    buckets: dict[int, list[tuple[int, int]]] = {}
    for entry in grown.entries:
        day = to_day(entry.event.day())
        if day not in buckets:
            buckets[day] = _buckets(day, grown.kept.years)
        for posting in entry.postings:
            moved = days[day, posting.account, posting.holder, posting.currency]
            amount = posting.amount
            if amount > 0:
                moved.debit += amount
            else:
                moved.credit -= amount
            if posting.quantity:
                moved.quantity += posting.quantity
            if posting.home is not None:
                moved.post_home(posting.home)
    balances: dict[_Place, _Moved] = {}
    deltas: dict[tuple[int, int, *_Place], _Moved] = {}
    for (day, account, holder, currency), moved in days.items():
        _add(balances, (account, holder, currency), moved)
        if moved.is_money:
            kept = holder if account in grown.kept.busy else ""
            for grain, bucket in buckets[day]:
                _add(deltas, (grain, bucket, account, kept, currency), moved)
    return balances, deltas


def _buckets(day: int, years: Iterable[int]) -> list[tuple[int, int]]:
    """Return grain and bucket of everything that a movement of a day is added to.

    Later years that are known bring it forward too; into one that only begins it is brought when
    the rows are there.
    """
    year = day // 10_000
    later = ((FORWARD, each) for each in years if each > year)
    return [(DAY, day), (MONTH, day // 100), (YEAR, year), *later]


def _add(sums: dict[_Key, _Moved], key: _Key, moved: _Moved) -> None:
    before = sums.get(key)
    sums[key] = moved if before is None else before.plus(moved)
