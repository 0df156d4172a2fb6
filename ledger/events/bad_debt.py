"""InvoiceWrittenOff and BadDebtRecovered: what customers do not pay, or pay after all (5.6)."""

from collections.abc import Iterable, Iterator
from typing import Annotated, ClassVar

from msgspec import Meta

from ledger.book import Book
from ledger.errors import Conflict, Fault
from ledger.events.base import BusinessEvent, Earlier, Entry
from ledger.events.invoice_state import InvoiceState, invoice_state
from ledger.events.invoice_story import later_about
from ledger.events.paying import check_paid_with, known_or_refused
from ledger.events.receivable import InvoiceName, refuse_other_currency, unplaced
from ledger.events.standing import tag
from ledger.events.tenders import Tender, check_tenders, received, sum_of, tenders_differ
from ledger.events.voiding import refuse_voided
from ledger.money import Amount, share, to_text
from ledger.postings import Caveat, Posting


class InvoiceWrittenOff(BusinessEvent, frozen=True, kw_only=True, tag="invoice_written_off"):
    """What is open of an invoice is lost, with the taxes in it; by default all that is open."""

    tills_may_record: ClassVar[bool] = False

    invoice: InvoiceName
    amount: Amount | None = None

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield faults of the amount."""
        yield from self.misfits(("/amount", self.amount))

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield Dr bad_debt, Dr sales_tax by share / Cr receivable."""
        state = invoice_state(self.invoice, earlier)
        if state is not None:
            refuse_voided(state, "/invoice")
            refuse_other_currency(self, state.currency)
        left = self.held(earlier, "receivable", self.invoice)
        amount = max(0, left) if self.amount is None else self.minor(self.amount)
        if not amount and self.amount is None and state is not None:
            raise Conflict("nothing-open", pointer="/invoice", invoice=self.invoice)
        credited = known_or_refused(self, state, self.invoice, -amount, "/invoice", earlier)
        taxes = [] if state is None else _taxes_lost(state, amount)
        yield from credited
        for code, tax in taxes:
            yield Posting("sales_tax", tax, code)
        yield Posting("bad_debt", amount - sum(tax for _, tax in taxes))

    def dependents(self, entry: Entry, earlier: Earlier) -> Iterable[Entry]:
        """Return what was recovered since."""
        later = later_about(self.invoice, entry, earlier)
        return [entry for entry in later if tag(entry) == "bad_debt_recovered"]

    def subjects(self) -> Iterable[tuple[str, str]]:
        """Yield the invoice."""
        yield "invoice", self.invoice


def _taxes_lost(state: InvoiceState, amount: int) -> list[tuple[str, int]]:
    """Return the taxes in what is written off.

    Each by the share of the invoice that is lost so far, less what was taken back before, so that
    the last part takes the rest.
    """
    credited, lost = dict(state.credited_taxes), dict(state.written_off_taxes)
    whole, part = state.billed - state.credited, state.written_off + amount
    return [
        (
            code,
            min(
                amount, max(0, share(tax - credited.get(code, 0), part, whole) - lost.get(code, 0))
            ),
        )
        for code, tax in state.taxes
        if whole > 0
    ]


class BadDebtRecovered(BusinessEvent, frozen=True, kw_only=True, tag="bad_debt_recovered"):
    """A customer pays what was written off: its taxes are owed again, the rest is income."""

    tills_may_record: ClassVar[bool] = False

    invoice: InvoiceName
    amount: Amount
    tenders: Annotated[tuple[Tender, ...], Meta(min_length=1, max_length=50)]

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield every fault of amount and tenders, and both sums when they differ."""
        loose = list(self.misfits(("/amount", self.amount)))
        yield from loose
        yield from check_paid_with(self.tenders)
        given = yield from check_tenders(self, self.tenders)
        if not loose and given is not None and given != self.minor(self.amount):
            yield tenders_differ(self, self.minor(self.amount), given)

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield Dr tenders / Cr sales_tax by share, Cr bad_debt_recovery."""
        state, amount = invoice_state(self.invoice, earlier), self.minor(self.amount)
        if state is not None:
            refuse_other_currency(self, state.currency)
        left = 0 if state is None else state.written_off - state.recovered
        part = max(0, min(amount, left))
        if part < amount and not self.happened_offline:
            self._refuse(state, left)
        yield from received(self, self.tenders, earlier, invoice=self.id)
        taxes = _taxes_owed_again(state, part) if state is not None else []
        for code, tax in taxes:
            yield Posting("sales_tax", -tax, code)
        yield Posting("bad_debt_recovery", sum(tax for _, tax in taxes) - part)
        if part < amount:
            yield from unplaced(self.invoice, part - amount)

    def _refuse(self, state: InvoiceState | None, left: int) -> None:
        """Raise the Conflict of more than is left to recover, or of no such invoice."""
        if state is None:
            raise Conflict("invoice-unknown", pointer="/invoice", invoice=self.invoice)
        facts = {"invoice": self.invoice, "left": to_text(left, state.currency)}
        raise Conflict("recovery-exceeds", pointer="/amount", currency=state.currency, **facts)

    def paid_into(self, deposit: str) -> int:
        """Return what the recovery draws from a deposit, negative."""
        return -sum_of(self, [tender for tender in self.tenders if tender.deposit == deposit])

    def subjects(self) -> Iterable[tuple[str, str]]:
        """Yield the invoice, and the deposits that pay."""
        yield "invoice", self.invoice
        yield from {("deposit", tender.deposit): None for tender in self.tenders if tender.deposit}


def _taxes_owed_again(state: InvoiceState, amount: int) -> list[tuple[str, int]]:
    """Return the taxes in what is recovered, by the share of what was written off."""
    back, part = dict(state.recovered_taxes), state.recovered + amount
    return [
        (code, min(amount, max(0, share(tax, part, state.written_off) - back.get(code, 0))))
        for code, tax in state.written_off_taxes
    ]
