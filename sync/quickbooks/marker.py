"""How our documents are known again over there: the mark in their note, the id of each request."""

import base64
import hashlib
import re
from typing import Any, Final

from sync.documents import AnyDocument, fingerprint

NOTE_LIMIT: Final = 4000

_MARK: Final = re.compile(r"daybook (\S(?:.*\S)?) v([0-9]+) ([0-9a-f]{16})(?![0-9a-f])")


def marker(document: AnyDocument, version: int) -> str:
    """Return the text that says which document this is, which version, and what was in it."""
    return f"daybook {document.key} v{version} {fingerprint(document)}"


def note(document: AnyDocument, version: int) -> str:
    """Return the memo with the mark at its end; the memo is cut, never the mark."""
    mark = marker(document, version)
    memo = plain(document.memo)[: NOTE_LIMIT - len(mark) - 1].rstrip()
    return f"{memo}\n{mark}" if memo else mark


def is_ours(remote: dict[str, Any], document: AnyDocument, version: int) -> bool:
    """Tell whether what stands there is this document, to the letter.

    People add to notes and a void writes "Voided" into them, so the mark is looked for inside.
    """
    return marker(document, version) in str(remote.get("PrivateNote", ""))


def mark_of(remote: dict[str, Any]) -> tuple[str, int] | None:
    """Return the key and version of our document that something over there says it is."""
    return next(iter(marks_of(remote)), None)


def marks_of(remote: dict[str, Any]) -> list[tuple[str, int]]:
    """Return (key, version) of our document that it says it is, and of each that changed it."""
    found = _MARK.finditer(str(remote.get("PrivateNote", "")))
    return [(mark[1], int(mark[2])) for mark in found]


def marks_in(note: str) -> list[str]:
    """Return the marks in a note, as they stand there."""
    return [mark[0] for mark in _MARK.finditer(note)]


def request_id(realm: str, key: str, version: int, operation: str) -> str:
    """Return the id of a request: the same for every attempt, another for every other request."""
    named = "\0".join(("rid1", realm, key, str(version), operation))
    digest = hashlib.sha256(named.encode()).digest()
    return base64.b32encode(digest).decode().lower()[:32]


def plain(text: str) -> str:
    """Return text without what QuickBooks cannot keep: characters beyond the basic plane."""
    return "".join(char for char in text if ord(char) < 0x10000)
