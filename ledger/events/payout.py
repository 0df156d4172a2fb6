"""PayoutSettled: what an acquirer pays for what it took in, less its fees."""

from collections.abc import Iterable, Iterator
from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from ledger.book import Book
from ledger.errors import Fault
from ledger.events.base import BusinessEvent, Earlier, Reference, Text
from ledger.events.drawer import drawer_of, place_of
from ledger.events.named_lines import posted_lines
from ledger.events.naming import DEFAULT_BANK
from ledger.money import SignedAmount
from ledger.postings import Caveat, Posting


class Adjustment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What else the payout has: positive where it adds to the bank, negative where it is held."""

    account: Reference
    holder: Reference | None = None
    amount: SignedAmount
    reason: Text


class PayoutSettled(BusinessEvent, frozen=True, kw_only=True, tag="payout_settled"):
    """Gross less fees comes to the bank, and adjustments; refunds can make it less than nothing.

    `covers` says which period or batch it is of, in words.
    """

    tills_may_record: ClassVar[bool] = False

    method: Reference
    gross: SignedAmount
    fees: SignedAmount
    bank: Reference = DEFAULT_BANK
    adjustments: Annotated[tuple[Adjustment, ...], Meta(max_length=50)] = ()
    covers: Text | None = None

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield faults of amounts."""
        stated = ((f"/adjustments/{at}/amount", a.amount) for at, a in enumerate(self.adjustments))
        yield from self.misfits(("/gross", self.gross), ("/fees", self.fees), *stated)

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield Dr bank, merchant_fees / Cr clearing of the method, and the adjustments."""
        gross, fees = self.minor(self.gross), self.minor(self.fees)
        more = sum(self.minor(adjustment.amount) for adjustment in self.adjustments)
        yield Posting("bank", gross - fees + more, self.bank)
        yield Posting("merchant_fees", fees)
        role, holder = place_of(self.method, drawer_of(self, earlier), self, earlier)
        yield Posting(role, -gross, holder)
        if role == "suspense":
            yield Caveat("unknown-method", self.method, -gross)
        named = (
            (f"/adjustments/{at}", other.account, other.holder, -self.minor(other.amount))
            for at, other in enumerate(self.adjustments)
        )
        yield from posted_lines(self, named, earlier)
