"""Whatever a sale, bill or journal holds, what it posts over there is what it says it posts."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.money import half_up
from sync.documents import (
    Bill,
    BillLine,
    CreditMemo,
    Invoice,
    JournalEntry,
    JournalLine,
    Line,
    RefundReceipt,
    SalesReceipt,
    Tax,
    Treatment,
)
from sync.quickbooks.payloads import Transaction
from tests.quickbooks.emulated import Emulated
from tests.quickbooks.shop import DAY, SHOPS, Shop, place

UNTAXED: Final[tuple[Treatment, ...]] = ("zero", "exempt", "out_of_scope")
ROLES = ("sales", "discounts", "gift_cards", "tips", "deposits", "cash_rounding")
ON_JOURNALS = ("sales", "inventory", "cost_of_goods", "gift_cards", "sales_tax", "tax_recoverable")


@st.composite
def lines_of(draw: st.DrawFn, shop: Shop) -> tuple[Line, ...]:
    """Draw lines of either sign, under every set of codes, untaxed ones between."""
    codes = [tax.code for tax in shop.ours]
    found = []
    for role in draw(st.lists(st.sampled_from(ROLES), min_size=1, max_size=5)):
        bears = tuple(draw(st.lists(st.sampled_from(codes), unique=True)))
        untaxed = draw(st.sampled_from(UNTAXED))
        amount = draw(st.integers(-20_000, 50_000))
        found.append(Line(place(role), role, amount, "", bears, "taxable" if bears else untaxed))
    return tuple(found)


def charged(draw: st.DrawFn, shop: Shop, role: str, lines: Sequence[Line]) -> tuple[Tax, ...]:
    """Draw taxes near what the rates give, as tills round them; none on a base of nothing."""
    taxes = []
    for tax in shop.ours:
        bases = [line.amount for line in lines if tax.code in line.taxes]
        base = sum(bases)
        near = half_up(base * tax.rate / 100) + draw(st.integers(-2, 2))
        amount = 0 if base == 0 else max(near, 0) if base > 0 else near
        if bases:
            taxes.append(Tax(place(role, tax.code), tax.code, amount, base))
    return tuple(taxes)


@st.composite
def sales_and_bills(draw: st.DrawFn, shop: Shop, number: int) -> Transaction | None:
    """Draw a document with lines; None where its total would be negative."""
    lines = draw(lines_of(shop))
    taxes = charged(draw, shop, "sales_tax", lines)
    head = _head(shop, number)
    card, owed = place("clearing", "visa"), place("receivable")
    costs = tuple(
        BillLine(place("inventory"), line.amount, "", line.taxes, line.treatment) for line in lines
    )
    drawn = draw(
        st.sampled_from(
            (
                SalesReceipt(day=DAY, lines=lines, taxes=taxes, deposit_to=card, **head),
                RefundReceipt(day=DAY, lines=lines, taxes=taxes, deposit_to=card, **head),
                Invoice(day=DAY, lines=lines, taxes=taxes, receivable=owed, **head),
                CreditMemo(day=DAY, lines=lines, taxes=taxes, receivable=owed, **head),
                Bill(
                    day=DAY,
                    vendor="Chapeaux SA",
                    payable=place("payable"),
                    lines=costs,
                    taxes=charged(draw, shop, "tax_recoverable", lines),
                    **head,
                ),
            )
        )
    )
    assert isinstance(drawn, SalesReceipt | RefundReceipt | Invoice | CreditMemo | Bill)
    return drawn if drawn.total >= 0 else None


@st.composite
def journals(draw: st.DrawFn, shop: Shop, number: int) -> Transaction | None:
    """Draw a balanced journal entry with taxes on either side; None where nothing is left of it."""
    lines = []
    for role in draw(st.lists(st.sampled_from(ON_JOURNALS), min_size=1, max_size=5)):
        code = draw(st.sampled_from(shop.ours)).code if "tax" in role else ""
        amount = draw(st.integers(1, 9_999)) * draw(st.sampled_from((1, -1)))
        lines.append(JournalLine(place(role, code), amount))
    rest = sum(line.amount for line in lines)
    if rest:
        lines.append(JournalLine(place("clearing", "visa"), -rest))
    if len(lines) < 2:
        return None
    head = _head(shop, number)
    return JournalEntry(day=DAY, lines=tuple(lines), **head)


def _head(shop: Shop, number: int) -> dict[str, Any]:
    return {"key": f"x:{number}", "number": f"N-{number}", "currency": shop.currency}


@st.composite
def a_days_documents(draw: st.DrawFn) -> tuple[Shop, list[Transaction]]:
    """Draw a country and a few documents."""
    shop = draw(st.sampled_from(tuple(SHOPS.values())))
    drawn = [
        draw(st.one_of(sales_and_bills(shop, number), journals(shop, number)))
        for number in range(draw(st.integers(1, 4)))
    ]
    return shop, [document for document in drawn if document is not None]


@given(a_days_documents(), st.booleans())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_effects_are_what_is_posted(day: tuple[Shop, list[Transaction]], strict: bool) -> None:  # noqa: FBT001 - Hypothesis fills it
    shop, drawn = day

    async def send() -> None:
        async with Emulated(shop, strict_sales_tax_lines=strict) as company:
            expected: Counter[str] = Counter()
            for document in drawn:
                sent = await company.send(document)
                assert sent.tax_difference == 0
                for effect in document.effects():
                    expected[company.id_of(effect.place)] += effect.amount
            posted = await company.target.trial_balance(DAY)
            assert posted == {account: sum_ for account, sum_ in expected.items() if sum_}

    asyncio.run(send())
