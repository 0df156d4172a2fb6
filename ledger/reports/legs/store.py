"""The postings of an account one by one, by day and place in the log, in a report's view.

Amounts are minor units, debit positive. Every statement names its book.
"""

from collections.abc import Iterator
from datetime import date

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, func, select, tuple_

from ledger.reports.moved.store import Which, chosen, of_event
from ledger.reports.views import View
from ledger.store import from_day, to_day
from ledger.tables import EVENT, POSTING

At = tuple[date, int, int]
"""Business date, place in the log, line of the entry."""


class Leg(Struct, frozen=True):
    """One posting with the event that caused it; `home` is its amount in home money."""

    day: date
    seq: int
    line: int
    event_id: str
    kind: str
    holder: str
    amount: int
    home: int

    @property
    def at(self) -> At:
        """Return where it stands."""
        return self.day, self.seq, self.line


_AT = tuple_(POSTING.c.business_date, POSTING.c.seq, POSTING.c.line)
_HOME = func.coalesce(POSTING.c.home, POSTING.c.amount)


def legs(
    connection: Connection,
    book_id: int,
    view: View,
    place: tuple[str, str],
    *,
    after: At | None = None,
    limit: int,
) -> list[Leg]:
    """Return an account's postings in one currency, from behind *after*."""
    wanted = _of(book_id, view, place)
    if after is not None:
        wanted.append(tuple_(to_day(after[0]), after[1], after[2]) < _AT)
    rows = connection.execute(
        select(
            POSTING.c.business_date,
            POSTING.c.seq,
            POSTING.c.line,
            EVENT.c.event_id,
            EVENT.c.type,
            POSTING.c.holder,
            POSTING.c.amount,
            _HOME,
        )
        .select_from(POSTING)
        .join(EVENT, of_event())
        .where(*wanted)
        .order_by(POSTING.c.business_date, POSTING.c.seq, POSTING.c.line)
        .limit(limit)
    )
    return [Leg(from_day(day), *rest) for day, *rest in rows]


def moved_until(
    connection: Connection, book_id: int, view: View, place: tuple[str, str], last: At
) -> tuple[int, int]:
    """Return what an account moved in a view through a posting: (its currency, home)."""
    wanted = _of(book_id, view, place)
    wanted.append(tuple_(to_day(last[0]), last[1], last[2]) >= _AT)
    query = (
        select(func.sum(POSTING.c.amount), func.sum(_HOME))
        .select_from(POSTING)
        .join(EVENT, of_event())
        .where(*wanted)
    )
    amount, home = connection.execute(query).one()
    return int(amount or 0), int(home or 0)


def every_leg(
    connection: Connection, book_id: int, view: View, place: tuple[str, str]
) -> Iterator[Leg]:
    """Yield all of an account's postings in one currency, a thousand at a time."""
    after: At | None = None
    while True:
        found = legs(connection, book_id, view, place, after=after, limit=1000)
        yield from found
        if len(found) < 1000:
            return
        after = found[-1].at


def _of(book_id: int, view: View, place: tuple[str, str]) -> list[ColumnElement[bool]]:
    code, currency = place
    return [*chosen(book_id, view, Which(accounts=(code,))), POSTING.c.currency == currency]
