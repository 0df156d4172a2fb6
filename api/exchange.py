"""A request and its answer on a connection: the head and the body go out in one write.

The server writes the head of an answer by itself and its body after it: two calls of the system,
and two packets.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import (
    HEADER_RE,
    HEADER_VALUE_RE,
    STATUS_LINE,
    RequestResponseCycle,
)

Header = tuple[bytes, bytes]


_TELLING: Final = frozenset({b"connection", b"content-length", b"transfer-encoding"})
"""Headers that tell the server how to go on."""


def lines_of(headers: Iterable[Header]) -> bytes:
    """Return headers as they are written; a RuntimeError where one would say something else."""
    return b"".join(_line(name, value)[0] for name, value in headers)


@lru_cache(maxsize=256)
def _line(name: bytes, value: bytes) -> tuple[bytes, bool]:
    """Return a header as it is written, and whether it tells the server how to go on.

    Most of them are the same each time.
    """
    if HEADER_RE.search(name):
        raise RuntimeError("Invalid HTTP header name.")
    if HEADER_VALUE_RE.search(value):
        raise RuntimeError("Invalid HTTP header value.")
    name = name.lower()
    return b"%b: %b\r\n" % (name, value), name in _TELLING


class Exchange(RequestResponseCycle):
    """As the server has it, but for the writing of the answer.

    A head that states its body's length waits for the body's first part. Where the application
    fails in between, the connection ends with nothing said.
    """

    _head = b""
    _says_close = False

    async def send(self, message: Any) -> None:
        """Take the next part of an answer; a RuntimeError where it is not its turn."""
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        kind = message["type"]
        if not self.response_started and kind == "http.response.start":
            self._begin(message["status"], message.get("headers", ()))
        elif self.response_started and not self.response_complete and kind == "http.response.body":
            self._go_on(message.get("body", b""), more=message.get("more_body", False))
        else:
            raise RuntimeError(f"'{kind}' was sent out of its turn.")

    def _begin(self, status: int, headers: Iterable[Header]) -> None:
        self.response_started = True
        self.waiting_for_100_continue = False
        lines = [STATUS_LINE[status]]
        for name, value in (*self.default_headers, *headers):
            line, is_telling = _line(name, value)
            lines.append(line)
            if is_telling:
                self._heed(name.lower(), value)
        if not self.keep_alive and not self._says_close:
            lines.append(b"connection: close\r\n")
        if self.chunked_encoding is None and self._has_body(status):
            self.chunked_encoding = True
            lines.append(b"transfer-encoding: chunked\r\n")
        lines.append(b"\r\n")
        self._head = b"".join(lines)
        if self.chunked_encoding is not False:  # its parts may be long in coming
            self._write(b"")

    def _has_body(self, status: int) -> bool:
        return self.scope["method"] != "HEAD" and status not in (204, 304)

    def _heed(self, name: bytes, value: bytes) -> None:
        if name == b"content-length" and self.chunked_encoding is None:
            self.expected_content_length = int(value)
            self.chunked_encoding = False
        elif name == b"transfer-encoding" and value.lower() == b"chunked":
            self.expected_content_length = 0
            self.chunked_encoding = True
        elif name == b"connection" and b"close" in map(bytes.strip, value.lower().split(b",")):
            self.keep_alive, self._says_close = False, True

    def _go_on(self, body: bytes, *, more: bool) -> None:
        if self.scope["method"] == "HEAD":
            self.expected_content_length = 0
            self._write(b"")
        elif self.chunked_encoding:
            chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            self._write(chunk if more else chunk + b"0\r\n\r\n")
        else:
            fits = len(body) <= self.expected_content_length
            self._write(body if fits else b"")
            if not fits:
                raise RuntimeError("Response content longer than Content-Length")
            self.expected_content_length -= len(body)
        if not more:
            self._end()

    def _write(self, text: bytes) -> None:
        head, self._head = self._head, b""
        self.transport.write(b"".join((head, text)) if head else text)

    def _end(self) -> None:
        if self.expected_content_length != 0:
            raise RuntimeError("Response content shorter than Content-Length")
        self.response_complete = True
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()
