"""What was measured: a value a round, and what it is to reach."""

from collections.abc import Iterator, Sequence
from statistics import median
from typing import Final

from msgspec import Struct

PLACES: Final = {"ratio": 2, "ms": 2, "µs": 1}
"""Digits behind the point by unit; figures of other units are whole."""


NAMED: Final = 62
"""How wide the names are printed."""


class Options(Struct, frozen=True):
    """How long to measure: seconds a run, rounds, and how much of each long measurement."""

    seconds: float = 1.5
    rounds: int = 5
    scale: float = 1.0


class Figure(Struct, frozen=True):
    """One figure: its values, one a round, and its goal where it has one.

    A goal is a least (`at_least`, perhaps with an `aim` beyond it) or a most (`at_most`); the
    median is held against it. `note` says what costs that which is missing. Figures of one name
    with different `column`s stand in one line: the first with its spread, the others by their
    median.
    """

    section: str
    name: str
    unit: str
    values: list[float]
    at_least: float | None = None
    at_most: float | None = None
    aim: float | None = None
    note: str = ""
    column: str = ""

    @property
    def middle(self) -> float:
        """Return the median of the rounds."""
        return median(self.values)

    def shown(self, value: float) -> str:
        """Return a value as it is printed."""
        return f"{value:,.{PLACES.get(self.unit, 0)}f}"

    def spread(self) -> tuple[str, str, str]:
        """Return minimum, median and maximum."""
        return tuple(map(self.shown, (min(self.values), self.middle, max(self.values))))  # type: ignore[return-value]  # three of them

    @property
    def missing(self) -> float:
        """Return by how much the median falls short of the goal; 0 or less when it is reached."""
        if self.at_least is not None:
            return self.at_least - self.middle
        return self.middle - self.at_most if self.at_most is not None else 0.0

    def goal(self) -> str:
        """Return what is to be reached, in words; empty where nothing is."""
        if self.at_least is not None:
            aimed = "" if self.aim is None else f" (aim {self.shown(self.aim)})"
            return f">= {self.shown(self.at_least)}{aimed}"
        return "" if self.at_most is None else f"<= {self.shown(self.at_most)}"

    def verdict(self) -> str:
        """Return whether the goal is reached, or by how much not and what costs it."""
        if not self.goal():
            return ""
        if self.missing > 0:
            why = f": {self.note}" if self.note else ""
            return f"short by {self.shown(self.missing)}{why}"
        return "reached" if self.aim is None or self.middle < self.aim else "reached, and the aim"


class Report(Struct, frozen=True):
    """A whole run: where it was, how it was made, and every figure of it."""

    machine: dict[str, str]
    options: Options
    figures: list[Figure]
    began: str = ""


def ratio(above: Sequence[float], below: Sequence[float]) -> list[float]:
    """Return the quotients of two figures, each within its round; 0 where nothing is below."""
    return [one / other if other else 0.0 for one, other in zip(above, below, strict=True)]


class Row(Struct, frozen=True):
    """Figures that stand in one line: the first is the one that counts."""

    first: Figure
    others: list[Figure]


def sections(figures: Sequence[Figure]) -> dict[str, list[Row]]:
    """Return the lines of each section, in the order in which they were measured."""
    found: dict[str, dict[str, list[Figure]]] = {}
    for figure in figures:
        found.setdefault(figure.section, {}).setdefault(figure.name, []).append(figure)
    return {
        section: [Row(first, others) for first, *others in rows.values()]
        for section, rows in found.items()
    }


def lines(figures: Sequence[Figure]) -> Iterator[str]:
    """Yield the figures as they are printed, a line each, under the names of their sections."""
    for section, rows in sections(figures).items():
        yield from ("", section, "-" * len(section))
        columns = [figure.column for figure in rows[0].others]
        named = f"{rows[0].first.column:<{NAMED}}" if columns else " " * NAMED
        yield f"{named}{'min':>10}{'median':>10}{'max':>10}" + "".join(f"{c:>12}" for c in columns)
        for row in rows:
            yield _line(row).rstrip()


def _line(row: Row) -> str:
    first = row.first
    low, middle, high = first.spread()
    unit = "" if first.unit == "ratio" or row.others else f" {first.unit}"
    rest = "".join(f"{figure.shown(figure.middle):>12}" for figure in row.others)
    reach = f"   {first.goal()}: {first.verdict()}" if first.goal() else ""
    return f"{first.name:<{NAMED}}{low:>10}{middle:>10}{high:>10}{rest}{unit}{reach}"
