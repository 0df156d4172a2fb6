"""The strict door in front of every body: size, encoding, depth, duplicate keys, long numbers.

What decodes into its Struct at once has no depth and no numbers to fear, so an ordinary sale pays
for the decoding and for one cheap look at its keys. Only what does not decode is scanned, to say
what is wrong and where.
"""

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

from api.problems import Refusal
from ledger.codec import decode
from ledger.errors import Fault, Invalid, fault
from ledger.events import Event
from ledger.faults import struct_faults
from ledger.text import pointer_part

EVENT_BYTES: Final = 1024 * 1024
BATCH_BYTES: Final = 16 * 1024 * 1024
BATCH_EVENTS: Final = 10_000
BODY_SECONDS: Final = 60
"""How long a body may take to come in: a batch over a thin line, and nobody who trickles."""
DEPTH: Final = 32
NUMBER_LENGTH: Final = 40

JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"

_IN_A_THREAD: Final = 64 * 1024
_TOKEN: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?+|[{}\[\],:]|[^\s"{}\[\],:]++', re.DOTALL)
_NO_NUMBER: Final = re.compile(rb"[+-]?(?:NaN|Infinity|inf|nan)", re.ASCII)
_BYTE: Final = re.compile(r"\(byte ([0-9]+)\)")
_UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

_RAW_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw])

T = TypeVar("T")


async def read_body(
    scope: Mapping[str, Any],
    receive: Callable[..., Any],
    limit: int,
    *,
    within_seconds: float = BODY_SECONDS,
) -> bytes:
    """Return the body; a Refusal when it is compressed, late, or has more than *limit* bytes."""
    for name, value in scope["headers"]:
        if name == b"content-length" and (not value.isdigit() or int(value[:12]) > limit):
            raise _too_large(limit)
        if name == b"content-encoding":
            raise Refusal("content-encoding", 415, encoding=value.decode("latin-1"))
    try:
        async with asyncio.timeout(within_seconds):
            return await _received(receive, limit)
    except TimeoutError:
        raise Refusal("body-late", 408, seconds=within_seconds) from None


async def _received(receive: Callable[..., Any], limit: int) -> bytes:
    parts, size, more = list[bytes](), 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refusal("body-cut", 400)
        parts.append(message.get("body", b""))
        size, more = size + len(parts[-1]), message.get("more_body", False)
        if size > limit:
            raise _too_large(limit)
    return b"".join(parts)


def media_type(scope: Mapping[str, Any], *accepted: str) -> str:
    """Return the body's media type; a Refusal (415) when it is not one of *accepted*."""
    stated = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    name, _, parameters = stated.decode("latin-1").partition(";")
    name, parameters = name.strip().lower(), parameters.strip().lower().replace('"', "")
    if name not in accepted or parameters not in ("", "charset=utf-8"):
        shown = stated.decode("latin-1") or "-"
        raise Refusal("media-type-not-supported", 415, stated=shown, accepted=", ".join(accepted))
    return name


def read_event(body: bytes) -> Event:
    """Return the event that *body* states; Invalid or a Refusal names every fault."""
    return _read(body, decode)


def read_raw_list(body: bytes) -> list[bytes]:
    """Return the texts of a JSON array's elements, unread; a Refusal when it is no array."""
    try:
        return [bytes(text) for text in _RAW_LIST.decode(body)]
    except msgspec.ValidationError:
        scan(body)
        raise Invalid([Fault("", "not-a-list", {})]) from None
    except _UNREADABLE as wrong:
        scan(body)
        raise _not_json(wrong) from None


async def read_json(request: Any, kind: type[T]) -> T:
    """Return a request's JSON body as *kind*, strictly."""
    media_type(request.scope, JSON)
    body = await read_body(request.scope, request.receive, EVENT_BYTES)
    return await in_time(body, lambda text: _read(text, lambda it: _as(kind, it)))


def _as(kind: type[T], body: bytes) -> T:
    """Return *body* as *kind*; Invalid with every fault where *kind* is a Struct."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as wrong:
        if isinstance(kind, type) and issubclass(kind, Struct):
            found = struct_faults(kind, msgspec.json.decode(body))
            raise Invalid(found or [_fault(wrong)]) from None
        raise


async def in_time(body: bytes, read: Callable[[bytes], T]) -> T:
    """Read a small body here, a large one in a thread, so that no till waits behind it."""
    if len(body) <= _IN_A_THREAD:
        return read(body)
    return await asyncio.to_thread(read, body)


def _read(body: bytes, read: Callable[[bytes], T]) -> T:
    try:
        value = read(body)
    except Invalid:
        scan(body)
        raise
    except msgspec.ValidationError as wrong:
        scan(body)
        raise Invalid([_fault(wrong)]) from None
    except _UNREADABLE as wrong:
        scan(body)
        raise _not_json(wrong) from None
    if _may_repeat_a_key(body):
        scan(body)
    return value


def _may_repeat_a_key(body: bytes) -> bool:
    """Tell whether some object might have a key twice.

    Without a backslash every quote in the text belongs to a key or a string, so a text whose
    objects lose no key has as many quotes once they are objects.
    """
    if b"\\" in body:
        return _repeats_a_key(body)
    again = msgspec.json.encode(msgspec.json.decode(body))
    return body.count(b'"') != again.count(b'"')


def _repeats_a_key(body: bytes) -> bool:
    found: list[bool] = []
    json.loads(body, object_pairs_hook=lambda pairs: found.append(len(dict(pairs)) < len(pairs)))
    return any(found)


class _Place(Struct):
    """Where the scan is: in an object at a key, or in an array at an index."""

    is_object: bool
    at: str = ""
    index: int = 0
    awaits_key: bool = True
    keys: set[str] = msgspec.field(default_factory=set)

    def step(self) -> str:
        return self.at if self.is_object else str(self.index)

    def next(self) -> None:
        self.index += 1
        self.awaits_key = True


def scan(body: bytes) -> None:
    """Raise a Refusal for the first thing in *body* that no decoder should be trusted with.

    Of a batch that is no list only as much is gone through as an event may have: what its elements
    hold is told when each is read.
    """
    try:
        body.decode()
    except UnicodeDecodeError as wrong:
        raise Refusal("not-utf8", 400, byte=wrong.start) from None
    places: list[_Place] = []
    for match in _TOKEN.finditer(body):
        if match.start() > EVENT_BYTES:
            break
        _take(match.group(), places)
    try:
        msgspec.json.decode(body)
    except _UNREADABLE as wrong:
        raise _not_json(wrong) from None


def _take(token: bytes, places: list[_Place]) -> None:
    match token[:1]:
        case b"{" | b"[":
            places.append(_Place(token == b"{"))
            if len(places) > DEPTH:
                raise _refused("too-deep", places[:-1], most=DEPTH)
        case b"}" | b"]":
            if places:
                places.pop()
        case b",":
            if places:
                places[-1].next()
        case b'"':
            if places and places[-1].is_object and places[-1].awaits_key:
                _take_key(token, places)
        case b":":
            pass
        case _:
            _take_literal(token, places)


def _take_key(token: bytes, places: list[_Place]) -> None:
    place = places[-1]
    try:
        key = msgspec.json.decode(token, type=str)
    except _UNREADABLE as wrong:
        raise _not_json(wrong) from None
    place.at, place.awaits_key = pointer_part(key), False
    if key in place.keys:
        raise _refused("duplicate-key", places, key=key)
    place.keys.add(key)


def _take_literal(token: bytes, places: list[_Place]) -> None:
    if _NO_NUMBER.fullmatch(token):
        raise _refused("no-number", places, stated=token.decode())
    if len(token) > NUMBER_LENGTH:
        raise _refused("number-too-long", places, most=NUMBER_LENGTH)
    if token[:1].isdigit() or token[:1] == b"-":
        try:
            msgspec.json.decode(token)
        except msgspec.ValidationError:
            raise _refused("number-too-long", places, most=NUMBER_LENGTH) from None
        except msgspec.DecodeError:
            return  # malformed: the decoder says at which byte


def _refused(code: str, places: list[_Place], **facts: object) -> Refusal:
    pointer = "".join(f"/{place.step()}" for place in places)
    found = fault(pointer, code, **facts)
    refusal = Refusal(code, 400, faults=[found])
    refusal.facts = found.facts
    return refusal


def _not_json(wrong: Exception) -> Refusal:
    if isinstance(wrong, RecursionError):
        return Refusal("too-deep", 400, most=DEPTH)
    found = _BYTE.search(str(wrong))
    return Refusal("malformed-json", 400, byte=found.group(1) if found else "0")


def _fault(wrong: msgspec.ValidationError) -> Fault:
    """Return the fault that the decoder's message tells of, for bodies that are no event."""
    _, _, path = str(wrong).partition(" - at `$")
    pointer = re.sub(r"[.\[]", "/", path.rstrip("`").replace("]", "")).replace("...", "")
    return Fault(pointer, "not-valid", {})


def _too_large(limit: int) -> Refusal:
    return Refusal("body-too-large", 413, most=limit)
