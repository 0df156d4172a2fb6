"""Invoices that were issued: revised where they stand, voided, or met by what they are less."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from ledger.events.base import Entry
from ledger.events.invoice import InvoiceRevised
from ledger.events.invoice_story import posted_to
from ledger.events.netting import charged
from ledger.postings import Posting
from sync.documents import (
    AnyDocument,
    CreditMemo,
    Effect,
    Invoice,
    Line,
    Place,
    Revision,
    SalesDocument,
    Void,
)
from sync.plan.commercial import credited, lines_and_taxes
from sync.plan.desk import Desk, Paper, is_foreign, owing
from sync.plan.lines import billed_lines
from sync.plan.owed import open_items, parts_by, parts_of
from sync.plan.sides import receivable_of, taxes_of
from sync.plan.told import invoice_entries, invoice_lines
from sync.plan.trade import Trade


def revised(entry: Entry, event: InvoiceRevised, paper: Paper, desk: Desk) -> list[AnyDocument]:
    """Return the invoice as it is from now on, where it may be changed in its own place.

    That is on its own day, while nothing but the invoice itself was sent and nothing was paid;
    on any day, where its lines stay and it is due at another time or on other terms. Else nothing:
    then the difference is a document of its own.
    """
    stated = invoice_entries(event.invoice, entry, desk)
    told = _told(stated, desk)
    if told is None:
        return []
    items = open_items([event.invoice], entry, desk)
    priced = event.priced(desk.settings)
    postings = charged([*stated, entry])
    trade = _as_it_stands(billed_lines(priced, postings, entry, desk), postings, entry, desk)
    if trade.total <= 0:
        return []
    lines, taxes = lines_and_taxes(trade)
    due, terms = event.due_date or told.due, event.terms or told.terms
    same = (lines, taxes) == (told.lines, told.taxes)
    untouched = len(items) == 1 and (items[0].key, items[0].left) == (key_of(told), told.total)
    if same and (due, terms) == (told.due, told.terms):
        return []
    if not same and (told.day != paper.day or not untouched):
        return []
    return [
        Revision(
            key=paper.key("revision"),
            day=told.day,
            currency=paper.currency,
            number=told.number,
            memo=paper.memo,
            customer=told.customer,
            lines=lines,
            taxes=taxes,
            receivable=told.receivable,
            due=due,
            terms=terms,
            needs=(told.key, *(key for item in items for key in item.after)),
            target=key_of(told),
            before=_plain(told),
        )
    ]


def taken_back(
    invoice: str, entry: Entry, paper: Paper, desk: Desk, part: int | None = None
) -> list[AnyDocument]:
    """Return what takes back an invoice and its revisions.

    On its own day the invoice is voided; what was paid becomes the customer's credit there by
    itself. Later, a credit memo of what it is for is applied to what is still open of it.
    """
    stated = invoice_entries(invoice, entry, desk)
    if not stated or any(map(is_foreign, stated)):
        return []
    sent = [document for each in stated for document in desk.documents(each)]
    asked = [document for document in sent if isinstance(document, Invoice)]
    at_once = all(each.event.day() == paper.day for each in stated)
    if at_once and asked and not any(isinstance(each, CreditMemo) for each in sent):
        return list(_voids(asked, paper, part))
    return _met(invoice, stated, entry, paper, desk, part)


def _voids(asked: Sequence[Invoice], paper: Paper, part: int | None) -> Iterator[Void]:
    voided = [document for document in asked if not isinstance(document, Revision)]
    for count, invoice in enumerate(voided, 1):
        own = [d for d in asked if invoice.key in (d.key, getattr(d, "target", None))]
        sums: dict[Place, int] = {}
        for effect in (effect for document in own for effect in document.effects()):
            sums[effect.place] = sums.get(effect.place, 0) + effect.amount
        number = count if part is None else 10 * part + count
        yield Void(
            key=paper.key("void", number),
            day=invoice.day,
            currency=invoice.currency,
            needs=tuple(document.key for document in own),
            target=invoice.key,
            target_kind="Invoice",
            undoes=tuple(Effect(place, amount) for place, amount in sums.items() if amount),
        )


def _met(
    invoice: str,
    stated: Sequence[Entry],
    entry: Entry,
    paper: Paper,
    desk: Desk,
    part: int | None,
) -> list[AnyDocument]:
    postings = charged(stated)
    lines = billed_lines(invoice_lines(invoice, entry, desk), postings, entry, desk)
    trade = _as_it_stands(lines, postings, entry, desk)
    if trade.total <= 0:
        return []
    customer = owing(invoice, entry, desk)
    settled = max(0, -sum(posting.amount for posting in posted_to(invoice, entry)))
    parts = parts_of({invoice: settled}, entry, desk)
    receivable = next(iter(trade.receivable))
    paper = replace(paper, customer=customer)
    return credited(trade, paper, receivable, parts_by(customer, parts), part)


def _as_it_stands(
    lines: Sequence[Line], postings: Sequence[Posting], entry: Entry, desk: Desk
) -> Trade:
    """Return an invoice's lines and taxes as a deal that is wholly on account."""
    day = entry.event.day()
    taxes = taxes_of(postings, lines, day, desk)
    total = sum(line.amount for line in lines) + sum(taxes.values())
    at = next(iter(receivable_of(entry.postings, -1, day, desk)))
    return Trade(lines=tuple(lines), taxes=taxes, money={}, receivable={at: total})


def _told(stated: Sequence[Entry], desk: Desk) -> Invoice | None:
    """Return the invoice as it was last told, if it and its revisions are all that was told."""
    told: Invoice | None = None
    for each in stated:
        own = [d for d in desk.documents(each) if isinstance(d, SalesDocument)]
        if not own and told is not None:
            continue
        if len(own) != 1 or not isinstance(own[0], Invoice):
            return None
        if told is not None and not isinstance(own[0], Revision):
            return None
        told = own[0]
    return told


def key_of(invoice: Invoice) -> str:
    """Return the key of what stands over there for an invoice, whichever revision it is."""
    return invoice.target if isinstance(invoice, Revision) else invoice.key


def _plain(invoice: Invoice) -> Invoice:
    """Return an invoice as such, with what it says."""
    if not isinstance(invoice, Revision):
        return replace(invoice, needs=())
    named = {name: getattr(invoice, name) for name in Invoice.__struct_fields__}
    return Invoice(**(named | {"key": invoice.target, "needs": ()}))
