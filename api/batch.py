"""POST /v1/events/batch: many facts in one call, as a JSON array or one a line."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any, Final, TypeVar, TypeVarTuple

import msgspec
from litestar import Request, Response, post
from litestar.params import FromQuery
from litestar.types import ASGIApp, Receive, Scope, Send
from msgspec import Struct

from api.access import TILLS
from api.answers import EntryLine, ExceptionShown, event_answer
from api.bodies import (
    BATCH_BYTES,
    EVENT_BYTES,
    JSON,
    NDJSON,
    ROOM,
    media_type,
    read_body,
    refuse_by_headers,
    too_large,
)
from api.caller import Caller, signed_in
from api.catalogue import Language
from api.decoding import BATCH_EVENTS, read_event, read_raw_list
from api.lines import Lines
from api.problems import Problem, Refusal, as_refusal, headers_of, language_of, to_problem
from api.recording import noted
from api.service import Call, Service, service_of
from ledger.errors import Conflict, LedgerError
from ledger.events import Event
from ledger.recorder import Command, Outcome, Unavailable

CHUNK: Final = 128
"""How many facts are recorded together, unless all have to be: a till waits no longer than that."""

ATOMIC_EVENTS: Final = 1000
"""How many facts may ask to be recorded all or none: nobody else records meanwhile."""

AT_ONCE: Final = 256 * 1024
"""Up to so many bytes of facts are read and answered between two tills: a few milliseconds."""

_ASIDE: Final = ThreadPoolExecutor(1, "batches")
"""Reads and writes larger ones; one thread, so that tills share the processor with no more."""

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


async def _done(size: int, work: Callable[[*Ts], T], *given: *Ts) -> T:
    if size <= AT_ONCE:
        return work(*given)
    return await asyncio.get_running_loop().run_in_executor(_ASIDE, work, *given)


class Result(Struct, frozen=True, omit_defaults=True):
    """What became of one fact: the fields of a recorded event, or the problem."""

    index: int
    id: str | None
    status: int
    seq: int | None = None
    business_date: date | None = None
    hash: str | None = None
    entry: list[EntryLine] | None = None
    exceptions: list[ExceptionShown] | None = None
    problem: Problem | None = None


class Summary(Struct):
    """How many facts came, and what became of them."""

    received: int = 0
    recorded: int = 0
    repeated: int = 0
    refused: int = 0

    def count(self, results: Iterable[Result]) -> None:
        """Add results."""
        for result in results:
            self.received += 1
            self.recorded += result.status == 201
            self.repeated += result.status == 200
            self.refused += result.status >= 400


class BatchAnswer(Struct, frozen=True):
    """A result for each fact, in order. NDJSON: a line for each result, then `{"summary": ...}`."""

    summary: Summary
    results: list[Result]


class SummaryLine(Struct, frozen=True):
    """The last line of an NDJSON answer."""

    summary: Summary


class ProblemLine(Struct, frozen=True):
    """The last line where the body ended in the middle; the facts before it are answered."""

    problem: Problem


class _Batch(Struct, frozen=True):
    service: Service
    caller: Caller
    language: Language
    request_id: str


class _Piece(Struct, frozen=True):
    """Facts of a batch from *start* on: as they came, and as they were read."""

    start: int
    texts: Sequence[bytes]
    facts: Sequence[Event | Exception]


def line_by_line(app: ASGIApp) -> ASGIApp:
    """Answer NDJSON in the handler's place, while it still comes in."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        stated = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
        if scope["query_string"] or not stated.lower().startswith(NDJSON.encode()):
            await app(scope, receive, send)
            return
        service: Service = scope["litestar_app"].state["service"]
        caller = await TILLS.admitted(service.keys, scope)
        media_type(scope, NDJSON)
        refuse_by_headers(scope, None)
        with service.gate.batch(caller.key_id):
            await _stream(_batch_of(Request(scope, receive, send), caller), receive, send)

    return answer


async def _stream(batch: _Batch, receive: Receive, send: Send) -> None:
    headers = [(b"content-type", NDJSON.encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    summary, last = Summary(), None
    lines = Lines(receive)
    try:
        async for results in _each(batch, lines.pieces(CHUNK)):
            summary.count(results)
            text = _as_lines(results)
            await send({"type": "http.response.body", "body": text, "more_body": True})
    except Refusal as ended:
        last = ProblemLine(to_problem(ended, batch.language, batch.request_id))
    finally:
        await lines.close()
    text = _as_lines([last or SummaryLine(summary)])
    await send({"type": "http.response.body", "body": text, "more_body": False})


@post(
    "/v1/events/batch",
    status_code=200,
    operation_id="recordEvents",
    tags=["Events"],
    summary="Record many business facts",
    guards=[TILLS],
    middleware=[line_by_line],
    opt={
        "body": list[Event],
        "lines": True,
        "answer": BatchAnswer,
        "refused": (400, 403, 409, 413, 422, 503),
    },
)
async def record_batch(request: Call, *, atomic: FromQuery[bool] = False) -> Response[Any]:
    """Record many facts, in order: a JSON array of up to 10,000, or NDJSON with one fact a line.

    Each fact gets its own result; one that is refused does not stop the others, and the call
    answers 200. With `atomic=true` (up to 1,000 facts) all are recorded or none, and the call
    answers with the status of the first refusal. NDJSON may have any length: it is recorded as it
    comes in and answered line by line, with the summary at the end. Who sends more than 16 MiB has
    to read the answers meanwhile.
    """
    kind = media_type(request.scope, JSON, NDJSON)
    caller = signed_in(request.scope)
    batch = _batch_of(request, caller)
    with batch.service.gate.batch(caller.key_id):
        body = await read_body(request.scope, request.receive, BATCH_BYTES)
        with ROOM.keeping(2 * len(body)):  # the body, and its parts
            texts = await _done(len(body), _lines if kind == NDJSON else read_raw_list, body)
            most = ATOMIC_EVENTS if atomic else BATCH_EVENTS
            if len(texts) > most:
                raise Refusal("batch-too-long", 413, most=most)
            status, results = await (_all if atomic else _every)(batch, texts)
            return await _done(len(body), _answer, kind, status, results)


def _batch_of(request: Call, caller: Caller) -> _Batch:
    request_id = str(request.scope["state"].get("request_id", ""))
    return _Batch(service_of(request), caller, language_of(request), request_id)


def _answer(kind: str, status: int, results: list[Result]) -> Response[Any]:
    summary = Summary()
    summary.count(results)
    text = (
        _as_lines([*results, SummaryLine(summary)])
        if kind == NDJSON
        else msgspec.json.encode(BatchAnswer(summary, results))
    )
    return Response(text, media_type=kind, status_code=status, headers=headers_of(status))


async def _every(batch: _Batch, texts: Sequence[bytes]) -> tuple[int, list[Result]]:
    """Record each by itself; return 200 and every fact's result."""
    return 200, [result async for some in _each(batch, _cut(texts)) for result in some]


async def _each(
    batch: _Batch, pieces: AsyncIterator[Sequence[bytes]]
) -> AsyncIterator[list[Result]]:
    """Record piece by piece; yield each fact's result in order.

    Once one cannot be saved, for now, none after it is tried: what came later may build on it.
    """
    away: Unavailable | None = None
    start = 0
    async for texts in pieces:
        size = sum(map(len, texts))
        piece = await _done(size, _read_all, start, texts)
        events = _events(batch, piece)
        outcomes: Sequence[Outcome | BaseException] = [away] * len(events) if away else ()
        if away is None:
            outcomes = await _recorded(batch, events, atomic=False)
            away = next((out for out in outcomes if isinstance(out, Unavailable)), None)
        yield await _done(size, _results, batch, piece, outcomes)
        start += len(texts)


async def _all(batch: _Batch, texts: Sequence[bytes]) -> tuple[int, list[Result]]:
    """Record all or none; return the status of the first refusal and every fact's result."""
    size = sum(map(len, texts))
    piece = await _done(size, _read_all, 0, texts)
    events = _events(batch, piece)
    outcomes: Sequence[Outcome | BaseException] = [Conflict("batch-refused")] * len(events)
    if len(events) == len(texts):
        outcomes = await _recorded(batch, events, atomic=True)
    ended = (*piece.facts, *outcomes)
    refusals = [as_refusal(out) for out in ended if isinstance(out, BaseException)]
    statuses = [refusal.status for refusal in refusals if refusal.code != "batch-refused"]
    return next(iter(statuses), 200), await _done(size, _results, batch, piece, outcomes)


async def _recorded(
    batch: _Batch, events: tuple[Event, ...], *, atomic: bool
) -> Sequence[Outcome | BaseException]:
    """Return the outcome of each event; what went wrong for all of them is each one's."""
    if not events:
        return ()
    command = Command(batch.caller.book.id, batch.caller.actor, events, atomic)
    try:
        future = asyncio.wrap_future(batch.service.recorder.submit(command))
    except LedgerError as full:
        return [full] * len(events)
    await asyncio.wait([future])
    error = future.exception()
    if error is not None:
        return [error] * len(events)
    return noted(batch.service, command, future.result())


def _events(batch: _Batch, piece: _Piece) -> tuple[Event, ...]:
    """Return the facts that could be read; the others are counted."""
    batch.service.gate.refuse(fact for fact in piece.facts if isinstance(fact, Exception))
    return tuple(fact for fact in piece.facts if not isinstance(fact, Exception))


def _read_all(start: int, texts: Sequence[bytes]) -> _Piece:
    return _Piece(start, texts, [_read(text) for text in texts])


def _read(text: bytes) -> Event | Exception:
    if len(text) > EVENT_BYTES:
        return too_large(EVENT_BYTES)
    try:
        return read_event(text)
    except (LedgerError, Refusal) as refusal:
        return refusal


def _results(
    batch: _Batch, piece: _Piece, outcomes: Sequence[Outcome | BaseException]
) -> list[Result]:
    """Return the results of facts; *outcomes* are those of the readable."""
    ended = iter(outcomes)
    return [
        _unreadable(batch, piece.start + place, piece.texts[place], fact)
        if isinstance(fact, Exception)
        else _result(batch, piece.start + place, fact, next(ended))
        for place, fact in enumerate(piece.facts)
    ]


def _unreadable(batch: _Batch, index: int, text: bytes, refusal: Exception) -> Result:
    problem = to_problem(refusal, batch.language, batch.request_id)
    return Result(index, _id_in(text), problem.status, problem=problem)


def _result(batch: _Batch, index: int, event: Event, outcome: Outcome | BaseException) -> Result:
    if isinstance(outcome, BaseException):
        problem = to_problem(outcome, batch.language, batch.request_id)
        return Result(index, event.id, problem.status, problem=problem)
    answer = event_answer(outcome.entry, batch.language, batch.caller.book.currency)
    return Result(
        index=index,
        id=answer.id,
        status=200 if outcome.repeated else 201,
        seq=answer.seq,
        business_date=answer.business_date,
        hash=answer.hash,
        entry=answer.entry,
        exceptions=answer.exceptions,
    )


class _Named(Struct):
    id: str | None = None


def _id_in(text: bytes) -> str | None:
    """Return the id that a text which is no event states, where it can be read."""
    try:
        return msgspec.json.decode(text, type=_Named).id
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _lines(body: bytes) -> list[bytes]:
    return [line for line in (line.strip() for line in body.split(b"\n")) if line]


async def _cut(texts: Sequence[bytes]) -> AsyncIterator[Sequence[bytes]]:
    for start in range(0, len(texts), CHUNK):
        yield texts[start : start + CHUNK]


def _as_lines(shown: Iterable[Struct]) -> bytes:
    return b"".join(msgspec.json.encode(line) + b"\n" for line in shown)
