"""The machine: its name and versions, and what processes take of it, from /proc."""

import os
import platform
import sqlite3
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Final

from msgspec import Struct

LIBRARIES: Final = (
    "litestar",
    "msgspec",
    "sqlalchemy",
    "psycopg",
    "uvicorn",
    "uvloop",
    "httptools",
)

_PROC: Final = Path("/proc")
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


def described() -> dict[str, str]:
    """Return what the figures depend on: processor, memory, kernel and versions."""
    memory = os.sysconf("SC_PHYS_PAGES") * _PAGE / 2**30
    cores = len(os.sched_getaffinity(0))
    return {
        "processor": f"{_processor()}, {cores} cores",
        "memory": f"{memory:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "load before": " ".join(f"{load:.1f}" for load in os.getloadavg()),
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        **{name: version(name) for name in LIBRARIES},
    }


def _processor() -> str:
    with (_PROC / "cpuinfo").open(encoding="utf-8") as lines:
        named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
        return next(named, platform.machine())


class Usage(Struct, frozen=True):
    """What processes took: seconds of processor since they began, bytes of memory they hold."""

    cpu_seconds: float
    memory: int


def usage(pids: Iterable[int]) -> Usage:
    """Return what processes took together; those that have ended took nothing."""
    ticks = pages = 0
    for pid in pids:
        try:
            stated = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        ticks += int(stated[11]) + int(stated[12])
        pages += int(stated[21])
    return Usage(ticks / _TICKS, pages * _PAGE)


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for child, parent in _parents():
        children.setdefault(parent, []).append(child)
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found


def _parents() -> Iterator[tuple[int, int]]:
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            try:
                stated = (entry / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            yield int(entry.name), int(stated[1])
