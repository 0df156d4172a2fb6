"""EventReversed: an earlier event's stored postings, turned round."""

from collections.abc import Iterable
from typing import Final, Self

from msgspec.structs import replace

from ledger.errors import Conflict
from ledger.events.base import BusinessEvent, Earlier, Entry, EventId, Text
from ledger.events.configuration import ConfiguringEvent
from ledger.events.standing import is_reversed
from ledger.postings import Posting, opposite

FILLED: Final = ("gift_cards", "store_credit", "deposits", "packages")
"""What a reversal may not take away once it was drawn on."""


_SHARED: Final = (
    "business_date",
    "currency",
    "rate",
    "location",
    "register",
    "session",
    "staff",
    "channel",
    "customer",
    "booking",
    "order",
)
"""What a reversal has in common with what it takes back."""


class EventReversed(BusinessEvent, frozen=True, kw_only=True, tag="event_reversed"):
    """Once only; a reversal is not reversed; refused while a later event builds on the original."""

    reverses: EventId
    reason: Text

    def like(self, earlier: Earlier) -> "EventReversed":
        """Return the reversal on the day and at the place of what it takes back, unless stated.

        Where that day is closed, it is of the first open day after it.
        """
        entry = earlier.entry(self.reverses)
        if entry is None:
            return self
        stated = {name: getattr(self, name) or getattr(entry.event, name) for name in _SHARED}
        if not entry.event.states_exchange_rate:
            stated["rate"] = None
        if self.business_date is None:
            stated["business_date"] = earlier.settings.first_open(entry.event.day())
        return replace(self, **stated)

    def as_completed(self, like: BusinessEvent) -> Self:
        """Return the reversal with what it leaves out filled in as it was for *like*."""
        return replace(
            self, **{name: getattr(self, name) or getattr(like, name) for name in _SHARED}
        )

    def original(self, earlier: Earlier) -> Entry:
        """Return the entry that is taken back; Conflict when it cannot be."""
        entry = earlier.entry(self.reverses)
        if entry is None:
            raise Conflict("event-unknown", pointer="/reverses", event=self.reverses)
        if isinstance(entry.event, EventReversed | ConfiguringEvent):
            raise Conflict("not-reversible", pointer="/reverses", event=self.reverses)
        if self.currency != entry.event.currency:
            facts = {"currency": entry.event.currency, "stated": self.currency}
            raise Conflict("other-currency", pointer="/currency", **facts)
        return entry

    def postings(self, earlier: Earlier) -> Iterable[Posting]:
        """Yield the stored postings on the other side."""
        entry = self.original(earlier)
        for later in earlier.about("event", self.reverses):
            if isinstance(later.event, EventReversed):
                raise Conflict("already-reversed", pointer="/reverses", event=later.event.id)
            if not is_reversed(later, earlier):
                raise Conflict("has-dependents", pointer="/reverses", event=later.event.id)
        for later in entry.event.dependents(entry, earlier):
            raise Conflict("has-dependents", pointer="/reverses", event=later.event.id)
        for posting in entry.postings:
            if posting.role in FILLED and (posting.amount or posting.quantity) < 0:
                self._refuse_drawn(entry, posting, earlier)
        yield from map(opposite, entry.postings)

    def _refuse_drawn(self, entry: Entry, posting: Posting, earlier: Earlier) -> None:
        """Raise a Conflict when a holder was drawn on since; offline, the rest is suspended."""
        if self.happened_offline:
            return
        for later in earlier.drawn_since(entry.seq, posting.role, posting.holder):
            if not isinstance(later.event, EventReversed) and not is_reversed(later, earlier):
                raise Conflict("already-used", pointer="/reverses", event=later.event.id)

    def subjects(self) -> Iterable[tuple[str, str]]:
        """Yield the event that is reversed."""
        yield "event", self.reverses
