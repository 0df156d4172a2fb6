"""A life of invoices, bills and payouts, brought to an emulated QuickBooks: equal on every day."""

from datetime import date
from typing import Any

import pytest

from ledger.customers.store import Customer, put_customer
from ledger.database import transaction
from tests.builders import a_deposit, a_receipt, card, cash, fact, hat, reversal
from tests.conftest import Shop
from tests.sync.test_in_step import Rehearsal, rehearse

FIRST, LAST = date(2026, 3, 10), date(2026, 3, 20)


def issue(shop: Shop, number: str, day: str, **fields: Any) -> None:
    stated: dict[str, Any] = {"invoice": number, "lines": [hat()], "customer": "C-1", **fields}
    shop.record(fact("invoice_issued", f"I-{number}", on=day, **stated))


def pay(shop: Shop, number: str, amount: str, day: str, payment: str) -> None:
    applied = [{"invoice": number, "amount": amount}]
    paid: dict[str, Any] = {"payment": payment, "tenders": [card(amount)], "applied": applied}
    shop.record(fact("payment_received", payment, on=day, **paid))


def revise(shop: Shop, number: str, day: str, *lines: Any) -> None:
    stated: dict[str, Any] = {"invoice": number, "lines": list(lines)}
    shop.record(fact("invoice_revised", f"V-{number}-{day}", on=day, **stated))


def lives(shop: Shop) -> None:
    """Record what happens to some invoices, and beside them."""
    with transaction(shop.database) as connection:
        known = Customer("C-1", "Zoé Tremblay", "zoe@example.com")
        put_customer(connection, shop.book.id, known, 0)
    issue(shop, "F-1", "2026-03-10", send="email")
    revise(shop, "F-1", "2026-03-10", hat(), hat())
    pay(shop, "F-1", "50.00", "2026-03-12", "P-1")
    shop.record(fact("payment_bounced", "B-1", on="2026-03-13", payment="P-1", fee="5.00"))
    pay(shop, "F-1", "91.98", "2026-03-14", "P-2")
    issue(shop, "F-2", "2026-03-11")
    revise(shop, "F-2", "2026-03-12", hat(), hat())
    pay(shop, "F-2", "60.00", "2026-03-12", "P-3")
    revise(shop, "F-2", "2026-03-13", hat())
    issue(shop, "F-3", "2026-03-11")
    shop.record(fact("invoice_voided", "W-3", on="2026-03-15", invoice="F-3"))
    issue(shop, "F-4", "2026-03-12")
    shop.record(fact("invoice_written_off", "W-4", on="2026-03-16", invoice="F-4"))
    issue(shop, "F-5", "2026-03-12", booking="BK-1")
    shop.record(a_deposit("D-1", "D-1", on="2026-03-12", booking="BK-1"))
    shop.record(fact("no_show_recorded", "N-5", on="2026-03-17", booking="BK-1"))
    issue(shop, "F-6", "2026-03-12")
    shop.record(reversal("I-F-6", on="2026-03-13"))
    shop.record(a_receipt("G-1", ("HAT", "10", "10.00"), receipt="R-1", vendor="V"))
    bill: dict[str, Any] = {"bill": "77", "vendor": "V", "receipts": ["R-1"]}
    shop.record(fact("bill_received", "BI-1", on="2026-03-15", **bill))
    back: dict[str, Any] = {"receipt": "R-1", "vendor": "V", "credit_note": "CN-1"}
    lines = [{"item": "HAT", "quantity": "2", "unit_cost": "9.50"}]
    shop.record(fact("goods_returned", "K-1", on="2026-03-16", lines=lines, **back))
    payout: dict[str, Any] = {"method": "visa", "gross": "60.00", "fees": "2.00"}
    shop.record(fact("payout_settled", "O-1", on="2026-03-18", **payout))
    tips: dict[str, Any] = {"staff": "Ana", "amount": "3.00", "tenders": [cash("3.00")]}
    shop.record(fact("tips_paid_out", "T-1", on="2026-03-18", **tips))


@pytest.mark.parametrize("fault", [None, "timeout_after", "5xx_after", "cut_body", "429"])
def test_it_is_equal_on_every_day_whatever_breaks(shop: Shop, fault: str | None) -> None:
    lives(shop)

    async def scenario(rehearsal: Rehearsal) -> None:
        if fault is not None:
            for entity in ("invoice", "payment", "creditmemo", "vendorcredit", "deposit"):
                await rehearsal.fault(kind=fault, entity=entity, method="POST", skip=1, count=1)
            await rehearsal.fault(kind=fault, path="*/send", count=1)
        await rehearsal.drain(through=LAST)
        await rehearsal.assert_in_step(FIRST, LAST)
        assert await mailed(rehearsal) == {"F-1": "zoe@example.com"}

    rehearse(shop, scenario)


async def mailed(rehearsal: Rehearsal) -> dict[str, str]:
    """Return which invoices were sent, and to whom."""
    target = await rehearsal.desk.office.open(rehearsal.shop.book)
    rows = [row async for row in target.api.pages("Invoice")]
    sent = [row for row in rows if row["EmailStatus"] == "EmailSent"]
    return {row["DocNumber"]: row["BillEmail"]["Address"] for row in sent}


def test_what_was_sent_day_by_day_is_the_same(shop: Shop) -> None:
    lives(shop)

    async def scenario(rehearsal: Rehearsal) -> None:
        await rehearsal.drain()
        issue(shop, "F-9", "2026-03-19")
        await rehearsal.drain()
        revise(shop, "F-9", "2026-03-19", hat(), hat())
        await rehearsal.drain()
        pay(shop, "F-9", "10.00", "2026-03-19", "P-9")
        shop.record(reversal("P-9", on="2026-03-19"))
        await rehearsal.drain()
        shop.record(reversal("V-F-9-2026-03-19", on="2026-03-19"))
        await rehearsal.drain()
        await rehearsal.assert_in_step(FIRST, LAST)

    rehearse(shop, scenario)
