"""`daybook worker`: keeps QuickBooks in step, until it is told to end."""

import asyncio
import signal

import rich_click as click
from prometheus_client import CollectorRegistry, start_http_server

from api.calls import CountingClient
from api.commands.erasures import erase_before_serving
from api.commands.ground import database, settings
from api.commands.logs import log_to_stderr
from api.commands.output import answer, as_json, fail
from api.commands.serve import with_parent
from api.lifeline import tie_to
from api.outside import opened
from api.settings import Settings
from ledger.database import Engine
from sync.quickbooks.api import TIMEOUT


@click.command("worker")
@click.option(
    "--metrics-port",
    type=click.IntRange(1, 65535),
    help="Where a monitor may read what this worker does, on this machine; default nowhere.",
)
@with_parent
@as_json
def command(*, metrics_port: int | None, with_parent: int | None, json_: bool) -> None:
    """Start the worker: it plans documents, sends them, and looks again after an outage.

    Any number of workers may run, on any machines. It ends between two documents.
    """
    if with_parent:
        tie_to(with_parent)
    stated = settings()
    log_to_stderr()
    with database(stated) as engine:
        erase_before_serving(stated, engine)
        if json_:
            answer({"state": "working"})
        asyncio.run(_work(stated, engine, metrics_port))


async def _work(stated: Settings, engine: Engine, metrics_port: int | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for ending in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(ending, stop.set)
    async with CountingClient(timeout=TIMEOUT) as http, opened(stated, engine, http) as desk:
        if metrics_port:
            _tell(http, metrics_port)
        await desk.worker.run(stop)


def _tell(http: CountingClient, port: int) -> None:
    """Let a monitor read, in a thread of its own that ends with the process."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(http)
    try:
        start_http_server(port, "127.0.0.1", registry)
    except OSError:
        fail(f"Another program listens on port {port}.", hint="Choose one with --metrics-port.")
