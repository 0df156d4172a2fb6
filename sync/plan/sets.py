"""The documents of a day's or a session's entries, taken together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from ledger.book import Book
from ledger.events.base import Entry
from ledger.events.reversal import EventReversed
from ledger.settings import Settings
from sync.documents import AnyDocument, Place
from sync.plan.commercial import refunded, sold
from sync.plan.conservation import posted, unsaid
from sync.plan.desk import NOTHING, Desk, Paper
from sync.plan.journal import rest_of_set
from sync.plan.masters import complete
from sync.plan.reading import gives_back, trade_of
from sync.plan.scope import Scope
from sync.plan.trade import Trade, together, turned


def plan_set(
    scope: Scope,
    entries: Sequence[Entry],
    settings: Settings,
    book: Book,
    names: Mapping[str, str],
    related: Mapping[str, Entry] = NOTHING,
) -> list[AnyDocument]:
    """Return the documents of a set: gross sales, gross refunds by tender, a journal of the rest.

    Each is dated by its entries' business date (a session may cross midnight). What was reversed
    within the set is left out. *related* holds the originals of other reversals and the sales of
    refunds; without its original a reversal goes to the journal.
    """
    everything = {entry.event.id: entry for entry in entries}
    desk = Desk(settings, book, names, related, everything)
    documents: list[AnyDocument] = []
    for day, group in _days(entries):
        paper = _paper(scope, day, book)
        documents += _of_day(paper, group, desk, as_invoice=_wish(scope, day, settings))
    return complete(documents, desk)


def _days(entries: Iterable[Entry]) -> list[tuple[date, list[Entry]]]:
    days: dict[date, list[Entry]] = {}
    for entry in entries:
        days.setdefault(entry.event.day(), []).append(entry)
    return sorted(days.items())


def _standing(entries: list[Entry]) -> Iterator[Entry]:
    """Yield one day's entries without those that were taken back on it, and their reversals.

    What such a pair leaves (a drawer that stays at its count) is the journal's to say.
    """
    ids = {entry.event.id for entry in entries}
    gone: set[str] = set()
    for entry in entries:
        if isinstance(entry.event, EventReversed) and entry.event.reverses in ids:
            gone |= {entry.event.id, entry.event.reverses}
    return (entry for entry in entries if entry.event.id not in gone)


def _wish(scope: Scope, day: date, settings: Settings) -> bool:
    """Tell whether the policy asks for an invoice and its payments in any case."""
    return settings.policy("paid_sales", day, scope.channel) == "invoice"


def _paper(scope: Scope, day: date, book: Book) -> Paper:
    prefix = scope.prefix if scope.kind == "day" else f"{scope.prefix}:{day.isoformat()}"
    return Paper(day=day, currency=book.currency, prefix=prefix)


def _of_day(
    paper: Paper, entries: list[Entry], desk: Desk, *, as_invoice: bool
) -> list[AnyDocument]:
    given: list[Trade] = []
    back: dict[Place | None, list[Trade]] = {}
    for entry in _standing(entries):
        trade = trade_of(entry, desk)
        if trade is None:
            continue
        if gives_back(entry, trade, desk):
            trade = turned(trade)
            if _fits(trade) or (trade.total > 0 and trade.largest):
                back.setdefault(trade.largest, []).append(trade)
        elif _fits(trade):
            given.append(trade)
    documents = sold(together(given), paper, as_invoice=as_invoice)
    documents += _refunds(paper, back)
    left = unsaid(posted(entries), documents)
    return [*documents, *rest_of_set(paper, left, desk)]


def _fits(trade: Trade) -> bool:
    """Tell what can be summed up without a total below zero; the journal takes the others."""
    return trade.is_plain and trade.total >= 0 and not any(trade.receivable.values())


def _refunds(paper: Paper, back: dict[Place | None, list[Trade]]) -> Iterator[AnyDocument]:
    """Yield a refund receipt for each place that most of a refund's money came from."""
    money = sorted(place for place in back if place is not None)
    for part, place in enumerate(money, 1):
        yield from refunded(together(back[place]), paper, part=part)
    if None in back:
        yield from refunded(together(back[None]), paper, part=len(money) + 1)
