"""Exceptions: what entries leave for a person to see to, until it is cleared or taken back."""

from datetime import date
from typing import Any, Literal

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Select, Text, and_, cast, func, or_, select

from ledger.postings import Caveat
from ledger.store import from_day, to_day
from ledger.tables import EVENT, EXCEPTION, SUBJECT

ExceptionState = Literal["open", "cleared", "all"]


class Raised(Struct, frozen=True):
    """Something that an entry left for a person, and the event that saw to it, if one did."""

    seq: int
    number: int
    event_id: str
    business_date: date
    currency: str
    caveat: Caveat
    cleared_by: str | None


class _Money(Struct):
    """What of an event's body tells the money of its caveats."""

    currency: str


def exceptions(
    connection: Connection,
    book_id: int,
    state: ExceptionState = "open",
    *,
    day: date | None = None,
    after: tuple[int, int] = (0, -1),
    limit: int = 100,
) -> list[Raised]:
    """Return what waits or waited for a person, oldest first, from behind (seq, number).

    What an entry left is seen to when it is cleared, or its event is taken back.
    """
    cleared_by = _cleared_by()
    chosen = [
        EXCEPTION.c.book_id == book_id,
        or_(
            EXCEPTION.c.seq > after[0],
            and_(EXCEPTION.c.seq == after[0], EXCEPTION.c.number > after[1]),
        ),
    ]
    if state != "all":
        chosen.append(cleared_by.is_(None) if state == "open" else cleared_by.is_not(None))
    if day is not None:
        chosen.append(EVENT.c.business_date == to_day(day))
    rows = connection.execute(
        select(
            EXCEPTION,
            EVENT.c.event_id,
            EVENT.c.business_date,
            EVENT.c.body,
            cleared_by.label("cleared_by"),
        )
        .join(EVENT, and_(EVENT.c.book_id == EXCEPTION.c.book_id, EVENT.c.seq == EXCEPTION.c.seq))
        .where(*chosen)
        .order_by(EXCEPTION.c.seq, EXCEPTION.c.number)
        .limit(limit)
    )
    found = rows.all()
    names = _ids(connection, book_id, {row.cleared_by for row in found if row.cleared_by})
    return [
        Raised(
            row.seq,
            row.number,
            row.event_id,
            from_day(row.business_date),
            msgspec.json.decode(row.body, type=_Money).currency,
            Caveat(row.cause, row.subject, row.amount),
            names.get(row.cleared_by),
        )
        for row in found
    ]


def _ids(connection: Connection, book_id: int, seqs: set[int]) -> dict[int, str]:
    query = select(EVENT.c.seq, EVENT.c.event_id).where(
        EVENT.c.book_id == book_id, EVENT.c.seq.in_(seqs)
    )
    return {row.seq: row.event_id for row in connection.execute(query)} if seqs else {}


def count_open(connection: Connection, book_id: int, day: date) -> int:
    """Return how many exceptions of a business day wait for a person."""
    query = (
        select(func.count())
        .select_from(EXCEPTION)
        .join(EVENT, and_(EVENT.c.book_id == EXCEPTION.c.book_id, EVENT.c.seq == EXCEPTION.c.seq))
        .where(
            EVENT.c.book_id == book_id,
            EVENT.c.business_date == to_day(day),
            _cleared_by().is_(None),
        )
    )
    return connection.scalar(query) or 0


def _cleared_by() -> Any:
    """Return the place in the log of what saw to the exception beside, or took its event back.

    Two look-ups by name: either of them in one condition would walk the log.
    """
    name = EVENT.c.event_id + ":" + cast(EXCEPTION.c.number, Text)
    clearing, undoing, reversal = (EVENT.alias(of) for of in ("clearing", "undoing", "reversal"))
    taken_back = _spoken(undoing, clearing, "event", clearing.c.event_id, "event_reversed")
    cleared = _spoken(clearing, EXCEPTION, "exception", name, "exception_cleared").where(
        taken_back.correlate(clearing).scalar_subquery().is_(None)
    )
    undone = _spoken(reversal, EXCEPTION, "event", EVENT.c.event_id, "event_reversed")
    found = (query.correlate(EVENT, EXCEPTION).scalar_subquery() for query in (cleared, undone))
    return func.coalesce(*found)


def _spoken(later: Any, beside: Any, kind: str, name: Any, word: str) -> Select[Any]:
    """Return where the first event of one kind (*word*) speaks of a subject, in a book beside.

    By the subject's own place in the log: asked for the event's, SQLite walks the whole log.
    """
    about = SUBJECT.alias()
    return select(func.min(about.c.seq)).where(
        about.c.book_id == beside.c.book_id,
        about.c.kind == kind,
        about.c.name == name,
        later.c.book_id == about.c.book_id,
        later.c.seq == about.c.seq,
        later.c.type == word,
    )
