"""A long day: a million sales through one process, the memory that it holds, the disk they take."""

import contextlib
import itertools
import sqlite3
from pathlib import Path
from secrets import token_hex
from typing import Final

import psycopg
from sqlalchemy.engine import make_url

from bench.cells import TITLES
from bench.checks import check, find
from bench.figures import Figure, Options
from bench.ground import EngineName, Ground, load
from bench.load import Spec
from bench.machine import family, usage
from ledger.database import open_database

SECTION: Final = "A long run"
SALES: Final[dict[EngineName, int]] = {"postgresql": 1_000_000, "sqlite": 100_000}
PARTS: Final = 6
"""The first warms everything up; the others are compared with it."""
MOST_BYTES: Final = 2_700
MOST_GROWTH: Final = 1.05
"""Memory that is flat: what is held at any time after the first part, to what was held then."""

_BATCH, _CLIENTS = 50, 8
_RELATIONS: Final = """
    SELECT relname, pg_table_size(oid) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i') ORDER BY 2 DESC"""


def measure(options: Options, ground: Ground) -> list[Figure]:
    """Return bytes a sale on disk, and how memory grew."""
    figures: list[Figure] = []
    for engine, sales in SALES.items():
        part = max(_BATCH, int(sales * options.scale) // PARTS // _BATCH * _BATCH)
        figures += _soak(engine, ground, part)
    return figures


def _soak(engine: EngineName, ground: Ground, part: int) -> list[Figure]:
    url = ground.database(engine, "soaked")
    memory, sizes, rates, accepted = [], [_size(url)], [], list[int]()
    with ground.serving(url) as served:
        for _ in range(PARTS):
            spec = Spec(
                port=served.port,
                keys=[ground.keys_of(engine)[0]],
                prefix=f"L{token_hex(4)}",
                clients=_CLIENTS,
                seconds=0,
                batch=_BATCH,
                warm=0,
                sales=part,
            )
            (outcome,) = load(spec)
            assert not outcome.refused, outcome.said
            accepted.append(outcome.accepted)
            rates.append(outcome.per_second)
            memory.append(usage(family(served.pid)).memory)
            sizes.append(_size(url))
    _check(url, sum(accepted))
    takes = _dearest(url, sum(accepted))
    ground.drop(url)
    grown = [held / memory[0] for held in memory[1:]]
    grew = [after - before for before, after in itertools.pairwise(sizes)]
    each = [more / sales for more, sales in zip(grew, accepted, strict=True) if sales][1:]
    title, whole = TITLES[engine], f"{sum(accepted):,}"
    most = MOST_BYTES if engine == "postgresql" else None
    return [
        Figure(SECTION, f"bytes a sale on disk, {title}", "B", each, at_most=most, note=takes),
        Figure(
            SECTION,
            f"memory over {whole} sales / after the first sixth, {title}",
            "ratio",
            grown,
            at_most=MOST_GROWTH,
        ),
        Figure(SECTION, f"memory of the process, {title}", "MB", [m / 1e6 for m in memory]),
        Figure(SECTION, f"{whole} sales, 50 a request, {title}", "sales/s", rates),
    ]


def _size(url: str) -> int:
    """Return the bytes that a database takes, with its indexes, once it is tidy."""
    where = make_url(url)
    if where.get_backend_name() == "sqlite":
        path = where.database or ""
        with contextlib.closing(sqlite3.connect(path, timeout=30)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return Path(path).stat().st_size
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM")
        connection.execute("CHECKPOINT")
        return sum(size for _, size in connection.execute(_RELATIONS))


def _dearest(url: str, sales: int) -> str:
    """Return the tables and indexes that take most of a PostgreSQL database, in bytes a sale."""
    if make_url(url).get_backend_name() == "sqlite":
        return ""
    with psycopg.connect(url) as connection:
        rows = connection.execute(_RELATIONS).fetchmany(6)
    return ", ".join(f"{name} {size / max(sales, 1):.0f}" for name, size in rows)


def _check(url: str, sales: int) -> None:
    database = open_database(url)
    check(database, find(database, 1), sales)
    database.dispose()
