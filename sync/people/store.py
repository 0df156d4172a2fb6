"""Erasing a person from the outbox: their name in the customer's document, and in what was said.

The document itself stays, under the bare reference: others need it, and over there it stands for
the same customer.
"""

from collections.abc import Iterator

from sqlalchemy import select, update

from ledger.database import Connection
from ledger.privacy import Person
from sync.documents import Customer, customer_key, decode, encode
from sync.lane.store import hold
from sync.tables import ATTEMPT, DOCUMENT


def forget(connection: Connection, book_id: int, reference: str, person: Person) -> str:
    """Forget a person; return the id of the customer over there, "" where there is none.

    The fingerprints of what was sent go too: a name can be guessed from one.
    """
    hold(connection, book_id)
    key = customer_key(reference)
    this = (DOCUMENT.c.book_id == book_id, DOCUMENT.c.key == key)
    row = connection.execute(select(DOCUMENT.c.body, DOCUMENT.c.remote_id).where(*this)).first()
    remote_id = ""
    if row is not None:
        document = decode(row.body)
        assert isinstance(document, Customer)
        connection.execute(
            update(DOCUMENT).where(*this).values(body=encode(_nameless(document)), detail="")
        )
        remote_id = row.remote_id
    sent = (ATTEMPT.c.book_id == book_id, ATTEMPT.c.key == key)
    connection.execute(update(ATTEMPT).where(*sent).values(detail="", body_hash=""))
    for told in _documents_that_name(connection, book_id, person):
        these = (DOCUMENT.c.book_id == book_id, DOCUMENT.c.key == told)
        connection.execute(update(DOCUMENT).where(*these).values(detail=""))
    for told, line in _attempts_that_name(connection, book_id, person):
        lines = (ATTEMPT.c.book_id == book_id, ATTEMPT.c.key == told, ATTEMPT.c.line == line)
        connection.execute(update(ATTEMPT).where(*lines).values(detail=""))
    return remote_id


def _nameless(document: Customer) -> Customer:
    """Return a customer's document with nothing in it but the bare reference."""
    return Customer(
        key=document.key,
        day=document.day,
        currency=document.currency,
        needs=document.needs,
        reference=document.reference,
        name=document.reference or "",
    )


def _documents_that_name(connection: Connection, book_id: int, person: Person) -> Iterator[str]:
    query = select(DOCUMENT.c.key, DOCUMENT.c.detail).where(
        DOCUMENT.c.book_id == book_id, DOCUMENT.c.detail != ""
    )
    rows = connection.execute(query).all()
    yield from (row.key for row in rows if person.is_in(row.detail))


def _attempts_that_name(
    connection: Connection, book_id: int, person: Person
) -> Iterator[tuple[str, int]]:
    query = select(ATTEMPT.c.key, ATTEMPT.c.line, ATTEMPT.c.detail).where(
        ATTEMPT.c.book_id == book_id, ATTEMPT.c.detail != ""
    )
    rows = connection.execute(query).all()
    yield from ((row.key, row.line) for row in rows if person.is_in(row.detail))
