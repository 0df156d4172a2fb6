"""Where the recorder works: in a thread of its own, or among its callers, in their event loop.

Two threads that are both busy contend for the interpreter, and both lose by it. Among its callers
the recorder takes turns with them instead. It is written as if it waited; SQLAlchemy's greenlets
let the loop go on whenever it does.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from threading import Event, Thread
from time import monotonic
from typing import Final, Protocol, TypeVar

from msgspec import Struct

from ledger.database import await_, greenlet_spawn

T = TypeVar("T")

A_TURN: Final = 0.005
"""How long callers wait at most while commands are decided, one after the other, in seconds.

Longer than `daybook serve` lets a thread keep the interpreter: a thread that waits for it asks for
it only when it was not given up for so long, and would starve beside one that gives it up sooner.
"""


class Answer(Protocol):
    """What will come of something that was begun."""

    @property
    def socket(self) -> int | None:
        """Return where it comes in, if over a connection that can be watched."""

    @property
    def here(self) -> bool:
        """Tell whether it has come, or can only be waited for."""

    def wait(self) -> None:
        """Wait for it; what went wrong is raised."""


class Desk(Protocol):
    """Gives one worker a place, and lets it rest until somebody knocks."""

    def sit_down(self, work: Callable[[], None]) -> None:
        """Begin with *work*, which ends by itself; at once, or when `open` is called."""

    def open(self) -> None:
        """Let work begin that waits for the event loop; called in the loop."""

    @property
    def alive(self) -> bool:
        """Tell whether the work has not ended."""

    def rest(self, until: Answer | None = None) -> bool:
        """Wait until somebody knocks, or has since the last rest. The worker calls it.

        With an answer to wait for *until* that has come too; True if it has, or if the worker may
        as well wait for it.
        """

    def knock(self) -> None:
        """End the rest of the worker, this or the next; from any thread."""

    def pause(self) -> None:
        """Let callers be heard, if they have waited for a while. The worker calls it."""

    def start(self, task: Callable[[], None]) -> Answer:
        """Begin something that may wait for long; the worker calls it, and goes on if it can."""

    def aside(self, task: Callable[[], T]) -> T:
        """Do what may wait for long, without keeping callers waiting. The worker calls it."""

    def leave(self) -> None:
        """Wait until the work has ended; from another thread than the worker's."""


class OwnThread:
    """A thread of the worker's own."""

    def __init__(self) -> None:
        self._knocked = Event()
        self._thread: Thread | None = None

    def sit_down(self, work: Callable[[], None]) -> None:
        """Begin at once."""
        self._thread = Thread(target=work, name="recorder", daemon=True)
        self._thread.start()

    def open(self) -> None:
        """Go on: the work has begun."""

    @property
    def alive(self) -> bool:
        """Tell whether the work has not ended."""
        return self._thread is not None and self._thread.is_alive()

    def rest(self, until: Answer | None = None) -> bool:
        """Wait for a knock; not where an answer will come, for which this thread waits."""
        if until is not None:
            return True
        self._knocked.wait()
        self._knocked.clear()
        return False

    def knock(self) -> None:
        """End a rest."""
        if not self._knocked.is_set():
            self._knocked.set()

    def pause(self) -> None:
        """Go on: who else is busy takes the interpreter by himself."""

    def start(self, task: Callable[[], None]) -> Answer:
        """Do it when it is waited for: this thread can do one thing at a time."""
        return _Started(task, lambda: True)

    def aside(self, task: Callable[[], T]) -> T:
        """Do it here."""
        return task()

    def leave(self) -> None:
        """Wait for the end."""
        if self._thread is not None:
            self._thread.join()


class AmongCallers:
    """The event loop of those who call; the worker runs between their turns."""

    def __init__(self) -> None:
        self._work: Callable[[], None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._resting: asyncio.Future[None] | None = None
        self._knocked = False
        self._since = 0.0
        self._aside = ThreadPoolExecutor(1, "recorder")
        self._ended = Event()

    def sit_down(self, work: Callable[[], None]) -> None:
        """Wait for the loop."""
        self._work = work

    def open(self) -> None:
        """Begin in the loop that runs."""
        assert self._work is not None, "somebody sits here"
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(greenlet_spawn(self._work))
        self._task.add_done_callback(lambda _: self._ended.set())

    @property
    def alive(self) -> bool:
        """Tell whether the work has not ended."""
        return not self._ended.is_set()

    def rest(self, until: Answer | None = None) -> bool:
        """Wait for a knock or for an answer, while the loop goes on."""
        if until is not None and until.here:
            return True
        if not self._knocked:
            self._await(self._rested(until.socket if until else None))
        self._knocked = False
        return until is not None and until.here

    async def _rested(self, socket: int | None) -> None:
        assert self._loop is not None, "the work has begun"
        self._resting = self._loop.create_future()
        if socket is not None:
            self._loop.add_reader(socket, self._wake)
        try:
            if not self._knocked:  # from another thread meanwhile
                await self._resting
        finally:
            if socket is not None:
                self._loop.remove_reader(socket)
            self._resting = None

    def knock(self) -> None:
        """End a rest; from another thread, by the loop."""
        self._knocked = True
        if self._resting is None or self._loop is None:
            return
        try:
            here = asyncio.get_running_loop() is self._loop
        except RuntimeError:
            here = False
        if here:
            self._wake()
        else:
            with suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        if self._resting is not None and not self._resting.done():
            self._resting.set_result(None)

    def pause(self) -> None:
        """Let the loop go on once in a while."""
        if monotonic() - self._since >= A_TURN:
            self._await(asyncio.sleep(0))

    def start(self, task: Callable[[], None]) -> Answer:
        """Begin it in a thread, which knocks when it is done."""
        done = self._aside.submit(task)
        done.add_done_callback(lambda _: self.knock())
        return _Started(lambda: self._await(_result(done)), done.done)

    def aside(self, task: Callable[[], T]) -> T:
        """Do it in a thread, while the loop goes on."""
        return self._await(_result(self._aside.submit(task)))

    def _await(self, awaited: Awaitable[T]) -> T:
        result = await_(awaited)
        self._since = monotonic()
        return result

    def leave(self) -> None:
        """Wait for the end, if there was a beginning."""
        if self._task is not None:
            self._ended.wait()
        self._aside.shutdown()


async def _result(done: Future[T]) -> T:
    return await asyncio.wrap_future(done)


class _Started(Struct, frozen=True):
    """What comes of a task that was begun."""

    wait: Callable[[], None]
    ended: Callable[[], bool]
    socket: None = None

    @property
    def here(self) -> bool:
        """Tell whether the task has ended."""
        return self.ended()
