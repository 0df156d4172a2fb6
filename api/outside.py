"""QuickBooks as this machine reaches it: the one that is configured, else a stand-in of our own."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

import httpx
from msgspec.structs import replace

from api.settings import Settings
from api.supervisor import Program, Supervisor, free_port, ours
from ledger.book import Book
from ledger.database import Engine
from ledger.recorder import now_us
from sync.assemble import Desk, open_desk
from sync.protocol import Unavailable
from sync.quickbooks.emulator.settings import EmulatorSettings
from sync.settings import BRISK, PRODUCTION, QuickBooksSettings

VAR: Final = Path("var")
"""Where programs that run together keep their state and what they say."""

DISCOVERY: Final = "/.well-known/openid_configuration"
COMPANIES: Final = "/_emulator/companies"
_NOTE: Final = "quickbooks.address"


def is_configured(stated: Settings) -> bool:
    """Tell whether a QuickBooks application is configured."""
    return bool(stated.qbo.client_id)


def with_stand_in(stated: Settings, address: str) -> Settings:
    """Return settings that reach the stand-in at *address*, without the waits that Intuit needs."""
    emulator = EmulatorSettings()
    qbo = QuickBooksSettings(
        api_url=address,
        authorize_url=f"{address}/connect/oauth2",
        token_url=f"{address}/oauth2/v1/tokens/bearer",
        revoke_url=f"{address}/v2/oauth2/tokens/revoke",
        client_id=emulator.client_id,
        client_secret=emulator.client_secret,
        redirect_uri=f"{stated.address}/v1/sync/quickbooks/callback",
        minor_version=stated.qbo.minor_version,
    )
    waits = BRISK if stated.worker == PRODUCTION else stated.worker
    return replace(stated, qbo=qbo, worker=waits)


@asynccontextmanager
async def reached(stated: Settings, var: Path = VAR) -> AsyncIterator[Settings]:
    """Yield settings by which QuickBooks is reached; a stand-in runs meanwhile where none is.

    One that already runs on the same state (`daybook run` does) is the one that is reached.
    """
    if is_configured(stated):
        yield stated
        return
    address = await running_stand_in(var)
    if address is not None:
        yield with_stand_in(stated, address)
        return
    supervisor = Supervisor(os.environ, var / "log")
    port = free_port(stated.host, stated.emulator_port)
    program = stand_in(stated.host, port, var)
    try:
        await supervisor.start(program)
        with announced(f"http://{stated.host}:{port}", var):
            yield with_stand_in(stated, f"http://{stated.host}:{port}")
    finally:
        await supervisor.stop()


def stand_in(host: str, port: int, var: Path) -> Program:
    """Return the program that plays QuickBooks on a port, with its state in *var*."""
    where = ("--host", host, "--port", str(port), "--state", str(var / "quickbooks.db"))
    ready = f"http://{host}:{port}{DISCOVERY}"
    return ours("emulator", *where, "--unthrottled", ready=ready)


@contextmanager
def announced(address: str, var: Path) -> Iterator[None]:
    """Tell other commands, as long as the block lasts, where the stand-in on this state answers."""
    note = var / _NOTE
    note.write_text(address, encoding="ascii")
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


async def running_stand_in(var: Path) -> str | None:
    """Return the address of the stand-in that runs on this state, if one does."""
    try:
        address = (var / _NOTE).read_text(encoding="ascii")
    except FileNotFoundError:
        return None
    async with httpx.AsyncClient(timeout=2) as client:
        try:
            answer = await client.get(address + DISCOVERY)
        except httpx.TransportError:
            return None
    return address if answer.status_code == httpx.codes.OK else None


async def found_company(address: str, book: Book) -> str:
    """Make a company for a book in the stand-in, and return its id."""
    stated = {
        "name": book.name,
        "country": book.country,
        "region": book.region,
        "currency": book.currency,
    }
    async with httpx.AsyncClient(timeout=30) as client:
        answer = await client.post(
            address + COMPANIES, json={name: text for name, text in stated.items() if text}
        )
        answer.raise_for_status()
        return str(answer.json()["realmId"])


@asynccontextmanager
async def opened(
    stated: Settings, database: Engine, http: httpx.AsyncClient | None = None
) -> AsyncIterator[Desk]:
    """Yield who connects books and brings them in step, by a client of our own or by *http*."""
    vault = await asyncio.to_thread(stated.vault)
    async with open_desk(database, stated.qbo, stated.worker, vault, now_us, http) as desk:
        yield desk


async def connect_to_stand_in(desk: Desk, stated: Settings, book: Book) -> None:
    """Connect a book that has no company yet to one of the stand-in's."""
    try:
        await desk.office.open(book)
    except Unavailable as missing:
        if missing.cause != "connection-dead":
            raise
        realm = await found_company(stated.qbo.api_url, book)
        await desk.office.connect_unattended(book, realm)
