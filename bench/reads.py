"""Balances by both clocks in a long log, beside the same answers by summing postings.

    python -m bench.reads [--sales 1000000] [--engines sqlite postgresql] [--rounds 5] [--json FILE]

A sale has nine postings; the sales lie over three years. They are decided and written by the
product's own code, batch by batch; every answer is compared with the sum of the postings.
"""

import argparse
import contextlib
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from math import ceil
from pathlib import Path
from random import Random
from typing import Any, Final

import msgspec
from sqlalchemy import func, select

from bench import machine
from bench.figures import Figure, Options, lines, ratio
from bench.ground import BOOKKEEPER, ENGINES, EngineName, Ground, ground
from bench.workload import definitions, sale
from ledger import codec, store
from ledger.book import Book
from ledger.clocks.store import known_seq
from ledger.database import Connection, Engine, open_database, snapshot, transaction
from ledger.decide import completed, decide
from ledger.events.base import Entry
from ledger.growth.store import append
from ledger.log.store import load_settings
from ledger.outcomes import next_entry
from ledger.registers.store import Span, postings
from ledger.reports.store import trial_balance, turnover
from ledger.state import State
from ledger.tables import POSTING
from ledger.verify.verify import verify

SALES: Final = 1_000_000
POSTINGS_A_SALE: Final = 9
LENGTHS: Final = (10_000, 1_000_000, 10_000_000)
"""How many postings the log has, one length after the other."""
FASTER: Final = {1_000_000: 10, 10_000_000: 30}
"""How many times faster than summing a balance on a day is to be, from that many postings on."""
FIRST: Final = date(2024, 1, 1)
DAYS: Final = 3 * 365
YEARS: Final = (1, 10)
"""Over how many years the days of two logs of as many sales are spread."""
YEARS_SALES: Final = 40_000
READINGS: Final = 6
SECONDS: Final = 0.5
"""How often a balance is read in a round, each way, as long as time is left; the fastest counts.

So it is read from memory, and by a connection that has answered the like before, as one that serves
has: a statement is prepared when it comes for the sixth time, and has a lasting plan after five
more.
"""
NO_SLOWER: Final = 1.0
"""How many times longer a balance on a day may take in the longer of them."""
MORE_YEARS: Final = "a row a place that is brought forward, beside 42 of months and days"
IN_BLOCKS: Final = "the same rows of blocks of each level, and single events at their end"
BATCH: Final = 1_000
CASH: Final = "1000"
BOOK: Final = Book(7_000_000, "Three years", "CA", "QC", "CAD", "America/Toronto")


Reading = Callable[[Connection, date | None, int | None], dict[str, int]]


def measure(options: Options, on: Ground) -> list[Figure]:
    """Return the figures of both databases, in logs of three lengths."""
    sizes = [max(500, ceil(postings / POSTINGS_A_SALE * options.scale)) for postings in LENGTHS]
    figures = [
        figure
        for sales in dict.fromkeys(sizes)
        for name in ENGINES
        for figure in measured(name, sales, options.rounds, on)
    ]
    for name in ENGINES:
        sales = max(500, int(YEARS_SALES * options.scale))
        figures += after_years(name, sales, options.rounds, on)
    return figures


def measured(engine: EngineName, sales: int, rounds: int, on: Ground) -> list[Figure]:
    """Build a book on a database, and return how long its balances take there."""
    url = on.database(engine, "reads")
    database = open_database(url)
    try:
        seconds = build(database, sales)
        where = f"Balances in a log of {sales:,} sales, {engine}"
        written = Figure(where, "sales written, one writer", "sales/s", [sales / seconds])
        return [written, *_read(database, where, sales * POSTINGS_A_SALE, rounds)]
    finally:
        database.dispose()
        on.drop(url)


def after_years(engine: EngineName, sales: int, rounds: int, on: Ground) -> list[Figure]:
    """Return how long balances on a day take in a log of ten years beside one of a year."""
    where = f"Balances on a day in a log of {sales:,} sales, {engine}"
    with contextlib.ExitStack() as logs:
        databases = [logs.enter_context(_log(engine, sales, years, on)) for years in YEARS]
        figures: list[Figure] = []
        for what, ours in (("an account", _account), ("the trial balance", _all_accounts)):
            of_each = _each_log(databases, ours, max(rounds, 5))
            figures += [
                Figure(where, f"{what}, {years} y of days", "ms", times)
                for years, times in zip(YEARS, of_each, strict=True)
            ]
            apart = ratio(of_each[-1], of_each[0])
            name = f"{what}, {YEARS[-1]} y of days / {YEARS[0]} y"
            figures.append(Figure(where, name, "ratio", apart, at_most=NO_SLOWER, note=MORE_YEARS))
    return figures


@contextlib.contextmanager
def _log(engine: EngineName, sales: int, years: int, on: Ground) -> Iterator[Engine]:
    url = on.database(engine, f"years_{years}")
    database = open_database(url)
    try:
        build(database, sales, days=years * 365)
        yield database
    finally:
        database.dispose()
        on.drop(url)


def _each_log(databases: list[Engine], ours: Reading, rounds: int) -> list[list[float]]:
    """Return the milliseconds in each log: of the same month and day of its last year, in turn."""
    random, times = Random(7), [list[float]() for _ in databases]  # noqa: S311 - the same days
    for _ in range(rounds):
        month, day = random.randint(1, 12), random.randint(1, 28)
        for database, years, found in zip(databases, YEARS, times, strict=True):
            as_of = date(FIRST.year + years - 1, month, day)
            with snapshot(database) as connection:
                found.append(_fastest(connection, ours, as_of, None)[0])
    return times


def _fastest(
    connection: Connection, reading: Reading, as_of: date | None, known: int | None
) -> tuple[float, dict[str, int]]:
    """Return the milliseconds of the fastest of some readings, and the balances."""
    until, times = time.perf_counter() + SECONDS, list[float]()
    balances: dict[str, int] = {}
    while not times or (len(times) < READINGS and time.perf_counter() < until):
        started = time.perf_counter()
        balances = reading(connection, as_of, known)
        times.append((time.perf_counter() - started) * 1000)
    return min(times), balances


def build(database: Engine, sales: int, *, days: int = DAYS) -> float:
    """Record *sales* over *days*, in order of their days; return the seconds it took."""
    with transaction(database) as connection:
        store.create_book(connection, BOOK, now_us=0)
    started, state = time.perf_counter(), None
    facts = _facts(sales, days)
    while batch := [fact for fact, _ in zip(facts, range(BATCH), strict=False)]:
        with transaction(database) as connection:
            if state is None:
                head = store.head(connection, BOOK.id, lock=True)
                assert head is not None
                state = State(connection, BOOK, head)
            state.read_through(lambda: connection)
            for fact in batch:
                state.apply(_entry(state, fact))
            append(connection, state.grown())
        state.commit()
    taken = time.perf_counter() - started
    if database.dialect.name == "postgresql":
        with database.begin() as connection:
            connection.exec_driver_sql("ANALYZE")  # as autovacuum does within minutes
    return taken


def _facts(sales: int, days: int) -> Iterator[dict[str, Any]]:
    yield from ({**fact, "occurred_at": f"{FIRST}T08:00:00-05:00"} for fact in definitions())
    for number in range(sales):
        day = FIRST + timedelta(days=number * days // sales)
        yield {**sale(number, "S"), "occurred_at": f"{day}T14:{number % 60:02d}:00-05:00"}


def _entry(state: State, fact: dict[str, Any]) -> Entry:
    decision = decide(completed(codec.from_json(fact), state), state, BOOKKEEPER)
    now_us = store.to_us(datetime.fromisoformat(fact["occurred_at"]))
    return next_entry(decision, BOOKKEEPER, state, now_us)


_CLOCKS: Final = {
    "now": (0, 0),
    "on a day": (1, 0),
    "known earlier": (0, 1),
    "on a day, known earlier": (1, 1),
}
"""Which of the two clocks is asked: the day, the place in the log."""


def _read(database: Engine, where: str, length: int, rounds: int) -> list[Figure]:
    """Read each balance at clocks of its own each round, here and from the postings."""
    figures: list[Figure] = []
    with snapshot(database) as connection:
        head = store.head(connection, BOOK.id)
    assert head is not None
    moments = list(_moments(head.seq, max(rounds, 5)))
    asked: tuple[tuple[str, Reading, Reading], ...] = (
        ("an account", _account, _account_summed),
        ("the trial balance", _all_accounts, _all_summed),
    )
    for what, ours, theirs in asked:
        on_a_day: list[float] = []
        for clocks, at in _CLOCKS.items():
            times = [_both(database, ours, theirs, moment, at) for moment in moments]
            mine, plain = [one for one, _ in times], [other for _, other in times]
            name, is_now, is_day = f"{what}, {clocks}", at == (0, 0), at == (1, 0)
            least = max((n for size, n in FASTER.items() if length >= size), default=None)
            figures += [
                Figure(where, name, "ms", mine, at_most=1 if is_now else None),
                Figure(where, f"{name}: by summing postings", "ms", plain),
                Figure(
                    where,
                    f"{name}: summing / ours",
                    "ratio",
                    ratio(plain, mine),
                    least if is_day else None,
                ),
            ]
            if is_day:
                on_a_day = mine
            elif not is_now:
                apart = ratio(mine, on_a_day)
                title = f"{name} / on a day"
                figures.append(Figure(where, title, "ratio", apart, at_most=5, note=IN_BLOCKS))
    figures.append(
        Figure(where, "the report of a day, known earlier", "ms", _reports(database, moments))
    )
    figures.append(Figure(where, "a page of a register", "ms", _pages(database, moments)))
    return figures


def _moments(head: int, rounds: int) -> Iterator[tuple[date, int]]:
    random = Random(7)  # noqa: S311 - the same days each time
    for _ in range(rounds):
        yield FIRST + timedelta(days=random.randrange(DAYS)), random.randint(head // 2, head)


def _both(
    database: Engine,
    ours: Reading,
    theirs: Reading,
    moment: tuple[date, int],
    at: tuple[int, int],
) -> tuple[float, float]:
    """Return the milliseconds of both ways, which have to agree."""
    as_of, known = moment[0] if at[0] else None, moment[1] if at[1] else None
    with snapshot(database) as connection:
        mine, ours_say = _fastest(connection, ours, as_of, known)
        plain, theirs_say = _fastest(connection, theirs, as_of, known)
    assert ours_say == theirs_say, "both ways say the same"
    return mine, plain


def _account(connection: Connection, as_of: date | None, known: int | None) -> dict[str, int]:
    return _net(turnover(connection, BOOK.id, as_of, known, CASH))


def _all_accounts(connection: Connection, as_of: date | None, known: int | None) -> dict[str, int]:
    return _net(turnover(connection, BOOK.id, as_of, known))


def _net(places: dict[Any, Any]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for (code, _, _), moved in places.items():
        sums[code] = sums.get(code, 0) + moved.balance
    return sums


def _account_summed(
    connection: Connection, as_of: date | None, known: int | None
) -> dict[str, int]:
    return _summed(connection, as_of, known, POSTING.c.account == CASH)


def _all_summed(connection: Connection, as_of: date | None, known: int | None) -> dict[str, int]:
    return _summed(connection, as_of, known)


def _summed(
    connection: Connection, as_of: date | None, known: int | None, *chosen: Any
) -> dict[str, int]:
    query = select(POSTING.c.account, func.sum(POSTING.c.amount)).where(
        POSTING.c.book_id == BOOK.id, *chosen
    )
    if as_of is not None:
        query = query.where(POSTING.c.business_date <= store.to_day(as_of))
    if known is not None:
        query = query.where(POSTING.c.seq <= known)
    rows = connection.execute(query.group_by(POSTING.c.account))
    return {code: int(amount) for code, amount in rows}


def _reports(database: Engine, moments: list[tuple[date, int]]) -> list[float]:
    """Return the milliseconds of whole trial balances, by both clocks, an instant looked up."""
    found: list[float] = []
    for day, known in moments:
        with snapshot(database) as connection:
            settings = load_settings(connection, BOOK)
            started = time.perf_counter()
            at = datetime(day.year, day.month, day.day, 12).astimezone()
            seq = known_seq(connection, BOOK.id, at)
            rows = trial_balance(connection, BOOK, settings, day, min(known, seq or known))
            found.append((time.perf_counter() - started) * 1000)
            assert sum(row.sums.home_balance for row in rows) == 0
    return found


def _pages(database: Engine, moments: list[tuple[date, int]]) -> list[float]:
    """Return the milliseconds of fifty postings of an account from a day on, balance and all."""
    found: list[float] = []
    for day, _ in moments:
        with snapshot(database) as connection:
            cash = load_settings(connection, BOOK).accounts.get(CASH, day)
            assert cash is not None
            started = time.perf_counter()
            postings(connection, BOOK.id, cash, Span(since=day), limit=50)
            found.append((time.perf_counter() - started) * 1000)
    return found


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sales", type=int, default=SALES)
    parser.add_argument("--years-sales", type=int, default=YEARS_SALES)
    parser.add_argument("--engines", nargs="*", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--verify", action="store_true", help="verify the book that was built")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    arguments = parser.parse_args()
    figures: list[Figure] = []
    with ground() as on:
        for engine in arguments.engines:
            if arguments.verify:
                _verify(engine, arguments.sales, on)
            figures += measured(engine, arguments.sales, arguments.rounds, on)
            figures += after_years(engine, arguments.years_sales, arguments.rounds, on)
    print(", ".join(f"{name} {value}" for name, value in machine.described().items()))
    print(f"{max(arguments.rounds, 5)} rounds: minimum, median, maximum")
    print("\n".join(lines(figures)))
    if arguments.json:
        arguments.json.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=1))


def _verify(engine: EngineName, sales: int, on: Ground) -> None:
    url = on.database(engine, "verified")
    database = open_database(url)
    build(database, sales)
    report = verify(database, BOOK, lambda _done, _of: None)
    assert report.well, [check for check in report.checks if not check.well]
    database.dispose()
    on.drop(url)


if __name__ == "__main__":
    main()
