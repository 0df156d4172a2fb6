"""Customers: personal data outside the log; the log holds their opaque reference alone."""

from typing import Final

from msgspec import Struct
from sqlalchemy import Column, ColumnElement, Connection, Table, Text, delete, func, or_, select

from ledger.database import METADATA, insert_rows
from ledger.tables import key_column, number_column

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
        query = query.where(or_(*(_contains(column, text) for column in columns)))
    return [Customer(r.customer, r.name, r.email, r.phone) for r in connection.execute(query)]


def _contains(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    return func.lower(column).contains(text.lower(), autoescape=True)


def names(connection: Connection, book_id: int) -> dict[str, str]:
    """Return the name of every customer by reference."""
    query = select(CUSTOMER.c.customer, CUSTOMER.c.name).where(CUSTOMER.c.book_id == book_id)
    return {row.customer: row.name for row in connection.execute(query)}


def erase_customer(connection: Connection, book_id: int, customer: str) -> bool:
    """Erase a person; True when there was one. The log keeps the bare reference."""
    gone = connection.execute(
        delete(CUSTOMER).where(CUSTOMER.c.book_id == book_id, CUSTOMER.c.customer == customer)
    )
    return gone.rowcount > 0
