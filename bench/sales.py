"""Sales over HTTP, beside the same rows by SQL, bare endpoints, and the usual way by an ORM.

Every round begins with fresh databases and servers and runs every configuration once, in an order
of its own; ratios are taken inside a round. The load generator shares the cores with all of it.
"""

import contextlib
import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from secrets import token_hex
from typing import Final

import msgspec

from bench import orm
from bench.cells import BUSIEST, CELLS, FLOORS, TILLS, Cell, Floor, Series, floor_of
from bench.checks import check, find
from bench.figures import Figure, Options
from bench.ground import BOOKKEEPER, ENGINES, EngineName, Ground, Served, load
from bench.load import Outcome, Spec
from bench.machine import family, usage
from bench.reach import reach, tables
from bench.store_limit import Limit, Way, Writing
from bench.workload import bodies
from ledger import codec
from ledger.database import Engine, open_database
from ledger.events import Event
from ledger.events.base import Entry
from ledger.recorder import Command, Recorded, Recorder

_LONGEST_WARM: Final = 0.3
_SHORTEST_ORM: Final = 0.5
_WARM_SALES: Final = 2


def measure(
    options: Options,
    ground: Ground,
    cells: Sequence[Cell] = CELLS,
    engines: Sequence[EngineName] = ENGINES,
) -> list[Figure]:
    """Run the rounds and return their figures; PostgreSQL is always one of the engines."""
    found: dict[EngineName, Series] = {engine: defaultdict(list) for engine in ENGINES}
    entries = {engine: _entries(ground, engine, options) for engine in engines}
    books = [str(number) for number in range(1, ground.books)]
    with contextlib.ExitStack() as cleanup:
        bare = {
            way: cleanup.enter_context(ground.application(f"bench.floor:{name}"))
            for way, name in FLOORS.items()
        }
        clients = sorted({cell.clients for cell in cells})
        usual = cleanup.enter_context(_usual(ground, entries["postgresql"][0]))
        for number in range(options.rounds):
            _bare(found["postgresql"], options, bare, clients)
            _usually(found["postgresql"], options, usual, books)
            for engine in engines:
                chosen = list(cells)
                Random(number).shuffle(chosen)  # noqa: S311 - an order, not a secret
                _Round(ground, engine, options, entries[engine]).run(chosen, found[engine])
    return [*reach(found), *tables(found, cells)]


class _Round:
    """Every configuration on one database engine, once."""

    def __init__(
        self, ground: Ground, engine: EngineName, options: Options, entries: Sequence[Entry]
    ) -> None:
        self._ground, self._engine, self._options = ground, engine, options
        self._entries = entries
        self._accepted: dict[int, dict[int, int]] = {}

    def run(self, cells: Sequence[Cell], found: Series) -> None:
        """Measure, and hold that what was measured is in the books."""
        processes = sorted({cell.processes for cell in cells})
        urls = {n: self._ground.database(self._engine, f"served_by_{n}") for n in processes}
        self._accepted = {n: defaultdict(int) for n in processes}
        self._limits(found)
        with contextlib.ExitStack() as cleanup:
            served = {n: cleanup.enter_context(self._ground.serving(urls[n], n)) for n in processes}
            for n, running in served.items():
                self._warm(n, running)
            for cell in cells:
                self._cell(cell, served[cell.processes], found)
            if BUSIEST in cells:
                self._tills(served[1], found)
        for n, url in urls.items():
            self._check(url, self._accepted[n])
            self._ground.drop(url)

    def _limits(self, found: Series) -> None:
        url = self._ground.database(self._engine, "limit")
        database = open_database(url)
        limit = Limit(database, find(database, 1), self._entries)
        single = limit.single(max(100, int(self._options.seconds * 600)))
        _note(found, "single", single)
        ways: tuple[Way, ...] = ("copy", "arrays") if self._engine == "postgresql" else ("arrays",)
        rates = {way: limit.batched(way).per_second for way in ways}
        for way, rate in rates.items():
            found[f"batched {way}"].append(rate)
        found["batched"].append(max(rates.values()))
        database.dispose()
        self._ground.drop(url)

    def _warm(self, processes: int, served: Served) -> None:
        """Let every process know every book."""
        keys = self._ground.keys_of(self._engine)
        sales = len(keys) * processes * _WARM_SALES
        spec = Spec(served.port, keys, f"W{token_hex(4)}", 8, 0, warm=0, sales=sales)
        self._count(spec, processes, range(1, 1 + len(keys)))

    def _count(self, spec: Spec, processes: int, books: Sequence[int]) -> Outcome:
        """Send sales into books, and remember what each was given."""
        (outcome,) = load(spec)
        if outcome.refused:
            raise SystemExit(f"{outcome.refused} sales were refused: {outcome.said}")
        for number, sales in zip(books, outcome.by_book, strict=True):
            self._accepted[processes][number] += sales
        return outcome

    def _cell(self, cell: Cell, served: Served, found: Series) -> None:
        pids = family(served.pid)
        store = family(self._ground.postmaster) if self._ground.postmaster else []
        before, store_before = usage(pids), usage(store)
        outcome = self._send(cell, served, rate=0.0)
        after, store_after = usage(pids), usage(store)
        _add(found, str(cell), outcome)
        sales = max(outcome.accepted, 1)
        micro = 1e6 / sales
        found[f"{cell} cpu"].append((after.cpu_seconds - before.cpu_seconds) * micro)
        found[f"{cell} store"].append((store_after.cpu_seconds - store_before.cpu_seconds) * micro)
        found[f"{cell} load"].append(outcome.cpu_seconds * micro)
        tried = outcome.accepted + outcome.overloaded
        found[f"{cell} 503"].append(100 * outcome.overloaded / max(tried, 1))

    def _tills(self, served: Served, found: Series) -> None:
        """Let 64 tills sell at even intervals, at half of what the busiest had."""
        rate = found[f"{BUSIEST} rate"][-1] / 2
        cell = Cell(1, 1, 1, TILLS)
        _add(found, "tills", self._send(cell, served, rate=rate))

    def _send(self, cell: Cell, served: Served, rate: float) -> Outcome:
        books = range(1, 2) if cell.books == 1 else range(2, 2 + cell.books)
        keys = self._ground.keys_of(self._engine)
        spec = Spec(
            port=served.port,
            keys=[keys[number - 1] for number in books],
            prefix=f"S{token_hex(4)}",
            clients=cell.clients,
            seconds=self._options.seconds,
            batch=cell.batch,
            rate=rate,
            warm=min(_LONGEST_WARM, self._options.seconds / 4),
        )
        return self._count(spec, cell.processes, books)

    def _check(self, url: str, accepted: dict[int, int]) -> None:
        database = open_database(url)
        for number, sales in accepted.items():
            check(database, find(database, number), sales)
        database.dispose()


def _bare(
    found: Series, options: Options, bare: Mapping[Floor, Served], clients: Sequence[int]
) -> None:
    """Measure the bare endpoints by numbers of clients."""
    prefix = f"S{token_hex(4)}"
    for way, floor in bare.items():
        for number in clients:
            (outcome,) = load(Spec(floor.port, ["none"], prefix, number, options.seconds))
            assert outcome.refused == 0, f"the bare endpoint refuses nothing: {outcome.said}"
            _add(found, floor_of(way, number), outcome)


def _usually(found: Series, options: Options, usual: Served, books: list[str]) -> None:
    """Measure the ORM's endpoint on its books."""
    seconds = max(options.seconds, _SHORTEST_ORM)
    (naive,) = load(Spec(usual.port, books, f"S{token_hex(4)}", orm.POOL, seconds))
    assert naive.refused == 0, "the ORM's endpoint refuses nothing"
    _add(found, "orm", naive)


def _add(found: Series, name: str, outcome: Outcome) -> None:
    found[f"{name} rate"].append(outcome.per_second)
    found[f"{name} p50"].append(outcome.p50)
    found[f"{name} p99"].append(outcome.p99)
    found[f"{name} p99.9"].append(outcome.p999)


def _note(found: Series, name: str, writing: Writing) -> None:
    found[f"{name} rate"].append(writing.per_second)
    found[f"{name} p50"].append(writing.percentile(0.5))
    found[f"{name} p99"].append(writing.percentile(0.99))
    found[f"{name} p99.9"].append(writing.percentile(0.999))


def _entries(ground: Ground, engine: EngineName, options: Options) -> list[Entry]:
    """Return sales as the ledger records them, which the store alone is to write."""
    url = ground.database(engine, "entries")
    database = open_database(url)
    count = min(8192, max(512, int(options.seconds * 8000)))
    found = record(database, 1, count)
    database.dispose()
    ground.drop(url)
    return found


def record(database: Engine, book_id: int, count: int, prefix: str = "E") -> list[Entry]:
    """Record so many sales into a book, and return their entries."""
    events = [codec.decode(body) for body in itertools.islice(bodies(prefix), count)]
    recorder, entries = Recorder(database), list[Entry]()
    for part in _parts(events, 256):
        outcomes = recorder.submit(Command(book_id, BOOKKEEPER, tuple(part))).result()
        entries += [out.entry for out in outcomes if isinstance(out, Recorded)]
    recorder.close()
    assert len(entries) == count, "every sale is recorded"
    return entries


def _parts(events: Sequence[Event], size: int) -> Iterator[Sequence[Event]]:
    for start in range(0, len(events), size):
        yield events[start : start + size]


@contextlib.contextmanager
def _usual(ground: Ground, entry: Entry) -> Iterator[Served]:
    lines = [
        (p.account, "till" if p.holder == entry.event.register else p.holder, p.currency, p.amount)
        for p in entry.postings
    ]
    environment = {
        "BENCH_ENTRY": msgspec.json.encode(lines).decode(),
        "BENCH_ORM": ground.database("postgresql", "by_orm"),
        "BENCH_BOOKS": str(ground.books),
    }
    words = ["-m", "uvicorn", "bench.orm:app", "--factory", "--no-access-log"]
    with ground.running([*words, "--log-level", "warning"], environment) as served:
        yield served
