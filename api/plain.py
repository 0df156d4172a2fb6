"""A plain fact as it comes over the wire, told from its bytes: a till's head is always the same.

Plain is a single fact that is here whole and alone, stated in the usual way. Whatever is not is
read by the server.
"""

import re
from functools import lru_cache
from typing import Final

from msgspec import Struct

from api.bodies import JSON
from api.decoding import AT_ONCE
from api.exchange import Header
from api.gate import HOST, SINGLE

_LONGEST: Final = 2048
"""How long a head is at the most that is kept in memory."""

_HEAD: Final = re.compile(
    rb"POST %b HTTP/1\.1\r\n((?:[!#$%%&'*+.^_`|~0-9A-Za-z-]++:[\t -~\x80-\xff]*+\r\n)++)\r\n"
    % re.escape(SINGLE.encode())
)
_CLOSER: Final = {b"expect", b"transfer-encoding", b"content-encoding", b"upgrade"}
"""Headers that want a closer look."""

_TYPE: Final = JSON.encode()


class Head(Struct, frozen=True):
    """What the head of a plain fact says: its headers, the key in them, and the body's length."""

    headers: list[Header]
    key: str
    length: int


class PlainFact(Struct, frozen=True):
    """A plain fact as it came in."""

    head: Head
    data: bytes

    @property
    def body(self) -> bytes:
        """Return the JSON that states it."""
        return self.data[len(self.data) - self.head.length :]


def plain_fact(data: bytes) -> PlainFact | None:
    """Return the plain fact that *data* is, if it is one."""
    size = data.find(b"\r\n\r\n") + 4
    if not 4 <= size <= _LONGEST:
        return None
    head = _head(data[:size])
    return PlainFact(head, data) if head and len(data) == size + head.length else None


@lru_cache(maxsize=1024)
def _head(text: bytes) -> Head | None:
    """Return what a head says, if it is that of a plain fact."""
    matched = _HEAD.fullmatch(text)
    if matched is None:
        return None
    lines = (line.partition(b":") for line in matched[1].split(b"\r\n")[:-1])
    headers = [(name.lower(), value.strip(b" \t")) for name, _, value in lines]
    said = dict(headers)
    length, key = said.get(b"content-length", b""), said.get(b"authorization")
    is_plain = (
        len(said) == len(headers)
        and not said.keys() & _CLOSER
        and said.get(b"connection", b"keep-alive").lower() == b"keep-alive"
        and said.get(b"content-type") == _TYPE
        and HOST.fullmatch(said.get(b"host", b"")) is not None
        and length.isdigit()
        and int(length[:12]) <= AT_ONCE
    )
    if key is None or not is_plain:
        return None
    return Head(headers, key.decode("latin-1"), int(length))
