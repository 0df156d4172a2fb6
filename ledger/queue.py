"""What waits to be recorded, and how much of it shares the next commit."""

import time
from collections import deque
from threading import Lock
from typing import Final, Protocol

from msgspec import Struct

from ledger.errors import LedgerError
from ledger.events import Event
from ledger.events.base import Actor, Entry

BATCH: Final = 128
"""How many facts share a commit; a command of many facts may add itself to them."""


class Unavailable(LedgerError):
    """The ledger cannot take a fact now; sent again with the same id it is recorded once."""


class Command(Struct, frozen=True):
    """Facts of one book, in order. Of an *atomic* command all are recorded, or none."""

    book_id: int
    actor: Actor
    events: tuple[Event, ...]
    atomic: bool = False


class Recorded(Struct, frozen=True):
    """A fact that is in the log; `repeated` tells that it was there before."""

    entry: Entry
    repeated: bool = False


Outcome = Recorded | LedgerError
"""What became of one fact: recorded, or why not."""


class Told(Protocol):
    """Who is told what became of a command, from where the recorder works: a future, as a rule."""

    def set_running_or_notify_cancel(self) -> bool:
        """Tell whether somebody still waits."""

    def set_result(self, result: list[Outcome], /) -> None:
        """Take an outcome for each fact."""

    def set_exception(self, exception: Exception, /) -> None:
        """Take what kept the command from being recorded."""


class Waiting(Struct, frozen=True, eq=False):
    """A command, who is told what became of it, and since when they wait."""

    command: Command
    future: Told
    since: float


class Waits(Struct, frozen=True):
    """How many facts wait, and for how long the one that waits longest, seconds."""

    facts: int
    oldest_seconds: float


class Queue:
    """Commands of many facts wait apart: single facts go between them."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._single: deque[Waiting] = deque()
        self._many: deque[Waiting] = deque()
        self._batch: list[Waiting] = []
        self._facts = 0
        self._lock = Lock()
        self.closing = False

    def put(self, command: Command, told: Told) -> None:
        """Let a command wait. Unavailable when too many facts do, or none is taken any more."""
        facts = len(command.events)
        waiting = Waiting(command, told, time.monotonic())
        with self._lock:
            if self.closing:
                raise Unavailable("closing")
            if self._facts and self._facts + facts > self._limit:
                raise Unavailable("overloaded")
            (self._single if facts == 1 else self._many).append(waiting)
            self._facts += facts

    def take(self) -> list[Waiting] | None:
        """Return single facts first, and behind them one command of many, or several where alone.

        So neither waits for more than a batch of the other. None when nothing will come any more.
        """
        with self._lock:
            batch = [self._single.popleft() for _ in range(min(len(self._single), BATCH))]
            alone, taken = not batch, len(batch)
            while self._many:
                batch.append(self._many.popleft())
                taken += len(batch[-1].command.events)
                if not alone or taken >= BATCH:
                    break
            self._facts -= taken
            self._batch = batch
            return None if self.closing and not batch else batch

    def close(self) -> None:
        """Take nothing more; what waits is still given out."""
        with self._lock:
            self.closing = True

    @property
    def waits(self) -> Waits:
        """Return what waits now; the age is that of what is being recorded too."""
        with self._lock:
            first = [lane[0].since for lane in (self._single, self._many, self._batch) if lane]
            age = time.monotonic() - min(first) if first else 0.0
            return Waits(self._facts, age)
