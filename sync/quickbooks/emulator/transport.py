"""An httpx transport onto an emulator in the same process; its faults become httpx's."""

import httpx

from sync.quickbooks.emulator.app import Emulator
from sync.quickbooks.emulator.gate import (
    IN_PROCESS,
    Dropped,
    Receive,
    Scope,
    Send,
    Unanswered,
)


class EmulatorTransport(httpx.AsyncBaseTransport):
    """Calls the emulator without a socket. Held answers time out at once."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._inner = httpx.ASGITransport(app=self._marked)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer, or raise what a socket would have led to."""
        try:
            return await self._inner.handle_async_request(request)
        except Unanswered as cause:
            raise httpx.ReadTimeout(str(cause), request=request) from cause
        except Dropped as cause:
            raise httpx.RemoteProtocolError(str(cause), request=request) from cause

    async def _marked(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["extensions"] = {**(scope.get("extensions") or {}), IN_PROCESS: {}}
        await self._emulator(scope, receive, send)
