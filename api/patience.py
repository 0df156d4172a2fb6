"""A connection: plain facts go to the recorder from it, and nobody keeps the service waiting."""

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from api.exchange import Exchange, lines_of
from api.express import Express, express_of
from api.gate import REST
from api.plain import PlainFact, plain_fact

HEAD_SECONDS: Final = 10.0
"""How long the head of a request may take, from the connection or from its first byte on."""
READER_SECONDS: Final = 60.0
"""How long a caller may read nothing while an answer waits to be sent on."""


_NOTHING: Final = MappingProxyType[str, Any]({})


class Patience(HttpToolsProtocol):
    """Ends connections that say nothing, say it drop by drop, or never read what they asked for.

    It can also let one wait that was told to come again later. Plain facts it hands to the
    application's express, whose till it is; all else the server reads.
    """

    _express: Express | None = None
    _fact: PlainFact | None = None
    _behind = b""
    _noted: Mapping[str, Any] = _NOTHING
    _ends = False
    _to_begin: RequestResponseCycle | None = None
    _in_head = _in_message = _awaits_body = False
    _head: asyncio.TimerHandle | None = None
    _reader: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Wait for the first request's head."""
        super().connection_made(transport)
        self._express = express_of(self.config.app)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Have a plain fact recorded, and let the server read what is not one, each in its turn."""
        if self._fact is not None:
            self._behind += data
            self.flow.pause_reading()
        elif not self._takes(data):
            self._read(data)

    def _takes(self, data: bytes) -> bool:
        """Have a plain fact recorded, if *data* is one; what is in a message never is."""
        is_free = self.cycle is None or self.cycle.response_complete
        if self._express is None or self._in_message or not is_free or self.flow.write_paused:
            return False
        self._fact = plain_fact(data)
        if self._fact is None:
            return False
        self._forget_head()
        self._unset_keepalive_if_required()
        if self._express.takes(self._fact, self):
            return True
        self._fact = None
        return False

    def answer(self, status: int, headers: bytes, body: bytes) -> None:
        """Answer a plain fact; *headers* are lines, but for what the server says of itself."""
        self._fact = None
        if self.transport.is_closing():
            return
        own = lines_of(self.server_state.default_headers)
        close = b"connection: close\r\n" if self._ends else b""
        self.transport.write(b"".join((STATUS_LINE[status], own, headers, close, b"\r\n", body)))
        if self._ends:
            self.transport.close()
        self.on_response_complete()
        self._go_on_behind()

    def hand_on(self, noted: dict[str, Any]) -> None:
        """Have the application answer a plain fact, with something *noted* in the scope."""
        fact, self._fact = self._fact, None
        if fact is None or self.transport.is_closing():
            return
        self._noted = noted
        self._read(fact.data)
        self._noted = _NOTHING
        if self._ends:
            super().shutdown()
        self._go_on_behind()

    def _go_on_behind(self) -> None:
        """Read what came in meanwhile."""
        behind, self._behind = self._behind, b""
        if behind:
            self.data_received(behind)

    def shutdown(self) -> None:
        """End the connection when what is under way is answered."""
        if self._fact is None:
            super().shutdown()
        self._ends = True

    def _read(self, data: bytes) -> None:
        """Wait for the rest of a head that came in part, not for the rest of a body."""
        super().data_received(data)
        self._begin()
        if self._in_head and self._head is None:
            self._await_head()

    def on_message_begin(self) -> None:
        """Note that a head begins."""
        self._in_head = self._in_message = True
        super().on_message_begin()
        self.scope |= {REST: self.rest, **self._noted}  # type: ignore[typeddict-item] # our own

    def on_headers_complete(self) -> None:
        """Wait no more: the head is here. The answer begins a little later, with the body."""
        self._in_head, self._awaits_body = False, True
        self._forget_head()
        super().on_headers_complete()
        self._awaits_body = False

    def on_message_complete(self) -> None:
        """Begin to answer."""
        self._in_message = False
        super().on_message_complete()
        self._begin()

    def _begin(self) -> None:
        """Begin with a request that is here; of most the body comes with the head."""
        cycle, self._to_begin = self._to_begin, None
        if cycle is not None:
            self._start_asgi_task(cycle, self.app)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Answer what is here whole, and write as an exchange does."""
        if self._awaits_body:
            self._to_begin = cycle
            return
        cycle.__class__ = Exchange  # the server's own class is written into its code
        super()._start_asgi_task(cycle, app)

    def rest(self, seconds: float) -> None:
        """Read nothing more of the caller for a while."""
        self.flow.pause_reading()
        self.loop.call_later(seconds, self._go_on)

    def _go_on(self) -> None:
        if not self.transport.is_closing():
            self.flow.resume_reading()

    def pause_writing(self) -> None:
        """Wait until the caller reads."""
        super().pause_writing()
        self._reader = self.loop.call_later(READER_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Wait no more: the caller reads."""
        self._forget_reader()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing."""
        self._in_head = False
        self._forget_head()
        self._forget_reader()
        super().connection_lost(exc)

    def _await_head(self) -> None:
        self._head = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _forget_head(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _forget_reader(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            self._reader = None
