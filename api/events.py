"""GET /v1/events: the log, and one fact of it with its proof."""

from typing import Annotated

from litestar import get
from litestar.params import FromPath, QueryParameter

from api.access import SHOP
from api.answers import PAGE, EventShown, Page, event_shown, page
from api.caller import Caller, signed_in
from api.documents import events_shown
from api.parameters import AfterNumber, Limit, Since, Through
from api.problems import Refusal, language_of
from api.service import Call, service_of
from ledger.database import snapshot
from ledger.log.store import EventFilters, find_entry, search

Word = Annotated[str | None, QueryParameter(max_length=64)]


@get(
    "/v1/events",
    operation_id="listEvents",
    tags=["Events"],
    summary="List recorded facts",
    guards=[SHOP],
    sync_to_thread=True,
)
def list_events(  # noqa: PLR0913 - each is a filter of the query
    request: Call,
    *,
    kind: Annotated[str | None, QueryParameter(name="type", max_length=64)] = None,
    since: Since = None,
    through: Through = None,
    register: Word = None,
    session: Word = None,
    customer: Word = None,
    booking: Word = None,
    order: Word = None,
    location: Word = None,
    staff: Word = None,
    channel: Word = None,
    text: Annotated[
        str | None, QueryParameter(name="q", max_length=64, description="Part of any text.")
    ] = None,
    limit: Limit = PAGE,
    after: AfterNumber = None,
) -> Page[EventShown]:
    """Answer the facts that fit every filter, oldest first. A till sees those of its own key."""
    caller = signed_in(request.scope)
    filters = EventFilters(
        type=kind,
        since=since,
        through=through,
        register=register,
        session=session,
        customer=customer,
        booking=booking,
        order=order,
        location=location,
        staff=staff,
        channel=channel,
        q=text,
        actor=_only(caller),
    )
    with snapshot(service_of(request).database) as connection:
        found = search(connection, caller.book.id, filters, after=int(after or 0), limit=limit + 1)
    language, home = language_of(request), caller.book.currency
    return page(
        found, limit, lambda entry: event_shown(entry, language, home), lambda entry: str(entry.seq)
    )


@get(
    "/v1/events/{event_id:str}",
    operation_id="getEvent",
    tags=["Events"],
    summary="Read one recorded fact",
    guards=[SHOP],
    sync_to_thread=True,
    opt={"problems": (404,)},
)
def get_event(request: Call, event_id: FromPath[str]) -> EventShown:
    """Answer one fact: the bytes that were hashed, the hash, the entry and its documents."""
    caller = signed_in(request.scope)
    with snapshot(service_of(request).database) as connection:
        entry = find_entry(connection, caller.book.id, event_id)
        if entry is None or _only(caller) not in (None, entry.actor.key):
            raise Refusal("event-not-found", 404, event=event_id)
        (shown,) = events_shown(request, connection, [entry])
    return shown


def _only(caller: Caller) -> str | None:
    """Return the key whose facts alone the caller may see, if so."""
    return caller.key_id if caller.role == "pos" else None
