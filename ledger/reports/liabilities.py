"""What is owed for value sold or held: opening balance, movements by kind, closing balance."""

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

from ledger.database import Connection
from ledger.reports.holding.store import Holding, holdings
from ledger.reports.moved.store import Moved, Which, moved, moved_by_kind
from ledger.reports.views import View
from ledger.settings import Settings

KINDS: Final = ("gift_cards", "store_credit", "deposits", "packages")
"""Roles whose holders have something to come."""

MOVEMENTS: Final = ("issued", "redeemed", "expired", "refunded", "adjusted")

_GIVEN: Final = frozenset(
    ("refund_issued", "deposit_refunded", "gift_card_cashed_out", "booking_returned")
)
_LAPSED: Final = frozenset(
    (
        "deposit_forfeited",
        "booking_kept",
        "gift_card_expired",
        "store_credit_expired",
        "package_expired",
    )
)
_UNDOING: Final = frozenset(("invoice_voided", "payment_bounced"))
_BY_HAND: Final = frozenset(("journal_posted", "exception_cleared"))


class Roll(Struct):
    """One kind's, or one holder's, way through a period; minor units, what is owed positive.

    `opening` + issued - redeemed - expired - refunded + adjusted = `closing`. Forfeited deposits
    are among the expired. Of a holder the amounts are of its currency; of a kind they are home
    money, and `foreign` has what of the closing balance stands in others.
    """

    role: str
    holder: str
    currency: str
    opening: int = 0
    issued: int = 0
    redeemed: int = 0
    expired: int = 0
    refunded: int = 0
    adjusted: int = 0
    home_closing: int = 0
    foreign: tuple[tuple[str, int], ...] = ()

    @property
    def closing(self) -> int:
        """Return what is owed in the end."""
        taken = self.redeemed + self.expired + self.refunded
        return self.opening + self.issued - taken + self.adjusted

    def move(self, kind: str, debit: int, credit: int) -> None:
        """Count what facts of a kind debited and credited."""
        if kind in _BY_HAND:
            self.adjusted += credit - debit
        elif kind in _UNDOING:
            self.issued -= debit
            self.redeemed -= credit
        else:
            self.issued += credit
            taken = taken_by(kind)
            setattr(self, taken, getattr(self, taken) + debit)


def taken_by(kind: str) -> str:
    """Return the movement by which facts of a kind take away."""
    if kind in _LAPSED:
        return "expired"
    return "refunded" if kind in _GIVEN else "redeemed"


def rolls(connection: Connection, book_id: int, settings: Settings, view: View) -> list[Roll]:
    """Return one row a kind, in home money."""
    found: list[Roll] = []
    for role in KINDS:
        roll, which = Roll(role, "", settings.book.currency), Which(accounts=settings.codes(role))
        before = view.before()
        for part in moved(connection, book_id, before, (), which) if before else ():
            roll.opening -= part.sums.home_balance
        for part in moved_by_kind(connection, book_id, view, (), which):
            roll.move(part.key[-1], part.sums.home_debit, part.sums.home_credit)
        roll.home_closing = roll.closing
        standing = moved(connection, book_id, view.until(), ("currency",), which)
        roll.foreign = tuple(
            (part.key[0], -part.sums.balance)
            for part in sorted(standing, key=lambda part: part.key)
            if part.key[0] != settings.book.currency and part.sums.balance
        )
        found.append(roll)
    return found


Place = tuple[str, str, str]
"""Role, holder, currency."""


def rolls_by_holder(
    connection: Connection,
    book_id: int,
    settings: Settings,
    view: View,
    *,
    after: Place | None = None,
    limit: int | None = None,
) -> list[Roll]:
    """Return one row a holder that had something or moved, by kind and name, behind *after*."""
    found: list[Roll] = []
    for role in KINDS:
        if after is not None and KINDS.index(role) < KINDS.index(after[0]):
            continue
        left = None if limit is None else limit - len(found)
        if left == 0:
            break
        codes = settings.codes(role)
        behind = after[1:] if after is not None and after[0] == role else None
        held = holdings(connection, book_id, view, codes, after=behind, limit=left)
        found += _rolled(connection, book_id, view, role, codes, held)
    return found


def _rolled(
    connection: Connection,
    book_id: int,
    view: View,
    role: str,
    codes: Sequence[str],
    held: Sequence[Holding],
) -> Iterable[Roll]:
    rows = {
        (one.holder, one.currency): Roll(
            role, one.holder, one.currency, -one.opening, home_closing=-one.home_closing
        )
        for one in held
    }
    for part in _movements(connection, book_id, view, codes, {holder for holder, _ in rows}):
        holder, currency, kind = part.key
        if (holder, currency) in rows:
            rows[holder, currency].move(kind, part.sums.debit, part.sums.credit)
    return rows.values()


def _movements(
    connection: Connection, book_id: int, view: View, codes: Sequence[str], holders: set[str]
) -> Iterable[Moved]:
    wanted = sorted(holders)
    for at in range(0, len(wanted), 500):
        which = Which(accounts=codes, holders=wanted[at : at + 500])
        yield from moved_by_kind(connection, book_id, view, ("holder", "currency"), which)
