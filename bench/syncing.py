"""The worker beside what QuickBooks Online lets a company be called, in virtual time.

The real worker, with the settings of production, against the emulator with QuickBooks' own limits
of a second and a minute; how many calls were under way at once is counted on the way. Time is
virtual: a wait costs nothing, and what a call takes over there is stated.
"""

import asyncio
import math
import selectors
from collections.abc import Callable, Sequence
from datetime import date
from random import Random
from typing import Any, Final, TypeVar

import httpx
from msgspec import Struct
from msgspec.structs import replace

from bench.checks import find
from bench.figures import Figure, Options
from bench.ground import Ground
from bench.sales import record
from ledger.database import Engine, open_database, snapshot
from sync.assemble import open_desk
from sync.quickbooks.emulator.app import create_app
from sync.quickbooks.emulator.settings import EmulatorSettings
from sync.quickbooks.emulator.transport import EmulatorTransport
from sync.settings import PRODUCTION, SECOND, QuickBooksSettings
from sync.status import store as status
from sync.vault import Vault

T = TypeVar("T")

SECTION: Final = "Sync beside QuickBooks' limits: 500 requests a minute, 10 a second, 10 at once"
LATENCIES: Final = (0.0, 0.1, 0.25, 0.5)
"""Seconds that a call takes over there."""
SALES: Final = 1_500
PER_MINUTE: Final = 500
AT_ONCE: Final = 10
GOAL: Final = 0.9

_MINUTE: Final = 60.0
_BEGIN: Final = 1_777_593_600
"""Where virtual time begins: 2026-05-01T00:00Z, after every sale."""


class _Skipping(selectors.SelectSelector):
    """Waits by moving the clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        if timeout:
            self.now = max(self.now + timeout, math.nextafter(self.now, math.inf))
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop whose time is virtual; what would go to a thread is done at once."""

    def __init__(self) -> None:
        self._skipping = _Skipping()
        super().__init__(self._skipping)

    def time(self) -> float:
        """Return virtual seconds since the loop began."""
        return self._skipping.now

    def seconds(self) -> float:
        """Return virtual seconds since 1970."""
        return _BEGIN + self._skipping.now

    def clock(self) -> int:
        """Return virtual microseconds since 1970."""
        return int(self.seconds() * SECOND)

    def run_in_executor(  # type: ignore[override]  # we need not name the types of the arguments
        self, executor: Any, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        """Do it at once."""
        done: asyncio.Future[T] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told to who waits
            done.set_exception(error)
        return done


class Calls(Struct):
    """When calls of the company began, in virtual seconds; how many were turned away.

    `most` is how many were under way at once.
    """

    began: list[float]
    throttled: int = 0
    under_way: int = 0
    most: int = 0

    def per_minute(self) -> list[float]:
        """Return the calls of each whole minute from the first call on; all of a shorter run."""
        first, last = self.began[0], self.began[-1]
        minutes = int((last - first) // _MINUTE)
        if not minutes:
            return [float(len(self.began))]
        counted = [0.0] * minutes
        for at in self.began:
            minute = int((at - first) // _MINUTE)
            if minute < minutes:
                counted[minute] += 1
        return counted


class _Counting(httpx.AsyncBaseTransport):
    """The way to a company: counts what reaches it. Part of the latency is the way there."""

    def __init__(self, inner: httpx.AsyncBaseTransport, loop: VirtualLoop, latency: float) -> None:
        self._inner, self._loop, self._latency = inner, loop, latency
        self._random = Random(1)  # noqa: S311 - the weather on the way, not a secret
        self.calls = Calls([])

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on."""
        calls = self.calls if request.url.path.startswith("/v3/company/") else Calls([])
        calls.began.append(self._loop.time())
        calls.under_way += 1
        calls.most = max(calls.most, calls.under_way)
        there = self._random.uniform(0.2, 0.6)
        await asyncio.sleep(there * self._latency)
        answer = await self._inner.handle_async_request(request)
        await asyncio.sleep((1 - there) * self._latency)
        calls.under_way -= 1
        calls.throttled += answer.status_code == httpx.codes.TOO_MANY_REQUESTS
        return answer


def measure(
    options: Options, ground: Ground, latencies: Sequence[float] = LATENCIES
) -> list[Figure]:
    """Return the share of the limit that a worker uses, by the latency over there."""
    figures, sales = [], max(5, int(SALES * options.scale))
    throttled = most = 0
    for latency in latencies:
        database = open_database(ground.database("sqlite", "synced"))
        record(database, 1, sales)
        calls = _drain(database, latency)
        database.dispose()
        throttled, most = throttled + calls.throttled, max(most, calls.most)
        share = [made / PER_MINUTE for made in calls.per_minute()]
        name = f"calls a minute / what is allowed, {latency * 1000:.0f} ms a call"
        figures.append(
            Figure(SECTION, name, "ratio", share, at_least=GOAL, note=_note(latency, share))
        )
    for name, counted, limit in (
        ("calls turned away with 429, of all", throttled, 0),
        ("calls under way at once, at most", most, AT_ONCE),
    ):
        figures.append(Figure(SECTION, name, "calls", [counted], at_most=limit))
    return figures


def _note(latency: float, share: list[float]) -> str:
    reached = share[len(share) // 2] * PER_MINUTE
    return f"{reached / _MINUTE * latency:.1f} of 10 calls are under way at a time"


def _drain(database: Engine, latency: float) -> Calls:
    """Bring everything there, in virtual time; return the calls that it took."""
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(_drained(database, latency, loop))
    finally:
        loop.close()


async def _drained(database: Engine, latency: float, loop: VirtualLoop) -> Calls:
    emulator = EmulatorSettings(clock=loop.seconds, public_url="http://emulator")
    counting = _Counting(EmulatorTransport(create_app(emulator)), loop, latency)
    book = find(database, 1)
    async with (
        httpx.AsyncClient(transport=counting, base_url=emulator.public_url) as http,
        open_desk(
            database, _application(emulator), PRODUCTION, Vault((bytes(32),)), loop.clock, http
        ) as desk,
    ):
        made = {"country": book.country, "currency": book.currency, "realm": "1"}
        (await http.post("/_emulator/companies", json=made)).raise_for_status()
        await desk.office.connect_unattended(book, "1")
        await asyncio.sleep(_MINUTE)  # connecting has made calls, at a pace of its own
        counting.calls = Calls([])
        await desk.worker.drain([book], through=date(2026, 4, 30))
    with snapshot(database) as connection:
        left = [d for d in status.list_documents(connection, book.id) if d.state != "synced"]
    assert not left, f"{left[0].key}: {left[0].state} {left[0].cause} {left[0].detail}"
    return counting.calls


def _application(emulator: EmulatorSettings) -> QuickBooksSettings:
    url = emulator.public_url
    return replace(
        QuickBooksSettings(client_id=emulator.client_id, client_secret=emulator.client_secret),
        api_url=url,
        authorize_url=f"{url}/connect/oauth2",
        token_url=f"{url}/oauth2/v1/tokens/bearer",
        revoke_url=f"{url}/v2/oauth2/tokens/revoke",
        redirect_uri="https://shop.example/callback",
    )
