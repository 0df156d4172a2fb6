"""Everything on this machine: API, worker, and QuickBooks or a stand-in for it."""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from api.outside import announced, is_configured, stand_in, with_stand_in
from api.settings import PREFIX, Settings
from api.supervisor import AGAIN_MOST_SECONDS, Program, Supervisor, free_port, ours
from ledger.database import Engine, migrate, open_database

WORKER: Final = "worker"
EMULATOR: Final = "emulator"


class Machine(Struct, frozen=True):
    """What runs. `stand_in` is the program that plays QuickBooks, where one does."""

    settings: Settings
    database: Engine
    supervisor: Supervisor
    stand_in: Program | None


@asynccontextmanager
async def running(
    stated: Settings,
    var: Path,
    told: Callable[[str], None],
    *,
    again_most_seconds: float = AGAIN_MOST_SECONDS,
) -> AsyncIterator[Machine]:
    """Start everything, and end it with the block. Takes the next ports where some are taken.

    Raises NotStarted.
    """
    stated, program = _placed(stated, var)
    database = open_database(stated.database_url)
    migrate(database)
    supervisor = Supervisor(
        _environment(stated), var / "log", told, again_most_seconds=again_most_seconds
    )
    note = announced(stated.qbo.api_url, var) if program else nullcontext()
    try:
        if program is not None:
            await supervisor.start(program)
        where = ("--host", stated.host, "--port", str(stated.port))
        await supervisor.start(ours("serve", *where, ready=f"{stated.address}/ready"))
        await supervisor.start(ours(WORKER))
        with note:
            yield Machine(stated, database, supervisor, program)
    finally:
        await supervisor.stop()
        database.dispose()


def _placed(stated: Settings, var: Path) -> tuple[Settings, Program | None]:
    """Return settings with ports that are free, and the stand-in where one is needed."""
    port = free_port(stated.host, stated.port)
    stated = replace(stated, port=port)
    if is_configured(stated):
        return stated, None
    other = free_port(stated.host, stated.emulator_port, taken=(port,))
    address = f"http://{stated.host}:{other}"
    found = with_stand_in(replace(stated, emulator_port=other), address)
    return found, stand_in(stated.host, other, var)


def _environment(stated: Settings) -> dict[str, str]:
    """Return this process's environment, with exactly these settings in it."""
    others = {name: text for name, text in os.environ.items() if not name.startswith(PREFIX)}
    return others | dict(_variables(stated, PREFIX))


def _variables(stated: Struct, prefix: str) -> Iterator[tuple[str, str]]:
    for name in stated.__struct_fields__:
        value = getattr(stated, name)
        if isinstance(value, Struct):
            yield from _variables(value, f"{prefix}{name.upper()}_")
        elif value is not None:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            yield prefix + name.upper(), text
