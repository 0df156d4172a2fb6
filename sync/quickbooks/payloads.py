"""A document in QuickBooks' words: the entity it becomes and its JSON; pure.

Amounts are `Decimal`, to be written as JSON numbers. Outside the United States every line names a
tax code and the till's amounts go as one TaxLine for each rate; in the United States lines say
TAX or NON and the till's total goes as TotalTax.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from sync.documents import (
    Bill,
    BillLine,
    CreditMemo,
    Deposit,
    Invoice,
    JournalEntry,
    Line,
    Payment,
    RefundReceipt,
    Revision,
    SalesDocument,
    SalesReceipt,
    Tax,
    account_key,
    item_key,
    vendor_key,
)
from sync.protocol import Rejected, Sent
from sync.quickbooks.journals import journal_entry
from sync.quickbooks.marker import note, plain
from sync.quickbooks.numbers import number
from sync.quickbooks.taxes import Side
from sync.quickbooks.terms import (
    Payload,
    Taxed,
    Terms,
    account,
    customer,
    detail,
    reference,
    tax_lines,
)

Transaction = (
    SalesReceipt | RefundReceipt | Invoice | CreditMemo | Payment | JournalEntry | Bill | Deposit
)

DESCRIPTION_LIMIT: Final = 4000
NUMBER_LIMIT: Final = 21


def payload(
    document: Transaction, version: int, links: Mapping[str, Sent], terms: Terms
) -> Payload:
    """Return the body to create a document with. Raises Rejected where the mapping lacks a code."""
    body = _head(document, version, terms)
    match document:
        case SalesReceipt() | RefundReceipt() | Invoice() | CreditMemo():
            return body | _sales(document, links, terms)
        case Payment():
            return body | _payment(document, links, terms)
        case Bill():
            return body | _bill(document, links, terms)
        case JournalEntry():
            return body | journal_entry(document, links, terms)
        case Deposit():
            return body | _deposit(document, links)


def entity_of(document: Transaction) -> str:
    """Return what a document is called there; a revision is of an invoice."""
    return "Invoice" if isinstance(document, Revision) else type(document).__name__


def tax_accounts(
    document: SalesDocument | Bill, links: Mapping[str, Sent], terms: Terms
) -> dict[str, str]:
    """Return the account there in which the tax of each of their rates is kept, by rate id."""
    lines = [Taxed(line.amount, line.taxes, line.treatment) for line in document.lines]
    _, shares = detail(lines, document.taxes, terms, _side(document), document.day)
    places = {tax.code: tax.place for tax in document.taxes}
    return {
        share.rate: links[account_key(places[share.tax])].remote_id
        for share in shares
        if share.tax in places
    }


def _head(document: Transaction, version: int, terms: Terms) -> Payload:
    company = terms.company
    if company.currency not in ("", document.currency) and not company.multicurrency:
        raise Rejected("currency-differs", subject=document.currency)
    body: Payload = {
        "TxnDate": document.day.isoformat(),
        "PrivateNote": note(document, version),
    }
    if document.number:
        name = "PaymentRefNum" if isinstance(document, Payment) else "DocNumber"
        body[name] = plain(document.number)[:NUMBER_LIMIT]
    if company.multicurrency:
        body["CurrencyRef"] = {"value": document.currency}
    return body


def _sales(document: SalesDocument, links: Mapping[str, Sent], terms: Terms) -> Payload:
    taxed = [Taxed(line.amount, line.taxes, line.treatment) for line in document.lines]
    codes, body = _taxes(document, taxed, terms)
    body["Line"] = [
        _sales_line(line, code, links, document.currency)
        for line, code in zip(document.lines, codes, strict=True)
    ]
    if document.customer is not None or isinstance(document, Invoice | CreditMemo):
        body["CustomerRef"] = customer(links, document.customer)
    if isinstance(document, Invoice) and document.due is not None:
        body["DueDate"] = document.due.isoformat()
    if isinstance(document, Invoice) and document.terms:
        body["CustomerMemo"] = {"value": plain(document.terms)}
    if isinstance(document, SalesReceipt | RefundReceipt):
        body |= _money(document, links, terms)
    return body


def _sales_line(line: Line, code: str | None, links: Mapping[str, Sent], currency: str) -> Payload:
    sold: Payload = {"ItemRef": reference(links, item_key(line.item))}
    if code is not None:
        sold["TaxCodeRef"] = {"value": code}
    return {
        "Amount": number(line.amount, currency),
        "DetailType": "SalesItemLineDetail",
        **_described(line.description),
        "SalesItemLineDetail": sold,
    }


def _money(
    document: SalesReceipt | RefundReceipt | Payment, links: Mapping[str, Sent], terms: Terms
) -> Payload:
    body: Payload = {}
    if document.deposit_to is not None:
        body["DepositToAccountRef"] = account(links, document.deposit_to)
    method = terms.mapping.payment_methods.get(document.method or "")
    if method:
        body["PaymentMethodRef"] = {"value": method}
    return body


def _payment(document: Payment, links: Mapping[str, Sent], terms: Terms) -> Payload:
    money = number(document.amount, document.currency)
    return {
        "CustomerRef": customer(links, document.customer),
        "TotalAmt": money,
        "ARAccountRef": account(links, document.receivable),
        **_money(document, links, terms),
        "Line": [
            {
                "Amount": number(part.amount, document.currency),
                "LinkedTxn": [{"TxnId": links[part.key].remote_id, "TxnType": part.kind}],
            }
            for part in document.applied
        ],
    }


def _deposit(document: Deposit, links: Mapping[str, Sent]) -> Payload:
    return {
        "DepositToAccountRef": account(links, document.bank),
        "Line": [
            {
                "Amount": number(line.amount, document.currency),
                "DetailType": "DepositLineDetail",
                **_described(line.description),
                "DepositLineDetail": {"AccountRef": account(links, line.place)},
            }
            for line in document.lines
        ],
    }


def _untaxed(lines: Sequence[object]) -> Sequence[str | None]:
    return [None] * len(lines)


def _bill(document: Bill, links: Mapping[str, Sent], terms: Terms) -> Payload:
    lines, taxes = document.lines, document.taxes
    body: Payload = {}
    if terms.company.tax_model != "global":
        # A bill bears no tax there: what is recoverable is a cost line on its own account.
        lines += tuple(BillLine(tax.place, tax.amount, tax.code) for tax in taxes if tax.amount)
        codes = _untaxed(lines)
    else:
        taxed = [Taxed(line.amount, line.taxes, line.treatment) for line in lines]
        codes, body = _taxes(document, taxed, terms)
    body["VendorRef"] = reference(links, vendor_key(document.vendor))
    body["APAccountRef"] = account(links, document.payable)
    if document.due is not None:
        body["DueDate"] = document.due.isoformat()
    body["Line"] = [
        _bill_line(line, code, links, document.currency)
        for line, code in zip(lines, codes, strict=True)
    ]
    return body


def _bill_line(
    line: BillLine, code: str | None, links: Mapping[str, Sent], currency: str
) -> Payload:
    cost: Payload = {"AccountRef": account(links, line.place)}
    if code is not None:
        cost["TaxCodeRef"] = {"value": code}
    return {
        "Amount": number(line.amount, currency),
        "DetailType": "AccountBasedExpenseLineDetail",
        **_described(line.description),
        "AccountBasedExpenseLineDetail": cost,
    }


def _taxes(
    document: SalesDocument | Bill, lines: Sequence[Taxed], terms: Terms
) -> tuple[Sequence[str | None], Payload]:
    """Return each line's tax code, and the part of the body that states the document's taxes."""
    total = number(sum(tax.amount for tax in document.taxes), document.currency)
    bears = any(line.codes for line in lines)
    match terms.company.tax_model:
        case "none":
            if total:
                raise Rejected("tax-off-there", subject=document.taxes[0].code)
            return _untaxed(lines), {}
        case "us":
            codes = ["TAX" if line.codes else "NON" for line in lines]
            return codes, {"TxnTaxDetail": _total_us(total, document.taxes, terms)} if bears else {}
        case "global":
            found, shares = detail(lines, document.taxes, terms, _side(document), document.day)
            body: Payload = {"GlobalTaxCalculation": "TaxExcluded"}
            if bears:
                stated = tax_lines(shares, terms, document.currency)
                body["TxnTaxDetail"] = {"TotalTax": total, "TaxLine": stated}
            return [code.id for code in found], body


def _side(document: SalesDocument | Bill) -> Side:
    return "Purchase" if isinstance(document, Bill) else "Sales"


def _total_us(total: object, taxes: Sequence[Tax], terms: Terms) -> Payload:
    name = "+".join(sorted(tax.code for tax in taxes))
    group = terms.mapping.tax_codes.get(name, terms.company.tax_group)
    stated: Payload = {"TotalTax": total}
    return {"TxnTaxCodeRef": {"value": group}, **stated} if group else stated


def _described(text: str) -> Payload:
    return {"Description": plain(text)[:DESCRIPTION_LIMIT]} if text else {}
