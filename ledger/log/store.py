"""Reading the log: entries by their place, id, day, session or subject.

Every statement names its book.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, get_args

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import (
    Connection,
    Row,
    Select,
    and_,
    func,
    or_,
    select,
)

from ledger import codec
from ledger.book import Book
from ledger.events import Event
from ledger.events.base import Actor, Entry
from ledger.events.configuration import ConfiguringEvent
from ledger.postings import Caveat, Posting
from ledger.settings import LEARNED, Settings
from ledger.store import from_day, instant, to_day
from ledger.tables import (
    ACCOUNT,
    EVENT,
    EXCEPTION,
    POSTING,
    SUBJECT,
)


class EventFilters(Struct, frozen=True, kw_only=True):
    """What to look for in the log.

    Days are inclusive, `q` is part of an id or of the text, `actor` is a key.
    """

    type: str | None = None
    since: date | None = None
    through: date | None = None
    register: str | None = None
    session: str | None = None
    customer: str | None = None
    booking: str | None = None
    order: str | None = None
    location: str | None = None
    staff: str | None = None
    channel: str | None = None
    q: str | None = None
    actor: str | None = None


def find_entry(connection: Connection, book_id: int, event_id: str) -> Entry | None:
    """Return the entry of an event, or None."""
    found = _load(connection, book_id, EVENT.c.event_id == event_id)
    return found[0] if found else None


def find_entries(connection: Connection, book_id: int, event_ids: Sequence[str]) -> list[Entry]:
    """Return the entries of those events that are in the log."""
    return _load(connection, book_id, EVENT.c.event_id.in_(event_ids))


def entries(
    connection: Connection,
    book_id: int,
    *,
    after: int = 0,
    through: int | None = None,
    limit: int = 1000,
) -> list[Entry]:
    """Return the entries that follow *after*, up to *through*, oldest first."""
    end = after + limit if through is None else min(after + limit, through)
    return _load(connection, book_id, EVENT.c.seq > after, EVENT.c.seq <= end)


def entries_at(connection: Connection, book_id: int, seqs: Sequence[int]) -> list[Entry]:
    """Return the entries at these places, oldest first."""
    return _load(connection, book_id, EVENT.c.seq.in_(seqs)) if seqs else []


def entries_about(connection: Connection, book_id: int, kind: str, name: str) -> list[Entry]:
    """Return the entries whose events speak of a subject, oldest first."""
    seqs = select(SUBJECT.c.seq).where(
        SUBJECT.c.book_id == book_id, SUBJECT.c.kind == kind, SUBJECT.c.name == name
    )
    return _load(connection, book_id, EVENT.c.seq.in_(seqs))


def session_total(
    connection: Connection,
    book_id: int,
    session: str,
    accounts: Sequence[str],
    holder: str,
    currency: str,
) -> int:
    """Return what the events of a register session posted to a holder, debit positive."""
    query = select(func.sum(POSTING.c.amount)).where(
        POSTING.c.book_id == book_id,
        func.coalesce(POSTING.c.account, "").in_(accounts),  # by the session, not by the account:
        func.coalesce(POSTING.c.holder, "") == holder,  # a tender has more postings than it
        POSTING.c.currency == currency,
        POSTING.c.seq.in_(
            select(EVENT.c.seq).where(EVENT.c.book_id == book_id, EVENT.c.session == session)
        ),
    )
    return int(connection.scalar(query) or 0)


def drawn_since(
    connection: Connection, book_id: int, seq: int, accounts: Sequence[str], holder: str
) -> list[Entry]:
    """Return the entries after *seq* that debit a holder of *accounts*, oldest first."""
    seqs = select(POSTING.c.seq).where(
        POSTING.c.book_id == book_id,
        POSTING.c.account.in_(accounts),
        POSTING.c.holder == holder,
        POSTING.c.seq > seq,
        or_(POSTING.c.amount > 0, and_(POSTING.c.amount == 0, POSTING.c.quantity > 0)),
    )
    return _load(connection, book_id, EVENT.c.seq.in_(seqs))


def _load(connection: Connection, book_id: int, *chosen: Any) -> list[Entry]:
    query = select(EVENT).where(EVENT.c.book_id == book_id, *chosen)
    rows = _in_order(connection.execute(query), "seq")
    if not rows:
        return []
    first, last = rows[0].seq, rows[-1].seq
    if last - first == len(rows) - 1:
        posted = and_(POSTING.c.seq >= first, POSTING.c.seq <= last)
        caused = and_(EXCEPTION.c.seq >= first, EXCEPTION.c.seq <= last)
    else:
        these = select(EVENT.c.seq).where(EVENT.c.book_id == book_id, *chosen)
        posted, caused = POSTING.c.seq.in_(these), EXCEPTION.c.seq.in_(these)
    postings: dict[int, list[Posting]] = {}
    for row in _in_order(connection.execute(_postings(book_id, posted)), "line"):
        postings.setdefault(row.seq, []).append(to_posting(row))
    caveats: dict[int, list[Caveat]] = {}
    exceptions = select(EXCEPTION).where(EXCEPTION.c.book_id == book_id, caused)
    for row in _in_order(connection.execute(exceptions), "number"):
        caveats.setdefault(row.seq, []).append(Caveat(row.cause, row.subject, row.amount))
    return [
        Entry(
            seq=row.seq,
            event=_booked(row),
            postings=tuple(postings.get(row.seq, ())),
            caveats=tuple(caveats.get(row.seq, ())),
            recorded_at=instant(row.recorded_us),
            actor=to_actor(row.actor),
            hash=row.hash,
            body=row.body,
        )
        for row in rows
    ]


def _booked(row: Row[Any]) -> Event:
    """Return the event of a row on the day on which it is booked; the body keeps the stated one."""
    event = codec.decode(row.body)
    day = from_day(row.business_date)
    return event if event.business_date == day else replace(event, business_date=day)


def _in_order(rows: Iterable[Row[Any]], within: str) -> list[Row[Any]]:
    """Sort by place in the log: asked to, SQLite walks a whole log instead of looking ids up."""
    place = attrgetter("seq", within)
    return sorted(rows, key=place)


def _postings(book_id: int, chosen: Any) -> Select[Any]:
    return (
        select(POSTING, ACCOUNT.c.role)
        .join(
            ACCOUNT,
            and_(ACCOUNT.c.book_id == POSTING.c.book_id, ACCOUNT.c.code == POSTING.c.account),
        )
        .where(POSTING.c.book_id == book_id, chosen)
    )


@lru_cache(maxsize=1024)
def to_actor(text: str) -> Actor:
    """Return who is written as `role:key`."""
    role, _, key = text.partition(":")
    return Actor(key, role)  # type: ignore[arg-type]  # written from an Actor


def to_posting(row: Row[Any]) -> Posting:
    """Return the posting of a row that has its role beside it."""
    return Posting(
        row.role,
        row.amount,
        row.holder,
        row.quantity,
        row.account,
        row.currency,
        row.location,
        row.home,
    )


def load_settings(connection: Connection, book: Book) -> Settings:
    """Replay what the book's configuring events and first hearings say, in the order of the log."""
    settings = Settings(book)
    kinds = [
        kind.__struct_config__.tag for kind in get_args(Event) if issubclass(kind, ConfiguringEvent)
    ]
    rows = connection.execute(
        select(EVENT.c.seq, EVENT.c.body).where(EVENT.c.book_id == book.id, EVENT.c.type.in_(kinds))
    )
    facts: list[tuple[int, ConfiguringEvent | Caveat]] = []
    for seq, body in rows:
        event = codec.decode(body)
        assert isinstance(event, ConfiguringEvent)
        facts.append((seq, event))
    heard = select(EXCEPTION.c.seq, EXCEPTION.c.cause, EXCEPTION.c.subject).where(
        EXCEPTION.c.book_id == book.id, EXCEPTION.c.cause.in_(LEARNED)
    )
    facts += [(row.seq, Caveat(row.cause, row.subject)) for row in connection.execute(heard)]
    for _, fact in sorted(facts, key=lambda pair: pair[0]):
        if isinstance(fact, Caveat):
            settings.learn(fact.cause, fact.subject)
        else:
            fact.configure(settings)
    return settings


_FILTERED: Final = (
    "type",
    "location",
    "register",
    "session",
    "staff",
    "channel",
    "customer",
    "booking",
    "order",
)
_COLUMNS: Final = {"order": "order_ref"}


def search(
    connection: Connection, book_id: int, filters: EventFilters, *, after: int = 0, limit: int = 100
) -> list[Entry]:
    """Return entries that fit all *filters*, oldest first."""
    chosen = [EVENT.c.seq > after]
    for name in _FILTERED:
        value = getattr(filters, name)
        if value is not None:
            chosen.append(EVENT.c[_COLUMNS.get(name, name)] == value)
    if filters.actor is not None:
        chosen.append(EVENT.c.actor.like(f"%:{filters.actor}"))
    if filters.since is not None:
        chosen.append(EVENT.c.business_date >= to_day(filters.since))
    if filters.through is not None:
        chosen.append(EVENT.c.business_date <= to_day(filters.through))
    query = select(EVENT.c.seq).where(EVENT.c.book_id == book_id, *chosen).order_by(EVENT.c.seq)
    if filters.q is None:
        return entries_at(connection, book_id, list(connection.scalars(query.limit(limit))))
    return _containing(connection, book_id, query, filters.q, limit)


def _containing(
    connection: Connection, book_id: int, query: Select[Any], text: str, limit: int
) -> list[Entry]:
    """Read on until *limit* bodies contain *text*, letter case aside."""
    wanted, found, after = text.casefold(), list[Entry](), 0
    while len(found) < limit:
        seqs = list(connection.scalars(query.where(EVENT.c.seq > after).limit(1000)))
        if not seqs:
            break
        after = seqs[-1]
        found += [
            entry
            for entry in entries_at(connection, book_id, seqs)
            if wanted in entry.body.decode().casefold()
        ]
    return found[:limit]
