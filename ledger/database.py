"""Where a book is kept: SQLite or PostgreSQL, one schema, one way to write and one to read."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeVar

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.abc import PQGen
from psycopg.waiting import wait_async
from sqlalchemy import (
    Connection,
    Engine,
    MetaData,
    create_engine,
    event,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.util.concurrency import await_, greenlet_spawn, in_greenlet

from ledger.rows import (
    Rows,
    Sending,
    Statement,
    insert_all,
    insert_rows,
    inserts,
    listed,
    pipelined,
)

__all__ = [
    "AWAY",
    "METADATA",
    "Connection",
    "DBAPIError",
    "Engine",
    "Rows",
    "Sending",
    "Statement",
    "await_",
    "greenlet_spawn",
    "insert_all",
    "insert_rows",
    "inserts",
    "listed",
    "migrate",
    "open_database",
    "pipelined",
    "schema_is_current",
    "snapshot",
    "transaction",
    "writing",
]

METADATA: Final = MetaData(naming_convention={"pk": "%(table_name)s_key"})

ALEMBIC_INI: Final = Path(__file__).parent.parent / "alembic.ini"
MIGRATION_LOCK: Final = 0x_DA_EB_00_4B
"""Any number, as long as every Daybook takes the same: who migrates, migrates alone."""

_PATIENCE: Final = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""A server that was unplugged is told from a slow one in seconds, not in minutes."""

FIRST_SPREAD: Final = "book"
"""The table beside which all others are kept when books are spread over servers."""

AWAY: Final = (InterfaceError, OperationalError, PoolTimeout)
"""What an absent or busy database raises: it may be back at once."""

RV = TypeVar("RV")

BUSY_SECONDS: Final = 30
"""How long a writer waits for another process's transaction on the same SQLite file."""


class _Courteous(psycopg.Connection[Any]):
    """Lets an event loop go on while it waits, where it is used in its thread (`AmongCallers`)."""

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Run what needs the server's answers to its end."""
        if in_greenlet():
            return await_(wait_async(gen, self.pgconn.socket, interval, timeout))
        return super().wait(gen, interval, timeout)


def _connect_courteously(_dialect: Any, _record: Any, args: Any, named: Any) -> _Courteous:
    return _Courteous.connect(*args, **named)


def open_database(url: str) -> Engine:
    """Return the engine of a database URL (`sqlite:///FILE` or `postgresql://...`)."""
    where = make_url(url)
    if where.get_backend_name() == "sqlite":
        return _open_sqlite(url, where.database)
    engine = create_engine(
        where.set(drivername="postgresql+psycopg"),
        pool_size=10,
        max_overflow=20,
        pool_timeout=5,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args=_PATIENCE
        | {
            "options": "-c lock_timeout=30s -c statement_timeout=120s"
            " -c idle_in_transaction_session_timeout=60s -c timezone=UTC"
        },
    )
    event.listen(engine, "do_connect", _connect_courteously)
    return engine.execution_options(isolation_level="READ COMMITTED")


def _open_sqlite(url: str, path: str | None) -> Engine:
    if path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        pool_size=20,
        hide_parameters=True,  # what was sent is nobody's business in a log
        connect_args={
            "timeout": BUSY_SECONDS,
            "check_same_thread": False,
            "cached_statements": 128,
        },
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


_SQLITE_PRAGMAS: Final = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "cache_size=-65536",
    "secure_delete=ON",  # who is erased is erased from the file too
)


def _prepare_sqlite(raw: Any, _record: Any) -> None:
    raw.isolation_level = None  # transactions begin where `_begin_sqlite` says, not in the driver
    for pragma in _SQLITE_PRAGMAS:
        raw.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def writing(database: Engine) -> Connection:
    """Return a connection for whoever writes all day; it is invalidated when it is left.

    SQLite notes down what a statement of many rows would have to take back, in a file of its own
    each time; here it does so in memory. A connection that sorts for reports must not.
    """
    connection = database.connect().execution_options(writes=True)
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA temp_store=MEMORY")
    return connection


@contextmanager
def transaction(database: Engine) -> Iterator[Connection]:
    """Open a transaction that writes; it commits when the block ends well."""
    with database.connect().execution_options(writes=True) as connection, connection.begin():
        yield connection


@contextmanager
def snapshot(database: Engine) -> Iterator[Connection]:
    """Open a transaction that reads one consistent state."""
    with database.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        with connection.begin():
            yield connection


def migrate(database: Engine, revision: str = "head") -> None:
    """Bring the schema of *database* up to a revision; several processes may start at once."""
    config = Config(ALEMBIC_INI)
    with transaction(database) as connection:
        if connection.dialect.name == "postgresql":  # SQLite's transaction holds the file already
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


class CannotSpread(Exception):
    """The database has not what spreads tables over several servers; `why` says what is missing."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def spread_by_book(database: Engine) -> list[str]:
    """Spread every table over the servers of a Citus cluster, by book; return those it did.

    Rows of one book stay together, so that every transaction and join stays on one server.
    CannotSpread elsewhere.
    """
    if database.dialect.name != "postgresql":
        raise CannotSpread("not-postgresql")
    with transaction(database) as connection:
        able = "SELECT count(*) FROM pg_proc WHERE proname = 'create_distributed_table'"
        if not connection.exec_driver_sql(able).scalar():
            raise CannotSpread("no-citus")
        known = connection.exec_driver_sql("SELECT logicalrelid::text FROM pg_dist_partition")
        done = {name for (name,) in known}
        tables = sorted(METADATA.tables, key=lambda name: (name != FIRST_SPREAD, name))
        left = [name for name in tables if name not in done]
        for name in left:
            beside = "none" if name == FIRST_SPREAD else FIRST_SPREAD
            connection.exec_driver_sql(
                "SELECT create_distributed_table(%s, 'book_id', colocate_with => %s)",
                (name, beside),
            )
    return left


def schema_is_current(database: Engine) -> bool:
    """Tell whether every migration was applied."""
    with snapshot(database) as connection:
        return MigrationContext.configure(connection).get_current_revision() == _newest_revision()


@lru_cache(maxsize=1)
def _newest_revision() -> str | None:
    return ScriptDirectory.from_config(Config(ALEMBIC_INI)).get_current_head()
