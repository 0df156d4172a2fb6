"""TipsPaidOut: what customers left for staff goes to them (`accounting.md` 4)."""

from collections.abc import Iterable, Iterator

from ledger.book import Book
from ledger.errors import Fault, fault
from ledger.events.base import BusinessEvent, Earlier, Reference
from ledger.events.tenders import (
    MONEY,
    Tenders,
    check_tenders,
    received,
    tenders_differ,
)
from ledger.money import Amount
from ledger.postings import Caveat, Posting


class TipsPaidOut(BusinessEvent, frozen=True, kw_only=True, tag="tips_paid_out"):
    """Tips in full: card fees are never taken from them.

    More than is owed may be paid out, ahead of tips to come; the staff's balance then says so.
    """

    staff: Reference
    amount: Amount
    tenders: Tenders = ()

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield faults of the amount and the tenders, which are money."""
        faults = list(self.misfits(("/amount", self.amount)))
        yield from faults
        for index, tender in enumerate(self.tenders):
            if tender.kind not in MONEY:
                yield fault(f"/tenders/{index}/kind", "not-one-of", choices=", ".join(MONEY))
        given = yield from check_tenders(self, self.tenders)
        if not faults and given is not None and given != self.minor(self.amount):
            yield tenders_differ(self, self.minor(self.amount), given)

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield Dr tips / Cr tenders."""
        yield Posting("tips", self.minor(self.amount), self.staff)
        yield from received(self, self.tenders, earlier, invoice=self.id, back=True)
