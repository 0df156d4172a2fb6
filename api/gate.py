"""The gate: how much may be under way at once. What is too much is refused before it costs much.

Who only comes in slowly takes up nothing: a fact counts from when its body is whole.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import msgspec
from litestar.types import ASGIApp, Receive, Scope, Send

from api.problems import MEDIA_TYPE, as_refusal, headers_of, preferred, to_problem
from ledger.recorder import Unavailable

FACTS: Final = 512
"""Single facts under way: two batches' worth, so that whoever is let in is answered soon."""
A_TURN: Final = 64
"""How many facts are read in one turn of the loop, when many come at once."""
REST_SECONDS: Final = 1.0
"""How long a refused connection is not read: what `Retry-After` asks for, done for the hasty."""
REST: Final = "daybook.rest"
"""Where a server that can stop reading says how; the others answer the hasty each time."""
BATCHES: Final = 64
BATCHES_OF_A_KEY: Final = 32
"""Calls with many facts under way in a process, and of one key: nobody takes all of them."""

SINGLE: Final = "/v1/events"


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
    def turns(self) -> int:
        """Return how many turns of the loop a fact leaves to others before it is read.

        So no turn reads more than `A_TURN` once many are under way, and who is refused meanwhile
        hears of it soon.
        """
        return max(self.facts - self._most // 4, 0) // A_TURN

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


def gated(app: ASGIApp, gate: Gate) -> ASGIApp:
    """Return *app* behind the gate: when it is full, a fact is refused unread and unrouted."""

    async def at_the_gate(scope: Scope, receive: Receive, send: Send) -> None:
        if gate.full and scope.get("path") == SINGLE and scope.get("method") == "POST":
            gate.refused["overloaded"] += 1
            await _refuse(scope, send)
        else:
            await app(scope, receive, send)

    return at_the_gate


async def _refuse(scope: Any, send: Send) -> None:
    asked = next((value for name, value in scope["headers"] if name == b"accept-language"), b"")
    language = preferred(asked.decode("latin-1")) or "en"
    request_id = str(scope.get("state", {}).get("request_id", ""))
    body = msgspec.json.encode(to_problem(Unavailable("overloaded"), language, request_id))
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", b"%d" % len(body)),
        (b"content-language", language.encode()),
        *((name.lower().encode(), text.encode()) for name, text in headers_of(503).items()),
    ]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
    rest = scope.get(REST)
    if rest is not None:
        rest(REST_SECONDS)
