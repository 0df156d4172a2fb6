"""`daybook demo`: the demonstration by itself, in a folder of its own."""

import asyncio
import tempfile
from pathlib import Path

import rich_click as click
from msgspec.structs import replace

from api.commands.ground import settings
from api.commands.output import DIFFERS, ERR, OUT, as_json
from api.commands.run import PACE_SECONDS, fresh_run, supervised, tell, trouble, yesterday
from api.demo.screen import Screen, show_addresses
from api.demo.stage import open_theatre, play
from api.machine import running
from api.settings import Settings
from sync.settings import QuickBooksSettings


@click.command("demo")
@click.option("--once", is_flag=True, help="Exit when the day is over: 0 if everything held.")
@as_json
def command(*, once: bool, json_: bool) -> None:
    """Play a day of trade in a temporary folder, with QuickBooks away in the middle of it.

    Prints events recorded, documents in QuickBooks, what was lost or doubled, and both trial
    balances. Nothing of it touches your own books.
    """
    stated = settings()
    supervised(lambda: _demo(stated, once=once, json_=json_))


async def _demo(stated: Settings, *, once: bool, json_: bool) -> int:
    with tempfile.TemporaryDirectory(prefix="daybook-demo-") as folder:
        var = Path(folder)
        apart = replace(
            stated,
            database_url=f"sqlite:///{var / 'daybook.db'}",
            secret_key=None,
            secret_key_file=str(var / "secret.key"),
            erasures_file=str(var / "erased.jsonl"),
            base_url=None,
            qbo=QuickBooksSettings(),
        )
        async with running(apart, var, trouble) as machine:
            theatre = await open_theatre(machine)
            played = await play(
                theatre, Screen(), yesterday(), fresh_run(), pace_seconds=PACE_SECONDS
            )
            tell(theatre, played.proof, played, json_=json_)
            if not once:
                show_addresses(theatre, ERR if json_ else OUT)
                ERR.print("\nRunning; Ctrl-C ends everything and removes it.", style="dim")
                await asyncio.Event().wait()
            return 0 if played.proof.holds else DIFFERS
