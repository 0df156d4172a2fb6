"""What is between the tax that QuickBooks insists on and the till's, and the line that takes it up.

A rounding line bears no tax and makes the document's total ours, so that what customers owe and
what was paid agree to the cent; the rest lies between a tax account and the rounding. Pure.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final, assert_never

from msgspec import Struct
from msgspec.structs import replace

from sync.documents import (
    Account,
    Bill,
    BillLine,
    CreditMemo,
    Invoice,
    Item,
    Line,
    Place,
    RefundReceipt,
    SalesReceipt,
    VendorCredit,
    account_key,
)
from sync.protocol import Sent
from sync.quickbooks.answers import (
    Row,
    by_rate,
    detail_of,
    is_void,
    rate_of,
    sent,
    tax_gap,
    taxes_differ,
)
from sync.quickbooks.numbers import decimal, minor
from sync.quickbooks.payloads import Transaction, entity_of, payload, tax_accounts
from sync.quickbooks.terms import Payload, Terms

LIMIT: Final = 5
"""Minor units that a rounding line may always take up."""
LIMIT_SHARE: Final = 1000
"""It may take up a thousandth of what is taxed, too; beyond that the rates differ."""

Taxable = SalesReceipt | RefundReceipt | Invoice | CreditMemo | Bill


class Asked(Struct, frozen=True):
    """A push: a document, and the body that it is created with."""

    document: Transaction
    version: int
    links: Mapping[str, Sent]
    terms: Terms
    body: Payload

    @property
    def entity(self) -> str:
        """Return what it is called there."""
        return entity_of(self.document)

    @property
    def taxable(self) -> Taxable:
        """Return the document, which is of a kind that states a total of taxes."""
        assert isinstance(self.document, Taxable)
        return self.document

    def gap(self, row: Row) -> int:
        """Return by how much their tax exceeds ours, in minor units."""
        return tax_gap(self.body, row, self.document.currency)

    def agrees(self, row: Row) -> bool:
        """Tell whether the document's total is ours, whatever makes it up."""
        return minor(row.get("TotalAmt"), self.document.currency) == self.taxable.total


class Rest(Struct, frozen=True):
    """What a rounding line is posted with; `links` holds the two, too."""

    account: Account
    item: Item
    links: Mapping[str, Sent]


def with_our_tax(asked: Asked, row: Row) -> Payload | None:
    """Return the body that states our taxes once more; None where it has or needs no such help."""
    rounded = asked.gap(row) and asked.agrees(row)
    settled = rounded or is_void(row) or not taxes_differ(asked.body, row)
    return None if settled else asked.body


def may_round(asked: Asked, row: Row) -> bool:
    """Tell whether their tax differs in its total, and by no more than a rounding explains."""
    gap = asked.gap(row)
    taxed = sum(abs(line.amount) for line in asked.taxable.lines if line.taxes)
    return gap != 0 and abs(gap) <= max(LIMIT, taxed // LIMIT_SHARE)


def with_rounding(asked: Asked, rest: Rest, row: Row) -> Payload | None:
    """Return the body with their tax and a line that makes the total ours.

    None where none may be, or the total is ours already. Raises Rejected where no code for lines
    without tax is mapped.
    """
    if not may_round(asked, row) or is_void(row) or asked.agrees(row):
        return None
    extended = _extended(asked.taxable, rest, -asked.gap(row))
    whole = payload(extended, asked.version, rest.links, asked.terms)
    stated = {"PrivateNote": asked.body["PrivateNote"], "TxnTaxDetail": _theirs(whole, row)}
    return {**whole, **stated}


def told(asked: Asked, row: Row, trace: str, rest: Rest | None = None) -> Sent:
    """Return what stands there, and by how much which accounts are off ours."""
    off: Counter[str] = Counter()
    for account, amount in _taxes_off(asked, row):
        off[account] += amount
    against, links = _end(asked.taxable), asked.links
    if asked.agrees(row):
        against, links = (rest.account.place, rest.links) if rest is not None else (None, links)
    if against is not None:
        off[links[account_key(against)].remote_id] -= sum(off.values())
    differences = tuple((account, amount) for account, amount in off.items() if amount)
    return replace(sent(row, trace), tax_difference=asked.gap(row), differences=differences)


def _extended(document: Taxable, rest: Rest, amount: int) -> Taxable:
    match document:
        case Bill():
            cost = BillLine(rest.account.place, amount, treatment="out_of_scope")
            return replace(document, lines=(*document.lines, cost))
        case SalesReceipt() | RefundReceipt() | Invoice() | CreditMemo():
            line = Line(rest.account.place, rest.item.name, amount)
            return replace(document, lines=(*document.lines, line))
        case _:
            assert_never(document)


def _theirs(body: Payload, row: Row) -> Payload:
    """Return the taxes as they insist on them: stating others would change the total again."""
    stated: Payload = {**detail_of(body), "TotalTax": decimal(detail_of(row).get("TotalTax"))}
    if "TaxLine" in stated:
        theirs = {rate_of(line): line for line in detail_of(row).get("TaxLine") or ()}
        stated["TaxLine"] = [
            _tax_line(line, theirs.get(rate_of(line))) for line in stated["TaxLine"]
        ]
    return stated


def _tax_line(ours: Payload, theirs: Row | None) -> Payload:
    if theirs is None:
        return ours
    amount = decimal(theirs.get("Amount"))
    base = decimal((theirs.get("TaxLineDetail") or {}).get("NetAmountTaxable") if amount else 0)
    return {
        **ours,
        "Amount": amount,
        "TaxLineDetail": {**ours["TaxLineDetail"], "NetAmountTaxable": base},
    }


def _taxes_off(asked: Asked, row: Row) -> Iterator[tuple[str, int]]:
    """Yield by how much the account of each rate's tax is off ours, debit positive."""
    document, currency = asked.taxable, asked.document.currency
    sign = -1 if isinstance(document, SalesReceipt | Invoice | VendorCredit) else 1
    ours, theirs = by_rate(asked.body), by_rate(row)
    if ours and theirs:
        for rate, account in tax_accounts(document, asked.links, asked.terms).items():
            yield account, sign * minor(theirs.get(rate, 0) - ours.get(rate, 0), currency)
    else:  # Only the total is stated in the United States.
        first = account_key(document.taxes[0].place)
        yield asked.links[first].remote_id, sign * asked.gap(row)


def _end(document: Taxable) -> Place | None:
    """Return the place on which a document's total ends."""
    match document:
        case SalesReceipt() | RefundReceipt():
            return document.deposit_to
        case Invoice() | CreditMemo():
            return document.receivable
        case Bill():
            return document.payable
