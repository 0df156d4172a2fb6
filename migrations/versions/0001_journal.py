"""The log of each book, its postings, and the balances kept in step."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Create the ledger's tables."""
    op.create_table(
        "account",
        sa.Column("book_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "code", name=op.f("account_key")),
    )
    op.create_table(
        "balance",
        sa.Column("book_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("holder", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("currency", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("debit", sa.BigInteger(), nullable=False),
        sa.Column("credit", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "book_id", "account", "holder", "currency", name=op.f("balance_key")
        ),
    )
    op.create_table(
        "book",
        sa.Column("book_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("day_starts", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("fiscal_year_starts", sa.SmallInteger(), nullable=False),
        sa.Column("created_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", name=op.f("book_key")),
    )
    op.create_table(
        "book_head",
        sa.Column("book_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", name=op.f("book_head_key")),
    )
    op.create_table(
        "delta",
        sa.Column("book_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("grain", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("bucket", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("holder", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("currency", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("debit", sa.BigInteger(), nullable=False),
        sa.Column("credit", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "book_id", "grain", "bucket", "account", "holder", "currency", name=op.f("delta_key")
        ),
    )
    op.create_table(
        "event",
        sa.Column("book_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("business_date", sa.Integer(), nullable=False),
        sa.Column("recorded_us", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("register", sa.Text(), nullable=True),
        sa.Column("session", sa.Text(), nullable=True),
        sa.Column("customer", sa.Text(), nullable=True),
        sa.Column("booking", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "seq", name=op.f("event_key")),
        sa.UniqueConstraint("book_id", "event_id", name="event_once"),
    )
    op.create_index(
        "event_by_booking",
        "event",
        ["book_id", "booking", "seq"],
        unique=False,
        sqlite_where=sa.text("booking IS NOT NULL"),
        postgresql_where=sa.text("booking IS NOT NULL"),
    )
    op.create_index(
        "event_by_customer",
        "event",
        ["book_id", "customer", "seq"],
        unique=False,
        sqlite_where=sa.text("customer IS NOT NULL"),
        postgresql_where=sa.text("customer IS NOT NULL"),
    )
    op.create_index("event_by_day", "event", ["book_id", "business_date", "seq"], unique=False)
    op.create_index(
        "event_by_session",
        "event",
        ["book_id", "session", "seq"],
        unique=False,
        sqlite_where=sa.text("session IS NOT NULL"),
        postgresql_where=sa.text("session IS NOT NULL"),
    )
    op.create_index("event_by_type", "event", ["book_id", "type", "seq"], unique=False)
    op.create_table(
        "exception",
        sa.Column("book_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "seq", "number", name=op.f("exception_key")),
    )
    op.create_index("exception_by_cause", "exception", ["book_id", "cause", "seq"], unique=False)
    op.create_table(
        "posting",
        sa.Column("book_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("business_date", sa.Integer(), nullable=False),
        sa.Column("location", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("book_id", "seq", "line", name=op.f("posting_key")),
    )
    op.create_index(
        "posting_by_day",
        "posting",
        ["book_id", "account", "business_date", "seq", "line"],
        unique=False,
    )
    op.create_index(
        "posting_by_holder",
        "posting",
        ["book_id", "account", "holder", "seq", "line"],
        unique=False,
    )
    op.create_table(
        "stock",
        sa.Column("book_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("item", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("last_value", sa.BigInteger(), nullable=False),
        sa.Column("last_quantity", sa.BigInteger(), nullable=False),
        sa.Column("stocked", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "item", name=op.f("stock_key")),
    )
    op.create_table(
        "subject",
        sa.Column("book_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("book_id", "kind", "name", "seq", name=op.f("subject_key")),
    )
    # ### end Alembic commands ###
