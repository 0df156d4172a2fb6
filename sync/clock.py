"""The time that all workers of a database agree on, however wrong the clocks of their hosts are.

A lease is only as good as the clock by which it ends: by one that is ten minutes fast, a worker
would take from another what that one is still sending.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from ledger.database import AWAY, Engine, snapshot
from sync.lane.store import clock_us

EVERY_SECONDS: Final = 60.0
AGAIN_SECONDS: Final = 1.0


class DatabaseClock:
    """Microseconds since 1970 by the database, carried on by what does not jump on this host.

    Until it was read for the first time, *before* is what counts.
    """

    def __init__(
        self,
        database: Engine,
        before: Callable[[], int],
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._database, self._before, self._monotonic_ns = database, before, monotonic_ns
        self._ahead_us: int | None = None

    def __call__(self) -> int:
        """Return microseconds since 1970."""
        if self._ahead_us is None:
            return self._before()
        return self._here_us() + self._ahead_us

    def read(self) -> None:
        """Set the clock by the database's."""
        with snapshot(self._database) as connection:
            began = self._here_us()
            there = clock_us(connection)
            self._ahead_us = there - (began + self._here_us()) // 2

    async def keep(self) -> None:
        """Set the clock every minute; an absent database is waited for."""
        while True:
            try:
                await asyncio.to_thread(self.read)
            except AWAY:
                await asyncio.sleep(AGAIN_SECONDS)
            else:
                await asyncio.sleep(EVERY_SECONDS)

    def _here_us(self) -> int:
        return self._monotonic_ns() // 1000
