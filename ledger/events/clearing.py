"""ExceptionCleared: a person has seen to what an entry left open."""

from collections.abc import Iterable, Iterator
from typing import Annotated, ClassVar

from msgspec import Meta

from ledger.book import Book
from ledger.errors import Conflict, Fault, Invalid, fault
from ledger.events.base import BusinessEvent, Earlier, Entry, Text
from ledger.events.journal import JournalLine, check_journal_lines, journal_postings
from ledger.events.standing import is_reversed, standing
from ledger.money import to_text
from ledger.postings import SUSPENSE, Caveat, Posting


def in_suspense(entry: Entry, caveat: Caveat) -> tuple[str, int]:
    """Return (holder, minor units) of what an entry keeps in suspense for a caveat."""
    if not caveat.amount:
        return "", 0
    held = {p.holder for p in entry.postings if p.role == SUSPENSE}
    for name in (caveat.subject, f"method:{caveat.subject}"):
        if name in held:
            return name, caveat.amount
    return "", 0


def _still_there(amount: int, held: int) -> int:
    """Return what of an amount suspense still holds: a journal may have moved it since."""
    return min(amount, max(held, 0)) if amount > 0 else max(amount, min(held, 0))


class ExceptionCleared(BusinessEvent, frozen=True, kw_only=True, tag="exception_cleared"):
    """Takes what is in suspense to the accounts of `lines`; without suspense it just says seen.

    `exception` is `<event id>:<number>`, as the list of exceptions names it.
    """

    tills_may_record: ClassVar[bool] = False

    exception: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._:\-]{1,64}:[0-9]{1,4}$")]
    lines: Annotated[tuple[JournalLine, ...], Meta(max_length=1000)] = ()
    reason: Text

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield faults of each line."""
        yield from check_journal_lines(self, self.lines)

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield what leaves suspense, and the lines; Conflict when there is nothing to clear."""
        entry, caveat = self._original(earlier)
        for cleared in standing(earlier, "exception", self.exception, "exception_cleared"):
            raise Conflict("exception-cleared", pointer="/exception", event=cleared.event.id)
        holder, amount = in_suspense(entry, caveat)
        amount = _still_there(amount, self.held(earlier, SUSPENSE, holder))
        if amount and entry.event.currency != self.currency:
            facts = {"currency": entry.event.currency, "stated": self.currency}
            raise Conflict("other-currency", pointer="/currency", **facts)
        placed = sum(self.minor(line.debit) - self.minor(line.credit) for line in self.lines)
        if placed != amount:
            text = to_text(amount, self.currency or "")
            raise Invalid([fault("/lines", "suspense-not-placed", amount=text)])
        yield Posting(SUSPENSE, -amount, holder)
        yield from journal_postings(self, self.lines, earlier)

    def _original(self, earlier: Earlier) -> tuple[Entry, Caveat]:
        event, _, number = self.exception.rpartition(":")
        entry = earlier.entry(event)
        if entry is None or int(number) >= len(entry.caveats) or is_reversed(entry, earlier):
            raise Conflict("exception-unknown", pointer="/exception", exception=self.exception)
        return entry, entry.caveats[int(number)]

    def subjects(self) -> Iterable[tuple[str, str]]:
        """Yield the exception, and the event that it is of."""
        yield "exception", self.exception
        yield "event", self.exception.rpartition(":")[0]
