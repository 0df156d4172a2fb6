"""Foreign currency: what an entry comes to in home money, and what a rate gains or loses.

What is filled comes in at the event's rate; what draws on money that was filled earlier leaves at
what it was carried at. The difference, and the rest of rounding, is a gain or loss on exchange.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec.structs import replace

from ledger.errors import Fault, Invalid, fault
from ledger.events.base import BusinessEvent, Earlier
from ledger.money import MOST_MINOR, converted, exponent, share
from ledger.postings import Posting

_MONETARY: Final = frozenset(
    {
        "cash",
        "clearing",
        "bank",
        "cash_in_transit",
        "receivable",
        "disputes_receivable",
        "suspense",
        "payable",
        "goods_received_not_billed",
        "gift_cards",
        "store_credit",
        "deposits",
        "packages",
        "tips",
    }
)
"""Roles whose holders are money to be had or given: drawing on them settles what was filled."""


def currency_faults(event: BusinessEvent, home: str) -> Iterator[Fault]:
    """Yield what can never be right about an event's currency and rate."""
    currency, rate = event.currency or "", event.rate
    try:
        exponent(currency)
    except ValueError:
        yield fault("/currency", "currency-unknown", currency=currency)
        return
    if currency == home:
        if rate is not None and event.states_exchange_rate and rate != 1:
            yield fault("/rate", "rate-at-home", currency=currency)
    elif rate is None:
        yield fault("/rate", "rate-required", currency=currency, home=home)
    elif not rate or converted(1, currency, rate, home) >= MOST_MINOR:
        yield fault("/rate", "rate-out-of-range", rate=rate, currency=currency)


def at_home(
    entry: tuple[Posting, ...], event: BusinessEvent, earlier: Earlier
) -> tuple[Posting, ...]:
    """Return an entry with what each foreign posting comes to in home money."""
    home = earlier.book.currency
    at_rate = [
        posting
        if posting.currency == home or posting.home is not None
        else replace(posting, home=event.at_home(posting.amount, earlier))
        for posting in entry
    ]
    valued = [
        posting if posting.home is not None else settled
        for posting, settled in zip(entry, _settled(at_rate, event, earlier), strict=True)
    ]
    if any(abs(posting.at_home) >= MOST_MINOR for posting in valued):
        out = fault("/rate", "rate-out-of-range", rate=event.rate, currency=event.currency)
        raise Invalid([out])
    rest = sum(posting.at_home for posting in valued)
    if rest:
        valued.append(_exchanged(-rest, event, earlier))
    return tuple(valued)


def _settled(entry: Iterable[Posting], event: BusinessEvent, earlier: Earlier) -> Iterator[Posting]:
    """Yield postings; those that draw on what a holder had stand at what that was carried at."""
    postings, currency = tuple(entry), event.currency or ""
    for posting in postings:
        if posting.role not in _MONETARY or posting.currency != currency:
            yield posting
            continue
        fills = [p for p in postings if _fills(p, posting)]
        held = earlier.balance(posting.role, posting.holder, currency)
        worth = earlier.carried(posting.role, posting.holder, currency)
        if held * posting.amount <= 0:
            held += sum(p.amount for p in fills)
            worth += sum(p.at_home for p in fills)
        drawn = min(abs(posting.amount), abs(held)) if held * posting.amount < 0 else 0
        if not drawn:
            yield posting
            continue
        beyond = abs(posting.amount) - drawn
        carried = share(abs(worth), drawn, abs(held)) + abs(event.at_home(beyond, earlier))
        yield replace(posting, home=carried if posting.amount > 0 else -carried)


def _fills(posting: Posting, drawing: Posting) -> bool:
    """Tell whether a posting puts into the same holder what another draws."""
    same = (posting.role, posting.holder) == (drawing.role, drawing.holder)
    return same and posting.amount * drawing.amount < 0


def _exchanged(amount: int, event: BusinessEvent, earlier: Earlier) -> Posting:
    """Return the gain (a credit) or loss of an event, in home money alone."""
    code = earlier.settings.code_of("exchange_gain_loss", event.day())
    return Posting(
        "exchange_gain_loss", 0, account=code, currency=event.currency or "", home=amount
    )
