"""Stock that moves with a fact, at weighted average cost (`accounting.md` 5.8)."""

from collections.abc import Callable, Iterator, Sequence

from ledger.events.base import BusinessEvent, Earlier
from ledger.events.lines import Priced
from ledger.postings import Posting
from ledger.stock import Stock


class Shelf:
    """What is held of each item while one fact moves it line by line."""

    def __init__(self, event: BusinessEvent, earlier: Earlier) -> None:
        self._event, self._earlier = event, earlier
        self._held: dict[str, Stock] = {}

    def of(self, item: str) -> Stock:
        """Return what is held of an item now."""
        held = self._held.get(item)
        if held is None:
            held = self._held[item] = self._earlier.stock(item)
        return held

    def keeps(self, line: Priced) -> bool:
        """Tell whether the ledger keeps the stock of what a line sells."""
        if line.item is None or line.kind != "goods" or not line.quantity:
            return False
        if self.of(line.item).stocked:
            return True
        known = self._earlier.settings.items.get(line.item, self._event.day())
        return known is not None and known.stocked

    def take(self, item: str, quantity: int, cost: int, location: str | None) -> Posting:
        """Return the credit of stock that leaves."""
        self._held[item] = self.of(item).moved(-quantity, -cost)
        return Posting("inventory", -cost, item, quantity=-quantity, location=location)

    def put(
        self, item: str, quantity: int, value: int, location: str | None, category: str
    ) -> Iterator[Posting]:
        """Yield the debit of stock that comes in, less what trues up the units below zero."""
        more = self.of(item).true_up(quantity, value)
        self._held[item] = self.of(item).moved(quantity, value - more)
        yield Posting("inventory", value - more, item, quantity=quantity, location=location)
        yield Posting("cost_of_goods", more, category)

    def category(self, item: str) -> str:
        """Return the category that an item's cost is counted to."""
        known = self._earlier.settings.items.get(item, self._event.day())
        return (known.category if known else "") or "goods"


def cost_of_sold(
    event: BusinessEvent, priced: Sequence[Priced], earlier: Earlier
) -> Iterator[Posting]:
    """Yield Dr cost_of_goods / Cr inventory for goods whose stock the ledger keeps.

    Lines of one item cost one after the other, so that the last unit takes the rest.
    """
    shelf = Shelf(event, earlier)
    for line in priced:
        if line.item is not None and shelf.keeps(line):
            cost = shelf.of(line.item).cost(line.quantity)
            yield Posting("cost_of_goods", cost, line.category)
            yield shelf.take(line.item, line.quantity, cost, line.location)


def restocked(
    event: BusinessEvent,
    priced: Sequence[Priced],
    earlier: Earlier,
    cost_of: Callable[[Priced, Stock], int],
    *,
    damaged: bool,
) -> Iterator[Posting]:
    """Yield Dr inventory (damaged: stock_adjustments) / Cr cost_of_goods of what comes back."""
    shelf = Shelf(event, earlier)
    for line in priced:
        if line.item is None or not shelf.keeps(line):
            continue
        cost = cost_of(line, shelf.of(line.item))
        yield Posting("cost_of_goods", -cost, line.category)
        if damaged:
            yield Posting("stock_adjustments", cost, line.item)
        else:
            yield from shelf.put(line.item, line.quantity, cost, line.location, line.category)
