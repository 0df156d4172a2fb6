"""Everything that is to be sent, made and checked before anything is sent."""

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

from api.online_retail.documents import Document
from api.online_retail.facts import CURRENCY, facts, policies
from api.online_retail.rows import BrokenFile, RowFault
from ledger import codec
from ledger.book import Book
from ledger.errors import Invalid
from ledger.events import Event
from ledger.text import text_faults

BOOK: Final = Book(
    id=0, name="", country="GB", region=None, currency=CURRENCY, timezone="Europe/London"
)
"""The kind of book that the file belongs in."""


class Prepared(Struct, frozen=True):
    """An event's bytes; `rows` is how many rows of the file it books, `row` their first."""

    body: bytes
    event_id: str
    row: int
    rows: int


def prepare(documents: Iterable[Document]) -> list[Prepared]:
    """Return the book's policies and every document's events; BrokenFile names what cannot be."""
    prepared = [_prepared(event, 0, 0) for event in policies()]
    faults: list[RowFault] = []
    items: dict[str, str] = {}
    for document in documents:
        row = document.rows[0].number
        events = list(facts(document, items))
        for event in events:
            last = event is events[-1]
            ready = _prepared(event, row, len(document.rows) if last else 0)
            prepared.append(ready)
            faults += [RowFault(row, reason) for reason in _refusals(ready.body)]
    if faults:
        raise BrokenFile(faults)
    return prepared


def batches(prepared: Iterable[Prepared], *, events: int, size: int) -> Iterator[list[Prepared]]:
    """Yield them in order, at most so many events and bytes together (one at the least)."""
    batch: list[Prepared] = []
    weight = 0
    for one in prepared:
        if batch and (len(batch) == events or weight + len(one.body) > size):
            yield batch
            batch, weight = [], 0
        batch.append(one)
        weight += len(one.body) + 1
    if batch:
        yield batch


def _prepared(event: Event, row: int, rows: int) -> Prepared:
    return Prepared(codec.encode(event), event.id, row, rows)


def _refusals(body: bytes) -> list[str]:
    """Return why the ledger would refuse an event whatever its books hold."""
    try:
        event = codec.decode(body)
    except Invalid as invalid:
        return [f"{fault.pointer}: {fault.code}" for fault in invalid.faults]
    found = [*event.checks(BOOK), *text_faults(event)]
    return [f"{fault.pointer}: {fault.code}" for fault in found]
