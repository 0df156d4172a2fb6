"""What is left of a deposit: what was paid, its net, and the taxes paid with a prepayment (5.3)."""

from collections.abc import Iterator

from msgspec import Struct

from ledger.errors import Conflict
from ledger.events.base import BusinessEvent, Earlier
from ledger.events.standing import timeline
from ledger.money import share, to_text
from ledger.postings import SUSPENSE, Caveat, Posting

ALL = 10**18
"""Drawn from a deposit when no amount is stated: whatever is left."""


class DepositLeft(Struct, frozen=True):
    """What a deposit still holds, in minor units."""

    paid: int = 0
    taxes: tuple[tuple[str, int], ...] = ()

    def draw(self, amount: int) -> tuple[int, tuple[tuple[str, int], ...]]:
        """Return the (net, taxes) that *amount* of what was paid takes back; all takes the rest."""
        if amount == self.paid:
            parts = self.taxes
        else:
            parts = tuple((code, share(tax, amount, self.paid)) for code, tax in self.taxes)
        return amount - sum(tax for _, tax in parts), parts

    def plus(self, amount: int, taxes: tuple[tuple[str, int], ...]) -> "DepositLeft":
        """Return what is left when *amount* with *taxes* is paid in (negative: taken out)."""
        left = dict(self.taxes)
        for code, tax in taxes:
            left[code] = left.get(code, 0) + tax
        return DepositLeft(self.paid + amount, tuple((c, t) for c, t in left.items() if t))


def deposit_left(deposit: str, earlier: Earlier) -> DepositLeft:
    """Fold what was recorded about a deposit, and what of it was taken back."""
    left = DepositLeft()
    moved: dict[int, tuple[int, tuple[tuple[str, int], ...]]] = {}
    for entry, undone in timeline(earlier, "deposit", deposit):
        if not undone:
            moved[entry.seq] = _moved(entry.event, deposit, left)
        amount, taxes = moved[entry.seq]
        if undone:
            amount, taxes = -amount, tuple((code, -tax) for code, tax in taxes)
        left = left.plus(amount, taxes)
        if left.paid <= 0:
            left = DepositLeft()  # a filling taken back offline left its draws in suspense
    return left


def _moved(
    event: BusinessEvent, deposit: str, left: DepositLeft
) -> tuple[int, tuple[tuple[str, int], ...]]:
    """Return (amount, taxes) that an event paid into a deposit; what it drew is negative."""
    amount = event.paid_into(deposit)
    if amount >= 0:
        return amount, event.deposit_taxes()
    covered = max(0, min(-amount, left.paid))
    _, taxes = left.draw(covered)
    return -covered, tuple((code, -tax) for code, tax in taxes)


def drawn(
    event: BusinessEvent, deposit: str, amount: int, earlier: Earlier, pointer: str
) -> Iterator[Posting | Caveat]:
    """Yield the debits of *amount* drawn from a deposit.

    A prepayment takes back its net and its tax. Conflict when it has not that much; what happened
    offline leaves the rest in suspense.
    """
    left = deposit_left(deposit, earlier)
    covered = max(0, min(amount, left.paid))
    if covered < amount and not event.happened_offline:
        raise Conflict(
            "overdrawn",
            pointer=pointer,
            role="deposits",
            holder=deposit,
            available=to_text(left.paid, event.currency or ""),
            currency=event.currency,
        )
    net, taxes = left.draw(covered)
    yield Posting("deposits", net, deposit)
    for code, tax in taxes:
        yield Posting("sales_tax", tax, code)
    if covered < amount:
        holder = f"deposits:{deposit}"
        yield Posting(SUSPENSE, amount - covered, holder)
        yield Caveat("overdrawn-offline", holder, amount - covered)
