"""What was recorded before, as the next event sees it: the store, and the batch on top."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import date

from ledger import store
from ledger.accounts import Account
from ledger.book import Book
from ledger.database import Connection
from ledger.events.base import BusinessEvent, Entry
from ledger.events.configuration import ConfiguringEvent
from ledger.log import store as log
from ledger.postings import Posting
from ledger.settings import Settings
from ledger.stock import Stock

KEPT: int = 50_000
"""How many balances, stocks and subjects a warm book keeps in memory."""


class State:
    """A book as the recorder knows it (`Earlier`); warm for as long as nobody else appends.

    Entries are applied before they are stored: they are pending until `commit` says that they
    were, or `undo` takes them back.
    """

    def __init__(self, connection: Connection, book: Book, head: store.Head) -> None:
        self.book = book
        self.head = self._stored_head = head
        self.settings: Settings = log.load_settings(connection, book)
        self.pending: list[Entry] = []
        self._connection = connection
        self._balances: dict[tuple[str, str], int] = {}
        self._stocks: dict[str, Stock] = {}
        self._about: dict[tuple[str, str], list[Entry]] = {}
        self._by_id: dict[str, Entry] = {}
        self._busy: tuple[int, AbstractSet[str]] = (0, frozenset())

    def read_through(self, connection: Connection) -> None:
        """Look up what is not warm through *connection* from now on."""
        self._connection = connection
        if len(self._balances) + len(self._stocks) + len(self._about) > KEPT:
            self._forget()

    def entry(self, event_id: str) -> Entry | None:
        """Return the entry of an event."""
        known = self._by_id.get(event_id)
        return known or log.find_entry(self._connection, self.book.id, event_id)

    def applied(self, event_id: str) -> Entry | None:
        """Return the entry of an event that is pending."""
        return self._by_id.get(event_id)

    def about(self, kind: str, name: str) -> Sequence[Entry]:
        """Return the entries whose events speak of a subject, oldest first."""
        key = (kind, name)
        known = self._about.get(key)
        if known is None:
            known = log.entries_about(self._connection, self.book.id, kind, name)
            known += [entry for entry in self.pending if key in entry.event.subjects()]
            self._about[key] = known
        return known

    def balance(self, role: str, holder: str) -> int:
        """Return what a holder has in the accounts of a role now, minor units, debit positive."""
        key = (role, holder)
        known = self._balances.get(key)
        if known is None:
            known = log.balance_of(
                self._connection, self.book.id, self.settings.codes(role), holder
            )
            known += sum(
                posting.amount
                for entry in self.pending
                for posting in entry.postings
                if posting.role == role and posting.holder == holder
            )
            self._balances[key] = known
        return known

    def stock(self, item: str) -> Stock:
        """Return what is held of an item now."""
        known = self._stocks.get(item)
        if known is None:
            known = log.stock_of(self._connection, self.book.id, item)
            self._stocks[item] = known
        return known

    def session_total(self, session: str, role: str, holder: str) -> int:
        """Return what the events of a register session posted to a holder, debit positive."""
        accounts = self.settings.codes(role)
        total = log.session_total(self._connection, self.book.id, session, accounts, holder)
        return total + sum(
            posting.amount
            for entry in self.pending
            if entry.event.session == session
            for posting in entry.postings
            if posting.role == role and posting.holder == holder
        )

    def drawn_since(self, seq: int, role: str, holder: str) -> Sequence[Entry]:
        """Return the entries after *seq* that debit a holder, oldest first."""
        accounts = self.settings.codes(role)
        stored = log.drawn_since(self._connection, self.book.id, seq, accounts, holder)
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

    def moved_stocks(self) -> dict[str, Stock]:
        """Return what is held now of each item that the pending entries moved."""
        items = {
            posting.holder
            for entry in self.pending
            for posting in entry.postings
            if posting.role == "inventory"
        }
        return {item: self.stock(item) for item in items}

    def apply(self, entry: Entry) -> None:
        """Put *entry* behind the log."""
        for posting in entry.postings:
            self._move(posting, entry.event)
        for subject in dict.fromkeys(entry.event.subjects()):
            if subject in self._about:
                self._about[subject].append(entry)
        self.pending.append(entry)
        self._by_id[entry.event.id] = entry
        self.head = store.Head(entry.seq, entry.hash, store.to_us(entry.recorded_at))
        for caveat in entry.caveats:
            self.settings.learn(caveat.cause, caveat.subject)
        if isinstance(entry.event, ConfiguringEvent):
            entry.event.configure(self.settings)

    def _move(self, posting: Posting, event: BusinessEvent) -> None:
        key = (posting.role, posting.holder)
        if key in self._balances:
            self._balances[key] += posting.amount
        if posting.role == "inventory":
            item = posting.holder
            self._stocks[item] = self.stock(item).moved(
                posting.quantity, posting.amount, stocked=event.stocks(item)
            )

    def undo(self, kept: int) -> None:
        """Take back every pending entry but the first *kept*."""
        if kept == len(self.pending):
            return
        again = self.pending[:kept]
        if any(e.caveats or isinstance(e.event, ConfiguringEvent) for e in self.pending):
            self.settings = log.load_settings(self._connection, self.book)
        self.head = self._stored_head
        self._forget()
        for entry in again:
            self.apply(entry)

    def commit(self) -> None:
        """Say that the pending entries are stored."""
        self._stored_head = self.head
        self.pending = []
        self._by_id.clear()

    def _forget(self) -> None:
        self.pending = []
        for cache in (self._by_id, self._balances, self._stocks, self._about):
            cache.clear()


def _draws(posting: Posting, role: str, holder: str) -> bool:
    return posting.role == role and posting.holder == holder and posting.amount > 0
