"""`daybook verify`: a book recomputed, and where it is not what it ought to be."""

import rich_click as click
from rich.table import Table

from api.commands.ground import database, one_book, settings
from api.commands.keys import of_book
from api.commands.output import DIFFERS, OUT, answer, as_json, count, progress
from ledger.verify.findings import Report
from ledger.verify.verify import verify


@click.command("verify")
@of_book
@click.option(
    "--replay/--no-replay",
    default=True,
    show_default=True,
    help="Decide every event again. Takes room on disk for a copy of the book.",
)
@as_json
def command(*, book: int | None, replay: bool, json_: bool) -> None:
    """Recompute chain, entries, balances and everything else that is kept; beside a live service.

    Says where the first fault of each kind is: event, account, holder, expected, found. Amounts
    are minor units.
    """
    with database(settings()) as engine:
        opened = one_book(engine, book)
        with progress("Verifying", 0, "events") as told:
            report = verify(engine, opened, told, replay=replay)
    if json_:
        answer({"well": report.well, "book": report.book, "head": report.head} | _checks(report))
    else:
        _show(report)
    if not report.well:
        raise SystemExit(DIFFERS)


def _checks(report: Report) -> dict[str, object]:
    return {
        "checks": [
            {
                "check": check.name,
                "well": check.well,
                "examined": check.examined,
                "finding": check.finding,
                "skipped": check.skipped,
            }
            for check in report.checks
        ]
    }


def _show(report: Report) -> None:
    table = Table("check", "examined", "", box=None, header_style="bold", pad_edge=False)
    for check in report.checks:
        mark = "[green]✓[/]" if check.well else "[bold red]✗[/]"
        table.add_row(check.name, count(check.examined), mark)
    OUT.print(table)
    for check in report.checks:
        if check.finding is not None:
            finding = check.finding
            OUT.print(f"[bold red]{check.name}[/]: {finding.what}")
            OUT.print(f"  at       {finding.where()}", markup=False, soft_wrap=True)
            OUT.print(f"  expected {finding.expected}", markup=False, soft_wrap=True)
            OUT.print(f"  found    {finding.found}", markup=False, soft_wrap=True)
        elif check.skipped is not None:
            OUT.print(f"{check.name}: not looked at, {check.skipped}", markup=False, soft_wrap=True)
    if report.well:
        OUT.print(f"[bold green]The book is well through event {count(report.head)}.[/]")
