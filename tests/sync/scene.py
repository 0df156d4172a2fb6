"""A connected book with documents to send, and workers that send them in virtual time."""

from datetime import date

from ledger.book import Book
from ledger.database import Engine, snapshot, transaction
from sync.connections import store as connections
from sync.deliver import Call, Courier
from sync.documents import (
    Account,
    AnyDocument,
    Customer,
    JournalEntry,
    JournalLine,
    Place,
    customer_key,
)
from sync.intake import store as intake
from sync.lane import store as lane
from sync.outbox import Stored
from sync.protocol import Target
from sync.settings import PRODUCTION, WorkerSettings
from sync.status import store as status
from sync.worker import Worker
from tests.sync.virtual import MIDNIGHT_US, VirtualLoop, inline, run

DAY = date(2026, 3, 1)
CASH = Account(
    key="account:1000",
    day=DAY,
    currency="CAD",
    place=Place("1000", "cash"),
    name="Cash",
    account_type="asset",
)
SALES = Account(
    key="account:4000",
    day=DAY,
    currency="CAD",
    place=Place("4000", "sales"),
    name="Sales",
    account_type="income",
)


def takings(name: str, amount: int = 1000, needs: tuple[str, ...] = ()) -> JournalEntry:
    """Return a journal of cash against sales; it needs both accounts, and what *needs* says."""
    return JournalEntry(
        key=f"rest:{name}",
        day=DAY,
        currency="CAD",
        lines=(JournalLine(CASH.place, amount), JournalLine(SALES.place, -amount)),
        needs=(CASH.key, SALES.key, *needs),
    )


def a_customer(reference: str | None) -> Customer:
    """Return the document of a customer; None is the walk-in customer."""
    return Customer(
        key=customer_key(reference),
        day=DAY,
        currency="CAD",
        reference=reference,
        name=reference or "Walk-in customer",
    )


class Scene:
    """One book of one database, and the company that it is connected to."""

    def __init__(self, database: Engine, book: Book) -> None:
        self.database, self.book = database, book
        with transaction(database) as connection:
            connections.connect(connection, book.id, "quickbooks", "realm-1", b"", MIDNIGHT_US)

    def put(self, *documents: AnyDocument, scope: str = "entry:S-1", seq: int = 1) -> None:
        """Add documents to the outbox."""
        with transaction(self.database) as connection:
            lane.hold(connection, self.book.id)
            intake.put_documents(
                connection, self.book.id, documents, scope=scope, seq=seq, now_us=MIDNIGHT_US
            )

    def document(self, key: str) -> Stored:
        """Return a document as it is kept."""
        with snapshot(self.database) as connection:
            found = status.find_document(connection, self.book.id, key)
        assert found is not None
        return found

    def states(self) -> dict[str, str]:
        """Return the state of every document."""
        with snapshot(self.database) as connection:
            return {d.key: d.state for d in status.list_documents(connection, self.book.id)}

    def trail(self, key: str) -> list[tuple[str, str]]:
        """Return the steps and outcomes of a document's attempts."""
        with snapshot(self.database) as connection:
            lines = status.attempts(connection, self.book.id, key)
        return [(line.step, line.outcome) for line in lines]

    def worker(
        self,
        loop: VirtualLoop,
        target: Target,
        *,
        owner: str = "worker-1",
        settings: WorkerSettings = PRODUCTION,
        call: Call = inline,
    ) -> Worker:
        """Return a worker in virtual time; its jitter is always the half."""

        async def opened(_book: Book) -> Target:
            return target

        courier = Courier(
            self.database, settings, loop.clock, owner=owner, jitter=lambda: 0.5, call=call
        )
        return Worker(courier, opened)

    def drain(self, target: Target) -> float:
        """Let one worker send everything that goes by itself; return how many seconds it took."""

        async def main(loop: VirtualLoop) -> float:
            await self.worker(loop, target).drain([self.book])
            return loop.time()

        return run(main)
