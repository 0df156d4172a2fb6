"""A loop whose time is virtual: sleeping costs nothing, and the same program runs the same way."""

import asyncio
import math
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from sync.settings import SECOND

T = TypeVar("T")

MIDNIGHT_US = 1_772_323_200 * SECOND
"""Where virtual time starts: 2026-03-01T00:00Z."""


class _Skipping(selectors.SelectSelector):
    """Waits by moving the clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        assert timeout is not None, "everybody waits for nothing"
        if timeout > 0:
            self.now = max(self.now + timeout, math.nextafter(self.now, math.inf))
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """Runs what is ready, then jumps to what comes next."""

    def __init__(self) -> None:
        self._skipping = _Skipping()
        super().__init__(self._skipping)

    def time(self) -> float:
        """Return virtual seconds since the loop began."""
        return self._skipping.now

    def clock(self) -> int:
        """Return virtual microseconds since 1970."""
        return MIDNIGHT_US + int(self._skipping.now * SECOND)


def run(main: Callable[[VirtualLoop], Coroutine[Any, Any, T]]) -> T:
    """Run a program in virtual time."""
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(main(loop))
    finally:
        loop.close()


async def inline(function: Callable[..., T], /, *arguments: Any) -> T:
    """Run a function of the store at once, where a worker would use a thread."""
    return function(*arguments)
