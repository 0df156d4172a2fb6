"""The tables of the ledger; every key starts with `book_id`, so that books can be spread out.

Amounts are minor units, debit positive; quantities millionths; days are integers yyyymmdd; instants
are microseconds since 1970.
"""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from ledger.database import METADATA


def key_column(name: str, kind: Any = BigInteger) -> Column[Any]:
    """Return a column of a primary key; its values are ours, never a sequence."""
    return Column(name, kind, primary_key=True, autoincrement=False)


def number_column(name: str) -> Column[Any]:
    """Return a column of whole numbers that is always filled."""
    return Column(name, BigInteger, nullable=False)


BOOK: Final = Table(
    "book",
    METADATA,
    key_column("book_id"),
    Column("name", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("region", Text),
    Column("currency", Text, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("day_starts", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("fiscal_year_starts", SmallInteger, nullable=False),
    number_column("created_us"),
)

BOOK_HEAD: Final = Table(
    "book_head",
    METADATA,
    key_column("book_id"),
    number_column("seq"),
    Column("hash", LargeBinary, nullable=False),
    number_column("recorded_us"),
)
"""The one contended row of a book: its lock, its gapless sequence, the head of its chain."""

ACCOUNT: Final = Table(
    "account",
    METADATA,
    key_column("book_id"),
    key_column("code", Text),
    Column("role", Text, nullable=False),
)
"""The role of each account code; it never changes."""

EVENT: Final = Table(
    "event",
    METADATA,
    key_column("book_id"),
    key_column("seq"),
    Column("event_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("business_date", Integer, nullable=False),
    number_column("recorded_us"),
    Column("actor", Text, nullable=False),
    Column("register", Text),
    Column("session", Text),
    Column("customer", Text),
    Column("booking", Text),
    Column("body", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    UniqueConstraint("book_id", "event_id", name="event_once"),
    Index("event_by_day", "book_id", "business_date", "seq"),
    Index("event_by_type", "book_id", "type", "seq"),
)
for _name in ("session", "customer", "booking"):
    _column = EVENT.c[_name]
    Index(
        f"event_by_{_name}",
        EVENT.c.book_id,
        _column,
        EVENT.c.seq,
        sqlite_where=_column.is_not(None),
        postgresql_where=_column.is_not(None),
    )

POSTING: Final = Table(
    "posting",
    METADATA,
    key_column("book_id"),
    key_column("seq"),
    key_column("line", SmallInteger),
    Column("account", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("currency", Text, nullable=False),
    number_column("amount"),
    number_column("quantity"),
    Column("business_date", Integer, nullable=False),
    Column("location", Text),
    Index("posting_by_day", "book_id", "account", "business_date", "seq", "line"),
    Index("posting_by_holder", "book_id", "account", "holder", "seq", "line"),
)

EXCEPTION: Final = Table(
    "exception",
    METADATA,
    key_column("book_id"),
    key_column("seq"),
    key_column("number", SmallInteger),
    Column("cause", Text, nullable=False),
    Column("subject", Text, nullable=False),
    number_column("amount"),
    Index("exception_by_cause", "book_id", "cause", "seq"),
)
"""What an entry leaves for a person to look at."""

SUBJECT: Final = Table(
    "subject",
    METADATA,
    key_column("book_id"),
    key_column("kind", Text),
    key_column("name", Text),
    key_column("seq"),
)
"""Which entries speak of a thing: a sale, a deposit, a session."""

BALANCE: Final = Table(
    "balance",
    METADATA,
    key_column("book_id"),
    key_column("account", Text),
    key_column("holder", Text),
    key_column("currency", Text),
    number_column("debit"),
    number_column("credit"),
    number_column("quantity"),
)

DELTA: Final = Table(
    "delta",
    METADATA,
    key_column("book_id"),
    key_column("grain", SmallInteger),
    key_column("bucket", Integer),
    key_column("account", Text),
    key_column("holder", Text),
    key_column("currency", Text),
    number_column("debit"),
    number_column("credit"),
)
"""What moved in a day (grain 0), a month (1) and a year (2); holders only of `busy` accounts."""

STOCK: Final = Table(
    "stock",
    METADATA,
    key_column("book_id"),
    key_column("item", Text),
    number_column("quantity"),
    number_column("value"),
    number_column("last_value"),
    number_column("last_quantity"),
    Column("stocked", SmallInteger, nullable=False),
)
