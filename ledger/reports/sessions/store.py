"""Register sessions: their closings and openings that stand, and what came after a count.

Every statement names its book.
"""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, and_, select

from ledger.reports.moved.store import of_event
from ledger.reports.views import View
from ledger.store import to_day
from ledger.tables import EVENT, POSTING, SUBJECT


def closings(
    connection: Connection, book_id: int, view: View, *, after: int = 0, limit: int | None = None
) -> list[int]:
    """Return the places of the closings in a view that stand, oldest first."""
    wanted = [EVENT.c.type == "register_closed", EVENT.c.seq > after, *_seen(view)]
    if view.since is not None:
        wanted.append(EVENT.c.business_date >= to_day(view.since))
    wanted += [EVENT.c[name] == word for name, word in view.cut.stated().items()]
    query = (
        select(EVENT.c.seq)
        .where(EVENT.c.book_id == book_id, *wanted, ~_taken_back(view))
        .order_by(EVENT.c.seq)
        .limit(limit)
    )
    return list(connection.scalars(query))


def openings(
    connection: Connection, book_id: int, view: View, sessions: Collection[str]
) -> dict[str, list[int]]:
    """Return the places of the openings of sessions that stand, oldest first."""
    query = (
        select(EVENT.c.session, EVENT.c.seq)
        .where(
            EVENT.c.book_id == book_id,
            EVENT.c.session.in_(sorted(sessions)),
            EVENT.c.type == "register_opened",
            *_seen(view),
            ~_taken_back(view),
        )
        .order_by(EVENT.c.seq)
    )
    found: dict[str, list[int]] = {}
    for session, seq in connection.execute(query):
        found.setdefault(session, []).append(seq)
    return found


def over_short(
    connection: Connection,
    book_id: int,
    view: View,
    sessions: Collection[str],
    accounts: Collection[str],
) -> list[tuple[str, int, int]]:
    """Return (session, place, home minor units) of what facts but closings posted as over, short.

    What is short is positive.
    """
    query = (
        select(EVENT.c.session, POSTING.c.seq, POSTING.c.amount, POSTING.c.home)
        .select_from(POSTING)
        .join(EVENT, of_event())
        .where(
            POSTING.c.book_id == book_id,
            EVENT.c.book_id == book_id,
            EVENT.c.session.in_(sorted(sessions)),
            EVENT.c.type != "register_closed",
            POSTING.c.account.in_(sorted(accounts)),
            *_seen(view),
        )
    )
    return [
        (session, seq, amount if home is None else home)
        for session, seq, amount, home in connection.execute(query)
    ]


def _seen(view: View) -> list[ColumnElement[bool]]:
    found = [EVENT.c.business_date <= to_day(view.through)]
    return found if view.known is None else [*found, EVENT.c.seq <= view.known]


def _taken_back(view: View) -> ColumnElement[bool]:
    """Tell whether the event beside was taken back, as far as a view sees."""
    later = EVENT.alias("later")
    wanted = [
        later.c.book_id == EVENT.c.book_id,
        later.c.type == "event_reversed",
        later.c.business_date <= to_day(view.through),
        SUBJECT.c.kind == "event",
        SUBJECT.c.name == EVENT.c.event_id,
    ]
    if view.known is not None:
        wanted.append(later.c.seq <= view.known)
    return (
        select(later.c.seq)
        .join(SUBJECT, and_(SUBJECT.c.book_id == later.c.book_id, SUBJECT.c.seq == later.c.seq))
        .where(*wanted)
        .exists()
    )
