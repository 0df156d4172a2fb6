"""The tables of the ledger; every key starts with `book_id`, so that books can be spread out.

Amounts are minor units, debit positive; quantities millionths; days are integers yyyymmdd; instants
are microseconds since 1970. What is in home money is empty where the currency is the home one.
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


def home_columns() -> tuple[Column[Any], Column[Any]]:
    """Return what debits and credits come to in home money; empty where they are home money."""
    return Column("home_debit", BigInteger), Column("home_credit", BigInteger)


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
    Column("generation", Integer, nullable=False, server_default="0"),
)
"""The one contended row of a book: its lock, its gapless sequence, the head of its chain.

`generation` counts how often its projections were rebuilt: whoever keeps some warm forgets them.
"""

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
    Column("location", Text),
    Column("register", Text),
    Column("session", Text),
    Column("staff", Text),
    Column("channel", Text),
    Column("customer", Text),
    Column("booking", Text),
    Column("order_ref", Text),
    Column("body", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    UniqueConstraint("book_id", "event_id", name="event_once"),
    Index("event_by_day", "book_id", "business_date"),
    Index("event_by_type", "book_id", "type", "seq"),
)
for _name in ("session", "customer", "booking", "order_ref"):
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
    Column("home", BigInteger),
    Column("business_date", Integer, nullable=False),
    Column("location", Text),
    Index("posting_by_day", "book_id", "account", "business_date"),
    Index("posting_by_holder", "book_id", "account", "holder"),
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
    *home_columns(),
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
    *home_columns(),
)
"""What moved in a day (grain 0), a month (1) and a year (2), and in all years before one (3).

Holders only of `busy` accounts.
"""

BLOCK_DELTA: Final = Table(
    "block_delta",
    METADATA,
    key_column("book_id"),
    key_column("level", SmallInteger),
    key_column("block"),
    key_column("grain", SmallInteger),
    key_column("bucket", Integer),
    key_column("account", Text),
    key_column("holder", Text),
    key_column("currency", Text),
    number_column("debit"),
    number_column("credit"),
    *home_columns(),
)
"""The same for a whole block of the log: written once, when it is full, and never changed."""

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

STOCK_PLACE: Final = Table(
    "stock_place",
    METADATA,
    key_column("book_id"),
    key_column("item", Text),
    key_column("location", Text),
    number_column("quantity"),
)
"""How much of an item each location holds; "" is no location."""

DEVICE_RUN: Final = Table(
    "device_run",
    METADATA,
    key_column("book_id"),
    key_column("device", Text),
    key_column("epoch"),
    key_column("first"),
    number_column("last"),
    Column("first_day", Integer, nullable=False),
    Column("last_day", Integer, nullable=False),
)
"""Which numbers of a device were received: runs without a hole."""

STATEMENT: Final = Table(
    "statement",
    METADATA,
    key_column("book_id"),
    key_column("statement_id", Text),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("since", Integer),
    Column("through", Integer, nullable=False),
    number_column("known_seq"),
    number_column("issued_us"),
    Column("previous", Text),
    Column("digest", Text, nullable=False),
    Index("statement_by_subject", "book_id", "kind", "subject", "holder", "known_seq"),
)
"""What a statement shows is a function of its row and the log; `digest` proves it."""
