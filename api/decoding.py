"""The strict door in front of every body: size, encoding, depth, duplicate keys, long numbers.

What decodes into its Struct at once has no depth and no numbers to fear, so an ordinary sale pays
for the decoding and for one cheap look at its keys. Only what does not decode is scanned, to say
what is wrong and where.
"""

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

from api.bodies import EVENT_BYTES, JSON, media_type, read_body
from api.problems import Refusal
from ledger.codec import decode
from ledger.errors import Fault, Invalid, fault
from ledger.events import Event
from ledger.faults import struct_faults
from ledger.text import pointer_part

BATCH_EVENTS: Final = 10_000
DEPTH: Final = 32
NUMBER_LENGTH: Final = 40

AT_ONCE: Final = 64 * 1024
"""How large a body may be that is read between other calls; a larger one is read in a thread."""
_TOKEN: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?+|[{}\[\],:]|[^\s"{}\[\],:]++', re.DOTALL)
_NO_NUMBER: Final = re.compile(rb"[+-]?(?:NaN|Infinity|inf|nan)", re.ASCII)
_BYTE: Final = re.compile(r"\(byte ([0-9]+)\)")
_UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

_RAW_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw])

T = TypeVar("T")


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
    """Return *body* as *kind*; Invalid with every fault where *kind* is a Struct, or for a NUL."""
    if b"\\u0000" in body and (nuls := [*_nuls(msgspec.json.decode(body), "")]):
        raise Invalid(nuls)
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as wrong:
        if isinstance(kind, type) and issubclass(kind, Struct):
            found = struct_faults(kind, msgspec.json.decode(body))
            raise Invalid(found or [_fault(wrong)]) from None
        raise


def _nuls(value: Any, at: str) -> Iterator[Fault]:
    """Yield a fault for each text that holds a NUL: no two databases keep one alike."""
    if isinstance(value, str):
        if "\0" in value:
            yield fault(at, "control-character")
    elif isinstance(value, dict):
        for name, part in value.items():
            inside = f"{at}/{pointer_part(name)}"
            yield from _nuls(name, inside)
            yield from _nuls(part, inside)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _nuls(part, f"{at}/{index}")


async def in_time(body: bytes, read: Callable[[bytes], T]) -> T:
    """Read a small body here, a large one in a thread, so that no till waits behind it."""
    if len(body) <= AT_ONCE:
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
