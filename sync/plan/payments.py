"""What customers pay of what they owe: a payment for each tender of money and each customer.

What is paid by stored value, and what is rounded, is said by the journal; its credit is applied
to the invoices by a payment over nothing. What no invoice takes stays the customer's credit.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from ledger.events.base import Entry
from ledger.events.payment import PaymentReceived
from sync.documents import (
    AnyDocument,
    Applied,
    JournalLine,
    Payment,
    Place,
    doc_number,
)
from sync.plan.commercial import method_of
from sync.plan.conservation import posted, unsaid
from sync.plan.desk import Desk, Paper, owing, where
from sync.plan.journal import Party, journal
from sync.plan.owed import Part, invoices_in, needs_of, parts_of, sum_of
from sync.plan.trade import MONEY

_CREDIT: Final = "credit:"


def paid(entry: Entry, event: PaymentReceived, paper: Paper, desk: Desk) -> Iterator[AnyDocument]:
    """Yield the payments of an entry, the journal of the rest, and what applies its credit."""
    receivable = next((where(p) for p in entry.postings if p.role == "receivable"), None)
    if receivable is None:
        return
    payer = _payer(entry, event, desk)
    settled = {name: -amount for name, amount in invoices_in(entry).items() if amount < 0}
    payments = _Payments(parts_of(settled, entry, desk), payer)
    made = list(payments.of_money(_money(entry), receivable, paper, doc_number(event.payment)))
    yield from made
    left = unsaid(posted([entry]), made)
    owed = left.pop(receivable, 0)
    owners = payments.of_journal(-owed) if owed < 0 else {payer: -owed}
    lines = [Party(None, desk.names.sundry_vendor).line(at, sum_) for at, sum_ in left.items()]
    lines += [JournalLine(receivable, -sum_, "", who) for who, sum_ in owners.items() if sum_]
    yield from journal(paper, lines)
    key = paper.key("rest")
    for number, (customer, parts) in enumerate(payments.linked.items(), 1):
        credit = Applied(key, sum_of(parts), "JournalEntry")
        yield Payment(
            key=paper.key("link", number),
            day=paper.day,
            currency=paper.currency,
            memo=paper.memo,
            customer=customer,
            receivable=receivable,
            amount=0,
            applied=(*(part.applied for part in parts), credit),
            needs=needs_of(parts),
        )


def _payer(entry: Entry, event: PaymentReceived, desk: Desk) -> str | None:
    """Return whose credit it is that no invoice takes."""
    holders = [p.holder for p in entry.postings if p.role == "receivable" and p.amount < 0]
    credit = next((name for name in holders if name.startswith(_CREDIT)), None)
    if credit is not None:
        return credit.removeprefix(_CREDIT)
    owe = {owing(part.invoice, entry, desk) for part in event.applied}
    return event.customer or (owe.pop() if len(owe) == 1 else None)


def _money(entry: Entry) -> dict[Place, int]:
    money: dict[Place, int] = {}
    for posting in entry.postings:
        if posting.role in MONEY and posting.amount > 0:
            money[where(posting)] = money.get(where(posting), 0) + posting.amount
    return money


class _Payments:
    """Shares out money, then the journal's credit, among the documents that are to be paid.

    `linked` holds what the journal's credit is applied to, by customer.
    """

    def __init__(self, parts: Iterable[Part], payer: str | None) -> None:
        self._waiting = list(parts)
        self._payer = payer
        self.linked: dict[str | None, list[Part]] = {}

    def of_money(
        self, money: dict[Place, int], receivable: Place, paper: Paper, number: str
    ) -> Iterator[Payment]:
        """Yield a payment for each place of money and each customer whose invoices it pays."""
        count = 0
        for place, amount in money.items():
            shares = self._taken(amount)
            rest = amount - sum(sum_of(parts) for parts in shares.values())
            if rest:
                shares.setdefault(self._payer, [])
            for customer, parts in shares.items():
                count += 1
                more = rest if customer == self._payer else 0
                yield Payment(
                    key=paper.key("payment", count),
                    day=paper.day,
                    currency=paper.currency,
                    number=number,
                    memo=paper.memo,
                    customer=customer,
                    receivable=receivable,
                    amount=sum_of(parts) + more,
                    deposit_to=place,
                    method=method_of(place),
                    applied=tuple(part.applied for part in parts),
                    needs=needs_of(parts),
                )

    def of_journal(self, amount: int) -> dict[str | None, int]:
        """Return what of a credit each customer has, and remember what it is applied to."""
        self.linked = self._taken(amount)
        owners = {who: sum_of(parts) for who, parts in self.linked.items()}
        rest = amount - sum(owners.values())
        owners[self._payer] = owners.get(self._payer, 0) + rest
        return owners

    def _taken(self, amount: int) -> dict[str | None, list[Part]]:
        """Take so much of what waits to be paid, by customer."""
        found: dict[str | None, list[Part]] = {}
        while amount > 0 and self._waiting:
            first = self._waiting.pop(0)
            part = min(amount, first.applied.amount)
            amount -= part
            found.setdefault(first.customer, []).append(first.of(part))
            if rest := first.applied.amount - part:
                self._waiting.insert(0, first.of(rest))
        return found
