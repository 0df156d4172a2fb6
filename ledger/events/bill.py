"""BillReceived: what a vendor asks for, for goods that came or for anything else (5.8)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Annotated, ClassVar, Final

from msgspec import Meta, Struct

from ledger.book import Book
from ledger.errors import Conflict, Fault, Invalid, fault
from ledger.events.allocation import (
    cost_later,
    expenses_landed_cost,
    taxes_of_purchase,
)
from ledger.events.base import BusinessEvent, Earlier, Entry, Reference, Text
from ledger.events.landed import landed_under
from ledger.events.lines import LineTax, check_taxes
from ledger.events.named_lines import posted_lines
from ledger.events.payables import later, refuse_anothers
from ledger.events.receipts import (
    astray,
    bill_of,
    check_receipts,
    delivered,
    received,
)
from ledger.events.returned import GoodsReturned
from ledger.events.standing import standing
from ledger.events.unknown import unknown_taxes
from ledger.money import SignedAmount, spread
from ledger.postings import Caveat, Posting

GOODS: Final = ("inventory", "goods_received_not_billed")
"""Roles of accounts by which a line says what the goods of the bill's receipts are billed at."""


class BillLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """So much to an account (a role or a code); what the vendor takes off is negative.

    To inventory: what the bill asks for the goods of its receipts, whatever they came in at.
    """

    account: Reference
    holder: Reference | None = None
    amount: SignedAmount
    description: Text | None = None


class BillReceived(BusinessEvent, frozen=True, kw_only=True, tag="bill_received"):
    """What waited for the bill is owed under it; the rest goes to the accounts that it names."""

    tills_may_record: ClassVar[bool] = False

    bill: Reference
    vendor: Reference
    receipts: Annotated[tuple[Reference, ...], Meta(max_length=1000)] = ()
    lines: Annotated[tuple[BillLine, ...], Meta(max_length=1000)] = ()
    taxes: tuple[LineTax, ...] = ()
    due_date: date | None = None

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield faults of amounts, receipts named twice, and a bill for nothing."""
        stated = ((f"/lines/{at}/amount", line.amount) for at, line in enumerate(self.lines))
        yield from self.misfits(*stated)
        yield from check_taxes(self, self.taxes, "")
        yield from check_receipts(self.receipts)
        if not (self.receipts or self.lines or self.taxes):
            yield fault("/lines", "required")

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield Dr what waited for it, its lines, tax_recoverable / Cr payable."""
        self._refuse_again(earlier)
        waiting = [self._waiting(at, receipt, earlier) for at, receipt in enumerate(self.receipts)]
        lines, goods = self._sorted(earlier)
        asked = sum(waiting) if goods is None else goods
        amounts = [self.minor(line.amount) for _, line in lines]
        recoverable, lost = taxes_of_purchase(self, self.taxes, earlier)
        of_goods, *of_lines = self._shared(lost, [asked, *amounts])
        total = asked + sum(amounts) + lost + sum(amount for _, amount in recoverable)
        if total < 0:
            raise Invalid([fault("/lines", "bill-below-zero")])
        for receipt, amount in zip(self.receipts, waiting, strict=True):
            yield Posting("goods_received_not_billed", amount, receipt)
        yield from self._differing(asked - sum(waiting) + of_goods, earlier)
        named = (
            (f"/lines/{at}", line.account, line.holder, amount + tax)
            for (at, line), amount, tax in zip(lines, amounts, of_lines, strict=True)
        )
        yield from posted_lines(self, named, earlier)
        for code, amount in recoverable:
            yield Posting("tax_recoverable", amount, code)
        yield Posting("payable", -total, self.bill)
        yield from unknown_taxes((tax.tax for tax in self.taxes), earlier)

    def _refuse_again(self, earlier: Earlier) -> None:
        """Raise a Conflict where a bill of that number was received before."""
        refuse_anothers(self.bill, self.vendor, earlier)
        if standing(earlier, "bill", self.bill, "bill_received"):
            raise Conflict("bill-known", pointer="/bill", bill=self.bill, vendor=self.vendor)

    def _waiting(self, at: int, receipt: str, earlier: Earlier) -> int:
        """Return what a receipt has waiting for its bill.

        Conflict where it has nothing for this bill, but for what happened offline.
        """
        owed = -self.held(earlier, "goods_received_not_billed", receipt)
        goods = [entry.event for entry in received(receipt, earlier)]
        known: Sequence[BusinessEvent] = goods or landed_under(receipt, earlier)
        if owed or self.happened_offline:
            return owed
        pointer, bill = f"/receipts/{at}", bill_of(receipt, earlier)
        if not known:
            raise Conflict("receipt-unknown", pointer=pointer, receipt=receipt)
        if bill is not None:
            raise Conflict("receipt-billed", pointer=pointer, receipt=receipt, bill=bill)
        currency = known[0].currency
        if currency != self.currency:
            raise Conflict("receipt-currency", pointer=pointer, receipt=receipt, currency=currency)
        return 0

    def _sorted(self, earlier: Earlier) -> tuple[list[tuple[int, BillLine]], int | None]:
        """Return (lines to accounts, what the others ask for the goods; None where none does)."""
        lines, goods = list[tuple[int, BillLine]](), list[int]()
        for index, line in enumerate(self.lines):
            account = earlier.settings.account(line.account, self.day())
            if line.holder is None and account is not None and account.role in GOODS:
                goods.append(self.minor(line.amount))
            else:
                lines.append((index, line))
        if goods and not self.receipts:
            raise Invalid([fault("/receipts", "required")])
        return lines, sum(goods) if goods else None

    def _shared(self, lost: int, amounts: Sequence[int]) -> list[int]:
        """Return the part of a tax that cannot be recovered for goods and each line."""
        weights = [max(0, amount) for amount in amounts]
        if not any(weights):
            weights[-1] = 1
        return spread(lost, weights)

    def _differing(self, more: int, earlier: Earlier) -> Iterator[Posting | Caveat]:
        """Yield the debits of what the goods are billed at above what they came in at.

        Of landed costs alone it goes where they went.
        """
        landed = [cost for receipt in self.receipts for cost in landed_under(receipt, earlier)]
        goods = [receipt for receipt in self.receipts if received(receipt, earlier)]
        brought = dict.fromkeys(name for cost in landed for name in cost.receipts)
        lines = delivered(goods or tuple(brought), earlier)
        if not self.receipts:
            yield Posting("duty", more)
        elif landed and not goods and expenses_landed_cost(self, earlier):
            yield Posting("freight_in", more)
        elif lines:
            yield from cost_later(self, more, lines, "value", earlier)
        elif more or self.happened_offline:
            yield from astray(more, self.receipts)

    def subjects(self) -> Iterable[tuple[str, str]]:
        """Yield the bill and its receipts."""
        yield "bill", self.bill
        yield from (("receipt", receipt) for receipt in self.receipts)

    def dependents(self, entry: Entry, earlier: Earlier) -> Iterable[Entry]:
        """Return the returns since whose credit lessens the bill."""
        return (
            later_one
            for receipt in self.receipts
            for later_one in later(earlier, "receipt", receipt, entry, but="goods_received")
            if isinstance(later_one.event, GoodsReturned) and later_one.event.credit_note is None
        )
