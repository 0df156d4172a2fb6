"""Erasing a person: out of the customers, out of the outbox, and where the log still names them.

The log itself is never changed. It holds the bare reference, which then means nobody; whoever wrote
a name into a memo is told of it, so that nobody believes in an erasure that was not whole.
"""

from collections.abc import Iterable, Iterator

import msgspec
from msgspec import Struct

from api.erasures import remember
from api.service import Service
from ledger.customers.store import (
    Customer,
    Erasure,
    erase_customer,
    find_customer,
    holds,
    opened_us,
    remember_erasure,
    settle,
)
from ledger.database import Connection, Engine, snapshot, transaction
from ledger.privacy import Person, texts
from ledger.store import head
from ledger.views.store import bodies
from sync.people.store import forget

STEP = 1000
SHOWN = 200
"""How many facts are named in an answer; all of them are counted."""


class Erased(Struct, frozen=True):
    """What became of a person's data.

    `mentions` counts the facts of the log whose words still name the person (by name, address or
    number; in the person's own facts by a part of the name): the first are in `mentioned_in`. They
    stay, as the law on books asks. `quickbooks` is the customer over there, to be seen to there.
    """

    id: str
    mentions: int
    mentioned_in: list[str]
    quickbooks: str | None


def erase(service: Service, book_id: int, reference: str) -> Erased | None:
    """Erase a person; None when there is none."""
    with snapshot(service.database) as connection:
        customer = find_customer(connection, book_id, reference)
        end, opened = head(connection, book_id), opened_us(connection, book_id)
    if customer is None or end is None or opened is None:
        return None
    person = person_of(customer)
    named = list(_mentions(service, book_id, reference, person, 0))
    erasure = Erasure(book_id, opened, reference, service.clock())
    remember(service.settings, erasure)
    with transaction(service.database) as connection:
        if not erase_customer(connection, erasure):
            return None
        over_there = forget(connection, book_id, reference, person)
    settle(service.database)
    named += _mentions(service, book_id, reference, person, end.seq)
    named = list(dict.fromkeys(named))
    return Erased(reference, len(named), named[:SHOWN], over_there or None)


def erase_again(database: Engine, known: Iterable[Erasure]) -> int:
    """Erase whom an older backup brought back; return how many that were.

    Who was written under an erased reference later stays, and so do other books.
    """
    found = 0
    for erasure in known:
        with transaction(database) as connection:
            found += _erased_again(connection, erasure)
    if found:
        settle(database)
    return found


def _erased_again(connection: Connection, erasure: Erasure) -> bool:
    if not holds(connection, erasure):
        return False
    customer = find_customer(connection, erasure.book, erasure.customer)
    remember_erasure(connection, erasure)
    if customer is None:
        return False
    erase_customer(connection, erasure)
    forget(connection, erasure.book, erasure.customer, person_of(customer))
    return True


def person_of(customer: Customer) -> Person:
    """Return what a customer goes by."""
    return Person(customer.name, customer.email, customer.phone)


def mentions(
    connection: Connection, book_id: int, reference: str, person: Person, after: int = 0
) -> Iterator[str]:
    """Yield the ids of the facts after a place in the log whose words name a person."""
    while found := bodies(connection, book_id, after=after, limit=STEP):
        after = found[-1].seq
        for fact in found:
            own = fact.customer == reference
            if not own and not person.may_be_in(fact.body):
                continue
            words = _words(fact.body)
            if person.is_in(words) or (own and person.is_hinted_in(words)):
                yield fact.event_id


def _words(body: bytes) -> str:
    """Return what an event says, without the names of its fields."""
    return "\n".join(texts(msgspec.json.decode(body)))


def _mentions(
    service: Service, book_id: int, reference: str, person: Person, after: int
) -> list[str]:
    with snapshot(service.database) as connection:
        return list(mentions(connection, book_id, reference, person, after))
