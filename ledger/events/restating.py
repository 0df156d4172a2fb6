"""Goods of an invoice that is revised or voided: back into stock, or out of it (5.6)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ledger.events.base import BusinessEvent, Earlier, Entry
from ledger.events.costs import Shelf
from ledger.events.invoice_story import StatesInvoice
from ledger.events.lines import Priced
from ledger.events.netting import stock_of
from ledger.money import share, spread
from ledger.postings import Posting


class _Out:
    """What an invoice took out of stock so far, by item: units in millionths, and their cost."""

    def __init__(self, posted: Iterable[Posting]) -> None:
        self.quantity: dict[str, int] = {}
        self.cost: dict[str, int] = {}
        for posting in posted:
            self.count(posting)

    def count(self, posting: Posting) -> None:
        """Count a posting of stock."""
        if posting.role == "inventory":
            item = posting.holder
            self.quantity[item] = self.quantity.get(item, 0) - posting.quantity
            self.cost[item] = self.cost.get(item, 0) - posting.at_home


def goods_restated(
    event: BusinessEvent, priced: Sequence[Priced], stated: Sequence[Entry], earlier: Earlier
) -> Iterator[Posting]:
    """Yield the stock that comes back at what it left for, and that leaves at the average.

    So that what is *stated* so far stands as *priced*. What was no stock when it was invoiced does
    not come back into it.
    """
    shelf, home = Shelf(event, earlier), earlier.book.currency
    posted = stock_of(stated)
    out = _Out(posted)
    last = stated[-1].event if stated else None
    lines = last.priced(earlier.settings) if isinstance(last, StatesInvoice) else []
    trued = dict[str, int]()
    for item, location, more, line in _changes(lines, priced):
        moved = tuple[Posting, ...]()
        back = min(-more, out.quantity.get(item, 0))
        if back > 0:
            cost = share(out.cost[item], back, out.quantity[item])
            moved = tuple(shelf.put(item, back, cost, location, line.category))
            trued[line.category] = 0
        elif more > 0 and shelf.keeps(line):
            moved = (shelf.take(item, more, shelf.of(item).cost(more), location),)
        for posting in moved:
            out.count(posting)
            if posting.role == "inventory":
                yield posting
    before = {p.holder: p.at_home for p in posted if p.role == "cost_of_goods"} or trued
    after = _cost_of_goods(priced, out, before)
    for category in before | after:
        change = after.get(category, 0) - before.get(category, 0)
        yield Posting("cost_of_goods", change, category, currency=home)


def _changes(
    before: Sequence[Priced], after: Sequence[Priced]
) -> list[tuple[str, str | None, int, Priced]]:
    """Return (item, location, how many more, a line of it) of goods; what comes back first."""
    more: dict[tuple[str, str | None], int] = {}
    line_of: dict[tuple[str, str | None], Priced] = {}
    for sign, lines in ((-1, before), (1, after)):
        for line in lines:
            if line.item is not None and line.kind == "goods" and line.quantity:
                key = (line.item, line.location)
                more[key] = more.get(key, 0) + sign * line.quantity
                line_of[key] = line
    found = [(*key, change, line_of[key]) for key, change in more.items() if change]
    return sorted(found, key=lambda change: change[2] > 0)


def _cost_of_goods(lines: Sequence[Priced], out: _Out, posted: Mapping[str, int]) -> dict[str, int]:
    """Return what an invoice's goods cost by category, an item's shared by quantity.

    What trued up goods that are no longer on it stays where it was *posted*.
    """
    costs: dict[str, int] = {}
    rest = 0
    for item, cost in out.cost.items():
        goods = [line for line in lines if line.item == item and line.kind == "goods"]
        weights = [line.quantity for line in goods]
        if not any(weights):
            rest += cost
            continue
        for line, part in zip(goods, spread(cost, weights), strict=True):
            costs[line.category] = costs.get(line.category, 0) + part
    if rest:
        category = max(posted, key=lambda name: (name not in costs, abs(posted[name])))
        costs[category] = costs.get(category, 0) + rest
    return costs
