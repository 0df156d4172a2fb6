"""The commercial documents of a trade: receipts, invoices with payments, refunds, credit memos.

None of them has a negative total, and money goes only where deposits may: stored value that is
given stands as a negative line (Intuit takes only Bank and Other Current Asset accounts for
`DepositToAccountRef`). What a trade does not say here is left to the journal.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

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
from sync.plan.trade import Trade, condensed, taxes_on, turned

MOST_LINES: Final = 500
"""Documents with more lines are told by category: QuickBooks is slow beyond, and ends at 750."""


def sold(
    trade: Trade,
    paper: Paper,
    *,
    as_invoice: bool = False,
    number: str = "",
    due: date | None = None,
) -> list[AnyDocument]:
    """Return the documents of a trade in which the shop gives and gets.

    One place of money makes a sales receipt; several, open items, or *as_invoice* an invoice with
    a payment for each. *number* and *due* are of the invoice.
    """
    if not trade.lines or trade.total < 0:
        return []
    if trade.total == 0:
        return [_receipt(trade, paper, None)] if trade.is_plain else []
    if any(amount > 0 for amount in trade.receivable.values()):
        return _invoiced(trade, paper, number, due) if trade.is_plain else []
    if trade.largest is None:
        return []
    if (len(trade.money) == 1 and not as_invoice) or not trade.is_plain:
        return [_receipt(trade, paper, trade.largest)]
    return _invoiced(trade, paper, number, due)


def refunded(
    trade: Trade, paper: Paper, *, part: int | None = None, invoice: Applied | None = None
) -> list[AnyDocument]:
    """Return the documents of a trade that was turned round: the shop gets back, and gives money.

    A refund receipt goes to where most of the money came from. Without money the customer's
    account gets a credit memo, which a zero payment applies to the *invoice*; stored value gets a
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
    return _credited(trade, paper, open_items[0], invoice)


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


def _invoiced(trade: Trade, paper: Paper, number: str, due: date | None) -> list[AnyDocument]:
    lines, taxes = lines_and_taxes(trade)
    receivable = next(iter(trade.receivable))
    invoice = Invoice(
        key=paper.key("sale"),
        day=paper.day,
        currency=paper.currency,
        number=number or paper.number("sale"),
        memo=paper.memo,
        customer=paper.customer,
        lines=lines,
        taxes=taxes,
        receivable=receivable,
        due=due,
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


def _credited(
    trade: Trade, paper: Paper, receivable: Place, invoice: Applied | None
) -> list[AnyDocument]:
    lines, taxes = lines_and_taxes(trade)
    memo = CreditMemo(
        key=paper.key("credit"),
        day=paper.day,
        currency=paper.currency,
        number=paper.number("credit"),
        memo=paper.memo,
        customer=paper.customer,
        lines=lines,
        taxes=taxes,
        receivable=receivable,
    )
    if invoice is None:
        return [memo]
    credit = Applied(memo.key, invoice.amount, "CreditMemo")
    return [memo, link(paper, receivable, invoice, credit)]


def link(paper: Paper, receivable: Place, invoice: Applied, credit: Applied) -> Payment:
    """Return the zero payment that applies a customer's credit to an invoice."""
    return Payment(
        key=paper.key("link"),
        day=paper.day,
        currency=paper.currency,
        memo=paper.memo,
        customer=paper.customer,
        receivable=receivable,
        amount=0,
        applied=(invoice, credit),
    )


def settled(
    documents: Sequence[AnyDocument], invoice: Applied | None, paper: Paper
) -> Iterator[AnyDocument]:
    """Yield what applies an account's share of a refund, which its journal says, to the invoice.

    The refund receipt is of all that came back; the journal moves to the account what was not
    given in money.
    """
    if invoice is None or any(isinstance(document, CreditMemo) for document in documents):
        return
    for document in documents:
        for line in document.lines if isinstance(document, JournalEntry) else ():
            if line.place.role == "receivable" and line.amount < 0:
                credit = Applied(document.key, invoice.amount, "JournalEntry")
                yield link(paper, line.place, invoice, credit)
