"""SaleCompleted: goods and services given, value received (`accounting.md` 5.1)."""

from collections.abc import Iterable, Iterator
from typing import Annotated

from msgspec import Meta, Struct

from ledger.book import Book
from ledger.errors import Fault, fault
from ledger.events.base import Earlier, Reference
from ledger.events.costs import cost_of_sold
from ledger.events.lines import (
    SOLD,
    HasLines,
    Lines,
    Priced,
    check_lines,
    price,
)
from ledger.events.tenders import (
    Tender,
    Tenders,
    check_tenders,
    received,
    sum_of,
    tenders_differ,
)
from ledger.events.unknown import unknown_references
from ledger.money import Amount, SignedAmount
from ledger.postings import Caveat, Posting
from ledger.settings import Settings


class Tip(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A tip for one member of staff; without one, for whoever the event names."""

    staff: Reference | None = None
    amount: Amount


class SaleCompleted(HasLines, frozen=True, kw_only=True, tag="sale_completed"):
    """A sale. An appointment and goods in one basket are one sale; a free sale is a sale."""

    lines: Lines
    tenders: Tenders = ()
    tip: Annotated[str, Meta(pattern=Amount.schema)] | tuple[Tip, ...] | None = None
    rounding: SignedAmount | None = None

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield every fault of lines, tenders and tips, and both sums when they differ."""
        tips = self._tips_stated()
        stated = [(at, tip.amount) for at, tip in tips]
        loose = list(self.misfits(("/rounding", self.rounding), *stated))
        yield from loose
        yield from check_rounding(self.rounding, self.tenders)
        lines = yield from check_lines(self, self.lines)
        given = yield from check_tenders(self, self.tenders)
        if lines is None or given is None or loose:
            return
        due = lines + sum(amount for _, amount in self.tips()) + self.minor(self.rounding)
        if due != given:
            yield tenders_differ(self, due, given)

    def _tips_stated(self) -> list[tuple[str, Tip]]:
        """Return (pointer to the amount, tip) of each tip."""
        if isinstance(self.tip, str):
            return [("/tip", Tip(amount=Amount(self.tip)))]
        return [(f"/tip/{index}/amount", tip) for index, tip in enumerate(self.tip or ())]

    def priced(self, settings: Settings) -> list[Priced]:
        """Return the lines in minor units."""
        return [price(self, line, settings) for line in self.lines]

    def tips(self) -> list[tuple[str, int]]:
        """Return (staff, minor units) of each tip."""
        whose = self.staff or "unassigned"
        return [(tip.staff or whose, self.minor(tip.amount)) for _, tip in self._tips_stated()]

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield tenders, lines, taxes, tips, rounding and the cost of stocked goods."""
        priced = self.priced(earlier.settings)
        yield from received(self, self.tenders, earlier, invoice=self.id)
        for line in priced:
            yield from sold(line)
        for staff, amount in self.tips():
            yield Posting("tips", -amount, staff)
        yield Posting("cash_rounding", -self.minor(self.rounding))
        yield from cost_of_sold(self, priced, earlier)
        yield from unknown_references(self.lines, earlier)

    def paid_into(self, deposit: str) -> int:
        """Return what the sale draws from a deposit, negative."""
        return -sum_of(self, [tender for tender in self.tenders if tender.deposit == deposit])

    def subjects(self) -> Iterable[tuple[str, str]]:
        """Yield the deposits that pay for it."""
        return {("deposit", tender.deposit): None for tender in self.tenders if tender.deposit}


def check_rounding(rounding: SignedAmount | None, tenders: tuple[Tender, ...]) -> Iterator[Fault]:
    """Yield a fault when something is rounded though no part is cash."""
    if rounding and tenders and not any(tender.kind == "cash" for tender in tenders):
        yield fault("/rounding", "rounding-without-cash")


def sold(line: Priced) -> Iterator[Posting]:
    """Yield the credits of a line that is sold, and its discount."""
    if line.kind in SOLD:
        yield Posting("sales", -line.gross, line.category)
    elif line.kind == "shipping":
        yield Posting("shipping_income", -line.gross)
    else:
        role = "gift_cards" if line.kind == "gift_card" else "packages"
        yield Posting(role, -line.gross, line.holder or "")
    yield Posting("discounts", line.discount, line.category)
    for code, amount in line.taxes:
        yield Posting("sales_tax", -amount, code)
