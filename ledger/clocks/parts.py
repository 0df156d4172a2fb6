"""The log through an event, in whole blocks and a few single events."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from ledger.blocks.store import size_of

EVENTS: Final = -1
"""The level below the blocks: single events."""


class Part(Struct, frozen=True):
    """The events behind *after* through *through*: whole blocks of a level, or single events.

    `sign` is -1 where the part lies behind what is wanted, and is to be taken off again.
    """

    level: int
    after: int
    through: int
    sign: int = 1

    @property
    def blocks(self) -> range:
        """Return the numbers of the blocks."""
        size = size_of(self.level)
        return range(self.after // size, self.through // size)


def parts_through(known: int, written: Sequence[int], *, over: bool) -> list[Part]:
    """Return the parts that make up the log through an event, the smallest first.

    *written*: how many blocks of each level there are. With *over* a block that ends behind the
    event may be taken, and what is too much of it taken off again, where that is less to read.
    """
    parts, at = list[Part](), known
    for level, count in enumerate(written):
        size, end = size_of(level), count * size_of(level)
        to = min(at // size * size, end)
        if over and to + size <= end and to + size - at < at - to:
            to += size
        if to != at:
            parts.append(Part(level - 1, min(at, to), max(at, to), 1 if to < at else -1))
        at = to
    if at:
        parts.append(Part(len(written) - 1, 0, at))
    return parts
