"""How far a book is in step with the outside."""

from collections.abc import Sequence
from datetime import date, timedelta

from msgspec import Struct

from ledger import store as ledger
from ledger.book import Book
from ledger.database import Connection
from ledger.log import store as log
from sync.connections import store as connections
from sync.connections.tokens import TARGET
from sync.intake import store as intake
from sync.outbox import DEAD, State
from sync.status import store


class Standing(Struct, frozen=True):
    """Where the sync of a book stands.

    Through `in_step_through` everything that was recorded is over there, or needs nothing; None
    while nothing was recorded. `unplanned` are entries that planning has not read yet.
    """

    connection: str
    realm: str | None
    pause: connections.Pause | None
    in_step_through: date | None
    unplanned: int
    waiting: Sequence[intake.Waiting]
    queue: dict[State, int]
    oldest_us: int | None
    last_synced_us: int
    causes: Sequence[store.Cause]


def standing_of(connection: Connection, book: Book, now_us: int) -> Standing:
    """Return where the sync of a book stands, in one snapshot."""
    head, seen = ledger.head(connection, book.id), intake.cursor(connection, book.id)
    unplanned = (head.seq if head else 0) - seen
    waiting = intake.waiting_sets(connection, book.id)
    oldest_us, first_open = store.oldest_open(connection, book.id)
    days = [found.first_day for found in waiting]
    days += [first_open] if first_open else []
    if unplanned:
        unread = log.entries(connection, book.id, after=seen)
        days += [entry.event.day() for entry in unread]
    bound = connections.find(connection, book.id, TARGET)
    queue, causes = store.counts(connection, book.id), store.causes(connection, book.id)
    if bound is not None and bound.state == "dead":
        held, behind = queue.get("paused", 0), queue.get("waiting", 0)
        causes = [store.Cause(DEAD, bound.realm, "paused", held, behind, ""), *causes]
    return Standing(
        connection=bound.state if bound else "not_connected",
        realm=bound.realm if bound else None,
        pause=connections.find_pause(connection, book.id),
        in_step_through=_in_step(book, now_us, days) if head and head.seq else None,
        unplanned=unplanned,
        waiting=waiting,
        queue=queue,
        oldest_us=oldest_us,
        last_synced_us=store.last_synced_us(connection, book.id),
        causes=causes,
    )


def _in_step(book: Book, now_us: int, open_days: Sequence[date]) -> date:
    today = book.business_date(ledger.instant(now_us))
    return min((day - timedelta(days=1) for day in open_days), default=today)
