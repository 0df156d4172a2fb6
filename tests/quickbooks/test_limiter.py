"""Nobody calls a company faster than it allows, and nobody waits longer than needed."""

import asyncio

from sync.quickbooks.limiter import Limiter, Rate


class FakeTime:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def clock(self) -> float:
        """Return the present."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.now += seconds


def _starts(rates: tuple[Rate, ...], calls: int) -> list[float]:
    time = FakeTime()
    limiter = Limiter(rates, clock=time.clock, sleep=time.sleep)

    async def call() -> float:
        await limiter.acquire()
        return round(time.now - 100.0, 6)

    async def all_of_them() -> list[float]:
        return await asyncio.gather(*(call() for _ in range(calls)))

    return asyncio.run(all_of_them())


def test_so_many_in_any_second() -> None:
    assert _starts((Rate(3, 1.0),), 8) == [0, 0, 0, 1, 1, 1, 2, 2]


def test_so_many_in_any_minute_too() -> None:
    starts = _starts((Rate(2, 1.0), Rate(5, 60.0)), 11)
    assert starts == [0, 0, 1, 1, 2, 60, 60, 61, 61, 62, 120]


def test_no_window_of_a_minute_holds_more_than_its_rate() -> None:
    starts = _starts((Rate(10, 1.0), Rate(450, 60.0)), 1000)
    for first, later in zip(starts, starts[450:], strict=False):
        assert later - first >= 60.0


def test_who_comes_after_a_pause_does_not_wait() -> None:
    time = FakeTime()
    limiter = Limiter((Rate(1, 1.0),), clock=time.clock, sleep=time.sleep)

    async def two_calls_with_a_pause() -> None:
        await limiter.acquire()
        time.now += 5.0
        await limiter.acquire()

    asyncio.run(two_calls_with_a_pause())
    assert time.slept == []


def test_a_clock_that_is_set_back_keeps_nobody_waiting() -> None:
    time = FakeTime()
    limiter = Limiter((Rate(1, 1.0), Rate(450, 60.0)), clock=time.clock, sleep=time.sleep)

    async def two_calls() -> None:
        await limiter.acquire()
        time.now -= 3600
        await limiter.acquire()

    asyncio.run(two_calls())
    assert time.slept == [1.0]
