"""The documents of one entry."""

from collections.abc import Mapping

from ledger.book import Book
from ledger.events.base import Entry
from ledger.events.deposit import DepositReceived, DepositRefunded
from ledger.events.goods import GoodsReceived
from ledger.events.refund import RefundIssued
from ledger.events.sale import SaleCompleted
from ledger.settings import Settings
from sync.documents import AnyDocument, Applied, doc_number
from sync.plan.commercial import refunded, settled, sold
from sync.plan.conservation import posted, unsaid
from sync.plan.desk import NOTHING, Desk, Paper, paper_of
from sync.plan.goods import billed
from sync.plan.journal import rest_of_entry
from sync.plan.masters import complete, customer_document
from sync.plan.reading import gives_back, trade_of
from sync.plan.scope import is_unwanted_free_sale, only_customers, scope_of
from sync.plan.trade import turned


def plan_entry(
    entry: Entry,
    settings: Settings,
    book: Book,
    names: Mapping[str, str],
    related: Mapping[str, Entry] = NOTHING,
) -> list[AnyDocument]:
    """Return the documents that post an entry, the accounts, items and people they need first.

    *names* are those of the customers; *related* holds the entry of the sale that a refund is
    of. A reversal belongs to `plan_reversal`.
    """
    desk = Desk(settings, book, names, related)
    if only_customers(entry, settings):
        customer = entry.event.customer
        return [customer_document(customer, entry.event.day(), desk)] if customer else []
    paper = paper_of(entry, desk)
    deal = _commercial(entry, paper, desk)
    left = unsaid(posted([entry]), deal)
    documents = [*deal, *rest_of_entry(entry, deal, left, desk)]
    return complete([*documents, *settled(documents, _invoice(entry, desk), paper)], desk)


def _commercial(entry: Entry, paper: Paper, desk: Desk) -> list[AnyDocument]:
    if isinstance(entry.event, GoodsReceived):
        return list(billed(entry, paper, desk))
    trade = trade_of(entry, desk)
    if trade is None or is_unwanted_free_sale(entry, desk.settings):
        return []
    if gives_back(entry, desk):
        return refunded(turned(trade), paper, invoice=_invoice(entry, desk))
    event = entry.event
    wish = desk.settings.policy("paid_sales", event.day(), event.channel)
    on_account = [t for t in getattr(event, "tenders", ()) if t.kind == "on_account"]
    named = next((tender.invoice for tender in on_account if tender.invoice), None)
    return sold(
        trade,
        paper,
        as_invoice=isinstance(event, SaleCompleted) and wish == "invoice",
        number=doc_number(named) if named and not _is_anothers(named, entry, desk) else "",
        due=next((tender.due_date for tender in on_account if tender.due_date), None),
    )


def _is_anothers(number: str, entry: Entry, desk: Desk) -> bool:
    """Tell whether an earlier sale's invoice has a number: one that adds to it has its own."""
    other = desk.entry(number)
    return other is not None and other.seq < entry.seq and isinstance(other.event, SaleCompleted)


def _invoice(entry: Entry, desk: Desk) -> Applied | None:
    """Return the invoice that what comes back to the account is of, and how much goes to it.

    That is the sale's, else that of the sale or deposit whose name an open item bears.
    """
    event = entry.event
    if not isinstance(event, RefundIssued | DepositRefunded):
        return None
    back = {
        posting.holder: -posting.amount
        for posting in entry.postings
        if posting.role == "receivable" and posting.amount < 0
    }
    sale = event.sale if isinstance(event, RefundIssued) else None
    for name in dict.fromkeys([sale, *back] if sale else back):
        opened = {name} if name == sale and desk.entry(sale) is None else _opened(name, desk)
        amount = sum(amount for holder, amount in back.items() if holder in opened)
        if amount:
            return Applied(f"sale:{name}", amount)
    return None


def _opened(event_id: str, desk: Desk) -> set[str]:
    """Return the open items of a sale's or deposit's invoice, if it was booked by itself."""
    entry = desk.entry(event_id)
    if entry is None or not isinstance(entry.event, SaleCompleted | DepositReceived):
        return set()
    scope = scope_of(entry, desk.settings)
    if scope is None or scope.kind != "entry":
        return set()
    return {posting.holder for posting in entry.postings if posting.role == "receivable"}
