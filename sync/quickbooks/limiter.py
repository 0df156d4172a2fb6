"""How fast a company may be called: so many requests in any second, so many in any minute."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

from msgspec import Struct


class Rate(Struct, frozen=True):
    """At most `calls` begin within any `seconds`."""

    calls: int
    seconds: float


QUICKBOOKS: Final = (Rate(8, 1.0), Rate(450, 60.0))
"""Intuit allows a company 10 a second and 500 a minute.

A tenth of a minute is left to others who call, and of a second as much as the way there may vary:
what began in two seconds can arrive in one.
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
            while (wait := self._wait()) > 0:
                await self._sleep(wait)
            self._began.append(self._clock())

    def _wait(self) -> float:
        now = self._clock()
        full = [rate for rate in self._rates if len(self._began) >= rate.calls]
        return max((self._began[-rate.calls] + rate.seconds - now for rate in full), default=0.0)
