"""What planning looks things up in, and what all documents of an entry or a set share."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from msgspec import Struct

from ledger.book import Book
from ledger.events.base import Entry
from ledger.events.refund import RefundIssued
from ledger.postings import Posting
from ledger.settings import Settings
from sync.documents import Place, doc_number, place
from sync.plan.names import Names

NOTHING: Final[Mapping[str, Entry]] = {}


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
    ) -> None:
        self.settings = settings
        self.book = book
        self.customers = customers
        self.names = Names(settings, book)
        self._related = related
        self._planned = planned

    def entry(self, event_id: str | None) -> Entry | None:
        """Return the entry of an event that a planned one speaks of, if it is known."""
        if event_id is None:
            return None
        return self._planned.get(event_id) or self._related.get(event_id)

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
    sale = desk.entry(event.sale) if isinstance(event, RefundIssued) else None
    if sale is None:
        return event.customer
    on_account = all(_is_open(part) for part in (entry, sale))
    return sale.event.customer if on_account else event.customer or sale.event.customer


def _is_open(entry: Entry) -> bool:
    return any(posting.role == "receivable" for posting in entry.postings)


def paper_of(entry: Entry, desk: Desk) -> Paper:
    """Return what the documents of an entry share."""
    event = entry.event
    source = event.source
    parts = [
        event.id if doc_number(event.id) != event.id else "",
        f"{source.system} {source.document or ''}".strip() if source else "",
        str(getattr(event, "reason", None) or ""),
        event.memo or "",
    ]
    return Paper(
        day=event.day(),
        currency=event.currency or "",
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
        sums[at] = sums.get(at, 0) + posting.amount
    return sums
