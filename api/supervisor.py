"""Programs run together: started in order, watched, started again when they fall, ended as one."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import httpx
from msgspec import Struct

READY_WITHIN_SECONDS: Final = 30.0
END_WITHIN_SECONDS: Final = 10.0
STEADY_AFTER_SECONDS: Final = 30.0
"""A program that lived so long has started well: its next fall is its first."""
AGAIN_FIRST_SECONDS: Final = 0.5
AGAIN_MOST_SECONDS: Final = 30.0

_LOOK_EVERY_SECONDS: Final = 0.1


class Program(Struct, frozen=True):
    """A command to keep running; `ready` is an address that answers 200 once it works."""

    name: str
    command: tuple[str, ...]
    ready: str | None = None


def ours(name: str, *arguments: str, ready: str | None = None) -> Program:
    """Return one of our own commands, which ends when this process does."""
    tied = ("--with-parent", str(os.getpid()))
    return Program(name, (sys.executable, "-m", "api.cli", name, *arguments, *tied), ready)


class NotStarted(Exception):
    """A program does not come up: its name, and the end of what it said."""

    def __init__(self, name: str, said: str) -> None:
        super().__init__(name, said)
        self.name, self.said = name, said


class Supervisor:
    """Keeps programs running as children of this process; their output goes to files in *logs*."""

    def __init__(
        self,
        environment: Mapping[str, str],
        logs: Path,
        told: Callable[[str], None] = lambda _: None,
        *,
        again_most_seconds: float = AGAIN_MOST_SECONDS,
    ) -> None:
        self._again_most = again_most_seconds
        self._environment = dict(environment)
        self._logs = logs
        self._told = told
        self._kept: dict[str, asyncio.Task[None]] = {}
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._falls: dict[str, int] = {}

    async def start(self, program: Program) -> None:
        """Start a program and wait until it works; raises NotStarted."""
        self._logs.mkdir(parents=True, exist_ok=True)
        self._falls[program.name] = 0
        self._kept[program.name] = asyncio.create_task(self._keep(program))
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while not await self._works(program):
            if self._falls[program.name] > 1 or time.monotonic() > deadline:
                raise NotStarted(program.name, self._last_words(program.name))
            await asyncio.sleep(_LOOK_EVERY_SECONDS)

    async def stop(self, *, names: Sequence[str] | None = None, kill: bool = False) -> None:
        """End programs, the last started first, and do not start them again."""
        for name in reversed(list(self._kept) if names is None else list(names)):
            self._kept.pop(name).cancel()
            process = self._processes.pop(name, None)
            if process is None or process.returncode is not None:
                continue
            process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), END_WITHIN_SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()

    def kill(self, name: str) -> bool:
        """Kill a program on the spot, if it runs; it is started again like any that falls."""
        process = self._processes[name]
        if process.returncode is not None:
            return False
        process.kill()
        return True

    @property
    def pids(self) -> dict[str, int]:
        """Return the process ids of the programs that run."""
        return {n: p.pid for n, p in self._processes.items() if p.returncode is None}

    async def _keep(self, program: Program) -> None:
        while True:
            started = time.monotonic()
            with (self._logs / f"{program.name}.log").open("ab") as log:
                process = await asyncio.create_subprocess_exec(
                    *program.command,
                    env=self._environment,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            self._processes[program.name] = process
            code = await process.wait()
            steady = time.monotonic() - started > STEADY_AFTER_SECONDS
            falls = 1 if steady else self._falls[program.name] + 1
            self._falls[program.name] = falls
            wait = min(AGAIN_FIRST_SECONDS * 2 ** (falls - 1), self._again_most)
            self._told(f"{program.name} ended with {code}; it starts again in {wait:g} s")
            await asyncio.sleep(wait)

    async def _works(self, program: Program) -> bool:
        process = self._processes.get(program.name)
        if process is None or process.returncode is not None:
            return False
        if program.ready is None:
            return True
        async with httpx.AsyncClient(timeout=2) as client:
            try:
                return (await client.get(program.ready)).status_code == httpx.codes.OK
            except httpx.TransportError:
                return False

    def _last_words(self, name: str) -> str:
        try:
            text = (self._logs / f"{name}.log").read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return ""
        return "\n".join(text.splitlines()[-8:])


def free_port(host: str, wanted: int, taken: Sequence[int] = ()) -> int:
    """Return *wanted*, or the next port that nobody listens on."""
    for port in range(wanted, wanted + 100):
        if port not in taken and is_free(host, port):
            return port
    raise OSError(f"no free port from {wanted} on")


def is_free(host: str, port: int) -> bool:
    """Tell whether this process could listen on a port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
