"""What each account moved in a view: from deltas for the whole shop, from postings for a part."""

from datetime import date, timedelta

from msgspec.structs import replace

from ledger.book import Book
from ledger.clocks.sums import one_side
from ledger.database import Connection
from ledger.reports.moved.store import Which, moved
from ledger.reports.store import BalanceRow, Sums, turnover
from ledger.reports.views import View
from ledger.settings import Settings

Place = tuple[str, str]
"""Account code, currency."""


def by_account(
    connection: Connection, book_id: int, settings: Settings, view: View
) -> dict[Place, Sums]:
    """Return what was debited and credited by account and currency."""
    if not view.cut.whole:
        which = Which(accounts=settings.accounts.keys())
        found = moved(connection, book_id, view, ("account", "currency"), which)
        return {(part.key[0], part.key[1]): part.sums for part in found}
    sums = _turnover(connection, book_id, view)
    before = view.before()
    if before is not None:
        for place, amounts in _turnover(connection, book_id, before).items():
            sums[place] = sums.get(place, Sums()) - amounts
    return {place: amounts for place, amounts in sums.items() if amounts != Sums()}


def _turnover(connection: Connection, book_id: int, view: View) -> dict[Place, Sums]:
    sums: dict[Place, Sums] = {}
    for (account, _, currency), amounts in turnover(
        connection, book_id, view.through, view.known
    ).items():
        place = (account, currency)
        sums[place] = sums.get(place, Sums()) + amounts
    return sums


def part_of_shop(
    connection: Connection, book: Book, settings: Settings, view: View, *, by_holder: bool
) -> list[BalanceRow]:
    """Return the trial balance of a part of the shop, with earlier years in retained earnings."""
    places = _by_place(connection, book, settings, view, by_holder=by_holder)
    before = replace(view, through=book.fiscal_year_start(view.through) - timedelta(days=1))
    retained = settings.code_of("retained_earnings", view.through)
    for place, sums in _by_place(connection, book, settings, before, by_holder=by_holder).items():
        account = settings.accounts.get(place[0], date.max)
        if account is not None and account.type in ("income", "expense"):
            places[place] -= sums
            kept = (retained, "", place[2])
            places[kept] = places.get(kept, Sums()) + one_side(sums)
    found: list[BalanceRow] = []
    for (code, holder, currency), sums in sorted(places.items()):
        account = settings.accounts.get(code, date.max)
        assert account is not None, code
        if sums.open:
            found.append(BalanceRow(account, holder, currency, sums))
    return found


def _by_place(
    connection: Connection, book: Book, settings: Settings, view: View, *, by_holder: bool
) -> dict[tuple[str, str, str], Sums]:
    which = Which(accounts=settings.accounts.keys())
    if by_holder:
        found = moved(connection, book.id, view, ("account", "holder", "currency"), which)
        return {(part.key[0], part.key[1], part.key[2]): part.sums for part in found}
    found = moved(connection, book.id, view, ("account", "currency"), which)
    return {(part.key[0], "", part.key[1]): part.sums for part in found}
