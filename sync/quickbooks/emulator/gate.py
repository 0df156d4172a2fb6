"""The ASGI door: reads a request, lets faults strike, and answers or drops the connection.

How a connection is dropped: uvicorn closes the transport when the application returns anything
but None (no answer at all), or returns before its body is complete (cut body). What uvicorn logs
of it is filtered in `app.py`. Callers within the process get an exception: see `transport.py`.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from sync.quickbooks.emulator.doors import knock
from sync.quickbooks.emulator.exchange import Answer, Request
from sync.quickbooks.emulator.faults import Rule
from sync.quickbooks.emulator.hub import Hub

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_SILENT = frozenset({"down", "timeout_before", "timeout_after", "timeout_late"})
IN_PROCESS = "emulator.in_process"


class Dropped(ConnectionError):
    """The connection ended without a whole answer (callers within the process)."""


class Unanswered(TimeoutError):
    """The answer did not come in time (callers within the process)."""


class Gate:
    """Everything but the control interface."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._late: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> object:
        """Handle one request; anything but None asks the server to close the connection."""
        request = await _read(scope, receive)
        if request is None:
            return "gone"
        if self._hub.settings.latency_seconds:
            await asyncio.sleep(self._hub.settings.latency_seconds)
        rule = self._hub.script.strike(request)
        if rule is None:
            await _respond(send, self._answer(request))
            return None
        self._count(request, rule)
        in_process = IN_PROCESS in (scope.get("extensions") or {})
        if rule.kind in _SILENT:
            if rule.kind == "timeout_after":
                self._answer(request)
            if rule.kind == "timeout_late":
                self._carry_out_later(request, rule.delay)
            return await self._silence(rule, receive, in_process=in_process)
        answer = await self._struck(request, rule)
        if rule.kind == "cut_body":
            return await _cut(send, answer, in_process=in_process)
        await _respond(send, answer)
        return None

    def _carry_out_later(self, request: Request, delay: float) -> None:
        async def later() -> None:
            await asyncio.sleep(delay)
            self._answer(request)

        task = asyncio.create_task(later())
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    def _answer(self, request: Request) -> Answer:
        if request.path.startswith("/v3/"):
            return self._hub.call(request)
        return knock(self._hub, request)

    async def _struck(self, request: Request, rule: Rule) -> Answer:
        """Return the answer under a fault that does answer."""
        if rule.kind == "429":
            return self._hub.throttled()
        if rule.kind == "5xx_before":
            return self._hub.unavailable(rule.status)
        if rule.kind == "stale_token":
            self._hub.tokens.expire(request.headers.get("authorization", "").partition(" ")[2])
        if rule.kind == "latency":
            await asyncio.sleep(rule.delay)
        answer = self._answer(request)
        return self._hub.unavailable(rule.status) if rule.kind == "5xx_after" else answer

    async def _silence(self, rule: Rule, receive: Receive, *, in_process: bool) -> object:
        if in_process:
            raise Dropped(rule.kind) if rule.kind == "down" else Unanswered(rule.kind)
        if rule.kind != "down":
            await _hold(receive, self._hub.settings.hold_seconds)
        return "dropped"

    def _count(self, request: Request, rule: Rule) -> None:
        parts = request.path.strip("/").split("/")
        realm = parts[2] if parts[:2] == ["v3", "company"] and len(parts) > 2 else ""
        self._hub.count(realm, f"fault:{rule.kind}")


async def _read(scope: Scope, receive: Receive) -> Request | None:
    """Return a request; None where the caller was gone before all of it was here."""
    body = b""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    headers = {name.decode("latin-1").lower(): value for name, value in scope["headers"]}
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=dict(query),
        headers={name: value.decode("latin-1") for name, value in headers.items()},
        body=body,
    )


async def _respond(send: Send, answer: Answer) -> None:
    await _start(send, answer)
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})


async def _start(send: Send, answer: Answer) -> None:
    headers = [
        ("content-type", answer.media),
        ("content-length", str(len(answer.body))),
        ("intuit_tid", "1-emulator"),
        ("qbo-version", "1944.190"),
        *answer.headers,
    ]
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": answer.status, "headers": encoded})


async def _cut(send: Send, answer: Answer, *, in_process: bool) -> object:
    """Send half of the body, then end the connection."""
    if in_process:
        raise Dropped("cut_body")
    await _start(send, answer)
    half = answer.body[: len(answer.body) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})
    return "cut"


async def _hold(receive: Receive, seconds: float) -> None:
    """Wait until the caller gives up, but no longer than `seconds`."""

    async def gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    task = asyncio.create_task(gone())
    await asyncio.wait([task], timeout=seconds)
    task.cancel()
