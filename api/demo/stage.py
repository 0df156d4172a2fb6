"""The day, played through the API, while QuickBooks goes away and comes back."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl, urlsplit

import httpx
from msgspec import Struct

from api.books import open_with_keys
from api.client import Client
from api.demo.shop import BOOK, CUSTOMERS, set_up
from api.demo.story import Part, Step, day_of_trade
from api.machine import EMULATOR, WORKER, Machine
from api.outside import found_company, opened
from api.proof import Proof, prove
from ledger.book import Book
from ledger.events.base import Role
from ledger.recorder import now_us
from sync.outbox import SETTLED

Story = dict[Part, list[Step]]

SENT_TWICE: Final = 13
"""Every so manieth call is made twice, as by a till that did not get the answer."""

IN_STEP_WITHIN_SECONDS: Final = 120.0


class Theatre(Struct, frozen=True):
    """Where the day is played: the machine, the boutique's book, and a key for each role."""

    machine: Machine
    book: Book
    keys: dict[Role, str]


class Played(Struct, frozen=True):
    """What happened on the day."""

    recorded: int
    sent_twice: int
    away_seconds: float
    recorded_meanwhile: int
    waiting_meanwhile: int
    proof: Proof


class Audience(Protocol):
    """Is told what happens."""

    def opens(self, theatre: Theatre) -> None:
        """Hear that the book is open and connected."""

    def part(self, part: Part, calls: int) -> Callable[[int], None]:
        """Hear that a part of the day begins; the answer takes how many calls are made."""

    def remark(self, text: str) -> None:
        """Hear of something that happens besides."""

    def catches_up(self, open_documents: int) -> None:
        """Hear how many documents are not in QuickBooks yet."""


async def open_theatre(machine: Machine) -> Theatre:
    """Open the boutique's book, tell its customers' names, and connect it to the stand-in."""
    pepper = machine.settings.pepper()
    book, keys = await asyncio.to_thread(open_with_keys, machine.database, pepper, BOOK, now_us())
    realm = await found_company(machine.settings.qbo.api_url, book)
    async with Client(keys["bookkeeper"], machine.settings.address) as office:
        await _connect(office, realm)
        for customer, name in CUSTOMERS.items():
            await office.put(f"/v1/customers/{customer}", {"name": name})
    return Theatre(machine, book, keys)


async def _connect(office: Client, realm: str) -> None:
    """Let the service into a company, as a person does: consent page, and back to the callback."""
    consent = await office.redirected("/v1/sync/quickbooks/connect")
    async with httpx.AsyncClient(timeout=30) as browser:
        agreed = await browser.get(consent, params={**_query(consent), "realm": realm})
        answer = await browser.get(agreed.headers["Location"])
        answer.raise_for_status()


def _query(url: str) -> dict[str, str]:
    """Return the query of an address."""
    return dict(parse_qsl(urlsplit(url).query))


async def play(
    theatre: Theatre, audience: Audience, day: date, run: str, *, pace_seconds: float = 0.0
) -> Played:
    """Play a day and return what became of it; *run* begins the ids of everything in it."""
    audience.opens(theatre)
    machine = theatre.machine
    story = day_of_trade(day, run)
    address = machine.settings.address
    async with (
        Client(theatre.keys["pos"], address) as till,
        Client(theatre.keys["bookkeeper"], address) as office,
    ):
        await office.post("/v1/events/batch?atomic=true", set_up(f"{day}T08:00:00-05:00"))
        calls = _Calls({"pos": till, "bookkeeper": office}, pace_seconds)
        await calls.make_all(story, ("opening", "morning"), audience)
        audience.remark("QuickBooks is taken away: its server is killed. The shop goes on.")
        away = time.monotonic()
        before = calls.recorded
        if machine.stand_in is not None:
            await machine.supervisor.stop(names=[EMULATOR], kill=True)
        await calls.make_all(story, ("midday",), audience)
        meanwhile, waiting = calls.recorded - before, await _open_documents(office)
        if machine.stand_in is not None:
            await machine.supervisor.start(machine.stand_in)
        away = time.monotonic() - away
        audience.remark(f"QuickBooks is back after {away:.0f} s. Now the worker is killed.")
        machine.supervisor.kill(WORKER)
        await calls.make_all(story, ("afternoon", "closing"), audience)
        await _until_in_step(office, audience)
    proof = await _proven(theatre)
    return Played(calls.recorded, calls.sent_twice, away, meanwhile, waiting, proof)


async def standing(theatre: Theatre, audience: Audience) -> Proof:
    """Wait until the boutique's book is in step, and read both sides."""
    async with Client(theatre.keys["bookkeeper"], theatre.machine.settings.address) as office:
        await _until_in_step(office, audience)
    return await _proven(theatre)


async def _proven(theatre: Theatre) -> Proof:
    machine = theatre.machine
    async with opened(machine.settings, machine.database) as desk:
        return await prove(machine.database, theatre.book, await desk.reconciler(theatre.book))


class _Calls:
    """Makes the calls of the day, some of them twice."""

    def __init__(self, clients: dict[str, Client], pace_seconds: float) -> None:
        self._clients, self._pace = clients, pace_seconds
        self._made = 0
        self.recorded = 0
        self.sent_twice = 0

    async def make_all(self, story: Story, parts: tuple[Part, ...], audience: Audience) -> None:
        for part in parts:
            await self._make(story[part], audience.part(part, len(story[part])))

    async def _make(self, steps: list[Step], told: Callable[[int], None]) -> None:
        for number, step in enumerate(steps, 1):
            await self._call(step)
            self.recorded += len(step.events)
            self._made += 1
            if self._made % SENT_TWICE == 0:
                await self._call(step)
                self.sent_twice += 1
            told(number)
            await asyncio.sleep(self._pace)

    def _call(self, step: Step) -> Awaitable[Any]:
        client = self._clients[step.by]
        if len(step.events) == 1:
            return client.post("/v1/events", step.events[0])
        return client.post("/v1/events/batch?atomic=true", list(step.events))


async def _open_documents(office: Client) -> int:
    """Return how many documents, or entries not planned yet, are not in QuickBooks."""
    state = await office.get("/v1/sync")
    open_ = sum(n for name, n in state["queue"].items() if name not in SETTLED)
    return int(open_ + state["unplanned"])


async def _until_in_step(office: Client, audience: Audience) -> None:
    """Wait until every document has arrived, or nothing more goes by itself."""
    until = time.monotonic() + IN_STEP_WITHIN_SECONDS
    while time.monotonic() < until:
        left = await _open_documents(office)
        audience.catches_up(left)
        if not left:
            return
        await asyncio.sleep(0.1)
