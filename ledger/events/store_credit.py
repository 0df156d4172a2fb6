"""StoreCreditIssued: credit granted by hand; for a return it is a tender of the refund (5.4)."""

from collections.abc import Iterable, Iterator

from ledger.book import Book
from ledger.errors import Fault, fault
from ledger.events.base import BusinessEvent, Earlier, Reference, Text
from ledger.money import Amount
from ledger.postings import Posting, credit, debit


class StoreCreditIssued(BusinessEvent, frozen=True, kw_only=True, tag="store_credit_issued"):
    """A voucher, or a customer's credit, given for nothing."""

    amount: Amount
    reason: Text
    voucher: Reference | None = None

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield a fault when nobody holds the credit."""
        if not (self.voucher or self.customer):
            yield fault("/voucher", "required")
        yield from self.misfits(("/amount", self.amount))

    def postings(self, earlier: Earlier) -> Iterable[Posting]:
        """Yield Dr store_credit_expense / Cr store_credit."""
        amount = self.minor(self.amount)
        yield debit("store_credit_expense", amount)
        yield credit("store_credit", amount, self.voucher or self.customer or "")
