"""What every event has: the envelope, the entry it asks for, and what it may look back at."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar, Final, Literal, Protocol, Self

from msgspec import Meta, Struct
from msgspec.structs import replace

from ledger.book import Book
from ledger.errors import Fault, fault
from ledger.money import (
    MOST_MINOR,
    Amount,
    ExchangeRate,
    converted,
    exponent,
    to_minor,
    to_text,
)
from ledger.postings import Caveat, Posting
from ledger.settings import Settings
from ledger.stock import Stock

Text = Annotated[str, Meta(min_length=1, max_length=500)]
"""Words for people."""

Reference = Annotated[str, Meta(min_length=1, max_length=64)]
"""A name or number that something goes by."""

Name = Annotated[str, Meta(min_length=1, max_length=64)]
"""What people call something."""

EventId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._:\-]{1,64}$")]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}$")]
Instant = Annotated[datetime, Meta(tz=True)]

Role = Literal["pos", "bookkeeper", "auditor", "operator"]


class Source(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where a fact came from, for tracing back."""

    system: Reference
    document: Reference | None = None
    url: Text | None = None


MOST_COUNTED: Final = 2**53 - 1
"""What every reader of JSON keeps exactly."""


class DeviceSeq(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A till's own gapless counter."""

    device: Reference
    epoch: Annotated[int, Meta(ge=0, le=MOST_COUNTED)]
    seq: Annotated[int, Meta(ge=0, le=MOST_COUNTED)]


class Actor(Struct, frozen=True):
    """Who states a fact: the key and its role."""

    key: str
    role: Role


class BusinessEvent(
    Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="type",
):
    """A business fact that has happened, as a till or a person states it.

    Subclasses give `checks` (content that can never be right), `postings` (debits and credits in
    view of what was recorded earlier, with caveats between them) and `subjects` (what they speak
    of, so that later facts find them).
    """

    tills_may_record: ClassVar[bool] = True

    states_exchange_rate: ClassVar[bool] = True
    """Whether `rate` is the envelope's."""

    id: EventId
    occurred_at: Instant
    business_date: date | None = None
    currency: Currency | None = None
    rate: ExchangeRate | None = None
    location: Reference | None = None
    register: Reference | None = None
    session: Reference | None = None
    staff: Reference | None = None
    channel: Reference | None = None
    customer: Reference | None = None
    booking: Reference | None = None
    order: Reference | None = None
    source: Source | None = None
    device_seq: DeviceSeq | None = None
    happened_offline: bool = False
    override: Text | None = None
    memo: Text | None = None

    def as_completed(self, like: "BusinessEvent") -> Self:
        """Return this event with what it leaves out filled in as it was for *like*."""
        return replace(
            self,
            currency=self.currency or like.currency,
            business_date=self.business_date or like.business_date,
        )

    def minor(self, amount: Decimal | None) -> int:
        """Return an amount of this event in minor units of its currency; 0 when not stated."""
        assert self.currency is not None, "filled in before anything is computed"
        return 0 if amount is None else to_minor(amount, self.currency)

    def major(self, minor: int) -> Amount:
        """Return minor units (not negative) as an amount of this event."""
        return Amount(to_text(minor, self.currency or ""))

    def at_home(self, minor: int, earlier: "Earlier") -> int:
        """Return an amount of this event in home minor units, at its rate, half up."""
        home = earlier.book.currency
        if self.currency == home:
            return minor
        assert self.rate is not None, "asked for before anything is computed"
        return converted(minor, self.currency or "", self.rate, home)

    def held(self, earlier: "Earlier", role: str, holder: str) -> int:
        """Return what a holder has in this event's currency, minor units, debit positive."""
        assert self.currency is not None
        return earlier.balance(role, holder, self.currency)

    def day(self) -> date:
        """Return the business date, which is filled in before anything is computed."""
        assert self.business_date is not None
        return self.business_date

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield every fault of the content that the field types do not catch."""
        yield from ()

    def misfits(self, *amounts: tuple[str, Decimal | None]) -> Iterator[Fault]:
        """Yield a fault for each (pointer, amount) that is finer or larger than it may be."""
        for pointer, amount in amounts:
            try:
                if abs(self.minor(amount)) >= MOST_MINOR:
                    yield fault(pointer, "too-large", digits=13)
            except ValueError:
                facts = {"currency": self.currency, "decimals": exponent(self.currency or "")}
                yield fault(pointer, "too-many-decimals", **facts)

    def postings(self, earlier: "Earlier") -> Iterable[Posting | Caveat]:
        """Yield the debits and credits, and what is left for a person to look at."""
        raise NotImplementedError

    def paid_into(self, deposit: str) -> int:
        """Return what this event pays into a deposit, in minor units; what it draws is negative."""
        return 0

    def deposit_taxes(self) -> tuple[tuple[str, int], ...]:
        """Return the taxes that were paid with a prepayment, by code."""
        return ()

    def stocks(self, item: str) -> bool:
        """Tell whether the ledger keeps an item's stock from this event on."""
        return False

    def subjects(self) -> Iterable[tuple[str, str]]:
        """Yield (kind, name) of what this event speaks of, beyond its holders."""
        return ()

    def dependents(self, entry: "Entry", earlier: "Earlier") -> Iterable["Entry"]:
        """Yield later entries that stand and build on this one without naming its id."""
        return ()


class Entry(Struct, frozen=True):
    """An event in the log with the postings it caused. `seq` is gapless in its book."""

    seq: int
    event: BusinessEvent
    postings: tuple[Posting, ...]
    caveats: tuple[Caveat, ...]
    recorded_at: datetime
    actor: Actor
    hash: bytes
    body: bytes


class Earlier(Protocol):
    """What was recorded before, as the next event sees it."""

    book: Book
    settings: Settings

    def entry(self, event_id: str) -> Entry | None:
        """Return the entry of an event."""

    def about(self, kind: str, name: str) -> Sequence[Entry]:
        """Return the entries whose events speak of a subject, oldest first."""

    def balance(self, role: str, holder: str, currency: str) -> int:
        """Return what a holder has in the accounts of a role, minor units, debit positive."""

    def carried(self, role: str, holder: str, currency: str) -> int:
        """Return what a holder's foreign balance stands at in home minor units."""

    def stock(self, item: str) -> Stock:
        """Return what is held of an item now, everywhere; its value is home money."""

    def stock_at(self, item: str, location: str) -> int:
        """Return how much of an item a location holds, in millionths; "" is no location."""

    def session_total(self, session: str, role: str, holder: str, currency: str) -> int:
        """Return what the events of a register session posted to a holder, debit positive."""

    def heard(self, device: str, epoch: int, seq: int) -> bool:
        """Tell whether a device's number was received."""

    def drawn_since(self, seq: int, role: str, holder: str) -> Sequence[Entry]:
        """Return the entries after *seq* that debit a holder, oldest first."""
