"""The feed: who follows the log misses nothing, and waiting costs nothing."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.types import Message, Scope

from api.app import create_app
from api.service import Service
from api.watch import Watch
from ledger.book import Book
from ledger.codec import from_json
from ledger.database import Engine
from ledger.recorder import Recorder
from tests.api.conftest import SETTINGS, Office, keys_of
from tests.api.facts import a_sale
from tests.conftest import TILL


def test_the_log_is_followed_page_by_page(office: Office) -> None:
    for number in range(3):
        office.record(a_sale(id=f"S-{number}"))
    first = office.read("/v1/changes", limit=2)
    assert [event["id"] for event in first["data"]] == ["S-0", "S-1"]
    assert (first["next"], first["head"]["seq"]) == ("2", 3)
    rest = office.read("/v1/changes", after=first["next"])
    assert [event["id"] for event in rest["data"]] == ["S-2"]
    assert office.read("/v1/changes", after=rest["next"]) == {
        "data": [],
        "next": "3",
        "head": office.head(),
    }


def test_an_item_is_what_it_is_when_it_is_read_alone(office: Office) -> None:
    office.record(a_sale())
    (item,) = office.read("/v1/changes", "auditor")["data"]
    assert item == office.read("/v1/events/S-1", "auditor")
    assert item["documents"] == []


def test_who_may_follow_and_how_long(office: Office) -> None:
    assert office.call("GET", "/v1/changes", "pos").status_code == 403
    for wrong in ({"wait": "61"}, {"wait": "-1"}, {"after": "x"}, {"after": "-1"}):
        answer = office.call("GET", "/v1/changes", "bookkeeper", params=wrong)
        assert (answer.status_code, answer.json()["code"]) == (400, "parameters-not-valid"), wrong


def test_who_waits_is_answered_when_something_happens(office: Office) -> None:
    threading.Timer(0.3, office.record, [a_sale()]).start()
    began = time.monotonic()
    told = office.read("/v1/changes", wait=20)
    assert [event["id"] for event in told["data"]] == ["S-1"]
    assert time.monotonic() - began < 10


def test_who_waits_in_vain_is_told_so(office: Office) -> None:
    began = time.monotonic()
    told = office.read("/v1/changes", wait=1)
    assert (told["data"], told["next"]) == ([], "0")
    assert time.monotonic() - began >= 1


class Line:
    """The API of one book, called without a server between."""

    def __init__(self, app: Litestar, database: Engine, book: Book) -> None:
        self.app, self.database, self.book = app, database, book
        self._tokens = keys_of(database, book)

    @property
    def watch(self) -> Watch:
        """Return who is waiting."""
        service = self.app.state["service"]
        assert isinstance(service, Service)
        return service.watch

    async def follow(self, wait: int, hang_up: asyncio.Event | None = None) -> dict[str, Any]:
        """Return what the feed answers; *hang_up* is when the caller goes away."""
        if hang_up is None:
            async with self._client() as client:
                answer = await client.get("/v1/changes", params={"wait": wait})
            assert answer.status_code == 200, answer.text
            told: dict[str, Any] = answer.json()
            return told
        sent: list[Message] = []
        asked = iter([{"type": "http.request", "body": b"", "more_body": False}])

        async def receive() -> Any:
            for message in asked:
                return message
            await hang_up.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)

        await self.app(self._scope(wait), receive, send)
        return {}

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),  # type: ignore[arg-type]  # its Scope is narrower
            base_url="http://daybook",
            headers={"Authorization": f"Bearer {self._tokens['auditor']}"},
        )

    def _scope(self, wait: int) -> Scope:
        scope: Any = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": "/v1/changes",
            "raw_path": b"/v1/changes",
            "root_path": "",
            "query_string": f"wait={wait}".encode(),
            "headers": [(b"authorization", f"Bearer {self._tokens['auditor']}".encode())],
            "client": ("127.0.0.1", 1),
            "server": ("daybook", 80),
        }
        return scope  # type: ignore[no-any-return]  # a scope by its own words

    async def waiting(self, number: int) -> None:
        """Wait until so many are waiting."""
        async with asyncio.timeout(30):
            while self.watch.waiting != number:  # noqa: ASYNC110 - nobody tells of it
                await asyncio.sleep(0.01)


@asynccontextmanager
async def line(database: Engine, book: Book) -> AsyncIterator[Line]:
    """Open a book's API in this event loop."""
    recorder = Recorder(database)
    try:
        yield Line(create_app(SETTINGS, database, recorder), database, book)
    finally:
        recorder.close()


@pytest.mark.anyio
async def test_what_another_process_records_is_told_too(
    database: Engine, book: Book, recorder: Recorder
) -> None:
    async with line(database, book) as here:
        following = asyncio.create_task(here.follow(30))
        await here.waiting(1)
        await asyncio.to_thread(recorder.record, book.id, TILL, from_json(a_sale()))
        async with asyncio.timeout(10):
            told = await following
    assert [event["id"] for event in told["data"]] == ["S-1"]


@pytest.mark.anyio
async def test_a_hundred_who_wait_hold_no_connection_and_no_thread(
    database: Engine, book: Book, recorder: Recorder
) -> None:
    async with line(database, book) as here:
        await here.follow(0)
        threads = threading.active_count()
        following = [asyncio.create_task(here.follow(30)) for _ in range(100)]
        await here.waiting(100)
        await asyncio.sleep(0.5)
        pool: Any = database.pool
        assert pool.checkedout() <= 1, "the one look at the heads"
        assert threading.active_count() - threads <= 8, "those that everybody shares"
        await asyncio.to_thread(recorder.record, book.id, TILL, from_json(a_sale()))
        async with asyncio.timeout(30):
            told = await asyncio.gather(*following)
        assert {answer["next"] for answer in told} == {"1"}
        assert here.watch.waiting == 0


@pytest.mark.anyio
async def test_who_hangs_up_waits_no_more(database: Engine, book: Book) -> None:
    async with line(database, book) as here:
        hang_up = asyncio.Event()
        following = asyncio.create_task(here.follow(60, hang_up))
        await here.waiting(1)
        hang_up.set()
        await here.waiting(0)
        async with asyncio.timeout(5):
            await following


@pytest.mark.anyio
async def test_nobody_keeps_a_service_from_ending(database: Engine, book: Book) -> None:
    async with line(database, book) as here:
        following = asyncio.create_task(here.follow(60))
        await here.waiting(1)
        here.watch.close()
        async with asyncio.timeout(5):
            assert (await following)["data"] == []
            assert (await here.follow(60))["data"] == []


@pytest.mark.anyio
async def test_the_heads_are_looked_at_only_while_somebody_waits() -> None:
    looks: list[list[int]] = []

    def read(book_ids: Any) -> dict[int, int]:
        looks.append(list(book_ids))
        return dict.fromkeys(book_ids, len(looks))

    watch = Watch(read, look_every_seconds=0.01)
    assert await watch.growth(7, 2, 5)
    assert looks == [[7], [7], [7]]
    assert await watch.growth(7, 1, 5), "it is known already"
    await asyncio.sleep(0.1)
    assert len(looks) == 3
    assert not await watch.growth(7, 10_000, 0.05)
