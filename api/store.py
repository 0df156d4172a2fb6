"""API keys in the database. A key's secret is never stored, only its keyed digest."""

from typing import Final

from msgspec import Struct, convert, structs
from sqlalchemy import (
    BigInteger,
    Column,
    LargeBinary,
    String,
    Table,
    insert,
    select,
    text,
    update,
)

from ledger.database import METADATA, Connection
from ledger.events.base import Role

API_KEY: Final = Table(
    "api_key",
    METADATA,
    Column("book_id", BigInteger, primary_key=True, autoincrement=False),
    Column("key_id", String(16), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("name", String(64), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger),
    Column("revoked_us", BigInteger),
)


class ApiKey(Struct, frozen=True):
    """A key as it is kept. Instants are microseconds since 1970."""

    book_id: int
    key_id: str
    role: Role
    name: str
    digest: bytes
    created_us: int
    expires_us: int | None
    revoked_us: int | None


def add_key(connection: Connection, key: ApiKey) -> None:
    """Keep a key."""
    connection.execute(insert(API_KEY).values(structs.asdict(key)))


def find_key(connection: Connection, book_id: int, key_id: str) -> ApiKey | None:
    """Return a key of a book, revoked or not."""
    wanted = API_KEY.c.book_id == book_id, API_KEY.c.key_id == key_id
    found = connection.execute(select(API_KEY).where(*wanted)).mappings().one_or_none()
    return None if found is None else convert(found, ApiKey)


def list_keys(connection: Connection, book_id: int) -> list[ApiKey]:
    """Return the keys of a book, oldest first."""
    found = connection.execute(
        select(API_KEY)
        .where(API_KEY.c.book_id == book_id)
        .order_by(API_KEY.c.created_us, API_KEY.c.key_id)
    )
    return [convert(row, ApiKey) for row in found.mappings()]


def revoke_key(connection: Connection, book_id: int, key_id: str, now_us: int) -> bool:
    """Revoke a key; False when the book has no such key that still works."""
    done = connection.execute(
        update(API_KEY)
        .where(
            API_KEY.c.book_id == book_id,
            API_KEY.c.key_id == key_id,
            API_KEY.c.revoked_us.is_(None),
        )
        .values(revoked_us=now_us)
    )
    return bool(done.rowcount)


def reachable(connection: Connection) -> bool:
    """Tell whether the database answers."""
    return connection.execute(text("SELECT 1")).scalar_one() is not None
