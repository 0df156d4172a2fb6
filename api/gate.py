"""The gate: how much may be under way at once. What is too much is refused before it costs much.

Who only comes in slowly takes up nothing: a fact counts from when its body is whole.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from litestar.types import Scope, Send

from api.caller import stated
from api.problems import as_refusal, send_problem
from ledger.recorder import Unavailable

FACTS: Final = 256
"""Single facts under way: two batches' worth, so that whoever is let in is answered soon."""
REST_SECONDS: Final = 1.0
"""How long a refused connection is not read: what `Retry-After` asks for, done for the hasty."""
REST: Final = "daybook.rest"
"""Where a server that can stop reading says how; the others answer the hasty each time."""
SINGLE: Final = "/v1/events"

HOST: Final = re.compile(rb"[0-9A-Za-z.:_\[\]-]*")

BATCHES: Final = 64
BATCHES_OF_A_KEY: Final = 32
"""Calls with many facts under way in a process, and of one key: nobody takes all of them."""


class Gate:
    """Counts what is under way in one process; `refused` is by code, of what went no further."""

    def __init__(self, facts: int = FACTS) -> None:
        self._most = facts
        self.facts = 0
        self.refused: Counter[str] = Counter()
        self._batches: Counter[str] = Counter()

    @property
    def full(self) -> bool:
        """Tell whether no further fact is let in."""
        return self.facts >= self._most

    @property
    def batches(self) -> int:
        """Return how many calls with many facts are under way."""
        return self._batches.total()

    def enter(self) -> None:
        """Let a fact in, until `leave`; Unavailable when too many are."""
        if self.full:
            self.refused["overloaded"] += 1
            raise Unavailable("overloaded")
        self.facts += 1

    def leave(self) -> None:
        """Let a fact go."""
        self.facts -= 1

    def refuse(self, refusals: Iterable[Exception]) -> None:
        """Count facts that cannot be read."""
        self.refused.update(as_refusal(refusal).code for refusal in refusals)

    @contextmanager
    def batch(self, key: str) -> Iterator[None]:
        """Let a call with many facts in for the block; Unavailable when too many are."""
        if self.batches >= BATCHES or self._batches[key] >= BATCHES_OF_A_KEY:
            self.refused["overloaded"] += 1
            raise Unavailable("overloaded")
        self._batches[key] += 1
        try:
            yield
        finally:
            self._batches[key] -= 1
            if not self._batches[key]:
                del self._batches[key]


def is_single(scope: Mapping[str, Any]) -> bool:
    """Tell whether a request is a single fact, which is answered in front of all routing.

    One whose host is oddly named goes through the routing, which judges such names.
    """
    if scope.get("path") != SINGLE or scope.get("method") != "POST":
        return False
    host = stated(scope, b"host")
    return host is None or HOST.fullmatch(host) is not None


async def turn_away(gate: Gate, scope: Scope, send: Send) -> None:
    """Refuse a fact that nobody read, and read nothing more of that caller for a while."""
    gate.refused["overloaded"] += 1
    await send_problem(scope, send, Unavailable("overloaded"))
    let_rest(scope)


def let_rest(scope: Scope) -> None:
    """Read nothing more of a caller for a while, where the server can."""
    rest = scope.get(REST)
    if rest is not None:
        rest(REST_SECONDS)  # type: ignore[operator] # our own: see patience.py
