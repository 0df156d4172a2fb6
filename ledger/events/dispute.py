"""Disputes: a customer's bank takes a payment back, and gives it again or not.

The dispute holds what was taken until it is won or lost; all that it holds then goes.
"""

from collections.abc import Iterable, Iterator
from typing import ClassVar, Final

from ledger.book import Book
from ledger.errors import Conflict, Fault, Invalid, fault
from ledger.events.base import BusinessEvent, Earlier, Entry, Reference
from ledger.events.drawer import drawer_of, place_of
from ledger.events.payables import later
from ledger.events.standing import is_reversed, standing, tag
from ledger.events.tenders import MONEY
from ledger.money import Amount
from ledger.postings import SUSPENSE, Caveat, Posting

PAID: Final = ("sale_completed", "payment_received", "deposit_received", "bad_debt_recovered")
"""Kinds of event by which a customer pays, so that it can be disputed."""

CLOSED: Final = ("dispute_won", "dispute_lost")
"""Kinds of event that end a dispute."""


class DisputeOpened(BusinessEvent, frozen=True, kw_only=True, tag="dispute_opened"):
    """What is disputed leaves the clearing of its method, and so does the acquirer's fee."""

    tills_may_record: ClassVar[bool] = False

    dispute: Reference
    sale: Reference | None = None
    method: Reference | None = None
    amount: Amount
    fee: Amount | None = None

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield faults of amounts, and of a dispute about no known payment."""
        yield from self.misfits(("/amount", self.amount), ("/fee", self.fee))
        if self.method is None and self.sale is None:
            yield fault("/method", "required")

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield Dr disputes_receivable, dispute_fees / Cr clearing."""
        if standing(earlier, "dispute", self.dispute, "dispute_opened"):
            raise Conflict("dispute-known", pointer="/dispute", dispute=self.dispute)
        amount, fee = self.minor(self.amount), self.minor(self.fee)
        method = self.way(earlier)
        yield Posting("disputes_receivable", amount, self.dispute)
        yield Posting("dispute_fees", fee)
        yield from _moved(self, method, -amount - fee, earlier)

    def way(self, earlier: Earlier) -> str | None:
        """Return the method that was disputed: the one named, else of the sale's first money.

        Cash is disputed only where nothing else was paid. None where a sale is not known, offline.
        """
        sale = earlier.entry(self.sale) if self.sale is not None else None
        if self.sale is not None and not self.happened_offline:
            self._refuse_unknown(sale, earlier)
        if self.method is not None:
            return self.method
        paid = getattr(sale.event, "tenders", ()) if sale is not None else ()
        money = [tender for tender in paid if tender.kind in MONEY]
        if not money and not self.happened_offline:
            raise Invalid([fault("/method", "required")])
        money.sort(key=lambda tender: tender.kind == "cash")
        return money[0].way if money else None

    def _refuse_unknown(self, sale: Entry | None, earlier: Earlier) -> None:
        if sale is None or tag(sale) not in PAID:
            raise Conflict("sale-unknown", pointer="/sale", sale=self.sale)
        if is_reversed(sale, earlier):
            raise Conflict("sale-reversed", pointer="/sale", sale=self.sale)

    def subjects(self) -> Iterable[tuple[str, str]]:
        """Yield the dispute and the sale."""
        yield "dispute", self.dispute
        if self.sale is not None:
            yield "event", self.sale

    def dependents(self, entry: Entry, earlier: Earlier) -> Iterable[Entry]:
        """Return what ended the dispute, if it stands."""
        return later(earlier, "dispute", self.dispute, entry, but="dispute_opened")


class DisputeClosed(BusinessEvent, frozen=True, kw_only=True):
    """The end of a dispute, once only."""

    tills_may_record: ClassVar[bool] = False

    dispute: Reference

    def opened(self, earlier: Earlier) -> DisputeOpened | None:
        """Return how the dispute began; Conflict where it is not open, but None offline."""
        entries = standing(earlier, "dispute", self.dispute, "dispute_opened")
        opened = entries[0].event if entries else None
        if opened is None and not self.happened_offline:
            raise Conflict("dispute-unknown", pointer="/dispute", dispute=self.dispute)
        for entry in earlier.about("dispute", self.dispute):
            if tag(entry) in CLOSED and not is_reversed(entry, earlier):
                if not self.happened_offline:
                    ended = entry.event.id
                    raise Conflict(
                        "dispute-closed", pointer="/dispute", dispute=self.dispute, event=ended
                    )
                return None
        if opened is not None and opened.currency != self.currency:
            raise Conflict("dispute-currency", pointer="/currency", currency=opened.currency)
        return opened if isinstance(opened, DisputeOpened) else None

    def back(
        self, opened: DisputeOpened | None, amount: int, earlier: Earlier
    ) -> Iterator[Posting | Caveat]:
        """Yield the debit of *amount* of the disputed method; in suspense where it is not open."""
        if opened is not None:
            yield from _moved(self, opened.way(earlier), amount, earlier)
            return
        holder = f"disputes_receivable:{self.dispute}"
        yield Posting(SUSPENSE, amount, holder)
        yield Caveat("dispute-offline", holder, amount)

    def subjects(self) -> Iterable[tuple[str, str]]:
        """Yield the dispute."""
        yield "dispute", self.dispute


class DisputeWon(DisputeClosed, frozen=True, kw_only=True, tag="dispute_won"):
    """What was disputed comes back, and the fee where the acquirer returns it."""

    fee_returned: Amount | None = None

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield faults of the fee."""
        yield from self.misfits(("/fee_returned", self.fee_returned))

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield Dr clearing / Cr disputes_receivable, dispute_fees."""
        opened, fee = self.opened(earlier), self.minor(self.fee_returned)
        held = self.held(earlier, "disputes_receivable", self.dispute) if opened else 0
        yield from self.back(opened, held + fee, earlier)
        yield Posting("disputes_receivable", -held, self.dispute)
        yield Posting("dispute_fees", -fee)


class DisputeLost(DisputeClosed, frozen=True, kw_only=True, tag="dispute_lost"):
    """What was disputed is lost, and a further fee may leave the clearing. No goods come back."""

    fee: Amount | None = None

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield faults of the fee."""
        yield from self.misfits(("/fee", self.fee))

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield Dr dispute_losses, dispute_fees / Cr disputes_receivable, clearing."""
        opened, fee = self.opened(earlier), self.minor(self.fee)
        held = self.held(earlier, "disputes_receivable", self.dispute) if opened else 0
        yield Posting("dispute_losses", held)
        yield Posting("disputes_receivable", -held, self.dispute)
        yield Posting("dispute_fees", fee)
        yield from self.back(opened, -fee, earlier)


def _moved(
    event: BusinessEvent, method: str | None, amount: int, earlier: Earlier
) -> Iterator[Posting | Caveat]:
    """Yield the posting of money of a method; where none is known, in suspense."""
    if method is None:
        yield Posting(SUSPENSE, amount, "method:unknown")
        yield Caveat("unknown-method", "unknown", amount)
        return
    role, holder = place_of(method, drawer_of(event, earlier), event, earlier)
    yield Posting(role, amount, holder)
    if role == SUSPENSE:
        yield Caveat("unknown-method", method, amount)
