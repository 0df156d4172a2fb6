"""Balances on any business date, from deltas by day, month and year: a bounded number of rows.

Amounts are minor units. Every statement names its book.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, tuple_

from ledger.accounts import Account
from ledger.book import Book
from ledger.settings import Settings
from ledger.store import from_day, to_day
from ledger.tables import BALANCE, DELTA, EVENT, POSTING


class Sums(Struct, frozen=True):
    """What was debited and credited."""

    debit: int = 0
    credit: int = 0

    @property
    def balance(self) -> int:
        """Return debits less credits."""
        return self.debit - self.credit

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(self.debit + other.debit, self.credit + other.credit)

    def __sub__(self, other: "Sums") -> "Sums":
        return Sums(self.debit - other.debit, self.credit - other.credit)


class BalanceRow(Struct, frozen=True):
    """An account's balance (debit positive), or that of one of its holders."""

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


class RegisterRow(Struct, frozen=True):
    """One posting of an account, with the balance after it (debit positive)."""

    business_date: date
    seq: int
    line: int
    event_id: str
    type: str
    holder: str
    currency: str
    amount: int
    quantity: int
    balance: int


Place = tuple[str, str, str]
"""Account code, holder ("" where deltas are kept by account alone), currency."""


def turnover(
    connection: Connection, book_id: int, through: date | None = None
) -> dict[Place, Sums]:
    """Return what was debited and credited up to the end of a day (None: everything)."""
    days = _through(through) if through is not None else DELTA.c.grain == 2
    rows = connection.execute(
        select(
            DELTA.c.account,
            DELTA.c.holder,
            DELTA.c.currency,
            func.sum(DELTA.c.debit),
            func.sum(DELTA.c.credit),
        )
        .where(DELTA.c.book_id == book_id, days)
        .group_by(DELTA.c.account, DELTA.c.holder, DELTA.c.currency)
    )
    return {(a, h, c): Sums(int(debit), int(credit)) for a, h, c, debit, credit in rows}


def _through(day: date) -> ColumnElement[bool]:
    """Whole years before, whole months of this year before, days of this month."""
    year, month, grain, bucket = day.year, day.month, DELTA.c.grain, DELTA.c.bucket
    return or_(
        and_(grain == 2, bucket < year),
        and_(grain == 1, bucket > year * 100, bucket < year * 100 + month),
        and_(grain == 0, bucket > year * 10_000 + month * 100, bucket <= to_day(day)),
    )


def last_day(connection: Connection, book_id: int) -> date | None:
    """Return the latest business date with a posting, or None."""
    query = select(func.max(DELTA.c.bucket)).where(DELTA.c.book_id == book_id, DELTA.c.grain == 0)
    number = connection.scalar(query)
    return from_day(number) if number else None


def trial_balance(
    connection: Connection, book: Book, settings: Settings, as_of: date | None = None
) -> list[BalanceRow]:
    """Return the balance of every account that has one at the end of a day, by code.

    Income and expense start anew with each fiscal year: what earlier years earned stands in
    retained earnings, as QuickBooks shows it. None: the latest day with a posting.
    """
    day = as_of or last_day(connection, book.id)
    if day is None:
        return []
    sums = _by_account(turnover(connection, book.id, day))
    earlier = _by_account(turnover(connection, book.id, _day_before_year(book, day)))
    retained = settings.account("retained_earnings", day)
    assert retained is not None
    for (code, currency), amounts in earlier.items():
        account = settings.accounts.get(code, date.max)
        if account is not None and account.type in ("income", "expense"):
            sums[code, currency] -= amounts
            kept = (retained.code, currency)
            sums[kept] = sums.get(kept, Sums()) + _one_side(amounts.balance)
    return _rows(sums, settings)


def _day_before_year(book: Book, day: date) -> date:
    return book.fiscal_year_start(day) - timedelta(days=1)


def _one_side(balance: int) -> Sums:
    return Sums(max(balance, 0), max(-balance, 0))


def _by_account(places: dict[Place, Sums]) -> dict[tuple[str, str], Sums]:
    sums: dict[tuple[str, str], Sums] = {}
    for (account, _, currency), amounts in places.items():
        sums[account, currency] = sums.get((account, currency), Sums()) + amounts
    return sums


def _rows(sums: dict[tuple[str, str], Sums], settings: Settings) -> list[BalanceRow]:
    found: list[BalanceRow] = []
    for (code, currency), amounts in sorted(sums.items()):
        account = settings.accounts.get(code, date.max)
        assert account is not None, code
        if amounts.balance:
            found.append(BalanceRow(account, "", currency, amounts))
    return found


def trial_balance_by_holder(
    connection: Connection, book: Book, settings: Settings, as_of: date | None = None
) -> list[BalanceRow]:
    """Return the trial balance with the accounts split by holder; the sums are the same."""
    found: list[BalanceRow] = []
    for row in trial_balance(connection, book, settings, as_of):
        parts = holders(connection, book.id, row.account, as_of, limit=None)
        parts = [part for part in parts if part.currency == row.currency]
        whole = sum(part.sums.balance for part in parts)
        if whole != row.sums.balance:  # income and expense hold earlier years too
            found.append(row)
            continue
        found += [
            BalanceRow(row.account, part.holder, part.currency, part.sums)
            for part in parts
            if part.sums.balance
        ]
    return found


def account_balances(
    connection: Connection, book: Book, settings: Settings, as_of: date | None = None
) -> list[BalanceRow]:
    """Return every account of the chart with what was ever debited and credited, by code."""
    sums = _by_account(turnover(connection, book.id, as_of))
    found: list[BalanceRow] = []
    for code in sorted(settings.accounts.keys()):
        account = settings.accounts.get(code, date.max)
        assert account is not None
        moved = [(currency, s) for (of, currency), s in sorted(sums.items()) if of == code]
        for currency, amounts in moved or [(book.currency, Sums())]:
            found.append(BalanceRow(account, "", currency, amounts))
    return found


def movements(
    connection: Connection, book_id: int, since: date | None = None, through: date | None = None
) -> list[tuple[date, str, str, int]]:
    """Return (day, account, holder, net debit) for each day with a posting, oldest first."""
    chosen = [DELTA.c.book_id == book_id, DELTA.c.grain == 0]
    if since is not None:
        chosen.append(DELTA.c.bucket >= to_day(since))
    if through is not None:
        chosen.append(DELTA.c.bucket <= to_day(through))
    rows = connection.execute(
        select(DELTA.c.bucket, DELTA.c.account, DELTA.c.holder, DELTA.c.debit - DELTA.c.credit)
        .where(*chosen)
        .order_by(DELTA.c.bucket, DELTA.c.account, DELTA.c.holder)
    )
    return [(from_day(bucket), account, holder, net) for bucket, account, holder, net in rows]


def holders(
    connection: Connection,
    book_id: int,
    account: Account,
    as_of: date | None = None,
    *,
    after: str | None = None,
    limit: int | None = 100,
) -> list[HolderRow]:
    """Return an account's subsidiary ledger, by holder, from behind *after*."""
    if as_of is None:
        table, day = BALANCE, None
        figures: Sequence[Any] = (BALANCE.c.debit, BALANCE.c.credit, BALANCE.c.quantity)
    elif account.busy:
        table, day = DELTA, _through(as_of)
        figures = (DELTA.c.debit, DELTA.c.credit, 0 * DELTA.c.debit)
    else:
        table, day = POSTING, POSTING.c.business_date <= to_day(as_of)
        amount = POSTING.c.amount
        debit = (amount + func.abs(amount)) / 2
        figures = (debit, debit - amount, POSTING.c.quantity)
    chosen = [table.c.book_id == book_id, table.c.account == account.code]
    if day is not None:
        chosen.append(day)
    if after is not None:
        chosen.append(table.c.holder > after)
    query = (
        select(table.c.holder, table.c.currency, *(func.sum(figure) for figure in figures))
        .where(*chosen)
        .group_by(table.c.holder, table.c.currency)
        .order_by(table.c.holder, table.c.currency)
        .limit(limit)
    )
    rows = connection.execute(query)
    return [HolderRow(h, c, Sums(int(d), int(k)), int(q)) for h, c, d, k, q in rows]


def holder(connection: Connection, book_id: int, account: Account, name: str) -> list[HolderRow]:
    """Return what one holder has now, a row a currency."""
    rows = connection.execute(
        select(BALANCE).where(
            BALANCE.c.book_id == book_id,
            BALANCE.c.account == account.code,
            BALANCE.c.holder == name,
        )
    )
    return [HolderRow(r.holder, r.currency, Sums(r.debit, r.credit), r.quantity) for r in rows]


class Span(Struct, frozen=True, kw_only=True):
    """Which postings of an account: of one holder, from and through which days."""

    holder: str | None = None
    since: date | None = None
    through: date | None = None


def postings(
    connection: Connection,
    book_id: int,
    code: str,
    span: Span,
    *,
    after: tuple[date, int, int] | None = None,
    limit: int = 100,
) -> list[RegisterRow]:
    """Return an account's postings by day and place in the log, with the running balance.

    The running balance counts what came before *span* and before *after* too. It adds up
    currencies apart from each other.
    """
    chosen = [POSTING.c.book_id == book_id, POSTING.c.account == code]
    if span.holder is not None:
        chosen.append(POSTING.c.holder == span.holder)
    running = _opening(connection, chosen, span, after)
    place = tuple_(POSTING.c.business_date, POSTING.c.seq, POSTING.c.line)
    if after is not None:
        chosen.append(place > tuple_(to_day(after[0]), after[1], after[2]))
    if span.since is not None:
        chosen.append(POSTING.c.business_date >= to_day(span.since))
    if span.through is not None:
        chosen.append(POSTING.c.business_date <= to_day(span.through))
    rows = connection.execute(
        select(POSTING, EVENT.c.event_id, EVENT.c.type)
        .join(EVENT, and_(EVENT.c.book_id == POSTING.c.book_id, EVENT.c.seq == POSTING.c.seq))
        .where(*chosen)
        .order_by(POSTING.c.business_date, POSTING.c.seq, POSTING.c.line)
        .limit(limit)
    )
    found: list[RegisterRow] = []
    for row in rows:
        running[row.currency] = running.get(row.currency, 0) + row.amount
        found.append(
            RegisterRow(
                from_day(row.business_date),
                row.seq,
                row.line,
                row.event_id,
                row.type,
                row.holder,
                row.currency,
                row.amount,
                row.quantity,
                running[row.currency],
            )
        )
    return found


def _opening(
    connection: Connection,
    chosen: Sequence[ColumnElement[bool]],
    span: Span,
    after: tuple[date, int, int] | None,
) -> dict[str, int]:
    """Return the balance by currency before the first row of a page."""
    if after is not None:
        place = tuple_(POSTING.c.business_date, POSTING.c.seq, POSTING.c.line)
        before: ColumnElement[bool] = place <= tuple_(to_day(after[0]), after[1], after[2])
    elif span.since is not None:
        before = POSTING.c.business_date < to_day(span.since)
    else:
        return {}
    rows = connection.execute(
        select(POSTING.c.currency, func.sum(POSTING.c.amount))
        .where(*chosen, before)
        .group_by(POSTING.c.currency)
    )
    return {currency: int(amount) for currency, amount in rows}
