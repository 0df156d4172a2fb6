"""Reading an entry as a trade: which of its postings are the deal's money, open items and taxes."""

from ledger.events.base import Entry
from ledger.events.deposit import DepositReceived, DepositRefunded
from ledger.events.refund import RefundIssued
from ledger.events.reversal import EventReversed
from ledger.events.sale import SaleCompleted
from sync.documents import Line, Place, place
from sync.plan.desk import Desk, where
from sync.plan.lines import lines_of, side_of
from sync.plan.trade import MONEY, Trade, turned


def trade_of(entry: Entry, desk: Desk) -> Trade | None:
    """Return what an entry says as a deal, None when it is none.

    Money on the side of the goods is not the deal's (a closed drawer that stays at its count).
    The reversal of a deal is the deal turned round.
    """
    event = entry.event
    if isinstance(event, EventReversed):
        original = desk.entry(event.reverses)
        trade = trade_of(original, desk) if original else None
        return turned(trade) if trade else None
    if not isinstance(event, SaleCompleted | RefundIssued | DepositReceived | DepositRefunded):
        return None
    lines = tuple(lines_of(entry, desk))
    return Trade(
        lines=lines,
        taxes=_taxes(entry, lines, desk),
        money=_money(entry),
        receivable=_receivable(entry, desk),
    )


def gives_back(entry: Entry, desk: Desk) -> bool:
    """Tell whether a trade is one in which the shop gets its goods back."""
    event = entry.event
    if isinstance(event, EventReversed):
        original = desk.entry(event.reverses)
        return original is not None and not gives_back(original, desk)
    return side_of(event) > 0


def _money(entry: Entry) -> dict[Place, int]:
    side, money = side_of(entry.event), dict[Place, int]()
    for posting in entry.postings:
        if posting.role in MONEY and posting.amount * side < 0:
            money[where(posting)] = money.get(where(posting), 0) + posting.amount
    return money


def _receivable(entry: Entry, desk: Desk) -> dict[Place, int]:
    """Return what stays open on account; the account is there when nothing does."""
    posted = [posting for posting in entry.postings if posting.role == "receivable"]
    at = where(posted[0]) if posted else desk.place("receivable", entry.event.day())
    open_items = sum(posting.amount for posting in posted if where(posting) == at)
    return {at: open_items if open_items * side_of(entry.event) < 0 else 0}


def _taxes(entry: Entry, lines: tuple[Line, ...], desk: Desk) -> dict[Place, int]:
    """Return the net of each code, as posted; codes that lines bear are there with nothing."""
    taxes: dict[Place, int] = {}
    for posting in entry.postings:
        if posting.role == "sales_tax":
            taxes[where(posting)] = taxes.get(where(posting), 0) - posting.amount
    account = next((tax.account for tax in taxes), None)
    for code in sorted({code for line in lines for code in line.taxes}):
        at = desk.place("sales_tax", entry.event.day(), code)
        at = place(account, at.role, code) if account else at
        taxes.setdefault(at, 0)
    return taxes
