"""What each process of a service tells of itself, where the others can read it.

One file a process, written every second and put in place at once. A process that fell goes on
counting where its last one stopped; at most a second's counts are lost.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from ledger.figures import Figures

EVERY_SECONDS: Final = 1.0
FRESH_SECONDS: Final = 5.0
"""What a process said of itself longer ago than this does not hold any more."""


class Told(Struct, frozen=True):
    """A process's counts since the service began, and how it is *at* an instant (seconds).

    `gauges` are by name: what waits, what is under way, what it takes up.
    """

    place: int
    at: float
    figures: Figures
    gauges: dict[str, float]


class Board:
    """The board of one service on one machine; without a *folder* the process is alone."""

    def __init__(self, folder: Path | None = None, place: int = 0) -> None:
        self._folder, self.place = folder, place
        before = self._read(place)
        self.before = before.figures if before else Figures()

    async def keep_telling(self, tell: Callable[[], Told]) -> None:
        """Tell again and again, where there may be others; *tell* makes what is told."""
        while self._folder is not None:
            await asyncio.to_thread(self.write, tell())
            await asyncio.sleep(EVERY_SECONDS)

    def others(self) -> Iterator[Told]:
        """Yield what the other processes told; of those that are gone, the counts alone."""
        if self._folder is None:
            return
        for path in sorted(self._folder.glob("*.json")):
            told = self._read(int(path.stem))
            if told is None or told.place == self.place:
                continue
            fresh = time.time() - told.at <= FRESH_SECONDS
            yield told if fresh else Told(told.place, told.at, told.figures, {})

    def write(self, told: Told) -> None:
        """Put on the board what a process tells."""
        assert self._folder is not None
        path = self._folder / f"{self.place}.json"
        new = path.with_suffix(".new")
        new.write_bytes(msgspec.json.encode(told))
        new.replace(path)

    def _read(self, place: int) -> Told | None:
        if self._folder is None:
            return None
        try:
            text = (self._folder / f"{place}.json").read_bytes()
        except FileNotFoundError:
            return None
        return msgspec.json.decode(text, type=Told)
