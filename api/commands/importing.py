"""`daybook import`: what another system's files say, recorded through the API."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import rich_click as click
from msgspec import Struct
from rich.table import Table

from api.access import create_key, identity
from api.app import create_app
from api.books import open_with_keys
from api.client import Client, Refused, Unreachable
from api.commands.ground import database, settings
from api.commands.output import (
    DIFFERS,
    ERR,
    FAILED,
    OUT,
    UNREACHABLE,
    answer,
    as_json,
    count,
    done,
    fail,
    money,
    progress,
)
from api.online_retail.documents import documents
from api.online_retail.prepare import BOOK, Prepared, prepare
from api.online_retail.rows import BrokenFile, read
from api.online_retail.totals import Comparison, Totals, compared, totals
from api.online_retail.transfer import NotRecorded, Progress, ledger_totals, send
from api.settings import Settings
from api.store import revoke_key
from ledger.book import Book
from ledger.database import Engine, snapshot, transaction
from ledger.recorder import Recorder, now_us
from ledger.store import books

NAME: Final = "Online Retail"
"""The book that is opened for the file where none is named."""

_SHOWN_FAULTS: Final = 20


class Import(Struct, frozen=True):
    """What became of a file."""

    totals: Totals
    sent: Progress
    comparisons: list[Comparison]
    seconds: float

    @property
    def equal(self) -> bool:
        """Tell whether every total of the file is the ledger's, to the penny."""
        return all(one.equal for one in self.comparisons)


@click.group("import")
def command() -> None:
    """Record what another system's files say; the same file twice adds nothing."""


@command.command("online-retail")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--url", help="The API to send it to; by default the settings' database, directly.")
@click.option("--key", help="A bookkeeper's key, with --url: the key's book takes the file.")
@as_json
def online_retail(*, file: Path, url: str | None, key: str | None, json_: bool) -> None:
    """Record FILE, in the form of UCI's "Online Retail" data set (CSV, or CSV in gzip).

    The whole file is read and checked before anything is sent. Stopped and started again, the
    import goes on. It ends with the file's own totals beside the ledger's; docs/online-retail.md
    says what becomes of which row.
    """
    if (url is None) != (key is None):
        raise click.UsageError("--url and --key belong together")
    started = time.monotonic()
    ERR.print(f"  Reading {file.name}", style="dim", markup=False)
    found, prepared = _read(file)
    done(
        f"{file.name}: {count(found.rows)} rows, {count(found.documents)} documents, "
        f"{count(found.cancellations)} of them cancellations; every row can be read."
    )
    try:
        sent, ledger = asyncio.run(_imported(found, prepared, url, key))
    except NotRecorded as refused:
        where = f"{refused.event_id}, from row {refused.row}" if refused.row else refused.event_id
        fail(f"The ledger refused {where}: {refused.reason}", hint=_GOES_ON)
    except Refused as refused:
        fail(f"The service refused the import: {refused.reason}", hint=_GOES_ON)
    except Unreachable as away:
        fail(f"The service does not answer: {away}", code=UNREACHABLE, hint=_GOES_ON)
    result = Import(found, sent, compared(found, ledger), time.monotonic() - started)
    if json_:
        answer(_as_json(result))
    else:
        _show(result)
    if not result.equal:
        raise SystemExit(DIFFERS)


_GOES_ON: Final = "What was recorded stays; start the same command again and it goes on."


def _read(file: Path) -> tuple[Totals, list[Prepared]]:
    """Return the totals and all that is to be sent; leave with the faults of a broken file."""
    try:
        found = documents(read(file.read_bytes()))
        return totals(found), prepare(found)
    except BrokenFile as broken:
        for fault in broken.faults[:_SHOWN_FAULTS]:
            where = f"row {fault.row}: " if fault.row else ""
            ERR.print(f"  {where}{fault.reason}", markup=False, soft_wrap=True)
        more = len(broken.faults) - _SHOWN_FAULTS
        if more > 0:
            ERR.print(f"  and {count(more)} more", style="dim")
        fail(
            f"{file.name} is not sound, so nothing of it was sent.",
            code=FAILED,
            hint="Rows are counted from 1 for the heading. Mend them and start again.",
        )


async def _imported(
    found: Totals, prepared: list[Prepared], url: str | None, key: str | None
) -> tuple[Progress, dict[str, int]]:
    async with _client(url, key) as client:
        with progress("Importing", found.rows, "rows") as told:
            sent = await send(client, prepared, lambda at: told(at.rows))
        return sent, await ledger_totals(client)


@asynccontextmanager
async def _client(url: str | None, key: str | None) -> AsyncIterator[Client]:
    """Yield a client of the API at *url*, else of one inside this process."""
    if url and key:
        async with Client(key, url) as client:
            yield client
        return
    stated = settings()
    with database(stated) as engine, _own_key(stated, engine) as (book, token):
        ERR.print(f"  into book {book.id}, {book.name}", style="dim")
        recorder = Recorder(engine, now_us)
        app = create_app(stated, engine, recorder)
        transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # ASGI in other words
        try:
            async with Client(token, "http://daybook", transport=transport) as client:
                yield client
        finally:
            recorder.close()


@contextmanager
def _own_key(stated: Settings, engine: Engine) -> Iterator[tuple[Book, str]]:
    """Yield the file's book, opened where there is none, and a key that lasts as long as this."""
    with snapshot(engine) as connection:
        known = [book for book in books(connection) if book.name == NAME]
    fresh = Book(0, NAME, BOOK.country, BOOK.region, BOOK.currency, BOOK.timezone)
    book = known[0] if known else open_with_keys(engine, stated.pepper(), fresh, now_us())[0]
    with transaction(engine) as connection:
        token = create_key(
            connection,
            stated.pepper(),
            book.id,
            "bookkeeper",
            "import",
            now_us=now_us(),
            lifetime_days=1,
        )
    named = identity(token)
    assert named is not None
    try:
        yield book, token
    finally:
        with transaction(engine) as connection:
            revoke_key(connection, *named, now_us())


def _show(result: Import) -> None:
    found, sent = result.totals, result.sent
    done(
        f"{count(sent.recorded)} events recorded, {count(sent.repeated)} were there already; "
        f"{result.seconds:,.0f} s, {found.rows / result.seconds:,.0f} rows a second."
    )
    kinds = ", ".join(f"{count(number)} {kind}" for kind, number in found.classes.items())
    OUT.print(f"Documents by class: {kinds}.", soft_wrap=True)
    for row in found.unbooked:
        OUT.print(f"Not booked: row {row.row} ({row.invoice}): {row.reason}.", markup=False)
    if not found.unbooked:
        OUT.print("Every row is booked.")
    table = Table("GBP", box=None, header_style="bold", title="The file and the ledger")
    for name in ("file", "rounding", "ledger"):
        table.add_column(name, justify="right")
    table.add_column("")
    for one in result.comparisons:
        mark = "[green]equal[/]" if one.equal else "[bold red]differs[/]"
        rounding = f"{one.file.rounding:,f}" if one.file.rounding else ""
        table.add_row(one.what, f"{one.file.exact:,}", rounding, money(one.ledger), mark)
    OUT.print(table)
    if result.equal:
        OUT.print("[bold green]The ledger holds what the file states.[/]")
    else:
        OUT.print(
            "[bold red]The ledger does not hold what the file states.[/] Is the book its own?"
        )


def _as_json(result: Import) -> dict[str, Any]:
    found = result.totals
    return {
        "rows": found.rows,
        "documents": found.documents,
        "cancellations": found.cancellations,
        "classes": found.classes,
        "value": found.value.exact,
        "cancelled": found.cancelled.exact,
        "recorded": result.sent.recorded,
        "repeated": result.sent.repeated,
        "unbooked": found.unbooked,
        "totals": [
            {
                "what": one.what,
                "file": one.file.exact,
                "rounding": one.file.rounding,
                "ledger": money(one.ledger).replace(",", ""),
                "equal": one.equal,
            }
            for one in result.comparisons
        ],
        "equal": result.equal,
        "seconds": round(result.seconds, 1),
    }
