"""Postings added up by whatever a report asks for: account, holder, day, kind of fact, location.

Sums are minor units, quantities millionths. Every statement names its book.
"""

from collections.abc import Collection, Sequence
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, and_, case, func, literal_column, select

from ledger.reports.store import Sums
from ledger.reports.views import Cut, View
from ledger.store import to_day
from ledger.tables import ACCOUNT, EVENT, POSTING

Dimension = Literal["account", "holder", "currency", "day", "seq", "kind", "location"]

LOCATION: Final = func.coalesce(POSTING.c.location, EVENT.c.location, literal_column("''"))
_BY: Final[dict[Dimension, ColumnElement[Any]]] = {
    "account": POSTING.c.account,
    "holder": POSTING.c.holder,
    "currency": POSTING.c.currency,
    "day": POSTING.c.business_date,
    "seq": POSTING.c.seq,
    "kind": EVENT.c.type,
    "location": LOCATION,
}
_OF_EVENT: Final = frozenset(("kind", "location"))
_REVERSED: Final = "event_reversed"
_BOOKINGS: Final = ("no_show_recorded", "booking_cancelled")
_APART: Final = (_REVERSED, *_BOOKINGS)
"""Kinds of fact whose entries tell apart only one by one what they are."""
_MANY: Final = 500


class Moved(Struct, frozen=True):
    """What the postings of one key come to; days in keys are yyyymmdd."""

    key: tuple[Any, ...]
    sums: Sums
    quantity: int


class Which(Struct, frozen=True, kw_only=True):
    """Which postings to add up: of accounts (codes), and of holders and kinds where stated."""

    accounts: Collection[str]
    holders: Collection[str] | None = None
    kinds: Collection[str] | None = None
    but_kinds: Collection[str] = ()


def moved(
    connection: Connection, book_id: int, view: View, by: Sequence[Dimension], which: Which
) -> list[Moved]:
    """Return the sums of a view's postings by the dimensions asked for."""
    columns = [_BY[name] for name in by]
    home = func.coalesce(POSTING.c.home, POSTING.c.amount)
    figures = (_debit(POSTING.c.amount), _credit(POSTING.c.amount), _debit(home), _credit(home))
    query = select(*columns, *map(func.sum, figures), func.sum(POSTING.c.quantity))
    joined = not _OF_EVENT.isdisjoint(by) or not view.cut.whole or which.kinds is not None
    if joined or which.but_kinds:
        query = query.select_from(POSTING).join(EVENT, of_event())
    query = query.where(*chosen(book_id, view, which)).group_by(*columns)
    found: list[Moved] = []
    for row in connection.execute(query):
        *key, debit, credit, home_debit, home_credit, quantity = row
        found.append(
            Moved(tuple(key), _sums(debit, credit, home_debit, home_credit), _whole(quantity))
        )
    return found


def _sums(*figures: Any) -> Sums:
    return Sums(*map(_whole, figures))


def _whole(figure: Any) -> int:
    """Return a sum as a whole number; over nothing it is none."""
    return int(figure or 0)


def of_event() -> ColumnElement[bool]:
    """Return what joins a posting to its event."""
    return and_(EVENT.c.book_id == POSTING.c.book_id, EVENT.c.seq == POSTING.c.seq)


def chosen(book_id: int, view: View, which: Which) -> list[ColumnElement[bool]]:
    """Return the conditions on postings; those of a cut or of kinds are on the event beside."""
    found = [
        POSTING.c.book_id == book_id,
        POSTING.c.account.in_(sorted(which.accounts)),
        POSTING.c.business_date <= to_day(view.through),
    ]
    if view.since is not None:
        found.append(POSTING.c.business_date >= to_day(view.since))
    if view.known is not None:
        found.append(POSTING.c.seq <= view.known)
    if which.holders is not None:
        found.append(POSTING.c.holder.in_(sorted(which.holders)))
    if which.kinds is not None:
        found.append(EVENT.c.type.in_(sorted(which.kinds)))
    if which.but_kinds:
        found.append(EVENT.c.type.not_in(sorted(which.but_kinds)))
    return found + limited(view.cut)


def limited(cut: Cut) -> list[ColumnElement[bool]]:
    """Return the conditions of a cut on a posting beside its event."""
    found: list[ColumnElement[bool]] = []
    for name, word in cut.stated().items():
        found.append((LOCATION if name == "location" else EVENT.c[name]) == word)
    return found


def _debit(amount: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((amount > 0, amount), else_=0)


def _credit(amount: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((amount < 0, -amount), else_=0)


def moved_by_kind(
    connection: Connection, book_id: int, view: View, by: Sequence[Dimension], which: Which
) -> list[Moved]:
    """Return the sums by dimensions and, last in the key, by what kind of fact moved it.

    A reversal counts as the kind that it takes back, negative on that fact's sides. A booking that
    came to nothing is `booking_kept` where its deposit became income, else `booking_returned`.
    """
    plain = _limited_to(which, but_kinds=_APART)
    found = moved(connection, book_id, view, (*by, "kind"), plain)
    apart = moved(connection, book_id, view, (*by, "seq"), _limited_to(which, kinds=_APART))
    kinds = _kinds_of(connection, book_id, {part.key[-1] for part in apart})
    for part in apart:
        kind, turned = kinds[part.key[-1]]
        sums = _turned(part.sums) if turned else part.sums
        found.append(Moved((*part.key[:-1], kind), sums, part.quantity))
    return found


def _limited_to(which: Which, **changes: Any) -> Which:
    assert which.kinds is None, "kinds are told apart here"
    return msgspec.structs.replace(which, **changes)


def _turned(sums: Sums) -> Sums:
    """Return the same amounts as less on the other side."""
    return Sums(-sums.credit, -sums.debit, -sums.home_credit, -sums.home_debit)


class _Reversal(Struct):
    reverses: str


def _kinds_of(
    connection: Connection, book_id: int, seqs: Collection[int]
) -> dict[int, tuple[str, bool]]:
    """Return the kind of each of some entries, and whether it takes that kind back."""
    kinds = dict(_types(connection, book_id, EVENT.c.seq, seqs, EVENT.c.type))
    taken_back = _types(
        connection, book_id, EVENT.c.seq, [s for s in seqs if kinds[s] == _REVERSED], EVENT.c.body
    )
    named = {seq: msgspec.json.decode(body, type=_Reversal).reverses for seq, body in taken_back}
    places = dict(_types(connection, book_id, EVENT.c.event_id, named.values(), EVENT.c.seq))
    originals = {seq: places[name] for seq, name in named.items()}
    types = dict(_types(connection, book_id, EVENT.c.seq, originals.values(), EVENT.c.type))
    bookings = {seq for seq, kind in (kinds | types).items() if kind in _BOOKINGS}
    kept = _forfeiting(connection, book_id, bookings)
    found: dict[int, tuple[str, bool]] = {}
    for seq in seqs:
        at = originals.get(seq, seq)
        kind = types[at] if seq in originals else kinds[seq]
        if kind in _BOOKINGS:
            kind = "booking_kept" if at in kept else "booking_returned"
        found[seq] = (kind, seq in originals)
    return found


def _types(
    connection: Connection,
    book_id: int,
    column: ColumnElement[Any],
    values: Collection[Any],
    told: ColumnElement[Any],
) -> list[tuple[Any, Any]]:
    """Return (value, what is told of its event) of the events that have one of *values*."""
    rows: list[tuple[Any, Any]] = []
    wanted = sorted(set(values))
    for at in range(0, len(wanted), _MANY):
        query = select(column, told).where(
            EVENT.c.book_id == book_id, column.in_(wanted[at : at + _MANY])
        )
        rows += [(value, what) for value, what in connection.execute(query)]
    return rows


def _forfeiting(connection: Connection, book_id: int, seqs: Collection[int]) -> set[int]:
    """Return which of some entries post to forfeited deposits."""
    wanted, found = sorted(seqs), set[int]()
    for at in range(0, len(wanted), _MANY):
        query = (
            select(POSTING.c.seq)
            .join(
                ACCOUNT,
                and_(ACCOUNT.c.book_id == POSTING.c.book_id, ACCOUNT.c.code == POSTING.c.account),
            )
            .where(
                POSTING.c.book_id == book_id,
                POSTING.c.seq.in_(wanted[at : at + _MANY]),
                ACCOUNT.c.role == "forfeited_deposits",
            )
        )
        found |= set(connection.scalars(query))
    return found
