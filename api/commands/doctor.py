"""`daybook doctor`: what this installation is, and what of it does not work."""

import platform
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Final

import rich_click as click
from msgspec import Struct
from rich.table import Table

from api.commands.ground import reason, settings
from api.commands.output import DIFFERS, OUT, answer, as_json
from api.outside import is_configured
from api.settings import Settings, SettingsError, listed, without_password
from api.supervisor import is_free
from ledger.database import AWAY, Engine, open_database, schema_is_current, snapshot
from ledger.store import books
from sync.connections.store import connections

LITTLE_SPACE_BYTES: Final = 500_000_000

_MEND_URL: Final = "Check DAYBOOK_DATABASE_URL."


class Check(Struct, frozen=True):
    """One thing that was looked at: whether it is well, what was found, what to do."""

    name: str
    well: bool
    found: str
    remedy: str = ""


@click.command("doctor")
@as_json
def command(*, json_: bool) -> None:
    """List the settings and check them: database, schema, key, ports, disk, connections."""
    stated = settings()
    checks = list(examined(stated))
    if json_:
        shown = {"settings": dict(listed(stated)), "checks": checks}
        answer({"well": all(check.well for check in checks), **shown})
    else:
        _show(stated, checks)
    if not all(check.well for check in checks):
        raise SystemExit(DIFFERS)


def examined(stated: Settings) -> Iterator[Check]:
    """Yield every check of an installation."""
    python = f"Python {platform.python_version()} on {sys.platform}"
    yield Check("version", well=True, found=f"daybook {version('daybook')}, {python}")
    yield _key(stated)
    yield from _database(stated)
    port = "free" if is_free(stated.host, stated.port) else "in use, by a running API perhaps"
    yield Check("port", well=True, found=f"{stated.port} is {port}")
    where = "configured" if is_configured(stated) else "not configured: a stand-in is used"
    yield Check("QuickBooks", well=True, found=where)
    free = shutil.disk_usage(Path.cwd()).free
    enough = free > LITTLE_SPACE_BYTES
    yield Check("disk", enough, f"{free / 10**9:,.1f} GB free here", "" if enough else "Make room.")


def _key(stated: Settings) -> Check:
    path = Path(stated.secret_key_file)
    try:
        stated.vault()
    except SettingsError as wrong:
        return Check("secret key", well=False, found=str(wrong), remedy="Restore it from a backup.")
    if stated.secret_key is not None:
        return Check("secret key", well=True, found="from DAYBOOK_SECRET_KEY")
    open_to = path.stat().st_mode & 0o077
    remedy = f"chmod 600 {path}" if open_to else ""
    found = f"{path}, readable by others" if open_to else f"{path}; keep a copy of it apart"
    return Check("secret key", not open_to, found, remedy)


def _database(stated: Settings) -> Iterator[Check]:
    where = without_password(stated.database_url)
    try:
        engine = open_database(stated.database_url)
    except OSError as wrong:
        yield Check("database", well=False, found=f"{where}: {wrong}", remedy=_MEND_URL)
        return
    try:
        current = schema_is_current(engine)
    except AWAY as error:
        found = f"{where}: {reason(error)}"
        yield Check("database", well=False, found=found, remedy=_MEND_URL)
    else:
        yield Check("database", well=True, found=where)
        remedy = "" if current else "Run `daybook migrate`."
        yield Check("schema", current, "current" if current else "not current", remedy)
        if current:
            yield from _books(engine)
    finally:
        engine.dispose()


def _books(engine: Engine) -> Iterator[Check]:
    with snapshot(engine) as connection:
        known, bound = (
            books(connection),
            {found.book_id: found for found in connections(connection)},
        )
    yield Check("books", well=True, found=f"{len(known)}")
    for book in known[:20]:
        state = bound[book.id].state if book.id in bound else "not connected"
        well = state != "dead"
        remedy = "" if well else "Connect it again at /v1/sync/quickbooks/connect."
        yield Check(f"book {book.id}", well, f"{book.name}, QuickBooks: {state}", remedy)


def _show(stated: Settings, checks: list[Check]) -> None:
    table = Table("setting", "value", box=None, header_style="bold", pad_edge=False)
    for name, value in listed(stated):
        table.add_row(name, value)
    OUT.print(table)
    OUT.print()
    for check in checks:
        mark = "[green]✓[/]" if check.well else "[bold red]✗[/]"
        OUT.print(mark, f"{check.name}: {check.found}", check.remedy, soft_wrap=True)
