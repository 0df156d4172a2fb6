"""What stands open over there of what customers owe here, as our own documents leave it.

An invoice here is a holder of the receivable; over there it may be an invoice, a further one for
what was added, and journal entries (of a bounced payment). Each settlement is applied to what is
still open of these, and never to more: what is left over stays the customer's credit.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from ledger.events.base import Entry
from ledger.events.deposit import DepositReceived
from ledger.events.invoice_story import moves
from ledger.events.payment import PaymentReceived
from sync.documents import AnyDocument, Applied, Invoice, JournalEntry, Payment, Revision, Void
from sync.plan.desk import Before, Desk
from sync.plan.scope import is_theirs

_CREDIT = "credit:"


class Open(Struct):
    """A document that asks a customer for money: what is `left` of it, in minor units.

    `after` are the documents without which less would be left: they have to go first.
    """

    key: str
    kind: Literal["Invoice", "JournalEntry"]
    customer: str | None
    left: int
    asked_by: Entry
    after: tuple[str, ...] = ()


class Part(Struct, frozen=True):
    """What of a settlement goes to one document."""

    customer: str | None
    applied: Applied
    after: tuple[str, ...] = ()

    def of(self, amount: int) -> "Part":
        """Return the same of another amount."""
        applied = Applied(self.applied.key, amount, self.applied.kind)
        return Part(self.customer, applied, self.after)


def sum_of(parts: Iterable[Part]) -> int:
    """Return what parts come to."""
    return sum(part.applied.amount for part in parts)


def needs_of(parts: Iterable[Part]) -> tuple[str, ...]:
    """Return the documents that have to go before parts are applied."""
    return tuple(dict.fromkeys(key for part in parts for key in part.after))


def parts_by(customer: str | None, parts: Iterable[Part]) -> list[Part]:
    """Return what of *parts* is asked of one customer: a credit is applied to its own alone."""
    return [part for part in parts if part.customer == customer]


def invoices_in(entry: Entry) -> dict[str, int]:
    """Return what an entry posts to each invoice, debit positive; customers' credits left out."""
    sums: dict[str, int] = {}
    for posting in entry.postings:
        if posting.role == "receivable" and not posting.holder.startswith(_CREDIT):
            sums[posting.holder] = sums.get(posting.holder, 0) + posting.at_home
    return {holder: amount for holder, amount in sums.items() if amount}


def parts_of(settled: Mapping[str, int], entry: Entry, desk: Desk) -> list[Part]:
    """Return to which documents *settled* amounts (by invoice, positive) go, the oldest first."""
    items = open_items(settled, entry, desk)
    found: list[Part] = []
    for invoice, amount in settled.items():
        rest = amount
        for item in items:
            part = min(rest, item.left)
            if part > 0 and invoices_in(item.asked_by).get(invoice, 0) > 0:
                item.left -= part
                rest -= part
                applied = Applied(item.key, part, item.kind)
                found.append(Part(item.customer, applied, item.after))
    return found


def open_items(invoices: Iterable[str], entry: Entry, desk: Desk) -> list[Open]:
    """Return what stood open of invoices before *entry*, and of others that are tied to them."""
    items = _Items()
    for earlier in _in_order(invoices, entry, desk):
        items.take(earlier, desk.documents(earlier))
    return items.open()


def _in_order(invoices: Iterable[str], entry: Entry, desk: Desk) -> Iterator[Entry]:
    """Yield what was done to invoices, and to others that are tied to them, oldest first."""
    log, waiting, seen = desk.before(entry), [*invoices], set[str]()
    found: dict[int, Entry] = {}
    while waiting:
        invoice = waiting.pop()
        if invoice in seen:
            continue
        seen.add(invoice)
        for about in _about(invoice, log):
            if about.seq not in found:
                found[about.seq] = about
                waiting += invoices_in(about)
    for seq in sorted(found):
        yield found[seq]


def _about(invoice: str, log: Before) -> Iterator[Entry]:
    """Yield what was done to an invoice, and the bounces of what was paid of it."""
    for move in moves(invoice, log):
        yield move.entry
        if isinstance(move.entry.event, PaymentReceived):
            for bounce in log.about("payment", move.entry.event.payment):
                yield bounce
                yield from log.about("event", bounce.event.id)
        if isinstance(move.entry.event, DepositReceived):
            for about in _of_deposit(move.entry.event.deposit, log):
                if invoice in invoices_in(about):
                    yield about
                    yield from log.about("event", about.event.id)


def _of_deposit(deposit: str, log: Before) -> Iterator[Entry]:
    """Yield what gave a deposit back, perhaps on account as it came: it may not name the invoice.

    The end of a booking speaks of that alone, wherever the deposit was moved.
    """
    for entry in log.about("deposit", deposit):
        yield entry
        for booking in (entry.event.booking, getattr(entry.event, "to_booking", None)):
            yield from log.about("booking", booking) if booking else ()


class _Items:
    """Open documents by key and customer, while their story is told in order."""

    def __init__(self) -> None:
        self._items: dict[tuple[str, str | None], Open] = {}
        self._payments: dict[str, Payment] = {}

    def open(self) -> list[Open]:
        """Return what has something left."""
        return [item for item in self._items.values() if item.left > 0]

    def take(self, entry: Entry, documents: Sequence[AnyDocument]) -> None:
        """Count the documents of an entry; what came from over there has none of ours."""
        if is_theirs(entry):
            self._paid_there(entry)
        for document in documents:
            match document:
                case Revision():
                    more = document.total - document.before.total
                    self._add(document.target, document, more, document.key)
                case Invoice():
                    at = (document.key, document.customer)
                    self._items[at] = Open(*at[:1], "Invoice", at[1], document.total, entry)
                case Payment():
                    self._payments[document.key] = document
                    self._settle(document, -1, document.key)
                case JournalEntry():
                    self._journal(entry, document)
                case Void():
                    self._void(document)
                case _:
                    continue

    def _add(self, key: str, document: Invoice | Payment, more: int, by: str) -> None:
        item = self._items.get((key, document.customer))
        if item is not None:
            item.left += more
            item.after += (by,) if more > 0 else ()

    def _paid_there(self, entry: Entry) -> None:
        for invoice, amount in invoices_in(entry).items():
            rest = -amount
            for item in self.open():
                if rest > 0 and invoices_in(item.asked_by).get(invoice, 0) > 0:
                    part = min(rest, item.left)
                    item.left -= part
                    rest -= part

    def _settle(self, payment: Payment, sign: int, by: str) -> None:
        for part in payment.applied:
            self._add(part.key, payment, sign * part.amount, by)

    def _journal(self, entry: Entry, document: JournalEntry) -> None:
        nets: dict[str | None, int] = {}
        for line in document.lines:
            if line.place.role == "receivable":
                nets[line.customer] = nets.get(line.customer, 0) + line.amount
        for customer, net in nets.items():
            if net > 0:
                at = (document.key, customer)
                self._items[at] = Open(document.key, "JournalEntry", customer, net, entry)

    def _void(self, void: Void) -> None:
        if void.target in self._payments:
            self._settle(self._payments.pop(void.target), 1, void.key)
        for at in [at for at in self._items if at[0] == void.target]:
            del self._items[at]
