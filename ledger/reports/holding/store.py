"""The holders of accounts that had a balance or moved in a view, page by page.

Amounts are minor units, debit positive. Every statement names its book.
"""

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import Connection, case, func, or_, select, tuple_

from ledger.reports.moved.store import Which, chosen, of_event
from ledger.reports.views import View
from ledger.store import to_day
from ledger.tables import EVENT, POSTING


class Holding(Struct, frozen=True):
    """What a holder had in one currency before a view's first day, and in home money at its end."""

    holder: str
    currency: str
    opening: int
    home_closing: int


def holdings(
    connection: Connection,
    book_id: int,
    view: View,
    accounts: Sequence[str],
    *,
    after: tuple[str, str] | None = None,
    limit: int | None = None,
) -> list[Holding]:
    """Return holders by name and currency, from behind *after*."""
    first = 0 if view.since is None else to_day(view.since)
    amount = POSTING.c.amount
    opening = func.sum(case((POSTING.c.business_date < first, amount), else_=0))
    moved = func.sum(case((POSTING.c.business_date >= first, func.abs(amount)), else_=0))
    wanted = chosen(book_id, view.until(), Which(accounts=accounts))
    if after is not None:
        wanted.append(tuple_(POSTING.c.holder, POSTING.c.currency) > tuple_(*after))
    query = (
        select(
            POSTING.c.holder,
            POSTING.c.currency,
            opening,
            func.sum(func.coalesce(POSTING.c.home, amount)),
        )
        .select_from(POSTING)
        .join(EVENT, of_event())
        .where(*wanted)
        .group_by(POSTING.c.holder, POSTING.c.currency)
        .having(or_(opening != 0, moved != 0))
        .order_by(POSTING.c.holder, POSTING.c.currency)
        .limit(limit)
    )
    rows = connection.execute(query)
    return [Holding(holder, currency, int(o), int(c)) for holder, currency, o, c in rows]
