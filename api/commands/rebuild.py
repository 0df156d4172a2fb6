"""`daybook rebuild`: what is kept in step with the log, built anew from it."""

import rich_click as click

from api.commands.ground import database, one_book, settings
from api.commands.keys import of_book
from api.commands.output import DIFFERS, OUT, answer, as_json, count, done, fail, progress
from ledger.rebuild.rebuild import Differs, rebuild


@click.command("rebuild")
@of_book
@click.option(
    "--postings",
    is_flag=True,
    help="Put postings right too, where they are not what the log's facts decide.",
)
@as_json
def command(*, book: int | None, postings: bool, json_: bool) -> None:
    """Build balances, stock and everything else that is kept anew from the log, and swap.

    Runs beside a live service; tills wait only while the rows that differ are put in place.
    Killed at any moment it leaves what was there.
    """
    with database(settings()) as engine:
        opened = one_book(engine, book)
        try:
            with progress("Rebuilding", 0, "events") as told:
                rebuilt = rebuild(engine, opened, told, postings=postings)
        except Differs as wrong:
            finding = wrong.finding
            fail(
                f"{wrong.check}: {finding.what} at {finding.where()}: expected {finding.expected}, "
                f"found {finding.found}. Nothing was changed.",
                code=DIFFERS,
                hint="`daybook verify` names every check. A broken chain needs a backup; postings "
                "alone are put right with --postings.",
            )
    if json_:
        answer(rebuilt)
        return
    for name, rows in rebuilt.rows.items():
        if rows:
            OUT.print(f"{name.replace('_', ' ')}: {count(rows)} rows put right", markup=False)
    done(f"Rebuilt through event {count(rebuilt.head)}.")
