"""InvoiceIssued, InvoiceRevised and InvoiceVoided: what a customer is to pay for (5.6)."""

from collections.abc import Iterable, Iterator

from ledger.book import Book
from ledger.errors import Conflict, Fault
from ledger.events.base import BusinessEvent, Earlier, Entry, Text
from ledger.events.costs import cost_of_sold
from ledger.events.invoice_state import invoice_state
from ledger.events.invoice_story import StatesInvoice, documents, later_about, moves
from ledger.events.lines import check_lines
from ledger.events.receivable import InvoiceName, unplaced
from ledger.events.revising import revision
from ledger.events.sale import sold
from ledger.events.standing import tag
from ledger.events.unknown import unknown_references
from ledger.events.voiding import changeable, void_postings
from ledger.postings import Caveat, Posting


class InvoiceIssued(StatesInvoice, frozen=True, kw_only=True, tag="invoice_issued"):
    """An invoice for goods and services. Its number is used once, also where it is voided."""

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield every fault of the lines."""
        yield from check_lines(self, self.lines)

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield Dr receivable / Cr sales and taxes, and the cost of stocked goods."""
        known = invoice_state(self.invoice, earlier)
        if known is not None:
            by = known.document.event.id
            raise Conflict("invoice-exists", pointer="/invoice", invoice=self.invoice, event=by)
        priced = self.priced(earlier.settings)
        yield Posting("receivable", sum(line.total for line in priced), self.invoice)
        for line in priced:
            yield from sold(line)
        yield from cost_of_sold(self, priced, earlier)
        yield from unknown_references(self.lines, earlier)

    def subjects(self) -> Iterable[tuple[str, str]]:
        """Yield the invoice, its booking, and the cards and packages that it fills."""
        yield from super().subjects()
        yield from {("package", line.package): None for line in self.lines if line.package}

    def dependents(self, entry: Entry, earlier: Earlier) -> Iterable[Entry]:
        """Return whatever stands of what was done to the invoice since."""
        return later_about(self.invoice, entry, earlier)


class InvoiceRevised(StatesInvoice, frozen=True, kw_only=True, tag="invoice_revised"):
    """An invoice with other lines; a date, terms or customer that it leaves out stay."""

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield every fault of the lines."""
        yield from check_lines(self, self.lines)

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield the difference to the invoice as it was, stock included."""
        state = changeable(self, self.invoice, earlier, "/invoice")
        stated = documents(moves(self.invoice, earlier))
        yield from revision(self, self.priced(earlier.settings), state, stated, earlier)
        yield from unknown_references(self.lines, earlier)
        if state is None:
            yield from unplaced(self.invoice, 0)

    def dependents(self, entry: Entry, earlier: Earlier) -> Iterable[Entry]:
        """Return what stands of what was done since, but payments: they may still fit."""
        later = later_about(self.invoice, entry, earlier)
        return [entry for entry in later if tag(entry) != "payment_received"]


class InvoiceVoided(BusinessEvent, frozen=True, kw_only=True, tag="invoice_voided"):
    """An invoice that is none: the opposite of it; its payments become the customer's credit."""

    invoice: InvoiceName
    reason: Text | None = None

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield the opposite of the invoice and its revisions."""
        yield from void_postings(self, self.invoice, earlier)

    def subjects(self) -> Iterable[tuple[str, str]]:
        """Yield the invoice."""
        yield "invoice", self.invoice
