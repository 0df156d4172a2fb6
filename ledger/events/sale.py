"""SaleCompleted: goods and services given, value received (`accounting.md` 5.1)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

from msgspec import Meta, Struct

from ledger.book import Book
from ledger.errors import Fault, fault
from ledger.events.base import BusinessEvent, Earlier, Reference
from ledger.events.costs import cost_of_sold
from ledger.events.invoice_state import invoice_state
from ledger.events.lines import (
    SOLD,
    HasLines,
    Lines,
    Priced,
    check_lines,
    price,
    spent_later,
)
from ledger.events.package_use import (
    NOT_USED,
    Used,
    pays,
    priced_by_packages,
    uses_drawn,
    with_shares,
)
from ledger.events.receivable import refuse_other_currency
from ledger.events.tenders import (
    MONEY,
    Tender,
    Tenders,
    check_tenders,
    received,
    refuse_difference,
    spoken_of,
    sum_of,
    tenders_differ,
)
from ledger.events.unknown import unknown_references
from ledger.money import MOST_MINOR, Amount, SignedAmount, number
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
        beside = self._beside_lines()
        if beside is None:
            yield from self._beside_faults()
        yield from check_rounding(self.rounding, self.tenders)
        unpriced = priced_by_packages(self.lines, self.tenders)
        lines = yield from check_lines(self, self.lines, unpriced=unpriced)
        given = yield from check_tenders(self, self.tenders, packages=True)
        if lines is None or given is None or beside is None:
            return
        if lines + beside != given:
            yield tenders_differ(self, lines + beside, given)

    def _beside_lines(self) -> int | None:
        """Return what tips and rounding come to; None where one of them is a misfit."""
        try:
            parts = [self.minor(self.rounding), *[amount for _, amount in self.tips()]]
        except ValueError:
            return None
        return sum(parts) if min(parts) > -MOST_MINOR and max(parts) < MOST_MINOR else None

    def _beside_faults(self) -> Iterator[Fault]:
        """Return what is wrong with tips and rounding."""
        if isinstance(self.tip, str):
            tips = [("/tip", number(Amount, self.tip))]
        else:
            tips = [(f"/tip/{at}/amount", tip.amount) for at, tip in enumerate(self.tip or ())]
        return self.misfits(("/rounding", self.rounding), *tips)

    def priced(self, settings: Settings, worth: Mapping[str, int] | None = None) -> list[Priced]:
        """Return the lines in minor units; *worth* is what package tenders are worth, by name."""
        lines = with_shares(self, self.lines, self.tenders, worth) if worth else self.lines
        return [price(self, line, settings) for line in lines]

    def tips(self) -> list[tuple[str, int]]:
        """Return (staff, minor units) of each tip."""
        whose = self.staff or "unassigned"
        if isinstance(self.tip, str):
            return [(whose, self.minor(number(Amount, self.tip)))]
        return [(tip.staff or whose, self.minor(tip.amount)) for tip in self.tip or ()]

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Return tenders, lines, taxes, tips, rounding and the cost of stocked goods."""
        used = self._used(earlier) if pays(self.tenders) else NOT_USED
        priced = self.priced(earlier.settings, used.worth)
        if used.worth:
            self._refuse_difference(priced, used)
        refuse_other_accounts(self, self.tenders, earlier)
        made = [*received(self, self.tenders, earlier, invoice=self.id), *used.postings]
        for line in priced:
            made += sold(line)
        made += [Posting("tips", -amount, staff) for staff, amount in self.tips()]
        made.append(Posting("cash_rounding", -self.minor(self.rounding)))
        made += cost_of_sold(self, priced, earlier)
        made += unknown_references(self.lines, earlier)
        return made

    def _used(self, earlier: Earlier) -> Used:
        """Return what its package tenders draw; a package may be sold and used in one sale."""
        sold = [line for line in self.lines if line.kind == "package"]
        priced = [price(self, line, earlier.settings) for line in sold]
        return uses_drawn(self, earlier, {line.holder or "": line.net for line in priced})

    def _refuse_difference(self, priced: Iterable[Priced], used: Used) -> None:
        """Raise Invalid when tenders are not what is due, once the ledger has priced uses."""
        tips = sum(amount for _, amount in self.tips())
        due = sum(line.total for line in priced) + tips + self.minor(self.rounding)
        refuse_difference(self, due, sum_of(self, self.tenders) + sum(used.worth.values()))

    def paid_into(self, deposit: str) -> int:
        """Return what the sale draws from a deposit, negative."""
        return -sum_of(self, [tender for tender in self.tenders if tender.deposit == deposit])

    def subjects(self) -> Iterable[tuple[str, str]]:
        """Yield the deposits, packages and open items that pay, and what is sold to be spent."""
        found: dict[tuple[str, str], None] = {}
        for tender in self.tenders:
            if tender.kind not in MONEY:
                found |= dict.fromkeys(spoken_of(tender, self.id))
        for line in self.lines:
            if line.package or line.gift_card:
                found |= dict.fromkeys(spent_later(line))
        return found


def refuse_other_accounts(
    event: BusinessEvent, tenders: tuple[Tender, ...], earlier: Earlier
) -> None:
    """Raise a Conflict where a tender charges an invoice that is in another currency."""
    for tender in tenders:
        if tender.kind == "on_account" and tender.invoice is not None:
            state = invoice_state(tender.invoice, earlier)
            if state is not None:
                refuse_other_currency(event, state.currency)


def check_rounding(rounding: SignedAmount | None, tenders: tuple[Tender, ...]) -> list[Fault]:
    """Return a fault when something is rounded though no part is cash."""
    if rounding and tenders and "cash" not in [tender.kind for tender in tenders]:
        return [fault("/rounding", "rounding-without-cash")]
    return []


def sold(line: Priced) -> list[Posting]:
    """Return the credits of a line that is sold, and its discount."""
    if line.kind in SOLD:
        made = [Posting("sales", -line.gross, line.category)]
    elif line.kind == "shipping":
        made = [Posting("shipping_income", -line.gross)]
    elif line.kind == "gift_card":
        made = [Posting("gift_cards", -line.gross, line.holder or "")]
    else:
        made = [Posting("packages", -line.net, line.holder or "", quantity=-line.quantity)]
    if line.kind != "package":
        made.append(Posting("discounts", line.discount, line.category))
    made += [Posting("sales_tax", -amount, code) for code, amount in line.taxes]
    return made
