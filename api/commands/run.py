"""`daybook run`: everything on this machine, with a day of trade on the first start."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
import rich_click as click
from msgspec import Struct

from api.client import Refused, Unreachable
from api.commands.ground import own_troubles, settings
from api.commands.output import ERR, FAILED, OUT, UNREACHABLE, answer, as_json, done, fail, money
from api.demo.screen import Screen, show, show_addresses
from api.demo.shop import BOOK
from api.demo.stage import Played, Theatre, open_theatre, play, standing
from api.machine import Machine, running
from api.outside import VAR, running_stand_in
from api.proof import Proof
from api.settings import Settings
from api.supervisor import NotStarted
from ledger.database import snapshot
from ledger.events.base import Role
from ledger.store import find_book

PACE_SECONDS: Final = 0.02 if ERR.is_terminal else 0.0
"""A short breath between the calls, so that a person can follow."""


class Remembered(Struct, frozen=True):
    """What a later start has to know of the demonstration."""

    database_url: str
    book: int
    keys: dict[Role, str]


@click.command("run")
@click.option("--port", type=click.IntRange(1, 65535), help="Default DAYBOOK_PORT, else 8080.")
@click.option("--no-demo", is_flag=True, help="Start everything, and play nothing.")
@click.option(
    "--again", is_flag=True, help="Play a day although one was played on an earlier start."
)
@as_json
def command(*, port: int | None, no_demo: bool, again: bool, json_: bool) -> None:
    """Start API, worker and, with no QuickBooks configured, a stand-in for it; Ctrl-C ends them.

    On the first start a demonstration book is opened and a day of trade is played. State is in
    var/, what the programs say in var/log.
    """
    stated = settings()
    if port:
        stated = msgspec.structs.replace(stated, port=port)
    supervised(lambda: _run(stated, no_demo=no_demo, again=again, json_=json_))


def supervised(work: Callable[[], Awaitable[int]]) -> None:
    """Do a work that runs programs, end it cleanly on a signal, and leave with its exit code."""
    try:
        with own_troubles():
            code = asyncio.run(_until_told(work))
    except NotStarted as failed:
        fail(f"{failed.name} does not start.\n{failed.said}", code=FAILED)
    except Refused as refused:
        fail(f"The service refused a part of the day: {refused.reason}", code=FAILED)
    except Unreachable as away:
        fail(f"The service does not answer: {away}", code=UNREACHABLE)
    if code:
        raise SystemExit(code)


async def _until_told(work: Callable[[], Awaitable[int]]) -> int:
    """Return the exit code of *work*, 0 when a signal ended it."""
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work())
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(ending, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        done("Ended. Nothing is lost; `daybook run` goes on where this was.")
        return 0


async def _run(stated: Settings, *, no_demo: bool, again: bool, json_: bool) -> int:
    address = await running_stand_in(VAR)
    if address is not None:
        fail(f"Daybook runs in this folder already, with QuickBooks' stand-in at {address}.")
    async with running(stated, VAR, trouble) as machine:
        theatre, before = None, None
        if not no_demo and machine.stand_in is not None:
            theatre, before = await _theatre(machine)
        if theatre is not None and (before is None or again):
            played = await play(
                theatre, Screen(), yesterday(), fresh_run(), pace_seconds=PACE_SECONDS
            )
            tell(theatre, played.proof, played, json_=json_)
        elif theatre is not None:
            done(f"{theatre.book.name} is open from an earlier start; --again plays another day.")
            tell(theatre, await standing(theatre, Screen()), json_=json_)
        if theatre is not None:
            show_addresses(theatre, ERR if json_ else OUT)
        else:
            _show_service(machine)
        ERR.print("\nRunning; Ctrl-C ends everything.", style="dim")
        await asyncio.Event().wait()
    return 0


def _show_service(machine: Machine) -> None:
    address = machine.settings.address
    ERR.print(f"API {address}, documentation {address}/docs")
    if machine.stand_in is None:
        ERR.print(
            "`daybook books create` opens a book; GET /v1/sync/quickbooks/connect with its "
            "bookkeeper's key leads to QuickBooks' consent page.",
            style="dim",
        )


async def _theatre(machine: Machine) -> tuple[Theatre, Remembered | None]:
    """Return the demonstration's book, opened on the first start, and what an earlier one left."""
    path = VAR / "demo.json"
    known = _remembered(machine, path)
    if known is not None:
        with snapshot(machine.database) as connection:
            book = find_book(connection, known.book)
        if book is not None and book.name == BOOK.name:
            return Theatre(machine, book, known.keys), known
    theatre = await open_theatre(machine)
    _remember(path, Remembered(machine.settings.database_url, theatre.book.id, theatre.keys))
    return theatre, None


def _remembered(machine: Machine, path: Path) -> Remembered | None:
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Remembered)
    except (FileNotFoundError, msgspec.ValidationError):
        return None
    return found if found.database_url == machine.settings.database_url else None


def _remember(path: Path, what: Remembered) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(msgspec.json.encode(what))


def tell(theatre: Theatre, proof: Proof, played: Played | None = None, *, json_: bool) -> None:
    """Tell what stands on both sides, to a person or to a program."""
    if not json_:
        show(theatre, proof, played)
        return
    answer(
        {
            "book": theatre.book.id,
            "address": theatre.machine.settings.address,
            "events": proof.events,
            "sent_twice": played.sent_twice if played else 0,
            "documents": proof.arrivals.there,
            "lost": [*proof.arrivals.lost, *proof.arrivals.waiting],
            "doubled": [*proof.arrivals.doubled, *proof.arrivals.strange],
            "balances": [
                {"accounts": row.keys, "daybook": money(row.ours), "quickbooks": money(row.theirs)}
                for row in proof.balances.rows
            ],
            "holds": proof.holds,
        }
    )


def yesterday() -> date:
    """Return the boutique's yesterday: a whole day that is over."""
    return BOOK.business_date(datetime.now(UTC)) - timedelta(days=1)


def fresh_run() -> str:
    """Return what begins the ids of a day that is played now."""
    return f"D{datetime.now(UTC):%y%m%d%H%M%S}"


def trouble(text: str) -> None:
    """Tell that a program fell and comes back."""
    ERR.print(f"  {text}", style="dim")
