"""The tables of the sync; every key starts with `book_id`, as in the ledger.

Days are integers yyyymmdd, instants microseconds since 1970, amounts minor units. Flags are 0 or 1.
"""

from typing import Final

from sqlalchemy import Column, Index, Integer, LargeBinary, SmallInteger, Table, Text

from ledger.database import METADATA
from ledger.tables import key_column, number_column

SYNC_BOOK: Final = Table(
    "sync_book",
    METADATA,
    key_column("book_id"),
    number_column("planned_seq"),
    Column("lane_owner", Text, nullable=False),
    number_column("lane_until_us"),
    number_column("failures"),
    number_column("quiet_until_us"),
    number_column("paused_us"),
    Column("paused_by", Text, nullable=False),
    Column("paused_reason", Text, nullable=False),
)
"""One row a book: how far the log is planned, who delivers (the lane), until when nobody may.

Whoever changes the sync state of a book takes this row first.
"""

CONNECTION: Final = Table(
    "sync_connection",
    METADATA,
    key_column("book_id"),
    key_column("target", Text),
    Column("realm", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("tokens", LargeBinary, nullable=False),
    number_column("token_version"),
    Column("company", LargeBinary, nullable=False),
    number_column("refresh_until_us"),
    number_column("connected_us"),
    number_column("changed_us"),
)
"""The outside company of a book; `tokens` are sealed, `company` is JSON."""

MAPPING: Final = Table(
    "sync_mapping",
    METADATA,
    key_column("book_id"),
    key_column("target", Text),
    number_column("version"),
    Column("body", LargeBinary, nullable=False),
)

DOCUMENT: Final = Table(
    "sync_document",
    METADATA,
    key_column("book_id"),
    key_column("key", Text),
    Column("kind", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("version", Integer, nullable=False),
    Column("day", Integer, nullable=False),
    Column("number", Text, nullable=False),
    Column("scope", Text, nullable=False),
    number_column("seq"),
    Column("ordinal", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("uncertain", SmallInteger, nullable=False),
    number_column("attempts"),
    number_column("lines"),
    number_column("next_at_us"),
    Column("remote_id", Text, nullable=False),
    Column("sync_token", Text, nullable=False),
    Column("trace", Text, nullable=False),
    number_column("tax_difference"),
    Column("differences", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("lease_owner", Text, nullable=False),
    number_column("lease_until_us"),
    number_column("lease_token"),
    number_column("planned_us"),
    number_column("sent_us"),
    number_column("synced_us"),
    Index("sync_document_by_state", "book_id", "state", "next_at_us", "seq", "ordinal"),
    Index("sync_document_by_scope", "book_id", "scope"),
    Index("sync_document_by_place", "book_id", "seq", "ordinal"),
)
"""What was or will be sent. `uncertain`: an attempt of this version may have had an effect unseen.

`lease_token` rises with each claim, so that a worker who lost its lease can change nothing.
"""

NEED: Final = Table(
    "sync_need",
    METADATA,
    key_column("book_id"),
    key_column("needs", Text),
    key_column("key", Text),
    Index("sync_need_by_key", "book_id", "key", "needs"),
)
"""What keeps a document waiting: rows vanish when the document they name is over there."""

ATTEMPT: Final = Table(
    "sync_attempt",
    METADATA,
    key_column("book_id"),
    key_column("key", Text),
    key_column("line"),
    number_column("at_us"),
    Column("version", Integer, nullable=False),
    Column("step", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("body_hash", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("trace", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("detail", Text, nullable=False),
)
"""The auditor's trail, append-only: a line before each call, a line with its outcome."""

SYNC_ENTRY: Final = Table(
    "sync_entry",
    METADATA,
    key_column("book_id"),
    key_column("seq"),
    Column("event_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("set_number", Integer, nullable=False),
    Column("day", Integer, nullable=False),
    number_column("recorded_us"),
    Index("sync_entry_by_event", "book_id", "event_id"),
    Index("sync_entry_by_set", "book_id", "kind", "name", "channel", "set_number"),
)
"""Where each entry went: by itself, or into a set of a day or session (0: still waiting)."""
_waits = SYNC_ENTRY.c.set_number == 0
Index(
    "sync_entry_waiting",
    SYNC_ENTRY.c.book_id,
    SYNC_ENTRY.c.kind,
    SYNC_ENTRY.c.name,
    SYNC_ENTRY.c.channel,
    sqlite_where=_waits,
    postgresql_where=_waits,
)

SYNC_SET: Final = Table(
    "sync_set",
    METADATA,
    key_column("book_id"),
    key_column("kind", Text),
    key_column("name", Text),
    key_column("channel", Text),
    Column("sets", Integer, nullable=False),
)
"""How many sets of documents a day or session has so far."""

SYNC_SESSION: Final = Table(
    "sync_session",
    METADATA,
    key_column("book_id"),
    key_column("session", Text),
    number_column("closed_seq"),
)
"""The sessions that are closed, as far as the log is planned."""
