"""The worker: for each connected book, plan what the log has new and deliver what is due.

One lane a book: one worker at a time delivers for it, several documents at once where they are
independent. Several books at once, any number of workers. It stops between two documents, and
whatever stops it harder loses nothing.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import date
from typing import Any, Final, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from ledger import store as ledger
from ledger.book import Book
from ledger.database import AWAY, snapshot, transaction
from sync.abreast import abreast
from sync.connections import store as connections
from sync.deliver import Courier
from sync.intake.step import Taken, Terms, take_in, work_waits
from sync.lane import store as lane
from sync.outbox import Ended
from sync.protocol import Target, Unavailable
from sync.settings import SECOND

T = TypeVar("T")

LOG: Final = logging.getLogger("daybook.sync")
BOOKS_AT_ONCE: Final = 8
STEPS_AT_ONCE: Final = 20
"""Planning steps between two looks at what is to be delivered."""


class Progress(Struct, frozen=True):
    """What has just been done: entries read, documents planned, documents settled there.

    `open` is how many documents of the book are not settled yet.
    """

    book_id: int
    entries: int = 0
    documents: int = 0
    settled: int = 0
    open: int = 0

    @property
    def idle(self) -> bool:
        """Tell whether there was nothing to do."""
        return not (self.entries or self.documents or self.settled)


def unheard(progress: Progress) -> None:
    """Take a report of progress that nobody waits for."""


class Worker:
    """Runs the books of one database; *target* opens the outside company of a book."""

    def __init__(self, courier: Courier, target: Callable[[Book], Awaitable[Target]]) -> None:
        self.courier, self.target = courier, target
        self._together = asyncio.Semaphore(BOOKS_AT_ONCE)
        self._connected: set[int] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Serve every connected book until *stop* is set; books may come and go."""
        serving: dict[int, asyncio.Task[None]] = {}
        failures = 0
        while not stop.is_set():
            books = await _safely("the list of books", self.books())
            failures = 0 if books is not None else failures + 1
            if books is not None:
                self._connected = {book.id for book in books}
            for book in books or ():
                if book.id not in serving or serving[book.id].done():
                    serving[book.id] = asyncio.create_task(self._serve(book, stop))
            await _pause(stop, self._rest_seconds(failures))
        await asyncio.gather(*serving.values())

    async def drain(
        self,
        books: Sequence[Book] | None = None,
        *,
        through: date | None = None,
        progress: Callable[[Progress], None] = unheard,
        stop: asyncio.Event | None = None,
    ) -> None:
        """Work until nothing is left that goes by itself; days up to *through* count as over.

        What waits for a person, a later day or an open session stays; an outage is sat out.
        """
        until = stop or asyncio.Event()
        chosen = await self.books() if books is None else books
        await asyncio.gather(*(self._drain(book, through, progress, until) for book in chosen))

    async def books(self) -> list[Book]:
        """Return the books that have a connection, living or dead."""

        def read() -> list[Book]:
            with snapshot(self.courier.database) as connection:
                ids = {found.book_id for found in connections.connections(connection)}
                found = (ledger.find_book(connection, book_id) for book_id in sorted(ids))
                return [book for book in found if book is not None]

        return await self.courier.call(read)

    async def round(
        self,
        book: Book,
        through: date | None = None,
        progress: Callable[[Progress], None] = unheard,
        stop: asyncio.Event | None = None,
    ) -> Progress:
        """Plan a little, deliver what is due; return (and tell *progress*) what was done."""
        planned = await self._plan(book, through)
        progress(planned)
        due = await self.courier.due(book.id)
        if not due or (stop is not None and stop.is_set()):
            return planned
        try:
            target, settled = await self.target(book), 0
        except Unavailable:  # its connection has just ended
            return planned

        def goes_on(ended: Ended | None) -> bool:
            nonlocal settled
            if ended is not None:
                arrived = int(ended.state == "synced")
                settled += arrived
                progress(Progress(book.id, settled=arrived, open=planned.open - settled))
            stopped = stop is not None and stop.is_set()
            return not (stopped or (ended is not None and ended.book_fails))

        def deliver(key: str) -> Coroutine[Any, Any, Ended | None]:
            return self._delivered(book.id, key, target)

        await abreast(due, self.courier.settings.at_once, deliver, goes_on)
        return replace(planned, settled=settled, open=planned.open - settled)

    async def _delivered(self, book_id: int, key: str, target: Target) -> Ended | None:
        try:
            return await self.courier.deliver(book_id, key, target)
        except AWAY:
            raise
        except Exception as bug:  # it is of this document: the others go on
            LOG.exception("book %s, %s: a fault of our own", book_id, key)
            return await self.courier.put_aside(book_id, key, bug)

    async def _plan(self, book: Book, through: date | None) -> Progress:
        entries = documents = 0
        for _ in range(STEPS_AT_ONCE):
            taken = await self.courier.call(self._step, book, through)
            entries, documents = entries + taken.entries, documents + taken.documents
            if not taken.more:
                break

        def count() -> int:
            with snapshot(self.courier.database) as connection:
                return lane.open_count(connection, book.id)

        return Progress(book.id, entries, documents, 0, await self.courier.call(count))

    def _step(self, book: Book, through: date | None) -> Taken:
        terms = self._terms(through)
        with snapshot(self.courier.database) as connection:
            if not work_waits(connection, book, terms):
                return Taken()
        with transaction(self.courier.database) as connection:
            return take_in(connection, book, terms)

    async def _serve(self, book: Book, stop: asyncio.Event) -> None:
        failures, name = 0, f"book {book.id}"
        while not stop.is_set() and book.id in self._connected:
            done = await _safely(name, self._served(book, stop, failed=failures > 0))
            failures = 0 if done is not None else failures + 1
            if done is not None and not done.idle:
                continue
            await _pause(stop, self._rest_seconds(failures))
        await _safely(name, self.courier.leave(book.id))

    def _rest_seconds(self, failures: int) -> float:
        """Return how long to rest after a round: longer after each that failed in a row."""
        settings = self.courier.settings
        if not failures:
            return settings.poll
        longer: float = settings.backoff * 2 ** min(failures, 20)
        return min(max(settings.poll, longer), settings.rest_most)

    async def _served(self, book: Book, stop: asyncio.Event, *, failed: bool) -> Progress:
        """Do one round; after a failure of our own, first give back what was being sent."""
        if failed:
            await self.courier.surrender(book.id, "internal-error")
        async with self._together:
            return await self.round(book, stop=stop)

    async def _drain(
        self,
        book: Book,
        through: date | None,
        progress: Callable[[Progress], None],
        stop: asyncio.Event,
    ) -> None:
        try:
            while not stop.is_set():
                async with self._together:
                    done = await self.round(book, through, progress, stop)
                if not done.idle:
                    continue
                wait = await self.courier.call(self._idle_seconds, book, through)
                if wait is None:
                    return
                await _pause(stop, wait)
        finally:
            await self.courier.leave(book.id)

    def _idle_seconds(self, book: Book, through: date | None) -> float | None:
        """Return how long to wait for the next thing to do; None when nothing goes by itself."""
        terms = self._terms(through)
        with snapshot(self.courier.database) as connection:
            if work_waits(connection, book, terms):
                return 0
            found = connections.find(connection, book.id, self.courier.target_name)
            stopped = found is None or found.state != "connected"
            if stopped or connections.find_pause(connection, book.id):
                return None
            due_us = lane.next_due_us(connection, book.id)
        if due_us is None:
            return None
        return max((due_us - terms.now_us) / SECOND, self.courier.settings.poll)

    def _terms(self, through: date | None) -> Terms:
        late_us = int(self.courier.settings.late_grace * SECOND)
        return Terms(self.courier.clock(), through, late_us)


async def _safely(name: str, work: Awaitable[T]) -> T | None:
    """Return what *work* does; a bug, or an absent database, is logged: others go on, it waits."""
    try:
        return await work
    except AWAY as away:
        LOG.warning("%s: the database is away (%s)", name, type(away).__name__)
        return None
    except Exception:  # nothing may end the worker
        LOG.exception("%s: a fault of our own", name)
        return None


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait, but no longer than until *stop* is set."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
