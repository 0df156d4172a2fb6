"""What tax was charged on: the price of the lines that bear it, as far as facts state lines.

A refund by line has the price of its lines. Another fact that takes back or gives back a part (a
revision, a write-off) has the share of the price that its tax has of the tax.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby, islice

from msgspec import Struct

from ledger.database import Connection
from ledger.events.base import BusinessEvent
from ledger.events.lines import HasLines, price
from ledger.events.sale import SaleCompleted
from ledger.events.sale_left import TakesBack
from ledger.money import converted, share
from ledger.reports.balances import by_account
from ledger.reports.facts.store import facts_at, facts_named, places_about
from ledger.reports.given_back import Taxes, lines_back
from ledger.reports.legs.store import Leg, every_leg
from ledger.reports.views import View
from ledger.settings import Settings

_GROUP = 500


class Taxed(Struct, frozen=True):
    """The tax of one code in one entry, and the price that it is on, where known.

    Home minor units; what is given back is negative.
    """

    day: date
    tax: str
    amount: int
    base: int | None


class Source(Struct, frozen=True):
    """The fact whose lines the taxes of an entry are of, and the refund of it, if it is one."""

    lines: HasLines
    refund: TakesBack | None = None


def taxed(connection: Connection, book_id: int, settings: Settings, view: View) -> Iterator[Taxed]:
    """Yield every sales tax of a view with its base."""
    codes = set(settings.codes("sales_tax"))
    for place in sorted(by_account(connection, book_id, settings, view)):
        if place[0] in codes:
            entries = groupby(every_leg(connection, book_id, view, place), lambda leg: leg.seq)
            yield from _of_entries(connection, book_id, settings, ([*legs] for _, legs in entries))


def _of_entries(
    connection: Connection, book_id: int, settings: Settings, entries: Iterator[list[Leg]]
) -> Iterator[Taxed]:
    while group := list(islice(entries, _GROUP)):
        facts = facts_at(connection, book_id, [legs[0].seq for legs in group])
        sources = _sources(connection, book_id, facts.values())
        for legs in group:
            source = sources.get(facts[legs[0].seq].id)
            stated = _bases(source, legs, settings) if source is not None else {}
            for leg in legs:
                base, tax = stated.get(leg.holder, (0, 0))
                amount = -leg.home
                yield Taxed(leg.day, leg.holder, amount, share(base, amount, tax) if tax else None)


def _sources(
    connection: Connection, book_id: int, facts: Iterable[BusinessEvent]
) -> dict[str, Source]:
    """Return, by the id of each fact, the fact whose lines its taxes are of."""
    facts = list(facts)
    named = {fact.id: _refers_to(fact) for fact in facts}
    originals = facts_named(connection, book_id, {name for name in named.values() if name})
    aims = {fact.id: originals.get(named[fact.id] or "", fact) for fact in facts}
    refunds = {
        fact.id: next((one for one in (fact, aims[fact.id]) if isinstance(one, TakesBack)), None)
        for fact in facts
    }
    sales = facts_named(
        connection, book_id, {name for aim in aims.values() if (name := _refers_to(aim))}
    )
    aims = {name: sales.get(_refers_to(aim) or "", aim) for name, aim in aims.items()}
    invoices = {name for aim in aims.values() if (name := getattr(aim, "invoice", None))}
    places = places_about(connection, book_id, "invoice", invoices)
    billed = facts_at(connection, book_id, [seq for seqs in places.values() for seq in seqs])
    found: dict[str, Source] = {}
    for name, aim in aims.items():
        told = [aim, *(billed[seq] for seq in places.get(getattr(aim, "invoice", ""), ()))]
        source = next((fact for fact in told if _has_prices(fact)), None)
        if isinstance(source, HasLines):
            found[name] = Source(source, refunds[name])
    return found


def _refers_to(fact: BusinessEvent) -> str | None:
    """Return the id of the fact that one takes back or refunds."""
    name = getattr(fact, "reverses", None) or getattr(fact, "sale", None)
    return name if isinstance(name, str) else None


def _has_prices(fact: BusinessEvent) -> bool:
    lines = getattr(fact, "lines", None) or ()
    return isinstance(fact, HasLines) and any(
        line.net is not None or line.unit_price is not None for line in lines
    )


def _bases(source: Source, legs: list[Leg], settings: Settings) -> Taxes:
    """Return (price, tax) by tax code that the taxes of an entry have a share of; home minor units.

    Of a refund by line that is what its lines cost, with all the tax of the entry, unless that is
    not the tax of those lines: what went beyond the sale offline is in suspense.
    """
    stated, refund, sale = _stated(source.lines, settings), source.refund, source.lines
    if refund is None or not isinstance(sale, SaleCompleted) or refund.sale != sale.id:
        return stated
    back = _at_home(lines_back(refund, sale, settings), refund, settings)
    for code, (net, tax) in back.items():
        whole = abs(sum(leg.home for leg in legs if leg.holder == code))
        if whole and abs(whole - tax) <= len(refund.lines or ()):
            stated[code] = (net, whole)
    return stated


def _stated(source: HasLines, settings: Settings) -> Taxes:
    """Return (price, tax) by tax code of a fact's lines, in home minor units."""
    found: Taxes = {}
    for line in getattr(source, "lines", None) or ():
        priced = price(source, line, settings)
        for code, tax in priced.taxes:
            base, before = found.get(code, (0, 0))
            found[code] = (base + priced.net, before + tax)
    return _at_home(found, source, settings)


def _at_home(found: Taxes, source: BusinessEvent, settings: Settings) -> Taxes:
    home, currency, rate = settings.book.currency, source.currency or "", source.rate
    if currency == home or rate is None:
        return found
    return {
        code: (converted(base, currency, rate, home), converted(tax, currency, rate, home))
        for code, (base, tax) in found.items()
    }
