"""What a package holds: lots of uses with their value and the taxes paid with them (5.5).

Each sale of a package makes a lot. Uses are drawn from the oldest lot first, a refund from the
lot of its sale. Values are in minor units, without tax.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from ledger.money import share


class Part(Struct, frozen=True, gc=False):
    """Some uses of a lot, by its number in the package, and what they are worth."""

    lot: int
    uses: int
    value: int

    def first(self, uses: int) -> "Part":
        """Return the part of it that some of its uses are; all of them are all of it."""
        if uses == self.uses:
            return self
        return Part(self.lot, uses, min(self.value, uses * share(self.value, 1, self.uses)))


class Lot(Struct, frozen=True):
    """What one sale put into a package, and what of it is left (`uses`, `value`).

    `price`, `sold` uses and `taxed` are the sale's; a refund that takes back no use lowers the
    price. `day` and `location` are when and where it was sold.
    """

    number: int
    sale: str
    currency: str
    day: date
    location: str | None
    price: int
    sold: int
    taxed: tuple[tuple[str, int], ...]
    uses: int
    value: int

    @property
    def each(self) -> int:
        """Return what one use is worth, half up."""
        return share(self.price, 1, self.sold) if self.sold else 0

    def part(self, uses: int) -> Part:
        """Return what *uses*, at most those left, are worth: never more than is left.

        The last takes the rest.
        """
        value = self.value if uses == self.uses else min(self.value, uses * self.each)
        return Part(self.number, uses, value)

    def taxes(self, uses: int) -> tuple[tuple[str, int], ...]:
        """Return the share of *uses* in the taxes that were paid for all of them."""
        return tuple((code, share(tax, uses, self.sold)) for code, tax in self.taxed if self.sold)


class Package(Struct, frozen=True):
    """A package: its lots in the order of their sale, and the uses that each sale was paid with."""

    name: str
    lots: tuple[Lot, ...] = ()
    paid: Mapping[str, tuple[Part, ...]] = {}

    def of(self, currency: str) -> list[Lot]:
        """Return the lots that were sold in a currency."""
        return [lot for lot in self.lots if lot.currency == currency]

    def uses(self, currency: str) -> int:
        """Return how many uses are left of what was sold in a currency."""
        return sum(lot.uses for lot in self.of(currency))

    def value(self, currency: str) -> int:
        """Return what is left of what was sold in a currency, in minor units without tax."""
        return sum(lot.value for lot in self.of(currency))

    def taxes(self, currency: str) -> dict[str, int]:
        """Return the taxes that were paid for the uses that are left, by code."""
        found: dict[str, int] = {}
        for lot in self.of(currency):
            for code, tax in lot.taxes(lot.uses):
                found[code] = found.get(code, 0) + tax
        return found

    def sold_by(self, sale: str) -> Lot | None:
        """Return what a sale put into it."""
        return next((lot for lot in self.lots if lot.sale == sale), None)

    def each(self, currency: str) -> int:
        """Return what a use that it does not have would be worth: as one sold last."""
        return next((lot.each for lot in reversed(self.of(currency))), 0)

    def oldest(self, uses: int, currency: str) -> list[Part]:
        """Return what *uses* take, of the oldest lots first; fewer where it has not that many."""
        parts = list[Part]()
        for lot in self.of(currency):
            taken = min(uses, lot.uses)
            if taken > 0:
                parts.append(lot.part(taken))
                uses -= taken
        return parts

    def back(self, uses: int, sale: str) -> list[Part]:
        """Return what *uses* give back of those that a sale was paid with, the last ones first."""
        parts = list[Part]()
        for part in reversed(self.paid.get(sale, ())):
            taken = min(uses, part.uses)
            if taken > 0:
                parts.append(part.first(taken))
                uses -= taken
        return parts

    def with_lot(self, lot: Lot) -> "Package":
        """Return the package with one more lot."""
        return replace(self, lots=(*self.lots, lot))

    def plus(self, parts: Iterable[Part], sign: int = 1) -> "Package":
        """Return the package with parts put back into their lots (*sign* -1: taken off).

        Nothing is left below nothing: what a lot lacks the others give, the youngest first, as
        their account stands for all of them.
        """
        lots = {lot.number: lot for lot in self.lots}
        for part in parts:
            lot = lots[part.lot]
            price = lot.price if part.uses else max(0, lot.price + sign * part.value)
            uses, value = lot.uses + sign * part.uses, lot.value + sign * part.value
            lots[part.lot] = replace(lot, uses=uses, value=value, price=price)
        return replace(self, lots=_levelled(lots.values()))

    def owing(self, sale: str, parts: Iterable[Part], sign: int = 1) -> "Package":
        """Return the package with parts noted as what a sale was paid with (-1: no longer)."""
        noted = {part.lot: part for part in self.paid.get(sale, ())}
        for part in parts:
            before = noted.get(part.lot, Part(part.lot, 0, 0))
            uses, value = before.uses + sign * part.uses, before.value + sign * part.value
            noted[part.lot] = Part(part.lot, uses, value)
        return replace(self, paid={**self.paid, sale: tuple(noted.values())})


def _levelled(lots: Iterable[Lot]) -> tuple[Lot, ...]:
    """Return lots of which none is below nothing; the youngest give what others lack."""
    stated = tuple(lots)
    uses = sum(max(0, -lot.uses) for lot in stated)
    value = sum(max(0, -lot.value) for lot in stated)
    if not uses and not value:
        return stated
    level = list[Lot]()
    for lot in reversed(stated):
        fewer, cheaper = min(uses, max(0, lot.uses)), min(value, max(0, lot.value))
        uses, value = uses - fewer, value - cheaper
        level.append(replace(lot, uses=max(0, lot.uses) - fewer, value=max(0, lot.value) - cheaper))
    return tuple(reversed(level))
