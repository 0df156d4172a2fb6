"""`daybook worker`: keeps QuickBooks in step, until it is told to end."""

import asyncio
import signal

import rich_click as click

from api.commands.ground import database, settings
from api.commands.logs import log_to_stderr
from api.commands.output import answer, as_json
from api.commands.serve import with_parent
from api.lifeline import tie_to
from api.outside import opened
from api.settings import Settings
from ledger.database import Engine


@click.command("worker")
@with_parent
@as_json
def command(*, with_parent: int | None, json_: bool) -> None:
    """Start the worker: it plans documents, sends them, and looks again after an outage.

    Any number of workers may run, on any machines. It ends between two documents.
    """
    if with_parent:
        tie_to(with_parent)
    stated = settings()
    log_to_stderr()
    with database(stated) as engine:
        if json_:
            answer({"state": "working"})
        asyncio.run(_work(stated, engine))


async def _work(stated: Settings, engine: Engine) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for ending in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(ending, stop.set)
    async with opened(stated, engine) as desk:
        await desk.worker.run(stop)
