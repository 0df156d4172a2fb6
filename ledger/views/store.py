"""A holder's history, and what is about a booking, an order or a session.

Every statement names its book; every list is a page.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Connection, and_, case, func, or_, select, tuple_, union

from ledger.events.base import Entry
from ledger.store import from_day, to_day
from ledger.tables import ACCOUNT, BALANCE, BOOK_HEAD, EVENT, POSTING, STOCK_PLACE, SUBJECT

_OPENED: Final = ("deposit", "invoice", "payment")
_DONE_TO: Final = ("event", "sale", "invoice")
"""Kinds of subjects: what a fact opens under a name of its own, and what goes by the fact's id."""


class Move(Struct, frozen=True):
    """What one event moved of a holder; minor units and millionths, debit positive."""

    seq: int
    line: int
    event_id: str
    type: str
    business_date: date
    account: str
    currency: str
    amount: int
    home: int | None
    quantity: int
    location: str | None


class Clocks(Struct, frozen=True):
    """Through which business date, as known at which sequence number; None: all, now."""

    as_of: date | None = None
    known: int | None = None

    @property
    def day(self) -> date:
        """Return the last day that they show."""
        return self.as_of or date.max

    def show(self, entry: Entry) -> bool:
        """Tell whether they show an entry."""
        return entry.event.day() <= self.day and (self.known is None or entry.seq <= self.known)

    def of(self, table: Any) -> list[Any]:
        """Return the conditions that they put on the rows of a table."""
        found = []
        if self.as_of is not None:
            found.append(table.c.business_date <= to_day(self.as_of))
        if self.known is not None:
            found.append(table.c.seq <= self.known)
        return found


def heads(connection: Connection, book_ids: Sequence[int]) -> dict[int, int]:
    """Return the sequence number at which each book's log ends.

    A statement a book: books may be kept in different places.
    """
    ends = {
        book_id: connection.scalar(select(BOOK_HEAD.c.seq).where(BOOK_HEAD.c.book_id == book_id))
        for book_id in book_ids
    }
    return {book_id: seq for book_id, seq in ends.items() if seq is not None}


def history(
    connection: Connection,
    book_id: int,
    accounts: Sequence[str],
    holder: str,
    clocks: Clocks,
    *,
    after: tuple[int, int] = (0, -1),
    limit: int = 100,
) -> list[Move]:
    """Return what moved a holder of *accounts* (codes), in the order of the log."""
    behind = tuple_(POSTING.c.seq, POSTING.c.line) > tuple_(*after)
    rows = connection.execute(
        select(POSTING, EVENT.c.event_id, EVENT.c.type)
        .join(EVENT, and_(EVENT.c.book_id == POSTING.c.book_id, EVENT.c.seq == POSTING.c.seq))
        .where(
            POSTING.c.book_id == book_id,
            POSTING.c.account.in_(accounts),
            POSTING.c.holder == holder,
            behind,
            *clocks.of(POSTING),
        )
        .order_by(POSTING.c.seq, POSTING.c.line)
        .limit(limit)
    )
    return [
        Move(
            row.seq,
            row.line,
            row.event_id,
            row.type,
            from_day(row.business_date),
            row.account,
            row.currency,
            row.amount,
            row.home,
            row.quantity,
            row.location,
        )
        for row in rows
    ]


def is_known(connection: Connection, book_id: int, kind: str, name: str) -> bool:
    """Tell whether any fact speaks of a subject."""
    query = select(SUBJECT.c.seq).where(
        SUBJECT.c.book_id == book_id, SUBJECT.c.kind == kind, SUBJECT.c.name == name
    )
    return connection.execute(query.limit(1)).first() is not None


def is_posted(connection: Connection, book_id: int, accounts: Sequence[str], name: str) -> bool:
    """Tell whether anything was ever posted to a holder of *accounts* (codes)."""
    query = select(BALANCE.c.holder).where(
        BALANCE.c.book_id == book_id, BALANCE.c.account.in_(accounts), BALANCE.c.holder == name
    )
    return connection.execute(query.limit(1)).first() is not None


def facts_about(
    connection: Connection, book_id: int, column: str, name: str, *, kind: str | None = None
) -> list[int]:
    """Return the places in the log of what names a booking, an order or a session.

    *column* is the envelope's field, *kind* (default the same) what other facts call it that speak
    of it.
    """
    stated = select(EVENT.c.seq).where(EVENT.c.book_id == book_id, EVENT.c[column] == name)
    spoken = select(SUBJECT.c.seq).where(
        SUBJECT.c.book_id == book_id, SUBJECT.c.kind == (kind or column), SUBJECT.c.name == name
    )
    return sorted(connection.scalars(union(stated, spoken)))


def facts_behind(connection: Connection, book_id: int, seqs: Sequence[int]) -> list[int]:
    """Return the places of facts with those of what was done to them, or to what they opened.

    So a refund of a booking's sale, a payment of its invoice, and what took one of them back.
    """
    of_book = SUBJECT.c.book_id == book_id
    found = set(seqs)
    for _ in range(2):  # what was done, and what was done about that
        ids = select(EVENT.c.event_id).where(EVENT.c.book_id == book_id, EVENT.c.seq.in_(found))
        opened = select(SUBJECT.c.kind, SUBJECT.c.name).where(
            of_book, SUBJECT.c.seq.in_(found), SUBJECT.c.kind.in_(_OPENED)
        )
        found |= set(
            connection.scalars(
                select(SUBJECT.c.seq).where(
                    of_book,
                    or_(
                        and_(SUBJECT.c.kind.in_(_DONE_TO), SUBJECT.c.name.in_(ids)),
                        tuple_(SUBJECT.c.kind, SUBJECT.c.name).in_(opened),
                    ),
                )
            )
        )
    return sorted(found)


class Total(Struct, frozen=True):
    """What facts posted to a holder of an account."""

    account: str
    role: str
    holder: str
    currency: str
    debit: int
    credit: int


def session_totals(connection: Connection, book_id: int, session: str) -> list[Total]:
    """Return what the facts of a register session posted, by account and holder."""
    amount = POSTING.c.amount
    debit = func.sum(case((amount > 0, amount), else_=0))
    credit = func.sum(case((amount < 0, -amount), else_=0))
    place = (POSTING.c.account, ACCOUNT.c.role, POSTING.c.holder, POSTING.c.currency)
    rows = connection.execute(
        select(*place, debit, credit)
        .join(EVENT, and_(EVENT.c.book_id == POSTING.c.book_id, EVENT.c.seq == POSTING.c.seq))
        .join(
            ACCOUNT,
            and_(ACCOUNT.c.book_id == POSTING.c.book_id, ACCOUNT.c.code == POSTING.c.account),
        )
        .where(POSTING.c.book_id == book_id, EVENT.c.session == session)
        .group_by(*place)
        .order_by(*place)
    )
    return [Total(*row[:4], int(row[4]), int(row[5])) for row in rows]


def places_of(connection: Connection, book_id: int, item: str) -> dict[str, int]:
    """Return how much of an item each location holds now, in millionths; "" is no location."""
    query = (
        select(STOCK_PLACE.c.location, STOCK_PLACE.c.quantity)
        .where(STOCK_PLACE.c.book_id == book_id, STOCK_PLACE.c.item == item)
        .order_by(STOCK_PLACE.c.location)
    )
    return {row.location: row.quantity for row in connection.execute(query)}


class Body(Struct, frozen=True):
    """A fact's text, and whom its envelope names."""

    seq: int
    event_id: str
    customer: str | None
    body: bytes


def bodies(
    connection: Connection, book_id: int, *, after: int = 0, limit: int = 1000
) -> list[Body]:
    """Return the texts of the log from behind a place, oldest first."""
    rows = connection.execute(
        select(EVENT.c.seq, EVENT.c.event_id, EVENT.c.customer, EVENT.c.body)
        .where(EVENT.c.book_id == book_id, EVENT.c.seq > after, EVENT.c.seq <= after + limit)
        .order_by(EVENT.c.seq)
    )
    return [Body(*row) for row in rows]


def facts_of_customer(connection: Connection, book_id: int, customer: str) -> list[int]:
    """Return the places in the log of what names a customer, or moved what the shop owes them."""
    named = select(EVENT.c.seq).where(EVENT.c.book_id == book_id, EVENT.c.customer == customer)
    of_book = POSTING.c.book_id == book_id
    credit = select(POSTING.c.seq).where(
        of_book,
        POSTING.c.account.in_(_with_role("store_credit", book_id)),
        POSTING.c.holder == customer,
    )
    owed = select(POSTING.c.seq).where(
        of_book,
        POSTING.c.account.in_(_with_role("receivable", book_id)),
        POSTING.c.holder == f"credit:{customer}",
    )
    every = union(named, credit, owed).subquery()
    return list(connection.scalars(select(every.c.seq).order_by(every.c.seq)))


def _with_role(role: str, book_id: int) -> Any:
    return select(ACCOUNT.c.code).where(ACCOUNT.c.book_id == book_id, ACCOUNT.c.role == role)
