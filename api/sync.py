"""How far QuickBooks is in step, what was or will be sent, and what a person can do about it."""

import asyncio
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Annotated, Any, Final, TypeVar

from litestar import Request, get, post
from litestar.params import FromPath, QueryParameter
from msgspec import Meta, Struct

from api.access import require
from api.answers import PAGE, Page, page
from api.caller import signed_in
from api.decoding import read_json
from api.parameters import Limit, Since, Through, bad_parameter, unescaped
from api.problems import Refusal, language_of
from api.service import service_of
from api.sync_answers import (
    SyncDocument,
    SyncShown,
    WholeDocument,
    document_shown,
    sync_shown,
    whole_document,
)
from ledger.database import Connection, snapshot, transaction
from sync.connections import store as connections
from sync.mending import store as mending
from sync.outbox import State
from sync.settings import SECOND
from sync.status import store as status
from sync.status.standing import standing_of

T = TypeVar("T")

_ALL: Final = require("pos", "bookkeeper", "auditor", "operator")
_READERS: Final = require("bookkeeper", "auditor", "operator")
_MENDERS: Final = require("bookkeeper", "operator")

Words = Annotated[str, Meta(min_length=1, max_length=500)]


class CauseStated(Struct, frozen=True, forbid_unknown_fields=True):
    """Which documents to try again: all that one cause stopped, or those of one subject of it."""

    cause: Words
    subject: Annotated[str, Meta(max_length=500)] | None = None


class Retried(Struct, frozen=True):
    """How many documents go again."""

    documents: int


class PauseStated(Struct, frozen=True, forbid_unknown_fields=True):
    """Why the deliveries are to stop."""

    reason: Words


@get(
    "/v1/sync",
    operation_id="getSync",
    tags=["Sync"],
    summary="How far QuickBooks is in step",
    guards=[_ALL],
    sync_to_thread=True,
)
def get_sync(request: Request[Any, Any, Any]) -> SyncShown:
    """Answer through which day all is over there, the queue by state, and what stops it."""
    return _sync(request)


@get(
    "/v1/sync/documents",
    operation_id="listSyncDocuments",
    tags=["Sync"],
    summary="List what was or will be sent",
    guards=[_READERS],
    sync_to_thread=True,
)
def list_documents(  # noqa: PLR0913 - each filter is a parameter
    request: Request[Any, Any, Any],
    *,
    in_state: Annotated[
        State | None, QueryParameter(name="state", description="In this state.")
    ] = None,
    of_kind: Annotated[
        str | None, QueryParameter(name="kind", max_length=20, description="Such as `Invoice`.")
    ] = None,
    cause: Annotated[
        str | None, QueryParameter(max_length=64, description="Stopped by this cause.")
    ] = None,
    since: Since = None,
    through: Through = None,
    limit: Limit = PAGE,
    after: Annotated[
        str | None, QueryParameter(max_length=500, description="`next` of the page before.")
    ] = None,
) -> Page[SyncDocument]:
    """Answer documents in the order of the log."""
    filters = status.Filters(
        state=in_state, kind=of_kind, cause=cause, since=since, through=through
    )
    place = None if after is None else _place(after)
    with snapshot(service_of(request).database) as connection:
        found = status.search(
            connection, signed_in(request.scope).book.id, filters, after=place, limit=limit + 1
        )
    language, api_url = language_of(request), _api_url(request)
    return page(
        found,
        limit,
        lambda row: document_shown(row[1], language, api_url),
        lambda row: _cursor(row[0]),
    )


@get(
    "/v1/sync/documents/{key:str}",
    operation_id="getSyncDocument",
    tags=["Sync"],
    summary="Read a document and its trail",
    guards=[_READERS],
    sync_to_thread=True,
    opt={"problems": (404,)},
)
def get_document(request: Request[Any, Any, Any], key: FromPath[str]) -> WholeDocument:
    """Answer one document. In `key` write `~1` for a slash and `~0` for a tilde."""
    with snapshot(service_of(request).database) as connection:
        return _whole(request, connection, unescaped(key))


@post(
    "/v1/sync/documents/{key:str}/retry",
    operation_id="retrySyncDocument",
    tags=["Sync"],
    summary="Try a document again",
    guards=[_MENDERS],
    sync_to_thread=True,
    status_code=200,
    opt={"problems": (404, 409)},
)
def retry_document(request: Request[Any, Any, Any], key: FromPath[str]) -> WholeDocument:
    """Let a document go again as soon as is safe; one that may have arrived is looked up first."""
    service, plain = service_of(request), unescaped(key)
    quiesce = int(service.settings.worker.quiesce * SECOND)
    with transaction(service.database) as connection:
        book_id = signed_in(request.scope).book.id
        if mending.retry(connection, book_id, plain, service.clock(), quiesce) is None:
            raise _unknown(plain)
        return _whole(request, connection, plain)


@post(
    "/v1/sync/retry",
    operation_id="retrySyncCause",
    tags=["Sync"],
    summary="Try again what one cause stopped",
    guards=[_MENDERS],
    status_code=200,
    opt={"body": CauseStated, "answer": Retried},
)
async def retry_cause(request: Request[Any, Any, Any]) -> Retried:
    """Let everything go again that a cause stopped, once it is mended."""
    stated = await read_json(request, CauseStated)
    service = service_of(request)
    quiesce = int(service.settings.worker.quiesce * SECOND)

    def again(connection: Connection, book_id: int) -> int:
        now = service.clock()
        return mending.retry_cause(connection, book_id, stated.cause, stated.subject, now, quiesce)

    return Retried(await _write(request, again))


@post(
    "/v1/sync/pause",
    operation_id="pauseSync",
    tags=["Sync"],
    summary="Stop the deliveries",
    guards=[_MENDERS],
    status_code=200,
    opt={"body": PauseStated, "answer": SyncShown},
)
async def pause_sync(request: Request[Any, Any, Any]) -> SyncShown:
    """Stop the book's deliveries until somebody resumes them; what is under way ends first."""
    stated = await read_json(request, PauseStated)
    now, by = service_of(request).clock(), signed_in(request.scope).key_id

    def stop(connection: Connection, book_id: int) -> None:
        connections.pause(connection, book_id, by, stated.reason, now)

    await _write(request, stop)
    return await asyncio.to_thread(_sync, request)


@post(
    "/v1/sync/resume",
    operation_id="resumeSync",
    tags=["Sync"],
    summary="Let the deliveries go on",
    guards=[_MENDERS],
    sync_to_thread=True,
    status_code=200,
)
def resume_sync(request: Request[Any, Any, Any]) -> SyncShown:
    """Let the book's deliveries go on at once."""
    with transaction(service_of(request).database) as connection:
        connections.resume(connection, signed_in(request.scope).book.id)
    return _sync(request)


ROUTES: Final = (
    get_sync,
    list_documents,
    get_document,
    retry_document,
    retry_cause,
    pause_sync,
    resume_sync,
)


def _sync(request: Request[Any, Any, Any]) -> SyncShown:
    service = service_of(request)
    now = service.clock()
    with snapshot(service.database) as connection:
        standing = standing_of(connection, signed_in(request.scope).book, now)
    return sync_shown(standing, now, language_of(request))


def _whole(request: Request[Any, Any, Any], connection: Connection, key: str) -> WholeDocument:
    caller = signed_in(request.scope)
    stored = status.find_document(connection, caller.book.id, key)
    if stored is None:
        raise _unknown(key)
    return whole_document(
        document_shown(stored, language_of(request), _api_url(request)),
        stored.body if caller.role != "operator" else None,
        status.blockers(connection, caller.book.id, key),
        status.attempts(connection, caller.book.id, key),
    )


async def _write(request: Request[Any, Any, Any], change: Callable[[Connection, int], T]) -> T:
    def write() -> T:
        with transaction(service_of(request).database) as connection:
            return change(connection, signed_in(request.scope).book.id)

    return await asyncio.to_thread(write)


def _api_url(request: Request[Any, Any, Any]) -> str:
    return service_of(request).settings.qbo.api_url


def _unknown(key: str) -> Refusal:
    return Refusal("document-not-found", 404, key=key)


def _cursor(place: tuple[int, int, str]) -> str:
    seq, ordinal, key = place
    return urlsafe_b64encode(f"{seq}.{ordinal}.{key}".encode()).decode().rstrip("=")


def _place(after: str) -> tuple[int, int, str]:
    try:
        text = urlsafe_b64decode(after.encode("ascii") + b"=" * (-len(after) % 4)).decode()
        seq, ordinal, key = text.split(".", 2)
        return int(seq), int(ordinal), key
    except ValueError:
        raise bad_parameter("after") from None
