"""Stock that moves with a fact, at weighted average cost (`accounting.md` 5.8).

Values and costs are home money, whatever the fact's currency. What a vendor asks or credits is in
the fact's: such stock carries that amount, and what corrects it stands beside it in home money.
"""

from collections.abc import Callable, Iterator, Sequence

from ledger.events.base import BusinessEvent, Earlier
from ledger.events.lines import Priced
from ledger.postings import Posting
from ledger.stock import Stock


class Shelf:
    """What is held of each item while one fact moves it line by line."""

    def __init__(self, event: BusinessEvent, earlier: Earlier) -> None:
        self._event, self._earlier = event, earlier
        self._home = earlier.book.currency
        self._held: dict[str, Stock] = {}
        self._stated: dict[tuple[str, str | None], int] = {}

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
        return self._inventory(item, -cost, location, -quantity)

    def put(
        self, item: str, quantity: int, value: int, location: str | None, category: str
    ) -> Iterator[Posting]:
        """Yield the debit of stock that comes in, less what trues up the units below zero."""
        more = self.of(item).true_up(quantity, value)
        self._held[item] = self.of(item).moved(quantity, value - more)
        yield self._inventory(item, value - more, location, quantity)
        yield Posting("cost_of_goods", more, category, currency=self._home)

    def buy(self, item: str, quantity: int, cost: int, location: str | None) -> Iterator[Posting]:
        """Yield the debit of stock that comes in at a cost in the fact's currency."""
        category, value = self.category(item), self._worth(item, cost, location)
        if self._event.currency == self._home:
            yield from self.put(item, quantity, value, location, category)
            return
        more = self.of(item).true_up(quantity, value)
        self._held[item] = self.of(item).moved(quantity, value - more)
        yield Posting("inventory", cost, item, quantity=quantity, location=location)
        yield self._inventory(item, -more, location)
        yield Posting("cost_of_goods", more, category, currency=self._home)

    def give_back(
        self, item: str, quantity: int, credit: int, location: str | None
    ) -> Iterator[Posting]:
        """Yield the credit of stock that a vendor takes back for *credit* in the fact's currency.

        It leaves at average; what the vendor credits more or less goes to stock_adjustments.
        """
        cost, worth = self.of(item).cost(quantity), self._worth(item, -credit, location)
        yield Posting("stock_adjustments", cost + worth, item, currency=self._home)
        if self._event.currency == self._home:
            yield self.take(item, quantity, cost, location)
            return
        self._held[item] = self.of(item).moved(-quantity, -cost)
        yield Posting("inventory", -credit, item, quantity=-quantity, location=location)
        yield self._inventory(item, -cost - worth, location)

    def _worth(self, item: str, amount: int, location: str | None) -> int:
        """Return what an amount of the fact's is worth at home.

        Amounts of one item add up to what they are worth together: as one they are posted.
        """
        before = self._stated.get((item, location), 0)
        self._stated[item, location] = before + amount
        at_home, earlier = self._event.at_home, self._earlier
        return at_home(before + amount, earlier) - at_home(before, earlier)

    def _inventory(self, item: str, value: int, location: str | None, quantity: int = 0) -> Posting:
        """Return a posting of stock in home money."""
        return Posting(
            "inventory", value, item, quantity=quantity, location=location, currency=self._home
        )

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
    shelf, home = Shelf(event, earlier), earlier.book.currency
    for line in priced:
        if line.item is not None and shelf.keeps(line):
            cost = shelf.of(line.item).cost(line.quantity)
            yield Posting("cost_of_goods", cost, line.category, currency=home)
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
    shelf, home = Shelf(event, earlier), earlier.book.currency
    for line in priced:
        if line.item is None or not shelf.keeps(line):
            continue
        cost = cost_of(line, shelf.of(line.item))
        yield Posting("cost_of_goods", -cost, line.category, currency=home)
        if damaged:
            yield Posting("stock_adjustments", cost, line.item, currency=home)
        else:
            yield from shelf.put(line.item, line.quantity, cost, line.location, line.category)
