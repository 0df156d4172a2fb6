"""How fast a company may be called: at even steps, and so many requests in any minute."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

from msgspec import Struct


class Rate(Struct, frozen=True):
    """At most `calls` begin within any `seconds`."""

    calls: int
    seconds: float


def even(per_second: float, per_minute: int) -> tuple[Rate, ...]:
    """Return the rates of calls that begin at even steps, and so many of them in any minute.

    What begins at once can arrive in the same second as what began at once a second later.
    """
    return Rate(1, 1 / per_second), Rate(per_minute, 60.0)


QUICKBOOKS: Final = even(8, 450)
"""Intuit allows a company 10 a second and 500 a minute.

A tenth of a minute is left to others who call. Of eight steps in a second at most ten arrive in
one, as long as the ways of two calls differ by less than a quarter of a second.
"""


class Limiter:
    """Lets callers through in the order in which they came, each as early as the rates allow."""

    def __init__(
        self,
        rates: tuple[Rate, ...] = QUICKBOOKS,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._rates, self._clock, self._sleep = rates, clock, sleep
        self._began: deque[float] = deque(maxlen=max(rate.calls for rate in rates))
        self._turn = asyncio.Lock()

    async def acquire(self) -> None:
        """Return when a call may begin."""
        async with self._turn:
            wait = self._wait()
            if wait > 0:
                await self._sleep(wait)
            self._began.append(self._clock())

    def _wait(self) -> float:
        """Return how long to wait, never longer than a rate is about: a clock may be set back."""
        now = self._clock()
        full = [rate for rate in self._rates if len(self._began) >= rate.calls]
        waits = (min(self._began[-rate.calls] + rate.seconds - now, rate.seconds) for rate in full)
        return max(waits, default=0.0)
