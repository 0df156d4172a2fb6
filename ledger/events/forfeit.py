"""DepositForfeited: a deposit kept, with the tax that is in it by the place's rule (5.3).

Of 16.10 kept in Québec, GST is 5/105 and QST 9.975/109.975, each of the whole: 0.77 and 1.46.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Annotated

from msgspec import Meta

from ledger.book import Book
from ledger.errors import Fault, fault
from ledger.events.base import BusinessEvent, Earlier, Reference
from ledger.events.deposit_state import (
    ALL,
    DepositLeft,
    beyond,
    deposit_left,
    refuse_empty,
    within,
)
from ledger.events.unknown import unknown_taxes
from ledger.money import Amount, share
from ledger.postings import Caveat, Posting
from ledger.regions import Forfeits

Codes = Annotated[tuple[Reference, ...], Meta(max_length=20)]
"""Tax codes by name."""


class DepositForfeited(BusinessEvent, frozen=True, kw_only=True, tag="deposit_forfeited"):
    """A deposit that the customer lost: income, less the tax that is deemed to be in it.

    `taxes` are the codes that the work would have borne; none (`[]`) where it is exempt. The taxes
    of a prepayment were owed when it was paid, and stay.
    """

    deposit: Reference
    amount: Amount | None = None
    taxes: Codes | None = None

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield faults of the amount and the codes."""
        yield from self.misfits(("/amount", self.amount))
        for index, code in enumerate(self.taxes or ()):
            if code in (self.taxes or ())[:index]:
                yield fault(f"/taxes/{index}", "tax-twice", tax=code)

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield Dr deposits / Cr forfeited_deposits and sales_tax."""
        if refuse_empty(self, self.deposit, earlier) and self.amount is None:
            yield Caveat("unknown-deposit", self.deposit)
        left = deposit_left(self.deposit, earlier, self.currency).paid
        amount = left if self.amount is None else self.minor(self.amount)
        part = within(self, self.deposit, amount, earlier, "/amount")
        yield from kept(self, self.deposit, part, amount - part.paid, earlier, self.taxes)

    def paid_into(self, deposit: str) -> int:
        """Return what was kept, negative; all that was left where no amount is stated."""
        if deposit != self.deposit:
            return 0
        return -self.minor(self.amount) if self.amount is not None else -ALL

    def subjects(self) -> Iterable[tuple[str, str]]:
        """Yield the deposit."""
        yield "deposit", self.deposit


def kept(
    event: BusinessEvent,
    deposit: str,
    part: DepositLeft,
    more: int,
    earlier: Earlier,
    codes: Sequence[str] | None = None,
) -> Iterator[Posting | Caveat]:
    """Yield the entry of a part of a deposit that is kept, and of what offline was kept beyond it.

    Without *codes* it bears the region's. Of a prepayment the net is income and the tax stays.
    """
    region, day = earlier.settings.region, event.day()
    named = region.forfeit_taxes if codes is None else tuple(codes)
    yield from unknown_taxes(named, earlier)
    rates = [(code, earlier.settings.tax_rate(code, day)) for code in named]
    taxable = part.paid - part.prepaid + more
    taxes = taxes_inside(taxable, rates, region.forfeits)
    yield Posting("deposits", part.net, deposit)
    yield from beyond(deposit, more)
    yield Posting("forfeited_deposits", sum(tax for _, tax in taxes) - part.net - more)
    for code, tax in taxes:
        yield Posting("sales_tax", -tax, code)


def taxes_inside(
    amount: int, rates: Sequence[tuple[str, Decimal]], rule: Forfeits
) -> list[tuple[str, int]]:
    """Return the tax of each code that is in *amount*, in minor units, half up.

    By the rule `each`, a tax is taken as if it alone were in the whole of it; else all are in it
    together.
    """
    together = sum(Fraction(rate) for _, rate in rates)
    found = list[tuple[str, int]]()
    for code, rate in rates:
        own = Fraction(rate)
        inside = own / (100 + (own if rule == "each" else together))
        found.append((code, share(amount, inside.numerator, inside.denominator)))
    return found
