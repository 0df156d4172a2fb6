"""Packages as tenders: the uses that pay for a sale, and what they are worth to its lines (5.5).

A use is worth what the ledger says. Lines that state no price share it by quantity: those that
name their `package` its worth, the others the worth of packages that no such line names.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from ledger.errors import Conflict, Invalid, fault
from ledger.events.base import BusinessEvent, Earlier, Entry
from ledger.events.lines import SOLD, HasLines, Line
from ledger.events.package_state import Package, Part
from ledger.events.package_story import PACKAGES, package_left, sold_lot
from ledger.events.tenders import Tender
from ledger.money import MILLION, MOST_MINOR, spread, to_millionths, to_text
from ledger.postings import SUSPENSE, Caveat, Posting, opposite

_OWN: Final = "\\0"


class Used(Struct, frozen=True):
    """What the package tenders of an event are worth, by package, and the postings they make."""

    worth: Mapping[str, int] = {}
    postings: tuple[Posting | Caveat, ...] = ()


NOT_USED: Final = Used()
_KIND: Final = attrgetter("kind")
_NO_LINES: Final = frozenset[int]()


def pays(tenders: Iterable[Tender]) -> bool:
    """Tell whether a package is among tenders."""
    return "package" in map(_KIND, tenders)


def shares(lines: Sequence[Line], tenders: Sequence[Tender]) -> list[tuple[list[str], list[int]]]:
    """Return (packages, lines by index) where lines share what packages are worth."""
    names = list(dict.fromkeys(t.package for t in tenders if t.kind == "package" and t.package))
    unpriced = {at: line.package for at, line in enumerate(lines) if _is_unpriced(line)}
    named = [name for name in names if name in unpriced.values()]
    found = [
        ([name], [at for at, package in unpriced.items() if package == name]) for name in named
    ]
    free = [name for name in names if name not in named]
    others = [at for at, package in unpriced.items() if package is None]
    return [*found, (free, others)] if free and others else found


def _is_unpriced(line: Line) -> bool:
    sold = line.kind in SOLD or line.kind == "shipping"
    return sold and line.net is None and line.unit_price is None


def priced_by_packages(lines: Sequence[Line], tenders: Sequence[Tender]) -> frozenset[int]:
    """Return which lines need no price, since packages pay for them."""
    if not pays(tenders):
        return _NO_LINES
    return frozenset(at for _, found in shares(lines, tenders) for at in found)


def with_shares(
    event: HasLines, lines: Sequence[Line], tenders: Sequence[Tender], worth: Mapping[str, int]
) -> tuple[Line, ...]:
    """Return lines of which those without a price have their share of what packages are worth."""
    filled = list(lines)
    for names, found in shares(lines, tenders):
        weights = [to_millionths(lines[at].how_many) for at in found]
        value = sum(worth.get(name, 0) for name in names)
        parts = spread(value, weights if any(weights) else [1] * len(found))
        for at, part in zip(found, parts, strict=True):
            filled[at] = replace(lines[at], net=event.major(part))
    return tuple(filled)


def worth_of(entry: Entry) -> dict[str, int]:
    """Return what the package tenders of a recorded sale were worth, by package."""
    found: dict[str, int] = {}
    tenders: Sequence[Tender] = getattr(entry.event, "tenders", ())
    for name in dict.fromkeys(t.package for t in tenders if t.kind == "package" and t.package):
        drawn = [p for p in entry.postings if p.role == PACKAGES and p.holder == name]
        beyond = [p for p in entry.postings if (p.role, p.holder) == (SUSPENSE, _suspended(name))]
        found[name] = sum(p.amount for p in drawn if p.amount > 0) + sum(p.amount for p in beyond)
    return found


def _suspended(package: str) -> str:
    return f"{PACKAGES}:{package}"


def uses_drawn(event: HasLines, earlier: Earlier, net_of: Mapping[str, int]) -> Used:
    """Return what the package tenders of a sale draw, of what the sale itself sells included.

    *net_of* is what is sold into packages, by name. Conflict when a package has not that many
    uses, or a tender states another value; what happened offline leaves that in suspense.
    """
    packages, currency = dict[str, Package](), event.currency or ""
    worth, postings = dict[str, int](), list[Posting | Caveat]()
    for at, tender in _of_packages(event):
        name = tender.package or ""
        package = packages.get(name) or _with_own(event, package_left(name, earlier), net_of)
        parts = package.oldest(tender.uses or 1, currency)
        packages[name] = package.plus(parts, -1)
        value, made = _told(event, at, tender, package, parts)
        worth[name] = worth.get(name, 0) + value
        postings += made
    return Used(worth, tuple(postings))


def uses_back(event: BusinessEvent, sale: str, earlier: Earlier) -> Used:
    """Return what the package tenders of a refund give back, of what its sale was paid with.

    Conflict when the sale took not that many uses of it, as in `uses_drawn`.
    """
    packages, worth, postings = dict[str, Package](), dict[str, int](), list[Posting | Caveat]()
    for at, tender in _of_packages(event):
        name = tender.package or ""
        package = packages.get(name) or package_left(name, earlier)
        parts = package.back(tender.uses or 1, sale)
        packages[name] = package.plus(parts).owing(sale, parts, -1)
        value, made = _told(event, at, tender, package, parts)
        worth[name] = worth.get(name, 0) + value
        postings += [_turned(part) for part in made]
    return Used(worth, tuple(postings))


def _of_packages(event: BusinessEvent) -> Iterator[tuple[str, Tender]]:
    """Yield (pointer, tender) of each package tender."""
    tenders: Sequence[Tender] = getattr(event, "tenders", ())
    for index, tender in enumerate(tenders):
        if tender.kind == "package":
            yield f"/tenders/{index}", tender


def _with_own(event: HasLines, package: Package, net_of: Mapping[str, int]) -> Package:
    """Return a package with the lot that the event itself sells."""
    if package.name not in net_of:
        return package
    lot = sold_lot(event, package, net_of[package.name])
    return package.with_lot(lot) if lot else package


def _told(
    event: BusinessEvent, at: str, tender: Tender, package: Package, parts: Sequence[Part]
) -> tuple[int, list[Posting | Caveat]]:
    """Return what a tender is worth, and its postings as draws."""
    currency, asked = event.currency or "", tender.uses or 1
    uses, value = sum(part.uses for part in parts), sum(part.value for part in parts)
    if uses < asked and not event.happened_offline:
        raise Conflict(
            "uses-overdrawn", pointer=f"{at}/uses", package=package.name, left=uses, asked=asked
        )
    worth = value + (asked - uses) * package.each(currency)
    if worth >= MOST_MINOR:
        raise Invalid([fault(f"{at}/uses", "too-large", digits=13)])
    stated = worth if tender.amount is None else event.minor(tender.amount)
    if stated != worth and not event.happened_offline:
        raise value_differs(event, f"{at}/amount", package.name, worth, stated)
    made: list[Posting | Caveat] = [Posting(PACKAGES, value, package.name, quantity=uses * MILLION)]
    if uses < asked or stated != value:
        holder = _suspended(package.name)
        made += [
            Posting(SUSPENSE, stated - value, holder),
            Caveat("overdrawn-offline", holder, stated - value),
        ]
    return stated, made


def value_differs(
    event: BusinessEvent, pointer: str, package: str, worth: int, stated: int
) -> Conflict:
    """Return the refusal of a value of uses that is not the ledger's; both in minor units."""
    currency = event.currency or ""
    return Conflict(
        "package-value-differs",
        pointer=pointer,
        package=package,
        worth=to_text(worth, currency),
        stated=to_text(stated, currency),
        currency=currency,
    )


def _turned(part: Posting | Caveat) -> Posting | Caveat:
    return opposite(part) if isinstance(part, Posting) else replace(part, amount=-part.amount)
