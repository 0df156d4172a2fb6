"""Indexes whose keys are equal for many rows: PostgreSQL keeps such a key once."""

from collections.abc import Sequence

from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NARROW = (
    ("posting_by_day", "posting", ["book_id", "account", "business_date"]),
    ("posting_by_holder", "posting", ["book_id", "account", "holder"]),
    ("event_by_day", "event", ["book_id", "business_date"]),
)


def upgrade() -> None:
    """Leave the place in the log out of the keys."""
    for name, table, columns in NARROW:
        op.drop_index(name, table)
        op.create_index(name, table, columns)
