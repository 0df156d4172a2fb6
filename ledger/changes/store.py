"""What became known between two places of the log, event by event.

Every statement names its book.
"""

from datetime import date, datetime

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, and_, select

from ledger.log.store import to_posting
from ledger.postings import Posting
from ledger.reports.moved.store import limited, of_event
from ledger.reports.views import Cut
from ledger.store import from_day, instant, to_day
from ledger.tables import ACCOUNT, EVENT, POSTING


class Change(Struct, frozen=True):
    """An event that moved balances, with the postings by which it did."""

    seq: int
    event_id: str
    type: str
    business_date: date
    recorded_at: datetime
    postings: tuple[Posting, ...]


class Between(Struct, frozen=True, kw_only=True):
    """Which postings: of the events after one through another, to the end of a day, of a code.

    `cut` limits them to a part of the shop.
    """

    after: int
    through: int
    as_of: date | None = None
    account: str | None = None
    cut: Cut = Cut()


def changes_between(
    connection: Connection, book_id: int, between: Between, *, after: int = 0, limit: int = 100
) -> list[Change]:
    """Return the events that moved balances as of a day between two places of the log, in order.

    *after* is the last event of the page before. The balances known at `between.through` are those
    known at `between.after` and these postings.
    """
    chosen, beside = _chosen(book_id, between, after), of_event()
    seqs = list(
        connection.scalars(
            select(POSTING.c.seq)
            .join(EVENT, beside)
            .where(*chosen)
            .distinct()
            .order_by(POSTING.c.seq)
            .limit(limit)
        )
    )
    if not seqs:
        return []
    events = connection.execute(
        select(EVENT.c.seq, EVENT.c.event_id, EVENT.c.type, EVENT.c.recorded_us).where(
            EVENT.c.book_id == book_id, EVENT.c.seq.in_(seqs)
        )
    )
    by_seq = {row.seq: row for row in events}
    role = and_(ACCOUNT.c.book_id == POSTING.c.book_id, ACCOUNT.c.code == POSTING.c.account)
    rows = connection.execute(
        select(POSTING, ACCOUNT.c.role)
        .join(ACCOUNT, role)
        .join(EVENT, beside)
        .where(*chosen, POSTING.c.seq.in_(seqs))
        .order_by(POSTING.c.seq, POSTING.c.line)
    )
    moved: dict[int, list[Posting]] = {}
    days: dict[int, date] = {}
    for row in rows:
        moved.setdefault(row.seq, []).append(to_posting(row))
        days[row.seq] = from_day(row.business_date)
    return [
        Change(
            seq,
            by_seq[seq].event_id,
            by_seq[seq].type,
            days[seq],
            instant(by_seq[seq].recorded_us),
            tuple(moved[seq]),
        )
        for seq in seqs
    ]


def _chosen(book_id: int, between: Between, after: int) -> list[ColumnElement[bool]]:
    """Return the conditions on postings; those of a cut are on the event beside."""
    chosen = [
        POSTING.c.book_id == book_id,
        POSTING.c.seq > max(after, between.after),
        POSTING.c.seq <= between.through,
    ]
    if between.as_of is not None:
        chosen.append(POSTING.c.business_date <= to_day(between.as_of))
    if between.account is not None:
        chosen.append(POSTING.c.account == between.account)
    return chosen + limited(between.cut)
