"""A package's story: what each entry of the log did to it, and what reversals undid (5.5)."""

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from ledger.events.base import BusinessEvent, Entry
from ledger.events.lines import HasLines, Line
from ledger.events.package_state import Lot, Package, Part
from ledger.events.standing import Remembers, steps, tag
from ledger.money import MILLION
from ledger.postings import Posting

PACKAGES: Final = "packages"
_REFUND: Final = "refund_issued"
_EXPIRY: Final = "package_expired"


class Effect(Struct, frozen=True):
    """What an entry did to a package: sold a lot, drew parts to pay, took parts, gave parts back.

    `sale` is what the parts `drawn` paid for, and whose parts came `back`.
    """

    lot: Lot | None = None
    drawn: tuple[Part, ...] = ()
    taken: tuple[Part, ...] = ()
    back: tuple[Part, ...] = ()
    sale: str = ""

    def done(self, package: Package) -> Package:
        """Return the package after it."""
        if self.lot is not None:
            package = package.with_lot(self.lot)
        package = package.plus((*self.drawn, *self.taken), -1).plus(self.back)
        return package.owing(self.sale, self.drawn).owing(self.sale, self.back, -1)

    def undone(self, package: Package) -> Package:
        """Return the package without it, whatever happened in between."""
        package = package.plus((*self.drawn, *self.taken))
        lot = () if self.lot is None else (Part(self.lot.number, self.lot.sold, self.lot.value),)
        package = package.plus((*self.back, *lot), -1)
        return package.owing(self.sale, self.drawn, -1).owing(self.sale, self.back)


def package_left(package: str, log: Remembers, before: int | None = None) -> Package:
    """Fold what was recorded about a package (*before* a number in the log), reversals included."""
    state, effects = Package(package), dict[int, Effect]()
    for seq, entry, undone in moves(package, log):
        if before is not None and seq >= before:
            break
        if undone:
            state = effects[entry.seq].undone(state)
        else:
            effects[entry.seq] = effect = _effect(entry, state)
            state = effect.done(state)
    return state


def moves(package: str, log: Remembers) -> Iterator[tuple[int, Entry, bool]]:
    """Yield (number in the log, entry, whether it is taken back there) of a package, in order.

    A refund names the sale of a package, not the package: it is found by the sale.
    """
    entries = {entry.seq: entry for entry in log.about("package", package)}
    for entry in tuple(entries.values()):
        if any(posting.amount < 0 or posting.quantity < 0 for posting in _of(entry, package)):
            later = log.about("event", entry.event.id)
            entries |= {refund.seq: refund for refund in later if tag(refund) == _REFUND}
    yield from ((by.seq, done, by is not done) for done, by in steps(entries.values(), log))


def _effect(entry: Entry, package: Package) -> Effect:
    """Return what an entry did to a package."""
    event, currency = entry.event, entry.event.currency or ""
    filled, taken = _posted(entry, package.name, -1), _posted(entry, package.name, 1)
    if tag(entry) == _REFUND:
        sale = str(getattr(event, "sale", None) or "")
        lot = package.sold_by(sale)
        parts = (Part(lot.number, *taken),) if lot is not None and any(taken) else ()
        return Effect(taken=parts, back=tuple(package.back(filled[0], sale)), sale=sale)
    if tag(entry) == _EXPIRY:
        return Effect(taken=tuple(lot.part(lot.uses) for lot in package.of(currency)))
    sells = isinstance(event, HasLines) and any(filled)
    lot = sold_lot(event, package, filled[1]) if sells else None
    full = package if lot is None else package.with_lot(lot)
    return Effect(lot, tuple(full.oldest(taken[0], currency)), sale=event.id)


def sold_lot(event: BusinessEvent, package: Package, value: int) -> Lot | None:
    """Return the lot that an event sells into a package for *value* without tax, if it does."""
    lines: Sequence[Line] = getattr(event, "lines", None) or ()
    for line in lines:
        if line.kind == "package" and line.package == package.name:
            uses = line.uses or 0
            return Lot(
                number=len(package.lots) + 1,
                sale=event.id,
                currency=event.currency or "",
                day=event.day(),
                location=line.location or event.location,
                price=value,
                sold=uses,
                taxed=tuple((tax.tax, event.minor(tax.amount)) for tax in line.taxes),
                uses=uses,
                value=value,
            )
    return None


def _posted(entry: Entry, package: str, side: int) -> tuple[int, int]:
    """Return the (uses, value) that an entry posted on one side of a package."""
    uses = value = 0
    for posting in _of(entry, package):
        if (posting.amount or posting.quantity) * side > 0:
            uses += side * posting.quantity // MILLION
            value += side * posting.amount
    return uses, value


def _of(entry: Entry, package: str) -> list[Posting]:
    return [p for p in entry.postings if p.role == PACKAGES and p.holder == package]
