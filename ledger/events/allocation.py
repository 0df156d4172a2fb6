"""What goods cost beyond their price: over which of them it is spread, and where it goes (5.8)."""

from collections.abc import Iterator, Sequence
from typing import Literal

from msgspec import Struct

from ledger.events.base import BusinessEvent, Earlier
from ledger.events.costs import Shelf
from ledger.events.lines import LineTax
from ledger.money import share, spread
from ledger.postings import Posting

AllocateBy = Literal["value", "quantity", "weight"]
"""What an additional cost is spread by."""


class Delivered(Struct, frozen=True):
    """A line of goods that came: `quantity` in millionths, `value` in minor units.

    `weight` is of one unit in millionths, 0 where none is stated.
    """

    item: str
    quantity: int
    value: int
    weight: int = 0


def allocated(amount: int, lines: Sequence[Delivered], by: AllocateBy) -> list[int]:
    """Return each line's part of *amount*; by quantity where the lines have no value to go by."""
    weights = [line.quantity for line in lines]
    if by == "value" and any(line.value for line in lines):
        weights = [line.value for line in lines]
    elif by == "weight":
        weights = [line.quantity * line.weight for line in lines]
    return spread(amount, weights)


def cost_later(
    event: BusinessEvent,
    amount: int,
    lines: Sequence[Delivered],
    by: AllocateBy,
    earlier: Earlier,
) -> Iterator[Posting]:
    """Yield the debits of a cost (negative: credits) that comes after the goods.

    Of each item the share of the units on hand goes to inventory, of those sold to cost_of_goods.
    No more is taken off stock than it is worth.
    """
    parts, received = dict[str, int](), dict[str, int]()
    for line, part in zip(lines, allocated(amount, lines, by), strict=True):
        parts[line.item] = parts.get(line.item, 0) + part
        received[line.item] = received.get(line.item, 0) + line.quantity
    shelf = Shelf(event, earlier)
    for item, part in parts.items():
        stock = shelf.of(item)
        still = share(part, stock.on_hand(received[item]), received[item])
        worth = -event.at_home(still, earlier)
        if worth > max(0, stock.value):
            still = share(still, max(0, stock.value), worth)
        yield Posting("inventory", still, item, location=event.location)
        yield Posting("cost_of_goods", part - still, shelf.category(item))


def taxes_of_purchase(
    event: BusinessEvent, taxes: Sequence[LineTax], earlier: Earlier
) -> tuple[list[tuple[str, int]], int]:
    """Return (what can be recovered by code, what cannot: that is part of the cost)."""
    recoverable, lost = list[tuple[str, int]](), 0
    for tax in taxes:
        known, amount = earlier.settings.taxes.get(tax.tax, event.day()), event.minor(tax.amount)
        if known is None or known.recoverable:
            recoverable.append((tax.tax, amount))
        else:
            lost += amount
    return recoverable, lost


def expenses_landed_cost(event: BusinessEvent, earlier: Earlier) -> bool:
    """Tell whether the book has freight, duty and discounts in accounts of their own."""
    return earlier.settings.policy("landed_cost", event.day(), event.channel) == "expense"
