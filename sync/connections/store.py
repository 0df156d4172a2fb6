"""Connections, mappings and pauses of books, as they are kept."""

from datetime import datetime
from typing import Literal

from msgspec import Struct
from sqlalchemy import Connection as Database
from sqlalchemy import select, update

from ledger.database import insert_rows
from ledger.store import instant
from sync.lane.store import NEW, free_lane, hold
from sync.tables import CONNECTION, MAPPING, SYNC_BOOK

ConnectionState = Literal["connected", "dead", "disconnected"]


class Connected(Struct, frozen=True):
    """The outside company of a book. `tokens` are sealed; their version rises with each change."""

    book_id: int
    target: str
    realm: str
    state: ConnectionState
    tokens: bytes
    token_version: int
    company: bytes
    connected_us: int


class Pause(Struct, frozen=True):
    """Who stopped a book's sync, when and why."""

    since: datetime
    by: str
    reason: str


def connect(
    database: Database, book_id: int, target: str, realm: str, tokens: bytes, now_us: int
) -> int:
    """Bind a book to an outside company, or renew the bond; return the version of its tokens."""
    hold(database, book_id)
    before = find(database, book_id, target)
    insert_rows(
        database,
        CONNECTION,
        [(book_id, target, realm, "connected", b"", 0, b"{}", 0, now_us, now_us)],
        NEW,
    )
    version = before.token_version + 1 if before else 1
    database.execute(
        update(CONNECTION)
        .where(CONNECTION.c.book_id == book_id, CONNECTION.c.target == target)
        .values(
            realm=realm,
            state="connected",
            tokens=tokens,
            token_version=version,
            connected_us=now_us,
            changed_us=now_us,
        )
    )
    database.execute(
        update(SYNC_BOOK).where(SYNC_BOOK.c.book_id == book_id).values(failures=0, quiet_until_us=0)
    )
    return version


def find(database: Database, book_id: int, target: str) -> Connected | None:
    """Return a book's connection to a target, whatever its state."""
    rows = database.execute(
        select(*_COLUMNS).where(CONNECTION.c.book_id == book_id, CONNECTION.c.target == target)
    )
    row = rows.first()
    return Connected(*row) if row else None


def connections(database: Database) -> list[Connected]:
    """Return the connections of every book that were not ended by a person."""
    rows = database.execute(
        select(*_COLUMNS)
        .where(CONNECTION.c.state != "disconnected")
        .order_by(CONNECTION.c.book_id, CONNECTION.c.target)
    )
    return [Connected(*row) for row in rows]


def replace_tokens(
    database: Database, book_id: int, target: str, seen: int, tokens: bytes, now_us: int
) -> bool:
    """Put new tokens in place of version *seen*; False when another put newer ones first."""
    changed = database.execute(
        update(CONNECTION)
        .where(
            CONNECTION.c.book_id == book_id,
            CONNECTION.c.target == target,
            CONNECTION.c.token_version == seen,
        )
        .values(tokens=tokens, token_version=seen + 1, changed_us=now_us)
    )
    return changed.rowcount == 1


def begin_refresh(
    database: Database, book_id: int, target: str, now_us: int, until_us: int
) -> bool:
    """Become the only one who refreshes a book's tokens, until then at most; False: another is."""
    begun = database.execute(
        update(CONNECTION)
        .where(
            CONNECTION.c.book_id == book_id,
            CONNECTION.c.target == target,
            CONNECTION.c.refresh_until_us <= now_us,
        )
        .values(refresh_until_us=until_us)
    )
    return begun.rowcount == 1


def end_refresh(database: Database, book_id: int, target: str, until_us: int) -> None:
    """Let others refresh again, unless it is another's turn by now."""
    database.execute(
        update(CONNECTION)
        .where(
            CONNECTION.c.book_id == book_id,
            CONNECTION.c.target == target,
            CONNECTION.c.refresh_until_us == until_us,
        )
        .values(refresh_until_us=0)
    )


def die(database: Database, book_id: int, target: str, seen_us: int, now_us: int) -> None:
    """Mark a connection dead that was refused, unless it was renewed since *seen_us*."""
    database.execute(
        update(CONNECTION)
        .where(
            CONNECTION.c.book_id == book_id,
            CONNECTION.c.target == target,
            CONNECTION.c.state == "connected",
            CONNECTION.c.connected_us <= seen_us,
        )
        .values(state="dead", changed_us=now_us)
    )


def disconnect(database: Database, book_id: int, target: str, now_us: int) -> None:
    """End a connection as a person asks: its tokens are forgotten."""
    database.execute(
        update(CONNECTION)
        .where(CONNECTION.c.book_id == book_id, CONNECTION.c.target == target)
        .values(
            state="disconnected",
            tokens=b"",
            token_version=CONNECTION.c.token_version + 1,
            changed_us=now_us,
        )
    )


def put_company(database: Database, book_id: int, target: str, company: bytes) -> None:
    """Keep what the outside company says of itself (JSON)."""
    database.execute(
        update(CONNECTION)
        .where(CONNECTION.c.book_id == book_id, CONNECTION.c.target == target)
        .values(company=company)
    )


def find_mapping(database: Database, book_id: int, target: str) -> tuple[int, bytes]:
    """Return a book's mapping (JSON) and its version; 0 and an empty object before the first."""
    row = database.execute(
        select(MAPPING.c.version, MAPPING.c.body).where(
            MAPPING.c.book_id == book_id, MAPPING.c.target == target
        )
    ).first()
    return (row.version, row.body) if row else (0, b"{}")


def put_mapping(database: Database, book_id: int, target: str, body: bytes) -> int:
    """Replace a book's mapping; return its new version.

    Whoever delivers loses the lane: nothing more is begun under the mapping of before.
    """
    hold(database, book_id)
    free_lane(database, book_id)
    insert_rows(database, MAPPING, [(book_id, target, 0, b"{}")], NEW)
    version: int | None = database.scalar(
        update(MAPPING)
        .where(MAPPING.c.book_id == book_id, MAPPING.c.target == target)
        .values(version=MAPPING.c.version + 1, body=body)
        .returning(MAPPING.c.version)
    )
    assert version is not None
    return version


def pause(database: Database, book_id: int, by: str, reason: str, now_us: int) -> None:
    """Stop a book's deliveries; planning goes on."""
    hold(database, book_id)
    database.execute(
        update(SYNC_BOOK)
        .where(SYNC_BOOK.c.book_id == book_id)
        .values(paused_us=now_us, paused_by=by, paused_reason=reason)
    )


def resume(database: Database, book_id: int) -> None:
    """Let a book's deliveries go on, at once."""
    hold(database, book_id)
    database.execute(
        update(SYNC_BOOK)
        .where(SYNC_BOOK.c.book_id == book_id)
        .values(paused_us=0, paused_by="", paused_reason="", failures=0, quiet_until_us=0)
    )


def find_pause(database: Database, book_id: int) -> Pause | None:
    """Return who stopped a book's deliveries, None when nobody did."""
    row = database.execute(
        select(SYNC_BOOK.c.paused_us, SYNC_BOOK.c.paused_by, SYNC_BOOK.c.paused_reason).where(
            SYNC_BOOK.c.book_id == book_id, SYNC_BOOK.c.paused_us != 0
        )
    ).first()
    return Pause(instant(row.paused_us), row.paused_by, row.paused_reason) if row else None


_COLUMNS = tuple(CONNECTION.c[name] for name in Connected.__struct_fields__)
