"""The lines of a deal: what was priced, and what stored value, tips and rounding add."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final, cast

from msgspec.structs import replace

from ledger.events.bad_debt import BadDebtRecovered, InvoiceWrittenOff
from ledger.events.base import BusinessEvent, Entry
from ledger.events.deposit import DepositReceived, DepositRefunded
from ledger.events.forfeit import DepositForfeited
from ledger.events.invoice import InvoiceRevised
from ledger.events.lines import Priced
from ledger.events.refund import RefundIssued
from ledger.events.tenders import Tender
from ledger.money import MILLION
from ledger.postings import Posting
from sync.documents import Line, Place, Treatment
from sync.plan.desk import Desk, where
from sync.plan.posted import GOODS, SHIPPING, as_posted, taxes_on
from sync.plan.tax_sets import base_of, bearing_of
from sync.plan.told import Told, bearings_of, told_by
from sync.plan.trade import STORED, bases_of

_PROMISES: Final = ("gift_card", "package")
_VALUES: Final = (*STORED, "tips", "cash_rounding")
_BEARERS: Final[dict[type[BusinessEvent], str]] = {
    RefundIssued: "sales_returns",
    DepositReceived: "deposits",
    DepositRefunded: "deposits",
    DepositForfeited: "forfeited_deposits",
    InvoiceWrittenOff: "bad_debt",
    BadDebtRecovered: "bad_debt_recovery",
}
"""Roles of lines that taxes stand on where nothing else bears them; elsewhere sales."""

_Finder = Callable[[str], Place]


def lines_of(entry: Entry, desk: Desk) -> list[Line]:
    """Return the lines of a deal; positive is what the shop gives."""
    told = told_by(entry, desk)
    lines = goods_of(told, entry.postings, entry, desk)
    if isinstance(entry.event, InvoiceRevised):
        lines = list(_changed(lines))
    lines += _values(entry.postings, entry, _packages(told), desk)
    return [*lines, *bearer(lines, entry.postings, entry.event, desk)]


def _changed(lines: Iterable[Line]) -> Iterator[Line]:
    """Yield what is more or less than before, of each item with the same taxes."""
    sums: dict[tuple[str, tuple[str, ...], str], Line] = {}
    for line in lines:
        key = (line.item, line.taxes, line.treatment)
        amount = line.amount + (sums[key].amount if key in sums else 0)
        sums[key] = Line(line.place, line.item, amount, "", line.taxes, line.treatment)
    return (line for line in sums.values() if line.amount)


def billed_lines(
    priced: Sequence[Priced], postings: Sequence[Posting], entry: Entry, desk: Desk
) -> list[Line]:
    """Return the lines of an invoice as it stands: *priced*, if that comes to its *postings*."""
    told = [Told(line) for line in priced]
    lines = goods_of(told, postings, entry, desk, priced)
    lines += _values(postings, entry, _packages(told), desk)
    return [*lines, *bearer(lines, postings, entry.event, desk)]


def goods_of(
    told: Sequence[Told],
    postings: Sequence[Posting],
    entry: Entry,
    desk: Desk,
    stated: Sequence[Priced] | None = None,
) -> list[Line]:
    """Return what is sold or comes back: as *told* where that is what was posted.

    Else by category, *stated* lines (by default the event's) telling which taxes these bear.
    """
    posted = {posting.holder for posting in postings if posting.role in GOODS}
    known = [replace(line, priced=_as_known(line.priced, posted)) for line in told]
    if known and _says(known, postings):
        return list(_as_told(known, postings, entry, desk))
    event = entry.event
    side = -1 if stated is not None else side_of(event)
    bearings = bearings_of(event, desk) if stated is None else stated
    return list(as_posted(postings, side, bearings, event.day(), desk))


def bearer(
    lines: Iterable[Line], postings: Iterable[Posting], event: BusinessEvent, desk: Desk
) -> Iterator[Line]:
    """Yield a taxed line and its opposite, untaxed, for taxes that have no net to stand on."""
    taxes = {code: -tax for code, tax in _net_taxes(postings).items() if tax}
    bases = bases_of(lines)
    alone = {code: tax for code, tax in sorted(taxes.items()) if not bases.get(code)}
    if alone:
        day = event.day()
        place = desk.place(_BEARERS.get(type(event), "sales"), day)
        name = desk.names.item(place, "goods")
        base = base_of(alone, {code: desk.settings.tax_rate(code, day) for code in alone})
        yield Line(place, name, base, "", tuple(alone), "taxable")
        yield Line(place, name, -base)


def _net_taxes(postings: Iterable[Posting]) -> dict[str, int]:
    """Return what is posted to each tax code, both sides together."""
    sums: dict[str, int] = {}
    for posting in postings:
        if posting.role == "sales_tax":
            sums[posting.holder] = sums.get(posting.holder, 0) + posting.amount
    return sums


def _as_known(line: Priced, posted: Container[str]) -> Priced:
    """Return a line in the category it was posted to: its kind's, when its item was unknown."""
    is_first = line.category not in posted and line.kind in posted
    return replace(line, category=line.kind) if is_first else line


def _says(told: Iterable[Told], postings: Iterable[Posting]) -> bool:
    """Tell whether lines come to what was posted; not so after a change of the configuration."""
    sums: dict[tuple[str, str], int] = {}
    for each in told:
        line = each.priced
        if line.kind not in _PROMISES:
            sold = (_income(line), "" if line.kind == SHIPPING else line.category)
            sums[sold] = sums.get(sold, 0) + each.sign * line.gross
        if line.kind != "package":
            off = ("discounts", line.category)
            sums[off] = sums.get(off, 0) - each.sign * line.discount
    for posting in postings:
        if posting.role in GOODS:
            key = (posting.role, posting.holder)
            sums[key] = sums.get(key, 0) + posting.amount
    return not any(sums.values())


def _income(line: Priced) -> str:
    return "shipping_income" if line.kind == SHIPPING else "sales"


def _finder(postings: Sequence[Posting], entry: Entry, desk: Desk) -> _Finder:
    """Return where the entry posted each role, else where the role posts on its day."""
    posted = {posting.role: where(posting) for posting in postings if posting.role in GOODS}
    return lambda role: posted.get(role) or desk.place(role, entry.event.day())


def _as_told(
    told: Iterable[Told], postings: Sequence[Posting], entry: Entry, desk: Desk
) -> Iterator[Line]:
    """Yield each line at its price before discount, and the discount with the same taxes."""
    find = _finder(postings, entry, desk)
    for each in told:
        line, sign = each.priced, each.sign
        bearing = bearing_of(line)
        if line.kind not in _PROMISES:
            place = find(_income(line))
            yield Line(
                place,
                desk.names.item(place, line.category),
                sign * line.gross,
                _description(line),
                bearing.codes,
                bearing.treatment,
                line.item if place.role == "sales" else None,
            )
        if line.discount and line.kind != "package":
            place = find("discounts")
            name = desk.names.item(place, line.category)
            taxes = bearing.codes, bearing.treatment
            yield Line(place, name, -sign * line.discount, "", *taxes)


def _description(line: Priced) -> str:
    text = line.description or line.item or ""
    if line.quantity in (0, MILLION):
        return text
    many = format((Decimal(line.quantity) / MILLION).normalize(), "f")
    return f"{many} x {text}" if text else many


def side_of(event: BusinessEvent) -> int:
    """Return the sign of what an event's goods post: -1 (credits) of a sale, 1 of a refund."""
    return 1 if isinstance(event, RefundIssued | DepositRefunded | InvoiceWrittenOff) else -1


def _packages(told: Iterable[Told]) -> dict[str, tuple[int, tuple[str, ...]]]:
    """Return (net, codes of its taxes) of each package that is sold."""
    sold = [each.priced for each in told if each.priced.kind == "package"]
    return {line.holder or "": (line.net, bearing_of(line).codes) for line in sold}


def _values(
    postings: Iterable[Posting],
    entry: Entry,
    packages: Mapping[str, tuple[int, tuple[str, ...]]],
    desk: Desk,
) -> Iterator[Line]:
    """Yield stored value sold and given, tips and rounding, as they were posted."""
    for posting in postings:
        if posting.role in _VALUES and posting.amount:
            place, codes = where(posting), _borne(posting, entry, packages)
            treatment: Treatment = "taxable" if codes else "out_of_scope"
            described = posting.holder if posting.role in STORED else ""
            name = desk.names.item(place)
            yield Line(place, name, -posting.amount, described, codes, treatment)


def _borne(
    posting: Posting, entry: Entry, packages: Mapping[str, tuple[int, tuple[str, ...]]]
) -> tuple[str, ...]:
    """Return the codes that a promise bears: a package that is sold, a prepayment."""
    if posting.role == "deposits":
        return _deposit_taxes(posting, entry)
    if posting.role != "packages":
        return ()
    if isinstance(entry.event, RefundIssued) and posting.amount > 0:
        return () if _has_goods(entry) else tuple(sorted(taxes_on(entry.postings, 1)))
    net, codes = packages.get(posting.holder, (0, ()))
    return codes if posting.amount == -net else ()


def _has_goods(entry: Entry) -> bool:
    return any(posting.role in GOODS for posting in entry.postings)


def _deposit_taxes(posting: Posting, entry: Entry) -> tuple[str, ...]:
    """Return the codes that a prepayment bears, when it is paid as when it is taken back.

    They are those that the entry posts on the deposit's side: a sale's own taxes are on the other.
    A tender that is worth what it posts was a plain deposit.
    """
    event = entry.event
    side = 1 if posting.amount > 0 else -1
    if isinstance(event, DepositReceived | DepositRefunded) and event.deposit == posting.holder:
        return tuple(sorted(taxes_on(entry.postings, side)))
    tenders = cast("tuple[Tender, ...]", getattr(event, "tenders", ()))
    amounts = [t.amount for t in tenders if t.deposit == posting.holder and t.amount is not None]
    drawn = sum(map(event.minor, amounts))
    if drawn == abs(posting.amount):
        return ()
    return tuple(sorted(taxes_on(entry.postings, side)))
