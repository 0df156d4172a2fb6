"""Answers that come from the recorder's thread: every one of them arrives, and none is missed."""

import asyncio
from threading import Thread

import pytest

from api.doorbell import Doorbell, Visitor
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


def test_an_answer_after_the_house_is_closed_hurts_nobody() -> None:
    async def visited() -> Visitor:
        return Doorbell().visitor()

    visitor = asyncio.run(visited())
    visitor.set_result([])
    assert not visitor.waiting.done()
