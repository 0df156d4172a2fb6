"""`daybook emulator`: a stand-in for QuickBooks Online, by itself."""

from pathlib import Path

import rich_click as click
from msgspec.structs import replace

from api.commands.ground import settings
from api.commands.logs import log_to_stderr
from api.commands.output import answer, as_json
from api.commands.serve import claim, serve, with_parent
from api.lifeline import tie_to
from sync.quickbooks.emulator.app import create_app
from sync.quickbooks.emulator.settings import EmulatorSettings


@click.command("emulator")
@click.option("--host", help="Where to listen; default DAYBOOK_HOST, else 127.0.0.1.")
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Default DAYBOOK_EMULATOR_PORT, else 8090."
)
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("var/quickbooks.db"),
    show_default=True,
    help="The file that keeps its companies.",
)
@click.option("--unthrottled", is_flag=True, help="Answer as fast as it can.")
@with_parent
@as_json
def command(
    *,
    host: str | None,
    port: int | None,
    state: Path,
    unthrottled: bool,
    with_parent: int | None,
    json_: bool,
) -> None:
    """Start a server that speaks QuickBooks Online's protocol; nothing leaves this machine."""
    if with_parent:
        tie_to(with_parent)
    stated = settings()
    host, port = host or stated.host, port or stated.emulator_port
    claim(host, port)
    log_to_stderr()
    state.parent.mkdir(parents=True, exist_ok=True)
    address = f"http://{host}:{port}"
    emulator = EmulatorSettings(state=str(state), public_url=address)
    if unthrottled:
        emulator = replace(emulator, per_minute=10**9, per_second=10**9)
    if json_:
        answer(
            {
                "api_url": address,
                "authorize_url": f"{address}/connect/oauth2",
                "token_url": f"{address}/oauth2/v1/tokens/bearer",
                "revoke_url": f"{address}/v2/oauth2/tokens/revoke",
                "client_id": emulator.client_id,
                "client_secret": emulator.client_secret,
            }
        )
    serve(create_app(emulator), host, port)
