"""A request as read from the wire, and the answer to it."""

from collections.abc import Mapping

from msgspec import Struct

from sync.quickbooks.emulator.amounts import encode

JSON = "application/json;charset=utf-8"
XML = "application/xml;charset=utf-8"


class Request(Struct, frozen=True, kw_only=True):
    """Method, path, query, headers (names in lower case) and body."""

    method: str
    path: str
    query: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}
    body: bytes = b""


class Answer(Struct, frozen=True, kw_only=True):
    """Status, media type and body; `headers` beside those."""

    status: int = 200
    media: str = JSON
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


def answer(value: object, status: int = 200) -> Answer:
    """Return a JSON answer."""
    return Answer(status=status, body=encode(value))
