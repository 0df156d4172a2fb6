"""A load generator: prebuilt requests over keep-alive connections, the latency of each.

    python -m bench.load < SPEC > OUTCOME

It runs in a process of its own, and shares the cores with what it measures. A closed loop sends
when the last answer came. An open loop sends when a sale is due, whatever became of the one before:
the latency counts from that instant, so a server that stalls is charged for everyone who waits.
"""

import asyncio
import itertools
import sys
import time
from array import array
from collections.abc import Iterator
from functools import partial
from gc import freeze
from typing import Final, cast

import msgspec
import uvloop
from msgspec import Struct

from bench.workload import sale

AHEAD: Final = 12_000
"""Sales a second that are built before the clock starts; the rest on the way."""
AFTER_503: Final = 0.1
"""Seconds that a client waits when it is told that too much is waiting; then it sends the next."""
_DUE_MS: Final = 1000.0


class Spec(Struct, frozen=True):
    """What to send: sales by turns into the books of *keys*, *batch* of them a request.

    With a *rate* (sales a second, of all clients together) they are due at even intervals;
    otherwise every client sends as fast as it is answered. What the first *warm* seconds bring is
    recorded, but not counted. With *sales* it ends after so many, not by the clock.
    """

    port: int
    keys: list[str]
    prefix: str
    clients: int
    seconds: float
    batch: int = 1
    rate: float = 0.0
    warm: float = 0.3
    sales: int = 0


class Outcome(Struct, frozen=True):
    """What came of it. Latencies in milliseconds, of what was due while it counted, and recorded.

    `overloaded` are sales that were answered with 503, `refused` those with anything else.
    """

    per_second: float
    accepted: int
    overloaded: int
    refused: int
    p50: float
    p99: float
    p999: float
    worst: float
    cpu_seconds: float
    by_book: list[int]
    said: str = ""
    """How the first refusal begins."""


class _Tally:
    """Counts answers, in a window of time."""

    def __init__(self, batch: int, books: int) -> None:
        self.batch, self.begin, self.end = batch, 0.0, 0.0
        self.by_book = [0] * books
        self.latencies = array("d")
        self.accepted = self.counted = self.overloaded = self.refused = 0
        self.last = 0.0
        self.said = ""

    def add(self, number: int, due: float, head: bytes, body: bytes) -> float:
        """Count an answer to a request that was due at an instant; return how long to wait."""
        now = time.perf_counter()
        taken = head.startswith(b"HTTP/1.1 2")
        if taken and self.batch > 1:
            taken = b'"refused":0' in body[:200]
        if head.startswith(b"HTTP/1.1 503"):
            self.overloaded += self.batch
            return AFTER_503
        if not taken:
            self.refused += self.batch
            self.said = self.said or (head[:40] + b" " + body[:300]).decode(errors="replace")
            return 0.0
        self.accepted += self.batch
        self.by_book[number % len(self.by_book)] += self.batch
        if self.begin <= now <= self.end:
            self.counted += self.batch
            self.last = now
        if self.begin <= due <= self.end:
            self.latencies.append((now - due) * _DUE_MS)
        return 0.0


class _Till(asyncio.Protocol):
    """One connection: sends a request when the last one is answered, and not before it is due."""

    def __init__(
        self, requests: Iterator[tuple[int, bytes]], tally: _Tally, due: Iterator[float]
    ) -> None:
        self._requests, self._tally, self._due_at = requests, tally, due
        self._loop = asyncio.get_running_loop()
        self.done = self._loop.create_future()
        self._due, self._number = 0.0, 0
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's has another parent

    def next(self) -> None:
        """Send the next request, now or when it is due."""
        now = time.perf_counter()
        self._due = next(self._due_at, now)
        if self._due > self._tally.end:
            self._transport.close()
        elif self._due > now:
            self._loop.call_later(self._due - now, self._send)
        else:
            self._send()

    def _send(self) -> None:
        following = next(self._requests, None)
        if following is None:
            self._transport.close()
        else:
            self._number, request = following
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        received = self._received + data if self._received else data
        head, split, body = received.partition(b"\r\n\r\n")
        if not split or len(body) < _length(head):
            self._received = received
            return
        self._received = b""
        wait = self._tally.add(self._number, self._due, head, body)
        if wait:
            self._loop.call_later(wait, self.next)
        else:
            self.next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


def _length(head: bytes) -> int:
    return int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])


def request(path: str, key: str, body: bytes) -> bytes:
    """Return the bytes of a POST."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def requests(spec: Spec) -> Iterator[bytes]:
    """Yield requests, each for the next book; without end, or as many as there are sales."""
    keys = itertools.cycle(spec.keys)
    path = "/v1/events/batch" if spec.batch > 1 else "/v1/events"
    starts = itertools.count(0, spec.batch) if not spec.sales else range(0, spec.sales, spec.batch)
    for start in starts:
        sales = [sale(start + number, spec.prefix) for number in range(spec.batch)]
        body = msgspec.json.encode(sales if spec.batch > 1 else sales[0])
        yield request(path, next(keys), body)


def due(spec: Spec, client: int, begin: float) -> Iterator[float]:
    """Yield when a client's sales are due; nothing for a closed loop."""
    if not spec.rate:
        return
    apart = spec.clients / spec.rate
    for number in itertools.count():
        yield begin + (number + client / spec.clients) * apart


async def drive(spec: Spec) -> Outcome:
    """Send what a spec says."""
    stream = requests(spec)
    seconds = spec.seconds + spec.warm
    ahead = list(itertools.islice(stream, int(seconds * (spec.rate or AHEAD) / spec.batch)))
    freeze()
    loop = asyncio.get_running_loop()
    tally = _Tally(spec.batch, len(spec.keys))
    every = enumerate(itertools.chain(ahead, stream))
    tills, start = [], time.perf_counter() + 0.05
    for client in range(spec.clients):
        when = due(spec, client, start)
        made = partial(_Till, every, tally, when)
        _, till = await loop.create_connection(made, "127.0.0.1", spec.port)
        tills.append(till)
    tally.begin = tally.last = time.perf_counter() + spec.warm
    tally.end = float("inf") if spec.sales else tally.begin + spec.seconds
    before = time.process_time()
    for till in tills:
        till.next()
    await asyncio.gather(*(till.done for till in tills))
    return _outcome(tally, time.process_time() - before)


def _outcome(tally: _Tally, cpu_seconds: float) -> Outcome:
    ordered = sorted(tally.latencies) or [0.0]
    until = tally.last if tally.end == float("inf") else tally.end

    def percentile(share: float) -> float:
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    return Outcome(
        per_second=tally.counted / (until - tally.begin) if until > tally.begin else 0.0,
        accepted=tally.accepted,
        overloaded=tally.overloaded,
        refused=tally.refused,
        p50=percentile(0.5),
        p99=percentile(0.99),
        p999=percentile(0.999),
        worst=ordered[-1],
        cpu_seconds=cpu_seconds,
        by_book=tally.by_book,
        said=tally.said,
    )


def main() -> None:
    """Read a spec, send it, print what came of it."""
    spec = msgspec.json.decode(sys.stdin.buffer.read(), type=Spec)
    outcome = uvloop.run(drive(spec))
    sys.stdout.buffer.write(msgspec.json.encode(outcome))


if __name__ == "__main__":
    main()
