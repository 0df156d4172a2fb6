"""The numbers that devices gave and those that are missing, and the facts of a day with their sums.

Every statement names its book.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, and_, case, func, or_, select, tuple_

from ledger.store import from_day, to_day
from ledger.tables import DELTA, DEVICE_RUN, EVENT, POSTING


class Epoch(Struct, frozen=True):
    """What was received of one device in one epoch: how many numbers, from which to which."""

    device: str
    epoch: int
    first: int
    highest: int
    received: int

    @property
    def missing(self) -> int:
        """Return how many numbers between the first and the highest were not received."""
        return self.highest - self.first + 1 - self.received


class Hole(Struct, frozen=True):
    """Numbers `first` to `last` that were not received, and the days of those on either side."""

    device: str
    epoch: int
    first: int
    last: int
    since: date
    until: date


class DayFact(Struct, frozen=True):
    """A fact of a day; `debits` is what its entry debits, in minor units by currency."""

    seq: int
    event_id: str
    debits: dict[str, int]
    balanced: bool


def epochs(
    connection: Connection,
    book_id: int,
    *,
    device: str | None = None,
    after: tuple[str, int] = ("", -1),
    limit: int = 100,
) -> list[Epoch]:
    """Return what was received, by device and epoch, of all devices or of one."""
    row = DEVICE_RUN.c
    chosen = [row.book_id == book_id, tuple_(row.device, row.epoch) > tuple_(*after)]
    if device is not None:
        chosen.append(row.device == device)
    query = (
        select(
            row.device,
            row.epoch,
            func.min(row.first),
            func.max(row.last),
            func.sum(row.last - row.first + 1),
        )
        .where(*chosen)
        .group_by(row.device, row.epoch)
        .order_by(row.device, row.epoch)
        .limit(limit)
    )
    return [Epoch(*found[:4], int(found[4])) for found in connection.execute(query)]


def holes(
    connection: Connection,
    book_id: int,
    *,
    device: str | None = None,
    day: date | None = None,
    after: tuple[int, int] = (-1, -1),
    limit: int = 100,
) -> list[Hole]:
    """Return the numbers that are missing: of a device, or next to what was booked on a day.

    In the order of their device, epoch and numbers, from behind (epoch, last number).
    """
    gap = _gaps(book_id, device)
    missing = gap.c.following > gap.c.last + 1
    chosen: list[Any] = [missing, tuple_(gap.c.epoch, gap.c.following - 1) > tuple_(*after)]
    if day is not None:
        number = to_day(day)
        chosen.append(
            or_(
                and_(gap.c.last_day <= number, gap.c.following_day >= number),
                and_(gap.c.following_day <= number, gap.c.last_day >= number),
            )
        )
    query = select(gap).where(*chosen).order_by(gap.c.device, gap.c.epoch, gap.c.last).limit(limit)
    return [
        Hole(
            row.device,
            row.epoch,
            row.last + 1,
            row.following - 1,
            from_day(min(row.last_day, row.following_day)),
            from_day(max(row.last_day, row.following_day)),
        )
        for row in connection.execute(query)
    ]


def _gaps(book_id: int, device: str | None) -> Any:
    """Return each run beside the one that follows it."""
    row = DEVICE_RUN.c
    beside: dict[str, Any] = {"partition_by": (row.device, row.epoch), "order_by": row.first}
    query = select(
        row.device,
        row.epoch,
        row.last,
        row.last_day,
        func.lead(row.first).over(**beside).label("following"),
        func.lead(row.first_day).over(**beside).label("following_day"),
    ).where(row.book_id == book_id)
    if device is not None:
        query = query.where(row.device == device)
    return query.subquery()


def facts_of_day(connection: Connection, book_id: int, day: date) -> list[DayFact]:
    """Return the facts that are booked on a day, each with what its entry debits."""
    of_day = and_(EVENT.c.book_id == book_id, EVENT.c.business_date == to_day(day))
    amount = POSTING.c.amount
    rows = connection.execute(
        select(
            POSTING.c.seq,
            POSTING.c.currency,
            func.sum(case((amount > 0, amount), else_=0)),
            func.sum(amount),
        )
        .join(EVENT, and_(EVENT.c.book_id == POSTING.c.book_id, EVENT.c.seq == POSTING.c.seq))
        .where(of_day)
        .group_by(POSTING.c.seq, POSTING.c.currency)
    )
    sums: dict[int, dict[str, tuple[int, int]]] = {}
    for seq, currency, debit, net in rows:
        sums.setdefault(seq, {})[currency] = (int(debit), int(net))
    facts = connection.execute(select(EVENT.c.seq, EVENT.c.event_id).where(of_day))
    return [
        DayFact(
            seq,
            event_id,
            {currency: debit for currency, (debit, _) in sums.get(seq, {}).items()},
            all(net == 0 for _, net in sums.get(seq, {}).values()),
        )
        for seq, event_id in facts
    ]


def booked_on(connection: Connection, book_id: int, day: date) -> dict[str, int]:
    """Return what the kept movements of a day say was debited, in minor units by currency."""
    query = (
        select(DELTA.c.currency, func.sum(DELTA.c.debit))
        .where(DELTA.c.book_id == book_id, DELTA.c.grain == 0, DELTA.c.bucket == to_day(day))
        .group_by(DELTA.c.currency)
    )
    return {currency: int(debit) for currency, debit in connection.execute(query)}


def added_up(facts: Sequence[DayFact]) -> dict[str, int]:
    """Return what facts debit together, by currency."""
    sums: dict[str, int] = {}
    for fact in facts:
        for currency, debit in fact.debits.items():
            sums[currency] = sums.get(currency, 0) + debit
    return sums
