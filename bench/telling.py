"""The log read on: told again, built anew, and planned for the bookkeeping software."""

import itertools
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, Final

from bench.cells import TITLES
from bench.checks import find
from bench.figures import Figure, Options
from bench.ground import BOOKKEEPER, ENGINES, EngineName, Ground
from bench.sales import record
from ledger import codec, store
from ledger.book import Book
from ledger.database import Engine, open_database, snapshot, transaction
from ledger.rebuild.rebuild import rebuild
from ledger.recorder import Recorder
from ledger.replay import scratch as telling
from ledger.replay.store import logged
from ledger.replay.told import Earlier
from ledger.verify.verify import verify
from sync.intake.step import Terms, take_in

SECTION: Final = "The log read on"
REPLAY_GOAL: Final = 20_000
EVENTS: Final = 20_000
"""How many sales the log holds."""
PLANNED: Final = 3_000
"""How many of a book that is planned."""

_FAR: Final = 4_102_444_800_000_000
"""The clock of whoever plans, in microseconds: every day of the sales is over."""


def measure(options: Options, ground: Ground) -> list[Figure]:
    """Return events a second of replay, rebuild, verification and planning."""
    figures: list[Figure] = []
    for engine in ENGINES:
        url = ground.database(engine, "told")
        database = open_database(url)
        figures += _told(engine, database, options)
        figures += _planned(engine, database, options)
        database.dispose()
        ground.drop(url)
    return figures


def _told(engine: EngineName, database: Engine, options: Options) -> Iterator[Figure]:
    book = find(database, 1)
    record(database, book.id, max(300, int(EVENTS * options.scale)))
    told = [_replay(database, book) for _ in range(options.rounds)]
    name, costs = f"replay of the log, {TITLES[engine]}", _costs(database, book)
    yield Figure(SECTION, name, "events/s", told, at_least=REPLAY_GOAL, note=costs)
    built = [_rebuild(database, book) for _ in range(options.rounds)]
    name = f"rebuild of everything kept in step, {TITLES[engine]}"
    yield Figure(SECTION, name, "events/s", built)
    seen = [_verify(database, book) for _ in range(options.rounds)]
    name = f"verification of everything, {TITLES[engine]}"
    yield Figure(SECTION, name, "events/s", seen)


def _planned(engine: EngineName, database: Engine, options: Options) -> Iterator[Figure]:
    ways = {"a document each": "per_transaction", "a document a day": "per_day"}
    values: dict[str, list[float]] = {way: [] for way in ways}
    numbers = itertools.count(2)
    for _ in range(options.rounds):
        for way, policy in ways.items():
            book = find(database, next(numbers))
            _post(database, book, policy)
            record(database, book.id, max(100, int(PLANNED * options.scale)))
            values[way].append(_plan(database, book))
    for way, found in values.items():
        yield Figure(SECTION, f"planning, {way}, {TITLES[engine]}", "events/s", found)


def _post(database: Engine, book: Book, policy: str) -> None:
    """Let a book be sent sale by sale, or as a document a day."""
    fact = {
        "type": "policy_set",
        "id": "posting",
        "occurred_at": "2026-02-28T12:00:00-05:00",
        "policy": "posting",
        "value": policy,
    }
    recorder = Recorder(database)
    recorder.record(book.id, BOOKKEEPER, codec.from_json(fact))
    recorder.close()


def _replay(database: Engine, book: Book, clock: Callable[[], float] = time.perf_counter) -> float:
    """Return the events a second at which a log is decided again and kept elsewhere.

    From the bytes of its facts alone, which were admitted when they were recorded: whether they
    may be stated is not asked again, and the postings stored beside them are not read.
    """
    with telling.scratch(book) as again, snapshot(database) as connection:
        head = store.head(connection, book.id)
        assert head is not None
        before = clock()
        while again.through < head.seq:
            for fact in logged(connection, book.id, after=again.through, through=head.seq):
                told = again.tell(fact, codec.decode(fact.body))
                assert told.decision is not None, told.refusal
        again.write()
        return head.seq / (clock() - before)


class _Clocked:
    """Adds up what functions take of the processor, while it stands in their place."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._places: list[tuple[Any, str, Any]] = []

    def watch(self, place: Any, name: str, step: str) -> None:
        """Clock a function."""
        function = getattr(place, name)

        @wraps(function)
        def clocked(*arguments: Any, **named: Any) -> Any:
            before = time.thread_time()
            done = function(*arguments, **named)
            self.seconds[step] += time.thread_time() - before
            return done

        self._places.append((place, name, function))
        setattr(place, name, clocked)

    def stop(self) -> None:
        """Let everything be as it was."""
        for place, name, function in self._places:
            setattr(place, name, function)


def _costs(database: Engine, book: Book) -> str:
    """Return what each step of a replay takes of the processor, µs an event, the dearest first."""
    clocked = _Clocked()
    clocked.watch(codec, "decode", "decode")
    clocked.watch(telling, "entered", "decide")
    clocked.watch(telling.Scratch, "write", "write")
    clocked.watch(Earlier, "hear", "remember")
    clocked.watch(sys.modules[__name__], "logged", "read")
    try:
        whole = 1e6 / _replay(database, book, time.thread_time)
    finally:
        clocked.stop()
    with snapshot(database) as connection:
        head = store.head(connection, book.id)
    assert head is not None
    steps = {step: seconds / head.seq * 1e6 for step, seconds in clocked.seconds.items()}
    steps["the rest"] = whole - sum(steps.values())
    dearest = sorted(steps.items(), key=lambda step: -step[1])
    return ", ".join(f"{step} {cost:.0f}" for step, cost in dearest) + f" of {whole:.0f} µs"


def _rebuild(database: Engine, book: Book) -> float:
    before = time.perf_counter()
    rebuilt = rebuild(database, book, lambda *_: None)
    assert not any(rebuilt.rows.values()), "a rebuild of what is well changes nothing"
    return rebuilt.head / (time.perf_counter() - before)


def _verify(database: Engine, book: Book) -> float:
    before = time.perf_counter()
    report = verify(database, book, lambda *_: None)
    assert report.well, "what was rebuilt is well"
    return report.head / (time.perf_counter() - before)


def _plan(database: Engine, book: Book) -> float:
    """Return the events a second at which a book is planned, all its days being over."""
    entries, more = 0, True
    began = time.perf_counter()
    while more:
        with transaction(database) as connection:
            taken = take_in(connection, book, Terms(now_us=_FAR))
        entries, more = entries + taken.entries, taken.more
    return float(entries) / (time.perf_counter() - began)
