"""Workers in processes of their own, on one database: each document arrives once."""

import asyncio
import sys
import threading
import time
from collections.abc import Iterator
from datetime import date

import httpx
import pytest
import uvicorn

from ledger.recorder import now_us
from sync.assemble import Desk, open_desk
from sync.quickbooks.emulator.app import create_app
from sync.quickbooks.emulator.settings import EmulatorSettings
from sync.settings import BRISK
from tests.builders import DAY, a_sale, cash, reversal
from tests.conftest import Shop
from tests.sync.crew import POINTS, SEVERAL
from tests.sync.test_in_step import VAULT, Rehearsal, application

TODAY = date.fromisoformat(DAY)


@pytest.fixture
def emulator() -> Iterator[EmulatorSettings]:
    """Return an emulator that listens on a port of its own."""
    settings = EmulatorSettings(per_second=100_000, per_minute=100_000, rotate_after_seconds=0)
    config = uvicorn.Config(create_app(settings), port=0, log_level="critical", lifespan="on")
    server = uvicorn.Server(config)
    socket = config.bind_socket()
    running = threading.Thread(target=server.run, kwargs={"sockets": [socket]})
    running.start()
    while not server.started:  # bound is not yet listening
        assert running.is_alive(), "the emulator did not start"
        time.sleep(0.01)
    yield EmulatorSettings(public_url=f"http://127.0.0.1:{socket.getsockname()[1]}")
    server.should_exit = True
    running.join()
    socket.close()


async def crew(desk: Desk, emulator: EmulatorSettings, book: int, *point: str) -> int:
    """Let a worker live in a process of its own; return how that ended."""
    url = desk.database.url.render_as_string(hide_password=False)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.sync.crew", url, emulator.public_url, str(book), *point),
        stderr=asyncio.subprocess.PIPE,
    )
    _, troubles = await process.communicate()
    assert process.returncode in (0, -9), troubles.decode()
    return process.returncode


def test_whoever_is_killed_wherever_each_document_arrives_once(
    shop: Shop, emulator: EmulatorSettings
) -> None:
    """One after another is killed at each point; then two bring the rest at the same time."""
    book = shop.book

    async def main() -> list[int]:
        async with (
            httpx.AsyncClient(base_url=emulator.public_url) as http,
            open_desk(shop.database, application(emulator), BRISK, VAULT, now_us, http) as desk,
        ):
            made = {"country": "CA", "currency": "CAD", "realm": str(book.id)}
            (await http.post("/_emulator/companies", json=made)).raise_for_status()
            await desk.office.connect_unattended(book, str(book.id))
            rehearsal = Rehearsal(shop, desk, http)
            ended = []
            for number, point in enumerate(POINTS):
                for till in "abcdef":
                    shop.record(a_sale(f"S-{number}{till}", tenders=[cash("45.99")]))
                slow = {"kind": "latency", "delay": 0.2, "count": 6}
                broken = [{"kind": kind, "count": 2} for kind in ("5xx_before", "5xx_after")]
                for fault in [slow] if point == SEVERAL else broken:
                    await rehearsal.fault(entity="SalesReceipt", method="POST", **fault)
                ended.append(await crew(desk, emulator, book.id, point))
                shop.record(reversal(f"S-{number}a"))
            for number in range(20):
                shop.record(a_sale(f"T-{number}"))
            both = (crew(desk, emulator, book.id) for _ in range(2))
            assert await asyncio.gather(*both) == [0, 0]
            await rehearsal.assert_in_step(TODAY, TODAY)
            return ended

    assert asyncio.run(main()) == [-9] * len(POINTS)
