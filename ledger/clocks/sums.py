"""Sums of debits and credits, and the days, months and years that a sum is made of."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from msgspec import Struct

DAY: Final = 0
MONTH: Final = 1
YEAR: Final = 2
"""The grains in which movements are added up: buckets are yyyymmdd, yyyymm and yyyy."""

FORWARD: Final = 3
"""What is brought forward into a year (yyyy): all that moved in the years before it.

Kept for every year that moved money, but for the first.
"""

Place = tuple[str, str, str]
"""Account code, holder ("" where movements are kept by account alone), currency."""


class Sums(Struct, frozen=True):
    """What was debited and credited, in minor units of its currency and of the home currency."""

    debit: int = 0
    credit: int = 0
    home_debit: int = 0
    home_credit: int = 0

    @property
    def balance(self) -> int:
        """Return debits less credits."""
        return self.debit - self.credit

    @property
    def home_balance(self) -> int:
        """Return debits less credits in home money."""
        return self.home_debit - self.home_credit

    @property
    def open(self) -> bool:
        """Tell whether there is a balance, in either money."""
        return bool(self.balance or self.home_balance)

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            self.debit + other.debit,
            self.credit + other.credit,
            self.home_debit + other.home_debit,
            self.home_credit + other.home_credit,
        )

    def __sub__(self, other: "Sums") -> "Sums":
        return Sums(
            self.debit - other.debit,
            self.credit - other.credit,
            self.home_debit - other.home_debit,
            self.home_credit - other.home_credit,
        )


def one_side(sums: Sums) -> Sums:
    """Return the same balances with each on its one side."""
    balance, home = sums.balance, sums.home_balance
    return Sums(max(balance, 0), max(-balance, 0), max(home, 0), max(-home, 0))


def added(parts: Iterable[tuple[Place, Sums]]) -> dict[Place, Sums]:
    """Return the sums of each place."""
    sums: dict[Place, Sums] = {}
    for place, part in parts:
        before = sums.get(place)
        sums[place] = part if before is None else before + part
    return sums


def spans_through(day: date | None) -> list[tuple[int, int, int]]:
    """Return (grain, first bucket, last bucket) that make up all time to the end of a day.

    Whole years before, whole months of this year before, days of this month. None: all years.
    """
    if day is None:
        return [(YEAR, 0, 9999)]
    year, month = day.year, day.year * 100 + day.month
    spans = [
        (YEAR, 0, year - 1),
        (MONTH, year * 100 + 1, month - 1),
        (DAY, month * 100 + 1, month * 100 + day.day),
    ]
    return [(grain, first, last) for grain, first, last in spans if first <= last]
