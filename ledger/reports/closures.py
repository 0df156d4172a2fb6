"""Register closures: what each drawer and method should have held, and what was counted."""

from collections.abc import Sequence
from datetime import date, datetime

from msgspec import Struct

from ledger.database import Connection
from ledger.events.base import BusinessEvent, Entry
from ledger.events.drawer import UNASSIGNED
from ledger.events.register import RegisterClosed, RegisterOpened
from ledger.reports.facts.store import entries_in
from ledger.reports.sessions.store import closings, openings, over_short
from ledger.reports.views import View
from ledger.settings import Settings


class Count(Struct):
    """One method in minor units of the closing's currency; several of cash are one drawer.

    What the drawer does not hold is not compared, and has no difference.
    """

    method: str
    counted: int
    difference: int = 0

    @property
    def expected(self) -> int:
        """Return what should have been there."""
        return self.counted - self.difference


class Closure(Struct, frozen=True):
    """One session closed. `late` is what facts recorded after the count put over (or short, < 0).

    The drawer stays at its count: what came late is a difference of its own. `opening` is what it
    was opened with.
    """

    session: str
    register: str
    location: str | None
    staff: str | None
    day: date
    opened_at: datetime | None
    closed_at: datetime
    seq: int
    event_id: str
    currency: str
    opening: int
    counts: list[Count]
    late: int

    def all(self, figure: str) -> int:
        """Return a figure of all methods together."""
        return sum(getattr(count, figure) for count in self.counts)


def closures(
    connection: Connection,
    book_id: int,
    settings: Settings,
    view: View,
    *,
    after: int = 0,
    limit: int | None = None,
) -> list[Closure]:
    """Return the closings of a view, in the order in which they were recorded."""
    seqs = closings(connection, book_id, view, after=after, limit=limit)
    closed = entries_in(connection, book_id, seqs)
    sessions = {entry.event.session or "" for entry in closed.values()}
    opened = openings(connection, book_id, view, sessions)
    opening = entries_in(connection, book_id, [seq for of in opened.values() for seq in of])
    codes = settings.codes("till_over_short")
    late = over_short(connection, book_id, view, sessions, codes)
    found: list[Closure] = []
    for seq in seqs:
        session = closed[seq].event.session or ""
        before = [opening[at] for at in opened.get(session, ()) if at < seq]
        after_count = -sum(short for of, at, short in late if of == session and at > seq)
        found.append(_closure(closed[seq], before, after_count, settings))
    return found


def _closure(
    entry: Entry, openings_before: Sequence[Entry], late: int, settings: Settings
) -> Closure:
    event = entry.event
    assert isinstance(event, RegisterClosed)
    opened: BusinessEvent | None = openings_before[-1].event if openings_before else None
    register = event.register or (opened.register if opened else None) or UNASSIGNED
    return Closure(
        session=event.session or "",
        register=register,
        location=event.location or (opened.location if opened else None),
        staff=event.staff or (opened.staff if opened else None),
        day=event.day(),
        opened_at=opened.occurred_at if opened else None,
        closed_at=event.occurred_at,
        seq=entry.seq,
        event_id=event.id,
        currency=event.currency or "",
        opening=opened.minor(opened.float) if isinstance(opened, RegisterOpened) else 0,
        counts=_counts(entry, event, register, settings),
        late=late,
    )


def _counts(entry: Entry, event: RegisterClosed, drawer: str, settings: Settings) -> list[Count]:
    """Return what was counted, by the place where it stands, with the difference posted there."""
    piles: dict[tuple[str, str], Count] = {}
    for counted in event.counted:
        place = _place(counted.method, drawer, event, settings)
        pile = piles.setdefault(place, Count(counted.method, 0))
        pile.counted += event.minor(counted.amount)
    for posting in entry.postings:
        if (posting.role, posting.holder) in piles:
            piles[posting.role, posting.holder].difference += posting.amount
    return list(piles.values())


def _place(method: str, drawer: str, event: RegisterClosed, settings: Settings) -> tuple[str, str]:
    known = settings.methods.get(method, event.day())
    if known is None:
        return "suspense", f"method:{method}"
    return ("cash", drawer) if known.kind == "cash" else ("clearing", method)
