"""The documents that take back an event whose own documents have been sent."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Literal, TypedDict, get_args

from msgspec.structs import replace

from ledger.book import Book
from ledger.events.base import Entry
from ledger.settings import Settings
from sync.documents import (
    AnyDocument,
    Applied,
    Bill,
    CreditMemo,
    Invoice,
    JournalEntry,
    JournalLine,
    Line,
    Payment,
    Place,
    RefundReceipt,
    SalesDocument,
    SalesReceipt,
    Tax,
    Void,
)
from sync.plan.commercial import link
from sync.plan.conservation import posted, said, unsaid
from sync.plan.desk import Desk, Paper, paper_of
from sync.plan.journal import Party, journal
from sync.plan.masters import Master, complete
from sync.plan.scope import only_customers

_Voidable = Invoice | Payment | SalesReceipt


def plan_reversal(
    reversal: Entry,
    original: Sequence[AnyDocument],
    settings: Settings,
    book: Book,
    names: Mapping[str, str],
) -> list[AnyDocument]:
    """Return what takes back the documents of the reversed event, some of which have been sent.

    On their own day invoices, payments and receipts are voided. Everything else, and on a later
    day all of it, is met by its opposite: receipt and refund receipt, invoice and credit memo, the
    journal turned round. Whatever that leaves of the reversal's postings joins the journal.
    """
    if only_customers(reversal, settings):
        return []
    desk = Desk(settings, book, names)
    paper = paper_of(reversal, desk)
    sent = [document for document in original if not isinstance(document, get_args(Master))]
    voids = list(_voids(reversal, sent, paper))
    gone = {void.target for void in voids}
    standing = [document for document in sent if document.key not in gone]
    paper = replace(paper, customer=_customer(sent))
    opposites = [
        _after(voids, part)
        for document in standing
        for part in _opposite(document, standing, paper)
    ]
    lines = [line for document in standing for line in _turned_journal(document)]
    # A void posts the opposite of what it takes back: so the reversal has that much less to say.
    taken = said([document for document in sent if document.key in gone])
    left = dict(posted([reversal]))
    for place, amount in taken.items():
        left[place] = left.get(place, 0) + amount
    rest = list(journal(paper, _merged(lines, unsaid(left, opposites), _party(sent, desk))))
    return complete([*voids, *opposites, *rest], desk)


def _voids(reversal: Entry, sent: Sequence[AnyDocument], paper: Paper) -> Iterator[Void]:
    """Yield the voids, payments before what they pay; a payment of nothing can go on any day."""
    before: tuple[str, ...] = ()
    for document in reversed(sent):
        if not isinstance(document, _Voidable):
            continue
        is_link = isinstance(document, Payment) and document.deposit_to is None
        if document.day != reversal.event.day() and not is_link:
            continue
        key = paper.key("void", len(before) + 1)
        yield Void(
            key=key,
            day=document.day,
            currency=document.currency,
            needs=before,
            target=document.key,
            target_kind=_kind(document),
        )
        before = (*before, key)


def _after(voids: Sequence[Void], part: AnyDocument) -> AnyDocument:
    """Let a new link wait until what its credit memo was applied to has been voided."""
    if not isinstance(part, Payment):
        return part
    return replace(part, needs=tuple(void.key for void in voids))


def _kind(document: _Voidable) -> Literal["Invoice", "Payment", "SalesReceipt"]:
    if isinstance(document, Invoice):
        return "Invoice"
    return "Payment" if isinstance(document, Payment) else "SalesReceipt"


def _opposite(
    document: AnyDocument, standing: Sequence[AnyDocument], paper: Paper
) -> Iterator[AnyDocument]:
    """Yield what meets a commercial document; payments and bills are left to the journal."""
    match document:
        case SalesReceipt(deposit_to=None):
            lines = tuple(replace(line, amount=-line.amount) for line in document.lines)
            yield SalesReceipt(**_sales(paper, "sale", lines, _turned_taxes(document)))
        case SalesReceipt():
            yield _refund(document, document.deposit_to, document.method, paper)
        case RefundReceipt():
            yield SalesReceipt(
                **_sales(paper, "sale", document.lines, document.taxes),
                deposit_to=document.deposit_to,
                method=document.method,
            )
        case Invoice():
            yield from _uninvoiced(document, standing, paper)
        case CreditMemo():
            again = Invoice(
                **_sales(paper, "sale", document.lines, document.taxes),
                receivable=document.receivable,
            )
            yield again
            credit = Applied(document.key, document.total, "CreditMemo")
            yield link(paper, again.receivable, Applied(again.key, again.total), credit)
        case _:
            return


def _uninvoiced(
    invoice: Invoice, standing: Sequence[AnyDocument], paper: Paper
) -> Iterator[AnyDocument]:
    """Yield a refund of an invoice that was paid at once, else a credit memo for what is open."""
    payments = [part for part in standing if isinstance(part, Payment) and part.deposit_to]
    unpaid = invoice.total - sum(payment.amount for payment in payments)
    if payments and unpaid == 0:
        largest = max(payments, key=lambda payment: payment.amount)
        assert largest.deposit_to is not None
        yield _refund(invoice, largest.deposit_to, largest.method, paper)
        return
    memo = CreditMemo(
        **_sales(paper, "credit", invoice.lines, invoice.taxes), receivable=invoice.receivable
    )
    yield memo
    credit = Applied(memo.key, unpaid, "CreditMemo")
    yield link(paper, memo.receivable, Applied(invoice.key, unpaid), credit)


def _refund(
    document: SalesDocument, money: Place | None, method: str | None, paper: Paper
) -> RefundReceipt:
    assert money is not None
    return RefundReceipt(
        **_sales(paper, "refund", document.lines, document.taxes), deposit_to=money, method=method
    )


class _Sales(TypedDict):
    key: str
    day: date
    currency: str
    number: str
    memo: str
    customer: str | None
    lines: tuple[Line, ...]
    taxes: tuple[Tax, ...]


def _sales(paper: Paper, purpose: str, lines: tuple[Line, ...], taxes: tuple[Tax, ...]) -> _Sales:
    return _Sales(
        key=paper.key(purpose),
        day=paper.day,
        currency=paper.currency,
        number=paper.number(purpose),
        memo=paper.memo,
        customer=paper.customer,
        lines=lines,
        taxes=taxes,
    )


def _turned_taxes(document: SalesDocument) -> tuple[Tax, ...]:
    return tuple(replace(tax, amount=-tax.amount, base=-tax.base) for tax in document.taxes)


def _turned_journal(document: AnyDocument) -> Iterator[JournalLine]:
    if isinstance(document, JournalEntry):
        for line in document.lines:
            yield replace(line, amount=-line.amount)


def _merged(
    lines: Sequence[JournalLine], left: Mapping[Place, int], party: Party
) -> list[JournalLine]:
    """Return the turned lines, and what they leave of *left*."""
    more = dict(left)
    for line in lines:
        more[line.place] = more.get(line.place, 0) - line.amount
    rest = [party.line(place, amount) for place, amount in more.items() if amount]
    return [*lines, *rest]


def _customer(sent: Sequence[AnyDocument]) -> str | None:
    about = (part.customer for part in sent if isinstance(part, SalesDocument))
    return next((customer for customer in about if customer), None)


def _party(sent: Sequence[AnyDocument], desk: Desk) -> Party:
    """Return whom the open items of the reversed documents are about."""
    lines = [line for part in sent if isinstance(part, JournalEntry) for line in part.lines]
    vendors = [part.vendor for part in sent if isinstance(part, Bill)]
    vendors += [line.vendor for line in lines if line.vendor]
    customers = [line.customer for line in lines if line.customer]
    return Party(
        _customer(sent) or next(iter(customers), None),
        next(iter(vendors), desk.names.sundry_vendor),
    )
