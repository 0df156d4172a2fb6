"""POST /v1/events/batch: many facts in one call, as a JSON array or one a line."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Any, Final

import msgspec
from litestar import Response, post
from litestar.params import FromQuery
from litestar.response import Stream
from msgspec import Struct

from api.access import TILLS
from api.answers import EntryLine, ExceptionShown, event_answer
from api.caller import Caller, signed_in
from api.catalogue import Language
from api.decoding import (
    BATCH_BYTES,
    BATCH_EVENTS,
    EVENT_BYTES,
    JSON,
    NDJSON,
    in_time,
    media_type,
    read_body,
    read_event,
    read_raw_list,
)
from api.problems import Problem, Refusal, as_refusal, headers_of, language_of, to_problem
from api.service import Call, Service, service_of
from ledger.errors import Conflict, LedgerError
from ledger.events import Event
from ledger.recorder import Command, Outcome, Unavailable

CHUNK: Final = 256
"""How many facts are recorded together, unless all have to be."""


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

    def count(self, result: Result) -> None:
        """Add one result."""
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


class _Batch(Struct, frozen=True):
    service: Service
    caller: Caller
    language: Language
    request_id: str
    texts: Sequence[bytes]


@post(
    "/v1/events/batch",
    status_code=200,
    operation_id="recordEvents",
    tags=["Events"],
    summary="Record many business facts",
    guards=[TILLS],
    opt={
        "body": list[Event],
        "lines": True,
        "answer": BatchAnswer,
        "refused": (400, 403, 409, 413, 422, 503),
    },
)
async def record_batch(request: Call, *, atomic: FromQuery[bool] = False) -> Response[Any] | Stream:
    """Record up to 10,000 facts, in order: a JSON array, or NDJSON with one fact a line.

    Each fact gets its own result; one that is refused does not stop the others, and the call
    answers 200. With `atomic=true` all are recorded or none, and the call answers with the status
    of the first refusal. An NDJSON body is answered line by line, as the facts are recorded, with
    the summary at the end.
    """
    kind = media_type(request.scope, JSON, NDJSON)
    body = await read_body(request.scope, request.receive, BATCH_BYTES)
    texts = await in_time(body, _lines if kind == NDJSON else read_raw_list)
    if len(texts) > BATCH_EVENTS:
        raise Refusal("batch-too-long", 413, most=BATCH_EVENTS)
    caller = signed_in(request.scope)
    request_id = str(request.scope["state"].get("request_id", ""))
    batch = _Batch(service_of(request), caller, language_of(request), request_id, texts)
    if kind == NDJSON and not atomic:
        return Stream(_as_lines(_each(batch)), media_type=NDJSON)
    status, results = await _all(batch) if atomic else (200, [r async for r in _each(batch)])
    if kind == NDJSON:
        lines = _as_lines(_given(results))
        return Stream(lines, media_type=NDJSON, status_code=status, headers=headers_of(status))
    summary = Summary()
    for result in results:
        summary.count(result)
    answer = BatchAnswer(summary, results)
    return Response(answer, status_code=status, headers=headers_of(status))


async def _each(batch: _Batch) -> AsyncIterator[Result]:
    """Record chunk by chunk; yield each fact's result in order.

    Once one cannot be saved, for now, none after it is tried: what came later may build on it.
    """
    away: Unavailable | None = None
    for start in range(0, len(batch.texts), CHUNK):
        facts = await asyncio.to_thread(_read_all, batch.texts[start : start + CHUNK])
        events = _events(facts)
        outcomes: Sequence[Outcome | BaseException] = [away] * len(events) if away else ()
        if away is None:
            outcomes = await _recorded(batch, events, atomic=False)
            away = next((out for out in outcomes if isinstance(out, Unavailable)), None)
        for result in await asyncio.to_thread(_results, batch, start, facts, outcomes):
            yield result


async def _all(batch: _Batch) -> tuple[int, list[Result]]:
    """Record all or none; return the status of the first refusal and every fact's result."""
    facts = await asyncio.to_thread(_read_all, batch.texts)
    events = _events(facts)
    outcomes: Sequence[Outcome | BaseException] = [Conflict("batch-refused")] * len(events)
    if len(events) == len(facts):
        outcomes = await _recorded(batch, events, atomic=True)
    refusals = [as_refusal(out) for out in (*facts, *outcomes) if isinstance(out, BaseException)]
    statuses = [refusal.status for refusal in refusals if refusal.code != "batch-refused"]
    results = await asyncio.to_thread(_results, batch, 0, facts, outcomes)
    return next(iter(statuses), 200), results


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
    return future.result() if error is None else [error] * len(events)


def _events(facts: Sequence[Event | Exception]) -> tuple[Event, ...]:
    return tuple(fact for fact in facts if not isinstance(fact, Exception))


def _read_all(texts: Sequence[bytes]) -> list[Event | Exception]:
    return [_read(text) for text in texts]


def _read(text: bytes) -> Event | Exception:
    if len(text) > EVENT_BYTES:
        return Refusal("body-too-large", 413, most=EVENT_BYTES)
    try:
        return read_event(text)
    except (LedgerError, Refusal) as refusal:
        return refusal


def _results(
    batch: _Batch,
    start: int,
    facts: Sequence[Event | Exception],
    outcomes: Sequence[Outcome | BaseException],
) -> list[Result]:
    """Return the results of facts that begin at *start*; *outcomes* are those of the readable."""
    ended = iter(outcomes)
    return [
        _result(batch, index, fact, fact if isinstance(fact, Exception) else next(ended))
        for index, fact in enumerate(facts, start)
    ]


def _result(
    batch: _Batch, index: int, fact: Event | Exception, outcome: Outcome | BaseException
) -> Result:
    if isinstance(outcome, BaseException):
        problem = to_problem(outcome, batch.language, batch.request_id)
        name = _id_in(batch.texts[index]) if isinstance(fact, Exception) else fact.id
        return Result(index, name, problem.status, problem=problem)
    answer = event_answer(outcome.entry, batch.language)
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


async def _as_lines(results: AsyncIterator[Result]) -> AsyncIterator[bytes]:
    summary = Summary()
    async for result in results:
        summary.count(result)
        yield msgspec.json.encode(result) + b"\n"
    yield msgspec.json.encode(SummaryLine(summary)) + b"\n"


async def _given(results: Sequence[Result]) -> AsyncIterator[Result]:
    for result in results:
        yield result
