"""What was told, by its place, its id, its session and what it speaks of, in a SQLite of its own.

One book alone is in it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct
from sqlalchemy import Column, Connection, Index, Integer, LargeBinary, MetaData, Table, Text

from ledger.database import Engine, insert_rows
from ledger.postings import Caveat, Posting
from ledger.tables import SUBJECT

_TABLES: Final = MetaData()

_TOLD: Final = Table(
    "told",
    _TABLES,
    Column("seq", Integer, primary_key=True),
    Column("event_id", Text, nullable=False, index=True),
    Column("session", Text),
    Column("entry", LargeBinary, nullable=False),
)
Index("told_by_session", _TOLD.c.session, sqlite_where=_TOLD.c.session.is_not(None))

_DRAWN: Final = Table(
    "drawn",
    _TABLES,
    Column("role", Text, primary_key=True),
    Column("holder", Text, primary_key=True),
    Column("seq", Integer, primary_key=True),
)
"""Which entries debit a holder that is filled before it is drawn on."""

_HELD: Final = Table(
    "held",
    _TABLES,
    Column("role", Text, primary_key=True),
    Column("holder", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("amount", Integer, nullable=False),
    Column("beyond", Integer, nullable=False),
)
"""What a holder has, and by how much that is more in home money, minor units, debit positive."""

_ADD: Final = (
    "ON CONFLICT (role, holder, currency) DO UPDATE SET amount = amount + excluded.amount,"
    " beyond = beyond + excluded.beyond"
)

Place = tuple[str, str, str]
"""Role, holder and currency."""


class Told(Struct, frozen=True, array_like=True, gc=False):
    """An entry as it was told; `day` is the one on which it is booked, as yyyymmdd."""

    seq: int
    day: int
    recorded_us: int
    actor: str
    hash: bytes
    body: bytes
    postings: tuple[Posting, ...]
    caveats: tuple[Caveat, ...]


Named = tuple[str, str | None, Told]
"""An entry with the id of its event, and the session that it is of."""

_ENCODE: Final = msgspec.msgpack.Encoder().encode
_DECODE: Final = msgspec.msgpack.Decoder(Told).decode


def prepare(engine: Engine) -> None:
    """Make the tables."""
    _TABLES.create_all(engine)


def put_told(connection: Connection, told: Sequence[Named]) -> None:
    """Keep entries."""
    rows = [(each.seq, name, session, _ENCODE(each)) for name, session, each in told]
    insert_rows(connection, _TOLD, rows)


def put_subjects(connection: Connection, rows: Sequence[tuple[int, str, str, int]]) -> None:
    """Keep what entries speak of: book, kind, name and place in the log."""
    insert_rows(connection, SUBJECT, rows, "ON CONFLICT DO NOTHING")


def put_drawn(connection: Connection, rows: Sequence[tuple[str, str, int]]) -> None:
    """Keep which entries debit a holder: role, holder and place in the log."""
    insert_rows(connection, _DRAWN, rows, "ON CONFLICT DO NOTHING")


def add_held(
    connection: Connection, amounts: Mapping[Place, int], beyond: Mapping[Place, int]
) -> None:
    """Add to what holders have, and to by how much that is more in home money."""
    rows = [(*place, amount, beyond.get(place, 0)) for place, amount in amounts.items()]
    insert_rows(connection, _HELD, rows, _ADD)


def held(connection: Connection, place: Place) -> tuple[int, int]:
    """Return what was added of a holder."""
    found = connection.exec_driver_sql(
        "SELECT amount, beyond FROM held WHERE role = ? AND holder = ? AND currency = ?", place
    ).first()
    return (int(found[0]), int(found[1])) if found else (0, 0)


def by_id(connection: Connection, event_id: str) -> Told | None:
    """Return the entry of an event, or None."""
    query = "SELECT entry FROM told WHERE event_id = ?"
    return next(_entries(connection, query, (event_id,)), None)


def about(connection: Connection, book_id: int, kind: str, name: str) -> list[Told]:
    """Return the entries that speak of a subject, oldest first."""
    query = (
        "SELECT told.entry FROM subject JOIN told ON told.seq = subject.seq"
        " WHERE subject.book_id = ? AND subject.kind = ? AND subject.name = ? ORDER BY told.seq"
    )
    return list(_entries(connection, query, (book_id, kind, name)))


def of_session(connection: Connection, session: str) -> Iterator[Told]:
    """Yield the entries of a register session."""
    return _entries(connection, "SELECT entry FROM told WHERE session = ?", (session,))


def drawn_since(connection: Connection, seq: int, role: str, holder: str) -> list[Told]:
    """Return the entries after *seq* that debit a holder, oldest first."""
    query = (
        "SELECT told.entry FROM drawn JOIN told ON told.seq = drawn.seq"
        " WHERE drawn.role = ? AND drawn.holder = ? AND drawn.seq > ? ORDER BY drawn.seq"
    )
    return list(_entries(connection, query, (role, holder, seq)))


def _entries(connection: Connection, query: str, values: tuple[Any, ...]) -> Iterator[Told]:
    return (_DECODE(entry) for (entry,) in connection.exec_driver_sql(query, values))
