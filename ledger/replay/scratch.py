"""The log of a book, decided again beside the book, into what is thrown away.

It takes room on disk for what is looked up later, as much as the log; in memory little more than a
recorder does.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from tempfile import TemporaryDirectory

from msgspec import Struct
from msgspec.structs import replace

from ledger import store
from ledger.book import Book
from ledger.database import Connection, Engine
from ledger.decide import Decision, decide, entered
from ledger.events import Event
from ledger.growth.rows import Grown
from ledger.growth.store import append
from ledger.log.store import to_actor
from ledger.postings import Caveat, Posting
from ledger.replay.disk.store import Told
from ledger.replay.store import Logged, Ought, Posted, rows_in_order, throwaway
from ledger.replay.told import Earlier
from ledger.tables import ACCOUNT, DEVICE_RUN, STOCK, STOCK_PLACE, SUBJECT

BATCH: int = 1000
"""How many entries are written at once."""


class Again(Struct, frozen=True):
    """What became of an event that was told again: what was decided, or why it was not."""

    decision: Decision | None
    refusal: str = ""


class Scratch:
    """A book of the same number in a database of its own; `through` is the last event in it."""

    def __init__(self, engine: Engine, book: Book, *, keeps: bool, admits: bool) -> None:
        self.book, self._engine = book, engine
        self._keeps, self._admits = keeps, admits
        self.connection: Connection = engine.connect().execution_options(writes=True)
        self.connection.begin()
        store.create_book(self.connection, book, now_us=0)
        self.earlier = Earlier(self.connection, book)

    @property
    def through(self) -> int:
        """Return the number of the last event that was told."""
        return self.earlier.seq

    def tell(self, logged: Logged, event: Event) -> Again:
        """Decide an event again; the entry is what it decides, or what is stored where it fails."""
        try:
            again = Again(self._decide(logged, event))
        except Exception as refusal:  # noqa: BLE001 - a fact that was tampered with may break anything
            again = Again(None, str(refusal.args[0]) if refusal.args else type(refusal).__name__)
        decision = again.decision
        if decision is not None:
            event, day = decision.event, store.to_day(decision.event.day())
            self._hear(logged, event, (day, decision.postings, decision.caveats))
        else:
            day = logged.business_date
            event = replace(event, business_date=store.from_day(day))
            left = tuple(Caveat(*each[1:]) for each in logged.caveats)
            self._hear(logged, event, (day, self._postings(logged), left))
        return again

    def _decide(self, logged: Logged, event: Event) -> Decision:
        if self._admits:
            return decide(event, self.earlier, to_actor(logged.actor))
        return entered(event, self.earlier, logged.body)

    def _hear(
        self,
        logged: Logged,
        event: Event,
        entry: tuple[int, tuple[Posting, ...], tuple[Caveat, ...]],
    ) -> None:
        day, postings, caveats = entry
        self.earlier.hear(
            Told(
                logged.seq,
                day,
                logged.recorded_us,
                logged.actor,
                logged.hash,
                logged.body,
                postings,
                caveats,
            ),
            event,
        )
        if len(self.earlier) >= BATCH:
            self.write()

    def write(self) -> None:
        """Write what was told."""
        fresh = self.earlier.fresh() if self._keeps else []
        if fresh:
            append(self.connection, Grown(self.book.id, 0, fresh, self.earlier.changed()))
        self.earlier.write()

    def ought(self) -> Iterator[Ought]:
        """Yield what ought to be in tables that are kept in step with the log."""
        yield Ought(SUBJECT, rows_in_order(self.connection, SUBJECT, self.book.id))
        yield Ought(ACCOUNT, self.earlier.accounts())
        yield Ought(STOCK, self.earlier.stocks())
        yield Ought(STOCK_PLACE, self.earlier.places())
        yield Ought(DEVICE_RUN, self.earlier.runs())

    def close(self) -> None:
        """Let go of the database; what was never committed is not written for nothing."""
        self.connection.invalidate()
        self.connection.close()
        self._engine.dispose()

    def _postings(self, logged: Logged) -> tuple[Posting, ...]:
        accounts = self.earlier.settings.accounts
        found: list[Posting] = []
        for row in map(Posted._make, logged.postings):
            account = accounts.get(row.account, date.max)
            found.append(
                Posting(
                    role=account.role if account else "",
                    amount=row.amount,
                    holder=row.holder,
                    quantity=row.quantity,
                    account=row.account,
                    currency=row.currency,
                    location=row.location,
                    home=row.home,
                )
            )
        return tuple(found)


@contextmanager
def scratch(book: Book, *, keeps: bool = False, admits: bool = False) -> Iterator[Scratch]:
    """Open a scratch for a book, under the system's folder for temporary files (`TMPDIR`).

    One that *keeps* holds every row that the book ought to. One that *admits* asks of each fact
    again whether it may be stated at all, by the rules of today; without, facts are taken as said.
    """
    with TemporaryDirectory(prefix="daybook-replay-") as where, _seldom_collected():
        again = Scratch(throwaway(f"{where}/replay.db"), book, keeps=keeps, admits=admits)
        try:
            yield again
        finally:
            again.close()


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Look for garbage in cycles less often: a page of the log alone would set it off each time."""
    usual = gc.get_threshold()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
