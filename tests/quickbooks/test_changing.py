"""An invoice that stands there is revised in its place, and e-mailed once, whatever happens."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from sync.documents import Email, Invoice, Revision, Void
from sync.protocol import Rejected, Unknown
from sync.quickbooks.client import QuickBooks
from sync.quickbooks.mapping import QuickBooksMapping
from tests.quickbooks.emulated import Emulated
from tests.quickbooks.shop import DAY, QUEBEC, documents

FOUND = documents(QUEBEC)["invoice"]
assert isinstance(FOUND, Invoice)
INVOICE = FOUND
HAT = INVOICE.lines[:1]
TAXES = (
    *(tax for tax in INVOICE.taxes if tax.code == "GST"),
    *(tax for tax in INVOICE.taxes if tax.code == "QST"),
)
REVISION = Revision(
    key="revision:V-1",
    day=DAY,
    currency="CAD",
    number=INVOICE.number,
    customer=INVOICE.customer,
    lines=INVOICE.lines[:3],
    taxes=TAXES,
    receivable=INVOICE.receivable,
    target=INVOICE.key,
    before=INVOICE,
)
EMAIL = Email(key="email:S-2", day=DAY, currency="CAD", target=INVOICE.key, customer="cust-7")


def rehearse(scene: Callable[[Emulated], Awaitable[None]]) -> None:
    async def played() -> None:
        async with Emulated(QUEBEC) as company:
            await company.send(INVOICE)
            await scene(company)

    asyncio.run(played())


async def invoice(company: Emulated) -> dict[str, Any]:
    remote = company.links[INVOICE.key].remote_id
    found: dict[str, Any] = (await company.api.read(f"invoice/{remote}"))["Invoice"]
    return found


def with_address(company: Emulated, known: str | None) -> QuickBooks:
    async def address(reference: str) -> str | None:
        return known if reference == "cust-7" else None

    mapping = QuickBooksMapping()
    return QuickBooks(company.api, mapping, company.shop.our_tax, address=address)


def test_a_revision_is_of_the_same_invoice_and_happens_once() -> None:
    async def scene(company: Emulated) -> None:
        assert await company.target.find(REVISION, 1, company.links) is None
        revised = await company.send(REVISION)
        assert revised.remote_id == company.links[INVOICE.key].remote_id
        assert (await company.counts())["Invoice"] == 1
        before = await invoice(company)
        assert before["TotalAmt"] * 100 == REVISION.total
        again = await company.target.push(REVISION, 1, company.links)
        assert again.sync_token == revised.sync_token
        assert await company.target.find(REVISION, 1, company.links) == again
        assert await invoice(company) == before

    rehearse(scene)


def test_both_marks_stand_in_its_note() -> None:
    async def scene(company: Emulated) -> None:
        await company.send(REVISION)
        marks = await company.target.marked(DAY, DAY)
        assert sorted(mark.key for mark in marks) == [REVISION.key, INVOICE.key]
        assert len({mark.remote_id for mark in marks}) == 1
        assert await company.target.find(INVOICE, 1, company.links) is not None

    rehearse(scene)


@pytest.mark.parametrize("fault", ["timeout_after", "5xx_after", "cut_body"])
def test_a_revision_whose_answer_was_lost_is_found(fault: str) -> None:
    async def scene(company: Emulated) -> None:
        await company.prepare(REVISION)
        await company.fault(kind=fault, entity="invoice", method="POST", count=1)
        with pytest.raises(Unknown):
            await company.target.push(REVISION, 1, company.links)
        token = (await invoice(company))["SyncToken"]
        found = await company.target.find(REVISION, 1, company.links)
        assert found is not None
        assert found.sync_token == token

    rehearse(scene)


def test_what_was_revised_can_be_voided_and_not_revised_any_more() -> None:
    async def scene(company: Emulated) -> None:
        await company.send(REVISION)
        void = Void(
            key="void:X-1:1", day=DAY, currency="CAD", target=INVOICE.key, target_kind="Invoice"
        )
        await company.target.push(void, 1, company.links)
        assert await company.target.trial_balance(DAY) == {}
        with pytest.raises(Rejected, match="link-refused"):
            await company.target.push(REVISION, 2, company.links)

    rehearse(scene)


def test_an_invoice_is_e_mailed_once() -> None:
    async def scene(company: Emulated) -> None:
        target = with_address(company, "zoe@example.com")
        assert await target.find(EMAIL, 1, company.links) is None
        await target.push(EMAIL, 1, company.links)
        sent = await invoice(company)
        assert (sent["EmailStatus"], sent["BillEmail"]["Address"]) == (
            "EmailSent",
            "zoe@example.com",
        )
        for version in (1, 2):
            await target.push(EMAIL, version, company.links)
        assert await invoice(company) == sent
        assert await target.find(EMAIL, 1, company.links) is not None

    rehearse(scene)


@pytest.mark.parametrize("fault", ["timeout_after", "5xx_after", "cut_body"])
def test_a_lost_answer_sends_no_second_e_mail(fault: str) -> None:
    async def scene(company: Emulated) -> None:
        target = with_address(company, "zoe@example.com")
        await company.fault(kind=fault, path="*/send", count=1)
        with pytest.raises(Unknown):
            await target.push(EMAIL, 1, company.links)
        sent = await invoice(company)
        assert await target.find(EMAIL, 1, company.links) is not None
        await target.push(EMAIL, 1, company.links)
        assert await invoice(company) == sent

    rehearse(scene)


def test_a_revision_keeps_in_mind_that_it_was_e_mailed() -> None:
    async def scene(company: Emulated) -> None:
        target = with_address(company, "zoe@example.com")
        await target.push(EMAIL, 1, company.links)
        await company.send(REVISION)
        assert (await invoice(company))["EmailStatus"] == "EmailSent"

    rehearse(scene)


def test_without_an_address_a_person_has_to_see_to_it() -> None:
    async def scene(company: Emulated) -> None:
        with pytest.raises(Rejected, match="no-address") as refused:
            await company.target.push(EMAIL, 1, company.links)
        assert refused.value.subject == "customer:cust-7"

    rehearse(scene)
