"""Store credit granted by hand, and store credit that expires (5.4).

For a return it is a tender of the refund.
"""

from collections.abc import Iterable, Iterator

from ledger.book import Book
from ledger.errors import Fault, fault
from ledger.events.base import BusinessEvent, Earlier, Reference, Text
from ledger.events.expiry import filled_on, refuse_expiry
from ledger.money import Amount
from ledger.postings import Posting, credit, debit


class OfStoreCredit(BusinessEvent, frozen=True, kw_only=True):
    """A fact about a voucher, or a customer's credit, and an amount of it."""

    amount: Amount
    reason: Text
    voucher: Reference | None = None

    @property
    def holder(self) -> str:
        """Return the voucher, else the customer."""
        return self.voucher or self.customer or ""

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield a fault when nobody holds the credit."""
        if not self.holder:
            yield fault("/voucher", "required")
        yield from self.misfits(("/amount", self.amount))

    def subjects(self) -> Iterable[tuple[str, str]]:
        """Yield who holds it."""
        if self.holder:
            yield "store_credit", self.holder


class StoreCreditIssued(OfStoreCredit, frozen=True, kw_only=True, tag="store_credit_issued"):
    """A voucher, or a customer's credit, given for nothing."""

    def postings(self, earlier: Earlier) -> Iterable[Posting]:
        """Yield Dr store_credit_expense / Cr store_credit."""
        amount = self.minor(self.amount)
        yield debit("store_credit_expense", amount)
        yield credit("store_credit", amount, self.holder)


class StoreCreditExpired(OfStoreCredit, frozen=True, kw_only=True, tag="store_credit_expired"):
    """Credit lapses, where the law lets it."""

    tills_may_record = False

    def postings(self, earlier: Earlier) -> Iterable[Posting]:
        """Yield Dr store_credit / Cr store_credit_breakage; Conflict where expiry is forbidden."""
        filled = filled_on("store_credit", "store_credit", self.holder, earlier)
        refuse_expiry(self, "store_credit", self.holder, filled, earlier)
        amount = self.minor(self.amount)
        yield debit("store_credit", amount, self.holder)
        yield credit("store_credit_breakage", amount)
