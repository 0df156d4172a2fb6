"""Customers: personal data outside the log; the log holds their opaque reference alone.

An erasure is remembered by the bare reference, so that nobody writes the person again unawares and
a backup that is older can be made to forget anew.
"""

import unicodedata
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Column, ColumnElement, Connection, Table, Text, delete, func, or_, select

from ledger.database import METADATA, Engine, insert_rows
from ledger.tables import BOOK, key_column, number_column

CUSTOMER: Final = Table(
    "customer",
    METADATA,
    key_column("book_id"),
    key_column("customer", Text),
    Column("name", Text, nullable=False),
    Column("email", Text),
    Column("phone", Text),
    number_column("updated_us"),
)

ERASED: Final = Table(
    "erased_customer",
    METADATA,
    key_column("book_id"),
    key_column("customer", Text),
    number_column("erased_us"),
)
"""Who was erased and when: a reference that means nobody."""


_LETTERS: Final = (*range(0xC0, 0x180), *range(0x386, 0x530), *range(0x1E00, 0x1F00))
_BASE: Final = {chr(code): unicodedata.normalize("NFD", chr(code))[0].lower() for code in _LETTERS}
_ACCENTED: Final = [one for one, plain in _BASE.items() if len(plain) == 1 and one != plain]
_PLAIN: Final = {ord(letter): _BASE[letter] for letter in _ACCENTED}
"""Latin, Greek and Cyrillic letters with an accent or in capitals, and what they are without."""


class Customer(Struct, frozen=True):
    """A person or business, as the shop knows them."""

    id: str
    name: str
    email: str | None = None
    phone: str | None = None


def put_customer(connection: Connection, book_id: int, customer: Customer, now_us: int) -> bool:
    """Write a customer; True when there was none of this id."""
    new = find_customer(connection, book_id, customer.id) is None
    row = (book_id, customer.id, customer.name, customer.email, customer.phone, now_us)
    insert_rows(
        connection,
        CUSTOMER,
        [row],
        "ON CONFLICT (book_id, customer) DO UPDATE SET name = excluded.name,"
        " email = excluded.email, phone = excluded.phone, updated_us = excluded.updated_us",
    )
    return new


def find_customer(connection: Connection, book_id: int, customer: str) -> Customer | None:
    """Return a customer, or None."""
    query = select(CUSTOMER).where(CUSTOMER.c.book_id == book_id, CUSTOMER.c.customer == customer)
    row = connection.execute(query).first()
    return Customer(row.customer, row.name, row.email, row.phone) if row else None


def search_customers(
    connection: Connection, book_id: int, text: str = "", *, after: str = "", limit: int = 100
) -> list[Customer]:
    """Return customers whose id, name, e-mail or phone contains *text*, by id."""
    columns = (CUSTOMER.c.customer, CUSTOMER.c.name, CUSTOMER.c.email, CUSTOMER.c.phone)
    query = (
        select(CUSTOMER)
        .where(CUSTOMER.c.book_id == book_id, CUSTOMER.c.customer > after)
        .order_by(CUSTOMER.c.customer)
        .limit(limit)
    )
    if text:
        query = query.where(or_(*(_contains(connection, column, text) for column in columns)))
    return [Customer(r.customer, r.name, r.email, r.phone) for r in connection.execute(query)]


def _fold(text: str | None) -> str | None:
    """Return a text without case and accents, as people type names."""
    return None if text is None else text.translate(_PLAIN).lower()


def _contains(connection: Connection, column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Return the condition that a column contains a text, whatever its case and accents.

    SQLite, and PostgreSQL where its locale is C, tell the cases of ASCII letters alone.
    """
    folded: ColumnElement[str]
    if connection.dialect.name == "sqlite":
        raw: Any = connection.connection.driver_connection
        raw.create_function("folded", 1, _fold, deterministic=True)
        folded = func.folded(column)
    else:
        folded = func.lower(func.translate(column, "".join(_ACCENTED), "".join(_PLAIN.values())))
    return folded.contains(_fold(text), autoescape=True)


def names(connection: Connection, book_id: int) -> dict[str, str]:
    """Return the name of every customer by reference."""
    query = select(CUSTOMER.c.customer, CUSTOMER.c.name).where(CUSTOMER.c.book_id == book_id)
    return {row.customer: row.name for row in connection.execute(query)}


class Erasure(Struct, frozen=True):
    """That a person was erased; instants are microseconds since 1970.

    `opened_us` is when the book was opened: its number alone may be another book's elsewhere.
    """

    book: int
    opened_us: int
    customer: str
    at_us: int


def erase_customer(connection: Connection, erasure: Erasure) -> bool:
    """Erase a person; True when there was one. The log keeps the bare reference."""
    book_id, customer = erasure.book, erasure.customer
    gone = connection.execute(
        delete(CUSTOMER).where(CUSTOMER.c.book_id == book_id, CUSTOMER.c.customer == customer)
    )
    if gone.rowcount:
        remember_erasure(connection, erasure)
    return gone.rowcount > 0


def remember_erasure(connection: Connection, erasure: Erasure) -> None:
    """Note an erasure; of two of one reference the later counts."""
    insert_rows(
        connection,
        ERASED,
        [(erasure.book, erasure.customer, erasure.at_us)],
        "ON CONFLICT (book_id, customer) DO UPDATE SET erased_us = excluded.erased_us"
        " WHERE excluded.erased_us > erased_customer.erased_us",
    )


def erased_us(connection: Connection, book_id: int, customer: str) -> int | None:
    """Return when a reference was erased; None where it was not, or was written anew since."""
    query = select(ERASED.c.erased_us).where(
        ERASED.c.book_id == book_id, ERASED.c.customer == customer
    )
    return connection.scalar(query)


def opened_us(connection: Connection, book_id: int) -> int | None:
    """Return when a book was opened; None where there is none of this number."""
    return connection.scalar(select(BOOK.c.created_us).where(BOOK.c.book_id == book_id))


def erasures(connection: Connection) -> list[Erasure]:
    """Return the erasures of every book, oldest first."""
    rows = connection.execute(
        select(ERASED.c.book_id, BOOK.c.created_us, ERASED.c.customer, ERASED.c.erased_us)
        .join(BOOK, BOOK.c.book_id == ERASED.c.book_id)
        .order_by(ERASED.c.erased_us, ERASED.c.book_id, ERASED.c.customer)
    )
    return [Erasure(*row) for row in rows]


def forget_erasure(connection: Connection, book_id: int, customer: str) -> None:
    """Let a reference mean somebody again."""
    connection.execute(
        delete(ERASED).where(ERASED.c.book_id == book_id, ERASED.c.customer == customer)
    )


def holds(connection: Connection, erasure: Erasure) -> bool:
    """Tell whether an erasure is of a book here, and nobody was written under it since."""
    if opened_us(connection, erasure.book) != erasure.opened_us:
        return False
    updated_us = connection.scalar(
        select(CUSTOMER.c.updated_us).where(
            CUSTOMER.c.book_id == erasure.book, CUSTOMER.c.customer == erasure.customer
        )
    )
    return updated_us is None or updated_us <= erasure.at_us


def settle(database: Engine) -> None:
    """Let nothing that was deleted stand in SQLite's write-ahead log.

    PostgreSQL's own vacuum comes to it; docs/operations.md says how to have it at once.
    """
    if database.dialect.name != "sqlite":
        return
    with database.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
