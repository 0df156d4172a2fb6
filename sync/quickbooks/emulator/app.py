"""The emulator as one ASGI application.

uvicorn --factory sync.quickbooks.emulator.app:create_app --port 8090
"""

import logging

from litestar import Litestar

from sync.quickbooks.emulator.control import control
from sync.quickbooks.emulator.gate import Gate, Receive, Scope, Send
from sync.quickbooks.emulator.hub import Hub
from sync.quickbooks.emulator.settings import EmulatorSettings


class _Intended(logging.Filter):
    """Keeps uvicorn from calling a connection that was dropped on purpose an error."""

    _DROPPED = ("ASGI callable should return None", "ASGI callable returned without completing")

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every other message through."""
        return not record.getMessage().startswith(self._DROPPED)


_INTENDED = _Intended()


class Emulator:
    """QuickBooks' protocol on every path, the control interface under /_emulator."""

    def __init__(self, settings: EmulatorSettings) -> None:
        self.hub = Hub(settings)
        self._gate = Gate(self.hub)
        self._control = Litestar(
            route_handlers=[control(self.hub)],
            openapi_config=None,
            logging_config=None,
            on_shutdown=[self.hub.store.close],
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> object:
        """Handle one connection; anything but None asks the server to close it."""
        if scope["type"] == "lifespan":
            logging.getLogger("uvicorn.error").addFilter(_INTENDED)
        if scope["type"] != "http" or scope["path"].startswith("/_emulator"):
            await self._control(scope, receive, send)  # type: ignore[arg-type]  # our looser ASGI types
            return None
        return await self._gate(scope, receive, send)


def create_app(settings: EmulatorSettings | None = None) -> Emulator:
    """Return the emulator; without settings it keeps its state in memory."""
    return Emulator(settings or EmulatorSettings())
