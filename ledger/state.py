"""What was recorded before, as the next event sees it: the store, and the batch on top."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from typing import Any

from ledger import store
from ledger.accounts import Account
from ledger.book import Book
from ledger.database import Connection
from ledger.devices import Runs
from ledger.events.base import Entry
from ledger.events.configuration import ConfiguringEvent
from ledger.growth.rows import Grown, Kept, moves_money
from ledger.kept import store as kept
from ledger.log import store as log
from ledger.postings import Posting
from ledger.settings import Settings
from ledger.stock import Stock, netted

KEPT: int = 50_000
"""How many balances, stocks and subjects a warm book keeps in memory."""


_Place = tuple[str, str, str]
"""Role, holder and currency."""


class State:
    """A book as the recorder knows it (`Earlier`); kept warm, it reads on by what others append.

    Entries are applied before they are stored: they are pending until `commit` says that they
    were, or `undo` takes them back.
    """

    def __init__(self, connection: Connection, book: Book, head: store.Head) -> None:
        self.book = book
        self.head = self._stored_head = head
        self.settings: Settings = log.load_settings(connection, book)
        self.pending: list[Entry] = []
        self._told = head.seq
        self._connected: Callable[[], Connection] = lambda: connection
        self._balances: dict[_Place, int] = {}
        self._carried: dict[_Place, int] = {}
        self._stocks: dict[str, Stock] = {}
        self._places: dict[tuple[str, str], int] = {}
        self._runs: dict[tuple[str, int], Runs] = {}
        self._about: dict[tuple[str, str], list[Entry]] = {}
        self._by_id: dict[str, Entry] = {}
        self._busy: tuple[int, AbstractSet[str]] = (0, frozenset())
        self._years = dict.fromkeys(kept.years_of(connection, book.id), 0)

    def read_through(self, connected: Callable[[], Connection]) -> None:
        """Look up what is not warm through a connection that is asked for when it is needed.

        It may be that pending entries are stored when it is given. What was looked up is forgotten
        where it is too much.
        """
        self._connected = connected
        if sum(map(len, self._caches())) > KEPT:
            self._begin_anew(self.head.seq)

    def entry(self, event_id: str) -> Entry | None:
        """Return the entry of an event."""
        known = self._by_id.get(event_id)
        return known or log.find_entry(self._connected(), self.book.id, event_id)

    def applied(self, event_id: str) -> Entry | None:
        """Return the entry of an event that is pending."""
        return self._by_id.get(event_id)

    def about(self, kind: str, name: str) -> Sequence[Entry]:
        """Return the entries whose events speak of a subject, oldest first."""
        key = (kind, name)
        known = self._about.get(key)
        if known is None:
            known = log.entries_about(self._connected(), self.book.id, kind, name)
            known += [entry for entry in self.pending if key in entry.event.subjects()]
            self._about[key] = known
        return known

    def balance(self, role: str, holder: str, currency: str) -> int:
        """Return what a holder has in the accounts of a role now, minor units, debit positive."""
        key = (role, holder, currency)
        known = self._balances.get(key)
        if known is None:
            self._look_up(key)
            known = self._balances[key]
        return known

    def carried(self, role: str, holder: str, currency: str) -> int:
        """Return what a holder's foreign balance stands at in home minor units."""
        key = (role, holder, currency)
        if key not in self._carried:
            self._look_up(key)
        return self._carried[key]

    def _look_up(self, key: _Place) -> None:
        role, holder, currency = key
        codes = self.settings.codes(role)
        held = kept.balance_of(self._connected(), self.book.id, codes, holder, currency)
        self._balances[key], self._carried[key] = held
        for entry in self.pending:
            for posting in entry.postings:
                if (posting.role, posting.holder, posting.currency) == key:
                    self._balances[key] += posting.amount
                    self._carried[key] += posting.at_home

    def stock(self, item: str) -> Stock:
        """Return what is held of an item now."""
        known = self._stocks.get(item)
        if known is None:
            known = kept.stock_of(self._connected(), self.book.id, item)
            self._stocks[item] = known
        return known

    def stock_at(self, item: str, location: str) -> int:
        """Return how much of an item a location holds, in millionths."""
        key = (item, location)
        known = self._places.get(key)
        if known is None:
            known = kept.stock_at(self._connected(), self.book.id, item, location)
            self._places[key] = known
        return known

    def heard(self, device: str, epoch: int, seq: int) -> bool:
        """Tell whether a device's number was received."""
        return seq in self._received(device, epoch)

    def _received(self, device: str, epoch: int) -> Runs:
        key = (device, epoch)
        known = self._runs.get(key)
        if known is None:
            known = kept.runs_of(self._connected(), self.book.id, device, epoch)
            self._runs[key] = known
        return known

    def session_total(self, session: str, role: str, holder: str, currency: str) -> int:
        """Return what the events of a register session posted to a holder, debit positive."""
        place = (self.settings.codes(role), holder, currency)
        total = log.session_total(self._connected(), self.book.id, session, *place)
        return total + sum(
            posting.amount
            for entry in self.pending
            if entry.event.session == session
            for posting in entry.postings
            if (posting.role, posting.holder, posting.currency) == (role, holder, currency)
        )

    def drawn_since(self, seq: int, role: str, holder: str) -> Sequence[Entry]:
        """Return the entries after *seq* that debit a holder, oldest first."""
        accounts = self.settings.codes(role)
        stored = log.drawn_since(self._connected(), self.book.id, seq, accounts, holder)
        return stored + [
            entry
            for entry in self.pending
            if entry.seq > seq and any(_draws(posting, role, holder) for posting in entry.postings)
        ]

    def busy(self) -> AbstractSet[str]:
        """Return the codes of the accounts whose deltas are kept by holder."""
        codes = self.settings.accounts.keys()
        if self._busy[0] != len(codes):
            self._busy = (len(codes), frozenset(filter(self._is_busy, codes)))
        return self._busy[1]

    def _is_busy(self, code: str) -> bool:
        account: Account | None = self.settings.accounts.get(code, date.max)
        return account is not None and account.busy

    def grown(self) -> Grown:
        """Return what the book grew by since this was asked last, and what is kept in step with it.

        These are pending entries; those that were told of before may be pending still.
        """
        fresh = [entry for entry in self.pending if entry.seq > self._told]
        self._told = self.head.seq
        places = {
            (posting.holder, posting.location or entry.event.location or "")
            for entry in fresh
            for posting in entry.postings
            if posting.role == "inventory"
        }
        devices = (entry.event.device_seq for entry in fresh)
        heard = {(device.device, device.epoch) for device in devices if device is not None}
        changed = {device: self._received(*device).changed() for device in sorted(heard)}
        before = self.head.seq - len(fresh)
        in_step = Kept(
            self.busy(),
            {item: self.stock(item) for item, _ in places},
            {place: self.stock_at(*place) for place in places},
            [(device, run) for device, (put, _) in changed.items() for run in put],
            [(device, first) for device, (_, gone) in changed.items() for first in gone],
            [year for year, since in self._years.items() if since <= before],
            [year for year, since in self._years.items() if since > before],
        )
        return Grown(self.book.id, self.head.generation, tuple(fresh), in_step)

    def apply(self, entry: Entry) -> None:
        """Put *entry* behind the log; it is not stored yet."""
        self._hear(entry)
        event = entry.event
        moves = netted(entry.postings)
        for posting in entry.postings if moves else ():
            if posting.role == "inventory":
                place = (posting.holder, posting.location or event.location or "")
                self._places[place] = self.stock_at(*place) + posting.quantity
        for item, (quantity, value) in moves.items():
            stock = self.stock(item)
            self._stocks[item] = stock.moved(quantity, value, stocked=event.stocks(item))
        if event.device_seq is not None:
            runs = self._received(event.device_seq.device, event.device_seq.epoch)
            runs.add(event.device_seq.seq, store.to_day(event.day()))
        self.pending.append(entry)
        self._by_id[event.id] = entry

    def catch_up(self, entries: Sequence[Entry]) -> None:
        """Put entries behind the log that somebody else stored since.

        What an entry alone does not tell is looked up anew.
        """
        for cache in (self._stocks, self._places, self._runs):
            cache.clear()
        for entry in entries:
            self._hear(entry)
        self._stored_head = self.head

    def is_behind(self, head: store.Head, most: int) -> bool:
        """Tell whether others stored some entries since, *most* at the most, and nothing else."""
        same = not self.pending and head.generation == self.head.generation
        return same and 0 < head.seq - self.head.seq <= most

    def _hear(self, entry: Entry) -> None:
        """Let balances, subjects, settings, years and the head follow an entry."""
        for posting in entry.postings:
            key = (posting.role, posting.holder, posting.currency)
            if key in self._balances:  # and in what is carried: they are looked up together
                self._balances[key] += posting.amount
                self._carried[key] += posting.at_home
        for subject in dict.fromkeys(entry.event.subjects()):
            if subject in self._about:
                self._about[subject].append(entry)
        for caveat in entry.caveats:
            self.settings.learn(caveat.cause, caveat.subject)
        if isinstance(entry.event, ConfiguringEvent):
            entry.event.configure(self.settings)
        year = entry.event.day().year
        if year not in self._years and moves_money(entry.postings):
            self._years[year] = entry.seq
        self.head = self._head_at(entry)

    def undo(self, after: int = 0) -> None:
        """Take back every pending entry, or those behind a place in the log."""
        if self.pending and after != self.head.seq:
            self._begin_anew(after)

    def _begin_anew(self, after: int) -> None:
        """Forget what was looked up, and apply the pending entries up to a place again."""
        if self.pending:
            self._connected()  # what is under way is stored before anything is applied again
        if any(e.caveats or isinstance(e.event, ConfiguringEvent) for e in self.pending):
            self.settings = log.load_settings(self._connected(), self.book)
        again = [entry for entry in self.pending if entry.seq <= after]
        self.head, self.pending = self._stored_head, []
        self._told = min(self._told, max(after, self.head.seq))
        stored = self.head.seq
        self._years = {year: since for year, since in self._years.items() if since <= stored}
        self._by_id.clear()
        for cache in self._caches():
            cache.clear()
        for entry in again:
            self.apply(entry)

    def commit(self, through: int | None = None) -> None:
        """Say that the pending entries are stored, or those up to a place in the log."""
        stored = [each for each in self.pending if through is None or each.seq <= through]
        if stored:
            self._stored_head = self._head_at(stored[-1])
        self.pending = self.pending[len(stored) :]
        self._by_id = {entry.event.id: entry for entry in self.pending}

    def _head_at(self, entry: Entry) -> store.Head:
        at = store.to_us(entry.recorded_at)
        return store.Head(entry.seq, entry.hash, at, self.head.generation)

    def _caches(self) -> tuple[dict[Any, Any], ...]:
        return (
            self._balances,
            self._carried,
            self._stocks,
            self._places,
            self._about,
            self._runs,
        )


def _draws(posting: Posting, role: str, holder: str) -> bool:
    drawn = (posting.amount or posting.quantity) > 0
    return drawn and posting.role == role and posting.holder == holder
