"""A book in memory: what the pure core needs to know of earlier facts, without a database."""

from collections import defaultdict
from datetime import UTC, datetime

from ledger import chain
from ledger.book import Book
from ledger.decide import Decision, completed, decide
from ledger.events import Event
from ledger.events.base import Actor, Entry
from ledger.events.configuration import ConfiguringEvent
from ledger.postings import Posting
from ledger.settings import Settings
from ledger.stock import Stock, netted

BOOKKEEPER = Actor("k-books", "bookkeeper")
TILL = Actor("k-till", "pos")

MONTREAL = Book(
    id=1,
    name="Boutique Sainte-Catherine",
    country="CA",
    region="QC",
    currency="CAD",
    timezone="America/Toronto",
)
LONDON = Book(
    id=2,
    name="Gifts of Hoxton",
    country="GB",
    region=None,
    currency="GBP",
    timezone="Europe/London",
)


class Memory:
    """The log of one book (`Earlier`), with `record` as its only way in."""

    def __init__(self, book: Book = MONTREAL) -> None:
        self.book = book
        self.settings = Settings(book)
        self.entries: list[Entry] = []
        self._by_id: dict[str, Entry] = {}
        self._about: defaultdict[tuple[str, str], list[Entry]] = defaultdict(list)
        self._balances: defaultdict[tuple[str, str, str], int] = defaultdict(int)
        self._carried: defaultdict[tuple[str, str, str], int] = defaultdict(int)
        self._places: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._heard: set[tuple[str, int, int]] = set()
        self._stocks: dict[str, Stock] = {}

    def entry(self, event_id: str) -> Entry | None:
        """Return the entry of an event."""
        return self._by_id.get(event_id)

    def about(self, kind: str, name: str) -> list[Entry]:
        """Return the entries whose events speak of a subject, oldest first."""
        return list(self._about.get((kind, name), ()))

    def balance(self, role: str, holder: str, currency: str = "") -> int:
        """Return what a holder has in the accounts of a role, minor units, debit positive."""
        return self._balances.get((role, holder, currency or self.book.currency), 0)

    def carried(self, role: str, holder: str, currency: str) -> int:
        """Return what a holder's foreign balance stands at in home minor units."""
        return self._carried.get((role, holder, currency), 0)

    def stock_at(self, item: str, location: str) -> int:
        """Return how much of an item a location holds, in millionths."""
        return self._places.get((item, location), 0)

    def heard(self, device: str, epoch: int, seq: int) -> bool:
        """Tell whether a device's number was received."""
        return (device, epoch, seq) in self._heard

    def stock(self, item: str) -> Stock:
        """Return what is held of an item."""
        return self._stocks.get(item, Stock())

    def session_total(self, session: str, role: str, holder: str, currency: str = "") -> int:
        """Return what the events of a register session posted to a holder."""
        return sum(
            posting.amount
            for entry in self.entries
            if entry.event.session == session
            for posting in _of(entry, role, holder)
            if posting.currency == (currency or self.book.currency)
        )

    def drawn_since(self, seq: int, role: str, holder: str) -> list[Entry]:
        """Return the entries after *seq* that debit a holder, oldest first."""
        return [
            entry
            for entry in self.entries
            if entry.seq > seq
            and any((p.amount or p.quantity) > 0 for p in _of(entry, role, holder))
        ]

    def balances(self) -> dict[tuple[str, str], int]:
        """Return every balance of home money that is not zero."""
        home = self.book.currency
        return {
            (role, holder): amount
            for (role, holder, currency), amount in self._balances.items()
            if amount and currency == home
        }

    def preview(self, event: Event, actor: Actor = BOOKKEEPER) -> Decision:
        """Return what recording a fact would write."""
        return decide(completed(event, self), self, actor)

    def record(self, event: Event, actor: Actor = BOOKKEEPER) -> Entry:
        """Record a fact; raises the refusal, and then nothing has changed."""
        decision = self.preview(event, actor)
        seq, body = len(self.entries) + 1, decision.body
        last = self.entries[-1].hash if self.entries else chain.genesis(self.book.id)
        entry = Entry(
            seq=seq,
            event=decision.event,
            postings=decision.postings,
            caveats=decision.caveats,
            recorded_at=datetime.fromtimestamp(1_773_500_000 + seq, UTC),
            actor=actor,
            hash=chain.link(last, self.book.id, seq, seq, actor.key, body),
            body=body,
        )
        self._apply(entry)
        return entry

    def _apply(self, entry: Entry) -> None:
        event = entry.event
        self.entries.append(entry)
        self._by_id[event.id] = entry
        for subject in dict.fromkeys(event.subjects()):
            self._about[subject].append(entry)
        for posting in entry.postings:
            place = (posting.role, posting.holder, posting.currency)
            self._balances[place] += posting.amount
            self._carried[place] += posting.at_home
            if posting.role == "inventory":
                place_of_stock = (posting.holder, posting.location or event.location or "")
                self._places[place_of_stock] += posting.quantity
        for item, (quantity, value) in netted(entry.postings).items():
            stocked = event.stocks(item)
            self._stocks[item] = self.stock(item).moved(quantity, value, stocked=stocked)
        if event.device_seq is not None:
            device = event.device_seq
            self._heard.add((device.device, device.epoch, device.seq))
        for caveat in entry.caveats:
            self.settings.learn(caveat.cause, caveat.subject)
        if isinstance(event, ConfiguringEvent):
            event.configure(self.settings)


def _of(entry: Entry, role: str, holder: str) -> list[Posting]:
    return [p for p in entry.postings if (p.role, p.holder) == (role, holder)]
