"""What a sale still has to refund, and what a refund takes of it (`accounting.md` 5.2)."""

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from ledger.errors import Conflict, Invalid, fault
from ledger.events.base import Earlier, Entry, Reference
from ledger.events.lines import SOLD, HasLines, Line, Lines, Priced, price
from ledger.events.package_story import package_left
from ledger.events.package_use import pays, value_differs, worth_of
from ledger.events.receivable import refuse_other_currency
from ledger.events.sale import SaleCompleted
from ledger.events.standing import is_reversed, timeline
from ledger.money import MILLION, Amount, share, spread, to_millionths, to_text
from ledger.settings import Settings


class TakesBack(HasLines, frozen=True, kw_only=True):
    """An event that takes back what a sale sold: by line, by amount, or all that is left."""

    sale: Reference | None = None
    lines: Lines | None = None
    amount: Amount | None = None


class Taken(Struct, frozen=True):
    """What is taken back of line `at` of the sale.

    Only what happened offline goes beyond what is left there: by `beyond` minor units or, where
    that many units have no price (`unpriced`), by what the tenders say. `at` is None where there
    is no such line.
    """

    at: int | None
    line: Priced
    beyond: int = 0
    unpriced: bool = False


def sale_of(event: TakesBack, earlier: Earlier) -> Entry | None:
    """Return the sale's entry; Conflict when none stands, but None for what happened offline.

    Conflict, too, for another currency than the sale's.
    """
    entry = earlier.entry(event.sale or "")
    known = entry is not None and isinstance(entry.event, SaleCompleted)
    if entry is not None and known and not is_reversed(entry, earlier):
        refuse_other_currency(event, entry.event.currency)
        return entry
    if event.happened_offline:
        return None
    raise Conflict("sale-reversed" if known else "sale-unknown", pointer="/sale", sale=event.sale)


def remaining(sale: Entry, earlier: Earlier) -> list[Priced]:
    """Return what a sale's lines still have to refund; of a package, what was not used."""
    assert isinstance(sale.event, SaleCompleted)
    worth = worth_of(sale) if pays(sale.event.tenders) else None
    priced = sale.event.priced(earlier.settings, worth)
    left = [_paid_for(line) for line in _as_sold(priced, sale)]
    took: dict[int, list[Taken]] = {}
    for entry, undone in timeline(earlier, "event", sale.event.id):
        if not isinstance(entry.event, TakesBack):
            continue
        if not undone:
            unused = _unused(sale, left, earlier, entry.seq)
            took[entry.seq] = taken_back(entry.event, unused, earlier.settings)
        for taken in took[entry.seq]:
            if taken.at is not None:
                left[taken.at] = _less(left[taken.at], taken.line, -1 if undone else 1)
    return _unused(sale, left, earlier)


def _as_sold(lines: Sequence[Priced], sale: Entry) -> Iterator[Priced]:
    """Yield lines in the categories that the sale posted, whatever their items are of today."""
    posted = {posting.holder for posting in sale.postings if posting.role == "sales"}
    unclaimed = posted - {line.category for line in lines}
    for line in lines:
        if line.kind not in SOLD or line.category in posted or not unclaimed:
            yield line
        else:
            was = line.kind if line.kind in unclaimed else min(unclaimed)
            yield replace(line, category=was)


def _unused(
    sale: Entry, left: Sequence[Priced], earlier: Earlier, before: int | None = None
) -> list[Priced]:
    """Return what lines have left, of packages without what was used *before* a number of the log.

    What was used took its share of the taxes with it.
    """
    found = list(left)
    for at, line in enumerate(left):
        if line.kind != "package":
            continue
        lot = package_left(line.holder or "", earlier, before).sold_by(sale.event.id)
        if lot is None:
            continue
        uses_up = dict(lot.taxed)
        kept = dict(lot.taxes(lot.sold - (line.quantity // MILLION - lot.uses)))
        taxes = [(code, tax - uses_up.get(code, 0) + kept.get(code, 0)) for code, tax in line.taxes]
        found[at] = replace(
            line,
            quantity=lot.uses * MILLION,
            gross=lot.value,
            taxes=tuple((code, max(0, tax)) for code, tax in taxes),
            each=lot.each,
        )
    return found


def _paid_for(line: Priced) -> Priced:
    """Return a line at what was paid for it; only a gift card keeps what it was filled with."""
    if line.kind == "gift_card":
        return line
    return replace(line, gross=line.net, discount=0)


def _part(line: Priced, net: int) -> Priced:
    """Return the part of a line that *net* pays for, with its share of the discount."""
    discount = share(line.discount, net, line.net) if line.net else 0
    return replace(line, gross=net + discount, discount=discount)


def _less(line: Priced, taken: Priced, sign: int = 1) -> Priced:
    taxes = dict(line.taxes)
    for code, amount in taken.taxes:
        taxes[code] = taxes.get(code, 0) - sign * amount
    return replace(
        line,
        quantity=line.quantity - sign * taken.quantity,
        gross=line.gross - sign * taken.gross,
        discount=line.discount - sign * taken.discount,
        taxes=tuple(taxes.items()),
    )


def taken_back(event: TakesBack, left: Sequence[Priced], settings: Settings) -> list[Taken]:
    """Return what *event* takes of what is *left*; Conflict when that exceeds it."""
    if event.lines is None:
        return _by_amount(event, left)
    rest, found = list(left), list[Taken]()
    for number, line in enumerate(event.lines):
        at = _line_meant(event, line, rest, number)
        if at is None:
            found.append(_nothing_left(event, line, settings))
            continue
        asked = _asked(event, line, rest[at], settings, number)
        taken = _brought_to(line.location or event.location, _within(asked, rest[at]))
        more = asked.quantity > taken.quantity
        if (asked.total > taken.total or more) and not event.happened_offline:
            raise excess(event, f"/lines/{number}", rest[at].total)
        unpriced = more and not line.states_price
        found.append(Taken(at, taken, asked.total - taken.total, unpriced))
        rest[at] = _less(rest[at], taken)
    return found


def beyond_everything(event: TakesBack, settings: Settings) -> list[Taken]:
    """Return what an offline event takes of a sale that is not there: all of it is beyond."""
    if event.lines is not None:
        return [_nothing_left(event, line, settings) for line in event.lines]
    nothing = price(event, Line(kind="goods"), settings)
    whole = replace(nothing, quantity=0)
    return [Taken(None, whole, event.minor(event.amount))]


def _nothing_left(event: TakesBack, line: Line, settings: Settings) -> Taken:
    stated = price(event, line, settings)
    quantity = 0 if stated.kind == "package" else stated.quantity
    nothing = replace(stated, quantity=quantity, gross=0, discount=0, taxes=())
    return Taken(None, nothing, stated.total, unpriced=not line.states_price)


def _by_amount(event: TakesBack, left: Sequence[Priced]) -> list[Taken]:
    whole = sum(line.total for line in left)
    amount = whole if event.amount is None else event.minor(event.amount)
    if amount > whole and not event.happened_offline:
        raise excess(event, "/amount", whole)
    lines = list(left) if amount >= whole else spread_over(amount, left)
    taken = [Taken(at, _brought_to(event.location, line)) for at, line in enumerate(lines)]
    taken[-1] = replace(taken[-1], beyond=max(0, amount - whole))
    return taken


def _brought_to(location: str | None, line: Priced) -> Priced:
    """Return a line that comes back at a place; where none is named, where it was sold."""
    return replace(line, location=location) if location else line


def _line_meant(event: TakesBack, line: Line, left: Sequence[Priced], number: int) -> int | None:
    """Return which line is meant: the one named, else the first of its item and kind."""
    if line.sale_line is None:
        for at, candidate in enumerate(left):
            same = candidate.kind == line.kind and candidate.item == line.item
            same = same and line.package in (None, candidate.holder)
            if same and (candidate.quantity > 0 or candidate.total > 0):
                return at
    elif line.sale_line < len(left):
        return line.sale_line
    if event.happened_offline:
        return None
    pointer = f"/lines/{number}" + ("" if line.sale_line is None else "/sale_line")
    raise Conflict("sale-line-unknown", pointer=pointer, sale=event.sale, line=line.sale_line or "")


def _asked(event: TakesBack, line: Line, rest: Priced, settings: Settings, number: int) -> Priced:
    """Return what a line asks for: what it states, else its share, by quantity, of what remains."""
    if rest.kind == "package" and (line.uses is not None or not line.states_price):
        return _uses_asked(event, line, rest, settings, number)
    if line.states_price:
        stated = price(event, replace(line, kind=line.kind or rest.kind), settings)
        quantity = min(MILLION, rest.quantity) if line.quantity is None else stated.quantity
        quantity = 0 if rest.kind == "package" else quantity
        return replace(_part(rest, stated.net), quantity=quantity, taxes=stated.taxes)
    quantity = rest.quantity if line.quantity is None else to_millionths(line.quantity)
    asked = replace(rest, quantity=quantity)
    if quantity < rest.quantity:
        asked = _by_quantity(asked, rest)
    return replace(asked, taxes=_stated_taxes(event, line)) if line.taxes else asked


def _stated_taxes(event: TakesBack, line: Line) -> tuple[tuple[str, int], ...]:
    return tuple((tax.tax, event.minor(tax.amount)) for tax in line.taxes)


def _uses_asked(
    event: TakesBack, line: Line, rest: Priced, settings: Settings, number: int
) -> Priced:
    """Return the unused uses that come back, at the ledger's value, with their share of the taxes.

    Without `uses` all of them do. Invalid for a quantity, Conflict for another value.
    """
    if line.uses is None and line.quantity is not None:
        raise Invalid([fault(f"/lines/{number}/uses", "required")])
    quantity = rest.quantity if line.uses is None else line.uses * MILLION
    asked = replace(rest, quantity=quantity)
    if quantity < rest.quantity:
        net = min(rest.net, quantity // MILLION * rest.each)
        taxes = tuple((code, share(tax, quantity, rest.quantity)) for code, tax in rest.taxes)
        asked = replace(asked, gross=net, taxes=taxes)
    if line.taxes:
        asked = replace(asked, taxes=_stated_taxes(event, line))
    if not line.states_price:
        return asked
    stated = price(event, replace(line, kind="package"), settings).net
    if stated != asked.net and not event.happened_offline:
        raise value_differs(event, f"/lines/{number}", rest.holder or "", asked.net, stated)
    return replace(asked, gross=stated)


def _by_quantity(asked: Priced, rest: Priced) -> Priced:
    """Return the share of what remains of a line and its taxes that some of its units take.

    Where the price included the taxes, the price is shared, and the net is what the taxes leave.
    """
    taxes = tuple((code, share(tax, asked.quantity, rest.quantity)) for code, tax in rest.taxes)
    net = share(rest.net, asked.quantity, rest.quantity)
    if rest.tax_inside:
        paid = share(rest.total, asked.quantity, rest.quantity)
        net = min(max(0, paid - sum(tax for _, tax in taxes)), rest.net)
    return replace(_part(asked, net), taxes=taxes)


def _within(asked: Priced, rest: Priced) -> Priced:
    """Return what is left of what is asked for."""
    taxes = dict(rest.taxes)
    return replace(
        asked if asked.net <= rest.net else _part(rest, rest.net),
        quantity=min(asked.quantity, rest.quantity),
        taxes=tuple((code, min(tax, taxes.get(code, 0))) for code, tax in asked.taxes),
    )


def excess(event: TakesBack, pointer: str, left: int) -> Conflict:
    """Return the refusal of what goes beyond what is *left*, in minor units with taxes."""
    currency = event.currency or ""
    return Conflict(
        "refund-exceeds",
        pointer=pointer,
        sale=event.sale,
        left=to_text(left, currency),
        currency=currency,
    )


def spread_over(amount: int, lines: Sequence[Priced]) -> list[Priced]:
    """Return *lines* scaled so that they add up to *amount*.

    Over each line's net, then over each tax code, pro rata, half up, the odd cent to the last.
    """
    codes = list(dict.fromkeys(code for line in lines for code, _ in line.taxes))
    bearing = {code: [dict(line.taxes).get(code, 0) for line in lines] for code in codes}
    weights = [line.net for line in lines] + [sum(bearing[code]) for code in codes]
    parts = spread(amount, weights)
    by_line = {
        code: spread(part, bearing[code])
        for code, part in zip(codes, parts[len(lines) :], strict=True)
        if part
    }
    return [
        replace(
            _part(line, parts[index]),
            quantity=0,
            taxes=tuple((code, shares[index]) for code, shares in by_line.items() if shares[index]),
        )
        for index, line in enumerate(lines)
    ]
