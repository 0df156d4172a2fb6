"""The hash chain of a book: each entry seals the one before."""

from hashlib import sha256
from struct import pack
from typing import Final

FORMAT: Final = b"DAYBOOK-EVENT-1\x00"


def genesis(book_id: int) -> bytes:
    """Return the hash that a book's chain starts from."""
    return sha256(b"DAYBOOK-BOOK-1\x00" + pack(">q", book_id)).digest()


def link(
    previous: bytes, book_id: int, seq: int, recorded_us: int, actor: str, body: bytes
) -> bytes:
    """Return the hash of an entry: previous hash, place, time, who, and the exact bytes."""
    who = actor.encode()
    head = pack(">qqqI", book_id, seq, recorded_us, len(who))
    return sha256(FORMAT + previous + head + who + sha256(body).digest()).digest()
