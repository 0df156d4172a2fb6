"""The register of an account: its postings by day, with the balance after each.

What came before a page is read from the movements by day, not from the postings. Amounts are minor
units. Every statement names its book.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Row, and_, func, select, tuple_

from ledger.accounts import Account
from ledger.clocks.store import turnover
from ledger.store import from_day, to_day
from ledger.tables import EVENT, POSTING

Spot = tuple[date, int, int]
"""Where a posting stands in a register: its day, its place in the log, its line."""


class RegisterRow(Struct, frozen=True):
    """One posting of an account, with the balance of its currency after it (debit positive).

    `home` is the amount in home money.
    """

    business_date: date
    seq: int
    line: int
    event_id: str
    type: str
    holder: str
    currency: str
    amount: int
    home: int
    quantity: int
    balance: int


class Span(Struct, frozen=True, kw_only=True):
    """Which postings of an account: of one holder, from and through which days.

    `known`: as known after that event.
    """

    holder: str | None = None
    since: date | None = None
    through: date | None = None
    known: int | None = None


def postings(
    connection: Connection,
    book_id: int,
    account: Account,
    span: Span,
    *,
    after: Spot | None = None,
    limit: int = 100,
) -> list[RegisterRow]:
    """Return an account's postings by day and place in the log, with the running balance.

    The running balance counts what came before *span* and before *after* too. It adds up
    currencies apart from each other.
    """
    chosen = _chosen(book_id, account, span)
    running = _opening(connection, book_id, account, span, after)
    if after is not None:
        chosen.append(POSTING.c.business_date >= to_day(after[0]))
        chosen.append(_spot() > tuple_(to_day(after[0]), after[1], after[2]))
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
        found.append(_row(row, running[row.currency]))
    return found


def _row(row: Row[tuple[object, ...]], balance: int) -> RegisterRow:
    return RegisterRow(
        from_day(row.business_date),
        row.seq,
        row.line,
        row.event_id,
        row.type,
        row.holder,
        row.currency,
        row.amount,
        row.amount if row.home is None else row.home,
        row.quantity,
        balance,
    )


def _spot() -> ColumnElement[tuple[int, int, int]]:
    return tuple_(POSTING.c.business_date, POSTING.c.seq, POSTING.c.line)


def _chosen(book_id: int, account: Account, span: Span) -> list[ColumnElement[bool]]:
    chosen = [POSTING.c.book_id == book_id, POSTING.c.account == account.code]
    if span.holder is not None:
        chosen.append(_holder(account) == span.holder)
    if span.known is not None:
        chosen.append(POSTING.c.seq <= span.known)
    return chosen


def _holder(account: Account) -> ColumnElement[str]:
    """Return the column of the holder, such that the right index is taken.

    A busy account's holder has too many postings to sort them: they are read by day, in order, and
    those of other holders passed over.
    """
    return func.coalesce(POSTING.c.holder, "") if account.busy else POSTING.c.holder


def _opening(
    connection: Connection, book_id: int, account: Account, span: Span, after: Spot | None
) -> dict[str, int]:
    """Return the balance by currency before the first row of a page."""
    if after is None and span.since is None:
        return {}
    first = after[0] if after is not None else span.since
    assert first is not None
    if span.holder is not None and not account.busy:
        before = _before(first, after)
        return _summed(connection, [*_chosen(book_id, account, span), before])
    day_before = first - timedelta(days=1)
    opening: dict[str, int] = {}
    moved = turnover(connection, book_id, day_before, span.known, account.code)
    for (_, holder, currency), sums in moved.items():
        if span.holder in (None, holder):
            opening[currency] = opening.get(currency, 0) + sums.balance
    if after is not None:
        of_day = POSTING.c.business_date == to_day(first)
        chosen = [*_chosen(book_id, account, span), of_day, _before(first, after)]
        for currency, amount in _summed(connection, chosen).items():
            opening[currency] = opening.get(currency, 0) + amount
    return opening


def _before(first: date, after: Spot | None) -> ColumnElement[bool]:
    if after is None:
        return POSTING.c.business_date < to_day(first)
    return _spot() <= tuple_(to_day(after[0]), after[1], after[2])


def _summed(connection: Connection, chosen: Sequence[ColumnElement[bool]]) -> dict[str, int]:
    rows = connection.execute(
        select(POSTING.c.currency, func.sum(POSTING.c.amount))
        .where(*chosen)
        .group_by(POSTING.c.currency)
    )
    return {currency: int(amount) for currency, amount in rows}
