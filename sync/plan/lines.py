"""The lines of sales and refunds: what was priced, and what stored value, tips and rounding add."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final, cast

from msgspec.structs import replace

from ledger.events.base import BusinessEvent, Entry
from ledger.events.deposit import DepositReceived, DepositRefunded
from ledger.events.lines import Line as SoldLine
from ledger.events.lines import Priced, price
from ledger.events.refund import RefundIssued
from ledger.events.sale import SaleCompleted
from ledger.events.tenders import Tender
from ledger.money import MILLION
from ledger.postings import Posting
from sync.documents import Line, Place, Treatment
from sync.plan.desk import Desk, where
from sync.plan.tax_sets import Share, base_of, bearing_of, shares
from sync.plan.trade import STORED, bases_of

_GOODS: Final = ("sales", "shipping_income", "discounts", "sales_returns")
_SHIPPING: Final = "shipping"
_PROMISES: Final = ("gift_card", "package")
_BEARERS: Final[dict[type[BusinessEvent], str]] = {
    SaleCompleted: "sales",
    RefundIssued: "sales_returns",
}
_Finder = Callable[[str], Place]


def lines_of(entry: Entry, desk: Desk) -> list[Line]:
    """Return the lines of a sale, refund or deposit; positive is what the shop gives."""
    lines = [*_goods(entry, desk), *_values(entry, desk)]
    return [*lines, *_bearer(lines, entry, desk)]


def _bearer(lines: Iterable[Line], entry: Entry, desk: Desk) -> Iterator[Line]:
    """Yield a taxed line and its opposite, untaxed, for taxes that have no net to stand on."""
    taxes = {code: -tax for code, tax in _net_taxes(entry).items() if tax}
    bases = bases_of(lines)
    alone = {code: tax for code, tax in sorted(taxes.items()) if not bases.get(code)}
    if alone:
        day = entry.event.day()
        place = desk.place(_BEARERS.get(type(entry.event), "deposits"), day)
        name = desk.names.item(place, "goods")
        base = base_of(alone, {code: desk.settings.tax_rate(code, day) for code in alone})
        yield Line(place, name, base, "", tuple(alone), "taxable")
        yield Line(place, name, -base)


def _net_taxes(entry: Entry) -> dict[str, int]:
    """Return what the entry posts to each tax code, both sides together."""
    sums: dict[str, int] = {}
    for posting in entry.postings:
        if posting.role == "sales_tax":
            sums[posting.holder] = sums.get(posting.holder, 0) + posting.amount
    return sums


def _goods(entry: Entry, desk: Desk) -> list[Line]:
    event = entry.event
    if isinstance(event, SaleCompleted):
        posted = {posting.holder for posting in entry.postings if posting.role in _GOODS}
        priced = [_as_known(price(event, line, desk.settings), posted) for line in event.lines]
        if _says(priced, entry):
            return list(_as_priced(priced, entry, desk))
    return list(_as_posted(entry, desk))


def _as_known(line: Priced, posted: Container[str]) -> Priced:
    """Return a line in the category it was posted to: its kind's, when its item was unknown."""
    is_first = line.category not in posted and line.kind in posted
    return replace(line, category=line.kind) if is_first else line


def _says(priced: Iterable[Priced], entry: Entry) -> bool:
    """Tell whether lines come to what was posted; not so after a change of the configuration."""
    sums: dict[tuple[str, str], int] = {}
    for line in priced:
        if line.kind not in _PROMISES:
            sold = (_income(line), "" if line.kind == _SHIPPING else line.category)
            sums[sold] = sums.get(sold, 0) + line.gross
            off = ("discounts", line.category)
            sums[off] = sums.get(off, 0) - line.discount
    for posting in entry.postings:
        if posting.role in _GOODS:
            key = (posting.role, posting.holder)
            sums[key] = sums.get(key, 0) + posting.amount
    return not any(sums.values())


def _income(line: Priced) -> str:
    return "shipping_income" if line.kind == _SHIPPING else "sales"


def _finder(entry: Entry, desk: Desk) -> _Finder:
    """Return where the entry posted each role, else where the role posts on its day."""
    posted = {posting.role: where(posting) for posting in entry.postings if posting.role in _GOODS}
    return lambda role: posted.get(role) or desk.place(role, entry.event.day())


def _as_priced(priced: Iterable[Priced], entry: Entry, desk: Desk) -> Iterator[Line]:
    """Yield each line at its price before discount, and the discount with the same taxes."""
    find = _finder(entry, desk)
    for line in priced:
        if line.kind in _PROMISES:
            continue
        place, bearing = find(_income(line)), bearing_of(line)
        yield Line(
            place,
            desk.names.item(place, line.category),
            line.gross,
            _description(line),
            bearing.codes,
            bearing.treatment,
            line.item if place.role == "sales" else None,
        )
        if line.discount:
            place = find("discounts")
            name = desk.names.item(place, line.category)
            yield Line(place, name, -line.discount, "", bearing.codes, bearing.treatment)


def _description(line: Priced) -> str:
    text = line.description or line.item or ""
    if line.quantity in (0, MILLION):
        return text
    many = format((Decimal(line.quantity) / MILLION).normalize(), "f")
    return f"{many} x {text}" if text else many


def _as_posted(entry: Entry, desk: Desk) -> Iterator[Line]:
    """Yield what was posted by category, with the taxes that each category most likely bears."""
    day, side = entry.event.day(), side_of(entry.event)
    posted: dict[str, dict[Place, int]] = {}
    for posting in entry.postings:
        if posting.role in _GOODS:
            places = posted.setdefault(posting.holder or _SHIPPING, {})
            places[where(posting)] = places.get(where(posting), 0) + side * posting.amount
    taxes = {code: side * tax for code, tax in _taxes_on(entry, side).items()}
    found = shares(
        {category: sum(places.values()) for category, places in posted.items()},
        taxes,
        _stated(entry.event, desk),
        {code: desk.settings.tax_rate(code, day) for code in taxes},
    )
    for category, places in posted.items():
        mine = [share for share in found if share.category == category]
        for line in _divided(category, places, mine, desk):
            yield replace(line, amount=-side * line.amount)


def _divided(
    category: str, places: Mapping[Place, int], found: Sequence[Share], desk: Desk
) -> Iterator[Line]:
    """Yield a category's lines: its shares on its main place, what else it has under the first."""
    main = max(places, key=lambda place: places[place])
    other = sum(places.values()) - places[main]
    for place in places:
        name = desk.names.item(place, category)
        for number, share in enumerate(found):
            amount = places[place] if place != main else share.amount - (0 if number else other)
            if place == main or number == 0:
                bearing = share.bearing
                yield Line(place, name, amount, "", bearing.codes, bearing.treatment)


def _stated(event: BusinessEvent, desk: Desk) -> list[Priced]:
    """Return priced lines that tell which taxes the categories bear: the sale's, else its own."""
    if isinstance(event, SaleCompleted):
        return [price(event, line, desk.settings) for line in event.lines]
    if not isinstance(event, RefundIssued):
        return []
    sale = desk.entry(event.sale)
    if sale is None or not isinstance(sale.event, SaleCompleted):
        stated = [line for line in event.lines or () if line.net is not None or line.unit_price]
        return [price(event, line, desk.settings) for line in stated]
    named = {line.sale_line for line in event.lines or (SoldLine(),)}
    lines = enumerate(sale.event.lines)
    return [price(sale.event, line, desk.settings) for at, line in lines if named & {None, at}]


def side_of(event: BusinessEvent) -> int:
    """Return the sign of what an event's goods post: -1 (credits) of a sale, 1 of a refund."""
    return 1 if isinstance(event, RefundIssued | DepositRefunded) else -1


def _taxes_on(entry: Entry, side: int) -> dict[str, int]:
    """Return what the entry posts to each tax code on one side."""
    sums: dict[str, int] = {}
    for posting in entry.postings:
        if posting.role == "sales_tax" and posting.amount * side > 0:
            sums[posting.holder] = sums.get(posting.holder, 0) + posting.amount
    return sums


def _values(entry: Entry, desk: Desk) -> Iterator[Line]:
    """Yield stored value sold and given, tips and rounding, as they were posted."""
    for posting in entry.postings:
        if posting.role in (*STORED, "tips", "cash_rounding") and posting.amount:
            place = where(posting)
            codes = _deposit_taxes(posting, entry) if posting.role == "deposits" else ()
            treatment: Treatment = "taxable" if codes else "out_of_scope"
            described = posting.holder if posting.role in STORED else ""
            yield Line(place, desk.names.item(place), -posting.amount, described, codes, treatment)


def _deposit_taxes(posting: Posting, entry: Entry) -> tuple[str, ...]:
    """Return the codes that a prepayment bears, when it is paid as when it is taken back.

    They are those that the entry posts on the deposit's side: a sale's own taxes are on the other.
    A tender that is worth what it posts was a plain deposit.
    """
    event = entry.event
    side = 1 if posting.amount > 0 else -1
    if isinstance(event, DepositReceived | DepositRefunded) and event.deposit == posting.holder:
        return tuple(sorted(_taxes_on(entry, side)))
    tenders = cast("tuple[Tender, ...]", getattr(event, "tenders", ()))
    amounts = [t.amount for t in tenders if t.deposit == posting.holder and t.amount is not None]
    drawn = sum(map(event.minor, amounts))
    return () if drawn == abs(posting.amount) else tuple(sorted(_taxes_on(entry, side)))
