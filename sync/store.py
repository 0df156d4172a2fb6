"""The outbox: documents, the claims on them, and how each attempt ended.

Every function takes the book's row first (`hold` or `keep_lane`), so that planning, claiming,
settling and what people do about one book follow one another on every database.
"""

import hashlib
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import case, delete, exists, func, or_, select, update

from ledger.database import Connection, insert_rows
from ledger.store import from_day
from sync.documents import JournalEntry, decode, encode
from sync.lane.store import NEW, hold, keep_lane, leave_lane
from sync.outbox import SENDABLE, Claim, Ended, State, Stored
from sync.protocol import Sent
from sync.tables import ATTEMPT, DOCUMENT, NEED, SYNC_BOOK

OUR_FAULT: Final = "internal-error"
"""The cause of what a bug of ours did."""
PATIENCE: Final = 3
"""How many bugs a document may meet before a person has to look at it."""
STORED: Final = tuple(DOCUMENT.c[name] for name in Stored.__struct_fields__)
"""The columns of `Stored`."""


def surrender(
    connection: Connection, book_id: int, owner: str, cause: str, next_at_us: int
) -> None:
    """Give back what *owner* was sending when it failed: it may have arrived."""
    hold(connection, book_id)
    connection.execute(
        update(DOCUMENT)
        .where(
            DOCUMENT.c.book_id == book_id,
            DOCUMENT.c.state == "sending",
            DOCUMENT.c.lease_owner == owner,
        )
        .values(state="unknown", uncertain=1, cause=cause, next_at_us=next_at_us, lease_owner="")
    )
    leave_lane(connection, book_id, owner)


def claim(
    connection: Connection, book_id: int, key: str, owner: str, now_us: int, until_us: int
) -> Claim | None:
    """Take a document that is due, if this owner still has the lane; None when either is gone.

    Unless it has to be looked up first, the intent to send it is written here, before the wire.
    What it needs may be asked for anew since it was queued: then it waits again.
    """
    if not keep_lane(connection, book_id, owner, now_us, until_us):
        return None
    this = (DOCUMENT.c.book_id == book_id, DOCUMENT.c.key == key)
    row = connection.execute(
        select(DOCUMENT).where(
            *this, DOCUMENT.c.state.in_(SENDABLE), DOCUMENT.c.next_at_us <= now_us
        )
    ).first()
    if row is None:
        return None
    document = decode(row.body)
    known = links(connection, book_id, document.needs)
    if missing := sorted(set(document.needs) - set(known)):
        insert_rows(connection, NEED, [(book_id, need, key) for need in missing], NEW)
        connection.execute(update(DOCUMENT).where(*this).values(state="waiting"))
        return None
    look = bool(row.uncertain) or (row.attempts > 0 and row.kind == JournalEntry.__name__)
    sent_us = row.sent_us if look else now_us
    connection.execute(
        update(DOCUMENT)
        .where(*this)
        .values(
            state="sending",
            attempts=row.attempts + 1,
            uncertain=row.uncertain if look else 1,
            sent_us=sent_us,
            lease_owner=owner,
            lease_until_us=until_us,
            lease_token=row.lease_token + 1,
        )
    )
    return Claim(
        book_id=book_id,
        document=document,
        version=row.version,
        token=row.lease_token + 1,
        attempts=row.attempts + 1,
        look=look,
        claimed_us=now_us,
        sent_us=sent_us,
        until_us=until_us,
        links=known,
    )


def intend(connection: Connection, mine: Claim, now_us: int) -> None:
    """Write down, after a look-up that found nothing, that the document is about to be sent."""
    connection.execute(update(DOCUMENT).where(*_held(mine)).values(uncertain=1, sent_us=now_us))


def renew(connection: Connection, mine: Claim, owner: str, until_us: int) -> bool:
    """Keep lane and document longer; False when they are no longer this owner's."""
    hold(connection, mine.book_id)
    connection.execute(
        update(SYNC_BOOK)
        .where(SYNC_BOOK.c.book_id == mine.book_id, SYNC_BOOK.c.lane_owner == owner)
        .values(lane_until_us=until_us)
    )
    kept = connection.execute(update(DOCUMENT).where(*_held(mine)).values(lease_until_us=until_us))
    return kept.rowcount == 1


def settle(connection: Connection, mine: Claim, ended: Ended, now_us: int) -> bool:
    """Write how an attempt ended; False, and nothing changes, when the lease is lost."""
    hold(connection, mine.book_id)
    sent, values = ended.sent, _state_of(ended)
    if sent is not None:
        values |= {
            "remote_id": sent.remote_id,
            "sync_token": sent.sync_token,
            "trace": sent.trace,
            "tax_difference": sent.tax_difference,
            "differences": msgspec.json.encode(sent.differences).decode(),
            "synced_us": now_us,
        }
    moved = connection.execute(update(DOCUMENT).where(*_held(mine)).values(values))
    if moved.rowcount != 1:
        return False
    if ended.state == "synced":
        _wake(connection, mine.book_id, mine.key)
    _tell_book(connection, mine, ended)
    return True


def links(connection: Connection, book_id: int, needs: Sequence[str]) -> dict[str, Sent]:
    """Return what stands over there for each key."""
    if not needs:
        return {}
    rows = connection.execute(
        select(
            DOCUMENT.c.key,
            DOCUMENT.c.remote_id,
            DOCUMENT.c.sync_token,
            DOCUMENT.c.trace,
            DOCUMENT.c.tax_difference,
        ).where(
            DOCUMENT.c.book_id == book_id,
            DOCUMENT.c.key.in_(sorted(set(needs))),
            DOCUMENT.c.state == "synced",
        )
    )
    return {row.key: Sent(*row[1:]) for row in rows}


def trail(
    connection: Connection, mine: Claim, step: str, request_id: str, ended: Ended | None, at_us: int
) -> None:
    """Append one line to the attempt log: `send` or `look` before the call, `answer` after it."""
    body = encode(mine.document)
    _append(
        connection, mine.book_id, mine.key, (at_us, mine.version, step, request_id), body, ended
    )


def put_aside(
    connection: Connection,
    book_id: int,
    key: str,
    owner: str,
    *,
    detail: str,
    now_us: int,
    next_at_us: int,
) -> Ended | None:
    """Put off a document that met a bug of ours; after some of these it waits for a person.

    What *owner* was sending may have arrived. None when it is not there to be sent any more.
    """
    hold(connection, book_id)
    this = (DOCUMENT.c.book_id == book_id, DOCUMENT.c.key == key)
    ours = or_(DOCUMENT.c.lease_owner == owner, DOCUMENT.c.state != "sending")
    at_hand = DOCUMENT.c.state.in_((*SENDABLE, "sending"))
    row = connection.execute(select(DOCUMENT).where(*this, at_hand, ours)).first()
    if row is None:
        return None
    bugs = select(func.count()).where(
        ATTEMPT.c.book_id == book_id, ATTEMPT.c.key == key, ATTEMPT.c.cause == OUR_FAULT
    )
    uncertain = bool(row.uncertain) or row.state == "sending"
    state: State = "unknown" if uncertain else "retrying"
    if (connection.scalar(bugs) or 0) + 1 >= PATIENCE:
        state = "needs_attention"
    ended = Ended(
        state=state,
        outcome="bug",
        uncertain=uncertain,
        next_at_us=next_at_us,
        cause=OUR_FAULT,
        detail=detail,
    )
    connection.execute(update(DOCUMENT).where(*this).values(_state_of(ended)))
    _append(connection, book_id, key, (now_us, row.version, "answer", ""), row.body, ended)
    return ended


def to_stored(row: Any) -> Stored:
    """Return the document of a row of `Stored`'s columns."""
    fields = {name: getattr(row, name) for name in Stored.__struct_fields__}
    off = msgspec.json.decode(row.differences or "[]", type=tuple[tuple[str, int], ...])
    return Stored(**(fields | {"day": from_day(row.day), "differences": off}))


def _state_of(ended: Ended) -> dict[str, Any]:
    return {
        "state": ended.state,
        "uncertain": int(ended.uncertain),
        "next_at_us": ended.next_at_us,
        "cause": ended.cause,
        "subject": ended.subject,
        "detail": ended.detail[:2000],
        "lease_owner": "",
        "lease_until_us": 0,
    }


def _tell_book(connection: Connection, mine: Claim, ended: Ended) -> None:
    """Back the book off or end its back-off; what was under way together counts as one attempt.

    Nobody claims in a back-off, so one that ends after the claim began after it: another failed.
    """
    quiet = SYNC_BOOK.c.quiet_until_us
    counted = quiet > mine.claimed_us
    told = update(SYNC_BOOK).where(SYNC_BOOK.c.book_id == mine.book_id)
    if ended.book_fails:
        asked = ended.quiet_until_us
        told = told.values(
            failures=SYNC_BOOK.c.failures + case((counted, 0), else_=1),
            quiet_until_us=case((quiet > asked, quiet), else_=asked),
        )
    else:
        told = told.where(~counted).values(failures=0, quiet_until_us=0)
    connection.execute(told)


def _append(
    connection: Connection,
    book_id: int,
    key: str,
    what: tuple[int, int, str, str],
    body: bytes,
    ended: Ended | None,
) -> None:
    """Append a line to the trail; *what* is when, which version, the step and the request's id."""
    number = connection.scalar(
        update(DOCUMENT)
        .where(DOCUMENT.c.book_id == book_id, DOCUMENT.c.key == key)
        .values(lines=DOCUMENT.c.lines + 1)
        .returning(DOCUMENT.c.lines)
    )
    said = ended or Ended(state="sending", outcome="")
    trace = said.sent.trace if said.sent else said.trace
    row = (book_id, key, number, *what, hashlib.sha256(body).hexdigest())
    insert_rows(
        connection, ATTEMPT, [(*row, said.outcome, said.status, trace, said.cause, said.detail)]
    )


def _held(mine: Claim) -> tuple[Any, ...]:
    return (
        DOCUMENT.c.book_id == mine.book_id,
        DOCUMENT.c.key == mine.key,
        DOCUMENT.c.lease_token == mine.token,
        DOCUMENT.c.state == "sending",
    )


def _wake(connection: Connection, book_id: int, key: str) -> None:
    """Queue what waited for *key* alone: by as few statements for a year's documents as for one."""
    this = (NEED.c.book_id == book_id, NEED.c.needs == key)
    other = NEED.alias()
    more = exists().where(
        other.c.book_id == book_id, other.c.key == NEED.c.key, other.c.needs != key
    )
    ready = select(NEED.c.key).where(*this, ~more)
    connection.execute(
        update(DOCUMENT)
        .where(DOCUMENT.c.book_id == book_id, DOCUMENT.c.key.in_(ready))
        .values(state=case((DOCUMENT.c.state == "waiting", "queued"), else_=DOCUMENT.c.state))
    )
    connection.execute(delete(NEED).where(*this))
