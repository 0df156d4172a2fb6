"""`daybook serve` as a process: it ends when it is told to, whoever waits."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from api.supervisor import free_port
from tests.cli.conftest import CommandLine
from tests.cli.test_commands import BOUTIQUE


@contextmanager
def serving(line: CommandLine, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run the API until the block ends."""
    command = [sys.executable, "-m", "api.cli", "serve", "--port", str(port)]
    environment = {**os.environ, **line.environment, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


def is_ready(address: str) -> bool:
    """Tell whether the API answers."""
    try:
        return httpx.get(f"{address}/ready").status_code == 200
    except httpx.TransportError:
        return False


def test_it_ends_at_once_although_somebody_waits(command_line: CommandLine) -> None:
    key = command_line.json(*BOUTIQUE)["keys"]["auditor"]
    port = free_port("127.0.0.1", 18600)
    address, told = f"http://127.0.0.1:{port}", list[httpx.Response]()

    def follow() -> None:
        bearer = {"Authorization": f"Bearer {key}"}
        told.append(httpx.get(f"{address}/v1/changes?wait=60", headers=bearer, timeout=90))

    with serving(command_line, port) as process:
        until = time.monotonic() + 30
        while not is_ready(address):
            assert time.monotonic() < until, "it does not come up"
            time.sleep(0.1)
        waiting = threading.Thread(target=follow)
        waiting.start()
        time.sleep(1)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        waiting.join(20)
    assert time.monotonic() - began < 4
    assert told[0].json()["data"] == []
