"""What goes around every request: its id, security headers, one line in the access log."""

import logging
from collections.abc import Iterator
from itertools import count
from secrets import token_hex
from time import perf_counter
from typing import Any, Final

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from api.caller import caller_of

ACCESS: Final = logging.getLogger("daybook.access")

_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_NOTHING: Final = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_NOT_STORED: Final = (b"cache-control", b"no-store")


def request_ids() -> Iterator[str]:
    """Yield ids that no other process has: a random beginning, then a count.

    To ask the system for randomness at each request costs more than the rest of the envelope.
    """
    beginning = token_hex(6)
    return (f"{beginning}{number:012x}" for number in count(1))


def enveloped(app: ASGIApp, *, access_log: bool, request_ids: Iterator[str]) -> ASGIApp:
    """Return *app* with an envelope around each HTTP request.

    The log tells the route's pattern, never the path itself, a query, a header or a body: they
    may hold personal data or a secret.
    """

    async def envelope(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        began, name, status = perf_counter(), next(request_ids), 0
        method, asked = scope["method"], _as_asked(scope)
        asked.setdefault("state", {})["request_id"] = name

        async def sealed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _sealed(message["headers"], name)
            elif message["type"] == "http.response.body" and method == "HEAD":
                message["body"] = b""
            await send(message)

        try:
            await app(asked, receive, sealed)
        finally:
            if access_log and ACCESS.isEnabledFor(logging.INFO):
                ACCESS.info(_line(asked, method, name, status, perf_counter() - began))

    return envelope


def _as_asked(scope: Any) -> Any:
    """Return the scope that is routed: HEAD asks for what GET answers, but for the body."""
    return {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope


def _sealed(headers: Any, request_id: str) -> list[tuple[bytes, bytes]]:
    stated = list(headers)
    names = {name.lower() for name, _ in stated}
    added = [header for header in (_NOTHING, _NOT_STORED) if header[0] not in names]
    return [*stated, (b"request-id", request_id.encode()), *_HEADERS, *added]


def _line(scope: Any, method: str, request_id: str, status: int, seconds: float) -> str:
    caller = caller_of(scope)
    told = {
        "request": request_id,
        "method": method,
        "route": scope.get("path_template", "-"),
        "status": status,
        "ms": round(seconds * 1000, 1),
        "book": None if caller is None else caller.book.id,
        "key": None if caller is None else caller.key_id,
    }
    return msgspec.json.encode(told).decode()
