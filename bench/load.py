"""A load generator: prebuilt requests over keep-alive connections, the latency of each."""

import asyncio
import time
from collections.abc import Iterator

from msgspec import Struct


class Load(Struct):
    """What a run of requests came to; latencies in milliseconds."""

    seconds: float
    latencies: list[float]
    refused: int

    @property
    def per_second(self) -> float:
        """Return answered requests a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Return the latency that *share* of the requests do not exceed, in milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def request(path: str, key: str, body: bytes, content_type: str = "application/json") -> bytes:
    """Return the bytes of a POST."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class _Till(asyncio.Protocol):
    """One connection: sends a request when the last one is answered."""

    def __init__(self, requests: Iterator[bytes], load: Load, until: float) -> None:
        self.requests, self.load, self.until = requests, load, until
        self.done = asyncio.get_running_loop().create_future()
        self.sent_at = 0.0
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._send()

    def _send(self) -> None:
        request = next(self.requests, None) if time.perf_counter() < self.until else None
        if request is None:
            self.transport.close()
            return
        self.sent_at = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, split, rest = self.received.partition(b"\r\n\r\n")
        if not split:
            return
        length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        if len(rest) < length:
            return
        self.received = rest[length:]
        self.load.latencies.append((time.perf_counter() - self.sent_at) * 1000)
        if not head.startswith((b"HTTP/1.1 2", b"HTTP/1.0 2")):
            self.load.refused += 1
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


async def drive(port: int, requests: Iterator[bytes], *, tills: int, seconds: float) -> Load:
    """Send *requests* over as many connections as there are tills, for so many seconds."""
    loop = asyncio.get_running_loop()
    load = Load(0.0, [], 0)
    start = time.perf_counter()
    connections = [
        await loop.create_connection(
            lambda: _Till(requests, load, start + seconds), "127.0.0.1", port
        )
        for _ in range(tills)
    ]
    await asyncio.gather(*(protocol.done for _, protocol in connections))
    load.seconds = time.perf_counter() - start
    return load
