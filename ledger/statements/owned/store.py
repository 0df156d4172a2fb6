"""The postings that are a customer's. Every SQL statement names its book.

A holder is whose first fact posted to it: that never changes, so that a statement does not. In one
whose first fact names nobody, a customer has what their own facts posted.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, func, or_, select

from ledger.reports.moved.store import of_event
from ledger.statements.statement import Line
from ledger.store import from_day
from ledger.tables import EVENT, POSTING

AT_HOME: Final = func.coalesce(POSTING.c.home, POSTING.c.amount)
"""What a posting is worth in home money, in minor units, debit positive."""
MOVES: Final = or_(POSTING.c.amount != 0, AT_HOME != 0)
"""The condition that a posting changes a balance; a gain or loss does at home alone."""
_MANY: Final = 500

Place = tuple[str, str]
"""Account code, holder."""


def owned_lines(
    connection: Connection, book_id: int, customer: str, codes: Mapping[str, Sequence[str]]
) -> list[Line]:
    """Return all postings of a customer in accounts, whose codes *codes* has by role; by day."""
    accounts = [code for of_role in codes.values() for code in of_role]
    owners = _owners(connection, book_id, customer, accounts)
    owners |= {(code, f"credit:{customer}"): customer for code in codes["receivable"]}
    owners |= {(code, customer): customer for code in codes["store_credit"]}
    found: list[Line] = []
    for part in _parts({holder for _, holder in owners}):
        query = (
            select(POSTING, EVENT.c.event_id, EVENT.c.type, EVENT.c.customer)
            .select_from(POSTING)
            .join(EVENT, of_event())
            .where(
                POSTING.c.book_id == book_id,
                POSTING.c.account.in_(accounts),
                POSTING.c.holder.in_(part),
                MOVES,
            )
        )
        for row in connection.execute(query):
            owner = owners.get((row.account, row.holder), "")
            if owner == customer or (owner is None and row.customer == customer):
                found.append(to_line(row))
    return sorted(found, key=lambda line: (line.day, line.seq, line.line))


def to_line(row: Any, *, late: bool = False) -> Line:
    """Return the line of a posting that stands beside its event."""
    return Line(
        day=from_day(row.business_date),
        seq=row.seq,
        line=row.line,
        event_id=row.event_id,
        type=row.type,
        account=row.account,
        holder=row.holder,
        currency=row.currency,
        amount=row.amount,
        home=row.amount if row.home is None else row.home,
        late=late,
    )


def _owners(
    connection: Connection, book_id: int, customer: str, accounts: Sequence[str]
) -> dict[Place, str | None]:
    """Return whose the holders are that a customer's facts posted to."""
    facts = select(EVENT.c.seq).where(EVENT.c.book_id == book_id, EVENT.c.customer == customer)
    places = set[Place]()
    for part in _parts(set(connection.scalars(facts))):
        query = select(POSTING.c.account, POSTING.c.holder).where(
            POSTING.c.book_id == book_id,
            POSTING.c.seq.in_(part),
            POSTING.c.account.in_(accounts),
        )
        places |= {(account, holder) for account, holder in connection.execute(query)}
    first: dict[Place, int] = {}
    for part in _parts({holder for _, holder in places}):
        earliest = (
            select(POSTING.c.account, POSTING.c.holder, func.min(POSTING.c.seq))
            .where(
                POSTING.c.book_id == book_id,
                POSTING.c.account.in_(accounts),
                POSTING.c.holder.in_(part),
            )
            .group_by(POSTING.c.account, POSTING.c.holder)
        )
        first |= {(account, holder): seq for account, holder, seq in connection.execute(earliest)}
    customers: dict[int, str | None] = {}
    for part in _parts({first[place] for place in places}):
        named = select(EVENT.c.seq, EVENT.c.customer).where(
            EVENT.c.book_id == book_id, EVENT.c.seq.in_(part)
        )
        customers |= {row.seq: row.customer for row in connection.execute(named)}
    return {place: customers[first[place]] for place in places}


def _parts(values: Collection[Any]) -> Iterator[Sequence[Any]]:
    wanted = sorted(values)
    for at in range(0, len(wanted), _MANY):
        yield wanted[at : at + _MANY]
