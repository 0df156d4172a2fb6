"""Reading an entry as a trade: which of its postings are the deal's money, open items and taxes."""

from typing import Final

from ledger.events.bad_debt import BadDebtRecovered, InvoiceWrittenOff
from ledger.events.base import Entry
from ledger.events.deposit import DepositReceived, DepositRefunded
from ledger.events.forfeit import DepositForfeited
from ledger.events.invoice import InvoiceIssued, InvoiceRevised
from ledger.events.refund import RefundIssued
from ledger.events.reversal import EventReversed
from ledger.events.sale import SaleCompleted
from sync.plan.desk import Desk, is_foreign
from sync.plan.endings import ENDINGS, ending_trade
from sync.plan.lines import lines_of, side_of
from sync.plan.sides import money_of, receivable_of, taxes_of
from sync.plan.trade import Trade, turned

DEALS: Final = (
    SaleCompleted,
    RefundIssued,
    DepositReceived,
    DepositRefunded,
    DepositForfeited,
    InvoiceIssued,
    InvoiceRevised,
    InvoiceWrittenOff,
    BadDebtRecovered,
)
"""Kinds of event that are a deal by themselves; the end of a booking is one in parts."""


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
    if is_foreign(entry):
        return None
    if isinstance(event, ENDINGS):
        return ending_trade(entry, desk)
    if not isinstance(event, DEALS):
        return None
    day, side = event.day(), side_of(event)
    if isinstance(event, InvoiceRevised):
        owed = sum(posting.amount for posting in entry.postings if posting.role == "receivable")
        side = 1 if owed < 0 else -1
    lines = tuple(lines_of(entry, desk))
    return Trade(
        lines=lines,
        taxes=taxes_of(entry.postings, lines, day, desk),
        money=money_of(entry.postings, side),
        receivable=receivable_of(entry.postings, side, day, desk),
    )


def gives_back(entry: Entry, trade: Trade, desk: Desk) -> bool:
    """Tell whether a trade is one in which the shop gets its goods back."""
    event = entry.event
    if isinstance(event, EventReversed):
        original = desk.entry(event.reverses)
        return original is not None and not gives_back(original, turned(trade), desk)
    if isinstance(event, (*ENDINGS, InvoiceRevised)):
        return trade.total < 0
    return side_of(event) > 0
