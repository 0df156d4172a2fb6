"""What a recorder counts of its work: a few additions a batch, read whenever somebody asks."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from typing import Final, Self

import msgspec
from msgspec import Struct

SIZES: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0)
"""Bounds of batches, in facts."""
SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 30.0)
"""Bounds of commits, in seconds."""


class Histogram(Struct):
    """How many values fell at or under each bound and over the one before; `sum` adds them up."""

    bounds: tuple[float, ...]
    counts: list[int] = []
    sum: float = 0.0

    def __post_init__(self) -> None:
        self.counts = self.counts or [0] * (len(self.bounds) + 1)

    def note(self, value: float) -> None:
        """Count a value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += value

    def plus(self, other: Self) -> Self:
        """Return what both counted; they have the same bounds."""
        counts = [mine + theirs for mine, theirs in zip(self.counts, other.counts, strict=True)]
        return type(self)(self.bounds, counts, self.sum + other.sum)


def _sizes() -> Histogram:
    return Histogram(SIZES)


def _seconds() -> Histogram:
    return Histogram(SECONDS)


class Figures(Struct):
    """Facts since the start: taken in, and what became of them; batches and their commits.

    `refused` is by code; those that were not even taken in (`overloaded`, `closing`) are in it.
    """

    accepted: int = 0
    recorded: int = 0
    repeated: int = 0
    refused: dict[str, int] = {}
    batches: Histogram = msgspec.field(default_factory=_sizes)
    commits: Histogram = msgspec.field(default_factory=_seconds)

    def turn_away(self, code: str, facts: int = 1) -> None:
        """Count facts that were not taken in, or not read."""
        self.refused[code] = self.refused.get(code, 0) + facts

    def batch(self, facts: int, recorded: int, seconds: float, codes: Iterable[str]) -> None:
        """Count a batch and its commit; *codes* of its refusals are asked where it has any.

        What was neither recorded nor refused was there before.
        """
        self.batches.note(facts)
        if recorded:
            self.commits.note(seconds)
            self.recorded += recorded
        if facts > recorded:
            refused = list(codes)
            self.refuse(refused)
            self.repeated += facts - recorded - len(refused)

    def refuse(self, codes: Iterable[str]) -> None:
        """Count the refusals of a batch."""
        for code, times in Counter(codes).items():
            self.turn_away(code, times)

    def plus(self, other: Self) -> Self:
        """Return what both counted."""
        return type(self)(
            self.accepted + other.accepted,
            self.recorded + other.recorded,
            self.repeated + other.repeated,
            dict(Counter(self.refused) + Counter(other.refused)),
            self.batches.plus(other.batches),
            self.commits.plus(other.commits),
        )
