"""The end of a booking as a deal: a fee that is owed or paid, deposits that are kept or go back.

What is voided for it is told by documents of its own, and is not in the deal. Work that was not
done is never invoiced.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from ledger.events.base import Entry
from ledger.events.booking import CATEGORY, BookingCancelled, NoShowRecorded
from sync.documents import Line, Place, Treatment
from sync.plan.desk import Desk, where
from sync.plan.owed import invoices_in
from sync.plan.sides import money_of, with_borne
from sync.plan.trade import STORED, Trade

ENDINGS: Final = (NoShowRecorded, BookingCancelled)


def invoices_voided(entry: Entry) -> list[str]:
    """Return the invoices that the end of a booking voids."""
    posted = invoices_in(entry).items()
    return [name for name, amount in posted if amount < 0 and name != entry.event.id]


def ending_trade(
    entry: Entry, desk: Desk, taken: Mapping[Place, int] | None = None
) -> Trade | None:
    """Return the deal of an entry that ends a booking.

    *taken* is what documents that void its invoices post. None where the deal cannot be told from
    what is voided.
    """
    event, day = entry.event, entry.event.day()
    assert isinstance(event, ENDINGS)
    voids = taken or {}
    stored = any(at.role in STORED for at, amount in voids.items() if amount)
    if stored or (invoices_voided(entry) and not voids):
        return None
    taxes = {at: -amount for at, amount in _taxes(entry, voids).items()}
    fee = _fee(event)
    kept = tuple(sorted(at.holder for at, tax in taxes.items() if tax > fee.get(at.holder, 0)))
    back = tuple(sorted(at.holder for at, tax in taxes.items() if tax < 0))
    lines = tuple(_lines(entry, fee, kept, back, desk))
    receivable = {
        where(posting): posting.amount
        for posting in entry.postings
        if posting.role == "receivable" and posting.holder == event.id
    }
    return Trade(
        lines=lines,
        taxes=with_borne(taxes, lines, day, desk),
        money=money_of(entry.postings, 0),
        receivable=receivable or {desk.place("receivable", day): 0},
    )


def parted(entry: Entry, trade: Trade) -> list[Trade]:
    """Return the fee, and the deposits that are kept beside it, where these are two deals."""
    event = entry.event
    assert isinstance(event, ENDINGS)
    fee, first = _fee(event), tuple(line for line in trade.lines if line.place.role == "sales")
    rest = tuple(line for line in trade.lines if line.place.role != "sales")
    own = {at: fee.get(at.holder, 0) for at in trade.taxes if at.holder in fee}
    left = {at: amount - own.get(at, 0) for at, amount in trade.taxes.items()}
    kept = replace(trade, lines=rest, taxes=_borne(left, rest), money={}, receivable={})
    alone = replace(trade, lines=first, taxes=own)
    if not first or not rest or kept.total or not alone.is_plain:
        return [trade]
    kept = replace(kept, receivable=dict.fromkeys(trade.receivable, 0))
    return [alone, kept]


def _borne(taxes: Mapping[Place, int], lines: Sequence[Line]) -> dict[Place, int]:
    codes = {code for line in lines for code in line.taxes}
    return {at: amount for at, amount in taxes.items() if amount or at.holder in codes}


def _taxes(entry: Entry, voids: Mapping[Place, int]) -> dict[Place, int]:
    """Return what is posted to each code beside what is voided, debit positive."""
    taxes: dict[Place, int] = {}
    for posting in entry.postings:
        if posting.role == "sales_tax":
            taxes[where(posting)] = taxes.get(where(posting), 0) + posting.amount
    left = {at: amount - voids.get(at, 0) for at, amount in taxes.items()}
    return {at: amount for at, amount in left.items() if amount}


def _fee(event: NoShowRecorded | BookingCancelled) -> dict[str, int]:
    """Return the taxes of the fee by code, in minor units."""
    if event.fee is None:
        return {}
    return {tax.tax: event.minor(tax.amount) for tax in event.fee.taxes}


def _lines(
    entry: Entry, fee: Mapping[str, int], kept: tuple[str, ...], back: tuple[str, ...], desk: Desk
) -> Iterator[Line]:
    codes_of = {"sales": tuple(sorted(fee)), "forfeited_deposits": kept, "deposits": back}
    for posting in entry.postings:
        voided = posting.role == "sales" and posting.amount > 0
        if posting.role not in (*codes_of, *STORED) or voided:
            continue
        at, codes = where(posting), codes_of.get(posting.role, ())
        untaxed: Treatment = "out_of_scope" if posting.role in STORED else "exempt"
        treatment: Treatment = "taxable" if codes else untaxed
        described = posting.holder if posting.role in STORED else ""
        name = desk.names.item(at, CATEGORY if posting.role == "sales" else "")
        if posting.amount or codes:
            yield Line(at, name, -posting.amount, described, codes, treatment)
