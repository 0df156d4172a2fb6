"""How long a connection may keep the service waiting: for a request's head, and for its reader."""

import asyncio
from functools import partial
from typing import Any, Final

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from api.exchange import Exchange, lines_of
from api.express import Express, express_of
from api.gate import REST, REST_SECONDS, Gate, gate_of, is_single, plain_head, said

HEAD_SECONDS: Final = 10.0
"""How long the head of a request may take, from the connection or from its first byte on."""
READER_SECONDS: Final = 60.0
"""How long a caller may read nothing while an answer waits to be sent on."""


class Patience(HttpToolsProtocol):
    """Ends connections that say nothing, say it drop by drop, or never read what they asked for.

    It can also let one wait that was told to come again later.
    """

    _gate: Gate | None = None
    _express: Express | None = None
    _to_begin: RequestResponseCycle | None = None
    _in_head = _in_message = _awaits_body = False
    _head: asyncio.TimerHandle | None = None
    _reader: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Wait for the first request's head."""
        super().connection_made(transport)
        self._gate, self._express = gate_of(self.config.app), express_of(self.config.app)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Wait for the rest of a head that came in part, not for the rest of a body.

        A fact too much is refused before its head is read, which is most of what that costs.
        """
        if self._turns_away(data):
            return
        super().data_received(data)
        self._begin()
        if self._in_head and self._head is None:
            self._await_head()

    def _turns_away(self, data: bytes) -> bool:
        """Refuse a fact too much that is plain and here whole; False where it has to be read."""
        gate, express = self._gate, self._express
        if gate is None or express is None or not gate.full or self._in_message:
            return False
        is_answered = self.cycle is None or self.cycle.response_complete
        head = plain_head(data) if is_answered and not self.flow.write_paused else None
        if head is None:
            return False
        self._forget_head()
        accepts = said(head, b"accept-language")
        lines, body = express.refusal({"headers": [(b"accept-language", accepts or b"")]})
        dated = lines_of(self.server_state.default_headers)
        self.transport.write(b"".join((STATUS_LINE[503], dated, lines, b"\r\n", body)))
        self.on_response_complete()
        self.rest(REST_SECONDS)
        return True

    def on_message_begin(self) -> None:
        """Note that a head begins."""
        self._in_head = self._in_message = True
        super().on_message_begin()
        self.scope[REST] = self.rest  # type: ignore[typeddict-unknown-key] # our own

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
        """Answer at once where all that can be said is that too much is under way.

        No task is made for that, and nothing is kept for the end of the loop's turn. Nor is one for
        a plain fact, which is answered when it is recorded.
        """
        if self._awaits_body:
            self._to_begin = cycle
            return
        cycle.__class__ = Exchange  # the server's own class is written into its code
        begin, express = partial(super()._start_asgi_task, cycle, app), self._express
        if express is None or not isinstance(cycle, Exchange):
            begin()
        elif self._is_full_for(cycle):
            if not express.turns_away(cycle):
                begin()
        elif not express.takes(cycle, begin):
            begin()

    def _is_full_for(self, cycle: RequestResponseCycle) -> bool:
        """Tell whether a request is a fact too much, and the last that is known of here."""
        gate = self._gate
        return gate is not None and gate.full and not self.pipeline and is_single(cycle.scope)

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
