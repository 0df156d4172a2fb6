"""Several processes on one port: a parent that starts them, watches them, and ends them all.

On Linux each has a listening socket of its own, over which the kernel spreads the callers;
elsewhere they share one. The sockets are the parent's: who calls while a process is down waits for
its next.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Event
from typing import Any, Final

from msgspec import Struct

from api.commands.output import ERR
from api.supervisor import AGAIN_FIRST_SECONDS, AGAIN_MOST_SECONDS, STEADY_AFTER_SECONDS

BACKLOG: Final = 2048
"""How many callers may wait to be let in."""

_LOOK_EVERY_SECONDS: Final = 0.1
_ONE: Final = "api.commands.serve_one"


class Sibling(Struct, eq=False):
    """One process: its place, socket, board and variables; then how it fares."""

    place: int
    socket: socket.socket
    board: str
    variables: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    again_at: float = 0.0
    falls: int = 0

    def look(self) -> None:
        """Start the process where it does not run, and has rested."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            code, self.process = self.process.returncode, None
            self.falls = 1 if now - self.started > STEADY_AFTER_SECONDS else self.falls + 1
            wait = min(AGAIN_FIRST_SECONDS * 2 ** (self.falls - 1), AGAIN_MOST_SECONDS)
            self.again_at = now + wait
            ERR.print(f"process {self.place} ended with {code}; it starts again in {wait:g} s")
        if self.process is None and now >= self.again_at:
            self.started, self.process = now, self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        given = self.socket.fileno()
        where = ("--socket", str(given), "--board", self.board, "--place", str(self.place))
        return subprocess.Popen(  # noqa: S603 - our own words
            [sys.executable, "-m", _ONE, *where, "--with-parent", str(os.getpid())],
            env=os.environ | self.variables,
            pass_fds=(given,),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def tell_to_end(self) -> None:
        """Tell the process to end, if it runs."""
        if self.process is not None:
            self.process.terminate()

    def end(self, until: float) -> None:
        """Wait for the process's end, and make an end of it at an instant."""
        if self.process is None:
            return
        try:
            self.process.wait(max(until - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def listening(host: str, port: int, processes: int) -> Iterator[list[socket.socket]]:
    """Yield a listening socket for each process; on Linux one of its own, else the same."""
    own = sys.platform == "linux"
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = [
        socket.create_server((host, port), family=family, backlog=BACKLOG, reuse_port=own)
        for _ in range(processes if own else 1)
    ]
    try:
        yield opened if own else opened * processes
    finally:
        for one in opened:
            one.close()


def keep(siblings: Sequence[Sibling], *, grace_seconds: float) -> None:
    """Keep processes running until this one is told to end; then none is left."""
    told = Event()

    def end(*_: Any) -> None:
        told.set()

    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, end)
    try:
        while not told.wait(_LOOK_EVERY_SECONDS):
            for sibling in siblings:
                sibling.look()
    finally:
        for sibling in siblings:
            with suppress(ProcessLookupError):
                sibling.tell_to_end()
        until = time.monotonic() + grace_seconds
        for sibling in siblings:
            sibling.end(until)
