"""StockCounted and StockMoved: how many there are, and where (5.8)."""

from collections.abc import Iterable, Iterator
from typing import Annotated

from msgspec import Meta, Struct

from ledger.book import Book
from ledger.errors import Fault, fault
from ledger.events.base import BusinessEvent, Earlier, Reference
from ledger.events.costs import Shelf
from ledger.events.unknown import unknown_items
from ledger.money import Quantity, to_millionths
from ledger.postings import Caveat, Posting


class CountedLine(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """So many of an item are there."""

    item: Reference
    counted: Quantity


class StockCounted(BusinessEvent, frozen=True, kw_only=True, tag="stock_counted"):
    """What was counted is the truth: of the location where one is named, else of the whole book."""

    lines: Annotated[tuple[CountedLine, ...], Meta(min_length=1, max_length=1000)]

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield a fault for each item that is counted again."""
        seen = set[str]()
        for index, line in enumerate(self.lines):
            if line.item in seen:
                yield fault(f"/lines/{index}/item", "named-twice", name=line.item)
            seen.add(line.item)

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield the difference by item, at average, against stock_adjustments."""
        shelf, home = Shelf(self, earlier), earlier.book.currency
        for line in self.lines:
            item, stock = line.item, shelf.of(line.item)
            held = earlier.stock_at(item, self.location) if self.location else stock.quantity
            more = to_millionths(line.counted) - held
            if more > 0:
                value = stock.at_average(more)
                yield Posting("stock_adjustments", -value, item, currency=home)
                yield from shelf.put(item, more, value, self.location, shelf.category(item))
            elif more < 0:
                cost = stock.cost(-more)
                yield Posting("stock_adjustments", cost, item, currency=home)
                yield shelf.take(item, -more, cost, self.location)
        yield from unknown_items((line.item for line in self.lines), earlier)


class MovedLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """So many of an item go from one place to another."""

    item: Reference
    quantity: Quantity


class StockMoved(BusinessEvent, frozen=True, kw_only=True, tag="stock_moved"):
    """Stock carried between locations; its value and average are the book's and stay."""

    lines: Annotated[tuple[MovedLine, ...], Meta(min_length=1, max_length=1000)]
    from_location: Reference
    to_location: Reference

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield a fault for a way that leads nowhere, and for each line that moves nothing."""
        if self.from_location == self.to_location:
            yield fault("/to_location", "same-location", location=self.to_location)
        for index, line in enumerate(self.lines):
            if line.quantity == 0:
                yield fault(f"/lines/{index}/quantity", "zero")

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield quantities of inventory from the one and to the other, without amounts."""
        for line in self.lines:
            moved = to_millionths(line.quantity)
            for quantity, location in ((-moved, self.from_location), (moved, self.to_location)):
                yield Posting("inventory", 0, line.item, quantity=quantity, location=location)
        yield from unknown_items((line.item for line in self.lines), earlier)
