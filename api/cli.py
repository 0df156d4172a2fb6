"""The command line: each command is a module of `api.commands`, imported when it is called."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

import rich_click as click

COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "run": ("run", "Start everything on this machine, and show a day of trade."),
    "serve": ("serve", "Start the API."),
    "worker": ("worker", "Start the worker that keeps QuickBooks in step."),
    "emulator": ("emulator", "Start a stand-in for QuickBooks Online."),
    "migrate": ("migrate", "Bring the database's schema up to date."),
    "demo": ("demo", "Play a day of trade and prove that nothing was lost or doubled."),
    "import": ("importing", "Record what another system's files say."),
    "sync": ("syncing", "Bring QuickBooks in step through a day, now."),
    "reconcile": ("reconcile", "Compare the ledger with QuickBooks, day by day."),
    "verify": ("verify", "Recompute a book, and say where it is not what it ought to be."),
    "rebuild": ("rebuild", "Build what is kept in step with the log anew, and swap."),
    "books": ("books", "Open and list books."),
    "keys": ("keys", "Make, list and revoke API keys."),
    "erasures": ("erasures", "List who was erased; erase them again after a restore."),
    "doctor": ("doctor", "Check settings, database and connections."),
}
"""Each command with its module and what it does, in one line."""


class LazyGroup(click.RichGroup):
    """A group that shows its help without importing any of its commands."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return the commands in the order in which they are met."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return what the help needs to know of a command."""
        if cmd_name not in COMMANDS:
            return None
        return click.RichCommand(name=cmd_name, short_help=COMMANDS[cmd_name][1])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is called, imported."""
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None and command is not None:
            command = import_module(f"api.commands.{COMMANDS[name][0]}").command
        return name, command, rest


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="daybook", message="daybook %(version)s")
def main(**_: Any) -> None:
    """Daybook: every sale once, for ever, and QuickBooks Online in step with it.

    Settings are `DAYBOOK_*` variables; `daybook doctor` lists them. Every command takes `--json`.
    Exit codes: 0 done, 1 failed, 2 not understood, 3 the database needs `daybook migrate`,
    4 a check found differences, 5 a service cannot be reached.
    """


if __name__ == "__main__":
    main()
