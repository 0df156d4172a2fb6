"""What a sale costs, in microseconds by step: the product's own functions, in this one process.

`commit` is time of the clock, since it waits; all else is time of the processor.
`post` is what deciding takes beyond its checks. On PostgreSQL `bind` is the time of this process
while it writes (rows, sums, parameters, driver) and `commit` what it waits for the server; SQLite
works in this process, so there `bind` is the rows alone and `commit` the rest of the writing.
"""

import itertools
import time
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from msgspec import Struct, json

from api.answers import event_answer
from bench.cells import BUSIEST, TITLES
from bench.checks import find
from bench.figures import Figure, Options
from bench.ground import BOOKKEEPER, ENGINES, EngineName, Ground
from bench.workload import bodies
from ledger import chain, codec, store
from ledger.book import Book
from ledger.database import Connection, Engine, Sending, open_database, transaction
from ledger.decide import Decision, completed, decide, refuse_role
from ledger.events import Event
from ledger.events.base import Entry
from ledger.growth.store import finish, statements
from ledger.recorder import Command, Recorder
from ledger.state import State

T = TypeVar("T")

SECTION: Final = "What a sale costs, µs by step"
WHOLE: Final = "What a sale takes of the processors, 128 clients, PostgreSQL, one process"
BATCHES: Final = {1: 150, 16: 25, 128: 8}
"""Sales a commit (a till alone, a shop, a full house), and commits a second of measuring."""

_WARM: Final = 128
"""Sales that are recorded before, so that what is asked for once is known."""

_MICRO: Final = 1e6


class Spent(Struct):
    """Seconds that the steps of some sales took together."""

    decode: float = 0.0
    check: float = 0.0
    post: float = 0.0
    hash: float = 0.0
    apply: float = 0.0
    bind: float = 0.0
    commit: float = 0.0
    answer: float = 0.0


_MEANING: Final = {
    "decode": "decode: JSON to a fact",
    "check": "check: role, contents, the bytes that are kept",
    "post": "post: postings, accounts, guards, balance",
    "hash": "hash: link of the chain",
    "apply": "apply: balances in memory",
    "bind": "bind: rows, sums, parameters",
    "commit": "commit: what the store takes",
    "answer": "answer: JSON of the entry",
}


def measure(options: Options, ground: Ground) -> list[Figure]:
    """Return what each step costs, by engine and sales a commit, and what all of them do."""
    found: dict[tuple[EngineName, int], list[dict[str, float]]] = {}
    recording: dict[EngineName, list[float]] = {engine: [] for engine in ENGINES}
    for _ in range(options.rounds):
        for engine in ENGINES:
            database = open_database(ground.database(engine, "steps"))
            for size, commits in BATCHES.items():
                count = max(2, int(options.seconds * commits)) * size
                spent = _steps(database, find(database, 1), count, size)
                found.setdefault((engine, size), []).append(spent)
            recording[engine].append(_recorder(database, max(100, int(options.seconds * 2000))))
            database.dispose()
    return [*_figures(found), *_recorders(recording)]


def _steps(database: Engine, book: Book, count: int, size: int) -> dict[str, float]:
    """Return the microseconds a sale that each step takes, with so many sales a commit."""
    raw = list(itertools.islice(bodies(f"P{time.time_ns()}"), _WARM + count))
    with transaction(database) as connection:
        head = store.head(connection, book.id)
        assert head is not None
        state = State(connection, book, head)
    spent = Spent()
    with database.connect().execution_options(writes=True) as connection:
        state.read_through(lambda: connection)
        _batch(connection, state, raw[:_WARM], Spent())
        for start in range(_WARM, len(raw), size):
            _batch(connection, state, raw[start : start + size], spent)
    return {n: getattr(spent, n) / count * _MICRO for n in Spent.__struct_fields__}


def _batch(connection: Connection, state: State, raw: Sequence[bytes], spent: Spent) -> None:
    """Record some sales with one commit, as the recorder does, and add up what each step took."""
    events: Sequence[Event] = _timed(spent, "decode", lambda: [codec.decode(body) for body in raw])
    entries = [_entry(event, state, spent) for event in events]
    before, of_us = time.perf_counter(), time.thread_time()
    grown = [state.grown()]
    ready = statements(connection.dialect.name, grown)
    ours = time.thread_time() - of_us
    Sending(connection, ready).wait()
    finish(connection, grown)
    taken = time.perf_counter() - before
    if connection.dialect.name == "postgresql":
        ours = time.thread_time() - of_us
    spent.bind += ours
    spent.commit += max(taken - ours, 0.0)
    state.commit()
    home = state.book.currency
    _timed(spent, "answer", lambda: [json.encode(event_answer(e, "en", home)) for e in entries])


def _entry(event: Event, state: State, spent: Spent) -> Entry:
    def check() -> None:
        refuse_role(whole, state, BOOKKEEPER)
        codec.encode(whole)
        list(whole.checks(state.book))

    whole: Event = _timed(spent, "check", lambda: completed(event, state))
    before = spent.check
    _timed(spent, "check", check)
    decision: Decision = _timed(spent, "post", lambda: decide(whole, state, BOOKKEEPER))
    spent.post -= spent.check - before  # deciding has checked again
    head, at = state.head, state.head.recorded_us + 1
    link: bytes = _timed(
        spent,
        "hash",
        lambda: chain.link(
            head.hash, state.book.id, head.seq + 1, at, "bookkeeper:bench", decision.body
        ),
    )
    entry = Entry(
        seq=head.seq + 1,
        event=decision.event,
        postings=decision.postings,
        caveats=decision.caveats,
        recorded_at=store.instant(at),
        actor=BOOKKEEPER,
        hash=link,
        body=decision.body,
    )
    _timed(spent, "apply", lambda: state.apply(entry))
    return entry


def _timed(spent: Spent, step: str, work: Callable[[], T]) -> T:
    """Add the processor's time of this thread, whatever else the machine does meanwhile."""
    before = time.thread_time()
    done = work()
    taken = time.thread_time() - before - _READING
    setattr(spent, step, getattr(spent, step) + max(taken, 0.0))
    return done


def _nothing() -> None:
    """Do nothing, as little as a call can."""


def _reading() -> float:
    """Return the seconds that reading the clock twice takes."""
    spent: list[float] = []
    for _ in range(1000):
        before = time.thread_time()
        _nothing()
        spent.append(time.thread_time() - before)
    return sorted(spent)[len(spent) // 2]


_READING: Final = _reading()


def _recorder(database: Engine, count: int) -> float:
    """Return the sales a second that the recorder takes from this process, without HTTP."""
    events = [codec.decode(b) for b in itertools.islice(bodies(f"R{time.time_ns()}"), count)]
    recorder = Recorder(database)
    before = time.perf_counter()
    waiting = [recorder.submit(Command(3, BOOKKEEPER, (event,))) for event in events]
    for future in waiting:
        future.result()
    taken = time.perf_counter() - before
    recorder.close()
    return count / taken


def _figures(found: dict[tuple[EngineName, int], list[dict[str, float]]]) -> list[Figure]:
    """Return a line a step, a column for each engine and number of sales a commit."""
    figures = []
    for step, name in [*_MEANING.items(), ("", "all of them")]:
        for (engine, size), rounds in found.items():
            values = [spent[step] if step else sum(spent.values()) for spent in rounds]
            column = f"{_SHORT[engine]} {size}"
            figures.append(Figure(SECTION, name, "µs", values, column=column))
    return figures


_PARTS: Final = {"CPU µs": "service", "store µs": "PostgreSQL", "load µs": "load generator"}

_SHORT: Final = {"postgresql": "PG", "sqlite": "SQLite"}


def _recorders(found: dict[EngineName, list[float]]) -> list[Figure]:
    section = "The recorder alone, without HTTP"
    return [
        Figure(section, f"one sale a command, {TITLES[engine]}", "sales/s", values)
        for engine, values in found.items()
    ]


def over_http(figures: Sequence[Figure]) -> list[Figure]:
    """Return what a sale takes of all processors at 128 clients on PostgreSQL; none where unknown.

    What the service takes beyond the steps is HTTP, the framework, and the event loop's turns.
    """
    of_postgres = [figure for figure in figures if not figure.section.endswith(TITLES["sqlite"])]
    known = {(figure.name, figure.column): figure.middle for figure in of_postgres}
    steps = {name: known.get((said, "PG 128"), 0.0) for name, said in _MEANING.items()}
    ours = {name: cost for name, cost in steps.items() if name != "commit"}
    cell = str(BUSIEST)
    parts = {_PARTS[column]: known.get((cell, column), 0.0) for column in _PARTS}
    service = parts.pop(_PARTS["CPU µs"])
    if not service or not any(ours.values()):
        return []
    rest = {"HTTP, framework, event loop": max(service - sum(ours.values()), 0.0)}
    return [Figure(WHOLE, name, "µs", [cost]) for name, cost in {**ours, **rest, **parts}.items()]


def dearest(figures: Sequence[Figure]) -> str:
    """Return the four parts that cost most of what a sale takes, in words."""
    parts = [(figure.middle, figure.name) for figure in figures if figure.section == WHOLE]
    whole = sum(cost for cost, _ in parts)
    said = ", ".join(f"{name} {cost:.0f}" for cost, name in sorted(parts, reverse=True)[:4])
    return f"{said} of {whole:.0f} µs" if parts else ""
