"""What people do about documents: try them again, and ask anew what stands for what."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import and_, case, exists, or_, select, update

from ledger.database import Connection
from ledger.errors import Conflict
from sync.documents import decode
from sync.lane.store import hold
from sync.outbox import Stored
from sync.status import store as status
from sync.tables import DOCUMENT, NEED, SYNC_BOOK

MENDED_BY_MAPPING: Final = (
    "account-unmapped",
    "account-inactive",
    "account-type-unfit",
    "item-unmapped",
    "item-inactive",
    "item-account-differs",
    "customer-unmapped",
    "customer-inactive",
    "vendor-unmapped",
    "vendor-inactive",
    "tax-unmapped",
    "name-taken",
)
"""Causes that a changed mapping may have removed."""


def retry(
    connection: Connection, book_id: int, key: str, now_us: int, quiesce_us: int
) -> Stored | None:
    """Let a document go again, as soon as is safe; None when there is none.

    Raises a Conflict when it is not stuck. After a definite refusal it goes under a new version;
    what may have arrived is looked up first, under the old one.
    """
    hold(connection, book_id)
    found = status.find_document(connection, book_id, key)
    if found is None:
        return None
    if _again(connection, book_id, now_us, quiesce_us, DOCUMENT.c.key == key) == 0:
        raise Conflict("document-not-retryable", pointer="", key=key, state=found.state)
    return status.find_document(connection, book_id, key)


def retry_cause(
    connection: Connection,
    book_id: int,
    cause: str,
    subject: str | None,
    now_us: int,
    quiesce_us: int,
) -> int:
    """Let everything go again that one cause stopped; return how many documents that is."""
    hold(connection, book_id)
    chosen = [DOCUMENT.c.cause == cause]
    if subject is not None:
        chosen.append(DOCUMENT.c.subject == subject)
    return _again(connection, book_id, now_us, quiesce_us, *chosen)


def renew_masters(
    connection: Connection, book_id: int, keys: Sequence[str], now_us: int, quiesce_us: int
) -> int:
    """Ask again what stands over there for accounts, items or customers; return how many.

    So for the items of an account, which post to what it stood for. What is on its way under the
    mapping of before is looked up once it has surely ended.
    """
    hold(connection, book_id)
    wanted = [*keys, *_resting_on(connection, book_id, set(keys))]
    these = (DOCUMENT.c.book_id == book_id, DOCUMENT.c.key.in_(wanted), DOCUMENT.c.scope == "")
    renewed = connection.execute(
        update(DOCUMENT)
        .where(*these, DOCUMENT.c.state == "synced")
        .values(state="queued", version=DOCUMENT.c.version + 1, next_at_us=now_us)
    )
    under_way = connection.execute(
        update(DOCUMENT)
        .where(*these, DOCUMENT.c.state == "sending")
        .values(
            state="unknown",
            uncertain=1,
            lease_token=DOCUMENT.c.lease_token + 1,
            next_at_us=DOCUMENT.c.sent_us + quiesce_us,
        )
    )
    return renewed.rowcount + under_way.rowcount


def _resting_on(connection: Connection, book_id: int, keys: set[str]) -> list[str]:
    """Return the accounts, items and people that need one of *keys*."""
    rows = connection.execute(
        select(DOCUMENT.c.key, DOCUMENT.c.body).where(
            DOCUMENT.c.book_id == book_id, DOCUMENT.c.scope == ""
        )
    )
    return [row.key for row in rows if keys & set(decode(row.body).needs)]


def _again(connection: Connection, book_id: int, now_us: int, quiesce_us: int, *chosen: Any) -> int:
    stuck = ("needs_attention", "retrying", "unknown")
    named = DOCUMENT.alias()
    planned = exists().where(named.c.book_id == book_id, named.c.key == DOCUMENT.c.subject)
    chosen = (*chosen, or_(DOCUMENT.c.cause != "need-unknown", planned))
    refused = and_(DOCUMENT.c.state == "needs_attention", DOCUMENT.c.uncertain == 0)
    needs = select(NEED.c.key).where(NEED.c.book_id == book_id, NEED.c.key == DOCUMENT.c.key)
    surely = DOCUMENT.c.sent_us + quiesce_us
    moved = connection.execute(
        update(DOCUMENT)
        .where(DOCUMENT.c.book_id == book_id, DOCUMENT.c.state.in_(stuck), *chosen)
        .values(
            state=case(
                (DOCUMENT.c.uncertain == 1, "unknown"),
                (needs.exists(), "waiting"),
                else_="queued",
            ),
            version=DOCUMENT.c.version + case((and_(refused, DOCUMENT.c.attempts > 0), 1), else_=0),
            next_at_us=case(
                (and_(DOCUMENT.c.uncertain == 1, surely > now_us), surely), else_=now_us
            ),
        )
    )
    if moved.rowcount:
        connection.execute(
            update(SYNC_BOOK)
            .where(SYNC_BOOK.c.book_id == book_id)
            .values(failures=0, quiet_until_us=0)
        )
    return moved.rowcount
