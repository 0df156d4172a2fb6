"""Both clocks, foreign money, dimensions, devices, places of stock, statements and erasures."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from ledger import codec
from ledger.database import insert_rows
from ledger.tables import SUBJECT

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

STATED = {"location": "location", "staff": "staff", "channel": "channel", "order_ref": "order"}
"""Columns that say what the stored fact says, by its name there."""


def upgrade() -> None:
    """Add the columns and tables; what earlier facts say of the new dimensions is filled in."""
    for column in STATED:
        op.add_column("event", sa.Column(column, sa.Text()))
    _fill_dimensions()
    op.create_index(
        "event_by_order_ref",
        "event",
        ["book_id", "order_ref", "seq"],
        sqlite_where=sa.text("order_ref IS NOT NULL"),
        postgresql_where=sa.text("order_ref IS NOT NULL"),
    )
    op.add_column("posting", sa.Column("home", sa.BigInteger()))
    for table in ("balance", "delta"):
        op.add_column(table, sa.Column("home_debit", sa.BigInteger()))
        op.add_column(table, sa.Column("home_credit", sa.BigInteger()))
    op.add_column(
        "book_head", sa.Column("generation", sa.Integer(), server_default="0", nullable=False)
    )
    _create_tables()
    _fill_places()
    _fill_subjects()


def _fill_places() -> None:
    """Tell which location holds how much, from the postings of stock."""
    op.execute(
        """
        INSERT INTO stock_place (book_id, item, location, quantity)
        SELECT posting.book_id, posting.holder,
               coalesce(posting.location, event.location, '') AS place, sum(posting.quantity)
        FROM posting
        JOIN event ON event.book_id = posting.book_id AND event.seq = posting.seq
        JOIN account ON account.book_id = posting.book_id AND account.code = posting.account
        WHERE account.role = 'inventory'
        GROUP BY posting.book_id, posting.holder, place
        """
    )


def _fill_subjects() -> None:
    """Let facts that were recorded be found by what they speak of today."""
    connection = op.get_bind()
    for (book_id,) in connection.execute(sa.text("SELECT book_id FROM book")).all():
        after = 0
        while facts := _facts(connection, book_id, after):
            after = facts[-1][0]
            rows = {
                (book_id, kind, name, seq)
                for seq, body in facts
                for kind, name in codec.decode(body).subjects()
            }
            insert_rows(connection, SUBJECT, sorted(rows), "ON CONFLICT DO NOTHING")


def _facts(connection: sa.Connection, book_id: int, after: int) -> list[tuple[int, bytes]]:
    query = (
        "SELECT seq, body FROM event WHERE book_id = :book AND seq > :after ORDER BY seq LIMIT 5000"
    )
    rows = connection.execute(sa.text(query), {"book": book_id, "after": after})
    return [(seq, bytes(body)) for seq, body in rows]


def _fill_dimensions() -> None:
    on_postgres = op.get_bind().dialect.name == "postgresql"
    for column, name in STATED.items():
        said = (
            f"convert_from(body, 'UTF8')::json ->> '{name}'"
            if on_postgres
            else f"json_extract(CAST(body AS TEXT), '$.{name}')"
        )
        op.execute(f"UPDATE event SET {column} = {said} WHERE {said} IS NOT NULL")  # noqa: S608 - our own names


def _create_tables() -> None:
    op.create_table(
        "block_delta",
        sa.Column("book_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("grain", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("bucket", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("holder", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("currency", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("debit", sa.BigInteger(), nullable=False),
        sa.Column("credit", sa.BigInteger(), nullable=False),
        sa.Column("home_debit", sa.BigInteger(), nullable=True),
        sa.Column("home_credit", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint(
            "book_id",
            "level",
            "block",
            "grain",
            "bucket",
            "account",
            "holder",
            "currency",
            name=op.f("block_delta_key"),
        ),
    )
    op.create_table(
        "device_run",
        sa.Column("book_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("device", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "device", "epoch", "first", name=op.f("device_run_key")),
    )
    op.create_table(
        "statement",
        sa.Column("book_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("statement_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("since", sa.Integer(), nullable=True),
        sa.Column("through", sa.Integer(), nullable=False),
        sa.Column("known_seq", sa.BigInteger(), nullable=False),
        sa.Column("issued_us", sa.BigInteger(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "statement_id", name=op.f("statement_key")),
    )
    op.create_index(
        "statement_by_subject",
        "statement",
        ["book_id", "kind", "subject", "holder", "known_seq"],
        unique=False,
    )
    op.create_table(
        "stock_place",
        sa.Column("book_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("item", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("location", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "item", "location", name=op.f("stock_place_key")),
    )
    # ### end Alembic commands ###
    op.create_table(
        "erased_customer",
        sa.Column("book_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("customer", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("erased_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "customer", name=op.f("erased_customer_key")),
    )
