"""`daybook serve`: the API, by itself."""

from typing import Any

import rich_click as click
import uvicorn
from msgspec.structs import replace

from api.app import create_app
from api.commands.ground import database, settings
from api.commands.logs import log_to_stderr
from api.commands.output import answer, as_json, done, fail
from api.lifeline import tie_to
from api.supervisor import is_free
from ledger.recorder import Recorder, now_us

GRACE_SECONDS = 5
"""How long calls under way may take when the service ends."""

with_parent = click.option("--with-parent", type=int, hidden=True)
"""The process whose end is the command's end."""


@click.command("serve")
@click.option("--host", help="Where to listen; default DAYBOOK_HOST, else 127.0.0.1.")
@click.option("--port", type=click.IntRange(1, 65535), help="Default DAYBOOK_PORT, else 8080.")
@with_parent
@as_json
def command(*, host: str | None, port: int | None, with_parent: int | None, json_: bool) -> None:
    """Start the API; it ends with Ctrl-C. Its documentation is at /docs."""
    if with_parent:
        tie_to(with_parent)
    stated = settings()
    stated = replace(stated, host=host or stated.host, port=port or stated.port)
    claim(stated.host, stated.port)
    log_to_stderr()
    with database(stated) as engine:
        app = create_app(stated, engine, Recorder(engine, now_us))
        if json_:
            answer({"address": stated.address, "docs": f"{stated.address}/docs"})
        else:
            done(f"API at {stated.address}, documentation at {stated.address}/docs")
        serve(app, stated.host, stated.port)


def claim(host: str, port: int) -> None:
    """Leave in words when another program listens on a port already."""
    if not is_free(host, port):
        fail(f"Another program listens on port {port} of {host}.", hint="Choose one with --port.")


def serve(app: Any, host: str, port: int) -> None:
    """Serve an application until the process is told to end."""
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
