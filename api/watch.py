"""Who waits for a book's log to grow, and what wakes them.

A waiter is a future and nothing else: no thread, no connection. The local recorder's facts wake
those of its book at once; for what other processes append, one look at the heads serves them all.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from msgspec import Struct

from ledger.database import AWAY, Engine, snapshot
from ledger.views.store import heads

LOOK_EVERY_SECONDS: Final = 0.25


class _Waiter(Struct, frozen=True, eq=False):
    """Waits for a log to grow beyond a place."""

    beyond: int
    woken: asyncio.Future[None]


class Watch:
    """Wakes who waits for a book; it looks at the database only while somebody does."""

    def __init__(
        self,
        read: Callable[[Sequence[int]], dict[int, int]],
        *,
        look_every_seconds: float = LOOK_EVERY_SECONDS,
    ) -> None:
        self._read = read
        self._pause = look_every_seconds
        self._waiting: dict[int, set[_Waiter]] = {}
        self._grown: dict[int, int] = {}
        self._looking: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def waiting(self) -> int:
        """Return how many wait now."""
        return sum(map(len, self._waiting.values()))

    def grew(self, book_id: int, seq: int) -> None:
        """Say that a book's log ends at *seq* or later."""
        if seq <= self._grown.get(book_id, 0):
            return
        self._grown[book_id] = seq
        for waiter in tuple(self._waiting.get(book_id, ())):
            if waiter.beyond < seq and not waiter.woken.done():
                waiter.woken.set_result(None)

    def close(self) -> None:
        """Let nobody wait any more: the service ends."""
        self._closed = True
        for waiters in self._waiting.values():
            for waiter in waiters:
                if not waiter.woken.done():
                    waiter.woken.set_result(None)

    async def growth(self, book_id: int, beyond: int, seconds: float) -> bool:
        """Wait until a book's log ends after *beyond*; False when it did not within *seconds*."""
        if self._closed or self._grown.get(book_id, 0) > beyond:
            return not self._closed
        waiter = _Waiter(beyond, asyncio.get_running_loop().create_future())
        self._waiting.setdefault(book_id, set()).add(waiter)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            async with asyncio.timeout(seconds):
                await waiter.woken
        except TimeoutError:
            return False
        finally:
            self._waiting[book_id].discard(waiter)
            if not self._waiting[book_id]:
                del self._waiting[book_id]
        return not self._closed

    async def _look(self) -> None:
        while self._waiting:
            await asyncio.sleep(self._pause)
            with suppress(*AWAY):  # it is asked again; who waits gets nothing new meanwhile
                for book_id, seq in (await self._heads()).items():
                    self.grew(book_id, seq)

    async def _heads(self) -> dict[int, int]:
        books = list(self._waiting)
        return await asyncio.to_thread(self._read, books) if books else {}


def watch_of(database: Engine) -> Watch:
    """Return the watch over the books of a database."""

    def read(book_ids: Sequence[int]) -> dict[int, int]:
        with snapshot(database) as connection:
            return heads(connection, book_ids)

    return Watch(read)
