"""`daybook sync`: QuickBooks brought in step now, as the worker would."""

import asyncio
import time
from datetime import date, datetime

import rich_click as click

from api.commands.ground import database, one_book, settings
from api.commands.keys import of_book
from api.commands.output import DIFFERS, OUT, answer, as_json, count, done, fail, progress
from api.commands.outside import desk_for, outside_troubles
from api.commands.reconcile import Day
from api.settings import Settings
from ledger.book import Book
from ledger.database import Engine, snapshot
from sync.outbox import SETTLED
from sync.status.store import causes, counts
from sync.worker import Progress


@click.command("sync")
@click.option("--through", type=Day, required=True, help="Days up to this one count as over.")
@of_book
@as_json
def command(*, through: datetime, book: int | None, json_: bool) -> None:
    """Plan and send every document through a day; an outage is sat out, Ctrl-C loses nothing."""
    stated = settings()
    started = time.monotonic()
    with database(stated) as engine, outside_troubles():
        opened = one_book(engine, book)
        sent = asyncio.run(_drained(stated, engine, opened, through.date()))
        with snapshot(engine) as connection:
            states, reasons = counts(connection, opened.id), causes(connection, opened.id)
    seconds = time.monotonic() - started
    open_ = {state: n for state, n in states.items() if n and state not in SETTLED}
    if json_:
        answer({"sent": sent, "states": states, "causes": reasons, "seconds": round(seconds, 1)})
    else:
        done(f"{count(sent)} documents sent in {seconds:,.0f} s.")
        OUT.print(", ".join(f"{count(n)} {state}" for state, n in states.items() if n))
    if open_.get("needs_attention"):
        listed = ", ".join(f"{one.cause} ({one.documents})" for one in reasons[:5])
        fail(f"{open_['needs_attention']} documents wait for a person: {listed}", code=DIFFERS)


async def _drained(stated: Settings, engine: Engine, book: Book, through: date) -> int:
    sent = 0
    async with desk_for(stated, engine, book) as desk:
        with progress("Sending", 1, "documents") as told:

            def heard(step: Progress) -> None:
                nonlocal sent
                sent += step.settled
                told(sent, sent + step.open)

            await desk.worker.drain([book], through=through, progress=heard)
    return sent
