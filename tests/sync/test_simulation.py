"""Days of bad luck in seconds: the real outbox, courier and worker, a virtual clock, seeded faults.

`DAYBOOK_SIMULATION_SEEDS` says how many worlds to try; a failure names its seed, which fails again.
"""

import asyncio
import os
import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeVar

import pytest
from sqlalchemy import event

from ledger.database import Engine, migrate, open_database, transaction
from ledger.store import create_book
from sync.documents import AnyDocument
from sync.mending import store as mending
from sync.outbox import threads_of
from sync.protocol import Rejected, Sent, Unavailable, Unknown
from tests.conftest import quebec
from tests.sync.outside import Company, Outside
from tests.sync.scene import CASH, SALES, Scene, a_customer, takings
from tests.sync.virtual import VirtualLoop, run

T = TypeVar("T")

SEEDS: Final = int(os.environ.get("DAYBOOK_SIMULATION_SEEDS", "25"))
DOCUMENTS: Final = 8
HOUR: Final = 3600.0
CLIENT_TIMEOUT: Final = 60.0


class Crash(BaseException):
    """The process is gone, between two instructions."""


class World:
    """One seed's luck, and the company that it strikes."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - luck, not secrets
        self.company = Company(replays=self.random.random() < 0.5)
        self.faults = self.crashes = self.most = self.overtaken = 0

    def happens(self, chance: float) -> bool:
        """Draw whether something goes wrong."""
        drawn = self.random.random() < chance
        self.faults += drawn
        return drawn


class Machine:
    """Where one worker runs, until it crashes. It may stand still for minutes, too."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.is_alive = True
        self.under_way: dict[str, AnyDocument] = {}

    async def call(self, function: Callable[..., T], /, *arguments: Any) -> T:
        """Run a function of the store; the machine may die before or after, or freeze after."""
        self.step()
        result = function(*arguments)
        self.step()
        if self.world.happens(0.01):
            await asyncio.sleep(self.world.random.uniform(10, 300))
        return result

    def step(self) -> None:
        """Die, by chance; the dead do nothing more."""
        if self.is_alive and self.world.happens(0.01):
            self.world.crashes += 1
            self.is_alive = False
        if not self.is_alive:
            raise Crash


class Line(Outside):
    """The way from a machine to the company: slow, lossy, and not always answered."""

    def __init__(self, machine: Machine) -> None:
        super().__init__(machine.world.company)
        self.machine, self.world = machine, machine.world

    async def push(self, document: AnyDocument, version: int, links: Mapping[str, Sent]) -> Sent:
        """Create a document, with any luck, beside others that it shares no thread with."""
        assert set(links) == set(document.needs), "sent before what it needs"
        machine, world = self.machine, self.world
        beside = machine.under_way
        for other in beside.values():
            assert threads_of(document).isdisjoint(threads_of(other)), "two of a thread at once"
        beside[document.key] = document
        world.most = max(world.most, len(beside))
        try:
            sent = await self._carried(document, version)
            world.overtaken += document.key != next(iter(beside))
            return sent
        finally:
            del beside[document.key]

    async def _carried(self, document: AnyDocument, version: int) -> Sent:
        world, name = self.world, self.request_id(document, version)
        self.machine.step()
        await asyncio.sleep(world.random.expovariate(1 / 0.3))
        if world.happens(0.05):
            raise world.random.choice(
                [Unavailable("throttled", after_seconds=60), Unavailable("unreachable")]
            )
        if world.happens(0.03):
            raise Rejected("refused")
        if world.happens(0.05):  # it is on its way for longer than anybody waits
            later = world.random.uniform(CLIENT_TIMEOUT, 4 * CLIENT_TIMEOUT)
            loop = asyncio.get_running_loop()
            loop.call_later(later, self.company.create, document, version, name)
            await self._timeout()
        if world.happens(0.05):
            await self._timeout()
        if world.happens(0.03):
            raise Unknown("server-error", status=500)
        sent = self.company.create(document, version, name)
        self.machine.step()
        if world.happens(0.05):
            await self._timeout()
        if world.happens(0.03):
            raise Unknown("server-error", status=500)
        await asyncio.sleep(world.random.expovariate(1 / 0.2))
        self.machine.step()
        return sent

    async def find(
        self, document: AnyDocument, version: int, links: Mapping[str, Sent]
    ) -> Sent | None:
        """Look for a document, with any luck."""
        self.machine.step()
        await asyncio.sleep(self.world.random.expovariate(1 / 0.3))
        if self.world.happens(0.1):
            raise Unavailable("unreachable")
        found = [booked for booked in self.company.booked if booked.key == document.key]
        self.machine.step()
        return Sent(found[0].remote_id) if found else None

    async def _timeout(self) -> None:
        await asyncio.sleep(CLIENT_TIMEOUT)
        self.machine.step()
        raise Unknown("timeout")


async def live(scene: Scene, world: World, loop: VirtualLoop, name: str) -> None:
    """Run workers one after another, as a supervisor does when they crash."""
    generation = 0
    while loop.time() < HOUR / 2 or set(scene.states().values()) != {"synced"}:
        assert loop.time() < 48 * HOUR, "it should have ended long ago"
        machine = Machine(world)
        generation += 1
        worker = scene.worker(loop, Line(machine), owner=f"{name}-{generation}", call=machine.call)
        worker.courier.jitter = world.random.random
        try:
            await worker.drain([scene.book])
            await asyncio.sleep(60)
        except Crash:
            await asyncio.sleep(world.random.uniform(1, 120))


async def mend(scene: Scene, loop: VirtualLoop) -> None:
    """Look every ten minutes, as a person would, for what needs one."""
    while True:
        await asyncio.sleep(600)
        with transaction(scene.database) as connection:
            mending.retry_cause(connection, scene.book.id, "refused", None, loop.clock(), 0)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('simulation')}/daybook.db")
    migrate(engine)
    event.listen(engine, "connect", _forget_power_cuts)
    engine.dispose()
    yield engine
    engine.dispose()


def _forget_power_cuts(raw: Any, _record: Any) -> None:
    raw.execute("PRAGMA synchronous=OFF")


@pytest.mark.parametrize("seed", range(SEEDS))
def test_every_document_arrives_once(store: Engine, seed: int) -> None:
    assert live_through(store, seed).faults > 0


def test_documents_are_on_the_wire_together_and_answers_overtake(store: Engine) -> None:
    worlds = [live_through(store, -seed) for seed in range(1, 9)]
    assert sum(world.most > 2 for world in worlds) > 4
    assert sum(world.overtaken > 0 for world in worlds) > 2


def live_through(store: Engine, seed: int) -> World:
    """Return a world in which, after all, every document has arrived once."""
    world, book = World(seed), quebec()
    with transaction(store) as connection:
        create_book(connection, book, now_us=1)
    scene = Scene(store, book)
    people = [a_customer("C-1"), a_customer(None)]
    scene.put(CASH, SALES, *people)
    for number in range(DOCUMENTS):
        scene.put(takings(f"S-{number}", needs=(people[number % 2].key,)), seq=number + 2)
    last = takings("S-last", needs=("rest:S-0", f"rest:S-{DOCUMENTS - 1}"))
    scene.put(last, seq=DOCUMENTS + 2)

    async def main(loop: VirtualLoop) -> None:
        person = asyncio.create_task(mend(scene, loop))
        await asyncio.gather(*(live(scene, world, loop, f"machine-{number}") for number in "123"))
        person.cancel()

    run(main)
    assert world.company.live() == dict.fromkeys(scene.states(), 1)
    there = {booked.key: booked.remote_id for booked in world.company.booked}
    assert {key: scene.document(key).remote_id for key in there} == there
    return world
