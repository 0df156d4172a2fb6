"""From any refusal to its answer: problem details (RFC 9457) in the caller's language.

HTTP status lives here alone.
"""

import logging
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

import msgspec
from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from litestar.types import Scope, Send
from msgspec import Struct

from api.caller import caller_of, stated
from api.catalogue import LANGUAGES, Language, explain
from api.preferences import LONGEST, preferences
from ledger.database import AWAY
from ledger.errors import Conflict, Fault, Forbidden, Invalid, LedgerError, fault
from ledger.recorder import Unavailable

MEDIA_TYPE: Final = "application/problem+json"

STATUS: Final[Mapping[type[LedgerError], int]] = {
    Invalid: 422,
    Forbidden: 403,
    Conflict: 409,
    Unavailable: 503,
}
"""The HTTP status of each kind of refusal."""

_LOG: Final = logging.getLogger("daybook.api")
_PARAMETERS: Final = {
    "since": "from",
    "through": "to",
    "kind": "type",
    "text": "q",
    "in_state": "state",
    "of_kind": "kind",
    "realm": "realmId",
    "signed": "state",
}
"""Query parameters that the code calls otherwise: Python or the framework keep their words."""

_GENERAL: Final = {400: "bad-request", 413: "body-too-large", 415: "media-type-not-supported"}


class FaultShown(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is wrong: where (a JSON pointer into the body, or a parameter), what to do."""

    pointer: str | None = None
    parameter: str | None = None
    code: str
    detail: str
    remedy: str
    facts: dict[str, str] = {}


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Problem details as RFC 9457 has them. `code` is stable; `faults` names everything wrong."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    remedy: str
    request_id: str = ""
    facts: dict[str, str] = {}
    faults: list[FaultShown] = []


def headers_of(status: int) -> dict[str, str]:
    """Return what an answer of a status has to say beside its body."""
    return {"Retry-After": "1"} if status == 503 else {}


class Refusal(Exception):
    """A refusal of HTTP's own. *facts* fill the catalogue's sentences."""

    def __init__(
        self,
        code: str,
        status: int,
        *,
        faults: Iterable[Fault] = (),
        headers: Mapping[str, str] | None = None,
        **facts: object,
    ) -> None:
        super().__init__(code, facts)
        self.code, self.status = code, status
        self.faults = tuple(faults)
        self.headers = {**headers_of(status), **(headers or {})}
        self.facts = {name: str(value) for name, value in facts.items()}


def as_refusal(error: BaseException) -> Refusal:
    """Return what an error means to the caller; what nobody expected is an internal one."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, LedgerError):
        return _of_ledger(error)
    if isinstance(error, HTTPException):
        return _of_litestar(error)
    if isinstance(error, AWAY):
        return Refusal("database-away", 503)
    return Refusal("internal", 500)


def _of_ledger(error: LedgerError) -> Refusal:
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    if isinstance(error, Invalid):
        return Refusal("invalid", status, faults=error.faults, count=len(error.faults))
    faults = [Fault(error.pointer, error.code, error.facts)] if error.pointer else []
    refusal = Refusal(error.code, status, faults=faults)
    refusal.facts = error.facts
    return refusal


def _of_litestar(error: HTTPException) -> Refusal:
    if isinstance(error, MethodNotAllowedException):
        allow = (error.headers or {}).get("allow", "")
        return Refusal("method-not-allowed", 405, headers={"Allow": allow}, allowed=allow)
    if isinstance(error, NotFoundException):
        return Refusal("path-unknown", 404)
    if isinstance(error, ValidationException):
        extra = error.extra if isinstance(error.extra, list) else []
        keys = [str(part.get("key", "")) for part in extra if isinstance(part, dict)]
        names = [_PARAMETERS.get(key, key) for key in keys]
        faults = [fault(f"?{name}", "parameter-not-valid", name=name) for name in names]
        return Refusal("parameters-not-valid", 400, faults=faults)
    if error.status_code >= 500:
        return Refusal("internal", 500)
    return Refusal(_GENERAL.get(error.status_code, "bad-request"), error.status_code)


def to_problem(error: BaseException, language: Language, request_id: str = "") -> Problem:
    """Return the problem that tells a caller of an error."""
    refusal = as_refusal(error)
    sentence = explain(refusal.code, refusal.facts, language)
    return Problem(
        type=f"/problems/{refusal.code}",
        title=sentence.title,
        status=refusal.status,
        code=refusal.code,
        detail=sentence.detail,
        remedy=sentence.remedy,
        request_id=request_id,
        facts=refusal.facts,
        faults=[_shown(part, language) for part in refusal.faults],
    )


def _shown(part: Fault, language: Language) -> FaultShown:
    sentence = explain(part.code, part.facts, language)
    is_parameter = part.pointer.startswith("?")
    return FaultShown(
        pointer=None if is_parameter else part.pointer,
        parameter=part.pointer[1:] if is_parameter else None,
        code=part.code,
        detail=sentence.detail,
        remedy=sentence.remedy,
        facts=part.facts,
    )


def on_error(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer any exception; one that nobody expected goes to the log whole, to the caller not."""
    status, headers, body = _told(request.scope, error)
    return Response(body, status_code=status, media_type=MEDIA_TYPE, headers=headers)


async def send_problem(scope: Scope, send: Send, error: Exception) -> None:
    """Answer any exception as `on_error` does, where no framework stands around."""
    status, stated_headers, body = _told(scope, error)
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", b"%d" % len(body)),
        *((name.lower().encode(), text.encode()) for name, text in stated_headers.items()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _told(scope: Scope, error: Exception) -> tuple[int, dict[str, str], bytes]:
    """Return the status, headers and body that tell a caller of an error."""
    refusal = as_refusal(error)
    request_id = str(scope.get("state", {}).get("request_id", ""))
    if refusal.status == 500:
        _LOG.error("request %s failed", request_id, exc_info=error)
    language = language_in(scope)
    body = msgspec.json.encode(to_problem(refusal, language, request_id))
    return refusal.status, {**refusal.headers, "Content-Language": language}, body


def language_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Language:
    """Return the language the caller asks for; else the book's, else English."""
    return language_in(connection.scope)


def language_in(scope: Mapping[str, Any]) -> Language:
    """Return the language that a request asks for; else the book's, else English."""
    accept = stated(scope, b"accept-language") or b""
    asked = preferred(accept[:LONGEST].decode("latin-1"))
    if asked is not None:
        return asked
    caller = caller_of(scope)
    return "fr" if caller is not None and caller.book.locale.startswith("fr") else "en"


@lru_cache(maxsize=256)
def preferred(accept: str) -> Language | None:
    """Return the language of ours that an Accept-Language header likes best, if any."""
    for name in preferences(accept):
        for language in LANGUAGES:
            if name.replace("_", "-").partition("-")[0] == language:
                return language
    return None
