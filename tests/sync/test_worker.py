"""The worker as it runs: several books, a stop between two documents, a fault of our own."""

import asyncio
import itertools
import logging
from collections.abc import Callable
from typing import TypeVar

import pytest
from msgspec.structs import replace
from sqlalchemy.exc import OperationalError

from ledger.book import Book
from ledger.database import Engine, transaction
from ledger.recorder import now_us
from sync.connections import store as connections
from sync.deliver import Courier
from sync.protocol import Target
from sync.settings import BRISK, PRODUCTION
from sync.worker import Progress, Worker
from tests.builders import a_sale
from tests.conftest import OpenBook, Shop
from tests.sync.outside import Company, Outside
from tests.sync.scene import CASH, SALES, Scene, takings
from tests.sync.test_delivery import once
from tests.sync.virtual import VirtualLoop, run

T = TypeVar("T")


@pytest.fixture(autouse=True)
def _alone(database: Engine) -> None:
    """End the connections of all other books: a worker serves whatever is connected."""
    with transaction(database) as connection:
        for found in connections.connections(connection):
            connections.disconnect(connection, found.book_id, found.target, 0)


def test_it_serves_books_that_come_while_it_runs(database: Engine, open_book: OpenBook) -> None:
    company = Company()
    first = Scene(database, open_book())
    first.put(CASH)

    async def main(loop: VirtualLoop) -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(first.worker(loop, Outside(company)).run(stop))
        await asyncio.sleep(10)
        second = Scene(database, open_book())
        second.put(SALES)
        await asyncio.sleep(10)
        first.put(takings("S-1"), SALES, seq=2)
        await asyncio.sleep(10)
        stop.set()
        await running
        assert set(second.states().values()) == {"synced"}

    run(main)
    assert set(first.states().values()) == {"synced"}


def test_it_stops_between_two_documents(scene: Scene) -> None:
    company = Company()
    scene.put(CASH, SALES, takings("S-1"))
    stop = asyncio.Event()

    def heard(progress: Progress) -> None:
        if progress.settled:
            stop.set()

    async def main(loop: VirtualLoop) -> None:
        worker = scene.worker(loop, Outside(company))
        await worker.drain([scene.book], progress=heard, stop=stop)

    run(main)
    assert len(company.booked) == 1
    assert scene.states() == {CASH.key: "synced", SALES.key: "queued", "rest:S-1": "waiting"}


def test_a_fault_of_our_own_stops_one_document_not_the_others(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    company = Company()
    scene.put(CASH, SALES, takings("S-1"))

    async def main(loop: VirtualLoop) -> None:
        stop = asyncio.Event()
        outside = Outside(company, once(CASH.key, "bug"))
        worker = scene.worker(loop, outside, settings=replace(PRODUCTION, poll=60))
        running = asyncio.create_task(worker.run(stop))
        await asyncio.sleep(2400)
        stop.set()
        await running

    with caplog.at_level(logging.CRITICAL, "daybook.sync"):
        run(main)
    assert company.live() == dict.fromkeys(scene.states(), 1)
    assert set(scene.states().values()) == {"synced"}
    assert ("look", "") in scene.trail(CASH.key)


def test_it_outlives_an_absent_database(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    company = Company()
    scene.put(CASH, SALES, takings("S-1"))
    calls = itertools.count()

    async def absent_for_a_while(function: Callable[..., T], /, *arguments: object) -> T:
        if next(calls) in range(4, 12):
            raise ConnectionError("the database is away")
        return function(*arguments)

    async def main(loop: VirtualLoop) -> None:
        stop = asyncio.Event()
        worker = scene.worker(loop, Outside(company), call=absent_for_a_while)
        running = asyncio.create_task(worker.run(stop))
        await asyncio.sleep(900)
        stop.set()
        await running

    with caplog.at_level(logging.CRITICAL, "daybook.sync"):
        run(main)
    assert company.live() == dict.fromkeys(scene.states(), 1)
    assert next(calls) > 12


def test_an_absent_database_is_told_in_a_line_now_and_then(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    async def absent(_function: Callable[..., T], /, *_arguments: object) -> T:
        raise OperationalError("SELECT 1", None, ConnectionError("refused"))

    async def main(loop: VirtualLoop) -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(scene.worker(loop, Outside(Company()), call=absent).run(stop))
        await asyncio.sleep(3600)
        stop.set()
        await running

    with caplog.at_level(logging.WARNING, "daybook.sync"):
        run(main)
    assert 50 < len(caplog.records) < 150, "an hour of it"
    assert {record.getMessage() for record in caplog.records} == {
        "the list of books: the database is away (OperationalError)"
    }
    assert not any(record.exc_info for record in caplog.records)


def test_progress_adds_up(shop: Shop, database: Engine) -> None:
    scene, company = Scene(database, shop.book), Company()
    for number in range(3):
        shop.record(a_sale(f"S-{number}"))
    told: list[Progress] = []

    async def main(loop: VirtualLoop) -> None:
        await scene.worker(loop, Outside(company)).drain([shop.book], progress=told.append)

    run(main)
    assert sum(progress.entries for progress in told) == 3
    documents = sum(progress.documents for progress in told)
    assert documents == sum(progress.settled for progress in told) == len(company.booked)
    assert told[-1].open == 0


def test_a_round_tells_what_it_did(scene: Scene) -> None:
    scene.put(CASH)

    async def main(loop: VirtualLoop) -> None:
        worker = scene.worker(loop, Outside(Company()))
        (book,) = [book for book in await worker.books() if book.id == scene.book.id]
        done = await worker.round(book)
        assert (done.settled, done.open) == (1, 0)

    run(main)


def test_workers_in_threads_bring_each_document_once(scene: Scene) -> None:
    company = Company(replays=False)
    scene.put(CASH, SALES, *(takings(f"S-{number}") for number in range(40)))

    async def opened(_book: Book) -> Target:
        return Outside(company)

    async def main() -> None:
        workers = [
            Worker(Courier(scene.database, BRISK, now_us, owner=name), opened)
            for name in ("worker-1", "worker-2", "worker-3")
        ]
        stop = asyncio.Event()
        running = [asyncio.create_task(worker.run(stop)) for worker in workers]
        while set(scene.states().values()) != {"synced"}:  # noqa: ASYNC110 - no event in a database
            await asyncio.sleep(0.05)
        stop.set()
        await asyncio.gather(*running)

    asyncio.run(main())
    assert set(company.live().values()) == {1}
