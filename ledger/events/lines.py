"""Lines of a sale, refund or invoice: what is given, at which price, with which taxes."""

from collections.abc import Container, Generator, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from ledger.errors import Fault, fault
from ledger.events.base import BusinessEvent, Reference, Text
from ledger.money import (
    COMMON,
    MILLION,
    MOST_MINOR,
    Amount,
    Quantity,
    UnitPrice,
    extended,
    share,
    to_millionths,
    to_minor,
)
from ledger.settings import Item, Settings

LineKind = Literal["goods", "service", "gift_card", "package", "shipping", "fee", "donation"]
Treatment = Literal["taxable", "zero", "exempt", "out_of_scope"]

SOLD: Final = ("goods", "service", "fee", "donation")
"""Kinds of line that are sales of their category."""

_PLAIN: Final = (*SOLD, "shipping")
"""Kinds of line that fill nothing which is spent later."""

_ONE: Final = Decimal(1)


class LineTax(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False
):
    """A tax on a line, as the till charged it: a fact, never computed again."""

    tax: Reference
    amount: Amount


class Line(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False
):
    """One line. Where `net` is stated it wins over quantity and price."""

    kind: LineKind | None = None
    item: Reference | None = None
    description: Text | None = None
    category: Reference | None = None
    quantity: Quantity | None = None
    unit_price: UnitPrice | None = None
    discount: Amount | None = None
    net: Amount | None = None
    taxes: tuple[LineTax, ...] = ()
    tax_treatment: Treatment | None = None
    gift_card: Reference | None = None
    package: Reference | None = None
    uses: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    location: Reference | None = None
    sale_line: Annotated[int, Meta(ge=0)] | None = None

    @property
    def how_many(self) -> Decimal:
        """Return the quantity; a line that states none is one."""
        return _ONE if self.quantity is None else self.quantity

    @property
    def states_price(self) -> bool:
        """Tell whether it says what it costs, by itself."""
        return self.net is not None or self.unit_price is not None


Lines = Annotated[tuple[Line, ...], Meta(min_length=1, max_length=1000)]
"""What an event is about, line by line."""


class Priced(Struct, frozen=True, gc=False):
    """A line in minor units, without tax: `gross` before the discount, `net` after it.

    `quantity` is in millionths, of a package its uses, of which one that comes back is worth
    `each`; `taxes` are (code, amount); `tax_inside` tells that the till's price included them.
    """

    kind: LineKind
    category: str
    treatment: Treatment
    quantity: int
    gross: int
    discount: int
    taxes: tuple[tuple[str, int], ...]
    item: str | None = None
    holder: str | None = None
    location: str | None = None
    description: str | None = None
    tax_inside: bool = False
    each: int = 0

    @property
    def net(self) -> int:
        """Return the price without tax after the discount."""
        return self.gross - self.discount

    @property
    def tax(self) -> int:
        """Return the line's taxes together."""
        return sum(amount for _, amount in self.taxes)

    @property
    def total(self) -> int:
        """Return what is paid for the line."""
        return self.net + self.tax


class HasLines(BusinessEvent, frozen=True, kw_only=True):
    """An event with lines, whose prices and discounts include the taxes where it says so."""

    prices_include_tax: bool = False


def spent_later(line: Line) -> Iterator[tuple[str, str]]:
    """Yield (kind, name) of what a line sells to be spent later, or of what it is paid by."""
    if line.kind == "gift_card" and line.gift_card:
        yield "gift_card", line.gift_card
    if line.package:
        yield "package", line.package


def check_lines(
    event: HasLines,
    lines: Sequence[Line],
    *,
    refund: bool = False,
    unpriced: Container[int] = (),
) -> Generator[Fault, None, int | None]:
    """Yield what can never be right about lines; return what they come to, None when unclear.

    Lines whose number is in *unpriced* need no price: only the ledger knows it.
    """
    total: int | None = 0
    packages: list[str | None] = []
    for index, line in enumerate(lines):
        plain = _plain_due(event, line)
        if plain is not None:
            total = None if total is None else total + plain
            continue
        at = f"/lines/{index}"
        due, found = _come_to(event, line, at)
        found += _form_faults(line, at, refund=refund)
        if not refund and line.net is None and line.unit_price is None:
            total = None
            found += [] if index in unpriced else [fault(f"{at}/unit_price", "price-missing")]
        if line.kind == "package":
            found += _package_faults(line, packages, at, refund=refund)
            packages.append(line.package)
        yield from found
        total = None if found or total is None else total + due
    return total


def _plain_due(event: HasLines, line: Line) -> int | None:
    """Return what is paid for a line as most are, surely without a fault; None for any other.

    What is wrong with a line, and what else there is to say of it, is looked for only then.
    """
    if line.kind not in _PLAIN or line.sale_line is not None:
        return None
    if line.net is None and line.unit_price is None:
        return None
    if line.taxes and line.tax_treatment not in (None, "taxable"):
        return None
    try:
        figures = _figures(event, line)
    except ValueError:
        return None
    return figures.net + figures.tax if figures.sound and figures.net >= 0 else None


def _package_faults(
    line: Line, before: Container[str | None], at: str, *, refund: bool
) -> Iterator[Fault]:
    """Yield what a line that sells a package should state; one line says all of a package."""
    if refund:
        return
    if line.package is None:
        yield fault(f"{at}/package", "required")
    elif line.package in before:
        yield fault(f"{at}/package", "package-twice", package=line.package)
    if line.uses is None:
        yield fault(f"{at}/uses", "required")


def _form_faults(line: Line, at: str, *, refund: bool) -> list[Fault]:
    """Return what a line should state, or should not."""
    found: list[Fault] = []
    if line.kind is None and line.sale_line is None:
        found.append(fault(f"{at}/kind", "required"))
    if line.kind == "gift_card" and line.gift_card is None and line.sale_line is None:
        found.append(fault(f"{at}/gift_card", "required"))
    if line.taxes and (line.kind == "gift_card" or line.tax_treatment not in (None, "taxable")):
        found += _untaxed_faults(line, at)
    if not refund and line.sale_line is not None:
        found.append(fault(f"{at}/sale_line", "only-on-refunds"))
    return found


def _untaxed_faults(line: Line, at: str) -> Iterator[Fault]:
    """Yield faults of a line that bears no tax, yet states one that is not nothing."""
    if not any(tax.amount for tax in line.taxes):
        return
    if line.kind == "gift_card":
        yield fault(f"{at}/taxes", "stored-value-taxed")
    else:
        treatment = line.tax_treatment
        yield fault(f"{at}/tax_treatment", "treatment-without-tax", treatment=treatment)


def check_taxes(event: BusinessEvent, taxes: Sequence[LineTax], at: str) -> Iterator[Fault]:
    """Yield what can never be right about the taxes of one thing."""
    seen: set[str] = set()
    for number, tax in enumerate(taxes):
        yield from event.misfits((f"{at}/taxes/{number}/amount", tax.amount))
        if tax.tax in seen:
            yield fault(f"{at}/taxes/{number}/tax", "tax-twice", tax=tax.tax)
        seen.add(tax.tax)


def _come_to(event: HasLines, line: Line, at: str) -> tuple[int, list[Fault]]:
    """Return what is paid for a line, and what is wrong with its amounts."""
    try:
        figures = _figures(event, line)
    except ValueError:
        return 0, list(_amount_faults(event, line, at))
    net, tax = figures.net, figures.tax
    if not figures.sound:
        found = list(_amount_faults(event, line, at))
        if found or net + figures.discount >= MOST_MINOR:
            return 0, found or [fault(f"{at}/quantity", "too-large", digits=13)]
    if net >= 0:
        return net + tax, []
    if line.net is None and line.unit_price is None:
        return 0, []
    if event.prices_include_tax and net + tax >= 0:
        return 0, [fault(f"{at}/taxes", "line-below-zero")]
    return 0, [fault(f"{at}/discount", "discount-exceeds-price")]


def _amount_faults(event: BusinessEvent, line: Line, at: str) -> Iterator[Fault]:
    yield from event.misfits((f"{at}/discount", line.discount), (f"{at}/net", line.net))
    yield from check_taxes(event, line.taxes, at)


class _Figures(Struct, frozen=True, gc=False):
    """What a line comes to, in minor units without tax; `taxes` are (code, amount).

    `sound` tells that no code stands twice, and that all together is not too large.
    """

    net: int
    discount: int
    taxes: tuple[tuple[str, int], ...]
    tax: int
    sound: bool


def _figures(event: HasLines, line: Line) -> _Figures:
    """Return what a line that states its price comes to; ValueError where that is not exact."""
    price = (line.net, line.quantity, line.unit_price, line.discount)
    return _come_together(price, line.taxes, event.currency or "", event.prices_include_tax)


@lru_cache(maxsize=COMMON)
def _come_together(
    price: tuple[Amount | None, Quantity | None, UnitPrice | None, Amount | None],
    stated: tuple[LineTax, ...],
    currency: str,
    tax_inside: bool,  # noqa: FBT001 - it is part of the key
) -> _Figures:
    """Return what a net, or else a quantity at a price, a discount and taxes come to.

    Kept, since a line is worked out both for its checks and for its postings.
    """
    net, quantity, unit_price, off = price
    taxes = tuple([(each.tax, to_minor(each.amount, currency)) for each in stated])
    tax = sum([amount for _, amount in taxes])
    discount = 0 if off is None else to_minor(off, currency)
    inside = tax if tax_inside else 0
    if net is not None:
        worth = to_minor(net, currency)
    else:
        many = _ONE if quantity is None else quantity
        gross = 0 if unit_price is None else extended(many, unit_price, currency)
        worth = gross - discount - inside
    if discount and worth + inside > 0:
        discount = share(discount, worth, worth + inside)
    once = len(dict(taxes)) == len(taxes)
    return _Figures(worth, discount, taxes, tax, once and worth + discount + tax < MOST_MINOR)


def price(event: HasLines, line: Line, settings: Settings) -> Priced:
    """Return a line that states its price, in minor units without tax."""
    kind = line.kind or "goods"
    item = settings.items.get(line.item, event.day()) if line.item else None
    figures = _figures(event, line)
    return Priced(
        kind=kind,
        category=line.category or (item.category if item else None) or kind,
        treatment=line.tax_treatment or _treatment(kind, figures.taxes, item),
        quantity=to_millionths(line.how_many) if kind != "package" else (line.uses or 0) * MILLION,
        gross=figures.net + figures.discount,
        discount=figures.discount,
        taxes=figures.taxes,
        item=line.item,
        holder=line.gift_card or line.package,
        location=line.location or event.location,
        description=line.description or (item.name if item else None),
        tax_inside=event.prices_include_tax,
    )


def _treatment(kind: str, taxes: tuple[tuple[str, int], ...], item: Item | None) -> Treatment:
    if kind == "gift_card":
        return "out_of_scope"
    return "taxable" if taxes or (item is not None and item.taxes) else "exempt"
