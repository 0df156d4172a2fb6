"""Where QuickBooks insists on its own tax: totals stay the till's, a rounding takes the cent."""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from ledger.settings import Settings
from sync.documents import Item, Line, Place, RefundReceipt, SalesReceipt, Void, account_key
from sync.protocol import Sent, Unknown
from sync.quickbooks.mapping import QuickBooksMapping
from sync.quickbooks.payloads import Transaction
from sync.quickbooks.rest import Taxable
from sync.quickbooks.rounding import rounding_of_book, usual_rounding
from tests.ledger.memory import MONTREAL
from tests.quickbooks.emulated import Emulated
from tests.quickbooks.scripted import Wire, push
from tests.quickbooks.shop import AMERICA, BRITAIN, DAY, QUEBEC, SHOPS, Shop, documents
from tests.quickbooks.test_against_emulator import effects, within
from tests.quickbooks.test_client import TAXED, taxed
from tests.quickbooks.test_outcomes import fault

KINDS = ("sales_receipt", "refund_receipt", "invoice", "credit_memo", "bill")


def odd(shop: Shop, kind: str, *cents: int) -> Taxable:
    """Return a document whose taxes, in their order, are off what rates and nets come to."""
    document = documents(shop)[kind]
    assert isinstance(document, Taxable)
    padded = [*cents, *[0] * len(document.taxes)]
    taxes = [
        replace(t, amount=t.amount + off) for t, off in zip(document.taxes, padded, strict=False)
    ]
    return replace(document, taxes=tuple(taxes))


async def moved(company: Emulated, before: Counter[str]) -> dict[str, int]:
    """Return what has been posted since, by their account."""
    after = Counter(await company.target.trial_balance(DAY))
    after.subtract(before)
    return {account: amount for account, amount in after.items() if amount}


async def stands(company: Emulated, document: Transaction, sent: Sent) -> dict[str, Any]:
    """Return a document as it stands there."""
    kind = type(document).__name__
    answer = await company.api.read(f"{kind.lower()}/{sent.remote_id}")
    row: dict[str, Any] = answer[kind]
    return row


async def accounts(company: Emulated) -> dict[str, str]:
    """Return the ids of their accounts by name."""
    return {name: number for number, name in (await company.target.chart()).items()}


@pytest.mark.parametrize("cents", [1, -1])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("country", SHOPS)
def test_totals_are_the_tills_and_the_cent_lies_between_tax_and_rounding(
    country: str, kind: str, cents: int
) -> None:
    shop = SHOPS[country]
    if (shop, kind) == (AMERICA, "bill"):
        kind = "invoice"  # taxes on bills are plain lines there
    document = odd(shop, kind, cents)

    async def work(company: Emulated) -> None:
        await company.prepare(document)
        before = Counter(await company.target.trial_balance(DAY))
        sent = await company.send(document)
        row = await stands(company, document, sent)
        assert round(row["TotalAmt"] * 100) == document.total
        assert sent.tax_difference == -cents
        sign = 1 if kind in ("sales_receipt", "invoice") else -1
        tax = company.id_of(document.taxes[0].place)
        rounding = (await accounts(company))["Cash rounding"]
        assert dict(sent.differences) == {tax: sign * cents, rounding: -sign * cents}
        ours = Counter(effects(company, document))
        ours.update(dict(sent.differences))
        assert await moved(company, before) == {a: amount for a, amount in ours.items() if amount}

    within(shop, work, insists_on_tax=True, sales_tax_rate="8.8889")


def test_the_rounding_of_cash_and_that_of_the_tax_are_one_item_on_one_account() -> None:
    document = odd(QUEBEC, "sales_receipt", 0, 1)
    assert isinstance(document, SalesReceipt)
    account, item = usual_rounding(document)
    given = Line(account.place, item.name, 1)
    document = replace(document, lines=(*document.lines, given))

    async def work(company: Emulated) -> None:
        sent = await company.send(document)
        qst = document.taxes[1].place
        assert dict(sent.differences) == {company.id_of(qst): 1, company.id_of(account.place): -1}
        rows = await company.api.query("SELECT * FROM Item WHERE Name LIKE '%ounding%'")
        assert [row["Id"] for row in rows] == [company.links[item.key].remote_id]
        balance = await company.target.trial_balance(DAY)
        assert balance[company.id_of(account.place)] == -2

    within(QUEBEC, work, insists_on_tax=True)


@pytest.mark.parametrize("back", ["find", "push"])
def test_what_has_been_rounded_is_left_alone_ever_after(back: str) -> None:
    document = odd(BRITAIN, "invoice", 1)

    async def work(company: Emulated) -> None:
        sent = await company.send(document)
        before = await stands(company, document, sent)
        again = await come_back(company, document, back)
        assert again is not None
        assert replace(again, trace="") == replace(sent, trace="")
        assert await stands(company, document, sent) == before

    within(BRITAIN, work, insists_on_tax=True)


async def come_back(company: Emulated, document: Taxable, how: str) -> Sent | None:
    """Look for a document, or push it again, after a crash."""
    if how == "find":
        return await company.target.find(document, 1, company.links)
    return await company.target.push(document, 1, company.links)


@pytest.mark.parametrize("back", ["find", "push"])
@pytest.mark.parametrize("kind", ["timeout_before", "timeout_after", "5xx_after"])
@pytest.mark.parametrize(
    ("entity", "skip"),
    [("salesreceipt", 1), ("salesreceipt", 2), ("account", 0), ("item", 0)],
    ids=["tax update", "rounding update", "account", "item"],
)
def test_a_crash_on_the_way_to_the_rounding_line_is_picked_up(
    entity: str, skip: int, kind: str, back: str
) -> None:
    document = odd(QUEBEC, "sales_receipt", 1)

    async def work(company: Emulated) -> None:
        await company.prepare(document)
        before = Counter(await company.target.trial_balance(DAY))
        items = (await company.counts())["Item"]
        await company.fault(kind=kind, entity=entity, method="POST", skip=skip, count=1)
        with pytest.raises(Unknown, match="tax-correction-open"):
            await company.target.push(document, 1, company.links)
        sent = await come_back(company, document, back)
        assert sent is not None
        row = await stands(company, document, sent)
        assert round(row["TotalAmt"] * 100) == document.total
        amounts = [line["Amount"] for line in row["Line"]]
        assert amounts.count(Decimal("0.01")) == 1
        assert sent.tax_difference == -1
        ours = Counter(effects(company, document))
        ours.update(dict(sent.differences))
        assert await moved(company, before) == {a: amount for a, amount in ours.items() if amount}
        counts = await company.counts()
        assert (counts["SalesReceipt"], counts["Item"]) == (1, items + 1)

    within(QUEBEC, work, insists_on_tax=True)


def test_a_rounding_that_may_not_be_made_is_told_against_the_money() -> None:
    document = odd(QUEBEC, "sales_receipt", 1)
    assert isinstance(document, SalesReceipt)

    async def work(company: Emulated) -> None:
        await company.prepare(document)
        before = Counter(await company.target.trial_balance(DAY))
        company.target.mapping = QuickBooksMapping(create_missing=False)
        sent = await company.send(document)
        gst, card = document.taxes[0].place, document.deposit_to
        assert card is not None
        assert sent.tax_difference == -1
        assert dict(sent.differences) == {company.id_of(gst): 1, company.id_of(card): -1}
        ours = Counter(effects(company, document))
        ours.update(dict(sent.differences))
        assert await moved(company, before) == {a: amount for a, amount in ours.items() if amount}

    within(QUEBEC, work, insists_on_tax=True)


def test_a_gap_too_wide_for_a_rounding_is_told_and_not_papered_over() -> None:
    document = odd(BRITAIN, "sales_receipt", 6)

    async def work(company: Emulated) -> None:
        sent = await company.send(document)
        row = await stands(company, document, sent)
        assert sent.tax_difference == -6
        assert round(row["TotalAmt"] * 100) == document.total - 6
        assert "Cash rounding" not in await accounts(company)
        assert sorted(amount for _, amount in sent.differences) == [-6, 6]

    within(BRITAIN, work, insists_on_tax=True)


def test_a_cent_between_two_rates_needs_no_rounding_and_is_told_all_the_same() -> None:
    document = odd(QUEBEC, "refund_receipt", 1, -1)
    assert isinstance(document, RefundReceipt)
    gst, qst = document.taxes

    async def work(company: Emulated) -> None:
        sent = await company.send(document)
        assert sent.tax_difference == 0
        off = {company.id_of(gst.place): -1, company.id_of(qst.place): 1}
        assert dict(sent.differences) == off
        assert "Cash rounding" not in await accounts(company)

    within(QUEBEC, work, insists_on_tax=True)


def test_once_quickbooks_gives_in_the_next_look_puts_everything_right() -> None:
    document = odd(BRITAIN, "sales_receipt", 6)

    async def work(company: Emulated) -> None:
        await company.send(document)
        path = f"/_emulator/companies/{company.realm}"
        (await company.http.patch(path, json={"insists_on_tax": False})).raise_for_status()
        found = await company.target.find(document, 1, company.links)
        assert found is not None
        assert (found.tax_difference, found.differences) == (0, ())
        assert (await stands(company, document, found))["TotalAmt"] * 100 == document.total

    within(BRITAIN, work, insists_on_tax=True)


def test_a_document_that_somebody_voided_is_not_brought_back_by_a_look() -> None:
    document = documents(QUEBEC)["invoice"]
    void = Void(key="void:V", day=DAY, currency="CAD", target="sale:S-2", target_kind="Invoice")

    async def work(company: Emulated) -> None:
        await company.send(document)
        gone = await company.target.push(void, 1, company.links)
        found = await company.target.find(document, 1, company.links)
        assert found == Sent(gone.remote_id, gone.sync_token)
        assert await company.target.trial_balance(DAY) == {}

    within(QUEBEC, work)


def test_a_receipt_of_nothing_is_not_void_before_it_is_voided() -> None:
    document = documents(QUEBEC)["zero_receipt"]
    void = Void(
        key="void:F", day=DAY, currency="CAD", target="forfeit:F-1", target_kind="SalesReceipt"
    )

    async def work(company: Emulated) -> None:
        await company.send(document)
        assert await company.target.find(void, 1, company.links) is None
        await company.target.push(void, 1, company.links)
        assert await company.target.find(void, 1, company.links) is not None
        assert await company.target.trial_balance(DAY) == {}

    within(QUEBEC, work)


ROUNDING_ACCOUNT = {"Id": "71", "Name": "Cash rounding", "AccountType": "Expense"}
ROUNDING_ITEM = {
    "Id": "72",
    "Name": "Cash rounding",
    "Type": "Service",
    "IncomeAccountRef": {"value": "71"},
}
FOUND = (
    (200, {"QueryResponse": {"Account": [ROUNDING_ACCOUNT]}}),
    (200, {"QueryResponse": {"Item": [ROUNDING_ITEM]}}),
)


def test_the_rounding_line_goes_by_a_full_update_with_their_tax_and_a_request_of_its_own() -> None:
    insisted = (taxed(TAXED, 2.30, 3.60), taxed(TAXED, 2.30, 3.60, 1))
    wire = Wire(*insisted, *FOUND, taxed(TAXED, 2.30, 3.60, 2, -0.01))
    sent = push(wire, TAXED)
    assert (sent.sync_token, sent.tax_difference) == ("2", 1)
    assert sent.differences == (("account:2200:QST", -1), ("71", 1))
    update = wire.body(4)
    assert (update["Id"], update["SyncToken"], update["sparse"]) == ("41", "1", False)
    assert update["PrivateNote"] == wire.body(0)["PrivateNote"]
    assert update["Line"][:-1] == wire.body(0)["Line"]
    assert update["Line"][-1] == {
        "Amount": -0.01,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": "72"}, "TaxCodeRef": {"value": "3"}},
    }
    stated = update["TxnTaxDetail"]
    assert stated["TotalTax"] == 5.90
    assert [line["Amount"] for line in stated["TaxLine"]] == [2.30, 3.60]
    ids = [wire.requests[at].url.params["requestid"] for at in (0, 1, 4)]
    assert len(set(ids)) == 3


def test_a_refused_rounding_leaves_the_document_there_and_the_difference_told() -> None:
    insisted = (taxed(TAXED, 2.30, 3.58), taxed(TAXED, 2.30, 3.58, 1))
    sent = push(Wire(*insisted, *FOUND, (400, fault("6210"))), TAXED)
    assert (sent.sync_token, sent.tax_difference) == ("1", -1)
    assert sent.differences == (("account:2200:QST", 1), ("account:1010:visa", -1))


def test_refused_taxes_are_rounded_all_the_same() -> None:
    rounded = taxed(TAXED, 2.30, 3.58, 1, 0.01)
    wire = Wire(taxed(TAXED, 2.30, 3.58), (400, fault("6000")), *FOUND, rounded)
    sent = push(wire, TAXED)
    assert (sent.sync_token, sent.tax_difference) == ("1", -1)
    assert sent.differences == (("account:2200:QST", 1), ("71", -1))


@pytest.mark.parametrize("code", ["5010", "600"])
def test_what_somebody_changed_meanwhile_is_looked_at_again(code: str) -> None:
    _, now = taxed(TAXED, 2.30, 3.60, 4)
    wire = Wire(
        taxed(TAXED, 2.30, 3.60), (400, fault(code)), (200, now), taxed(TAXED, 2.30, 3.59, 5)
    )
    assert push(wire, TAXED) == Sent("41", "5", "tid")
    assert wire.asked[2] == "GET salesreceipt/41"
    assert wire.body(3)["SyncToken"] == "4"


def test_a_document_that_is_gone_meanwhile_is_told_as_it_was() -> None:
    wire = Wire(taxed(TAXED, 2.31, 3.58), *[(400, fault("5010")), (400, fault("610"))] * 2)
    sent = push(wire, TAXED)
    assert (sent.sync_token, sent.tax_difference) == ("0", 0)


def test_a_book_names_the_rounding_as_its_own_documents_do() -> None:
    book = replace(MONTREAL, locale="fr-CA")
    document = documents(QUEBEC)["invoice"]
    account, item = rounding_of_book(Settings(book), book)(document)
    assert (account.name, item.name) == ("Arrondi de caisse", "Arrondi de caisse")
    assert account.place == item.place == Place("6110", "cash_rounding")
    assert (account.key, item.key) == (account_key(account.place), "item:Arrondi de caisse")
    assert isinstance(item, Item)
    assert item.needs == (account.key,)
