"""GoodsReturned: goods that go back to their vendor (5.8)."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Annotated

from msgspec import Meta, Struct

from ledger.book import Book
from ledger.errors import Conflict, Fault, fault
from ledger.events.allocation import taxes_of_purchase
from ledger.events.base import BusinessEvent, Earlier, Entry, Reference
from ledger.events.costs import Shelf
from ledger.events.lines import LineTax, check_taxes
from ledger.events.payables import later, refuse_anothers
from ledger.events.receipts import bill_of, delivered, refuse_unknown
from ledger.events.standing import standing, tag
from ledger.events.unknown import unknown_items, unknown_taxes
from ledger.money import (
    MOST_MINOR,
    Quantity,
    UnitPrice,
    extended,
    to_millionths,
)
from ledger.postings import SUSPENSE, Caveat, Posting


class ReturnedLine(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """So many of an item, for which the vendor credits `unit_cost` each."""

    item: Reference
    quantity: Quantity
    unit_cost: UnitPrice


class GoodsReturned(BusinessEvent, frozen=True, kw_only=True, tag="goods_returned"):
    """The vendor's credit is as stated, the stock leaves at average, and the rest is a loss.

    With a `credit_note` the vendor owes it under that. Without one it lessens what a receipt has
    waiting for its bill, else the bill, else what is owed to the vendor without naming one.
    """

    receipt: Reference | None = None
    vendor: Reference
    lines: Annotated[tuple[ReturnedLine, ...], Meta(min_length=1, max_length=1000)]
    taxes: tuple[LineTax, ...] = ()
    credit_note: Reference | None = None

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield a fault for each line of nothing, or of more than there can be."""
        yield from check_taxes(self, self.taxes, "")
        for index, (line, credit) in enumerate(zip(self.lines, self._credits(), strict=True)):
            if line.quantity == 0:
                yield fault(f"/lines/{index}/quantity", "zero")
            if credit >= MOST_MINOR:
                yield fault(f"/lines/{index}/quantity", "too-large", digits=13)

    def _credits(self) -> list[int]:
        """Return what the vendor credits for each line, in minor units."""
        currency = self.currency or ""
        return [extended(line.quantity, line.unit_cost, currency) for line in self.lines]

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield Dr what is owed / Cr inventory, tax_recoverable, the rest to stock_adjustments."""
        recoverable, lost = taxes_of_purchase(self, self.taxes, earlier)
        shelf, total = Shelf(self, earlier), lost
        for line, credit in zip(self.lines, self._credits(), strict=True):
            quantity = to_millionths(line.quantity)
            yield from shelf.give_back(line.item, quantity, credit, self.location)
            total += credit
        yield Posting("stock_adjustments", -lost, self.lines[0].item)
        for code, amount in recoverable:
            yield Posting("tax_recoverable", -amount, code)
            total += amount
        yield from self._credited(total, earlier)
        yield from unknown_items((line.item for line in self.lines), earlier)
        yield from unknown_taxes((tax.tax for tax in self.taxes), earlier)

    def _credited(self, amount: int, earlier: Earlier) -> Iterator[Posting | Caveat]:
        """Yield the debit of what the vendor credits; Conflict for goods that never came so."""
        if self.receipt is not None:
            refuse_unknown(self, self.receipt, "/receipt", earlier)
            if self._refuse_excess(self.receipt, earlier):
                holder = f"goods_received_not_billed:{self.receipt}"
                yield Posting(SUSPENSE, amount, holder)
                yield Caveat("receipt-offline", holder, amount)
                return
        if self.credit_note is not None:
            refuse_anothers(self.credit_note, self.vendor, earlier)
            yield Posting("payable", amount, self.credit_note)
        elif self.receipt is None:
            yield Posting("payable", amount, self.vendor)
        elif bill := bill_of(self.receipt, earlier):
            yield Posting("payable", amount, bill)
        else:
            yield Posting("goods_received_not_billed", amount, self.receipt)

    def _refuse_excess(self, receipt: str, earlier: Earlier) -> bool:
        """Tell whether more goes back than came with a receipt; Conflict unless offline."""
        left = dict[str, int]()
        for came in delivered([receipt], earlier):
            left[came.item] = left.get(came.item, 0) + came.quantity
        for entry in standing(earlier, "receipt", receipt, "goods_returned"):
            if isinstance(entry.event, GoodsReturned):
                entry.event.less(left)
        before = dict(left)
        self.less(left)
        for index, line in enumerate(self.lines):
            if left[line.item] >= 0:
                continue
            if self.happened_offline:
                return True
            raise Conflict(
                "return-exceeds",
                pointer=f"/lines/{index}/quantity",
                receipt=receipt,
                item=line.item,
                left=_units(max(0, before.get(line.item, 0))),
            )
        return False

    def less(self, left: dict[str, int]) -> None:
        """Take what goes back from what is left of each item."""
        for line in self.lines:
            left[line.item] = left.get(line.item, 0) - to_millionths(line.quantity)

    def subjects(self) -> Iterable[tuple[str, str]]:
        """Yield the receipt and the credit note, whose number is like a bill's."""
        if self.receipt is not None:
            yield "receipt", self.receipt
        if self.credit_note is not None:
            yield "bill", self.credit_note

    def dependents(self, entry: Entry, earlier: Earlier) -> Iterable[Entry]:
        """Return the bills that stand for what the return left of its receipt."""
        about = later(earlier, "receipt", self.receipt or "", entry, but="goods_received")
        billed = self.credit_note is None
        return (found for found in about if billed and tag(found) == "bill_received")


def _units(millionths: int) -> str:
    return format(Decimal(millionths).scaleb(-6).normalize(), "f")
