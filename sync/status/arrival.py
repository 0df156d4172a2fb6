"""How far the facts of a day have come: planned into documents, and all of these over there."""

from collections.abc import Sequence

from msgspec import Struct

from ledger.completeness.store import DayFact
from ledger.database import Connection
from sync.intake import store as intake
from sync.status import store


class Arrived(Struct, frozen=True):
    """Facts whose documents are planned, and of these the facts whose documents are all there.

    What needs no document is both.
    """

    planned: list[DayFact]
    confirmed: list[DayFact]


def arrived(connection: Connection, book_id: int, facts: Sequence[DayFact]) -> Arrived:
    """Return how far facts have come."""
    read = intake.cursor(connection, book_id)
    spots = intake.spots_of(connection, book_id, [fact.seq for fact in facts])
    planned = [
        fact
        for fact in facts
        if fact.seq <= read and (fact.seq not in spots or spots[fact.seq].number > 0)
    ]
    scopes = sorted({spots[fact.seq].title() for fact in planned if fact.seq in spots})
    open_ = store.not_over_there(connection, book_id, scopes)
    confirmed = [
        fact for fact in planned if fact.seq not in spots or spots[fact.seq].title() not in open_
    ]
    return Arrived(planned, confirmed)
