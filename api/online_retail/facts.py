"""From the file's documents to the events that a book records, in order, each with its id."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final

from msgspec.structs import replace

from api.online_retail.documents import (
    CHARGES,
    DISCOUNT,
    MANUAL,
    Document,
    Sorted,
    discounted,
    is_goods,
    is_postage,
    is_voucher,
    pence,
    sort,
)
from api.online_retail.rows import Row
from ledger.events import Event
from ledger.events.base import Source
from ledger.events.configuration import ItemDefined, PolicySet
from ledger.events.goods import AdjustedLine, StockAdjusted
from ledger.events.journal import JournalLine, JournalPosted
from ledger.events.lines import Line
from ledger.events.refund import RefundIssued
from ledger.events.sale import SaleCompleted
from ledger.events.tenders import Tender
from ledger.money import Amount, Quantity, SignedQuantity, UnitPrice, spread, to_text

CURRENCY: Final = "GBP"
METHOD: Final = "other"
SYSTEM: Final = "online-retail"
MOST_LINES: Final = 1000

Items = Mapping[str, str]
Discounts = Mapping[int, int]

_POLICIES: Final = (
    ("posting", "per_day"),
    ("known_customers", "summarised"),
    ("blind_refunds", "accept"),
)
_BEFORE: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""When the policies are stated: before any row of such a file."""


def policies() -> list[PolicySet]:
    """Return how the book is to be kept: documents by day, refunds without their sale accepted."""
    return [
        PolicySet(
            id=f"OR-policy-{policy}",
            occurred_at=_BEFORE,
            currency=CURRENCY,
            since=date(2000, 1, 1),
            policy=policy,
            value=value,
        )
        for policy, value in _POLICIES
    ]


def facts(document: Document, items: dict[str, str]) -> Iterator[Event]:
    """Yield a document's events, after the definitions of the items that it trades first.

    *items* names each item that is defined; it is added to. So what becomes of a document depends
    on the rows before it, never on those after it.
    """
    found = sort(document)
    for row in (*found.sold, *found.taken_back):
        if is_goods(row) and row.code not in items:
            items[row.code] = row.description or row.code
            yield _item(row, items[row.code])
    taken_off = _taken_off(document, found)
    parts = [
        *(_sale(document, rows, items, taken_off) for rows in _chunks(found.sold)),
        *(_refund(document, rows, items, taken_off) for rows in _chunks(found.taken_back)),
        *(_journal(document, rows) for rows in _chunks(found.charges, MOST_LINES // 2)),
        *(_adjustment(document, rows) for rows in _chunks(found.stock)),
    ]
    for number, fact in enumerate(parts, 1):
        yield _stamped(fact, document, number)


def _item(row: Row, name: str) -> Event:
    """Define an item; its id says what is defined, so that another file may name it otherwise."""
    print_ = hashlib.sha256(f"{row.code}\0{name}".encode()).hexdigest()[:8]
    code = re.sub(r"[^A-Za-z0-9._-]", "-", row.code)[:40]
    return ItemDefined(
        id=f"OR-item-{code}-{print_}",
        occurred_at=row.at,
        currency=CURRENCY,
        item=row.code,
        name=name,
        category="Goods",
    )


def _stamped(fact: Event, document: Document, number: int) -> Event:
    """Return a fact with its id and envelope; of several in one document the later are numbered."""
    suffix = "" if number == 1 else f".{number}"
    country = next((row.country for row in document.rows if row.country), None)
    return replace(
        fact,
        id=f"OR-{document.number}{suffix}",
        currency=CURRENCY,
        customer=next((row.customer for row in document.rows if row.customer), None),
        source=Source(system=SYSTEM, document=document.number),
        memo=None if country == "United Kingdom" else country,
    )


def _sale(document: Document, rows: Sequence[Row], items: Items, taken_off: Discounts) -> Event:
    return SaleCompleted(
        id="",
        occurred_at=document.at,
        lines=tuple(_line(row, items, taken_off) for row in rows),
        tenders=_tenders(rows, taken_off),
    )


def _refund(document: Document, rows: Sequence[Row], items: Items, taken_off: Discounts) -> Event:
    return RefundIssued(
        id="",
        occurred_at=document.at,
        lines=tuple(_line(row, items, taken_off, back=True) for row in rows),
        tenders=_tenders(rows, taken_off),
    )


def _line(row: Row, items: Items, taken_off: Discounts, *, back: bool = False) -> Line:
    """Return the line of a sale, or of a refund, that a row states."""
    off = taken_off.get(row.number, 0)
    known = items.get(row.code) if is_goods(row) else None
    line = Line(
        quantity=Quantity(abs(row.quantity)),
        unit_price=UnitPrice(abs(row.price)),
        discount=_amount(off) if off else None,
        description=row.description if row.description not in ("", known) else None,
    )
    if is_goods(row):
        return replace(line, kind="goods", item=row.code)
    if is_postage(row):
        return replace(line, kind="shipping")
    if is_voucher(row) and not back:
        return replace(line, kind="gift_card", gift_card=f"{row.invoice}:{row.number}")
    category = {MANUAL: "Manual", DISCOUNT: "Discount"}.get(row.code.upper(), "Gift vouchers")
    return replace(line, kind="goods", category=category)


def _tenders(rows: Sequence[Row], taken_off: Discounts) -> tuple[Tender, ...]:
    """Return one tender of everything that the rows ask for; a free sale has none."""
    due = sum(abs(pence(row)) - taken_off.get(row.number, 0) for row in rows)
    return (Tender(kind=METHOD, amount=_amount(due)),) if due else ()


def _taken_off(document: Document, found: Sorted) -> Discounts:
    """Return the pence of discount that each row of goods bears, by row number."""
    off = sum(abs(pence(row)) for row in found.discounts)
    if not off:
        return {}
    goods = discounted(document, found)
    parts = spread(off, [abs(pence(row)) for row in goods])
    return {row.number: part for row, part in zip(goods, parts, strict=True)}


def _journal(document: Document, rows: Sequence[Row]) -> Event:
    """Return what the rows charge, against clearing; a negative value is a cost of the shop."""
    words = dict.fromkeys(row.description or row.code for row in rows)
    return JournalPosted(
        id="",
        occurred_at=document.at,
        lines=tuple(line for row in rows for line in _legs(row)),
        reason=", ".join(words)[:500],
    )


def _legs(row: Row) -> tuple[JournalLine, JournalLine]:
    role, holder = CHARGES[row.code.upper()]
    amount = _amount(abs(pence(row)))
    if row.value < 0:
        return (
            JournalLine(account=role, holder=holder or None, debit=amount),
            JournalLine(account="clearing", holder=METHOD, credit=amount),
        )
    return (
        JournalLine(account="clearing", holder=METHOD, debit=amount),
        JournalLine(account=role, holder=holder or None, credit=amount),
    )


def _adjustment(document: Document, rows: Sequence[Row]) -> Event:
    """Return what came or went without a price; what a cancellation takes back comes."""
    sign = -1 if document.cancels else 1
    words = dict.fromkeys(row.description for row in rows if row.description)
    return StockAdjusted(
        id="",
        occurred_at=document.at,
        lines=tuple(
            AdjustedLine(item=row.code, quantity=SignedQuantity(row.quantity * sign))
            for row in rows
        ),
        reason=", ".join(words)[:500] or "without a price, no reason stated",
    )


def _amount(pence_: int) -> Amount:
    return Amount(to_text(pence_, CURRENCY))


def _chunks(rows: Sequence[Row], size: int = MOST_LINES) -> list[Sequence[Row]]:
    return [rows[at : at + size] for at in range(0, len(rows), size)]
