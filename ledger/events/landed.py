"""LandedCostAdded: freight and duty that are known after the goods came (5.8)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, ClassVar

from msgspec import Meta

from ledger.book import Book
from ledger.errors import Fault, fault
from ledger.events.allocation import (
    AllocateBy,
    Delivered,
    cost_later,
    expenses_landed_cost,
    taxes_of_purchase,
)
from ledger.events.base import BusinessEvent, Earlier, Entry, Reference
from ledger.events.lines import LineTax, check_taxes
from ledger.events.payables import later, owing, refuse_anothers
from ledger.events.receipts import (
    astray,
    check_receipts,
    delivered,
    refuse_unknown,
    refuse_unweighed,
)
from ledger.events.standing import is_reversed
from ledger.events.unknown import unknown_taxes
from ledger.money import Amount
from ledger.postings import Caveat, Posting

Receipts = Annotated[tuple[Reference, ...], Meta(min_length=1, max_length=1000)]
"""Which receipts a cost or a bill is of."""


class LandedCostAdded(BusinessEvent, frozen=True, kw_only=True, tag="landed_cost_added"):
    """The share of units on hand goes to inventory, of units sold to cost_of_goods.

    With `bill` it is owed at once. Until its bill is there, it waits under this event's own id:
    carrier and broker are seldom the goods' vendor.
    """

    tills_may_record: ClassVar[bool] = False

    receipts: Receipts
    vendor: Reference | None = None
    freight: Amount | None = None
    duty: Amount | None = None
    taxes: tuple[LineTax, ...] = ()
    allocate_by: AllocateBy = "value"
    bill: Reference | None = None

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield faults of amounts, a cost of nothing, and a bill without its vendor."""
        yield from self.misfits(("/freight", self.freight), ("/duty", self.duty))
        yield from check_taxes(self, self.taxes, "")
        yield from check_receipts(self.receipts)
        if not (self.freight or self.duty):
            yield fault("/freight", "required" if self.freight is None else "zero")
        if self.bill is not None and self.vendor is None:
            yield fault("/vendor", "vendor-missing", account="payable")

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield Dr inventory, cost_of_goods, tax_recoverable / Cr what is owed."""
        for index, receipt in enumerate(self.receipts):
            refuse_unknown(self, receipt, f"/receipts/{index}", earlier)
        if self.bill is not None:
            refuse_anothers(self.bill, self.vendor, earlier)
        recoverable, lost = taxes_of_purchase(self, self.taxes, earlier)
        cost = self.minor(self.freight) + self.minor(self.duty) + lost
        yield from self._landed(cost, lost, delivered(self.receipts, earlier), earlier)
        for code, amount in recoverable:
            yield Posting("tax_recoverable", amount, code)
        yield owing(self.bill, self.id, cost + sum(amount for _, amount in recoverable))
        yield from unknown_taxes((tax.tax for tax in self.taxes), earlier)

    def _landed(
        self, cost: int, lost: int, lines: Sequence[Delivered], earlier: Earlier
    ) -> Iterator[Posting | Caveat]:
        """Yield the debits of the cost; a tax that cannot be recovered is of the goods."""
        if expenses_landed_cost(self, earlier):
            yield Posting("freight_in", self.minor(self.freight))
            yield Posting("duty", self.minor(self.duty))
            cost = lost
        if lines:
            refuse_unweighed(lines, self.allocate_by)
            yield from cost_later(self, cost, lines, self.allocate_by, earlier)
        elif cost:
            yield from astray(cost, self.receipts)

    def subjects(self) -> Iterable[tuple[str, str]]:
        """Yield the receipts, and the bill that came with it."""
        yield from (("receipt", receipt) for receipt in self.receipts)
        if self.bill is not None:
            yield "bill", self.bill

    def dependents(self, entry: Entry, earlier: Earlier) -> Iterable[Entry]:
        """Return the bills that stand for it."""
        return later(earlier, "receipt", self.id, entry, but="goods_received")


def landed_under(name: str, earlier: Earlier) -> list[LandedCostAdded]:
    """Return the landed cost that waits for its bill under its own id, if it stands."""
    entry = earlier.entry(name)
    if entry is None or is_reversed(entry, earlier):
        return []
    return [entry.event] if isinstance(entry.event, LandedCostAdded) else []
