"""What is brought forward into each year, so that a balance on a day reads no earlier years."""

from collections.abc import Sequence

from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Add up, for every year that moved money, what each place moved in the years before it."""
    op.execute(
        """
        INSERT INTO delta (book_id, grain, bucket, account, holder, currency,
                           debit, credit, home_debit, home_credit)
        SELECT earlier.book_id, 3, later.bucket,
               earlier.account, earlier.holder, earlier.currency,
               sum(earlier.debit), sum(earlier.credit),
               sum(earlier.home_debit), sum(earlier.home_credit)
        FROM (SELECT DISTINCT book_id, bucket FROM delta WHERE grain = 2) AS later
        JOIN delta AS earlier
          ON earlier.book_id = later.book_id AND earlier.bucket < later.bucket
        WHERE earlier.grain = 2
        GROUP BY earlier.book_id, later.bucket,
                 earlier.account, earlier.holder, earlier.currency
        """
    )
