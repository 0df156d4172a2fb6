"""The one JSON form of an event: as received, stored, hashed and replayed."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, cast

import msgspec

from ledger.errors import Invalid, fault
from ledger.events import Event
from ledger.events.base import BusinessEvent
from ledger.faults import event_faults
from ledger.money import Number, number

_decode_number: Final[Callable[[Any, Any], Any]] = number
_encode_number: Final = Decimal.__str__
"""The text of a number; a TypeError for anything else. No Python for each number of a fact."""

_DECODER: Final = msgspec.json.Decoder(Event, dec_hook=_decode_number)
_ENCODER: Final = msgspec.json.Encoder(enc_hook=_encode_number)
_UNDECODABLE: Final = (msgspec.MsgspecError, ValueError, OverflowError, RecursionError)
"""Everything that decoding can raise; a bad byte is a ValueError."""


def encode(event: BusinessEvent) -> bytes:
    """Return the bytes that are stored and hashed; defaults are left out."""
    return _ENCODER.encode(event)


def decode(body: bytes | str) -> Event:
    """Return the event that *body* states; Invalid with every fault, by pointer."""
    try:
        return cast("Event", _DECODER.decode(body))
    except _UNDECODABLE as wrong:
        reason = str(wrong)
    try:
        value = msgspec.json.decode(body)
    except _UNDECODABLE:
        raise Invalid([fault("", "not-json")]) from None
    raise Invalid(event_faults(value, reason))


def from_json(value: Any) -> Event:
    """Return the event that already decoded JSON states; Invalid with every fault."""
    try:
        return cast("Event", msgspec.convert(value, Event, dec_hook=_decode_number))
    except _UNDECODABLE as wrong:
        raise Invalid(event_faults(value, str(wrong))) from None


_LEFT_OUT: Final = {"rounding": "0", "discount": "0", "freight": "0", "duty": "0"}
"""What it means that one of these fields is left out."""


def difference(first: BusinessEvent, second: BusinessEvent) -> str | None:
    """Return the pointer of the first field in which two events differ, or None.

    They are equal when they say the same: "40" is "40.00", an instant is the same in any zone, and
    a default left out is the default stated.
    """
    if first == second:
        return None
    return _difference(_plain(first), _plain(second), "")


def _plain(event: BusinessEvent) -> Any:
    plain = msgspec.to_builtins(event, enc_hook=_normal, builtin_types=(datetime,))
    tip = plain.get("tip", "0")
    plain["tip"] = _normal(Number(tip)) if isinstance(tip, str) else tip or "0"
    return plain


def _normal(value: Any) -> str:
    number = Number(_encode_number(value))
    return format(number.normalize(), "f") if number else "0"


def _difference(first: Any, second: Any, at: str) -> str | None:
    if isinstance(first, dict) and isinstance(second, dict):
        for key in dict.fromkeys([*first, *second]):
            default = _LEFT_OUT.get(key)
            one, other = first.get(key, default), second.get(key, default)
            found = _difference(one, other, f"{at}/{key}")
            if found is not None:
                return found
        return None
    if isinstance(first, tuple) and isinstance(second, tuple) and len(first) == len(second):
        pairs = enumerate(zip(first, second, strict=True))
        found_in = (_difference(one, other, f"{at}/{index}") for index, (one, other) in pairs)
        return next((found for found in found_in if found is not None), None)
    return None if first == second else at
