"""The client and the emulator, each written from what is published, must understand each other."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from sync.documents import AnyDocument, Payment, Void
from sync.protocol import Rejected, Sent, Unavailable, Unknown
from sync.quickbooks.mapping import QuickBooksMapping
from tests.quickbooks.emulated import Emulated
from tests.quickbooks.shop import BRITAIN, DAY, QUEBEC, SHOPS, Shop, documents

KINDS = tuple(documents(QUEBEC))


def within(shop: Shop, work: Callable[[Emulated], Awaitable[None]], **switches: Any) -> None:
    async def run() -> None:
        async with Emulated(shop, **switches) as company:
            await work(company)

    asyncio.run(run())


def effects(company: Emulated, document: AnyDocument) -> dict[str, int]:
    """Return what a document should post, by their account."""
    sums: Counter[str] = Counter()
    for effect in document.effects():
        sums[company.id_of(effect.place)] += effect.amount
    return {account: amount for account, amount in sums.items() if amount}


async def send_what_it_links(company: Emulated, shop: Shop, document: AnyDocument) -> None:
    if isinstance(document, Payment):
        for part in document.applied:
            earlier = next(d for d in documents(shop).values() if d.key == part.key)
            await company.send(earlier)


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("country", SHOPS)
def test_every_kind_of_document_posts_its_effects_to_the_cent(
    country: str, kind: str, *, strict: bool
) -> None:
    shop = SHOPS[country]
    document = documents(shop)[kind]

    async def work(company: Emulated) -> None:
        await send_what_it_links(company, shop, document)
        before = Counter(await company.target.trial_balance(DAY))
        sent = await company.send(document)
        assert sent.tax_difference == 0
        after = Counter(await company.target.trial_balance(DAY))
        after.subtract(before)
        moved = {account: amount for account, amount in after.items() if amount}
        assert moved == effects(company, document)
        assert not any((await company.target.trial_balance(DAY - timedelta(days=1))).values())

    within(shop, work, strict_sales_tax_lines=strict)


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_is_found_again_and_a_repeated_push_writes_nothing(kind: str) -> None:
    document = documents(QUEBEC)[kind]

    async def work(company: Emulated) -> None:
        await send_what_it_links(company, QUEBEC, document)
        await company.prepare(document)
        assert await company.target.find(document, 1, company.links) is None
        sent = await company.send(document)
        counts = await company.counts()
        again = await company.send(document)
        found = await company.target.find(document, 1, company.links)
        assert found is not None
        assert {sent.remote_id, again.remote_id, found.remote_id} == {sent.remote_id}
        assert await company.counts() == counts
        assert await company.target.find(document, 2, company.links) is None

    within(QUEBEC, work)


@pytest.mark.parametrize("fault", ["timeout_after", "5xx_after", "cut_body"])
def test_an_answer_that_is_lost_after_the_deed_is_found_and_not_done_twice(fault: str) -> None:
    receipt = documents(QUEBEC)["sales_receipt"]

    async def work(company: Emulated) -> None:
        await company.prepare(receipt)
        await company.fault(kind=fault, entity="salesreceipt", count=1)
        with pytest.raises(Unknown):
            await company.target.push(receipt, 1, company.links)
        found = await company.target.find(receipt, 1, company.links)
        assert found is not None
        again = await company.target.push(receipt, 1, company.links)
        assert again.remote_id == found.remote_id
        assert (await company.counts())["SalesReceipt"] == 1

    within(QUEBEC, work)


@pytest.mark.parametrize("fault", ["timeout_before", "5xx_before", "down"])
def test_an_answer_that_is_lost_before_the_deed_leaves_nothing_and_the_push_is_repeated(
    fault: str,
) -> None:
    receipt = documents(QUEBEC)["sales_receipt"]

    async def work(company: Emulated) -> None:
        await company.prepare(receipt)
        await company.fault(kind=fault, entity="salesreceipt", count=1)
        with pytest.raises(Unknown):
            await company.target.push(receipt, 1, company.links)
        assert await company.target.find(receipt, 1, company.links) is None
        await company.target.push(receipt, 1, company.links)
        assert (await company.counts())["SalesReceipt"] == 1

    within(QUEBEC, work)


def test_a_document_created_twice_is_seen_as_a_double() -> None:
    receipt = documents(QUEBEC)["sales_receipt"]

    async def work(company: Emulated) -> None:
        first = await company.send(receipt)
        second = await company.send(receipt, 2)
        await company.send(documents(QUEBEC)["journal"])
        found = await company.target.marked(DAY, DAY)
        assert [(mark.key, mark.version, mark.kind, mark.remote_id) for mark in found] == [
            ("sale:S-1", 1, "SalesReceipt", first.remote_id),
            ("sale:S-1", 2, "SalesReceipt", second.remote_id),
            ("rest:S-1", 1, "JournalEntry", company.links["rest:S-1"].remote_id),
        ]
        assert await company.target.marked(DAY + timedelta(days=1), DAY + timedelta(days=9)) == []

    within(QUEBEC, work)


@pytest.mark.parametrize("kind", ["sales_receipt", "invoice", "payment"])
def test_a_void_takes_back_all_that_was_posted(kind: str) -> None:
    document = documents(QUEBEC)[kind]
    void = Void(
        key="void:V-1",
        day=DAY,
        currency="CAD",
        target=document.key,
        target_kind=type(document).__name__,  # type: ignore[arg-type]  # one of the three
    )

    async def work(company: Emulated) -> None:
        await send_what_it_links(company, QUEBEC, document)
        before = await company.target.trial_balance(DAY)
        await company.send(document)
        assert await company.target.find(void, 1, company.links) is None
        await company.target.push(void, 1, company.links)
        assert await company.target.trial_balance(DAY) == before
        assert await company.target.find(void, 1, company.links) is not None
        assert await company.target.find(document, 1, company.links) is not None
        await company.target.push(void, 2, company.links)
        assert await company.target.trial_balance(DAY) == before

    within(QUEBEC, work)


def test_a_stale_token_is_refreshed_without_anybody_noticing() -> None:
    receipt = documents(BRITAIN)["untaxed_receipt"]

    async def work(company: Emulated) -> None:
        await company.prepare(receipt)
        before = await company.tokens.current()
        await company.fault(kind="stale_token", entity="salesreceipt", count=1)
        await company.target.push(receipt, 1, company.links)
        assert await company.tokens.current() != before
        assert (await company.counts())["SalesReceipt"] == 1

    within(BRITAIN, work)


def test_throttling_is_passed_on_as_something_to_wait_for() -> None:
    receipt = documents(BRITAIN)["untaxed_receipt"]

    async def work(company: Emulated) -> None:
        await company.prepare(receipt)
        await company.fault(kind="429", count=1)
        with pytest.raises(Unavailable, match="throttled") as throttled:
            await company.target.push(receipt, 1, company.links)
        assert throttled.value.after_seconds == 60

    within(BRITAIN, work)


def test_a_closed_period_is_for_a_person() -> None:
    async def work(company: Emulated) -> None:
        with pytest.raises(Rejected, match="period-closed"):
            await company.send(documents(QUEBEC)["journal"])

    within(QUEBEC, work, close_date="2026-03-14")


def test_the_till_keeps_its_odd_cent_of_tax_where_quickbooks_computes_another() -> None:
    receipt = documents(QUEBEC)["refund_receipt"]
    gst, qst = receipt.taxes  # type: ignore[union-attr]  # a refund receipt has taxes
    odd = replace(receipt, taxes=(replace(gst, amount=231), replace(qst, amount=358)))

    async def work(company: Emulated) -> None:
        sent = await company.send(odd)
        assert sent.tax_difference == 0
        balance = await company.target.trial_balance(DAY)
        assert balance[company.id_of(gst.place)] == 231
        assert balance[company.id_of(qst.place)] == 358

    within(QUEBEC, work, strict_sales_tax_lines=True)


@pytest.mark.parametrize("country", SHOPS)
def test_a_mapping_is_proposed_from_what_the_company_has(country: str) -> None:
    shop = SHOPS[country]

    async def work(company: Emulated) -> None:
        await company.prepare(documents(shop)["invoice"])
        masters = [master for key in company.links if (master := company.account(key)) is not None]
        proposed = await company.target.suggest(masters, shop.ours)
        assert proposed.accounts == {
            master.key: company.links[master.key].remote_id for master in masters
        }
        if country == "US":
            assert proposed.tax_codes == {}
        else:
            assert {"exempt", "zero", "out_of_scope", shop.ours[0].code} <= set(proposed.tax_codes)
        company.target.mapping = proposed
        assert await company.target.check(masters) == {}
        wrong = {"account:2300": proposed.accounts["account:4000"], "account:4020": "999999"}
        company.target.mapping = QuickBooksMapping(accounts=wrong)
        assert await company.target.check(masters) == {
            "account:2300": "account-type-unfit",
            "account:4020": "account-inactive",
        }

    within(shop, work)


def test_what_has_been_mapped_by_hand_is_used() -> None:
    async def work(company: Emulated) -> None:
        chart = {name: number for number, name in (await company.target.chart()).items()}
        company.target.mapping = QuickBooksMapping(
            accounts={"account:1010:visa": chart["Undeposited Funds"]}
        )
        receipt = documents(QUEBEC)["sales_receipt"]
        await company.send(receipt)
        assert company.links["account:1010:visa"] == Sent(chart["Undeposited Funds"])

    within(QUEBEC, work)
