"""Configurations of the product over HTTP, and what was measured of them."""

import itertools
from collections import defaultdict
from typing import Final, Literal

from msgspec import Struct

TITLES: Final = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}
CLIENTS: Final = (1, 8, 64, 128)
TILLS: Final = 64
BATCH: Final = 50


Floor = Literal["typed", "raw body"]
"""How an endpoint that does nothing else takes a sale: as the framework decodes it, or as bytes."""

FLOORS: Final[dict[Floor, str]] = {"typed": "typed", "raw body": "app"}
"""The applications of `bench.floor`."""


class Cell(Struct, frozen=True):
    """One configuration of the product over HTTP."""

    processes: int
    books: int
    batch: int
    clients: int

    def __str__(self) -> str:
        """Return the configuration in words."""
        return (
            f"{count(self.processes, 'process', 'es')}, {count(self.books, 'book')}, "
            f"{count(self.batch, 'sale')} a request, {count(self.clients, 'client')}"
        )


CELLS: Final = tuple(
    Cell(*parts) for parts in itertools.product((1, 2), (1, 64), (1, BATCH), CLIENTS)
)
ONE_TILL: Final = Cell(1, 1, 1, 1)
BUSIEST: Final = Cell(1, 1, 1, 128)
IN_BATCHES: Final = Cell(1, 1, BATCH, 8)

Series = defaultdict[str, list[float]]
"""What was measured under a name: a value a round."""


def floor_of(way: Floor, clients: int) -> str:
    """Return what a bare endpoint is measured under."""
    return f"floor, {way}, {clients}"


def count(number: int, what: str, ending: str = "s") -> str:
    """Return how many there are of something, in words."""
    return f"{number} {what}{ending if number > 1 else ''}"
