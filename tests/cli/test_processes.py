"""Several processes on one port: nothing lost, nothing doubled, whichever of them is killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from api.supervisor import free_port
from ledger.database import open_database, snapshot
from ledger.log import store as log
from ledger.store import find_book
from ledger.verify.verify import verify
from tests.api.facts import a_sale
from tests.cli.conftest import CommandLine
from tests.cli.test_commands import BOUTIQUE
from tests.cli.test_serving import is_ready

TILLS, SALES = 8, 40


def children(parent: int) -> list[int]:
    """Return the processes that a process started."""
    text = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii")
    return [int(word) for word in text.split()]


@contextmanager
def serving_with(line: CommandLine, port: int, processes: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run the API in several processes until the block ends."""
    command = [sys.executable, "-m", "api.cli", "serve", "--port", str(port)]
    environment = {**os.environ, **line.environment, "PYTHONPATH": os.pathsep.join(sys.path)}
    environment["DAYBOOK_ACCESS_LOG"] = "false"
    many = [*command, "--processes", str(processes)]
    with subprocess.Popen(many, env=environment) as process:
        try:
            until = time.monotonic() + 60
            while not (len(children(process.pid)) == processes and is_ready(address(port))):
                assert time.monotonic() < until, "it does not come up"
                time.sleep(0.1)
            yield process
        finally:
            process.terminate()
            process.wait(30)


def address(port: int) -> str:
    """Return where a port of this machine is reached."""
    return f"http://127.0.0.1:{port}"


class Till(threading.Thread):
    """Sells one thing after another, and sends each until it is answered."""

    def __init__(self, port: int, key: str, name: str) -> None:
        super().__init__(name=name)
        self.where, self.key, self.answers = address(port), key, Counter[int]()

    def run(self) -> None:
        """Sell."""
        for number in range(SALES):
            while not self._sold(a_sale(id=f"{self.name}-{number}")):
                time.sleep(0.05)

    def _sold(self, sale: dict[str, object]) -> bool:
        """Send a sale over a connection of its own, so that every process gets some."""
        bearer = {"Authorization": f"Bearer {self.key}"}
        try:
            told = httpx.post(f"{self.where}/v1/events", json=sale, headers=bearer, timeout=20)
        except httpx.TransportError:
            return False
        self.answers[told.status_code] += 1
        return told.status_code in (200, 201)


def test_one_of_them_is_killed_and_nothing_is_lost_or_doubled(command_line: CommandLine) -> None:
    opened = command_line.json(*BOUTIQUE)
    port = free_port("127.0.0.1", 18700)
    with serving_with(command_line, port, 3) as parent:
        tills = [Till(port, opened["keys"]["pos"], f"T{number}") for number in range(TILLS)]
        for till in tills:
            till.start()
        killed = set[int]()
        for _ in range(2):
            time.sleep(0.7)
            victim = next(pid for pid in children(parent.pid) if pid not in killed)
            os.kill(victim, signal.SIGKILL)
            killed.add(victim)
        for till in tills:
            till.join(120)
        assert not any(till.is_alive() for till in tills)
        until = time.monotonic() + 30
        while len(children(parent.pid)) < 3 and time.monotonic() < until:
            time.sleep(0.1)
        last = children(parent.pid)
        assert len(last) == 3
        assert not killed & set(last)
    assert_all_end(last)
    database = open_database(command_line.environment["DAYBOOK_DATABASE_URL"])
    with snapshot(database) as connection:
        book = find_book(connection, opened["book"]["id"])
        assert book is not None
        entries = log.entries(connection, book.id, limit=10_000)
    ids = [entry.event.id for entry in entries]
    assert sorted(ids) == sorted(f"T{t}-{n}" for t in range(TILLS) for n in range(SALES))
    report = verify(database, book, lambda *_: None)
    database.dispose()
    assert report.well, report


def assert_all_end(pids: list[int]) -> None:
    """Hold that processes end by themselves, and soon."""
    until = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        assert time.monotonic() < until, "a process was left over"
        time.sleep(0.1)


def test_none_is_left_when_the_parent_is_killed(command_line: CommandLine) -> None:
    port = free_port("127.0.0.1", 18750)
    with serving_with(command_line, port, 2) as parent:
        pids = children(parent.pid)
        parent.kill()
        assert_all_end(pids)


def test_ctrl_c_ends_them_all(command_line: CommandLine) -> None:
    port = free_port("127.0.0.1", 18770)
    with serving_with(command_line, port, 2) as parent:
        pids = children(parent.pid)
        parent.send_signal(signal.SIGINT)
        assert parent.wait(20) == 0
        assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
