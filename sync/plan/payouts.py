"""What an acquirer pays out, as a deposit at the bank: gross, less fees, with what was adjusted."""

from collections.abc import Iterator
from typing import Final

from ledger.events.base import Entry
from ledger.events.payout import PayoutSettled
from sync.documents import AnyDocument, Deposit, DepositLine
from sync.plan.desk import Paper, where

_WITH_NAMES: Final = ("receivable", "payable", "sales_tax", "tax_recoverable")
"""Roles whose accounts ask for more than a line of a deposit says: a person, a tax code."""


def deposited(entry: Entry, event: PayoutSettled, paper: Paper) -> Iterator[AnyDocument]:
    """Yield the deposit; none where it comes to less than nothing.

    Nor where a line of it could not stand on one.
    """
    banks = [p for p in entry.postings if p.role == "bank" and p.holder == event.bank]
    others = [posting for posting in entry.postings if posting not in banks]
    total = sum(posting.amount for posting in banks)
    places = {where(posting) for posting in banks}
    if total <= 0 or len(places) != 1 or any(p.role in _WITH_NAMES for p in others):
        return
    lines = [DepositLine(where(p), -p.amount, p.holder) for p in others if p.amount]
    yield Deposit(
        key=paper.key("deposit"),
        day=paper.day,
        currency=paper.currency,
        number=paper.number("deposit"),
        memo=" | ".join(part for part in (event.covers, paper.memo) if part),
        bank=places.pop(),
        lines=tuple(lines),
    )
