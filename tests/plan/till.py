"""A book in memory for planning: record facts as JSON states them, read the documents as text."""

from collections.abc import Iterable
from typing import Any, Final

from msgspec.structs import replace

from ledger import codec
from ledger.events.base import Entry
from ledger.events.reversal import EventReversed
from sync.documents import (
    Account,
    AnyDocument,
    Bill,
    CreditMemo,
    Customer,
    Deposit,
    Email,
    Invoice,
    Item,
    JournalEntry,
    Payment,
    Place,
    RefundReceipt,
    SalesReceipt,
    Vendor,
    Void,
)
from sync.plan import Past, plan_entry, plan_reversal
from tests.ledger.memory import MONTREAL, Memory

NOON: Final = "2026-03-14T12:00:00-04:00"
MASTERS: Final = (Account, Customer, Item, Vendor)


class Till(Memory):
    """A shop in Montréal that keeps its log in memory."""

    def __init__(self, **book: Any) -> None:
        super().__init__(replace(MONTREAL, **book))
        self.names: dict[str, str] = {"C-1": "Zoé Tremblay"}

    def state(self, word: str, event_id: str, /, **fields: Any) -> Entry:
        """Record a fact of a kind, as JSON states it; raises the ledger's refusal."""
        fact = {"type": word, "id": event_id, "occurred_at": NOON, **fields}
        return self.record(codec.from_json(fact))

    @property
    def by_id(self) -> dict[str, Entry]:
        """Return every entry by its event's id."""
        return {entry.event.id: entry for entry in self.entries}

    def plan(self, entry: Entry) -> list[AnyDocument]:
        """Return the documents of an entry, planned by itself."""
        if isinstance(entry.event, EventReversed):
            original = self.plan(self.by_id[entry.event.reverses])
            return plan_reversal(
                entry, original, self.settings, self.book, self.names, self.by_id, Past(self.about)
            )
        return plan_entry(entry, self.settings, self.book, self.names, self.by_id, Past(self.about))


def transactions(documents: Iterable[AnyDocument]) -> list[AnyDocument]:
    """Return documents without the accounts, items and people that they need."""
    return [document for document in documents if not isinstance(document, MASTERS)]


def told(documents: Iterable[AnyDocument]) -> list[str]:
    """Return transactions as lines that an accountant can read, figures in minor units."""
    return [" | ".join(_told(document)) for document in transactions(documents)]


def _told(document: AnyDocument) -> list[str]:
    start = f"{type(document).__name__} {document.key}"
    match document:
        case SalesReceipt() | RefundReceipt():
            money = f" {_at(document.deposit_to)} {document.total}" if document.deposit_to else ""
            return [f"{start}{money}", *_lines(document)]
        case Invoice() | CreditMemo():
            number = f" no {document.number}" if document.number not in document.key else ""
            return [f"{start}{number} {document.customer} {document.total}", *_lines(document)]
        case Payment():
            money = _at(document.deposit_to) if document.deposit_to else "nothing"
            pays = [f"{part.kind} {part.key} {part.amount}" for part in document.applied]
            return [f"{start} {document.customer} {money} {document.amount}", *pays]
        case Bill():
            lines = [
                f"{_at(line.place)} {line.amount}{_set(line.taxes)}" for line in document.lines
            ]
            taxes = [f"{tax.code} {tax.amount}/{tax.base}" for tax in document.taxes]
            total = f"no {document.number} {document.vendor} {document.total}"
            return [f"{start} {total}", *lines, *taxes]
        case _:
            return _shortly(start, document)


def _shortly(start: str, document: AnyDocument) -> list[str]:
    match document:
        case JournalEntry():
            lines = [f"{_at(line.place)} {line.amount}{_party(line)}" for line in document.lines]
            return [start, *lines]
        case Deposit():
            parts = [f"{_at(line.place)} {line.amount}" for line in document.lines]
            return [f"{start} {_at(document.bank)} {document.total}", *parts]
        case Email():
            return [f"{start} {document.target} to {document.customer}"]
        case Void():
            return [f"{start} {document.target_kind} {document.target}"]
        case _:
            raise AssertionError(document)


def _lines(document: SalesReceipt | RefundReceipt | Invoice | CreditMemo) -> list[str]:
    lines = [
        f"{line.item} {line.amount}{_set(line.taxes, line.treatment)}" for line in document.lines
    ]
    return [*lines, *(f"{tax.code} {tax.amount}/{tax.base}" for tax in document.taxes)]


def _set(codes: tuple[str, ...], treatment: str = "out_of_scope") -> str:
    if codes:
        return f" {'+'.join(codes)}"
    return "" if treatment == "out_of_scope" else f" {treatment}"


def _at(place: Place) -> str:
    return f"{place.role}:{place.holder}" if place.holder else place.role


def _party(line: Any) -> str:
    party = line.customer or line.vendor
    return f" ({party})" if party else ""
