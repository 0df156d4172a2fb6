"""One step of planning: read on in the log, or turn one set that is due into documents.

A step is one transaction with the book's row held, so two workers plan one after the other and
nothing is planned twice. What comes late makes a further set; what was sent is never edited.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Final, TypeVar

from msgspec import Struct

from ledger import store as ledger
from ledger.book import Book
from ledger.customers.store import find_customer
from ledger.database import Connection
from ledger.events.base import BusinessEvent, Entry
from ledger.events.register import RegisterClosed
from ledger.events.reversal import EventReversed
from ledger.log import store as log
from ledger.settings import Settings
from sync.documents import Account, AnyDocument, account_key, place
from sync.intake import store
from sync.lane.store import hold
from sync.outbox import Stored
from sync.plan import Past, plan_entry, plan_reversal, plan_set, scope_of
from sync.plan.names import Names

T = TypeVar("T")

BATCH: Final = 200
"""Entries that one step reads."""


class Taken(Struct, frozen=True):
    """What a step did: entries read, documents added; `more` when the next step has work too."""

    entries: int = 0
    documents: int = 0
    more: bool = False


class Terms(Struct, frozen=True):
    """When a set is due: `through` is the day that somebody asked for, `now_us` the clock's word.

    `late_us` is how long after its last entry was recorded a day's set still waits for company.
    """

    now_us: int
    through: date | None = None
    late_us: int = 0


class Lookup(Mapping[str, T]):
    """A mapping that asks the store for what it has not seen yet."""

    def __init__(self, find: Callable[[str], T | None]) -> None:
        self._find = find
        self._seen: dict[str, T | None] = {}

    def __getitem__(self, key: str) -> T:
        if key not in self._seen:
            self._seen[key] = self._find(key)
        found = self._seen[key]
        if found is None:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._seen)

    def __len__(self) -> int:
        return len(self._seen)

    def __bool__(self) -> bool:
        return True  # it is not empty because nobody asked yet


def work_waits(connection: Connection, book: Book, terms: Terms) -> bool:
    """Tell, in a snapshot, whether a step would find anything to do."""
    head = ledger.head(connection, book.id)
    if head is not None and head.seq > store.cursor(connection, book.id):
        return True
    waiting = store.waiting_sets(connection, book.id)
    return bool(waiting) and any(map(Planner(connection, book, terms).is_due, waiting))


def take_in(connection: Connection, book: Book, terms: Terms) -> Taken:
    """Plan the next entries or, when there are none, the first set that is due."""
    hold(connection, book.id)
    seen = store.cursor(connection, book.id)
    entries = log.entries(connection, book.id, after=seen, limit=BATCH)
    planner = Planner(connection, book, terms)
    if entries:
        added = planner.open_book() if seen == 0 else 0
        added += sum(planner.take(entry) for entry in entries)
        store.advance(connection, book.id, seen, entries[-1].seq)
        return Taken(len(entries), added, more=True)
    for waiting in store.waiting_sets(connection, book.id):
        if planner.is_due(waiting):
            return Taken(0, planner.plan_waiting(waiting.spot), more=True)
    return Taken()


class Planner:
    """Plans within one transaction, whose sync row is held."""

    def __init__(self, connection: Connection, book: Book, terms: Terms) -> None:
        self._connection, self._book, self._terms = connection, book, terms
        self._settings: Settings = log.load_settings(connection, book)
        self._names: Lookup[str] = Lookup(self._name)
        self._related: Lookup[Entry] = Lookup(
            lambda event_id: log.find_entry(connection, book.id, event_id)
        )
        self._past = Past(self._about, self._planned)

    def open_book(self) -> int:
        """Add the account that a year's result is rolled into over there; we never post to it."""
        day = self._book.fiscal_year_start(ledger.instant(self._terms.now_us).date())
        account = self._settings.account("retained_earnings", day)
        assert account is not None
        at = place(account.code, account.role, "")
        document = Account(
            key=account_key(at),
            day=day,
            currency=self._book.currency,
            place=at,
            name=Names(self._settings, self._book).account(account, ""),
            account_type=account.type,
        )
        return self._put([document], "", 0)

    def take(self, entry: Entry) -> int:
        """Plan an entry, or let it wait for its set; return how many documents were added."""
        event = entry.event
        if isinstance(event, RegisterClosed) and event.session is not None:
            store.close_session(self._connection, self._book.id, event.session, entry.seq)
        original = None
        if isinstance(event, EventReversed):
            original = store.find_spot(self._connection, self._book.id, event.reverses)
            if original is not None and original.kind == "entry":
                return self._take_back(entry, event, original)
        scope = scope_of(entry, self._settings, self._related)
        if scope is None:
            return 0
        if original is not None:  # whatever the policy is by now: what a summary took in, it undoes
            name = original.name if original.kind == "session" else event.day().isoformat()
            self._note(entry, store.Spot(original.kind, name, original.channel))
        elif scope.kind == "entry":
            return self._alone(entry, self._documents(entry, event))
        else:
            self._note(entry, store.Spot(scope.kind, scope.name, scope.channel or ""))
        return 0

    def is_due(self, waiting: store.Waiting) -> bool:
        """Tell whether a set's day is over, or its session closed."""
        spot, terms = waiting.spot, self._terms
        if spot.kind == "session":
            return store.is_closed(self._connection, self._book.id, spot.name)
        day = date.fromisoformat(spot.name)
        if terms.through is not None and day <= terms.through:
            return True
        grace = self._settings.policy("day_grace", day, spot.channel or None)
        assert isinstance(grace, timedelta)
        over = ledger.to_us(self._book.day_ends(day) + grace)
        return terms.now_us >= max(over, waiting.recorded_us + terms.late_us)

    def plan_waiting(self, spot: store.Spot) -> int:
        """Turn a set's waiting entries into its next documents."""
        seqs = store.waiting_entries(self._connection, self._book.id, spot)
        entries = log.entries_at(self._connection, self._book.id, seqs)
        numbered = store.next_set(self._connection, self._book.id, spot)
        documents = plan_set(
            numbered.scope(),
            entries,
            self._settings,
            self._book,
            self._names,
            related=self._related,
        )
        return self._put(documents, numbered.title(), entries[-1].seq)

    def _take_back(self, entry: Entry, event: EventReversed, spot: store.Spot) -> int:
        """Plan the reversal of what was planned by itself.

        What surely never arrived is superseded, unless the two stand on different days: then both
        are sent, so that the days between agree as well.
        """
        stored = store.own_documents(self._connection, self._book.id, spot.title())
        original = self._related[event.reverses]
        same_day = original.event.day() == event.day()
        if same_day and store.supersede(self._connection, self._book.id, spot.title()):
            return self._alone(entry, [])
        return self._alone(entry, self._documents(entry, event, stored))

    def _documents(
        self, entry: Entry, event: BusinessEvent, reversed_: Sequence[Stored] = ()
    ) -> list[AnyDocument]:
        names, settings, book = self._names, self._settings, self._book
        if not isinstance(event, EventReversed):
            return plan_entry(entry, settings, book, names, self._related, self._past)
        sent = [stored.document() for stored in reversed_]
        return plan_reversal(entry, sent, settings, book, names, self._related, self._past)

    def _alone(self, entry: Entry, documents: Sequence[AnyDocument]) -> int:
        spot = store.Spot("entry", entry.event.id, "", 1)
        self._note(entry, spot)
        return self._put(documents, spot.title(), entry.seq)

    def _note(self, entry: Entry, spot: store.Spot) -> None:
        store.note_entry(self._connection, self._book.id, entry, spot)

    def _put(self, documents: Sequence[AnyDocument], scope: str, seq: int) -> int:
        return store.put_documents(
            self._connection,
            self._book.id,
            documents,
            scope=scope,
            seq=seq,
            now_us=self._terms.now_us,
        )

    def _about(self, kind: str, name: str) -> Sequence[Entry]:
        return log.entries_about(self._connection, self._book.id, kind, name)

    def _planned(self, entry: Entry) -> Sequence[AnyDocument]:
        """Return what an earlier entry became by itself, but for what was never sent."""
        title = store.Spot("entry", entry.event.id).title()
        stored = store.own_documents(self._connection, self._book.id, title)
        return [each.document() for each in stored if each.state != "superseded"]

    def _name(self, customer: str) -> str | None:
        found = find_customer(self._connection, self._book.id, customer)
        return found.name if found else None
