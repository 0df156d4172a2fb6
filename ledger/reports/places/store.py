"""Stock on any day: what is held now, less what moved later. Every statement names its book.

Quantities are millionths, values minor units of home money.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Connection, and_, func, select

from ledger.reports.moved.store import LOCATION, Which, moved, of_event
from ledger.reports.views import View
from ledger.store import to_day
from ledger.tables import BALANCE, EVENT, POSTING, STOCK_PLACE

Held = tuple[str, int, int]
"""Item, quantity, value."""

Put = tuple[str, str, int]
"""Item, location, quantity."""


def held(connection: Connection, book_id: int, view: View, accounts: Sequence[str]) -> list[Held]:
    """Return what is held of each item at the end of a view's last day."""
    if not view.cut.whole:
        parts = moved(connection, book_id, view, ("holder",), Which(accounts=accounts))
        return [(part.key[0], part.quantity, part.sums.home_balance) for part in parts]
    value = func.coalesce(
        BALANCE.c.home_debit - BALANCE.c.home_credit, BALANCE.c.debit - BALANCE.c.credit
    )
    query = (
        select(BALANCE.c.holder, func.sum(BALANCE.c.quantity), func.sum(value))
        .where(BALANCE.c.book_id == book_id, BALANCE.c.account.in_(accounts))
        .group_by(BALANCE.c.holder)
    )
    now = {item: (int(quantity), int(worth)) for item, quantity, worth in connection.execute(query)}
    for conditions in _later(view):
        home = func.coalesce(POSTING.c.home, POSTING.c.amount)
        since = (
            select(POSTING.c.holder, func.sum(POSTING.c.quantity), func.sum(home))
            .where(POSTING.c.book_id == book_id, POSTING.c.account.in_(accounts), *conditions)
            .group_by(POSTING.c.holder)
        )
        for item, quantity, worth in connection.execute(since):
            before = now[item]
            now[item] = (before[0] - int(quantity), before[1] - int(worth))
    return [(item, *figures) for item, figures in sorted(now.items())]


def put(connection: Connection, book_id: int, view: View, accounts: Sequence[str]) -> list[Put]:
    """Return where it is held; "" is no location."""
    if not view.cut.whole:
        parts = moved(connection, book_id, view, ("holder", "location"), Which(accounts=accounts))
        return [(*part.key, part.quantity) for part in parts]
    query = select(STOCK_PLACE.c.item, STOCK_PLACE.c.location, STOCK_PLACE.c.quantity).where(
        STOCK_PLACE.c.book_id == book_id
    )
    now = {
        (item, location): int(quantity) for item, location, quantity in connection.execute(query)
    }
    for conditions in _later(view):
        since = (
            select(POSTING.c.holder, LOCATION, func.sum(POSTING.c.quantity))
            .select_from(POSTING)
            .join(EVENT, of_event())
            .where(POSTING.c.book_id == book_id, POSTING.c.account.in_(accounts), *conditions)
            .group_by(POSTING.c.holder, LOCATION)
        )
        for item, location, quantity in connection.execute(since):
            now[item, location] = now.get((item, location), 0) - int(quantity)
    return [(item, location, quantity) for (item, location), quantity in sorted(now.items())]


def _later(view: View) -> Iterator[list[ColumnElement[bool]]]:
    """Yield the conditions of what a view does not see: later days, and what was known later."""
    day = to_day(view.through)
    yield [POSTING.c.business_date > day]
    if view.known is not None:
        yield [and_(POSTING.c.business_date <= day, POSTING.c.seq > view.known)]
