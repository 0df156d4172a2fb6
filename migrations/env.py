"""Runs the migrations over the connection that `ledger.database.migrate` gives."""

from alembic import context

import ledger.tables  # noqa: F401 - the tables hang themselves on METADATA
from ledger.database import METADATA

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    render_as_batch=connection.dialect.name == "sqlite",
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
