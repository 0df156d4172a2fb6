"""What too many callers do to the service, and one large import to the tills beside it.

    python -m bench.overload [--seconds 5] [--tills 128] [--times 10] [--import 100000] [--postgres]

Prints goodput at so many times the callers beside the peak (callers who are refused come again at
once, or after the second that they are told to wait), how long a refusal takes, the memory of the
process, and the latency of single sales alone and beside an NDJSON import.
"""

import argparse
import asyncio
import itertools
import json
import secrets
import time
from collections.abc import Iterator
from gc import freeze
from pathlib import Path
from typing import Any, Final, cast

import uvloop
from msgspec import Struct

from bench.figures import Figure, Options
from bench.ground import ENGINES, EngineName, Ground, Served, ground
from bench.load import AHEAD, request
from bench.workload import bodies, sale

ACCEPTING: Final = 1.0
"""Seconds in which the service takes in all connections, before callers begin together."""
SENT: Final = 32
"""How many of them begin in a turn of this loop, which sends at its end."""


class Counted(Struct):
    """What callers got: latencies in milliseconds of what was recorded and of what was refused.

    *late* are answers that came when the time was over; *lag* is by how many milliseconds callers
    came again later than they meant to, which is the load generator's own delay.
    """

    seconds: float = 0.0
    recorded: list[float] = []
    refused: list[float] = []
    late: int = 0
    lag: list[float] = []

    @property
    def goodput(self) -> float:
        """Return recorded sales a second."""
        return (len(self.recorded) - self.late) / self.seconds


def percentile(latencies: list[float], share: float) -> float:
    """Return the latency that *share* of the calls do not exceed; 0 where there is none."""
    ordered = sorted(latencies)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


class Caller(asyncio.Protocol):
    """Sends a request when the last one is answered; *pause* seconds after a refusal."""

    def __init__(
        self, requests: Iterator[bytes], counted: Counted, until: float, pause: float
    ) -> None:
        self.requests, self.counted, self.until, self.pause = requests, counted, until, pause
        self.done = asyncio.get_running_loop().create_future()
        self.received = b""
        self.sent_at = 0.0
        self.request: bytes | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, unless all begin together."""
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is one by shape
        if self.until:
            self.begin(self.until)

    def begin(self, until: float) -> None:
        """Send the first request, and others until then."""
        self.until = until
        self._send(next(self.requests))

    def _send(self, request: bytes) -> None:
        if time.perf_counter() >= self.until or self.transport.is_closing():
            self.transport.close()
            return
        self.request, self.sent_at = request, time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Count an answer; ask for the next thing, or for the same again."""
        self.received += data
        head, split, rest = self.received.partition(b"\r\n\r\n")
        if not split:
            return
        length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        if len(rest) < length:
            return
        self.received = rest[length:]
        now = time.perf_counter()
        latency = (now - self.sent_at) * 1000
        self.counted.late += now > self.until
        if head.startswith(b"HTTP/1.1 2"):
            self.counted.recorded.append(latency)
            self._send(next(self.requests))
            return
        assert head.startswith(b"HTTP/1.1 503"), head
        assert b"retry-after: 1" in head.lower()
        self.counted.refused.append(latency)
        asyncio.get_running_loop().call_later(self.pause, self._send_again, now + self.pause)

    def _send_again(self, due: float) -> None:
        self.counted.lag.append((time.perf_counter() - due) * 1000)
        assert self.request is not None
        self._send(self.request)

    def connection_lost(self, exc: Exception | None) -> None:
        """Be done."""
        if not self.done.done():
            self.done.set_result(None)


async def call(
    port: int, key: str, *, callers: int, seconds: float, pause: float = 0.0, afresh: bool = False
) -> Counted:
    """Let callers sell for so many seconds.

    They are connected before, as tills are all day, and begin in one instant; *afresh*, each
    connects and begins at once.
    """
    prefix = f"S{secrets.token_hex(4)}"
    stream = (request("/v1/events", key, body) for body in bodies(prefix))
    ahead = list(itertools.islice(stream, int(seconds * AHEAD)))
    requests, counted = itertools.chain(ahead, stream), Counted()
    freeze()  # no search for garbage shall look like a slow answer
    loop, began = asyncio.get_running_loop(), time.perf_counter()
    connections = [
        await loop.create_connection(
            lambda: Caller(requests, counted, began + seconds if afresh else 0.0, pause),
            "127.0.0.1",
            port,
        )
        for _ in range(callers)
    ]
    if not afresh:
        await asyncio.sleep(ACCEPTING)
        until = time.perf_counter() + seconds
        for number, (_, caller) in enumerate(connections):
            caller.begin(until)
            if not number % SENT:
                await asyncio.sleep(0)
    await asyncio.gather(*(caller.done for _, caller in connections))
    counted.seconds = seconds
    return counted


async def sell_steadily(port: int, key: str, *, every: float, until: asyncio.Event) -> Counted:
    """Sell one thing after another, *every* so many seconds, on 8 connections in turn."""
    counted, prefix = Counted(), f"T{secrets.token_hex(4)}"
    tills = [await asyncio.open_connection("127.0.0.1", port) for _ in range(8)]
    began = time.perf_counter()
    for number, body in enumerate(bodies(prefix)):
        if until.is_set():
            break
        reader, writer = tills[number % len(tills)]
        sent = time.perf_counter()
        writer.write(request("/v1/events", key, body))
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        await reader.readexactly(length)
        assert head.startswith(b"HTTP/1.1 201"), head
        counted.recorded.append((time.perf_counter() - sent) * 1000)
        await asyncio.sleep(every)
    counted.seconds = time.perf_counter() - began
    for _, writer in tills:
        writer.close()
    return counted


async def import_lines(port: int, key: str, facts: int) -> dict[str, Any]:
    """Send facts as NDJSON while reading the answers; return the summary."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        "POST /v1/events/batch HTTP/1.1\r\nHost: bench\r\n"
        f"Authorization: Bearer {key}\r\nContent-Type: application/x-ndjson\r\n"
        "Transfer-Encoding: chunked\r\n\r\n"
    )
    writer.write(head.encode())

    async def send() -> None:
        prefix = f"N{secrets.token_hex(4)}"
        for number in range(facts):
            line = json.dumps(sale(number, prefix)).encode() + b"\n"
            writer.write(b"%x\r\n%b\r\n" % (len(line), line))
            if number % 64 == 0:
                await writer.drain()
        writer.write(b"0\r\n\r\n")
        await writer.drain()

    sending, last = asyncio.create_task(send()), b""
    while part := await reader.read(256 * 1024):
        last = (last + part)[-4096:]
        if last.endswith(b"\r\n0\r\n\r\n"):
            break
    await sending
    writer.close()
    found = last.rindex(b'{"summary"')
    told: dict[str, Any] = json.JSONDecoder().raw_decode(last[found:].decode())[0]["summary"]
    return told


async def beside_an_import(port: int, key: str, facts: int) -> dict[str, Any]:
    """Return how single sales fare alone, and while an import runs."""
    quiet, over = asyncio.Event(), asyncio.Event()
    asyncio.get_running_loop().call_later(1, quiet.set)
    alone = await sell_steadily(port, key, every=0.01, until=quiet)
    began = time.perf_counter()
    selling = asyncio.create_task(sell_steadily(port, key, every=0.01, until=over))
    summary = await import_lines(port, key, facts)
    seconds = time.perf_counter() - began
    over.set()
    beside = await selling
    assert summary == {"received": facts, "recorded": facts, "repeated": 0, "refused": 0}, summary
    return {
        "import_per_second": facts / seconds,
        "single_alone_p50": percentile(alone.recorded, 0.5),
        "single_alone_p99": percentile(alone.recorded, 0.99),
        "single_beside_p50": percentile(beside.recorded, 0.5),
        "single_beside_p99": percentile(beside.recorded, 0.99),
        "single_beside_most": max(beside.recorded),
    }


def memory_mb(pid: int, *, at_most: bool = False) -> float:
    """Return the memory of a process now, or at its most, MB (Linux)."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    found = {line.split(":")[0]: line.split()[1] for line in text.splitlines() if "kB" in line}
    return int(found["VmHWM" if at_most else "VmRSS"]) / 1024


class Load(Struct, frozen=True):
    """How much: callers at the peak, how many times of them, for how long, facts of the import."""

    seconds: float
    tills: int = 128
    times: int = 10
    facts: int = 100_000


_RATIOS: Final = {
    "hasty_goodput": "goodput, callers who come again at once / peak",
    "patient_goodput": "goodput, callers who wait as they are told / peak",
}
_LATENCIES: Final = {
    "refused_p50": ("a refusal, p50", 50),
    "refused_p99": ("a refusal, p99", 50),
    "lag_p99": ("of that the load generator's own delay, p99", None),
    "afresh_p99": ("a refusal where all connect in that instant, p99", None),
    "single_alone_p99": ("a sale alone, p99", None),
    "single_beside_p99": ("a sale beside an import, p99", None),
}


def measure(options: Options, on: Ground) -> list[Figure]:
    """Return what ten times the callers do to goodput, refusals and memory, a round each."""
    figures: list[Figure] = []
    load = Load(
        seconds=max(0.5, options.seconds * 2),
        tills=max(8, int(128 * min(1.0, options.scale * 100))),
        facts=max(200, int(20_000 * options.scale)),
    )
    for engine in ENGINES:
        rounds: list[dict[str, float]] = []
        key = on.keys_of(engine)[0]
        for number in range(options.rounds):
            with on.serving(on.database(engine, f"overload{number}")) as served:
                rounds.append(_run(served, key, load))
        of = {name: [found[name] for found in rounds] for name in rounds[0]}
        section = f"Ten times the callers, {engine}"
        for name, title in _RATIOS.items():
            figures.append(Figure(section, title, "ratio", of[name], 0.8))
        for name, (title, most) in _LATENCIES.items():
            figures.append(Figure(section, title, "ms", of[name], at_most=most))
        grown = [found["most_mb"] / found["start_mb"] for found in rounds]
        figures.append(Figure(section, "memory at its most / at the start", "ratio", grown))
    return figures


def main() -> None:
    """Run everything once and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--tills", type=int, default=128)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--import", dest="facts", type=int, default=100_000)
    parser.add_argument("--postgres", action="store_true")
    given = parser.parse_args()
    engine: EngineName = "postgresql" if given.postgres else "sqlite"
    load = Load(given.seconds, given.tills, given.times, given.facts)
    with ground() as place, place.serving(place.database(engine, "overload")) as served:
        found = _run(served, place.keys_of(engine)[0], load)
    for name, value in found.items():
        print(f"{name:32} {value:12,.2f}")


def _run(served: Served, key: str, load: Load) -> dict[str, float]:
    port, pid = served.port, served.pid
    found: dict[str, float] = {"start_mb": memory_mb(pid)}
    uvloop.run(call(port, key, callers=load.tills, seconds=min(2.0, load.seconds)))
    peak = uvloop.run(call(port, key, callers=load.tills, seconds=load.seconds))
    assert not peak.refused
    many = load.tills * load.times
    hasty = uvloop.run(call(port, key, callers=many, seconds=load.seconds))
    patient = uvloop.run(call(port, key, callers=many, seconds=load.seconds, pause=1.0))
    afresh = uvloop.run(call(port, key, callers=many, seconds=0.5, pause=1.0, afresh=True))
    found |= {
        "peak_per_second": peak.goodput,
        "peak_p99": percentile(peak.recorded, 0.99),
        "hasty_goodput": hasty.goodput / peak.goodput,
        "patient_goodput": patient.goodput / peak.goodput,
        "hasty_recorded_p99": percentile(hasty.recorded, 0.99),
        "patient_recorded_p99": percentile(patient.recorded, 0.99),
        "refused_share": len(patient.refused) / max(1, len(patient.refused + patient.recorded)),
        "refused_p50": percentile(patient.refused, 0.5),
        "refused_p99": percentile(patient.refused, 0.99),
        "lag_p99": percentile(patient.lag, 0.99),
        "afresh_p99": percentile(afresh.refused, 0.99),
    }
    found |= uvloop.run(beside_an_import(port, key, load.facts))
    return found | {"most_mb": memory_mb(pid, at_most=True)}


if __name__ == "__main__":
    main()
