"""What events name and the book does not know: never refused, but an exception each."""

from collections.abc import Iterable

from ledger.events.base import Earlier
from ledger.events.lines import Line
from ledger.postings import Caveat


def unknown_references(lines: Iterable[Line], earlier: Earlier) -> Iterable[Caveat]:
    """Return a caveat for each item, category and tax code that is new to the book."""
    settings = earlier.settings
    unknown: dict[Caveat, None] = {}
    for line in lines:
        if line.item is not None and not settings.items.known(line.item):
            unknown[Caveat("unknown-item", line.item)] = None
        if line.category is not None and line.category not in settings.categories:
            unknown[Caveat("unknown-category", line.category)] = None
        for tax in line.taxes:
            if not settings.taxes.known(tax.tax):
                unknown[Caveat("unknown-tax", tax.tax)] = None
    return unknown


def unknown_taxes(codes: Iterable[str], earlier: Earlier) -> Iterable[Caveat]:
    """Return a caveat for each tax code that is new to the book."""
    known = earlier.settings.taxes.known
    return {Caveat("unknown-tax", code): None for code in codes if not known(code)}


def unknown_items(items: Iterable[str], earlier: Earlier) -> Iterable[Caveat]:
    """Return a caveat for each item that is new to the book."""
    known = earlier.settings.items.known
    return {Caveat("unknown-item", item): None for item in items if not known(item)}
