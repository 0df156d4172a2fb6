"""Stock of one item at weighted average cost: exact averages, each issue rounded half up.

The average is value / quantity. Facts cost in the order in which they are recorded. Stock may go
below zero at the last average; the next receipt trues up the units that it covers.
"""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from ledger.money import share
from ledger.postings import Posting


class Stock(Struct, frozen=True):
    """What the ledger holds of an item: `quantity` in millionths, `value` in minor units.

    `last_value` / `last_quantity` is the last average known, for issues from nothing.
    """

    quantity: int = 0
    value: int = 0
    last_value: int = 0
    last_quantity: int = 0
    stocked: bool = False

    def cost(self, quantity: int) -> int:
        """Return what *quantity* (> 0) costs when it leaves now, in minor units."""
        if self.quantity <= 0:
            return self._at_last(quantity)
        if quantity < self.quantity:
            return share(self.value, quantity, self.quantity)
        return self.value + share(self.value, quantity - self.quantity, self.quantity)

    def at_average(self, quantity: int) -> int:
        """Return what *quantity* is worth at the current average, in minor units."""
        if self.quantity > 0:
            return share(self.value, quantity, self.quantity)
        return self._at_last(quantity)

    def _at_last(self, quantity: int) -> int:
        return share(self.last_value, quantity, self.last_quantity) if self.last_quantity else 0

    def true_up(self, quantity: int, value: int) -> int:
        """Return by how much a receipt of *quantity* for *value* corrects what left below zero.

        Positive when the units that it covers cost more than what was charged for them. Where no
        unit is left, what a cost taken back left without units goes with the first that come.
        """
        if self.quantity > 0 or quantity <= 0:
            return 0
        if self.quantity == 0:
            return self.value
        covered = min(-self.quantity, quantity)
        return share(value, covered, quantity) - share(-self.value, covered, -self.quantity)

    def moved(self, quantity: int, value: int, *, stocked: bool = True) -> "Stock":
        """Return the stock after *quantity* and *value* were added (negative: taken away)."""
        after = replace(
            self,
            quantity=self.quantity + quantity,
            value=self.value + value,
            stocked=self.stocked or stocked,
        )
        if after.quantity > 0:
            return replace(after, last_value=after.value, last_quantity=after.quantity)
        if self.quantity > 0:
            return replace(after, last_value=self.value, last_quantity=self.quantity)
        return after

    def on_hand(self, received: int) -> int:
        """Return how many of the units *received* count as still there: no more than are held."""
        return min(max(self.quantity, 0), received)


def netted(postings: Iterable[Posting]) -> dict[str, tuple[int, int]]:
    """Return {item: (quantity, value)} that an entry's postings of stock come to together.

    What is only carried elsewhere comes to nothing, and leaves the last average as it was.
    """
    moves: dict[str, tuple[int, int]] = {}
    for posting in postings:
        if posting.role == "inventory":
            quantity, value = moves.get(posting.holder, (0, 0))
            moves[posting.holder] = (quantity + posting.quantity, value + posting.at_home)
    return moves
