"""A vendor's bill, for goods or anything else, and a vendor's credit for what goes back."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from ledger.events.base import Entry
from ledger.events.returned import GoodsReturned
from ledger.postings import Posting
from sync.documents import AnyDocument, Bill, BillLine, Place, Treatment, VendorCredit, doc_number
from sync.plan.commercial import MOST_LINES
from sync.plan.desk import Desk, Paper, where
from sync.plan.tax_sets import base_of
from sync.plan.trade import taxes_on

_WITH_NAMES: Final = ("receivable", "sales_tax")
"""Roles whose accounts ask for more than a line of a bill says: a customer, a tax code of sales."""


def billed(entry: Entry, paper: Paper, desk: Desk) -> Iterator[AnyDocument]:
    """Yield the bill: inventory, freight, duty, discounts and recoverable taxes, as posted.

    What the vendor credits is a vendor's credit. Neither when there is none yet, when it would
    come to nothing, or when a line of it could not stand on one.
    """
    owed = [posting for posting in entry.postings if posting.role == "payable"]
    kind = VendorCredit if isinstance(entry.event, GoodsReturned) else Bill
    side = -1 if kind is VendorCredit else 1
    vendor: str | None = getattr(entry.event, "vendor", None)
    total = -side * sum(posting.amount for posting in owed)
    others = [posting for posting in entry.postings if posting.role != "payable"]
    if vendor is None or total <= 0 or any(posting.role in _WITH_NAMES for posting in others):
        return
    taxes = [posting for posting in others if posting.role == "tax_recoverable"]
    lines = _lines([posting for posting in others if posting not in taxes], taxes, side)
    codes = tuple(sorted({posting.holder for posting in taxes}))
    if codes and not sum(line.amount for line in lines if line.taxes):
        at = lines[0].place if lines else desk.place("inventory", paper.day)
        lines = (*lines, *_bearer(at, _sums(taxes, side), paper, desk))
    if not lines:
        return
    yield kind(
        key=paper.key("credit" if kind is VendorCredit else "bill"),
        day=paper.day,
        currency=paper.currency,
        number=doc_number(_number(entry)),
        memo=" | ".join(part for part in (_receipt(entry), paper.memo) if part),
        vendor=vendor,
        payable=where(owed[0]),
        lines=lines,
        taxes=taxes_on(lines, _sums(taxes, side)),
        due=_due(entry),
    )


def _number(entry: Entry) -> str:
    """Return the vendor's own number of a bill or credit note, else the event's id."""
    event = entry.event
    return getattr(event, "bill", None) or getattr(event, "credit_note", None) or event.id


def _receipt(entry: Entry) -> str | None:
    found: str | None = getattr(entry.event, "receipt", None)
    return found


def _due(entry: Entry) -> date | None:
    found: date | None = getattr(entry.event, "due_date", None)
    return found


def _lines(costs: Sequence[Posting], taxes: Sequence[Posting], side: int) -> tuple[BillLine, ...]:
    codes = tuple(sorted({posting.holder for posting in taxes}))
    lines = tuple(_line(posting, codes, side) for posting in costs if posting.amount or codes)
    return tuple(_condensed(lines)) if len(lines) > MOST_LINES else lines


def _line(posting: Posting, codes: tuple[str, ...], side: int) -> BillLine:
    treatment: Treatment = "taxable" if codes else "exempt"
    return BillLine(where(posting), side * posting.amount, posting.holder, codes, treatment)


def _condensed(lines: tuple[BillLine, ...]) -> Iterator[BillLine]:
    sums: dict[Place, int] = {}
    for line in lines:
        sums[line.place] = sums.get(line.place, 0) + line.amount
    for place, amount in sums.items():
        yield BillLine(place, amount, "", lines[0].taxes, lines[0].treatment)


def _bearer(at: Place, taxes: dict[Place, int], paper: Paper, desk: Desk) -> Iterator[BillLine]:
    """Yield a taxed line and its opposite, untaxed, for taxes that have no cost to stand on."""
    alone = {place.holder: tax for place, tax in taxes.items()}
    rates = {code: desk.settings.tax_rate(code, paper.day) for code in alone}
    base = base_of(alone, rates)
    yield BillLine(at, base, "", tuple(sorted(alone)), "taxable")
    yield BillLine(at, -base, "", (), "out_of_scope")


def _sums(postings: Sequence[Posting], side: int) -> dict[Place, int]:
    sums: dict[Place, int] = {}
    for posting in postings:
        sums[where(posting)] = sums.get(where(posting), 0) + side * posting.amount
    return sums
