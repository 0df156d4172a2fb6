"""How answers are written: in one piece where they are whole, as the server does otherwise."""

import logging
from typing import Any

import pytest
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from api.exchange import Exchange, lines_of

LENGTH = (b"Content-Length", b"2")


class Wire:
    """What is written on a connection, and who ended it. It is its own flow, and its own event."""

    write_paused = False

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.answered, self.closed = 0, False

    def write(self, text: bytes) -> None:
        """Take what is written."""
        if text:
            self.written.append(text)

    def close(self) -> None:
        """End."""
        self.closed = True

    def set(self) -> None:
        """Let nobody wait."""

    async def drain(self) -> None:
        """Read what was written."""
        self.write_paused = False

    def ended(self) -> None:
        """Count answers."""
        self.answered += 1


def exchange(
    wire: Any, kind: type[RequestResponseCycle] = Exchange, **changes: Any
) -> RequestResponseCycle:
    scope: Any = {"method": "GET"}
    stated: dict[str, Any] = {
        "scope": scope,
        "transport": wire,
        "flow": wire,
        "logger": logging.getLogger("none"),
        "access_logger": logging.getLogger("none"),
        "access_log": False,
        "default_headers": [(b"date", b"today")],
        "message_event": wire,
        "expect_100_continue": False,
        "keep_alive": True,
        "on_response": wire.ended,
    }
    return kind(**(stated | changes))


def start(*headers: tuple[bytes, bytes], status: int = 200) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def body(text: bytes = b"", *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": text, "more_body": more}


SENT: dict[str, tuple[dict[str, Any], list[dict[str, Any]], int]] = {
    "whole": ({}, [start(LENGTH), body(b"ab")], 1),
    "in parts": ({}, [start(LENGTH), body(b"a", more=True), body(b"b")], 2),
    "of unknown length": ({}, [start(), body(b"ab", more=True), body(b"c"), body()], 3),
    "of no length": ({}, [start(), body(b"ab", more=True), body()], 3),
    "in chunks, as stated": ({}, [start((b"transfer-encoding", b"Chunked")), body(b"a")], 2),
    "nothing": ({}, [start(status=204), body()], 1),
    "only the head": ({"scope": {"method": "HEAD"}}, [start(LENGTH), body()], 1),
    "only a head": ({"scope": {"method": "HEAD"}}, [start(), body(b"ab")], 1),
    "the last": ({"keep_alive": False}, [start(LENGTH), body(b"ab")], 1),
    "the last, as stated": ({}, [start(LENGTH, (b"Connection", b"x, Close")), body(b"ab")], 1),
    "too long": ({}, [start(LENGTH), body(b"abc")], 1),
    "too short": ({}, [start(LENGTH), body(b"a")], 1),
    "only a body": ({}, [body(b"a")], 0),
    "two heads": ({}, [start(), start()], 1),
    "no name": ({}, [start((b"a b", b"c"))], 0),
    "no value": ({}, [start((b"a", b"c\r\nd"))], 0),
}


async def answered(kind: type[RequestResponseCycle], name: str) -> tuple[Wire, str]:
    wire, (changes, messages, _) = Wire(), SENT[name]
    cycle, wrong = exchange(wire, kind, **changes), ""
    for message in messages:
        try:
            await cycle.send(message)  # type: ignore[arg-type]
        except RuntimeError:
            wrong = "refused"
    return wire, wrong


@pytest.mark.anyio
@pytest.mark.parametrize("name", SENT)
async def test_what_is_sent_is_what_the_server_would_send(name: str) -> None:
    (ours, wrong), (theirs, wrong_too) = (
        await answered(Exchange, name),
        await answered(RequestResponseCycle, name),
    )
    assert b"".join(ours.written) == b"".join(theirs.written)
    assert (ours.closed, ours.answered, wrong) == (theirs.closed, theirs.answered, wrong_too)
    assert len(ours.written) == SENT[name][2]


@pytest.mark.anyio
async def test_who_does_not_read_is_waited_for_and_who_is_gone_is_told_nothing() -> None:
    wire = Wire()
    wire.write_paused = True
    cycle = exchange(wire)
    await cycle.send(start(LENGTH))  # type: ignore[arg-type]
    assert not wire.write_paused
    cycle.disconnected = True
    await cycle.send(body(b"ab"))  # type: ignore[arg-type]
    assert wire.written == []


def test_headers_say_one_thing_each() -> None:
    with pytest.raises(RuntimeError):
        lines_of([(b"a", b"b\r\nc: d")])
