"""What tells of a person: never in the log, which is for ever, since a person can be erased.

An e-mail address is known for what it is wherever it stands; a telephone number is refused where
one might be put for a customer's reference. A name nobody can tell from another word: who erases a
person is told where the log speaks of them (`Person`).
"""

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from ledger.errors import Fault, fault
from ledger.text import pointer_part

_ADDRESS: Final = re.compile(r"[^\s@<>()\[\],;:\"'/?=&]+@[^\s@<>()\[\],;:\"'/?=&.]+\.[^\s@.]{2,}")
_PHONE: Final = re.compile(
    r"\+[0-9][0-9 ().-]{6,}"
    r"|\(?[0-9]{3}\)?[ .-][0-9]{3}[ .-][0-9]{4}"
    r"|0[0-9](?:[ .-][0-9]{2}){4}",
    re.ASCII,
)
_OWN_NUMBER: Final = re.compile(rb'"customer":"(?:\+|\(|[0-9]{2,3}[ .-])')
_DIGIT: Final = re.compile(r"[0-9]", re.ASCII)
_NO_DIGITS: Final = bytes(set(range(256)) - set(b"0123456789"))
_WORD: Final = re.compile(r"\w+")
_SHORTEST_WORD, _SHORTEST_PHONE, _LOCAL_PHONE = 3, 7, 10


def may_be_personal(body: bytes) -> bool:
    """Tell, in one look at an event's JSON, that `personal_faults` may find something."""
    if b"@" in body:
        return True
    return b'"customer"' in body and _OWN_NUMBER.search(body) is not None


def personal_faults(value: Any, at: str = "") -> Iterator[Fault]:
    """Yield a fault for each text, in a Struct or in JSON, that tells who a customer is."""
    raw = isinstance(value, dict)
    for name in value if raw else value.__struct_fields__:
        part = value[name] if raw else getattr(value, name)
        yield from _faults(part, str(name), f"{at}/{pointer_part(str(name))}")


def _faults(part: Any, name: str, at: str) -> Iterator[Fault]:
    if isinstance(part, str):
        is_number = name == "customer" and _PHONE.fullmatch(part)
        if is_number or ("@" in part and _ADDRESS.search(part)):
            yield fault(at, "personal-data")
    elif isinstance(part, msgspec.Struct | dict):
        yield from personal_faults(part, at)
    elif isinstance(part, tuple | list):
        for index, element in enumerate(part):
            yield from _faults(element, name, f"{at}/{index}")


class Person:
    """What a person goes by, to find where words speak of them."""

    def __init__(self, name: str, email: str | None = None, phone: str | None = None) -> None:
        marks = (mark.strip().casefold() for mark in (name, email) if mark)
        self._marks = {
            mark: re.compile(rf"(?<!\w){re.escape(mark)}(?!\w)") for mark in marks if mark
        }
        parts = _WORD.findall(name.casefold())
        self._parts = frozenset(part for part in parts if len(part) >= _SHORTEST_WORD)
        digits = "".join(_DIGIT.findall(phone or ""))[-_LOCAL_PHONE:]
        self._digits = digits.encode() if len(digits) >= _SHORTEST_PHONE else b""
        spaced = r"[ ().\-]*".join(digits) if self._digits else ""
        self._phone = re.compile(rf"(?<![0-9]){spaced}(?![0-9])", re.ASCII) if spaced else None

    def may_be_in(self, body: bytes) -> bool:
        """Tell, in one look at an event's JSON, that `is_in` may find something."""
        folded = body.decode().casefold()
        if any(mark in folded for mark in self._marks):
            return True
        return bool(self._digits) and self._digits in body.translate(None, _NO_DIGITS)

    def is_in(self, text: str) -> bool:
        """Tell whether a text has the whole name, the address or the number, letter case aside."""
        folded = text.casefold()
        if any(mark in folded and found.search(folded) for mark, found in self._marks.items()):
            return True
        return self._phone is not None and self._phone.search(text) is not None

    def is_hinted_in(self, text: str) -> bool:
        """Tell whether it has a single word of the name: enough in a fact of the person's own."""
        return not self._parts.isdisjoint(_WORD.findall(text.casefold()))


def texts(value: Any) -> Iterator[str]:
    """Yield every text in JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)
