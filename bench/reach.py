"""The figures of sales over HTTP: ratios with their goals, and a line for every configuration."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Final

from bench.cells import (
    BUSIEST,
    CLIENTS,
    FLOORS,
    IN_BATCHES,
    ONE_TILL,
    TITLES,
    Cell,
    Series,
    count,
    floor_of,
)
from bench.figures import Figure, ratio
from bench.ground import EngineName
from bench.store_limit import Way


def reach(found: Mapping[EngineName, Series]) -> Iterator[Figure]:
    """Yield the ratios that have goals: PostgreSQL, one process, one book."""
    of, lite = found["postgresql"], found["sqlite"]
    section = "Reach, PostgreSQL, one process, one book"
    busiest, batched = of[f"{BUSIEST} rate"], of["batched"]
    if busiest:
        name = "one sale a request, 128 clients / "
        yield Figure(
            section, f"{name}the store, batched", "ratio", ratio(busiest, batched), 0.25, aim=0.35
        )
        for way in FLOORS:
            share = ratio(busiest, of[f"{floor_of(way, BUSIEST.clients)} rate"])
            what = f"{name}decode and answer, {way}"
            yield Figure(section, what, "ratio", share, 0.50, aim=0.70)
        usual = of["orm rate"]
        yield Figure(section, f"{name}ORM, 64 books", "ratio", ratio(busiest, usual), 20)
        calm = of["tills p99"]
        yield Figure(section, "64 tills at half that rate, p99", "ms", calm, at_most=50)
    if many := of[f"{IN_BATCHES} rate"]:
        name = "50 sales a request, 8 clients / the store, batched"
        yield Figure(section, name, "ratio", ratio(many, batched), 0.40, aim=0.60)
    if alone := of[f"{ONE_TILL} p99"]:
        name = "one till, p99 / the store's own transaction, p99"
        yield Figure(section, name, "ratio", ratio(alone, of["single p99"]), at_most=3)
    if busiest := lite[f"{BUSIEST} rate"]:
        name = "SQLite: one sale a request, 128 clients / batched"
        taken = median(lite[f"{BUSIEST} cpu"])
        note = f"{taken:.0f} µs a sale, the loop's and SQLite's writer's, who share an interpreter"
        yield Figure(section, name, "ratio", ratio(busiest, lite["batched"]), 0.30, note=note)


def tables(found: Mapping[EngineName, Series], cells: Sequence[Cell]) -> Iterator[Figure]:
    """Yield what was measured beside, and every configuration, a line each."""
    for engine, of in found.items():
        if not of["batched"]:
            continue
        section = f"Beside it, on {TITLES[engine]}"
        for name, of_name in _BESIDE.items():
            if of[f"{of_name} rate"]:
                yield from _row(section, name, of, of_name)
        for way, said in _WAYS.items():
            if rates := of[f"batched {way}"]:
                yield Figure(section, f"SQL alone, 256 sales a commit, {said}", "sales/s", rates)
        section = f"Sales over HTTP on {TITLES[engine]}"
        for cell in cells:
            rate = of[f"{cell} rate"]
            share = ratio(rate, of["batched"])
            yield Figure(section, str(cell), "ratio", share, column="share of batched")
            yield from (
                Figure(section, str(cell), unit, of[f"{cell} {name}"], column=column)
                for name, unit, column in _COLUMNS
            )


_BESIDE: Final = {
    "SQL alone, one sale a commit, 1 client": "single",
    **{
        f"decode and answer, {way}, {count(n, 'client')}": floor_of(way, n)
        for way in FLOORS
        for n in CLIENTS
    },
    "ORM, a session a request, 64 books, 16 clients": "orm",
    "64 tills at half the peak rate": "tills",
}
_WAYS: Final[dict[Way, str]] = {"copy": "the log by COPY", "arrays": "as the product does"}
_COLUMNS: Final = (
    ("rate", "sales/s", "sales/s"),
    ("p50", "ms", "p50 ms"),
    ("p99", "ms", "p99 ms"),
    ("p99.9", "ms", "p99.9 ms"),
    ("cpu", "µs", "CPU µs"),
    ("store", "µs", "store µs"),
    ("load", "µs", "load µs"),
    ("503", "%", "503 %"),
)


def _row(section: str, name: str, of: Series, of_name: str) -> Iterator[Figure]:
    yield Figure(section, name, "sales/s", of[f"{of_name} rate"], column="sales/s")
    for percentile in ("p50", "p99", "p99.9"):
        values = of[f"{of_name} {percentile}"]
        yield Figure(section, name, "ms", values, column=f"{percentile} ms")
