"""The commercial documents of a trade: receipts, invoices with payments, refunds, credit memos.

None of them has a negative total, and money goes only where deposits may: stored value that is
given stands as a negative line (Intuit takes only Bank and Other Current Asset accounts for
`DepositToAccountRef`). What a trade does not say here is left to the journal.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from msgspec import Struct

from sync.documents import (
    AnyDocument,
    Applied,
    CreditMemo,
    Invoice,
    JournalEntry,
    Line,
    Payment,
    Place,
    RefundReceipt,
    SalesReceipt,
    Tax,
)
from sync.plan.desk import Paper
from sync.plan.owed import Part, needs_of, sum_of
from sync.plan.trade import Trade, condensed, taxes_on, turned

MOST_LINES: Final = 500
"""Documents with more lines are told by category: QuickBooks is slow beyond, and ends at 750."""


class Asked(Struct, frozen=True):
    """What an invoice says beside its lines; `always`: it is one, whatever it comes to."""

    number: str = ""
    due: date | None = None
    terms: str = ""
    always: bool = False


PLAIN: Final = Asked()


def sold(
    trade: Trade,
    paper: Paper,
    *,
    as_invoice: bool = False,
    bill: Asked = PLAIN,
    purpose: str = "sale",
) -> list[AnyDocument]:
    """Return the documents of a trade in which the shop gives and gets.

    One place of money makes a sales receipt; several, open items, or *as_invoice* an invoice with
    a payment for each. *bill* says what the invoice says beside its lines; a receipt's key begins
    with *purpose*.
    """
    if not trade.lines or trade.total < 0:
        return []
    if trade.total == 0 and not bill.always:
        return [_receipt(trade, paper, None, purpose)] if trade.is_plain else []
    if bill.always or any(amount > 0 for amount in trade.receivable.values()):
        return _invoiced(trade, paper, bill) if trade.is_plain else []
    if trade.largest is None:
        return []
    if (len(trade.money) == 1 and not as_invoice) or not trade.is_plain:
        return [_receipt(trade, paper, trade.largest)]
    return _invoiced(trade, paper, bill)


def refunded(
    trade: Trade, paper: Paper, *, part: int | None = None, invoices: Sequence[Part] = ()
) -> list[AnyDocument]:
    """Return the documents of a trade that was turned round: the shop gets back, and gives money.

    A refund receipt goes to where most of the money came from. Without money the customer's
    account gets a credit memo, which a zero payment applies to *invoices*; stored value gets a
    zero receipt. *part* numbers the receipts of a set.
    """
    if not trade.lines or trade.total < 0:
        return []
    if trade.total == 0:
        return [_receipt(turned(trade), paper, None, "refund", part)] if trade.is_plain else []
    if trade.largest is not None:
        return [_refund(trade, paper, trade.largest, part)]
    open_items = [place for place, amount in trade.receivable.items() if amount > 0]
    if len(open_items) != 1 or not trade.is_plain:
        return []
    return credited(trade, paper, open_items[0], invoices)


def lines_and_taxes(trade: Trade) -> tuple[tuple[Line, ...], tuple[Tax, ...]]:
    """Return a document's lines and taxes; too many lines become one for each item."""
    lines = trade.lines if len(trade.lines) <= MOST_LINES else condensed(trade.lines)
    return lines, taxes_on(lines, trade.taxes)


def method_of(place: Place) -> str | None:
    """Return the name of the method by which money comes to a place."""
    if place.role == "cash":
        return "cash"
    return place.holder if place.role == "clearing" and place.holder else None


def _receipt(
    trade: Trade,
    paper: Paper,
    deposit_to: Place | None,
    purpose: str = "sale",
    part: int | None = None,
) -> SalesReceipt:
    lines, taxes = lines_and_taxes(trade)
    return SalesReceipt(
        key=paper.key(purpose, part),
        day=paper.day,
        currency=paper.currency,
        number=paper.number(purpose, part),
        memo=paper.memo,
        customer=paper.customer,
        lines=lines,
        taxes=taxes,
        deposit_to=deposit_to,
        method=method_of(deposit_to) if deposit_to else None,
    )


def _invoiced(trade: Trade, paper: Paper, bill: Asked) -> list[AnyDocument]:
    lines, taxes = lines_and_taxes(trade)
    receivable = next(iter(trade.receivable))
    invoice = Invoice(
        key=paper.key("sale"),
        day=paper.day,
        currency=paper.currency,
        number=bill.number or paper.number("sale"),
        memo=paper.memo,
        customer=paper.customer,
        lines=lines,
        taxes=taxes,
        receivable=receivable,
        due=bill.due,
        terms=bill.terms,
    )
    payments = [
        Payment(
            key=paper.key("payment", count),
            day=paper.day,
            currency=paper.currency,
            memo=paper.memo,
            customer=paper.customer,
            receivable=receivable,
            amount=amount,
            deposit_to=place,
            method=method_of(place),
            applied=(Applied(invoice.key, amount),),
        )
        for count, (place, amount) in enumerate(trade.money.items(), 1)
    ]
    return [invoice, *payments]


def _refund(trade: Trade, paper: Paper, money: Place, part: int | None) -> RefundReceipt:
    lines, taxes = lines_and_taxes(trade)
    return RefundReceipt(
        key=paper.key("refund", part),
        day=paper.day,
        currency=paper.currency,
        number=paper.number("refund", part),
        memo=paper.memo,
        customer=paper.customer,
        lines=lines,
        taxes=taxes,
        deposit_to=money,
        method=method_of(money),
    )


def credited(
    trade: Trade,
    paper: Paper,
    receivable: Place,
    invoices: Sequence[Part],
    part: int | None = None,
) -> list[AnyDocument]:
    """Return a credit memo, and the zero payment that applies it to what is open of *invoices*.

    *part* numbers the credit memos of an entry.
    """
    lines, taxes = lines_and_taxes(trade)
    memo = CreditMemo(
        key=paper.key("credit", part),
        day=paper.day,
        currency=paper.currency,
        number=paper.number("credit", part),
        memo=paper.memo,
        customer=paper.customer,
        lines=lines,
        taxes=taxes,
        receivable=receivable,
    )
    applied = sum_of(invoices)
    if not applied:
        return [memo]
    credit = Applied(memo.key, applied, "CreditMemo")
    return [memo, link(paper, receivable, invoices, credit, part)]


def link(
    paper: Paper,
    receivable: Place,
    invoices: Sequence[Part],
    credit: Applied,
    part: int | None = None,
) -> Payment:
    """Return the zero payment that applies a customer's credit to invoices."""
    return Payment(
        key=paper.key("link", part),
        day=paper.day,
        currency=paper.currency,
        memo=paper.memo,
        customer=paper.customer,
        receivable=receivable,
        amount=0,
        applied=(*(invoice.applied for invoice in invoices), credit),
        needs=needs_of(invoices),
    )


def settled(
    documents: Sequence[AnyDocument], invoices: Sequence[Part], paper: Paper
) -> Iterator[AnyDocument]:
    """Yield what applies an account's share of a refund, which its journal says, to invoices.

    The refund receipt is of all that came back; the journal moves to the account what was not
    given in money.
    """
    applied = sum_of(invoices)
    if not applied or any(isinstance(document, CreditMemo) for document in documents):
        return
    for document in documents:
        for line in document.lines if isinstance(document, JournalEntry) else ():
            if line.place.role == "receivable" and line.amount <= -applied:
                credit = Applied(document.key, applied, "JournalEntry")
                yield link(paper, line.place, invoices, credit)
                return
