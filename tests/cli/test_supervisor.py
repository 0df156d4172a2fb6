"""Programs run together: they come back when they fall, and never outlive their parent."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from api.supervisor import NotStarted, Program, Supervisor, free_port, is_free

WAITS = "import time; time.sleep(60)"
TIED = f"import os; from api.lifeline import tie_to; tie_to(os.getppid()); {WAITS}"

PARENT = f"""
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", {TIED!r}])
print(child.pid, flush=True)
time.sleep(60)
"""


def program(code: str, name: str = "sleeper", ready: str | None = None) -> Program:
    return Program(name, (sys.executable, "-c", code), ready)


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_for(what: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


async def wait_until(what: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it did not happen"
        await asyncio.sleep(0.02)


def test_stopping_ends_every_program(tmp_path: Path) -> None:
    async def play() -> list[int]:
        supervisor = Supervisor(os.environ, tmp_path)
        await supervisor.start(program(WAITS, "one"))
        await supervisor.start(program(WAITS, "two"))
        pids = list(supervisor.pids.values())
        assert len(pids) == 2
        assert all(map(is_running, pids))
        await supervisor.stop()
        return pids

    assert not any(map(is_running, asyncio.run(play())))


def test_a_program_that_is_killed_comes_back(tmp_path: Path) -> None:
    told: list[str] = []

    async def play() -> None:
        supervisor = Supervisor(os.environ, tmp_path, told.append)
        await supervisor.start(program(WAITS))
        first = supervisor.pids["sleeper"]
        supervisor.kill("sleeper")
        await wait_until(lambda: supervisor.pids.get("sleeper", first) != first)
        await supervisor.stop()

    asyncio.run(play())
    assert told == ["sleeper ended with -9; it starts again in 0.5 s"]


def test_a_program_that_does_not_come_up_is_named_with_its_last_words(tmp_path: Path) -> None:
    async def play() -> None:
        supervisor = Supervisor(os.environ, tmp_path)
        try:
            await supervisor.start(
                program("raise SystemExit('no paper')", ready="http://127.0.0.1:9/")
            )
        finally:
            await supervisor.stop()

    with pytest.raises(NotStarted) as failed:
        asyncio.run(play())
    assert failed.value.name == "sleeper"
    assert "no paper" in failed.value.said


def test_a_program_that_ignores_its_end_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.supervisor.END_WITHIN_SECONDS", 0.2)
    deaf = f"import signal; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); {WAITS}"

    async def play() -> int:
        supervisor = Supervisor(os.environ, tmp_path)
        await supervisor.start(program(deaf))
        pid = supervisor.pids["sleeper"]
        log = tmp_path / "sleeper.log"
        await wait_until(lambda: "deaf" in log.read_text(encoding="utf-8"))
        await supervisor.stop()
        return pid

    assert not is_running(asyncio.run(play()))


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_children_end_with_their_parent_however_it_ends(ending: signal.Signals) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        stdout=subprocess.PIPE,
        text=True,
    )
    with parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        wait_for(lambda: b"lifeline" in _threads(child))
        parent.send_signal(ending)
    wait_for(lambda: not is_running(child))


def _threads(pid: int) -> bytes:
    """Return the names of a process's threads, and `lifeline` where the kernel names none."""
    tasks = Path(f"/proc/{pid}/task")
    return b"lifeline" if len(list(tasks.iterdir())) > 1 else b""


def test_a_port_that_is_taken_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not is_free("127.0.0.1", port)
        found = free_port("127.0.0.1", port)
        assert found > port
        assert free_port("127.0.0.1", port, taken=(found,)) > found
