"""What the sync routes answer: documents, causes and the state of the whole, in words."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

import msgspec
from msgspec import Struct, structs

from api.catalogue import Language, explain
from ledger.money import to_text
from ledger.store import instant
from sync.outbox import State, Stored
from sync.settings import SECOND
from sync.status.standing import Standing
from sync.status.store import Attempt, Cause

_PAGES: Final = {
    "Invoice": "invoice",
    "SalesReceipt": "salesreceipt",
    "RefundReceipt": "refundreceipt",
    "CreditMemo": "creditmemo",
    "Payment": "recvpayment",
    "JournalEntry": "journal",
    "Bill": "bill",
}
_SITES: Final = {
    "https://quickbooks.api.intuit.com": "https://app.qbo.intuit.com/app",
    "https://sandbox-quickbooks.api.intuit.com": "https://app.sandbox.qbo.intuit.com/app",
}


class CauseShown(Struct, frozen=True):
    """What keeps documents from going, and what to do: one line a cause and subject."""

    cause: str
    subject: str
    state: State
    documents: int
    waiting: int
    first_key: str
    title: str
    detail: str
    remedy: str


class SetShown(Struct, frozen=True):
    """Entries that wait for their day to be over, or their session to be closed."""

    kind: str
    name: str
    channel: str | None
    entries: int
    first_day: date


class PauseShown(Struct, frozen=True):
    """Who stopped the book's deliveries, when and why."""

    since: datetime
    by: str
    reason: str


class SyncShown(Struct, frozen=True):
    """Where the sync stands; through `in_step_through` all is over there, or needs nothing."""

    connection: str
    realm: str | None
    paused: PauseShown | None
    in_step_through: date | None
    unplanned: int
    waiting: list[SetShown]
    queue: dict[str, int]
    oldest_planned_at: datetime | None
    oldest_age_seconds: int | None
    last_synced_at: datetime | None
    causes: list[CauseShown]


class SyncDocument(Struct, frozen=True, kw_only=True):
    """A document that was or will be sent, and why it is where it is."""

    key: str
    kind: str
    state: State
    day: date
    number: str
    version: int
    attempts: int
    next_at: datetime | None
    sent_at: datetime | None
    synced_at: datetime | None
    remote_id: str | None
    remote_url: str | None
    tax_difference: str | None
    cause: str | None
    subject: str | None
    title: str | None
    remedy: str | None
    detail: str | None


class AttemptShown(Struct, frozen=True):
    """One line of the trail: what was asked for under which name, or what came of it."""

    at: datetime
    step: str
    version: int
    request_id: str
    body_hash: str
    outcome: str | None
    status: int | None
    trace: str | None
    cause: str | None
    detail: str | None


class WholeDocument(SyncDocument, frozen=True, kw_only=True):
    """A document with what it says (not for operators), what it waits for, and its trail."""

    document: msgspec.Raw | None
    waits_for: list[str]
    trail: list[AttemptShown]


def sync_shown(standing: Standing, now_us: int, language: Language) -> SyncShown:
    """Return where the sync stands, as the API tells it."""
    pause, oldest = standing.pause, standing.oldest_us
    return SyncShown(
        connection=standing.connection,
        realm=standing.realm,
        paused=PauseShown(pause.since, pause.by, pause.reason) if pause else None,
        in_step_through=standing.in_step_through,
        unplanned=standing.unplanned,
        waiting=[
            SetShown(
                found.spot.kind,
                found.spot.name,
                found.spot.channel or None,
                found.entries,
                found.first_day,
            )
            for found in standing.waiting
        ],
        queue={str(state): count for state, count in standing.queue.items()},
        oldest_planned_at=_at(oldest or 0),
        oldest_age_seconds=None if oldest is None else max(0, (now_us - oldest) // SECOND),
        last_synced_at=_at(standing.last_synced_us),
        causes=[_cause(cause, language) for cause in standing.causes],
    )


def document_shown(stored: Stored, language: Language, api_url: str) -> SyncDocument:
    """Return a document as the API tells of it; `api_url` decides whether there is a link."""
    facts = {"subject": stored.subject, "detail": stored.detail, "key": stored.key}
    words = explain(stored.cause, facts, language) if stored.cause else None
    currency = stored.document().currency
    gap = stored.tax_difference
    return SyncDocument(
        key=stored.key,
        kind=stored.kind,
        state=stored.state,
        day=stored.day,
        number=stored.number,
        version=stored.version,
        attempts=stored.attempts,
        next_at=_at(stored.next_at_us) if stored.state in ("retrying", "unknown") else None,
        sent_at=_at(stored.sent_us),
        synced_at=_at(stored.synced_us),
        remote_id=stored.remote_id or None,
        remote_url=remote_link(stored, api_url),
        tax_difference=to_text(gap, currency) if gap else None,
        cause=stored.cause or None,
        subject=stored.subject or None,
        title=words.title if words else None,
        remedy=words.remedy if words else None,
        detail=stored.detail or None,
    )


def whole_document(
    shown: SyncDocument, body: bytes | None, waits_for: list[str], trail: Sequence[Attempt]
) -> WholeDocument:
    """Return a document with what it says, what it waits for, and its trail."""
    return WholeDocument(
        **structs.asdict(shown),
        document=None if body is None else msgspec.Raw(body),
        waits_for=waits_for,
        trail=[_attempt(line) for line in trail],
    )


def _attempt(line: Attempt) -> AttemptShown:
    return AttemptShown(
        at=instant(line.at_us),
        step=line.step,
        version=line.version,
        request_id=line.request_id,
        body_hash=line.body_hash,
        outcome=line.outcome or None,
        status=line.status or None,
        trace=line.trace or None,
        cause=line.cause or None,
        detail=line.detail or None,
    )


def _cause(cause: Cause, language: Language) -> CauseShown:
    facts = {"subject": cause.subject, "key": cause.first_key, "detail": ""}
    words = explain(cause.cause, facts, language)
    return CauseShown(
        **structs.asdict(cause), title=words.title, detail=words.detail, remedy=words.remedy
    )


def remote_link(stored: Stored, api_url: str) -> str | None:
    """Return the address at which people see a document over there, where it has one."""
    site, page = _SITES.get(api_url.rstrip("/")), _PAGES.get(stored.kind)
    if site is None or page is None or not stored.remote_id:
        return None
    return f"{site}/{page}?txnId={stored.remote_id}"


def _at(microseconds: int) -> datetime | None:
    return instant(microseconds) if microseconds else None
