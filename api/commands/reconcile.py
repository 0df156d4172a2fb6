"""`daybook reconcile`: the ledger against QuickBooks, on every day."""

import asyncio
from datetime import date, datetime
from typing import Any

import rich_click as click

from api.commands.comparison import balances, calendar
from api.commands.ground import database, one_book, settings
from api.commands.keys import of_book
from api.commands.output import DIFFERS, OUT, answer, as_json, count, money, progress
from api.commands.outside import desk_for, outside_troubles
from api.proof import account_name, read_settings, span
from api.settings import Settings
from ledger.book import Book
from ledger.database import Engine
from ledger.money import exponent
from ledger.settings import Settings as BookSettings
from sync.reconcile import Arrivals, Comparison

Day = click.DateTime(["%Y-%m-%d"])


@click.command("reconcile")
@click.option("--from", "from_", type=Day, help="The first day; default the book's first.")
@click.option("--to", type=Day, help="The last day; default the book's last.")
@of_book
@as_json
def command(*, from_: datetime | None, to: datetime | None, book: int | None, json_: bool) -> None:
    """Compare both trial balances at the end of every day, and name each difference."""
    stated = settings()
    with database(stated) as engine, outside_troubles():
        opened = one_book(engine, book)
        first, last = span(engine, opened)
        first, last = from_.date() if from_ else first, to.date() if to else last
        if last < first:
            raise click.BadParameter("the last day is before the first", param_hint="--to")
        days, arrivals = asyncio.run(_compared(stated, engine, opened, first, last))
        known = read_settings(engine, opened)
    if json_:
        answer(_as_json(days, arrivals, known))
    else:
        _show(days, arrivals, known)
    if not (all(day.equal for day in days) and arrivals.whole):
        raise SystemExit(DIFFERS)


async def _compared(
    stated: Settings, engine: Engine, book: Book, first: date, last: date
) -> tuple[list[Comparison], Arrivals]:
    days: list[Comparison] = []
    async with desk_for(stated, engine, book) as desk:
        reconciler = await desk.reconciler(book)
        with progress("Comparing", (last - first).days + 1, "days") as told:
            async for day in reconciler.every_day(first, last):
                days.append(day)
                told(len(days))
        return days, await reconciler.arrivals(first, last)


def _show(days: list[Comparison], arrivals: Arrivals, known: BookSettings) -> None:
    OUT.print(calendar(days))
    OUT.print(balances(days[-1], known))
    OUT.print(
        f"Documents in QuickBooks: {count(arrivals.there)}; waiting {len(arrivals.waiting)}, "
        f"lost {len(arrivals.lost)}, doubled {len(arrivals.doubled)}."
    )
    for name in ("lost", "doubled", "strange"):
        for key in getattr(arrivals, name)[:20]:
            OUT.print(f"  {name}: {key}", markup=False)
    differing = [day for day in days if not day.equal]
    if not differing:
        OUT.print(f"[bold green]Equal to the cent on each of {count(len(days))} days.[/]")
        return
    OUT.print(
        f"[bold red]Differs on {len(differing)} of {len(days)} days[/], first {differing[0].day}:"
    )
    places = exponent(known.book.currency)
    for row in differing[0].rows:
        if row.difference:
            reasons = "; ".join(f"{r.kind} {r.key} {r.state}" for r in row.reasons[:5])
            amount = money(row.difference, places)
            OUT.print(f"  {account_name(row, known)}: {amount} {reasons}", markup=False)


def _as_json(days: list[Comparison], arrivals: Arrivals, known: BookSettings) -> dict[str, Any]:
    return {
        "from": days[0].day,
        "to": days[-1].day,
        "days": [
            {
                "day": day.day,
                "equal": day.equal,
                "differences": [
                    {"account": account_name(row, known), "difference": row.difference}
                    for row in day.rows
                    if row.difference
                ],
            }
            for day in days
        ],
        "balances": [
            {"account": account_name(row, known), "daybook": row.ours, "quickbooks": row.theirs}
            for row in days[-1].rows
        ],
        "documents": arrivals,
        "equal": all(day.equal for day in days),
    }
