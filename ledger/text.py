"""What text may hold: NFC without control characters, and never a card number."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from ledger.errors import Fault, fault

WHOLE_ONLY: Final = ("id", "order", "booking", "session", "item", "sale", "reverses")
"""Fields that are numbers, or name such: a card number only as a whole, from 15 digits."""

LINES_ALLOWED: Final = ("memo", "reason", "description", "override")
"""Fields of words for people: they may have tabs and line feeds."""

_SHORTEST, _LONGEST = 14, 19
_SEPARATORS: Final = r"[ \u00a0\u2009\u202f\u2010-\u2015-]"
_DIGITS: Final = re.compile(r"[0-9]+", re.ASCII)
_RUN: Final = re.compile(rf"[0-9](?:{_SEPARATORS}*[0-9]){{{_SHORTEST - 1},}}", re.ASCII)
_ISSUERS: Final = (
    (re.compile(r"4"), (16, 19)),  # Visa (13 digits are no longer issued)
    (re.compile(r"5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)"), (16,)),  # Mastercard
    (re.compile(r"3[47]"), (15,)),  # American Express
    (re.compile(r"6(?:011|5|4[4-9]|22)"), (16, 17, 18, 19)),  # Discover
    (re.compile(r"62|81"), (16, 17, 18, 19)),  # UnionPay
    (re.compile(r"35(?:2[89]|[3-8])"), (16, 17, 18, 19)),  # JCB
    (re.compile(r"3(?:0[0-5]|[689])"), (14, 15, 16, 17, 18, 19)),  # Diners Club
    (re.compile(r"5[0678]|6(?:3|7|9)"), (16, 17, 18, 19)),  # Maestro
)


_FIRST_DIGITS: Final = frozenset("234568")
"""What the numbers of those issuers begin with."""

_AS_RUNS: Final = bytes.maketrans(b"123456789 -", b"0" * 11)
_LONG_RUN: Final = b"0" * _SHORTEST
_WHOLE_RUN: Final = re.compile(rb"[0-9 -]+")
_DASHES: Final = re.compile(r"[\u2010-\u2015]")
_DASH_BEGINS: Final = b"\xe2\x80"


def is_harmless(body: bytes) -> bool:
    """Tell, in one look at an event's JSON, that there is surely nothing for `text_faults` to find.

    Nothing that JSON escapes, no character that is not for reading, and no digits that make a card
    number. Digits are looked at where as many stand together as a card number has, at the least.
    """
    if b"\\" in body or b"\x7f" in body:
        return False
    if not body.isascii() and not _is_plain(body):
        return False
    runs = body.translate(_AS_RUNS)
    at = runs.find(_LONG_RUN)
    while at >= 0:
        run = _WHOLE_RUN.match(body, at)
        assert run is not None, "it begins with a digit, a space or a hyphen"
        if _card_in_run(_DIGITS.findall(run[0].decode())):
            return False
        at = runs.find(_LONG_RUN, run.end())
    return True


def _is_plain(body: bytes) -> bool:
    """Tell whether text is printed as it stands, composed, with no dash but the hyphen."""
    text = body.decode()
    if not text.isprintable() or not unicodedata.is_normalized("NFC", text):
        return False
    return _DASH_BEGINS not in body or _DASHES.search(text) is None


def text_faults(value: Any, at: str = "") -> Iterator[Fault]:
    """Yield a fault for each text, in a Struct or in JSON, that no ledger should keep."""
    raw = isinstance(value, dict)
    for name in value if raw else value.__struct_fields__:
        part = value[name] if raw else getattr(value, name)
        if part is None or part == ():
            continue
        yield from _faults(part, name, f"{at}/{pointer_part(name)}")


def pointer_part(name: str) -> str:
    """Return a name as a part of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def _faults(part: Any, name: str, at: str) -> Iterator[Fault]:
    if isinstance(part, str):
        if not part.isascii() or not part.isprintable():
            yield from _character_faults(part, name, at)
        if len(part) >= _SHORTEST and _card_in(part, name):
            yield fault(at, "card-number")
    elif isinstance(part, msgspec.Struct | dict):
        yield from text_faults(part, at)
    elif isinstance(part, tuple | list):
        for index, element in enumerate(part):
            yield from _faults(element, name, f"{at}/{index}")


def _character_faults(text: str, name: str, at: str) -> Iterator[Fault]:
    allowed = "\t\n" if name in LINES_ALLOWED else ""
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs") and c not in allowed for c in text):
        yield fault(at, "control-character")
    if not unicodedata.is_normalized("NFC", text):
        yield fault(at, "not-normalised")


def _card_in(text: str, name: str) -> bool:
    if name in WHOLE_ONLY:
        digits_alone = len(text) > _SHORTEST and text.isascii() and text.isdecimal()
        return digits_alone and is_card_number(text)
    return any(_card_in_run(_DIGITS.findall(run)) for run in _RUN.findall(text))


def _card_in_run(groups: list[str]) -> bool:
    """Tell whether some groups of digits, one after the other, make a card number."""
    for first in range(len(groups)):
        digits = ""
        for group in groups[first:]:
            digits += group
            if len(digits) > _LONGEST:
                break
            if len(digits) >= _SHORTEST and is_card_number(digits):
                return True
    return False


def is_card_number(digits: str) -> bool:
    """Tell whether digits have an issuer's prefix and length and a right check digit (Luhn)."""
    if digits[0] not in _FIRST_DIGITS:
        return False
    issued = any(len(digits) in lengths and prefix.match(digits) for prefix, lengths in _ISSUERS)
    return issued and _luhn(digits)


def _luhn(digits: str) -> bool:
    total = 0
    for place, char in enumerate(reversed(digits)):
        digit = int(char)
        if place % 2:
            digit = digit * 2 - (9 if digit > 4 else 0)
        total += digit
    return total % 10 == 0
