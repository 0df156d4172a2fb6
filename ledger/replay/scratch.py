"""The log of a book, decided again into a database that is thrown away.

It is kept by the very code that records, so it holds what ought to be kept. On disk it takes about
as much room as the book; in memory no more than a recorder does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from tempfile import TemporaryDirectory

from msgspec import Struct
from msgspec.structs import replace

from ledger import chain, codec, store
from ledger.book import Book
from ledger.database import Connection, Engine
from ledger.decide import Decision, decide
from ledger.events.base import Entry
from ledger.growth.store import append
from ledger.log.store import to_actor
from ledger.postings import Caveat, Posting
from ledger.replay.store import Logged, throwaway
from ledger.state import State

BATCH: int = 256
"""How many entries are written at once."""


class Again(Struct, frozen=True):
    """What became of an event that was told again: what was decided, or why it was not."""

    decision: Decision | None
    refusal: str = ""


class Scratch:
    """A book of the same number in a database of its own; `through` is the last event in it."""

    def __init__(self, engine: Engine, book: Book) -> None:
        self.book, self._engine = book, engine
        self.connection: Connection = engine.connect().execution_options(writes=True)
        self._transaction = self.connection.begin()
        store.create_book(self.connection, book, now_us=0)
        head = store.head(self.connection, book.id)
        assert head is not None
        self._state = State(self.connection, book, head)

    @property
    def through(self) -> int:
        """Return the number of the last event that was told."""
        return self._state.head.seq

    def tell(self, logged: Logged) -> Again:
        """Decide an event again; the entry is what it decides, or what is stored where it fails.

        Invalid where the stored bytes are no event: then nothing can follow it.
        """
        event, actor = codec.decode(logged.body), to_actor(logged.actor)
        try:
            again = Again(decide(event, self._state, actor))
        except Exception as refusal:  # noqa: BLE001 - a fact that was tampered with may break anything
            again = Again(None, str(refusal.args[0]) if refusal.args else type(refusal).__name__)
        decision = again.decision
        if decision is None:
            event = replace(event, business_date=store.from_day(logged.business_date))
        previous = self._state.head.hash
        self._state.apply(
            Entry(
                seq=logged.seq,
                event=decision.event if decision else event,
                postings=decision.postings if decision else self._postings(logged),
                caveats=decision.caveats if decision else _caveats(logged),
                recorded_at=store.instant(logged.recorded_us),
                actor=actor,
                hash=chain.link(
                    previous,
                    self.book.id,
                    logged.seq,
                    logged.recorded_us,
                    logged.actor,
                    logged.body,
                ),
                body=logged.body,
            )
        )
        if len(self._state.pending) >= BATCH:
            self.write()
        return again

    def write(self) -> None:
        """Write what was told."""
        if self._state.pending:
            append(self.connection, self._state.grown())
        self._transaction.commit()
        self._state.commit()
        self._transaction = self.connection.begin()
        self._state.read_through(lambda: self.connection)

    def close(self) -> None:
        """Let go of the database."""
        self.connection.close()
        self._engine.dispose()

    def _postings(self, logged: Logged) -> tuple[Posting, ...]:
        accounts = self._state.settings.accounts
        found: list[Posting] = []
        for row in logged.postings:
            account = accounts.get(row.account, date.max)
            role = account.role if account else ""
            found.append(
                Posting(
                    role=role,
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


def _caveats(logged: Logged) -> tuple[Caveat, ...]:
    return tuple(Caveat(row.cause, row.subject, row.amount) for row in logged.caveats)


@contextmanager
def scratch(book: Book) -> Iterator[Scratch]:
    """Open a scratch for a book, under the system's folder for temporary files (`TMPDIR`)."""
    with TemporaryDirectory(prefix="daybook-replay-") as where:
        again = Scratch(throwaway(f"{where}/replay.db"), book)
        try:
            yield again
        finally:
            again.close()
