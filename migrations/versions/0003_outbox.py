"""What is to be sent to QuickBooks, and what became of it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Create the outbox's tables."""
    op.create_table(
        "sync_attempt",
        sa.Column("book_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("line", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("trace", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "key", "line", name=op.f("sync_attempt_key")),
    )
    op.create_table(
        "sync_book",
        sa.Column("book_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("planned_seq", sa.BigInteger(), nullable=False),
        sa.Column("lane_owner", sa.Text(), nullable=False),
        sa.Column("lane_until_us", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("quiet_until_us", sa.BigInteger(), nullable=False),
        sa.Column("paused_us", sa.BigInteger(), nullable=False),
        sa.Column("paused_by", sa.Text(), nullable=False),
        sa.Column("paused_reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", name=op.f("sync_book_key")),
    )
    op.create_table(
        "sync_connection",
        sa.Column("book_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("target", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("realm", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tokens", sa.LargeBinary(), nullable=False),
        sa.Column("token_version", sa.BigInteger(), nullable=False),
        sa.Column("company", sa.LargeBinary(), nullable=False),
        sa.Column("refresh_until_us", sa.BigInteger(), nullable=False),
        sa.Column("connected_us", sa.BigInteger(), nullable=False),
        sa.Column("changed_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "target", name=op.f("sync_connection_key")),
    )
    op.create_table(
        "sync_document",
        sa.Column("book_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("uncertain", sa.SmallInteger(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("next_at_us", sa.BigInteger(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("sync_token", sa.Text(), nullable=False),
        sa.Column("trace", sa.Text(), nullable=False),
        sa.Column("tax_difference", sa.BigInteger(), nullable=False),
        sa.Column("differences", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=False),
        sa.Column("lease_until_us", sa.BigInteger(), nullable=False),
        sa.Column("lease_token", sa.BigInteger(), nullable=False),
        sa.Column("planned_us", sa.BigInteger(), nullable=False),
        sa.Column("sent_us", sa.BigInteger(), nullable=False),
        sa.Column("synced_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "key", name=op.f("sync_document_key")),
    )
    op.create_index(
        "sync_document_by_place", "sync_document", ["book_id", "seq", "ordinal"], unique=False
    )
    op.create_index("sync_document_by_scope", "sync_document", ["book_id", "scope"], unique=False)
    op.create_index(
        "sync_document_by_state",
        "sync_document",
        ["book_id", "state", "next_at_us", "seq", "ordinal"],
        unique=False,
    )
    op.create_table(
        "sync_entry",
        sa.Column("book_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("set_number", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("recorded_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "seq", name=op.f("sync_entry_key")),
    )
    op.create_index("sync_entry_by_event", "sync_entry", ["book_id", "event_id"], unique=False)
    op.create_index(
        "sync_entry_by_set",
        "sync_entry",
        ["book_id", "kind", "name", "channel", "set_number"],
        unique=False,
    )
    op.create_index(
        "sync_entry_waiting",
        "sync_entry",
        ["book_id", "kind", "name", "channel"],
        unique=False,
        sqlite_where=sa.text("set_number = 0"),
        postgresql_where=sa.text("set_number = 0"),
    )
    op.create_table(
        "sync_mapping",
        sa.Column("book_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("target", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "target", name=op.f("sync_mapping_key")),
    )
    op.create_table(
        "sync_need",
        sa.Column("book_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("needs", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("book_id", "needs", "key", name=op.f("sync_need_key")),
    )
    op.create_index("sync_need_by_key", "sync_need", ["book_id", "key", "needs"], unique=False)
    op.create_table(
        "sync_session",
        sa.Column("book_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("session", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("closed_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "session", name=op.f("sync_session_key")),
    )
    op.create_table(
        "sync_set",
        sa.Column("book_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("channel", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("sets", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "kind", "name", "channel", name=op.f("sync_set_key")),
    )
    # ### end Alembic commands ###
