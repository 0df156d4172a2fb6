"""The documents of an entry or of its reversal, in view of what was planned before."""

from collections.abc import Mapping, Sequence

from ledger.book import Book
from ledger.events.base import Entry
from ledger.events.reversal import EventReversed
from ledger.settings import Settings
from sync.documents import AnyDocument
from sync.plan.desk import NO_PAST, NOTHING, Desk, Past
from sync.plan.entry import entry_documents
from sync.plan.reversal import reversal_documents
from sync.plan.scope import scope_of


def plan_entry(
    entry: Entry,
    settings: Settings,
    book: Book,
    names: Mapping[str, str],
    related: Mapping[str, Entry] = NOTHING,
    past: Past = NO_PAST,
) -> list[AnyDocument]:
    """Return the documents that post an entry, the accounts, items and people they need first.

    *names* are those of the customers; *related* holds the entry of the sale that a refund is of,
    *past* what was recorded of an invoice. A reversal belongs to `plan_reversal`.
    """
    return entry_documents(entry, _desk(settings, book, names, related, past))


def plan_reversal(
    reversal: Entry,
    original: Sequence[AnyDocument],
    settings: Settings,
    book: Book,
    names: Mapping[str, str],
    related: Mapping[str, Entry] = NOTHING,
    past: Past = NO_PAST,
) -> list[AnyDocument]:
    """Return what takes back the documents of the reversed event, some of which have been sent."""
    desk = _desk(settings, book, names, related, past)
    return reversal_documents(reversal, original, desk)


def _desk(
    settings: Settings,
    book: Book,
    names: Mapping[str, str],
    related: Mapping[str, Entry],
    past: Past,
) -> Desk:
    desk = Desk(settings, book, names, related, about=past.about)

    def again(entry: Entry) -> Sequence[AnyDocument]:
        """Plan an earlier entry as it was planned then, if that was by itself."""
        scope = scope_of(entry, settings, related)
        if scope is None or scope.kind != "entry":
            return ()
        if not isinstance(entry.event, EventReversed):
            return entry_documents(entry, desk)
        original = desk.entry(entry.event.reverses)
        return () if original is None else reversal_documents(entry, desk.documents(original), desk)

    desk.plans_by(past.planned or again)
    return desk
