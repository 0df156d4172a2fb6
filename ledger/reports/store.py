"""Balances by account and by holder, on any business date, as known after any event.

`as_of` None: every day; `known` None: everything that is recorded. Amounts are minor units. Every
statement names its book.
"""

from datetime import date, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Select, func, select, tuple_

from ledger.accounts import Account
from ledger.blocks.store import busy_accounts, posted
from ledger.book import Book
from ledger.clocks.store import last_number, turnover
from ledger.clocks.sums import DAY, Place, Sums, added, one_side
from ledger.settings import Settings
from ledger.store import from_day, to_day
from ledger.tables import BALANCE, DELTA, POSTING

__all__ = [
    "BalanceRow",
    "HolderRow",
    "Place",
    "Sums",
    "account_balances",
    "holder",
    "holders",
    "last_day",
    "movements",
    "trial_balance",
    "trial_balance_by_holder",
    "turnover",
]


class BalanceRow(Struct, frozen=True):
    """An account's balance (debit positive), or that of one of its holders, in one currency."""

    account: Account
    holder: str
    currency: str
    sums: Sums


class HolderRow(Struct, frozen=True):
    """What one holder has in an account; `quantity` in millionths, on stock."""

    holder: str
    currency: str
    sums: Sums
    quantity: int = 0


def last_day(connection: Connection, book_id: int, known: int | None = None) -> date | None:
    """Return the latest business date on which money moved, or None."""
    number = last_number(connection, book_id, known)
    return from_day(number) if number else None


def trial_balance(
    connection: Connection,
    book: Book,
    settings: Settings,
    as_of: date | None = None,
    known: int | None = None,
) -> list[BalanceRow]:
    """Return the balance of every account that has one at the end of a day, by code and currency.

    Income and expense start anew with each fiscal year: what earlier years earned stands in
    retained earnings, as QuickBooks shows it. None: the latest day with a posting. Debits and
    credits are equal in home money.
    """
    return _rows(_rolled(connection, book, settings, as_of, known), settings)


def trial_balance_by_holder(
    connection: Connection,
    book: Book,
    settings: Settings,
    as_of: date | None = None,
    known: int | None = None,
) -> list[BalanceRow]:
    """Return the trial balance with the accounts split by holder; the sums are the same."""
    places = _rolled(connection, book, settings, as_of, known, by_holder=True)
    return _rows(places, settings)


def _rolled(
    connection: Connection,
    book: Book,
    settings: Settings,
    as_of: date | None,
    known: int | None,
    *,
    by_holder: bool = False,
) -> dict[Place, Sums]:
    """Return the balances at the end of a day, with earlier years in retained earnings."""
    day = as_of or last_day(connection, book.id, known)
    if day is None:
        return {}
    reading = _by_holder if by_holder else _by_account
    places = reading(connection, book.id, day, known)
    year_before = book.fiscal_year_start(day) - timedelta(days=1)
    retained = settings.account("retained_earnings", day)
    assert retained is not None
    for (code, name, currency), sums in reading(connection, book.id, year_before, known).items():
        account = settings.accounts.get(code, date.max)
        if account is not None and account.type in ("income", "expense"):
            places[code, name, currency] -= sums
            kept = (retained.code, "", currency)
            places[kept] = places.get(kept, Sums()) + one_side(sums)
    return places


def _by_account(
    connection: Connection, book_id: int, through: date | None, known: int | None
) -> dict[Place, Sums]:
    moved = turnover(connection, book_id, through, known)
    return added(((code, "", currency), sums) for (code, _, currency), sums in moved.items())


def _by_holder(
    connection: Connection, book_id: int, through: date, known: int | None
) -> dict[Place, Sums]:
    """Return what every holder turned over; those of accounts that are not busy by postings."""
    moved, busy = turnover(connection, book_id, through, known), busy_accounts(connection, book_id)
    places = {place: sums for place, sums in moved.items() if place[0] in busy}
    for code in sorted({code for code, _, _ in moved if code not in busy}):
        only = _only_holder(connection, book_id, code)
        if only is not None:
            of_code = (place for place in moved if place[0] == code)
            places |= {(code, only, place[2]): moved[place] for place in of_code}
            continue
        for row in _found(connection, book_id, _Wanted(code), through, known):
            places[code, row.holder, row.currency] = row.sums
    return places


def _only_holder(connection: Connection, book_id: int, code: str) -> str | None:
    """Return the one holder that an account ever had; None where it had several."""
    query = select(func.min(BALANCE.c.holder), func.max(BALANCE.c.holder)).where(
        BALANCE.c.book_id == book_id, BALANCE.c.account == code
    )
    first, last = connection.execute(query).one()
    return first if first == last else None


def _rows(places: dict[Place, Sums], settings: Settings) -> list[BalanceRow]:
    found: list[BalanceRow] = []
    for (code, name, currency), sums in sorted(places.items()):
        account = settings.accounts.get(code, date.max)
        assert account is not None, code
        if sums.open:
            found.append(BalanceRow(account, name, currency, sums))
    return found


def account_balances(
    connection: Connection,
    book: Book,
    settings: Settings,
    as_of: date | None = None,
    known: int | None = None,
) -> list[BalanceRow]:
    """Return every account of the chart with what was ever debited and credited, by code."""
    moved = _by_account(connection, book.id, as_of, known)
    found: list[BalanceRow] = []
    for code in sorted(settings.accounts.keys()):
        account = settings.accounts.get(code, date.max)
        assert account is not None
        rows = [(place[2], sums) for place, sums in sorted(moved.items()) if place[0] == code]
        for currency, sums in rows or [(book.currency, Sums())]:
            found.append(BalanceRow(account, "", currency, sums))
    return found


def movements(
    connection: Connection, book_id: int, since: date | None = None, through: date | None = None
) -> list[tuple[date, str, str, int]]:
    """Return (day, account, holder, net debit in home money) for each day that moved it."""
    chosen = [DELTA.c.book_id == book_id, DELTA.c.grain == DAY]
    if since is not None:
        chosen.append(DELTA.c.bucket >= to_day(since))
    if through is not None:
        chosen.append(DELTA.c.bucket <= to_day(through))
    debit = func.coalesce(DELTA.c.home_debit, DELTA.c.debit)
    credit = func.coalesce(DELTA.c.home_credit, DELTA.c.credit)
    place = (DELTA.c.bucket, DELTA.c.account, DELTA.c.holder)
    rows = connection.execute(
        select(*place, func.sum(debit - credit)).where(*chosen).group_by(*place).order_by(*place)
    )
    return [(from_day(bucket), account, holder, int(net)) for bucket, account, holder, net in rows]


class _Wanted(Struct, frozen=True):
    """Which holders of an account: all, one by name, those behind one, so many."""

    code: str
    name: str | None = None
    after: tuple[str, str] | None = None
    limit: int | None = None


def holders(
    connection: Connection,
    book_id: int,
    account: Account,
    as_of: date | None = None,
    *,
    known: int | None = None,
    after: tuple[str, str] | None = None,
    limit: int | None = 100,
) -> list[HolderRow]:
    """Return an account's subsidiary ledger, by holder, from behind *after* (with a currency)."""
    wanted = _Wanted(account.code, after=after, limit=limit)
    if account.busy and not (as_of is None and known is None):
        return _kept(connection, book_id, wanted, as_of, known)
    return _found(connection, book_id, wanted, as_of, known)


def holder(
    connection: Connection,
    book_id: int,
    account: Account,
    name: str,
    as_of: date | None = None,
    *,
    known: int | None = None,
) -> list[HolderRow]:
    """Return what one holder has, a row a currency."""
    wanted = _Wanted(account.code, name=name)
    if account.busy and not (as_of is None and known is None):
        return _kept(connection, book_id, wanted, as_of, known)
    return _found(connection, book_id, wanted, as_of, known)


def _kept(
    connection: Connection, book_id: int, wanted: _Wanted, as_of: date | None, known: int | None
) -> list[HolderRow]:
    """Return what the holders of a busy account had, from its movements."""
    moved = turnover(connection, book_id, as_of, known, wanted.code)
    rows = [
        HolderRow(name, currency, sums)
        for (_, name, currency), sums in sorted(moved.items())
        if wanted.name in (None, name) and (wanted.after is None or (name, currency) > wanted.after)
    ]
    return rows[: wanted.limit]


def _found(
    connection: Connection, book_id: int, wanted: _Wanted, as_of: date | None, known: int | None
) -> list[HolderRow]:
    """Return what the holders have now, or had by their postings."""
    now = as_of is None and known is None
    query, table = (_now(), BALANCE) if now else (_posted(as_of, known), POSTING)
    query = query.where(table.c.book_id == book_id, table.c.account == wanted.code)
    if wanted.name is not None:
        query = query.where(table.c.holder == wanted.name)
    if wanted.after is not None:
        query = query.where(tuple_(table.c.holder, table.c.currency) > tuple_(*wanted.after))
    query = query.order_by(table.c.holder, table.c.currency).limit(wanted.limit)
    return [
        HolderRow(of, currency, Sums(*map(int, figures)), int(quantity))
        for of, currency, *figures, quantity in connection.execute(query)
    ]


def _now() -> Select[Any]:
    kept = BALANCE.c
    home_debit = func.coalesce(kept.home_debit, kept.debit)
    home_credit = func.coalesce(kept.home_credit, kept.credit)
    figures = (kept.debit, kept.credit, home_debit, home_credit, kept.quantity)
    return select(kept.holder, kept.currency, *figures)


def _posted(as_of: date | None, known: int | None) -> Select[Any]:
    kept = POSTING.c
    debit, credit, home_debit, home_credit = posted()
    home = (func.coalesce(home_debit, debit), func.coalesce(home_credit, credit))
    figures = (func.sum(figure) for figure in (debit, credit, *home, kept.quantity))
    query = select(kept.holder, kept.currency, *figures).group_by(kept.holder, kept.currency)
    if as_of is not None:
        query = query.where(kept.business_date <= to_day(as_of))
    return query if known is None else query.where(kept.seq <= known)
