"""`daybook erasures`: who was erased, and erasing again whom an older backup brought back."""

from pathlib import Path

import msgspec
import rich_click as click

from api.commands.ground import database, settings
from api.commands.output import answer, as_json, done, fail
from api.erasing import erase_again
from api.erasures import read
from api.settings import Settings
from ledger.customers.store import erasures
from ledger.database import Engine, snapshot


@click.group("erasures")
def command() -> None:
    """List who was erased, by bare reference, and erase them again after a restore."""


@command.command("list")
@as_json
def list_(*, json_: bool) -> None:
    """Print every erasure, a JSON line each, as `apply` and DAYBOOK_ERASURES_FILE take them."""
    with database(settings()) as engine, snapshot(engine) as connection:
        found = erasures(connection)
    if json_:
        answer(found)
        return
    for erasure in found:
        click.echo(msgspec.json.encode(erasure).decode())


@command.command("apply")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@as_json
def apply(*, file: Path, json_: bool) -> None:
    """Erase again whom FILE lists. Who was written under such a reference later stays."""
    with database(settings()) as engine:
        again = erase_listed(engine, file)
    if json_:
        answer({"erased": again})
    else:
        done(f"{again} people who had come back are erased.")


def erase_listed(engine: Engine, file: Path) -> int:
    """Erase again whom a list names; leave in words where it cannot be read."""
    try:
        return erase_again(engine, read(file))
    except ValueError as wrong:
        fail(f"The list of erasures cannot be read. {wrong}", hint="Nothing was served or sent.")


def erase_before_serving(stated: Settings, engine: Engine) -> None:
    """Erase again whom an older backup brought back, before anybody is served."""
    again = erase_listed(engine, Path(stated.erasures_file))
    if again:
        done(f"{again} people who had come back with a backup are erased.")
