"""POST /v1/events/preview: what recording a fact would do; nothing is stored."""

import asyncio
from datetime import date

from litestar import post
from msgspec import Struct

from api.access import TILLS
from api.answers import EntryLine, ExceptionShown, entry_lines, exceptions_of
from api.bodies import EVENT_BYTES, JSON, media_type, read_body
from api.caller import Caller, signed_in
from api.decoding import in_time, read_event
from api.documents import DocumentPlanned, planned
from api.problems import language_of
from api.service import Call, Service, service_of
from ledger.book import Book
from ledger.customers.store import find_customer
from ledger.database import Connection, snapshot
from ledger.events import Event
from ledger.events.base import BusinessEvent, Entry
from ledger.log.store import entries_about, find_entry, load_settings
from ledger.store import instant
from sync.documents import AnyDocument
from sync.outbox import is_master
from sync.plan import Past, Scope, plan_entry, plan_reversal, plan_set, scope_of


class BookedWith(Struct, frozen=True):
    """What the documents are booked with: the entry alone, its session or its day."""

    kind: str
    name: str
    channel: str | None


class PreviewAnswer(Struct, frozen=True):
    """What would result. `booked_with` is null where the event makes no documents."""

    id: str
    business_date: date
    entry: list[EntryLine]
    exceptions: list[ExceptionShown]
    booked_with: BookedWith | None
    documents: list[DocumentPlanned]


@post(
    "/v1/events/preview",
    status_code=200,
    operation_id="previewEvent",
    tags=["Events"],
    summary="See what a fact would do",
    guards=[TILLS],
    opt={"body": Event, "problems": (409,)},
)
async def preview_event(request: Call) -> PreviewAnswer:
    """Answer the entry and the documents that would result, or the refusal; nothing is stored.

    For a policy that books by session or by day, the documents are those of this fact alone.
    """
    media_type(request.scope, JSON)
    body = await read_body(request.scope, request.receive, EVENT_BYTES)
    event = await in_time(body, read_event)
    caller = signed_in(request.scope)
    service = service_of(request)
    entry, scope, documents = await asyncio.to_thread(_preview, service, caller, event)
    return PreviewAnswer(
        id=entry.event.id,
        business_date=entry.event.day(),
        entry=entry_lines(entry.postings, caller.book.currency),
        exceptions=exceptions_of(entry, language_of(request)),
        booked_with=None if scope is None else BookedWith(scope.kind, scope.name, scope.channel),
        documents=[planned(document) for document in documents],
    )


def _preview(
    service: Service, caller: Caller, event: Event
) -> tuple[Entry, Scope | None, list[AnyDocument]]:
    decision = service.recorder.preview(caller.book.id, caller.actor, event)
    entry = Entry(
        seq=0,
        event=decision.event,
        postings=decision.postings,
        caveats=decision.caveats,
        recorded_at=instant(service.clock()),
        actor=caller.actor,
        hash=b"",
        body=decision.body,
    )
    with snapshot(service.database) as connection:
        scope, documents = _documents(connection, caller.book, entry)
    return entry, scope, [document for document in documents if not is_master(document)]


def _documents(
    connection: Connection, book: Book, entry: Entry
) -> tuple[Scope | None, list[AnyDocument]]:
    settings = load_settings(connection, book)
    related = _related(connection, book.id, entry.event)
    scope = scope_of(entry, settings, related)
    if scope is None:
        return None, []
    names = _names(connection, book.id, entry.event)
    past = Past(lambda kind, name: entries_about(connection, book.id, kind, name))
    original = related.get(getattr(entry.event, "reverses", ""))
    if original is not None:
        taken_back = plan_entry(original, settings, book, names, related, past)
        return scope, plan_reversal(entry, taken_back, settings, book, names, related, past)
    if scope.kind == "entry":
        return scope, plan_entry(entry, settings, book, names, related, past)
    return scope, plan_set(scope, [entry], settings, book, names, related)


def _related(connection: Connection, book_id: int, event: BusinessEvent) -> dict[str, Entry]:
    """Return the entries that the planner looks at beside the event's own."""
    named = [getattr(event, name, None) for name in ("sale", "reverses")]
    found = [find_entry(connection, book_id, name) for name in named if name]
    return {entry.event.id: entry for entry in found if entry is not None}


def _names(connection: Connection, book_id: int, event: BusinessEvent) -> dict[str, str]:
    if event.customer is None:
        return {}
    customer = find_customer(connection, book_id, event.customer)
    return {} if customer is None else {customer.id: customer.name}
