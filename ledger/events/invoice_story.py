"""What was done to an invoice: every entry that moved it, and what of them was taken back (5.6)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final, Literal, Protocol

from msgspec import Struct

from ledger.events.base import Entry, Name
from ledger.events.lines import HasLines, Lines, Priced, price
from ledger.events.receivable import InvoiceName
from ledger.events.standing import Remembers, steps, tag
from ledger.postings import Posting
from ledger.settings import Settings

DOCUMENTS: Final = ("invoice_issued", "invoice_revised")
"""What says what an invoice is for."""

_OF_BOOKINGS: Final = ("no_show_recorded", "booking_cancelled")
VOIDS: Final = ("invoice_voided", *_OF_BOOKINGS)
"""What may void an invoice."""

_NO_SALE: Final = (*VOIDS, "payment_received", "payment_bounced")


class InvoiceLog(Remembers, Protocol):
    """What the state of an invoice is folded from; `Earlier` is one."""

    def balance(self, role: str, holder: str, currency: str) -> int:
        """Return what a holder has in the accounts of a role, minor units, debit positive."""


class StatesInvoice(HasLines, frozen=True, kw_only=True):
    """An event that says what an invoice is for."""

    invoice: InvoiceName
    lines: Lines
    due_date: date | None = None
    terms: Name | None = None
    send: Literal["no", "draft", "email"] = "no"

    def priced(self, settings: Settings) -> list[Priced]:
        """Return the lines in minor units."""
        return [price(self, line, settings) for line in self.lines]

    def subjects(self) -> Iterable[tuple[str, str]]:
        """Yield the invoice, the booking that it is for, and the gift cards that it fills."""
        yield "invoice", self.invoice
        if self.booking:
            yield "booking", self.booking
        yield from dict.fromkeys(
            ("gift_card", line.gift_card) for line in self.lines if line.gift_card
        )


class Move(Struct, frozen=True):
    """What an event did to an invoice; `entry` posted it, `done` meant it.

    Of a reversal `done` is what it takes back.
    """

    done: Entry
    entry: Entry

    @property
    def undoes(self) -> bool:
        """Tell whether the move takes something back."""
        return self.entry is not self.done


def moves(invoice: str, log: Remembers) -> list[Move]:
    """Return what was done to an invoice and what was taken back, in the order of the log.

    Bounces are of a payment, and speak of that alone.
    """
    about = {entry.seq: entry for entry in log.about("invoice", invoice)}
    bookings = {e.event.booking for e in about.values() if tag(e) in DOCUMENTS}
    for booking in filter(None, bookings):
        for entry in log.about("booking", booking):
            if tag(entry) in _OF_BOOKINGS and any(posted_to(invoice, entry)):
                about[entry.seq] = entry
    return [Move(done, by) for done, by in steps(about.values(), log)]


def later_about(invoice: str, entry: Entry, log: Remembers) -> list[Entry]:
    """Return what stands of what was done to an invoice after *entry*, oldest first."""
    return [later for later in standing_about(invoice, log) if later.seq > entry.seq]


def standing_about(invoice: str, log: Remembers) -> list[Entry]:
    """Return what stands of what was done to an invoice, oldest first."""
    return standing_in(moves(invoice, log))


def documents(steps: Sequence[Move]) -> list[Entry]:
    """Return the entries that say what an invoice is for and stand, oldest first."""
    return standing_in(steps, DOCUMENTS)


def standing_in(steps: Sequence[Move], tags: Sequence[str] = ()) -> list[Entry]:
    """Return the entries (of some kinds of event) that were not taken back, oldest first."""
    undone = {step.done.seq for step in steps if step.undoes}
    done = [step.done for step in steps if not step.undoes and step.done.seq not in undone]
    return [entry for entry in done if not tags or (tag(entry) in tags)]


def charges(invoice: str, entry: Entry) -> bool:
    """Tell whether an entry that states no invoice charges one, as an on-account sale does.

    What is no sale charges under its own id alone: the fee for a no-show, what a bounced payment
    leaves to be paid.
    """
    if tag(entry) in DOCUMENTS:
        return False
    posted = sum(posting.amount for posting in posted_to(invoice, entry))
    return posted > 0 and (tag(entry) not in _NO_SALE or entry.event.id == invoice)


def posted_to(invoice: str, entry: Entry) -> Iterator[Posting]:
    """Yield the postings of an invoice's receivable."""
    for posting in entry.postings:
        if posting.role == "receivable" and posting.holder == invoice:
            yield posting
