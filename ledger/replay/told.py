"""What was told before, as the next event sees it: what deciding asks for, and nothing else.

Standing figures are in memory, as many as the book has items, places and devices; entries, and
what holders have when they are too many, are looked up on disk.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

from msgspec.structs import astuple, replace

from ledger import codec, store
from ledger.accounts import CHART
from ledger.book import Book
from ledger.database import Connection
from ledger.devices import Runs
from ledger.events import Event
from ledger.events.base import BusinessEvent, Entry
from ledger.events.configuration import AccountDefined, ConfiguringEvent
from ledger.events.reversal import FILLED
from ledger.growth.rows import Kept, moves_money
from ledger.log.store import to_actor
from ledger.replay.disk import store as disk
from ledger.replay.disk.store import Named, Place, Told
from ledger.settings import Settings
from ledger.stock import Stock, netted

KEPT: int = 50_000
"""How many holders and subjects are kept in memory."""

_WATCHED: Final = frozenset((*FILLED, "inventory"))
"""Roles of which more is asked than what a holder has."""


class Earlier:
    """A book as far as its log was told again (`Earlier` of whoever decides)."""

    def __init__(self, connection: Connection, book: Book) -> None:
        self.book, self.settings = book, Settings(book)
        self.seq = 0
        self._connection = connection
        self._held: defaultdict[Place, int] = defaultdict(int)
        self._beyond: defaultdict[Place, int] = defaultdict(int)
        self._spilt = False
        self._accounts = {account.code: account.role for account in CHART}
        self._stocks: dict[str, Stock] = {}
        self._places: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._runs: defaultdict[tuple[str, int], Runs] = defaultdict(lambda: Runs([]))
        self._about: dict[tuple[str, str], list[Entry]] = {}
        self._fresh: list[tuple[BusinessEvent, Told]] = []
        self._by_id: dict[str, tuple[BusinessEvent, Told]] = {}
        self._subjects: dict[tuple[str, str], list[Told]] = {}
        self._drawn: list[tuple[str, str, int]] = []
        self._moved: set[tuple[str, str]] = set()
        self._heard: set[tuple[str, int]] = set()
        self._years: dict[int, int] = {}

    def __len__(self) -> int:
        """Return how many entries are not on disk yet."""
        return len(self._fresh)

    def entry(self, event_id: str) -> Entry | None:
        """Return the entry of an event."""
        fresh = self._by_id.get(event_id)
        if fresh is not None:
            return _entry(fresh[1], fresh[0])
        told = disk.by_id(self._connection, event_id)
        return _entry(told) if told else None

    def about(self, kind: str, name: str) -> Sequence[Entry]:
        """Return the entries whose events speak of a subject, oldest first."""
        key = (kind, name)
        known = self._about.get(key)
        if known is None:
            told = disk.about(self._connection, self.book.id, kind, name)
            known = [_entry(each) for each in (*told, *self._subjects.get(key, ()))]
            self._about[key] = known
        return known

    def balance(self, role: str, holder: str, currency: str) -> int:
        """Return what a holder has in the accounts of a role, minor units, debit positive."""
        place = (role, holder, currency)
        return self._held.get(place, 0) + self._on_disk(place)[0]

    def carried(self, role: str, holder: str, currency: str) -> int:
        """Return what a holder's foreign balance stands at in home minor units."""
        place = (role, holder, currency)
        amount = self._held.get(place, 0) + self._beyond.get(place, 0)
        return amount + sum(self._on_disk(place))

    def _on_disk(self, place: Place) -> tuple[int, int]:
        return disk.held(self._connection, place) if self._spilt else (0, 0)

    def stock(self, item: str) -> Stock:
        """Return what is held of an item now."""
        return self._stocks.get(item) or Stock()

    def stock_at(self, item: str, location: str) -> int:
        """Return how much of an item a location holds, in millionths."""
        return self._places.get((item, location), 0)

    def heard(self, device: str, epoch: int, seq: int) -> bool:
        """Tell whether a device's number was received."""
        runs = self._runs.get((device, epoch))
        return runs is not None and seq in runs

    def session_total(self, session: str, role: str, holder: str, currency: str) -> int:
        """Return what the events of a register session posted to a holder, debit positive."""
        fresh = (told for event, told in self._fresh if event.session == session)
        return sum(
            posting.amount
            for told in (*disk.of_session(self._connection, session), *fresh)
            for posting in told.postings
            if (posting.role, posting.holder, posting.currency) == (role, holder, currency)
        )

    def drawn_since(self, seq: int, role: str, holder: str) -> Sequence[Entry]:
        """Return the entries after *seq* that debit a holder, oldest first."""
        assert role in FILLED, role
        told = disk.drawn_since(self._connection, seq, role, holder)
        drawn = {at for *place, at in self._drawn if place == [role, holder] and at > seq}
        fresh = [_entry(each, event) for event, each in self._fresh if each.seq in drawn]
        return [*map(_entry, told), *fresh]

    def hear(self, told: Told, event: Event) -> None:
        """Take in an entry; it follows those before it."""
        self.seq = told.seq
        held, watched = self._held, False
        for posting in told.postings:
            place = (posting.role, posting.holder, posting.currency)
            held[place] += posting.amount
            if posting.home is not None:
                self._beyond[place] += posting.home - posting.amount
            if posting.role in _WATCHED:
                watched = True
        if watched:
            self._watch(told, event)
        year = told.day // 10_000
        if year not in self._years and moves_money(told.postings):
            self._years[year] = told.seq
        for subject in dict.fromkeys(event.subjects()):
            self._subjects.setdefault(subject, []).append(told)
            if subject in self._about:
                self._about[subject].append(_entry(told, event))
        self._learn(told, event)
        if event.device_seq is not None:
            device = (event.device_seq.device, event.device_seq.epoch)
            self._runs[device].add(event.device_seq.seq, told.day)
            self._heard.add(device)
        fresh = self._by_id[event.id] = (event, told)
        self._fresh.append(fresh)

    def _learn(self, told: Told, event: Event) -> None:
        for caveat in told.caveats:
            self.settings.learn(caveat.cause, caveat.subject)
        if isinstance(event, ConfiguringEvent):
            event.configure(self.settings)
        if isinstance(event, AccountDefined):
            self._accounts.setdefault(event.code, event.role)

    def _watch(self, told: Told, event: Event) -> None:
        """Move stock, and remember who was drawn on."""
        for posting in told.postings:
            if posting.role == "inventory":
                place = (posting.holder, posting.location or event.location or "")
                self._places[place] += posting.quantity
                self._moved.add(place)
            elif posting.role in FILLED and (posting.amount or posting.quantity) > 0:
                self._drawn.append((posting.role, posting.holder, told.seq))
        for item, (quantity, value) in netted(told.postings).items():
            stock = self.stock(item)
            self._stocks[item] = stock.moved(quantity, value, stocked=event.stocks(item))

    def fresh(self) -> list[Entry]:
        """Return the entries that are not on disk yet."""
        return [_entry(told, event) for event, told in self._fresh]

    def write(self) -> None:
        """Put on disk what was told since the last time, and forget what can be looked up."""
        entries: list[Named] = [(event.id, event.session, told) for event, told in self._fresh]
        disk.put_told(self._connection, entries)
        disk.put_subjects(
            self._connection,
            [
                (self.book.id, *subject, told.seq)
                for subject, about in self._subjects.items()
                for told in about
            ],
        )
        disk.put_drawn(self._connection, self._drawn)
        self._fresh, self._by_id, self._subjects, self._drawn = [], {}, {}, []
        if len(self._held) > KEPT:
            disk.add_held(self._connection, self._held, self._beyond)
            self._spilt = True
            self._held.clear()
            self._beyond.clear()
        if len(self._about) > KEPT:
            self._about.clear()

    def changed(self) -> Kept:
        """Return what stands otherwise than the last time that this was asked."""
        settings, codes = self.settings, self.settings.accounts.keys()
        accounts = {code: settings.accounts.get(code, date.max) for code in codes}
        runs = {device: self._runs[device].changed() for device in sorted(self._heard)}
        moved, self._moved, self._heard = self._moved, set(), set()
        before = self.seq - len(self._fresh)
        return Kept(
            {code for code, account in accounts.items() if account is not None and account.busy},
            {item: self._stocks[item] for item, _ in moved},
            {place: self._places[place] for place in moved},
            [(device, run) for device, (put, _) in runs.items() for run in put],
            [(device, first) for device, (_, gone) in runs.items() for first in gone],
            [year for year, since in self._years.items() if since <= before],
            [year for year, since in self._years.items() if since > before],
        )

    def accounts(self) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of the chart, code and role; all rows here are by key."""
        yield from ((self.book.id, *each) for each in sorted(self._accounts.items()))

    def stocks(self) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of what is held of each item."""
        for item, stock in sorted(self._stocks.items()):
            yield (self.book.id, item, *map(int, astuple(stock)))

    def places(self) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of how much of an item each location holds."""
        yield from ((self.book.id, *place, held) for place, held in sorted(self._places.items()))

    def runs(self) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of the numbers that devices gave."""
        for device, runs in sorted(self._runs.items()):
            yield from ((self.book.id, *device, *astuple(run)) for run in runs.runs)


def _entry(told: Told, event: BusinessEvent | None = None) -> Entry:
    if event is None:
        event = codec.decode(told.body)
        day = store.from_day(told.day)
        event = event if event.business_date == day else replace(event, business_date=day)
    return Entry(
        seq=told.seq,
        event=event,
        postings=told.postings,
        caveats=told.caveats,
        recorded_at=store.instant(told.recorded_us),
        actor=to_actor(told.actor),
        hash=told.hash,
        body=told.body,
    )
