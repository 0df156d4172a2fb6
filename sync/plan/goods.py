"""The vendor's bill for goods that came with it."""

from collections.abc import Iterator

from ledger.events.base import Entry
from ledger.events.goods import GoodsReceived
from ledger.postings import Posting
from sync.documents import AnyDocument, Bill, BillLine, Place, Treatment, doc_number
from sync.plan.commercial import MOST_LINES
from sync.plan.desk import Desk, Paper, where
from sync.plan.tax_sets import base_of
from sync.plan.trade import taxes_on


def billed(entry: Entry, paper: Paper, desk: Desk) -> Iterator[AnyDocument]:
    """Yield the bill: inventory, freight, duty, discounts and recoverable taxes, as posted.

    No bill when there is none yet, or when it would come to nothing.
    """
    event = entry.event
    owed = [posting for posting in entry.postings if posting.role == "payable"]
    total = -sum(posting.amount for posting in owed)
    if not isinstance(event, GoodsReceived) or event.bill is None or total <= 0:
        return
    taxes = [posting for posting in entry.postings if posting.role == "tax_recoverable"]
    codes = tuple(sorted({posting.holder for posting in taxes}))
    costs = [posting for posting in entry.postings if posting not in (*owed, *taxes)]
    lines = tuple(_line(posting, codes) for posting in costs if posting.amount or codes)
    if len(lines) > MOST_LINES:
        lines = tuple(_condensed(lines))
    if codes and not sum(line.amount for line in lines):
        lines = (*lines, *_bearer(lines[0].place, _sums(taxes), paper, desk))
    yield Bill(
        key=paper.key("bill"),
        day=paper.day,
        currency=paper.currency,
        number=doc_number(event.bill),
        memo=" | ".join(part for part in (event.receipt, paper.memo) if part),
        vendor=event.vendor,
        payable=where(owed[0]),
        lines=lines,
        taxes=taxes_on(lines, _sums(taxes)),
    )


def _line(posting: Posting, codes: tuple[str, ...]) -> BillLine:
    treatment: Treatment = "taxable" if codes else "exempt"
    return BillLine(where(posting), posting.amount, posting.holder, codes, treatment)


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


def _sums(postings: list[Posting]) -> dict[Place, int]:
    sums: dict[Place, int] = {}
    for posting in postings:
        sums[where(posting)] = sums.get(where(posting), 0) + posting.amount
    return sums
