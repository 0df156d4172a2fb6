"""The gapless counters of tills: which numbers of a device were received, and which are missing."""

from bisect import bisect_right
from collections.abc import Iterator

from msgspec import Struct

from ledger.events.base import BusinessEvent, Earlier
from ledger.postings import Caveat


class Run(Struct, frozen=True):
    """Numbers of one device and epoch that were received without a hole between them.

    The days (yyyymmdd) are those on which the first and the last of them were booked.
    """

    first: int
    last: int
    first_day: int
    last_day: int


class Runs:
    """What was received of one device and epoch, as runs in order."""

    def __init__(self, runs: list[Run]) -> None:
        self.runs = runs
        self.gone: set[int] = set()
        self.moved: set[int] = set()

    def __contains__(self, number: int) -> bool:
        """Tell whether a number was received."""
        at = self._before(number)
        return at >= 0 and number <= self.runs[at].last

    def add(self, number: int, day: int) -> None:
        """Receive a number, booked on a day (yyyymmdd); runs that meet become one."""
        if number in self:
            return
        at = self._before(number)
        run = Run(number, number, day, day)
        if at >= 0 and self.runs[at].last == number - 1:
            run = _joined(self.runs.pop(at), run)
            at -= 1
        if at + 1 < len(self.runs) and self.runs[at + 1].first == number + 1:
            following = self.runs.pop(at + 1)
            run = _joined(run, following)
            self.gone.add(following.first)
            self.moved.discard(following.first)
        self.runs.insert(at + 1, run)
        self.moved.add(run.first)
        self.gone.discard(run.first)

    def holes(self) -> list[Run]:
        """Return the numbers that are missing between those that were received.

        A hole's days are those of the numbers before and after it.
        """
        pairs = zip(self.runs, self.runs[1:], strict=False)
        return [
            Run(before.last + 1, after.first - 1, before.last_day, after.first_day)
            for before, after in pairs
        ]

    def changed(self) -> tuple[list[Run], list[int]]:
        """Return the runs to write and the beginnings of those to delete, since the last time."""
        put = [run for run in self.runs if run.first in self.moved]
        gone = sorted(self.gone)
        self.moved, self.gone = set(), set()
        return put, gone

    def _before(self, number: int) -> int:
        """Return the index of the last run that begins at or before a number, else -1."""
        return bisect_right(self.runs, number, key=lambda run: run.first) - 1


def _joined(before: Run, after: Run) -> Run:
    return Run(before.first, after.last, before.first_day, after.last_day)


def device_caveats(event: BusinessEvent, earlier: Earlier) -> Iterator[Caveat]:
    """Yield a caveat where a device gives another fact a number that it gave before."""
    stated = event.device_seq
    if stated is not None and earlier.heard(stated.device, stated.epoch, stated.seq):
        yield Caveat("device-number-again", f"{stated.device}:{stated.epoch}:{stated.seq}")
