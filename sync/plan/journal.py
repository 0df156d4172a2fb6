"""The journal entry that says what no commercial document says."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

from ledger.events.base import Entry
from ledger.events.booking import BookingCancelled, NoShowRecorded
from ledger.events.clearing import ExceptionCleared
from ledger.events.journal import JournalPosted
from ledger.events.payment import PaymentBounced, PaymentReceived
from ledger.postings import Posting
from sync.documents import AnyDocument, JournalEntry, JournalLine, Place
from sync.plan.commercial import MOST_LINES
from sync.plan.desk import Desk, Paper, customer_of, owing, paper_of, where

_CREDIT: Final = "credit:"
_OF_OTHERS: Final = (PaymentReceived, PaymentBounced, NoShowRecorded, BookingCancelled)
"""Kinds of event that speak of invoices which may be other customers'."""


class Party(Struct, frozen=True):
    """Whom the open items of an entry are about: A/R lines need a customer, A/P lines a vendor."""

    customer: str | None = None
    vendor: str | None = None

    def line(self, place: Place, amount: int, description: str = "") -> JournalLine:
        """Return a journal line with the party that its account needs."""
        return JournalLine(
            place,
            amount,
            description,
            self.customer if place.role == "receivable" else None,
            self.vendor if place.role == "payable" else None,
        )


def rest_of_entry(
    entry: Entry, documents: Sequence[AnyDocument], left: Mapping[Place, int], desk: Desk
) -> Iterator[JournalEntry]:
    """Yield the journal of what is *left* of an entry; posting by posting if that is all of it."""
    whole = not documents and len(entry.postings) <= MOST_LINES
    paper = paper_of(entry, desk)
    if not whole:
        yield from journal(paper, _by_place(left, party_of(entry, "", desk)))
        return
    lines = [_as_posted(posting, entry, desk) for posting in entry.postings]
    yield from journal(paper, [line for line in lines if line.amount])


def rest_of_set(paper: Paper, left: Mapping[Place, int], desk: Desk) -> Iterator[JournalEntry]:
    """Yield the journal of what is *left* of a day or a session, one line for each place."""
    party = Party(None, desk.names.sundry_vendor)
    yield from journal(paper, _by_place(dict(sorted(left.items())), party))


def journal(paper: Paper, lines: Sequence[JournalLine]) -> Iterator[JournalEntry]:
    """Yield the journal entry of lines, when there are any."""
    if lines:
        yield JournalEntry(
            key=paper.key("rest"),
            day=paper.day,
            currency=paper.currency,
            number=paper.number("rest"),
            memo=paper.memo,
            lines=tuple(lines),
        )


def party_of(entry: Entry, holder: str, desk: Desk) -> Party:
    """Return whom a holder's open item is about, as far as the entry says."""
    event, customer = entry.event, customer_of(entry, desk)
    if holder.startswith(_CREDIT):
        customer = holder.removeprefix(_CREDIT)
    elif holder and isinstance(event, _OF_OTHERS):
        customer = owing(holder, entry, desk)
    vendor = getattr(event, "vendor", None) or desk.names.sundry_vendor
    if isinstance(event, JournalPosted | ExceptionCleared):
        for line in event.lines:
            own = line.holder or (f"{_CREDIT}{line.customer}" if line.customer else line.vendor)
            if own == holder:
                return Party(line.customer or customer, line.vendor or vendor)
    return Party(customer, vendor)


def _by_place(left: Mapping[Place, int], party: Party) -> list[JournalLine]:
    return [party.line(place, amount) for place, amount in left.items()]


def _as_posted(posting: Posting, entry: Entry, desk: Desk) -> JournalLine:
    place = where(posting)
    description = "" if place.holder else posting.holder
    return party_of(entry, posting.holder, desk).line(place, posting.at_home, description)
