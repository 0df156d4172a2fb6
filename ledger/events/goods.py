"""GoodsReceived and StockAdjusted: stock at cost (5.8)."""

from collections.abc import Iterable, Iterator
from typing import Annotated

from msgspec import Meta, Struct

from ledger.book import Book
from ledger.errors import Fault, fault
from ledger.events.allocation import (
    AllocateBy,
    Delivered,
    allocated,
    expenses_landed_cost,
    taxes_of_purchase,
)
from ledger.events.base import BusinessEvent, Earlier, Entry, Reference, Text
from ledger.events.costs import Shelf
from ledger.events.lines import LineTax, check_taxes
from ledger.events.payables import later, owing, refuse_anothers
from ledger.events.unknown import unknown_items, unknown_taxes
from ledger.money import (
    MOST_MINOR,
    Amount,
    Quantity,
    SignedQuantity,
    UnitPrice,
    extended,
    to_millionths,
)
from ledger.postings import Caveat, Posting
from ledger.stock import Stock


class ReceivedLine(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """So many of an item at a cost for one; `weight` is of one unit."""

    item: Reference
    quantity: Quantity
    unit_cost: UnitPrice
    weight: Quantity | None = None


class GoodsReceived(BusinessEvent, frozen=True, kw_only=True, tag="goods_received"):
    """Goods from a vendor; with `bill` the vendor's bill is there and is owed at once."""

    receipt: Reference
    vendor: Reference
    lines: Annotated[tuple[ReceivedLine, ...], Meta(min_length=1, max_length=1000)]
    freight: Amount | None = None
    duty: Amount | None = None
    discount: Amount | None = None
    taxes: tuple[LineTax, ...] = ()
    allocate_by: AllocateBy = "value"
    bill: Reference | None = None

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield faults of amounts, and weights that an allocation needs."""
        extras = [(f"/{name}", getattr(self, name)) for name in ("freight", "duty", "discount")]
        found = [*self.misfits(*extras), *check_taxes(self, self.taxes, "")]
        for index, (line, cost) in enumerate(zip(self.lines, self._costs(), strict=True)):
            if line.quantity == 0:
                found.append(fault(f"/lines/{index}/quantity", "zero"))
            if self.allocate_by == "weight" and not line.weight:
                found.append(fault(f"/lines/{index}/weight", "required"))
            if cost >= MOST_MINOR:
                found.append(fault(f"/lines/{index}/quantity", "too-large", digits=13))
        yield from found
        if not found and sum(self._costs()) + self._landed() < 0:
            yield fault("/discount", "discount-exceeds-price")

    def _costs(self) -> list[int]:
        """Return what the vendor asks for each line, in minor units."""
        currency = self.currency or ""
        return [extended(line.quantity, line.unit_cost, currency) for line in self.lines]

    def _landed(self) -> int:
        """Return freight and duty less discount, in minor units."""
        return self.minor(self.freight) + self.minor(self.duty) - self.minor(self.discount)

    def delivered(self) -> list[Delivered]:
        """Return the lines as the vendor asks for them, in this event's currency."""
        return [
            Delivered(
                line.item,
                to_millionths(line.quantity),
                cost,
                to_millionths(line.weight or Quantity(0)),
            )
            for line, cost in zip(self.lines, self._costs(), strict=True)
        ]

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield Dr inventory, Dr tax_recoverable / Cr goods_received_not_billed, or payable."""
        if self.bill is not None:
            refuse_anothers(self.bill, self.vendor, earlier)
        recoverable, lost = taxes_of_purchase(self, self.taxes, earlier)
        landed, lines = lost, self.delivered()
        if expenses_landed_cost(self, earlier):
            yield Posting("freight_in", self.minor(self.freight))
            yield Posting("duty", self.minor(self.duty))
            yield Posting("purchase_discounts", -self.minor(self.discount))
        else:
            landed += self._landed()
        shelf = Shelf(self, earlier)
        for line, more in zip(lines, allocated(landed, lines, self.allocate_by), strict=True):
            yield from shelf.buy(line.item, line.quantity, line.value + more, self.location)
        for code, amount in recoverable:
            yield Posting("tax_recoverable", amount, code)
        owed = sum(line.value for line in lines) + self._landed() + lost
        yield owing(self.bill, self.receipt, owed + sum(amount for _, amount in recoverable))
        yield from unknown_items((line.item for line in self.lines), earlier)
        yield from unknown_taxes((tax.tax for tax in self.taxes), earlier)

    def subjects(self) -> Iterable[tuple[str, str]]:
        """Yield the receipt, and the bill that came with it."""
        yield "receipt", self.receipt
        if self.bill is not None:
            yield "bill", self.bill

    def dependents(self, entry: Entry, earlier: Earlier) -> Iterable[Entry]:
        """Return what stands of what was recorded about the receipt since."""
        return later(earlier, "receipt", self.receipt, entry, but="goods_received")

    def stocks(self, item: str) -> bool:
        """Tell that an item that is received is stocked from then on."""
        return any(line.item == item for line in self.lines)


class AdjustedLine(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """So many more (or fewer) of an item, at average cost unless one is stated."""

    item: Reference
    quantity: SignedQuantity
    unit_cost: UnitPrice | None = None


class StockAdjusted(BusinessEvent, frozen=True, kw_only=True, tag="stock_adjusted"):
    """Stock corrected by hand: breakage, theft, a find."""

    lines: Annotated[tuple[AdjustedLine, ...], Meta(min_length=1, max_length=1000)]
    reason: Text

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield a fault for each line that moves nothing, or more than there can be."""
        for index, line in enumerate(self.lines):
            if line.quantity == 0:
                yield fault(f"/lines/{index}/quantity", "zero")
            if abs(self._stated(line)) >= MOST_MINOR:
                yield fault(f"/lines/{index}/quantity", "too-large", digits=13)

    def _stated(self, line: AdjustedLine) -> int:
        """Return what a line is worth at its stated cost, signed as its units."""
        return extended(line.quantity, line.unit_cost or UnitPrice(0), self.currency or "")

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield inventory by item against stock_adjustments, in home money."""
        shelf, home = Shelf(self, earlier), earlier.book.currency
        for line in self.lines:
            item, quantity = line.item, to_millionths(line.quantity)
            value = self._value(line, quantity, shelf.of(item), earlier)
            yield Posting("stock_adjustments", -value, item, currency=home)
            if quantity > 0:
                yield from shelf.put(item, quantity, value, self.location, shelf.category(item))
            else:
                yield shelf.take(item, -quantity, -value, self.location)
        yield from unknown_items((line.item for line in self.lines), earlier)

    def _value(self, line: AdjustedLine, quantity: int, stock: Stock, earlier: Earlier) -> int:
        """Return what comes in (or, negative, goes out); the last unit takes the rest."""
        if quantity < 0 and stock.quantity + quantity == 0:
            return -stock.value
        if line.unit_cost is not None:
            return self.at_home(self._stated(line), earlier)
        return stock.at_average(quantity) if quantity > 0 else -stock.cost(-quantity)

    def stocks(self, item: str) -> bool:
        """Tell that an item is stocked once a cost is stated; without one it stays as it was."""
        return any(line.item == item and line.unit_cost is not None for line in self.lines)
