"""A request's body as bytes: of a known media type, not compressed, not too large, not too late.

Small bodies take no room; those that come in parts share what a process has for them.
"""

import asyncio
from collections.abc import Callable, Coroutine, Generator, Iterator, Mapping
from contextlib import contextmanager
from types import coroutine
from typing import Any, Final, TypeVar

from api.caller import stated
from api.problems import Refusal
from ledger.recorder import Unavailable

EVENT_BYTES: Final = 1024 * 1024
BATCH_BYTES: Final = 16 * 1024 * 1024
HELD_BYTES: Final = 128 * 1024 * 1024
"""How much of large bodies a process holds; who would bring more has to come again."""
BODY_SECONDS: Final = 60
"""How long a body may take to come in: a batch over a thin line, and nobody who trickles."""

JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"

T = TypeVar("T")


class Room:
    """The memory of a process that large bodies may take up."""

    def __init__(self, most: int = HELD_BYTES) -> None:
        self.most, self.held = most, 0

    @property
    def full(self) -> bool:
        """Tell whether nothing more should be read for now."""
        return self.held >= self.most

    def take(self, size: int) -> None:
        """Say that so many more bytes are held, fewer where negative."""
        self.held += size

    @contextmanager
    def keeping(self, size: int) -> Iterator[None]:
        """Hold so many bytes for the block; Unavailable when there is no room."""
        self.refuse_more_than(size)
        self.take(size)
        try:
            yield
        finally:
            self.take(-size)

    def refuse_more_than(self, size: int) -> None:
        """Raise Unavailable where there is no room for so many more bytes."""
        if self.held + size > self.most:
            raise Unavailable("overloaded")


ROOM: Final = Room()
"""One for the process, since its memory is."""


async def read_body(
    scope: Mapping[str, Any],
    receive: Callable[..., Any],
    limit: int,
    *,
    within_seconds: float = BODY_SECONDS,
) -> bytes:
    """Return the body; a Refusal when it is compressed, late, or has more than *limit* bytes."""
    refuse_by_headers(scope, limit)
    coming = _all(receive, limit)
    try:
        waits_for = coming.send(None)
    except StopIteration as here:  # as a rule the body comes with the head: no clock is set
        return bytes(here.value)
    try:
        async with asyncio.timeout(within_seconds):
            return await going_on(coming, waits_for)
    except TimeoutError:
        raise Refusal("body-late", 408, seconds=within_seconds) from None


@coroutine
def going_on(begun: Coroutine[Any, Any, T], waits_for: Any) -> Generator[Any, Any, T]:
    """Await a coroutine that made its first step already, and *waits_for* something."""
    try:
        yield waits_for
    except BaseException as thrown:
        begun.throw(thrown)
        raise
    return (yield from begun.__await__())


def refuse_by_headers(scope: Mapping[str, Any], limit: int | None) -> None:
    """Raise a Refusal for a body that says of itself that it is compressed or too large."""
    for name, value in scope["headers"]:
        if name == b"content-encoding":
            raise Refusal("content-encoding", 415, encoding=value.decode("latin-1"))
        if name == b"content-length" and limit is not None and not _is_up_to(value, limit):
            raise too_large(limit)


def _is_up_to(stated: bytes, limit: int) -> bool:
    return stated.isdigit() and int(stated[:12]) <= limit


async def _all(receive: Callable[..., Any], limit: int) -> bytes:
    """Return a body, however it comes; a Refusal when it has more than *limit* bytes."""
    first, more = await part(receive)
    if len(first) > limit:
        raise too_large(limit)
    return await _whole(first, receive, limit) if more else first


async def _whole(first: bytes, receive: Callable[..., Any], limit: int) -> bytes:
    """Return a body that comes in parts; it takes up room as it comes."""
    parts, size, more = [first], len(first), True
    ROOM.take(size)
    try:
        while more:
            text, more = await part(receive)
            ROOM.refuse_more_than(len(text))
            ROOM.take(len(text))
            size += len(text)
            parts.append(text)
            if size > limit:
                raise too_large(limit)
        return b"".join(parts)
    finally:
        ROOM.take(-size)


async def part(receive: Callable[..., Any]) -> tuple[bytes, bool]:
    """Return the next part of a body, and whether there are more; a Refusal when it is cut."""
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Refusal("body-cut", 400)
    return message.get("body", b""), message.get("more_body", False)


def too_large(limit: int) -> Refusal:
    """Return the refusal of a body or a fact with more than *limit* bytes."""
    return Refusal("body-too-large", 413, most=limit)


def media_type(scope: Mapping[str, Any], *accepted: str) -> str:
    """Return the body's media type; a Refusal (415) when it is not one of *accepted*."""
    said = (stated(scope, b"content-type") or b"").decode("latin-1")
    if said in accepted:
        return said
    name, _, parameters = said.partition(";")
    name, parameters = name.strip().lower(), parameters.strip().lower().replace('"', "")
    if name not in accepted or parameters not in ("", "charset=utf-8"):
        shown = said or "-"
        raise Refusal("media-type-not-supported", 415, stated=shown, accepted=", ".join(accepted))
    return name
