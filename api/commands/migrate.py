"""`daybook migrate`: the schema, brought up to date."""

from typing import Final

import rich_click as click

from api.commands.ground import any_schema, settings
from api.commands.output import answer, as_json, done, fail
from api.settings import without_password
from ledger.database import CannotSpread, migrate, spread_by_book

_HINTS: Final = {
    "not-postgresql": "SQLite is one file on one machine: name a PostgreSQL database with Citus.",
    "no-citus": "Run CREATE EXTENSION citus in it, on every server, then run this again.",
}


@click.command("migrate")
@click.option(
    "--distributed", is_flag=True, help="Spread the tables over a Citus cluster, by book."
)
@as_json
def command(*, distributed: bool, json_: bool) -> None:
    """Bring the database's schema up to date; safe to run at any time, from several machines."""
    stated = settings()
    where, spread = without_password(stated.database_url), list[str]()
    with any_schema(stated) as engine:
        migrate(engine)
        if distributed:
            try:
                spread = spread_by_book(engine)
            except CannotSpread as missing:
                fail(f"{where} cannot spread its tables.", hint=_HINTS[missing.why])
    if json_:
        answer({"database": where, "schema": "current", "distributed": spread})
        return
    done(f"The schema of {where} is current.")
    if distributed:
        done(f"{len(spread)} tables are spread by book now; those that were stay as they are.")
