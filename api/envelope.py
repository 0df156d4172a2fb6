"""What goes around every request: its id, security headers, one line in the access log."""

import asyncio
import logging
from collections.abc import Iterable, Iterator
from itertools import count
from secrets import token_hex
from time import perf_counter
from typing import Any, Final

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from msgspec import Struct

from api.caller import caller_of
from api.exchange import Header

ACCESS: Final = logging.getLogger("daybook.access")

BEGAN: Final = "daybook.began"
"""Where it stands since when a request is being answered, if that was begun in front of this."""

SOON_SECONDS: Final = 0.1
TOGETHER: Final = 256
"""A call is in the log so much later at most, or as soon as so many are to be written."""

_ENCODER: Final = msgspec.json.Encoder()
_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_NOTHING: Final = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_NOT_STORED: Final = (b"cache-control", b"no-store")
SEAL: Final = (*_HEADERS, _NOTHING, _NOT_STORED)
"""The headers of an answer that states none of them, after its id."""


def request_ids() -> Iterator[str]:
    """Yield ids that no other process has: a random beginning, then a count.

    To ask the system for randomness at each request costs more than the rest of the envelope.
    """
    beginning = token_hex(6)
    return (f"{beginning}{number:012x}" for number in count(1))


class Call(Struct, frozen=True):
    """What the access log tells of a call: nothing of its path, query, headers or body."""

    request: str
    method: str
    route: str
    status: int
    ms: float
    book: int | None
    key: str | None


class AccessLog:
    """Writes calls down in their order, many at a time: within a moment, and at the end.

    To write each by itself costs more than to record it, and lets go of the interpreter each time.
    """

    def __init__(self) -> None:
        self._lines: list[bytes] = []

    def add(self, call: Call) -> None:
        """Write a call down soon; it is for the event loop alone."""
        self._lines.append(_ENCODER.encode(call))
        if len(self._lines) == 1:
            asyncio.get_running_loop().call_later(SOON_SECONDS, self.flush)
        elif len(self._lines) >= TOGETHER:
            self.flush()

    def tell(self, scope: Any, method: str, request_id: str, status: int, began: float) -> None:
        """Add a call that has ended, unless nobody wants to know."""
        if ACCESS.isEnabledFor(logging.INFO):
            self.add(_call(scope, method, request_id, status, perf_counter() - began))

    def flush(self) -> None:
        """Write down what was not yet."""
        lines, self._lines = self._lines, []
        if lines:
            ACCESS.info(b"\n".join(lines).decode())


def enveloped(app: ASGIApp, *, log: AccessLog | None, request_ids: Iterator[str]) -> ASGIApp:
    """Return *app* with an envelope around each HTTP request, and a line in *log*, if any.

    The log tells the route's pattern, never the path itself, a query, a header or a body: they
    may hold personal data or a secret.
    """

    async def envelope(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        name, status = next(request_ids), 0
        began: float = scope.get(BEGAN) or perf_counter()  # type: ignore[assignment] # our own
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
            if log is not None:
                log.tell(asked, method, name, status, began)

    return envelope


def _as_asked(scope: Any) -> Any:
    """Return the scope that is routed: HEAD asks for what GET answers, but for the body."""
    return {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope


def _sealed(headers: Iterable[Header], request_id: str) -> list[Header]:
    stated = list(headers)
    names = {name.lower() for name, _ in stated}
    sealed = [*stated, (b"request-id", request_id.encode()), *_HEADERS]
    if _NOTHING[0] not in names:
        sealed.append(_NOTHING)
    if _NOT_STORED[0] not in names:
        sealed.append(_NOT_STORED)
    return sealed


def _call(scope: Any, method: str, request_id: str, status: int, seconds: float) -> Call:
    caller, route, ms = caller_of(scope), scope.get("path_template", "-"), round(seconds * 1000, 1)
    if caller is None:
        return Call(request_id, method, route, status, ms, None, None)
    return Call(request_id, method, route, status, ms, caller.book.id, caller.key_id)
