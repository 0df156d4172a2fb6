"""What planning looks things up in, and what all documents of an entry or a set share."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from msgspec import Struct

from ledger.book import Book
from ledger.events.bad_debt import InvoiceWrittenOff
from ledger.events.base import Entry
from ledger.events.invoice import InvoiceRevised, InvoiceVoided
from ledger.events.invoice_story import posted_to, standing_about
from ledger.events.refund import RefundIssued
from ledger.postings import Posting
from ledger.settings import Settings
from sync.documents import AnyDocument, Place, doc_number, place
from sync.plan.names import Names

NOTHING: Final[Mapping[str, Entry]] = {}

About = Callable[[str, str], Sequence[Entry]]
"""Gives the entries whose events speak of a subject (kind, name), oldest first."""

Planned = Callable[[Entry], Sequence[AnyDocument]]
"""Gives the documents that an earlier entry became by itself."""


def of_nothing(*_: str) -> Sequence[Entry]:
    """Return no entries: nothing is known of what was recorded before."""
    return ()


def _never(_: Entry) -> Sequence[AnyDocument]:
    """Return no documents: nothing is known of how they are planned."""
    return ()


class Past(Struct, frozen=True):
    """What was before: `about` finds entries by subject, `planned` tells what became of one.

    Without `planned` an earlier entry is planned again.
    """

    about: About = of_nothing
    planned: Planned | None = None


NO_PAST: Final = Past()


class Before:
    """The log as it was before an entry: what was recorded since is not seen."""

    def __init__(self, about: About, seq: int) -> None:
        self._about, self._seq = about, seq

    def about(self, kind: str, name: str) -> Sequence[Entry]:
        """Return the earlier entries whose events speak of a subject, oldest first."""
        found = self._about(kind, name)
        return [entry for entry in found if entry.seq < self._seq] if self._seq else found


class Desk:
    """One book's configuration, its customers' names, and entries by their event's id.

    `related` finds what the planned entries speak of: the sale of a refund, the original of a
    reversal; `planned` holds those that are planned together. All that is read here was recorded
    before, so that planning again gives the same.
    """

    def __init__(
        self,
        settings: Settings,
        book: Book,
        customers: Mapping[str, str],
        related: Mapping[str, Entry] = NOTHING,
        planned: Mapping[str, Entry] = NOTHING,
        about: About = of_nothing,
    ) -> None:
        self.settings = settings
        self.book = book
        self.customers = customers
        self.names = Names(settings, book)
        self._related = related
        self._planned = planned
        self._about = about
        self._again: Planned = _never
        self._documents: dict[str, Sequence[AnyDocument]] = {}

    def entry(self, event_id: str | None) -> Entry | None:
        """Return the entry of an event that a planned one speaks of, if it is known."""
        if event_id is None:
            return None
        return self._planned.get(event_id) or self._related.get(event_id)

    def before(self, entry: Entry) -> Before:
        """Return the log as *entry* found it."""
        return Before(self._about, entry.seq)

    def plans_by(self, again: Planned) -> None:
        """Say how the documents of an earlier entry are found."""
        self._again = again

    def documents(self, entry: Entry) -> Sequence[AnyDocument]:
        """Return what an earlier entry became by itself; nothing if it is told with others."""
        known = self._documents.get(entry.event.id)
        if known is None:
            known = self._documents[entry.event.id] = self._again(entry)
        return known

    def place(self, role: str, day: date, holder: str = "") -> Place:
        """Return where a role's postings go on a day."""
        account = self.settings.account(role, day)
        assert account is not None, role
        return place(account.code, role, holder)


class Paper(Struct, frozen=True, kw_only=True):
    """What the documents of one entry (`event`) or one set (`prefix`) share."""

    day: date
    currency: str
    event: str = ""
    prefix: str = ""
    customer: str | None = None
    memo: str = ""

    def key(self, purpose: str, number: int | None = None) -> str:
        """Return the key of a document: `sale:S-1`, `payment:S-1:2`, `day:...:1:payment:2`."""
        parts = [self.prefix, purpose] if self.prefix else [purpose, self.event]
        return ":".join(parts if number is None else [*parts, str(number)])

    def number(self, purpose: str, number: int | None = None) -> str:
        """Return what people see on a document: the event's id, or the set's key without dashes."""
        if not self.prefix:
            return doc_number(self.event)
        _, _, rest = self.key(purpose, number).partition(":")
        return doc_number(rest.replace(self.day.isoformat(), f"{self.day:%Y%m%d}"))


def customer_of(entry: Entry, desk: Desk) -> str | None:
    """Return whom an entry is about; a refund without a customer is about its sale's.

    What comes back to an account comes back to the account that the sale stands on, whoever
    brought it.
    """
    event = entry.event
    if isinstance(event, InvoiceRevised | InvoiceVoided | InvoiceWrittenOff):
        return owing(event.invoice, entry, desk)
    sale = desk.entry(event.sale) if isinstance(event, RefundIssued) else None
    if sale is None:
        return event.customer
    on_account = all(_is_open(part) for part in (entry, sale))
    return sale.event.customer if on_account else event.customer or sale.event.customer


def owing(invoice: str, entry: Entry, desk: Desk) -> str | None:
    """Return whose invoice it is over there: the customer's for whom it was first charged."""
    for step in standing_about(invoice, desk.before(entry)):
        if sum(posting.amount for posting in posted_to(invoice, step)) > 0:
            return step.event.customer
    return entry.event.customer


def _is_open(entry: Entry) -> bool:
    return any(posting.role == "receivable" for posting in entry.postings)


def paper_of(entry: Entry, desk: Desk) -> Paper:
    """Return what the documents of an entry share."""
    event = entry.event
    source = event.source
    parts = [
        f"{event.currency} @ {event.rate}" if is_foreign(entry) else "",
        event.id if doc_number(event.id) != event.id else "",
        f"{source.system} {source.document or ''}".strip() if source else "",
        str(getattr(event, "reason", None) or ""),
        event.memo or "",
    ]
    return Paper(
        day=event.day(),
        currency=desk.book.currency,
        event=event.id,
        customer=customer_of(entry, desk),
        memo=" | ".join(part for part in parts if part),
    )


def where(posting: Posting) -> Place:
    """Return the place that a posting goes to."""
    return place(posting.account, posting.role, posting.holder)


def by_place(postings: Iterable[Posting]) -> dict[Place, int]:
    """Add postings up by place, in order of first appearance; debit positive."""
    sums: dict[Place, int] = {}
    for posting in postings:
        at = where(posting)
        sums[at] = sums.get(at, 0) + posting.at_home
    return sums


def is_foreign(entry: Entry) -> bool:
    """Tell whether an entry is in foreign money: it is told as a journal, in home money."""
    return any(posting.home is not None for posting in entry.postings)
