"""`daybook migrate`: the schema, brought up to date."""

import rich_click as click

from api.commands.ground import any_schema, settings
from api.commands.output import answer, as_json, done
from api.settings import without_password
from ledger.database import migrate


@click.command("migrate")
@as_json
def command(*, json_: bool) -> None:
    """Bring the database's schema up to date; safe to run at any time, from several machines."""
    stated = settings()
    with any_schema(stated) as engine:
        migrate(engine)
    where = without_password(stated.database_url)
    if json_:
        answer({"database": where, "schema": "current"})
    else:
        done(f"The schema of {where} is current.")
