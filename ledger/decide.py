"""From a stated fact to its entry, or to the reason why not: every rule that all events share."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from ledger.accounts import ROLES, past_zero
from ledger.codec import encode
from ledger.currencies import at_home, currency_faults
from ledger.devices import device_caveats
from ledger.errors import Conflict, Fault, Forbidden, Invalid, fault
from ledger.events import Event
from ledger.events.base import Actor, BusinessEvent, Earlier
from ledger.events.configuration import ConfiguringEvent
from ledger.events.goods import GoodsReceived
from ledger.events.refund import RefundIssued
from ledger.events.register import RegisterClosed, late
from ledger.events.reversal import EventReversed
from ledger.money import to_text
from ledger.postings import SUSPENSE, Caveat, Posting, total
from ledger.privacy import may_be_personal, personal_faults
from ledger.text import is_harmless, text_faults

FIRST_DAY: Final = date(1900, 1, 1)
LAST_DAY: Final = date(2199, 12, 31)
"""The days that a fact can be of."""

_GUARDED: Final = frozenset(role for role, account in ROLES.items() if account.guarded)
"""Roles whose holders may not go past zero; a role has the same rules in every chart."""


class Decision(Struct, frozen=True):
    """What recording an event will write; `body` is the event as it is stored and hashed."""

    event: Event
    postings: tuple[Posting, ...]
    caveats: tuple[Caveat, ...]
    body: bytes


def completed(event: Event, earlier: Earlier) -> Event:
    """Return *event* with its currency and business date stated, so that it decides alike for ever.

    A reversal is of the day and the place of what it takes back, unless it says otherwise.
    """
    if not FIRST_DAY.year < event.occurred_at.year < LAST_DAY.year:
        raise Invalid([_date_fault("/occurred_at")])
    if isinstance(event, EventReversed):
        event = event.like(earlier)
    if event.currency and event.business_date:
        return event
    return replace(
        event,
        currency=event.currency or earlier.book.currency,
        business_date=event.business_date or earlier.book.business_date(event.occurred_at),
    )


def decide(event: Event, earlier: Earlier, actor: Actor) -> Decision:
    """Return the postings and caveats of a completed event.

    Raises Forbidden for the role, Invalid for content that can never be right, Conflict for what
    the ledger's state forbids.
    """
    refuse_role(event, earlier, actor)
    body = encode(event)
    faults = list(_faults(event, body, earlier))
    if faults:
        raise Invalid(faults)
    return entered(event, earlier, body)


def entered(event: Event, earlier: Earlier, body: bytes) -> Decision:
    """Return what an admitted event enters; *body* is its bytes.

    What is in the log was admitted when it was recorded, whatever the rules of today. A Conflict
    where the ledger's state forbids it.
    """
    caveats = [] if event.device_seq is None else [*device_caveats(event, earlier)]
    if earlier.settings.closings and not isinstance(event, ConfiguringEvent):
        event = _on_an_open_day(event, earlier, caveats)
    postings: list[Posting] = []
    for part in event.postings(earlier):
        if isinstance(part, Posting):
            postings.append(part)
        else:
            caveats.append(part)
    if event.session:
        postings += _late(event, postings, earlier)
    entry = _merged(postings, event, earlier)
    for role, holder, beyond in _past_zero(entry, event, earlier):
        caveats.append(Caveat("overdrawn-offline", f"{role}:{holder}", beyond))
        entry = _merged(_suspended(entry, role, holder, beyond), event, earlier)
    if event.currency != earlier.book.currency:
        entry = at_home(entry, event, earlier)
    assert balanced(entry), "every entry balances"
    return Decision(event, entry, tuple(caveats), body)


def balanced(entry: Iterable[Posting]) -> bool:
    """Tell whether debits are credits, in each currency and in home money."""
    home = 0
    sums: dict[str, int] = {}
    for posting in entry:
        amount, currency = posting.amount, posting.currency
        home += amount if posting.home is None else posting.home
        sums[currency] = sums.get(currency, 0) + amount
    return not home and not any(sums.values())


def _on_an_open_day(event: Event, earlier: Earlier, caveats: list[Caveat]) -> Event:
    """Return the event on the day on which it is booked.

    Conflict for a day that is closed; what happened offline is booked on the first open day, and
    a person is told which day it was of.
    """
    first = earlier.settings.first_open(event.day())
    if first == event.day():
        return event
    if not event.happened_offline:
        raise Conflict("day-closed", pointer="/business_date", day=event.day(), first_open=first)
    caveats.append(Caveat("closed-day-offline", event.day().isoformat()))
    return replace(event, business_date=first)


def _faults(event: Event, body: bytes, earlier: Earlier) -> Iterator[Fault]:
    home = earlier.book.currency
    if not is_harmless(body):
        yield from text_faults(event)
    if may_be_personal(body):
        yield from personal_faults(event)
    if not FIRST_DAY <= event.day() <= LAST_DAY:
        yield _date_fault("/business_date")
    if event.currency != home or event.rate is not None:
        found = list(currency_faults(event, home))
        yield from found
        if any(each.code == "currency-unknown" for each in found):
            event = replace(event, currency=home)
    yield from event.checks(earlier.book)


def _date_fault(pointer: str) -> Fault:
    return fault(pointer, "date-out-of-range", first=FIRST_DAY, last=LAST_DAY)


def _late(event: Event, postings: list[Posting], earlier: Earlier) -> Iterable[Posting]:
    if isinstance(event, EventReversed):
        taken_back = earlier.entry(event.reverses)
        if taken_back is not None and isinstance(taken_back.event, RegisterClosed):
            return ()
    return late(event, postings, earlier)


def _merged(postings: Iterable[Posting], event: Event, earlier: Earlier) -> tuple[Posting, ...]:
    """Return what amounts to something, with its account's code and its currency.

    What stands on the same side of the same account and holder is added up. Sides stay apart, so
    that a card filled and drawn in one sale shows both.
    """
    codes, own = earlier.settings.codes_on(event.day()), event.currency or ""
    found: dict[tuple[object, ...], Posting] = {}
    for one in postings:
        side = one.amount or one.quantity or one.at_home
        if side:
            role, holder, location = one.role, one.holder, one.location
            account, currency = one.account or codes[role], one.currency or own
            key = (role, account, holder, side > 0, location, currency)
            placed = Posting(
                role, one.amount, holder, one.quantity, account, currency, location, one.home
            )
            before = found.setdefault(key, placed)
            if before is not placed:
                found[key] = total(before, placed)
    return tuple(found.values())


def _past_zero(
    entry: tuple[Posting, ...], event: Event, earlier: Earlier
) -> Iterator[tuple[str, str, int]]:
    """Yield (role, holder, by how much) of what goes past zero, the side's sign with it.

    Conflict unless that happened offline.
    """
    guarded = [posting for posting in entry if posting.role in _GUARDED]
    if not guarded:
        return
    changes: dict[tuple[str, str], int] = {}
    currency = event.currency or ""
    for posting in guarded:
        key = (posting.role, posting.holder)
        changes[key] = changes.get(key, 0) + posting.amount
    for (role, holder), change in changes.items():
        account = ROLES[role]
        before = earlier.balance(role, holder, currency)
        beyond = past_zero(account, holder, before + change) - past_zero(account, holder, before)
        if beyond <= 0:
            continue
        if not event.happened_offline:
            raise _overdrawn(role, holder, before, event)
        yield role, holder, beyond if change > 0 else -beyond


def _suspended(
    entry: tuple[Posting, ...], role: str, holder: str, beyond: int
) -> Iterator[Posting]:
    """Yield an entry's postings with *beyond* (signed) of a holder's in suspense instead."""
    rest = beyond
    for posting in entry:
        same = (posting.role, posting.holder) == (role, holder) and posting.amount * beyond > 0
        part = min(posting.amount, rest, key=abs) if same else 0
        rest -= part
        yield replace(posting, amount=posting.amount - part, home=None) if part else posting
    yield Posting(SUSPENSE, beyond, f"{role}:{holder}")


def _overdrawn(role: str, holder: str, balance: int, event: BusinessEvent) -> Conflict:
    currency = event.currency or ""
    return Conflict(
        "overdrawn",
        pointer=_where(holder, event),
        role=role,
        holder=holder,
        available=to_text(abs(balance), currency),
        currency=currency,
    )


def _where(holder: str, event: BusinessEvent) -> str:
    """Return the pointer of the tender or line that names a holder, else of the whole event."""
    for name in ("tenders", "applied", "lines"):
        for index, part in enumerate(getattr(event, name, None) or ()):
            if holder in (getattr(part, field, None) for field in part.__struct_fields__):
                return f"/{name}/{index}"
    return ""


def refuse_role(event: Event, earlier: Earlier, actor: Actor) -> None:
    """Raise Forbidden when the actor's role may not state such a fact."""
    if actor.role == "bookkeeper":
        return
    if actor.role != "pos":
        raise Forbidden("role-records-nothing", role=actor.role)
    reason = _not_a_tills(event, earlier, actor)
    if reason:
        raise Forbidden("bookkeepers-only", role=actor.role, what=reason)


def _not_a_tills(event: Event, earlier: Earlier, actor: Actor) -> str | None:
    """Return what of an event is the bookkeeper's alone, if anything."""
    if not event.tills_may_record:
        return str(event.__struct_config__.tag)
    if event.override is not None:
        return "override"
    if isinstance(event, RefundIssued) and event.sale is None:
        return "blind-refund"
    if isinstance(event, GoodsReceived) and _is_costed(event):
        return "landed-cost"
    if isinstance(event, EventReversed):
        original = earlier.entry(event.reverses)
        today = earlier.book.business_date(event.occurred_at)
        days = {original.event.business_date, event.business_date} if original else {today}
        if original and (original.actor.key != actor.key or days != {today}):
            return "reversal"
    return None


def _is_costed(event: GoodsReceived) -> bool:
    """Tell whether goods came with what only their bill says.

    A till counts what the delivery note says, at the order's cost. Freight, duty and a discount
    are read off the vendor's bill, and change what every later sale of the goods costs.
    """
    return bool(event.bill or event.freight or event.duty or event.discount)
