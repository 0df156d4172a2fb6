"""The documents that take back an event whose own documents have been sent."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Literal, TypedDict, get_args

from msgspec.structs import replace

from ledger.events.base import Entry
from ledger.events.reversal import EventReversed
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
    Revision,
    SalesDocument,
    SalesReceipt,
    Tax,
    Void,
)
from sync.plan.commercial import link
from sync.plan.conservation import posted, said, unsaid
from sync.plan.desk import Desk, Paper, customer_of, paper_of
from sync.plan.journal import Party, journal
from sync.plan.masters import Master, complete
from sync.plan.owed import Part, invoices_in, open_items
from sync.plan.scope import only_customers

_Voidable = Invoice | Payment | SalesReceipt


def reversal_documents(
    reversal: Entry, documents: Sequence[AnyDocument], desk: Desk
) -> list[AnyDocument]:
    """Return what takes back the documents of the reversed event, some of which have been sent.

    On their own day invoices, payments and receipts are voided. Everything else, and on a later
    day all of it, is met by its opposite: receipt and refund receipt, invoice and credit memo, the
    journal turned round. Whatever that leaves of the reversal's postings joins the journal.
    """
    if only_customers(reversal, desk.settings):
        return []
    paper, event = paper_of(reversal, desk), reversal.event
    original = desk.entry(event.reverses) if isinstance(event, EventReversed) else None
    sent = [document for document in documents if not isinstance(document, get_args(Master))]
    voids = list(_voids(reversal, sent, paper))
    gone = {void.target for void in voids}
    standing = [document for document in sent if document.key not in gone]
    paper = replace(paper, customer=_customer(sent))
    opposites = [
        _after(voids, part)
        for document in standing
        for part in _opposite(document, standing, reversal, paper, desk)
    ]
    lines = [line for document in standing for line in _turned_journal(document, standing)]
    # A void posts the opposite of what it takes back: so the reversal has that much less to say.
    taken = said([document for document in sent if document.key in gone])
    left = dict(posted([reversal]))
    for place, amount in taken.items():
        left[place] = left.get(place, 0) + amount
    rest = list(
        journal(paper, _merged(lines, unsaid(left, opposites), _party(sent, original, desk)))
    )
    return complete([*voids, *opposites, *rest], desk)


def _voids(reversal: Entry, sent: Sequence[AnyDocument], paper: Paper) -> Iterator[Void]:
    """Yield the voids, payments before what they pay; a payment of nothing can go on any day."""
    before: tuple[str, ...] = ()
    for document in reversed(sent):
        if not isinstance(document, _Voidable) or isinstance(document, Revision):
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
            undoes=tuple(document.effects()),
        )
        before = (*before, key)


def _after(voids: Sequence[Void], part: AnyDocument) -> AnyDocument:
    """Let a new link wait until what its credit memo was applied to has been voided."""
    if not isinstance(part, Payment):
        return part
    return replace(part, needs=(*part.needs, *(void.key for void in voids)))


def _kind(document: _Voidable) -> Literal["Invoice", "Payment", "SalesReceipt"]:
    if isinstance(document, Invoice):
        return "Invoice"
    return "Payment" if isinstance(document, Payment) else "SalesReceipt"


def _opposite(
    document: AnyDocument,
    standing: Sequence[AnyDocument],
    reversal: Entry,
    paper: Paper,
    desk: Desk,
) -> Iterator[AnyDocument]:
    """Yield what meets a commercial document; payments and bills are left to the journal.

    So are voids, and what was revised, unless it can be changed back on its own day.
    """
    match document:
        case Revision():
            if document.day == paper.day or not any(said([document]).values()):
                yield _changed_back(document, paper)
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
            yield from _uninvoiced(document, standing, reversal, paper, desk)
        case CreditMemo():
            again = Invoice(
                **_sales(paper, "sale", document.lines, document.taxes),
                receivable=document.receivable,
            )
            yield again
            credit = Applied(document.key, document.total, "CreditMemo")
            if again.total:
                asked = Part(again.customer, Applied(again.key, again.total))
                yield link(paper, again.receivable, [asked], credit)
        case _:
            return


def _changed_back(revision: Revision, paper: Paper) -> Revision:
    """Return the invoice as it was before a revision."""
    before = revision.before
    named = {name: getattr(before, name) for name in Invoice.__struct_fields__}
    now = {name: getattr(revision, name) for name in Invoice.__struct_fields__}
    own = {"key": paper.key("revision"), "needs": (revision.key,), "memo": paper.memo}
    after = Invoice(**(now | {"key": before.key, "needs": ()}))
    return Revision(**(named | own), target=revision.target, before=after)


def _uninvoiced(
    invoice: Invoice,
    standing: Sequence[AnyDocument],
    reversal: Entry,
    paper: Paper,
    desk: Desk,
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
    part = _still_open(invoice, unpaid, reversal, desk)
    if part.applied.amount:
        credit = Applied(memo.key, part.applied.amount, "CreditMemo")
        yield link(paper, memo.receivable, [part], credit)


def _still_open(invoice: Invoice, unpaid: int, reversal: Entry, desk: Desk) -> Part:
    """Return what is open of an invoice, as far as that is known: more cannot be applied to it."""
    event = reversal.event
    original = desk.entry(event.reverses) if isinstance(event, EventReversed) else None
    if original is None:
        return Part(invoice.customer, Applied(invoice.key, unpaid))
    items = open_items(invoices_in(original), reversal, desk)
    mine = [item for item in items if item.key == invoice.key]
    left = min(unpaid, sum(item.left for item in mine))
    after = tuple(key for item in mine for key in item.after)
    return Part(invoice.customer, Applied(invoice.key, left), after)


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


def _turned_journal(
    document: AnyDocument, standing: Sequence[AnyDocument]
) -> Iterator[JournalLine]:
    """Yield a journal's lines turned, and a payment's, unless its invoice is met with it."""
    if isinstance(document, JournalEntry):
        for line in document.lines:
            yield replace(line, amount=-line.amount)
    elif isinstance(document, Payment) and not any(isinstance(d, Invoice) for d in standing):
        for effect in document.effects():
            owed = effect.place.role == "receivable"
            customer = document.customer if owed else None
            yield JournalLine(effect.place, -effect.amount, "", customer)


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


def _party(sent: Sequence[AnyDocument], original: Entry | None, desk: Desk) -> Party:
    """Return whom the open items of the reversed documents are about."""
    lines = [line for part in sent if isinstance(part, JournalEntry) for line in part.lines]
    vendors = [part.vendor for part in sent if isinstance(part, Bill)]
    vendors += [line.vendor for line in lines if line.vendor]
    customers = [line.customer for line in lines if line.customer]
    known = _customer(sent) or next(iter(customers), None)
    if known is None and original is not None:
        known = customer_of(original, desk)
    return Party(
        known,
        next(iter(vendors), desk.names.sundry_vendor),
    )
