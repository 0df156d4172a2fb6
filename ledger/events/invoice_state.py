"""What an invoice stands at: folded from everything that was recorded about it (5.6).

An invoice is opened by `invoice_issued`, by a sale's on-account tender, or by whatever else a
customer is charged with; its name is the receivable's holder.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Literal

from msgspec import Struct

from ledger.events.base import BusinessEvent, Entry, Reference
from ledger.events.invoice_story import (
    DOCUMENTS,
    VOIDS,
    InvoiceLog,
    Move,
    StatesInvoice,
    charges,
    documents,
    moves,
    posted_to,
    standing_in,
)
from ledger.events.netting import charged
from ledger.events.standing import tag
from ledger.events.tenders import Tenders, sum_of
from ledger.money import share

Status = Literal["open", "partly_paid", "paid", "written_off", "voided"]
Taxes = tuple[tuple[str, int], ...]


class InvoiceState(Struct, frozen=True, kw_only=True):
    """An invoice as it stands; amounts are minor units of its currency.

    `billed` is what it is for, 0 once it is voided, `taxes` are in that. `paid` is what payments
    (and journals) settle of it: what became the customer's credit is no longer in it. `credited`
    was given back on account. `open` is the receivable's balance: what is left of `billed`. A
    voided invoice is none until a sale charges it.
    """

    invoice: str
    currency: str
    document: Entry
    issued_on: date
    customer: Reference | None = None
    booking: Reference | None = None
    due_date: date | None = None
    terms: str | None = None
    send: str = "no"
    billed: int = 0
    taxes: Taxes = ()
    paid: int = 0
    credited: int = 0
    credited_taxes: Taxes = ()
    written_off: int = 0
    written_off_taxes: Taxes = ()
    recovered: int = 0
    recovered_taxes: Taxes = ()
    open: int = 0
    voided: bool = False

    @property
    def due(self) -> date:
        """Return the day from which it is overdue; without one it is due when it is issued."""
        return self.due_date or self.issued_on

    @property
    def is_of_sale(self) -> bool:
        """Tell whether a sale (or a fee) charged it: no `invoice_issued` says what it is for."""
        return not isinstance(self.document.event, StatesInvoice)

    @property
    def status(self) -> Status:
        """Return where it stands, in a word."""
        if self.voided:
            return "voided"
        if self.open > 0:
            return "partly_paid" if self.open < self.billed else "open"
        return "written_off" if self.written_off else "paid"


def invoice_state(invoice: str, log: InvoiceLog) -> InvoiceState | None:
    """Return how an invoice stands; None when nothing that stands charges it."""
    steps = moves(invoice, log)
    document, first = _document(invoice, steps)
    if document is None or first is None:
        return None
    sums = _Sums(invoice)
    for step in steps:
        sums.add(step)
    event, currency = document.event, document.event.currency or ""
    voids = [entry for entry in standing_in(steps, VOIDS) if entry.seq > document.seq]
    voided = any(not charges(invoice, entry) for entry in voids)
    if not voided:
        sums.charge(documents(steps))
    stated = [e.event for e in standing_in(steps, DOCUMENTS)] or [event]
    left = log.balance("receivable", invoice, currency)
    return InvoiceState(
        invoice=invoice,
        currency=currency,
        document=document,
        issued_on=first.event.day(),
        customer=_last(stated, "customer"),
        booking=_last(stated, "booking"),
        due_date=_last(stated, "due_date") or _due_of_tender(event),
        terms=_last(stated, "terms"),
        send=getattr(event, "send", "no"),
        billed=sums.billed,
        taxes=_pairs(sums.taxes),
        paid=sums.billed - sums.credited - sums.written_off - left,
        credited=sums.credited,
        credited_taxes=_pairs(sums.credited_taxes),
        written_off=sums.written_off,
        written_off_taxes=_pairs(sums.written_off_taxes),
        recovered=sums.recovered,
        recovered_taxes=_pairs(sums.recovered_taxes),
        open=left,
        voided=voided and not sums.billed,
    )


def invoices_of_booking(booking: str, log: InvoiceLog) -> list[InvoiceState]:
    """Return the invoices that were issued for a booking and are not voided, oldest first."""
    issued = [e.event for e in log.about("booking", booking) if tag(e) == "invoice_issued"]
    names = dict.fromkeys(event.invoice for event in issued if isinstance(event, StatesInvoice))
    states = [invoice_state(name, log) for name in names]
    return [state for state in states if state is not None and not state.voided]


def _document(invoice: str, steps: Sequence[Move]) -> tuple[Entry | None, Entry | None]:
    """Return the entry that says what the invoice is for, and the one that opened it."""
    stated = standing_in(steps, DOCUMENTS)
    if stated:
        return stated[-1], stated[0]
    charged = [entry for entry in standing_in(steps) if charges(invoice, entry)]
    return (charged[0], charged[0]) if charged else (None, None)


class _Sums:
    """What an invoice's moves add up to."""

    def __init__(self, invoice: str) -> None:
        self._invoice = invoice
        self.billed = self.credited = self.written_off = self.recovered = 0
        self.taxes: dict[str, int] = {}
        self.credited_taxes: dict[str, int] = {}
        self.written_off_taxes: dict[str, int] = {}
        self.recovered_taxes: dict[str, int] = {}

    def add(self, move: Move) -> None:
        """Count what a move posted."""
        sign = -1 if move.undoes else 1
        posted = sum(posting.amount for posting in posted_to(self._invoice, move.entry))
        if charges(self._invoice, move.done):
            self.billed += posted
            _put(self.taxes, _part_of_tax(move.done, self._invoice), sign)
        elif tag(move.done) == "refund_issued":
            self.credited -= posted
            _put(self.credited_taxes, _part_of_tax(move.done, self._invoice), sign)
        elif tag(move.done) == "invoice_written_off":
            self.written_off -= posted
            _put(self.written_off_taxes, _tax_posted(move.done), sign)
        elif tag(move.done) == "bad_debt_recovered":
            self.recovered += sign * _recovered(move.done)
            _put(self.recovered_taxes, _tax_posted(move.done), -sign)

    def charge(self, stated: Sequence[Entry]) -> None:
        """Count what the invoice and its revisions say together."""
        for posting in charged(stated):
            self.billed -= posting.amount
            if posting.role == "sales_tax":
                _put(self.taxes, [(posting.holder, -posting.amount)])


def _part_of_tax(entry: Entry, invoice: str) -> list[tuple[str, int]]:
    """Return the taxes in what a sale charged on account, by that share of its tenders.

    What packages paid was taxed when they were sold.
    """
    amount = sum(posting.amount for posting in posted_to(invoice, entry))
    tenders: Tenders = getattr(entry.event, "tenders", ())
    given = [tender for tender in tenders if tender.kind != "package"]
    whole = sum_of(entry.event, given) or abs(amount)
    side = 1 if amount < 0 else -1
    return [
        (posting.holder, share(abs(posting.amount), abs(amount), whole))
        for posting in entry.postings
        if posting.role == "sales_tax" and posting.amount * side > 0
    ]


def _tax_posted(entry: Entry) -> list[tuple[str, int]]:
    return [(p.holder, p.amount) for p in entry.postings if p.role == "sales_tax"]


def _recovered(entry: Entry) -> int:
    """Return what an entry took back of a bad debt, with its taxes."""
    return -sum(p.amount for p in entry.postings if p.role in ("sales_tax", "bad_debt_recovery"))


def _put(sums: dict[str, int], parts: Iterable[tuple[str, int]], sign: int = 1) -> None:
    for code, amount in parts:
        sums[code] = sums.get(code, 0) + sign * amount


def _pairs(sums: dict[str, int]) -> Taxes:
    return tuple((code, amount) for code, amount in sums.items() if amount)


def _last(events: Iterable[BusinessEvent], field: str) -> Any:
    """Return a field as it was stated last."""
    stated = [getattr(event, field, None) for event in events]
    return next((value for value in reversed(stated) if value is not None), None)


def _due_of_tender(event: BusinessEvent) -> date | None:
    tenders: Tenders = getattr(event, "tenders", ())
    dates = (tender.due_date for tender in tenders if tender.kind == "on_account")
    return next(filter(None, dates), None)
