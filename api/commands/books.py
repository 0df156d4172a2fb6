"""`daybook books`: open a book, list them all."""

import re
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import rich_click as click
from moneyed import CurrencyDoesNotExist, get_currency
from msgspec.structs import asdict
from rich.table import Table

from api.books import open_with_keys
from api.commands.ground import database, settings
from api.commands.output import OUT, answer, as_json, done
from ledger.book import Book
from ledger.database import snapshot
from ledger.recorder import now_us
from ledger.store import books, head

_PROVINCES: Final = frozenset(
    ("AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT")
)


@click.group("books")
def command() -> None:
    """Open and list books: one book is the accounts of one business."""


@command.command("create")
@click.argument("name")
@click.option("--country", required=True, help="Two letters, as in CA.")
@click.option("--region", help="Where the country has one, as QC: it decides about taxes.")
@click.option("--currency", required=True, help="The home currency, as CAD.")
@click.option("--timezone", required=True, help="As America/Toronto.")
@click.option(
    "--day-starts", default="00:00", show_default=True, help="When the shop's day begins."
)
@click.option("--locale", type=click.Choice(["en", "fr"]), default="en", show_default=True)
@click.option(
    "--year-starts",
    type=click.IntRange(1, 12),
    default=1,
    show_default=True,
    help="The month in which the fiscal year begins.",
)
@as_json
def create(*, json_: bool, **stated: Any) -> None:
    """Open a book called NAME; prints a key for each role, this once."""
    book = _book(**stated)
    made = settings()
    with database(made) as engine:
        opened, keys = open_with_keys(engine, made.pepper(), book, now_us())
    if json_:
        answer({"book": asdict(opened), "keys": keys})
        return
    done(f"Book {opened.id}, {opened.name}, is open.")
    table = Table("role", "key", box=None, header_style="bold", pad_edge=False)
    for role, key in keys.items():
        table.add_row(role, key)
    OUT.print(table, soft_wrap=True)
    OUT.print("These keys are shown this once. `daybook keys create` makes more.", style="dim")


@command.command("list")
@as_json
def list_(*, json_: bool) -> None:
    """List the books."""
    with database(settings()) as engine, snapshot(engine) as connection:
        found = [(book, head(connection, book.id)) for book in books(connection)]
    if json_:
        answer([{**asdict(book), "events": last.seq if last else 0} for book, last in found])
        return
    table = Table("book", "name", "where", "currency", "time zone", box=None, header_style="bold")
    table.add_column("events", justify="right")
    for book, last in found:
        where = "-".join(part for part in (book.country, book.region) if part)
        events = f"{last.seq if last else 0:,}"
        table.add_row(str(book.id), book.name, where, book.currency, book.timezone, events)
    OUT.print(table if found else "There is no book yet: `daybook books create` opens one.")


def _book(  # noqa: PLR0913 - a book is what it is opened with
    *,
    name: str,
    country: str,
    region: str | None,
    currency: str,
    timezone: str,
    day_starts: str,
    locale: str,
    year_starts: int,
) -> Book:
    """Return the book that the options state; the usage error names the one that is wrong."""
    country, currency = country.upper(), currency.upper()
    region = region.upper() if region else None
    if not 1 <= len(name.strip()) <= 64:
        raise click.BadParameter("a name has 1 to 64 characters", param_hint="NAME")
    if not re.fullmatch(r"[A-Z]{2}", country, re.ASCII):
        raise click.BadParameter("two letters, as CA", param_hint="--country")
    if region and not re.fullmatch(r"[A-Z0-9]{1,3}", region, re.ASCII):
        raise click.BadParameter("one to three letters, as QC", param_hint="--region")
    if country == "CA" and region and region not in _PROVINCES:
        raise click.BadParameter(f"one of {', '.join(sorted(_PROVINCES))}", param_hint="--region")
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", day_starts, re.ASCII):
        raise click.BadParameter("a time as 04:00", param_hint="--day-starts")
    _check_names(currency, timezone)
    return Book(
        0, name.strip(), country, region, currency, timezone, day_starts, locale, year_starts
    )


def _check_names(currency: str, timezone: str) -> None:
    try:
        get_currency(currency)
    except CurrencyDoesNotExist:
        raise click.BadParameter("three letters, as CAD", param_hint="--currency") from None
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise click.BadParameter("as America/Toronto", param_hint="--timezone") from None
