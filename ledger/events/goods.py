"""GoodsReceived and StockAdjusted: stock at cost (5.8)."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

from msgspec import Meta, Struct

from ledger.book import Book
from ledger.errors import Fault, fault
from ledger.events.base import BusinessEvent, Earlier, Reference, Text
from ledger.events.costs import Shelf
from ledger.events.lines import LineTax, check_taxes
from ledger.events.unknown import unknown_items, unknown_taxes
from ledger.money import (
    MOST_MINOR,
    Amount,
    Quantity,
    SignedQuantity,
    UnitPrice,
    extended,
    spread,
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
    allocate_by: Literal["value", "quantity", "weight"] = "value"
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

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield Dr inventory, Dr tax_recoverable / Cr goods_received_not_billed, or payable."""
        recoverable, lost = self._taxes(earlier)
        landed = lost
        if earlier.settings.policy("landed_cost", self.day(), self.channel) == "expense":
            yield Posting("freight_in", self.minor(self.freight))
            yield Posting("duty", self.minor(self.duty))
            yield Posting("purchase_discounts", -self.minor(self.discount))
        else:
            landed += self._landed()
        costs = self._costs()
        shelf = Shelf(self, earlier)
        for line, cost, more in zip(self.lines, costs, self._allocated(landed), strict=True):
            item, quantity = line.item, to_millionths(line.quantity)
            category = shelf.category(item)
            yield from shelf.put(item, quantity, cost + more, self.location, category)
        for code, amount in recoverable:
            yield Posting("tax_recoverable", amount, code)
        owed = sum(costs) + self._landed() + lost + sum(amount for _, amount in recoverable)
        if self.bill is not None:
            yield Posting("payable", -owed, self.bill)
        else:
            yield Posting("goods_received_not_billed", -owed, self.receipt)
        yield from unknown_items((line.item for line in self.lines), earlier)
        yield from unknown_taxes((tax.tax for tax in self.taxes), earlier)

    def _taxes(self, earlier: Earlier) -> tuple[list[tuple[str, int]], int]:
        """Return (what can be recovered by code, what cannot: that is part of the goods' cost)."""
        recoverable, lost = list[tuple[str, int]](), 0
        for tax in self.taxes:
            known, amount = earlier.settings.taxes.get(tax.tax, self.day()), self.minor(tax.amount)
            if known is None or known.recoverable:
                recoverable.append((tax.tax, amount))
            else:
                lost += amount
        return recoverable, lost

    def _allocated(self, landed: int) -> list[int]:
        """Return each line's part of *landed*, by value, quantity or weight."""
        quantities = [to_millionths(line.quantity) for line in self.lines]
        weights = quantities
        if self.allocate_by == "value" and any(self._costs()):
            weights = self._costs()
        elif self.allocate_by == "weight":
            heavy = [to_millionths(line.weight or Quantity(0)) for line in self.lines]
            weights = [
                quantity * weight for quantity, weight in zip(quantities, heavy, strict=True)
            ]
        return spread(landed, weights)

    def subjects(self) -> Iterable[tuple[str, str]]:
        """Yield the receipt."""
        yield "receipt", self.receipt

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
        """Return what a line is worth at its stated cost, in minor units, signed as its units."""
        return extended(line.quantity, line.unit_cost or UnitPrice(0), self.currency or "")

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield inventory by item against stock_adjustments."""
        shelf = Shelf(self, earlier)
        for line in self.lines:
            item, quantity = line.item, to_millionths(line.quantity)
            value = self._value(line, quantity, shelf.of(item))
            yield Posting("stock_adjustments", -value, item)
            if quantity > 0:
                yield from shelf.put(item, quantity, value, self.location, shelf.category(item))
            else:
                yield shelf.take(item, -quantity, -value, self.location)
        yield from unknown_items((line.item for line in self.lines), earlier)

    def _value(self, line: AdjustedLine, quantity: int, stock: Stock) -> int:
        """Return what comes in (or, negative, goes out); the last unit takes the rest."""
        if quantity < 0 and stock.quantity + quantity == 0:
            return -stock.value
        if line.unit_cost is not None:
            return self._stated(line)
        return stock.at_average(quantity) if quantity > 0 else -stock.cost(-quantity)

    def stocks(self, item: str) -> bool:
        """Tell that an item is stocked once a cost is stated; without one it stays as it was."""
        return any(line.item == item and line.unit_cost is not None for line in self.lines)
