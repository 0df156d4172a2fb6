"""Where the posting policy books an entry: by itself, with its session, or with its day."""

from collections.abc import Mapping
from datetime import date
from typing import Final, Literal

from msgspec import Struct

from ledger.events.bad_debt import BadDebtRecovered, InvoiceWrittenOff
from ledger.events.base import BusinessEvent, Entry
from ledger.events.bill import BillReceived
from ledger.events.clearing import ExceptionCleared
from ledger.events.configuration import ConfiguringEvent
from ledger.events.deposit import DepositReceived, DepositRefunded
from ledger.events.goods import GoodsReceived
from ledger.events.invoice import InvoiceIssued, InvoiceRevised, InvoiceVoided
from ledger.events.journal import JournalPosted
from ledger.events.landed import LandedCostAdded
from ledger.events.lines import HasLines
from ledger.events.payment import PaymentBounced, PaymentReceived
from ledger.events.payout import PayoutSettled
from ledger.events.refund import RefundIssued
from ledger.events.returned import GoodsReturned
from ledger.events.reversal import EventReversed
from ledger.events.sale import SaleCompleted
from ledger.settings import Settings

OWN_SOURCE: Final = "quickbooks"
"""What came from the bookkeeping software is not sent back to it."""

_TRADE: Final = (SaleCompleted, RefundIssued, DepositReceived, DepositRefunded)
_OPEN_ITEMS: Final = ("receivable", "payable")
_ALONE: Final = (
    *(JournalPosted, ExceptionCleared, GoodsReceived, LandedCostAdded, GoodsReturned, BillReceived),
    *(InvoiceIssued, InvoiceRevised, InvoiceVoided, InvoiceWrittenOff, BadDebtRecovered),
    *(PaymentReceived, PaymentBounced, PayoutSettled),
)
"""Kinds of event that no summary takes in: each has a paper of its own, or is a person's."""

_PAPERS: Final = (HasLines, InvoiceVoided, EventReversed)
"""Kinds of event that make a document also where they post nothing."""


class Scope(Struct, frozen=True, omit_defaults=True):
    """What is planned together: an entry (by its event's id), a session, or a channel's day.

    `number` counts the sets of one session or day: what arrives late makes a further one.
    """

    kind: Literal["entry", "session", "day"]
    name: str
    channel: str | None = None
    number: int = 1

    @property
    def prefix(self) -> str:
        """Return what the keys of a set's documents start with."""
        if self.kind == "session":
            return f"session:{self.name}:{self.number}"
        return f"day:{self.name}:{_channel(self.channel)}:{self.number}"


def _channel(channel: str | None) -> str:
    """Return a channel as part of a key; `-` is no channel, one of that name gets a dash more."""
    if channel is None:
        return "-"
    return f"{channel}-" if not channel.strip("-") else channel


def scope_of(
    entry: Entry, settings: Settings, related: Mapping[str, Entry] | None = None
) -> Scope | None:
    """Return where the policy books an entry; None when it makes no documents.

    *related* holds the original of a reversal: what stands in a summary is taken back in one, on
    the reversal's own day. Without it a reversal is booked by itself.
    """
    event = entry.event
    if not _is_told(entry, settings):
        return None
    if isinstance(event, EventReversed):
        return _of_reversal(event, (related or {}).get(event.reverses), settings)
    policy = settings.policy("posting", event.day(), event.channel)
    if policy == "per_transaction" or _stands_alone(entry, settings):
        return Scope("entry", event.id)
    if policy == "per_closure" and event.session is not None:
        return Scope("session", event.session)
    return _day(event, event.channel)


def _of_reversal(event: EventReversed, original: Entry | None, settings: Settings) -> Scope:
    scope = scope_of(original, settings) if original else None
    if scope is None or scope.kind == "entry":
        return Scope("entry", event.id)
    return scope if scope.kind == "session" else _day(event, scope.channel)


def _is_told(entry: Entry, settings: Settings) -> bool:
    event = entry.event
    if isinstance(event, ConfiguringEvent):
        return False
    if is_theirs(entry):
        return False
    since = settings.policy("history_from", date.max)
    if isinstance(since, date) and event.day() < since:
        return False
    if only_customers(entry, settings):
        return event.customer is not None
    if entry.postings:
        return True
    return isinstance(event, _PAPERS) and not is_unwanted_free_sale(entry, settings)


def is_theirs(entry: Entry) -> bool:
    """Tell whether a fact came from the bookkeeping software: it stands there already."""
    source = entry.event.source
    return source is not None and source.system == OWN_SOURCE


def only_customers(entry: Entry, settings: Settings) -> bool:
    """Tell whether the policy sends customers alone, and no documents."""
    event = entry.event
    return settings.policy("customers_only", event.day(), event.channel) == "yes"


def is_unwanted_free_sale(entry: Entry, settings: Settings) -> bool:
    """Tell whether nothing was given for a sale, and the policy wants no document of such."""
    event = entry.event
    if not isinstance(event, SaleCompleted) or any(tender.amount for tender in event.tenders):
        return False
    return settings.policy("free_sales", event.day(), event.channel) == "none"


def _stands_alone(entry: Entry, settings: Settings) -> bool:
    """Tell what no summary takes in: what has its own paper, open items, known customers."""
    event = entry.event
    if isinstance(event, _ALONE) or only_customers(entry, settings):
        return True
    if any(posting.role in _OPEN_ITEMS for posting in entry.postings):
        return True
    if event.customer is None or not isinstance(event, _TRADE):
        return False
    return settings.policy("known_customers", event.day(), event.channel) == "singly"


def _day(event: BusinessEvent, channel: str | None) -> Scope:
    return Scope("day", event.day().isoformat(), channel)
