"""What tax was charged on: the price of the lines that bear it, as far as facts state lines.

A fact that takes back or gives back a part (a refund, a revision, a write-off) has the share of the
price that its tax has of the tax.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby, islice

from msgspec import Struct

from ledger.database import Connection
from ledger.events.base import BusinessEvent
from ledger.events.lines import HasLines, price
from ledger.money import converted, share
from ledger.reports.balances import by_account
from ledger.reports.facts.store import facts_at, facts_named, places_about
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
            stated = _stated(source, settings) if source is not None else {}
            for leg in legs:
                base, tax = stated.get(leg.holder, (0, 0))
                amount = -leg.home
                yield Taxed(leg.day, leg.holder, amount, share(base, amount, tax) if tax else None)


def _sources(
    connection: Connection, book_id: int, facts: Iterable[BusinessEvent]
) -> dict[str, HasLines]:
    """Return, by the id of each fact, the fact whose lines its taxes are of."""
    facts = list(facts)
    named = {fact.id: _refers_to(fact) for fact in facts}
    originals = facts_named(connection, book_id, {name for name in named.values() if name})
    aims = {fact.id: originals.get(named[fact.id] or "", fact) for fact in facts}
    sales = facts_named(
        connection, book_id, {name for aim in aims.values() if (name := _refers_to(aim))}
    )
    aims = {name: sales.get(_refers_to(aim) or "", aim) for name, aim in aims.items()}
    invoices = {name for aim in aims.values() if (name := getattr(aim, "invoice", None))}
    places = places_about(connection, book_id, "invoice", invoices)
    billed = facts_at(connection, book_id, [seq for seqs in places.values() for seq in seqs])
    found: dict[str, HasLines] = {}
    for name, aim in aims.items():
        told = [aim, *(billed[seq] for seq in places.get(getattr(aim, "invoice", ""), ()))]
        source = next((fact for fact in told if _has_prices(fact)), None)
        if isinstance(source, HasLines):
            found[name] = source
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


def _stated(source: HasLines, settings: Settings) -> dict[str, tuple[int, int]]:
    """Return (price, tax) by tax code of a fact's lines, in home minor units."""
    home, currency, rate = settings.book.currency, source.currency or "", source.rate
    found: dict[str, tuple[int, int]] = {}
    for line in getattr(source, "lines", None) or ():
        priced = price(source, line, settings)
        for code, tax in priced.taxes:
            base, before = found.get(code, (0, 0))
            found[code] = (base + priced.net, before + tax)
    if currency == home or rate is None:
        return found
    return {
        code: (converted(base, currency, rate, home), converted(tax, currency, rate, home))
        for code, (base, tax) in found.items()
    }
