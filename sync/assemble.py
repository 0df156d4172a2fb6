"""A worker and a reconciler with everything that they need, made from settings."""

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
from msgspec import Struct

from ledger.book import Book
from ledger.database import Engine
from sync.clock import DatabaseClock
from sync.connections.office import Office
from sync.deliver import Courier
from sync.quickbooks.api import TIMEOUT
from sync.reconcile import Reconciler
from sync.settings import QuickBooksSettings, WorkerSettings
from sync.vault import Vault
from sync.worker import Worker


class Desk(Struct, frozen=True):
    """What stands ready: `office` connects books, `worker` brings them in step."""

    database: Engine
    office: Office
    worker: Worker

    async def reconciler(self, book: Book) -> Reconciler:
        """Return who compares a book with its company. Raises Unavailable when it has none."""
        return Reconciler(self.database, book, await self.office.open(book))


@asynccontextmanager
async def open_desk(
    database: Engine,
    qbo: QuickBooksSettings,
    worker: WorkerSettings,
    vault: Vault,
    clock: Callable[[], int],
    http: httpx.AsyncClient | None = None,
) -> AsyncIterator[Desk]:
    """Open a desk; *http* replaces the client that is made (and closed) here otherwise.

    A database of many hosts has its own clock, and *clock* serves until that was read.
    """
    ours = httpx.AsyncClient(timeout=TIMEOUT) if http is None else _borrowed(http)
    async with _agreed(database, clock) as now, ours as client:
        office = Office(database, vault, qbo, client, now, worker)
        owner = f"{socket.gethostname()}-{secrets.token_hex(8)}"
        yield Desk(
            database, office, Worker(Courier(database, worker, now, owner=owner), office.open)
        )


@asynccontextmanager
async def _agreed(database: Engine, clock: Callable[[], int]) -> AsyncIterator[Callable[[], int]]:
    """Give the clock that all workers of a database go by: one host's for a file of that host."""
    if database.dialect.name != "postgresql":
        yield clock
        return
    shared = DatabaseClock(database, clock)
    keeping = asyncio.create_task(shared.keep())
    try:
        yield shared
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


@asynccontextmanager
async def _borrowed(http: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    yield http
