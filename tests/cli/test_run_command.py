"""`daybook run`: one process tree that starts whole and ends whole."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.test_supervisor import is_running, wait_for

ENVIRONMENT = {**os.environ, "DAYBOOK_PORT": "18380", "DAYBOOK_EMULATOR_PORT": "18390"}
RUN = [sys.executable, "-m", "api.cli", "run", "--no-demo"]


@contextmanager
def daybook_running(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """Start everything in a folder and wait until it says that it runs."""
    process = subprocess.Popen(
        RUN, cwd=folder, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True, bufsize=1
    )
    with process:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if line.startswith("Running"):
                break
        assert said[-1].startswith("Running"), said
        yield process


def children_of(pid: int) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=True)
    return [int(child) for child in found.stdout.split()]


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_whatever_ends_it_no_program_is_left(tmp_path: Path, ending: signal.Signals) -> None:
    with daybook_running(tmp_path) as process:
        children = children_of(process.pid)
        assert len(children) == 3
        if ending == signal.SIGINT:
            again = subprocess.run(
                RUN, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=False
            )
            assert again.returncode == 1
            assert "runs in this folder already" in again.stderr
        process.send_signal(ending)
        process.wait(30)
        assert process.returncode == (-9 if ending == signal.SIGKILL else 0)
        wait_for(lambda: not any(map(is_running, children)))
    logs = tmp_path / "var" / "log"
    assert {path.stem for path in logs.iterdir()} == {"emulator", "serve", "worker"}
