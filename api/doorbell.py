"""How the recorder tells callers in the event loop what became of facts: one wake-up for many.

A future of the standard library takes a lock and wakes the loop for itself. Here the recorder puts
answers down and rings once; the loop hands out whatever lies there.
"""

import asyncio
from collections import deque
from contextlib import suppress
from typing import Final

from ledger.recorder import Outcome

Answers = list[Outcome]

A_TURN: Final = 32
"""How much is handed out in one turn of the loop: who calls meanwhile is heard soon."""


class Doorbell:
    """Belongs to the event loop in which it is visited."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lying: deque[tuple[asyncio.Future[Answers], Answers | Exception]] = deque()
        self._rung = False

    def visitor(self) -> "Visitor":
        """Return who waits for one command."""
        self._loop = asyncio.get_running_loop()
        return Visitor(self, self._loop.create_future())

    def put(self, waiting: asyncio.Future[Answers], answer: Answers | Exception) -> None:
        """Put an answer down, from any thread; it rings unless it has rung for others."""
        self._lying.append((waiting, answer))
        if not self._rung:
            self._rung = True
            with suppress(RuntimeError):  # the loop is closed: nobody is at home
                self._at_home().call_soon_threadsafe(self._hand_out)

    def _hand_out(self) -> None:
        self._rung = False  # before looking: what comes from now on rings again
        for _ in range(min(len(self._lying), A_TURN)):
            waiting, answer = self._lying.popleft()
            if waiting.done():
                continue  # nobody waits any more
            if isinstance(answer, Exception):
                waiting.set_exception(answer)
            else:
                waiting.set_result(answer)
        if self._lying and not self._rung:
            self._rung = True
            self._at_home().call_soon(self._hand_out)

    def _at_home(self) -> asyncio.AbstractEventLoop:
        assert self._loop is not None, "somebody waits"
        return self._loop


class Visitor:
    """Waits for what becomes of a command; the recorder tells it, from wherever it works."""

    def __init__(self, bell: Doorbell, waiting: asyncio.Future[Answers]) -> None:
        self._bell = bell
        self.waiting = waiting

    def set_running_or_notify_cancel(self) -> bool:
        """Let the recorder go on: who hangs up does not stop a recording."""
        return True

    def set_result(self, result: Answers) -> None:
        """Bring the outcomes."""
        self._bell.put(self.waiting, result)

    def set_exception(self, exception: Exception) -> None:
        """Bring what kept the command from being recorded."""
        self._bell.put(self.waiting, exception)
