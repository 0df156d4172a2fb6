"""The documents of one entry."""

from collections.abc import Iterator, Sequence
from typing import Final

from ledger.events.base import Entry
from ledger.events.bill import BillReceived
from ledger.events.goods import GoodsReceived
from ledger.events.invoice import InvoiceIssued, InvoiceRevised, InvoiceVoided
from ledger.events.landed import LandedCostAdded
from ledger.events.payment import PaymentReceived
from ledger.events.payout import PayoutSettled
from ledger.events.refund import RefundIssued
from ledger.events.returned import GoodsReturned
from ledger.events.sale import SaleCompleted
from sync.documents import AnyDocument, Applied, Email, Invoice, doc_number
from sync.plan.commercial import Asked, refunded, settled, sold
from sync.plan.conservation import posted, said, unsaid
from sync.plan.desk import Desk, Paper, is_foreign, paper_of
from sync.plan.endings import ENDINGS, ending_trade, invoices_voided, parted
from sync.plan.goods import billed
from sync.plan.invoices import revised, taken_back
from sync.plan.journal import rest_of_entry
from sync.plan.masters import complete, customer_document
from sync.plan.owed import Part, invoices_in, parts_by, parts_of
from sync.plan.payments import paid
from sync.plan.payouts import deposited
from sync.plan.reading import gives_back, trade_of
from sync.plan.scope import is_unwanted_free_sale, only_customers
from sync.plan.trade import Trade, turned

_PURCHASES: Final = (GoodsReceived, LandedCostAdded, BillReceived, GoodsReturned)


def entry_documents(entry: Entry, desk: Desk) -> list[AnyDocument]:
    """Return the documents that post an entry, the accounts, items and people they need first."""
    if only_customers(entry, desk.settings):
        customer = entry.event.customer
        return [customer_document(customer, entry.event.day(), desk)] if customer else []
    paper = paper_of(entry, desk)
    deal = [] if is_foreign(entry) else list(_commercial(entry, paper, desk))
    left = unsaid(posted([entry]), deal)
    documents = [*deal, *rest_of_entry(entry, deal, left, desk)]
    if isinstance(entry.event, (*ENDINGS, PaymentReceived, InvoiceVoided)) or is_foreign(entry):
        return complete(documents, desk)
    return complete([*documents, *settled(documents, _given_back(entry, paper, desk), paper)], desk)


def _commercial(entry: Entry, paper: Paper, desk: Desk) -> Iterator[AnyDocument]:
    event = entry.event
    if isinstance(event, _PURCHASES):
        yield from billed(entry, paper, desk)
    elif isinstance(event, PayoutSettled):
        yield from deposited(entry, event, paper)
    elif isinstance(event, PaymentReceived):
        yield from paid(entry, event, paper, desk)
    elif isinstance(event, InvoiceVoided):
        yield from taken_back(event.invoice, entry, paper, desk)
    elif isinstance(event, ENDINGS):
        yield from _ended(entry, paper, desk)
    else:
        change = revised(entry, event, paper, desk) if isinstance(event, InvoiceRevised) else []
        trade = None if change else trade_of(entry, desk)
        yield from change or (_dealt(entry, trade, paper, desk) if trade else [])


def _dealt(entry: Entry, trade: Trade, paper: Paper, desk: Desk) -> list[AnyDocument]:
    if is_unwanted_free_sale(entry, desk.settings):
        return []
    if gives_back(entry, trade, desk):
        invoices = _given_back(entry, paper, desk)
        return refunded(turned(trade), paper, invoices=invoices)
    event = entry.event
    wish = desk.settings.policy("paid_sales", event.day(), event.channel)
    as_invoice = isinstance(event, SaleCompleted) and wish == "invoice"
    documents = sold(trade, paper, as_invoice=as_invoice, bill=_asked(entry, desk))
    return [*documents, *_emails(entry, documents, paper)]


def _ended(entry: Entry, paper: Paper, desk: Desk) -> Iterator[AnyDocument]:
    """Yield what takes back a booking's invoices, and the deal that is left."""
    voided: list[AnyDocument] = []
    names = invoices_voided(entry)
    for number, invoice in enumerate(names, 1):
        voided += taken_back(invoice, entry, paper, desk, number)
    yield from voided
    trade = ending_trade(entry, desk, said(voided))
    if trade is not None and trade.lines:
        if gives_back(entry, trade, desk):
            yield from refunded(turned(trade), paper)
        else:
            for number, deal in enumerate(parted(entry, trade)):
                yield from sold(deal, paper, purpose="forfeit" if number else "sale")


def _asked(entry: Entry, desk: Desk) -> Asked:
    """Return what an invoice says beside its lines."""
    event = entry.event
    if isinstance(event, InvoiceIssued):
        return Asked(doc_number(event.invoice), event.due_date, event.terms or "", always=True)
    on_account = [t for t in getattr(event, "tenders", ()) if t.kind == "on_account"]
    named = next((tender.invoice for tender in on_account if tender.invoice), None)
    due = next((tender.due_date for tender in on_account if tender.due_date), None)
    number = doc_number(named) if named and not _is_anothers(named, entry, desk) else ""
    return Asked(number, due)


def _emails(entry: Entry, documents: Sequence[AnyDocument], paper: Paper) -> Iterator[AnyDocument]:
    """Yield the wish that an invoice be e-mailed to its customer by QuickBooks."""
    event = entry.event
    if not isinstance(event, InvoiceIssued) or event.send != "email" or event.customer is None:
        return
    for invoice in documents:
        if isinstance(invoice, Invoice):
            yield Email(
                key=paper.key("email"),
                day=paper.day,
                currency=paper.currency,
                target=invoice.key,
                customer=event.customer,
            )


def _is_anothers(number: str, entry: Entry, desk: Desk) -> bool:
    """Tell whether an earlier invoice has a number: one that adds to it has its own."""
    other = desk.entry(number)
    if other is not None and other.seq < entry.seq and isinstance(other.event, SaleCompleted):
        return True
    earlier = desk.before(entry).about("invoice", number)
    return any(invoices_in(each).get(number, 0) > 0 for each in earlier)


def _given_back(entry: Entry, paper: Paper, desk: Desk) -> list[Part]:
    """Return the documents to which what comes back to the account is applied.

    They are the customer's own: a credit there is applied to nobody else's. Of a sale that is not
    at hand, the invoice goes by the sale's id.
    """
    back = {name: -amount for name, amount in invoices_in(entry).items() if amount < 0}
    sale = entry.event.sale if isinstance(entry.event, RefundIssued) else None
    if sale in back and desk.entry(sale) is None:
        return [Part(paper.customer, Applied(f"sale:{sale}", back[sale]))]
    return parts_by(paper.customer, parts_of(back, entry, desk))
