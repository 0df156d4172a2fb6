"""What is left of a deposit: what was paid, its net, and the taxes paid with a prepayment (5.3)."""

from collections.abc import Iterator

from msgspec import Struct

from ledger.errors import Conflict
from ledger.events.base import BusinessEvent, Earlier, Entry
from ledger.events.booking_state import EndsBooking, Place, TiesDeposit, story
from ledger.money import share, to_text
from ledger.postings import SUSPENSE, Caveat, Posting

ALL = 10**18
"""Drawn from a deposit when no amount is stated: whatever is left."""


class DepositLeft(Struct, frozen=True):
    """What a deposit still holds, or a part of it, in minor units.

    Of what was `paid`, `prepaid` came as a prepayment, `taxes` by code among it.
    """

    paid: int = 0
    taxes: tuple[tuple[str, int], ...] = ()
    prepaid: int = 0

    @property
    def net(self) -> int:
        """Return what of it stands in the deposits' account."""
        return self.paid - self.tax

    @property
    def tax(self) -> int:
        """Return the taxes that were paid with it."""
        return sum(tax for _, tax in self.taxes)

    def part(self, amount: int) -> "DepositLeft":
        """Return what *amount* of what was paid takes of it, pro rata; all takes the rest."""
        if amount == self.paid:
            return self
        taxes = tuple((code, share(tax, amount, self.paid)) for code, tax in self.taxes)
        return DepositLeft(amount, taxes, share(self.prepaid, amount, self.paid))

    def plus(self, other: "DepositLeft", sign: int = 1) -> "DepositLeft":
        """Return both together; with the sign -1, what is left without the other."""
        taxes = dict(self.taxes)
        for code, tax in other.taxes:
            taxes[code] = taxes.get(code, 0) + sign * tax
        return DepositLeft(
            self.paid + sign * other.paid,
            tuple((code, tax) for code, tax in taxes.items() if tax),
            self.prepaid + sign * other.prepaid,
        )


NOTHING = DepositLeft()


def deposit_left(deposit: str, earlier: Earlier, currency: str | None = None) -> DepositLeft:
    """Fold what was recorded about a deposit, and what of it was taken back.

    In one currency, by default the book's.
    """
    wanted = currency or earlier.book.currency
    left, place, moved = NOTHING, Place(), dict[int, DepositLeft]()
    for entry, undone in story(deposit, earlier):
        if not undone:
            moved[entry.seq] = _moved(entry, deposit, left, place, wanted)
            place.note(entry, deposit)
        else:
            place.forget(entry)
        left = left.plus(moved[entry.seq], -1 if undone else 1)
        if left.paid <= 0:
            left = NOTHING  # a filling taken back offline left its draws in suspense
    return left


def _moved(
    entry: Entry, deposit: str, left: DepositLeft, place: Place, currency: str
) -> DepositLeft:
    """Return what an event paid into a deposit; what it drew is negative."""
    event = entry.event
    if event.currency != currency:
        return NOTHING
    amount = event.paid_into(deposit)
    if isinstance(event, EndsBooking) and place.ended(event) and event.disposal != "move":
        amount = -ALL
    if amount >= 0:
        prepaid = isinstance(event, TiesDeposit) and event.is_prepayment()
        return DepositLeft(amount, event.deposit_taxes(), amount if prepaid else 0)
    return NOTHING.plus(left.part(max(0, min(-amount, left.paid))), -1)


def drawn(
    event: BusinessEvent, deposit: str, amount: int, earlier: Earlier, pointer: str
) -> Iterator[Posting | Caveat]:
    """Yield the debits of *amount* drawn from a deposit.

    A prepayment takes back its net and its tax. Conflict when it has not that much; what happened
    offline leaves the rest in suspense.
    """
    part = within(event, deposit, amount, earlier, pointer)
    yield from given_up(part, deposit)
    yield from beyond(deposit, amount - part.paid)


def within(
    event: BusinessEvent, deposit: str, amount: int, earlier: Earlier, pointer: str
) -> DepositLeft:
    """Return what of *amount* a deposit covers.

    Conflict when that is not all of it, unless it happened offline.
    """
    left = deposit_left(deposit, earlier, event.currency)
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
    return left.part(covered)


def given_up(part: DepositLeft, deposit: str) -> Iterator[Posting]:
    """Yield the debits of a part of a deposit: its net, and the taxes of a prepayment."""
    yield Posting("deposits", part.net, deposit)
    for code, tax in part.taxes:
        yield Posting("sales_tax", tax, code)


def beyond(deposit: str, amount: int) -> Iterator[Posting | Caveat]:
    """Yield what an offline draw took beyond what a deposit held, if anything."""
    if amount > 0:
        holder = f"deposits:{deposit}"
        yield Posting(SUSPENSE, amount, holder)
        yield Caveat("overdrawn-offline", holder, amount)


def refuse_empty(event: BusinessEvent, deposit: str, earlier: Earlier) -> bool:
    """Raise a Conflict when a deposit was never received, or nothing is left of it.

    Of what happened offline it is told instead: True when there is nothing.
    """
    if deposit_left(deposit, earlier, event.currency).paid > 0:
        return False
    if event.happened_offline:
        return True
    known = earlier.about("deposit", deposit)
    code = "deposit-empty" if known else "deposit-unknown"
    raise Conflict(code, pointer="/deposit", deposit=deposit)
