"""Several documents at a time: what shares a thread goes one after another, in its order."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any, TypeVar

from sync.outbox import Due

T = TypeVar("T")


async def abreast(
    due: Sequence[Due],
    at_once: int,
    deliver: Callable[[str], Coroutine[Any, Any, T]],
    goes_on: Callable[[T], bool],
) -> None:
    """Deliver what is due, *at_once* at a time, for as long as *goes_on* agrees to each result.

    What is under way is always let end. Raises, after that, the first failure of *deliver*, with
    which nothing more begins either. Whoever cancels this cancels what is under way.
    """
    waiting, going, failure = list(due), True, None
    under_way: dict[asyncio.Task[T], Due] = {}
    try:
        while True:
            while going and len(under_way) < at_once:
                found = first_free(waiting, under_way.values())
                if found is None:
                    break
                waiting.remove(found)
                under_way[asyncio.create_task(deliver(found.key))] = found
            if not under_way:
                break
            await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            for task in [task for task in under_way if task.done()]:
                del under_way[task]
                failure = failure or task.exception()
                going = failure is None and goes_on(task.result()) and going
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
    if failure is not None:
        raise failure


def first_free(waiting: Iterable[Due], under_way: Iterable[Due]) -> Due | None:
    """Return the first that shares no thread with what is under way, nor with one before it."""
    taken = {thread for due in under_way for thread in due.threads}
    for due in waiting:
        if taken.isdisjoint(due.threads):
            return due
        taken |= due.threads
    return None
