"""The state on disk: four tables in one SQLite file, each change committed before its answer."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

import msgspec
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
    delete,
    event,
    select,
)
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from sync.quickbooks.emulator.amounts import decode, encode
from sync.quickbooks.emulator.records import Profile, Record, Reply

METADATA = MetaData()

COMPANY = Table(
    "company",
    METADATA,
    Column("realm", String, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)
RECORD = Table(
    "record",
    METADATA,
    Column("realm", String, primary_key=True),
    Column("entity", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)
REPLY = Table(
    "reply",
    METADATA,
    Column("realm", String, primary_key=True),
    Column("requestid", String, primary_key=True),
    Column("status", Integer, nullable=False),
    Column("media", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("digest", String, nullable=False),
    Column("at", Float, nullable=False),
)
GRANT = Table(
    "grant",
    METADATA,
    Column("kind", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)


class Store:
    """One file, one process. WAL outlives the death of the process, not of the machine."""

    def __init__(self, path: str | None) -> None:
        self._database = _open(path)
        METADATA.create_all(self._database)

    def profiles(self) -> list[Profile]:
        """Return every company's profile."""
        with self._database.connect() as connection:
            rows = connection.execute(select(COMPANY.c.body)).all()
        return [msgspec.json.decode(body, type=Profile) for (body,) in rows]

    def records(self, realm: str) -> Iterator[Record]:
        """Yield every record of the company."""
        with self._database.connect() as connection:
            for (body,) in connection.execute(select(RECORD.c.body).where(RECORD.c.realm == realm)):
                yield msgspec.convert(decode(body), type=Record)

    def reply(self, realm: str, requestid: str) -> Reply | None:
        """Return the answer kept for this request id."""
        query = select(REPLY).where(REPLY.c.realm == realm, REPLY.c.requestid == requestid)
        with self._database.connect() as connection:
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            return None
        return Reply(**{name: row[name] for name in Reply.__struct_fields__})

    def write(
        self, realm: str, records: Iterable[Record], reply: tuple[str, Reply] | None = None
    ) -> None:
        """Commit the records, and the answer kept for a request id, together."""
        with self._database.begin() as connection:
            _put_records(connection, realm, records)
            if reply is not None:
                values = {"realm": realm, "requestid": reply[0], **msgspec.structs.asdict(reply[1])}
                _upsert(connection, REPLY, [values])

    def write_company(self, profile: Profile, records: Iterable[Record] = ()) -> None:
        """Commit a new company, or a change of its profile."""
        row = {"realm": profile.realm, "body": msgspec.json.encode(profile)}
        with self._database.begin() as connection:
            _upsert(connection, COMPANY, [row])
            _put_records(connection, profile.realm, records)

    def grants(self, kind: str) -> dict[str, bytes]:
        """Return all grants of a kind by name."""
        query = select(GRANT.c.name, GRANT.c.body).where(GRANT.c.kind == kind)
        with self._database.connect() as connection:
            return {row.name: row.body for row in connection.execute(query)}

    def write_grants(self, kind: str, grants: dict[str, bytes], gone: Iterable[str] = ()) -> None:
        """Commit changed and removed grants of a kind."""
        rows = [{"kind": kind, "name": name, "body": body} for name, body in grants.items()]
        with self._database.begin() as connection:
            _upsert(connection, GRANT, rows)
            for name in gone:
                connection.execute(delete(GRANT).where(GRANT.c.kind == kind, GRANT.c.name == name))

    def close(self) -> None:
        """Close the file."""
        self._database.dispose()


def _open(path: str | None) -> Engine:
    if path is None:
        memory = {"check_same_thread": False}
        return create_engine("sqlite://", poolclass=StaticPool, connect_args=memory)
    database = create_engine(f"sqlite:///{path}", connect_args={"check_same_thread": False})
    event.listen(database, "connect", _write_ahead)
    return database


def _write_ahead(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()


def _put_records(connection: Connection, realm: str, records: Iterable[Record]) -> None:
    rows = [
        {"realm": realm, "entity": each.entity, "id": each.id, "body": encode(each)}
        for each in records
    ]
    _upsert(connection, RECORD, rows)


def _upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    if rows:
        connection.execute(_upserting(table), [dict(row) for row in rows])


@cache
def _upserting(table: Table) -> Insert:
    statement = insert(table)
    keys = [column.name for column in table.primary_key]
    values = {name: statement.excluded[name] for name in table.c.keys() if name not in keys}  # noqa: SIM118 - a ColumnCollection yields columns
    return statement.on_conflict_do_update(index_elements=keys, set_=values)
