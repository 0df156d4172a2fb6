"""A worker in a process of its own, which dies where it is told to.

    python -m tests.sync.crew DATABASE EMULATOR BOOK [POINT]

It drains one book. At the second time that it comes to POINT it is gone, as by `kill -9`. It comes
to `several on the wire` with each document that goes beside three others.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from msgspec.structs import replace

from ledger.book import Book
from ledger.database import open_database, snapshot
from ledger.recorder import now_us
from ledger.store import find_book
from sync.assemble import open_desk
from sync.deliver import Courier
from sync.documents import AnyDocument
from sync.intake.step import Taken
from sync.outbox import Claim, Ended
from sync.protocol import Sent, Target
from sync.quickbooks.emulator.settings import EmulatorSettings
from sync.settings import BRISK
from sync.worker import Worker
from tests.sync.test_in_step import VAULT, application

HASTY: Final = replace(BRISK, lease=0.6, heartbeat=0.15, margin=0.1, quiesce=0.5)

SEVERAL: Final = "several on the wire"
POINTS: Final = (
    *("before planning", "after planning", "before the claim", "after the claim"),
    *("before the wire", "after the wire", "before the look-up", "after the look-up"),
    *("before the intent", "after the intent", "before the outcome", "after the outcome"),
    SEVERAL,
)


class Fate:
    """Ends the process at the second time that it comes to a point."""

    def __init__(self, point: str) -> None:
        self.point, self.times = point, 0

    def at(self, point: str) -> None:
        """Come to a point."""
        if point != self.point:
            return
        self.times += 1
        if self.times == 2:
            os.kill(os.getpid(), signal.SIGKILL)


class Mortal(Courier):
    """A courier that has a fate."""

    fate = Fate("")

    def _claim(self, book_id: int, key: str, target: Target) -> Claim | None:
        self.fate.at("before the claim")
        mine = super()._claim(book_id, key, target)
        self.fate.at("after the claim")
        return mine

    def _intend(self, mine: Claim, target: Target) -> int:
        self.fate.at("before the intent")
        until = super()._intend(mine, target)
        self.fate.at("after the intent")
        return until

    def _settle(self, mine: Claim, target: Target, ended: Ended) -> bool:
        self.fate.at("before the outcome")
        kept = super()._settle(mine, target, ended)
        self.fate.at("after the outcome")
        return kept


class Planning(Worker):
    """A worker that has the fate of its courier."""

    def _step(self, book: Book, through: date | None) -> Taken:
        Mortal.fate.at("before planning")
        taken = super()._step(book, through)
        Mortal.fate.at("after planning")
        return taken


class Line:
    """The way to a company, on which one may die."""

    def __init__(self, target: Target) -> None:
        self._target, self._on_it = target, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)

    async def push(self, document: AnyDocument, version: int, links: Mapping[str, Sent]) -> Sent:
        """Push, and live perhaps."""
        Mortal.fate.at("before the wire")
        self._on_it += 1
        if self._on_it > 3:
            Mortal.fate.at(SEVERAL)
        try:
            sent = await self._target.push(document, version, links)
        finally:
            self._on_it -= 1
        Mortal.fate.at("after the wire")
        return sent

    async def find(
        self, document: AnyDocument, version: int, links: Mapping[str, Sent]
    ) -> Sent | None:
        """Look, and live perhaps."""
        Mortal.fate.at("before the look-up")
        found = await self._target.find(document, version, links)
        Mortal.fate.at("after the look-up")
        return found


async def main(database_url: str, emulator_url: str, book_id: int) -> None:
    """Drain a book."""
    database = open_database(database_url)
    qbo = application(EmulatorSettings(public_url=emulator_url))
    with snapshot(database) as connection:
        book = find_book(connection, book_id)
    assert book is not None
    async with open_desk(database, qbo, HASTY, VAULT, now_us) as desk:

        async def line(asked: Book) -> Line:
            return Line(await desk.office.open(asked))

        clock = desk.worker.courier.clock
        courier = Mortal(database, HASTY, clock, owner=f"crew-{os.getpid()}")
        await Planning(courier, line).drain([book])
    database.dispose()


if __name__ == "__main__":
    Mortal.fate = Fate(sys.argv[4] if len(sys.argv) > 4 else "")
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
