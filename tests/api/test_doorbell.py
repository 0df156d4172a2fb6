"""Answers that come from the recorder, wherever it works: each of them arrives."""

import asyncio
from itertools import pairwise
from threading import Thread

import pytest

from api.doorbell import A_TURN, Doorbell, Visitor
from ledger.errors import Conflict
from ledger.recorder import Unavailable


def test_every_answer_arrives_however_they_fall_together() -> None:
    """Threads put answers down while the loop hands others out."""

    async def visited() -> list[str]:
        bell = Doorbell()
        visitors = [bell.visitor() for _ in range(4000)]

        def tell(mine: list[Visitor], name: int) -> None:
            for visitor in mine:
                visitor.set_result([Conflict(f"from-{name}")])

        threads = [Thread(target=tell, args=(visitors[n::4], n)) for n in range(4)]
        for thread in threads:
            thread.start()
        async with asyncio.timeout(30):
            answers = await asyncio.gather(*(visitor.waiting for visitor in visitors))
        for thread in threads:
            thread.join()
        return [answer[0].code for answer in answers if isinstance(answer[0], Conflict)]

    assert asyncio.run(visited()) == [f"from-{n % 4}" for n in range(4000)]


def test_what_kept_it_from_being_recorded_is_raised() -> None:
    async def visited() -> None:
        visitor = Doorbell().visitor()
        visitor.set_exception(Unavailable("store-unavailable"))
        with pytest.raises(Unavailable, match="store-unavailable"):
            await visitor.waiting

    asyncio.run(visited())


def test_who_hung_up_is_not_told_and_holds_nobody_up() -> None:
    async def visited() -> bool:
        bell = Doorbell()
        gone, there = bell.visitor(), bell.visitor()
        gone.waiting.cancel()
        assert gone.set_running_or_notify_cancel()
        gone.set_result([])
        there.set_result([])
        async with asyncio.timeout(10):
            return await there.waiting == []

    assert asyncio.run(visited())


def test_who_calls_meanwhile_is_heard_between_the_answers() -> None:
    """No turn of the loop hands out more than a few, in their order."""

    async def visited() -> list[int]:
        bell = Doorbell()
        visitors = [bell.visitor() for _ in range(3 * A_TURN + 1)]
        for visitor in visitors:
            visitor.set_result([])
        told: list[int] = []
        while len(told) < 2 or told[-1] < len(visitors):
            await asyncio.sleep(0)
            done = [visitor.waiting.done() for visitor in visitors]
            assert done == sorted(done, reverse=True)
            told.append(sum(done))
        return told

    told = asyncio.run(visited())
    assert max(later - sooner for sooner, later in pairwise([0, *told])) == A_TURN


def test_an_answer_after_the_house_is_closed_hurts_nobody() -> None:
    async def visited() -> Visitor:
        return Doorbell().visitor()

    visitor = asyncio.run(visited())
    visitor.set_result([])
    assert not visitor.waiting.done()
