"""POST /v1/events: one fact, the call that every till waits for.

The answer is made in front of litestar's routing, on the bare ASGI calls: the framework's own way
to a handler and back costs more than the whole recording of a sale. The route is there all the
same, for the description, and for requests that come by another spelling of its path.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
from litestar import post
from litestar.types import ASGIApp, Receive, Scope, Send

from api.access import TILLS, check_query
from api.answers import EventAnswer, event_answer
from api.bodies import EVENT_BYTES, JSON, media_type, read_body
from api.decoding import in_time, read_event
from api.gate import SINGLE, is_single, turn_away
from api.problems import Refusal, language_in, send_problem
from api.service import Service
from ledger.errors import LedgerError
from ledger.events import Event
from ledger.recorder import Command, Outcome, Recorded

REFUSED: Final = "daybook.refused"
"""Where it stands why a fact is refused that was begun in front of the application."""

_ENCODER: Final = msgspec.json.Encoder()
JSON_HEADER: Final = (b"content-type", b"application/json")
HEADERS: Final = {200: [(b"idempotent-replayed", b"true")], 201: []}
"""What the headers of an answer tell beside its type and length, by its status."""


def straight(app: ASGIApp, service: Service) -> ASGIApp:
    """Return *app* with facts answered in front of it: its routing costs as much as the rest.

    When too many are under way, a fact is refused unread. What is not plain goes the framework's
    way, to the same answer (`at_once`).
    """

    async def answer_or_route(scope: Scope, receive: Receive, send: Send) -> None:
        if not is_single(scope):
            await app(scope, receive, send)
            return
        scope["path_template"] = SINGLE
        try:
            if REFUSED in scope:
                await send_problem(scope, send, scope[REFUSED])  # type: ignore[typeddict-item]
            elif service.gate.full:
                await turn_away(service.gate, scope, send)
            else:
                await _answer(service, scope, receive, send)
        except Exception as error:  # noqa: BLE001 - whatever it is, the till gets an answer
            await send_problem(scope, send, error)

    return answer_or_route


def at_once(app: ASGIApp) -> ASGIApp:  # noqa: ARG001 - it never gets that far
    """Answer in the handler's place."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await _answer(scope["litestar_app"].state["service"], scope, receive, send)

    return answer


async def _answer(service: Service, scope: Scope, receive: Receive, send: Send) -> None:
    caller = await TILLS.admitted(service.keys, scope)
    if scope["query_string"]:
        query = scope["query_string"].decode("latin-1")
        check_query(parse_qsl(query, keep_blank_values=True), ())
    media_type(scope, JSON)
    body = await read_body(scope, receive, EVENT_BYTES)
    service.gate.enter()
    try:
        event = await _read(service, body)
        command = Command(caller.book.id, caller.actor, (event,))
        (outcome,) = await outcomes(service, command)
    finally:
        service.gate.leave()
    status, answer = answer_of(outcome, caller.book.currency, scope)
    headers = [JSON_HEADER, (b"content-length", b"%d" % len(answer)), *HEADERS[status]]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": answer, "more_body": False})


async def _read(service: Service, body: bytes) -> Event:
    try:
        return await in_time(body, read_event)
    except (LedgerError, Refusal) as refusal:
        service.gate.refuse([refusal])
        raise


async def outcomes(service: Service, command: Command) -> list[Outcome]:
    """Record and wait; who hangs up meanwhile does not stop the recording."""
    visitor = service.bell.visitor()
    service.recorder.post(command, visitor)
    return noted(service, command, await visitor.waiting)


def noted(service: Service, command: Command, ended: list[Outcome]) -> list[Outcome]:
    """Tell who waits for the book's log to grow that it did; return what was recorded."""
    last = max([out.entry.seq for out in ended if isinstance(out, Recorded)], default=0)
    service.watch.grew(command.book_id, last)
    return ended


def answer_of(outcome: Outcome, home: str, scope: Mapping[str, Any]) -> tuple[int, bytes]:
    """Return the status and the body that tell what became of a fact; raise where it is refused.

    *home* is the book's currency.
    """
    if isinstance(outcome, LedgerError):
        raise outcome
    entry = outcome.entry
    language = language_in(scope) if entry.caveats else "en"
    body = _ENCODER.encode(event_answer(entry, language, home))
    return 200 if outcome.repeated else 201, body


@post(
    SINGLE,
    operation_id="recordEvent",
    tags=["Events"],
    summary="Record one business fact",
    guards=[TILLS],
    middleware=[at_once],
    opt={
        "body": Event,
        "answers": {200: EventAnswer},
        "headers": {200: {"Idempotent-Replayed": "`true`: the first answer again."}},
        "leads_to": {
            status: {"getEvent": {"event_id": "$response.body#/id"}} for status in (200, 201)
        },
    },
)
async def record_event() -> EventAnswer:
    """Record a fact that has happened, once and for ever.

    The event's `id` is the idempotency key: sent again with the same content, the first answer
    comes again (200, `Idempotent-Replayed: true`); with other content it is refused (409). When the
    call is answered with 201 the event is on disk. A refused event leaves no trace.
    """
    raise AssertionError("answered at once")
