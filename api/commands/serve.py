"""`daybook serve`: the API, by itself; in several processes where one is not enough."""

import gc
import resource
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from tempfile import TemporaryDirectory
from typing import Any

import rich_click as click
import uvicorn
from msgspec.structs import replace

from api.app import create_app
from api.board import Board
from api.commands.erasures import erase_before_serving
from api.commands.ground import database, settings
from api.commands.logs import log_to_stderr
from api.commands.output import FAILED, answer, as_json, done, fail
from api.lifeline import tie_to
from api.patience import Patience
from api.settings import Settings
from api.siblings import BACKLOG, Sibling, keep, listening
from api.supervisor import is_free
from ledger.database import Engine
from ledger.desk import AmongCallers
from ledger.recorder import Recorder, now_us

PROCESSES = 64
"""How many processes may share a port."""

MANY = 65_536
"""How many connections and files a process may have open, where the system lets it."""

SWITCH_SECONDS = 0.0005
"""How long a thread (a report, SQLite's writer) keeps the interpreter from others (else 5 ms).

SQLite's writer needs it at each statement's ends, for an instant; the longer it asks, the more
often the event loop, which gives it up at every call of the system, wakes it in vain.
"""

GARBAGE = (50_000, 20, 100)
"""How many new containers the collector waits for (else 700), and how often it looks at old ones.

What is recorded lives in books that are kept warm, and is looked through each time in vain; what
nothing refers to any more is freed at once all the same, unless it goes round in a ring.
"""

ACCEPTING = 16
"""How many connections are taken in a turn of the event loop, which takes one from each socket."""

GRACE_SECONDS = 5
"""How long calls under way may take when the service ends."""

with_parent = click.option("--with-parent", type=int, hidden=True)
"""The process whose end is the command's end."""


@click.command("serve")
@click.option("--host", help="Where to listen; default DAYBOOK_HOST, else 127.0.0.1.")
@click.option("--port", type=click.IntRange(1, 65535), help="Default DAYBOOK_PORT, else 8080.")
@click.option(
    "--processes",
    type=click.IntRange(1, PROCESSES),
    default=1,
    show_default=True,
    help="How many processes share the port; about one for each processor.",
)
@with_parent
@as_json
def command(
    *, host: str | None, port: int | None, processes: int, with_parent: int | None, json_: bool
) -> None:
    """Start the API; it ends with Ctrl-C. Its documentation is at /docs."""
    if with_parent:
        tie_to(with_parent)
    stated = settings()
    stated = replace(stated, host=host or stated.host, port=port or stated.port)
    claim(stated.host, stated.port)
    log_to_stderr()
    with database(stated) as engine:
        erase_before_serving(stated, engine)
        if json_:
            answer({"address": stated.address, "docs": f"{stated.address}/docs"})
        else:
            done(f"API at {stated.address}, documentation at {stated.address}/docs")
        if processes == 1:
            serve_alone(stated, engine, Board())
    if processes > 1:
        _serve_together(stated, processes)


def serve_alone(
    stated: Settings, engine: Engine, board: Board, shared: socket.socket | None = None
) -> None:
    """Serve in this process, as one of several on a *shared* socket where there is one."""
    recorder = Recorder(engine, now_us, desk=AmongCallers())
    app = create_app(stated, engine, recorder, board=board)
    ending = app.state["service"].watch.close
    serve(app, stated.host, stated.port, ending=ending, shared=shared)


def _serve_together(stated: Settings, processes: int) -> None:
    """Keep several processes serving, until this one is told to end."""
    where = {"DAYBOOK_HOST": stated.host, "DAYBOOK_PORT": str(stated.port)}
    with (
        TemporaryDirectory(prefix="daybook-") as board,
        listening(stated.host, stated.port, processes) as sockets,
    ):
        siblings = [Sibling(n, bound, board, where) for n, bound in enumerate(sockets)]
        keep(siblings, grace_seconds=2 * GRACE_SECONDS)


def claim(host: str, port: int) -> None:
    """Leave in words when another program listens on a port already."""
    if not is_free(host, port):
        fail(f"Another program listens on port {port} of {host}.", hint="Choose one with --port.")


class _Server(uvicorn.Server):
    """Calls *ending* once it is told to end, before it waits for the calls under way."""

    def __init__(self, config: uvicorn.Config, ending: Callable[[], None]) -> None:
        super().__init__(config)
        self._ending = ending

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End as every server does, but for those who only wait."""
        self._ending()
        await super().shutdown(sockets)


def serve(
    app: Any,
    host: str,
    port: int,
    *,
    ending: Callable[[], None] = lambda: None,
    shared: socket.socket | None = None,
) -> None:
    """Serve an application until the process is told to end; *ending* frees those who wait.

    On a *shared* socket, where there is one.
    """
    _allow_many_connections()
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.freeze()
    gc.set_threshold(*GARBAGE)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        ws="none",
        server_header=False,
        proxy_headers=False,  # nothing is made of who calls but by their key
        http=Patience,
        backlog=BACKLOG,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server, bound = _Server(config, ending), shared or config.bind_socket()
    with suppress(KeyboardInterrupt):
        server.run(sockets=[bound, *(bound.dup() for _ in range(ACCEPTING - 1))])
    if not server.started:
        raise SystemExit(FAILED)


def _allow_many_connections() -> None:
    """Take as many open files as the system gives without asking."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MANY if hard == resource.RLIM_INFINITY else min(hard, MANY)
    if soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
