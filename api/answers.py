"""What the API answers: the ledger's records in words and decimal text."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Final, Generic, TypeVar

import msgspec
from msgspec import Struct

from api.catalogue import Language, explain
from ledger.events.base import Entry, Role
from ledger.money import to_text
from ledger.postings import Caveat, Posting

R = TypeVar("R")
T = TypeVar("T")

PAGE: Final = 50
MOST: Final = 200

_COMMON: Final = 8192
"""How many lines are kept as people read them: the same prices and taxes come again all day."""


class Page(Struct, Generic[T], frozen=True):
    """A part of a list. `next` goes into `after` to read on; null at the end."""

    data: list[T]
    next: str | None = None


def page(
    rows: Sequence[R], limit: int, shown: Callable[[R], T], cursor: Callable[[R], str]
) -> Page[T]:
    """Return a page of *limit* rows; a row beyond it tells that there are more."""
    more = cursor(rows[limit - 1]) if len(rows) > limit else None
    return Page([shown(row) for row in rows[:limit]], more)


class EntryLine(Struct, frozen=True, omit_defaults=True):
    """One debit or credit. `quantity` stands on stock alone, `home_...` on foreign money."""

    account: str
    role: str
    holder: str
    currency: str
    debit: str
    credit: str
    quantity: str | None = None
    location: str | None = None
    home_debit: str | None = None
    home_credit: str | None = None


class ExceptionShown(Struct, frozen=True):
    """What an entry leaves for a person: the cause, and what to do. `id` is `<event id>:<n>`.

    An `exception_cleared` event that names this id sees to it; `amount` is what it has to place.
    """

    id: str
    event: str
    cause: str
    subject: str
    amount: str
    currency: str
    title: str
    detail: str
    remedy: str


class EventAnswer(Struct, frozen=True):
    """What recording an event did."""

    id: str
    seq: int
    business_date: date
    hash: str
    entry: list[EntryLine]
    exceptions: list[ExceptionShown]


class ActorShown(Struct, frozen=True):
    """Who stated a fact."""

    key: str
    role: Role


class DocumentShown(Struct, frozen=True, omit_defaults=True):
    """A document that the event became, or is part of, in the bookkeeping software."""

    key: str
    kind: str
    state: str
    number: str | None = None
    remote_id: str | None = None
    remote_url: str | None = None


class EventShown(Struct, frozen=True, omit_defaults=True):
    """One event of the log. `body` is the text that was hashed, byte for byte; `event` its JSON."""

    id: str
    seq: int
    type: str
    business_date: date
    recorded_at: datetime
    actor: ActorShown
    hash: str
    body: str
    event: msgspec.Raw
    entry: list[EntryLine]
    exceptions: list[ExceptionShown]
    documents: list[DocumentShown] | None = None


def event_answer(entry: Entry, language: Language, home: str) -> EventAnswer:
    """Return the answer to a recorded event; *home* is the book's currency."""
    return EventAnswer(
        id=entry.event.id,
        seq=entry.seq,
        business_date=entry.event.day(),
        hash=entry.hash.hex(),
        entry=entry_lines(entry.postings, home),
        exceptions=exceptions_of(entry, language),
    )


def event_shown(
    entry: Entry, language: Language, home: str, documents: list[DocumentShown] | None = None
) -> EventShown:
    """Return an event of the log with everything that is known of it."""
    return EventShown(
        id=entry.event.id,
        seq=entry.seq,
        type=str(entry.event.__struct_config__.tag),
        business_date=entry.event.day(),
        recorded_at=entry.recorded_at,
        actor=ActorShown(entry.actor.key, entry.actor.role),
        hash=entry.hash.hex(),
        body=entry.body.decode(),
        event=msgspec.Raw(entry.body),
        entry=entry_lines(entry.postings, home),
        exceptions=exceptions_of(entry, language),
        documents=documents,
    )


def entry_lines(postings: tuple[Posting, ...], home: str) -> list[EntryLine]:
    """Return postings as people read them: two columns, and two more for foreign money."""
    return [_line(posting, home) for posting in postings]


@lru_cache(maxsize=_COMMON)
def _line(posting: Posting, home: str) -> EntryLine:
    debit, credit = columns(posting.amount, posting.currency)
    home_debit, home_credit = home_columns(posting.home, home)
    return EntryLine(
        account=posting.account,
        role=posting.role,
        holder=posting.holder,
        currency=posting.currency,
        debit=debit,
        credit=credit,
        quantity=quantity_text(posting.quantity) if posting.quantity else None,
        location=posting.location,
        home_debit=home_debit,
        home_credit=home_credit,
    )


def columns(amount: int, currency: str) -> tuple[str, str]:
    """Return minor units (debit positive) as the texts of two columns."""
    text, nothing = to_text(abs(amount), currency), _nothing(currency)
    return (text, nothing) if amount >= 0 else (nothing, text)


def home_columns(amount: int | None, home: str) -> tuple[str, str] | tuple[None, None]:
    """Return what foreign money is worth in the home currency; nothing where it is at home."""
    return (None, None) if amount is None else columns(amount, home)


@lru_cache(maxsize=256)
def _nothing(currency: str) -> str:
    return to_text(0, currency)


def quantity_text(millionths: int) -> str:
    """Return a quantity as decimal text without idle zeros."""
    whole, rest = divmod(abs(millionths), 1_000_000)
    decimals = f".{rest:06}".rstrip("0").rstrip(".")
    return f"{'-' if millionths < 0 else ''}{whole}{decimals}"


def exceptions_of(entry: Entry, language: Language) -> list[ExceptionShown]:
    """Return what an entry leaves for a person."""
    currency = entry.event.currency or ""
    return [
        exception_shown(entry.event.id, number, caveat, currency, language)
        for number, caveat in enumerate(entry.caveats)
    ]


def exception_shown(
    event_id: str, number: int, caveat: Caveat, currency: str, language: Language
) -> ExceptionShown:
    """Return one exception with its cause and remedy in words."""
    amount = to_text(caveat.amount, currency)
    facts = {
        "subject": caveat.subject,
        "name": caveat.subject.partition(":")[2] or caveat.subject,
        "amount": amount,
        "currency": currency,
        "event": event_id,
    }
    sentence = explain(caveat.cause, facts, language)
    return ExceptionShown(
        id=f"{event_id}:{number}",
        event=event_id,
        cause=caveat.cause,
        subject=caveat.subject,
        amount=amount,
        currency=currency,
        title=sentence.title,
        detail=sentence.detail,
        remedy=sentence.remedy,
    )
