"""Accounts, items and names: mapped, else the company's own, else created, else for a person."""

from typing import Any

import pytest

from sync.documents import Account, Customer, Item, Vendor, account_key
from sync.protocol import Rejected, Sent, Unknown
from tests.quickbooks.scripted import Answer, Wire, push, run, target
from tests.quickbooks.shop import DAY, place
from tests.quickbooks.test_outcomes import fault

EMPTY: Answer = (200, {"QueryResponse": {}})


def account(role: str, name: str, holder: str = "", kind: str = "asset") -> Account:
    where = place(role, holder)
    return Account(
        key=account_key(where), day=DAY, currency="CAD", place=where, name=name, account_type=kind
    )


CHART = [
    {"Id": "1", "Name": "Encaisse", "AccountType": "Bank", "AccountSubType": "CashOnHand"},
    {"Id": "2", "Name": "Gift cards", "AccountType": "Income"},
    {
        "Id": "3",
        "Name": "GST/HST Payable",
        "AccountType": "Other Current Liability",
        "AccountSubType": "GlobalTaxPayable",
    },
    {
        "Id": "4",
        "Name": "QST Payable",
        "AccountType": "Other Current Liability",
        "AccountSubType": "GlobalTaxPayable",
    },
    {
        "Id": "5",
        "Name": "PST Payable (BC)",
        "AccountType": "Other Current Liability",
        "AccountSubType": "GlobalTaxPayable",
    },
    {"Id": "6", "Name": "Debtors", "AccountType": "Accounts Receivable"},
    {
        "Id": "7",
        "Name": "Retained Earnings",
        "AccountType": "Equity",
        "AccountSubType": "RetainedEarnings",
    },
    {"Id": "8", "Name": "Suspense", "AccountType": "Other Current Asset", "Active": False},
]
CHART_ANSWER = (200, {"QueryResponse": {"Account": CHART}})


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (account("cash", "  ENCAISSÉ "), "1"),
        (account("sales_tax", "Sales tax GST", "GST", "liability"), "3"),
        (account("sales_tax", "Sales tax QST", "QST", "liability"), "4"),
        (account("tax_recoverable", "Tax recoverable GST", "GST"), "3"),
        (account("receivable", "Accounts receivable"), "6"),
        (account("retained_earnings", "Retained earnings", kind="equity"), "7"),
    ],
)
def test_an_account_that_the_company_has_is_adopted(wanted: Account, found: str) -> None:
    wire = Wire(CHART_ANSWER)
    assert push(wire, wanted).remote_id == found
    assert len(wire.requests) == 1


def test_an_account_is_created_of_the_type_that_its_role_asks_for() -> None:
    wire = Wire(CHART_ANSWER, (200, {"Account": {"Id": "90", "SyncToken": "0"}}))
    assert push(wire, account("clearing", 'Clearing: "visa"', "visa")).remote_id == "90"
    assert wire.body(1) == {
        "Name": "Clearing- 'visa'",
        "AccountType": "Other Current Asset",
        "AccountSubType": "OtherCurrentAssets",
    }


def test_a_name_that_another_kind_of_account_has_gets_a_suffix() -> None:
    wire = Wire(
        CHART_ANSWER,
        (400, fault("6240")),
        CHART_ANSWER,
        (200, {"Account": {"Id": "91", "SyncToken": "0"}}),
    )
    assert push(wire, account("gift_cards", "Gift cards", kind="liability")).remote_id == "91"
    assert [wire.body(at)["Name"] for at in (1, 3)] == ["Gift cards", "Gift cards (Daybook)"]


@pytest.mark.parametrize(
    ("wanted", "cause"),
    [
        (account("sales_tax", "Sales tax", "HST-X", "liability"), "account-unmapped"),
        (account("opening_balance", "Opening balance", kind="equity"), "account-unmapped"),
    ],
)
def test_what_only_quickbooks_makes_is_never_created(wanted: Account, cause: str) -> None:
    with pytest.raises(Rejected, match=cause) as refused:
        push(Wire(CHART_ANSWER), wanted)
    assert refused.value.subject == wanted.key


def test_nothing_is_created_where_the_mapping_says_so() -> None:
    with pytest.raises(Rejected, match="account-unmapped"):
        push(Wire(CHART_ANSWER), account("clearing", "Clearing"), create_missing=False)


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        ((200, {"Account": {"Id": "5", "AccountType": "Income"}}), "account-type-unfit"),
        ((200, {"Account": {"Id": "5", "AccountType": "Bank", "Active": False}}), "inactive"),
        ((400, fault("610")), "account-inactive"),
    ],
)
def test_a_mapped_account_is_checked_before_its_first_use(answer: Answer, cause: str) -> None:
    wanted = account("cash", "Cash", "till-3")
    with pytest.raises(Rejected, match=cause):
        push(Wire(answer), wanted, accounts={wanted.key: "5"})


def test_a_mapped_account_of_the_right_type_is_taken() -> None:
    wanted = account("cash", "Cash", "till-3")
    wire = Wire((200, {"Account": {"Id": "5", "AccountType": "Other Current Asset"}}))
    assert push(wire, wanted, accounts={wanted.key: "5"}).remote_id == "5"


def item(name: str, sku: str | None = None) -> Item:
    return Item(
        key=f"item:{name}", day=DAY, currency="CAD", place=place("sales"), name=name, sku=sku
    )


ITEM_LINKS = {account_key(place("sales")): Sent("79")}


def row(number: str, name: str, account_id: str = "79", **more: Any) -> dict[str, Any]:
    income = {"value": account_id}
    return {"Id": number, "Name": name, "Type": "Service", "IncomeAccountRef": income, **more}


def push_item(wire: Wire, wanted: Item) -> Sent:
    return run(lambda: target(wire).push(wanted, 1, ITEM_LINKS))


def test_an_item_is_known_by_sku_else_by_name_whatever_case_and_accents() -> None:
    items = [row("1", "Chapeaux d'été"), row("2", "Feutre", Sku="HAT")]
    answer = (200, {"QueryResponse": {"Item": items}})
    assert push_item(Wire(answer), item("CHAPEAUX D'ETE")).remote_id == "1"
    assert push_item(Wire(answer), item("Chapeaux d'été", "HAT")).remote_id == "2"


def test_an_item_that_would_post_elsewhere_is_not_used() -> None:
    items = (
        200,
        {"QueryResponse": {"Item": [row("1", "Hats", "80"), row("2", "Hats", Type="Inventory")]}},
    )
    wire = Wire(
        items,
        (200, {"QueryResponse": {"Account": [{"Id": "85", "AccountType": "Expense"}]}}),
        (400, fault("6240")),
        items,
        (200, {"Item": {"Id": "3", "SyncToken": "0"}}),
    )
    assert push_item(wire, item("Hats")).remote_id == "3"
    assert wire.body(4) == {
        "Name": "Hats (Daybook)",
        "Type": "Service",
        "IncomeAccountRef": {"value": "79"},
        "ExpenseAccountRef": {"value": "85"},
    }


def customer(name: str) -> Customer:
    return Customer(key="customer:c-7", day=DAY, currency="CAD", reference="c-7", name=name)


def test_a_customer_of_the_same_name_is_adopted() -> None:
    wire = Wire((200, {"QueryResponse": {"Customer": [{"Id": "8", "DisplayName": "Amy's"}]}}))
    assert push(wire, customer("Amy's")).remote_id == "8"
    assert "DisplayName = 'Amy\\'s'" in wire.asked[0]


def test_a_customer_whose_name_a_vendor_has_gets_a_suffix() -> None:
    created = (200, {"Customer": {"Id": "9", "SyncToken": "0"}})
    wire = Wire(EMPTY, EMPTY, (400, fault("6240")), EMPTY, EMPTY, created)
    assert push(wire, customer("Hydro\tQuébec: Nord")).remote_id == "9"
    assert [wire.body(at)["DisplayName"] for at in (2, 5)] == [
        "Hydro Québec- Nord",
        "Hydro Québec- Nord (C)",
    ]


def test_a_creation_that_is_said_to_be_a_repetition_is_looked_for() -> None:
    made = (200, {"QueryResponse": {"Customer": [{"Id": "9", "DisplayName": "Amy"}]}})
    repeated = (400, fault("600"))
    assert push(Wire(EMPTY, EMPTY, repeated, made), customer("Amy")).remote_id == "9"
    with pytest.raises(Unknown, match="request-repeated"):
        push(Wire(EMPTY, EMPTY, repeated, EMPTY, EMPTY), customer("Amy"))


def test_a_name_that_has_appeared_since_the_list_was_read_is_adopted() -> None:
    chart = (
        200,
        {
            "QueryResponse": {
                "Account": [
                    *CHART,
                    {"Id": "99", "Name": "Clearing visa", "AccountType": "Other Current Asset"},
                ]
            }
        },
    )
    wire = Wire(CHART_ANSWER, (400, fault("6240")), chart)
    assert push(wire, account("clearing", "Clearing visa", "visa")).remote_id == "99"


def test_a_name_that_is_taken_with_its_suffix_too_is_for_a_person() -> None:
    taken = (400, fault("6240"))
    vendor = Vendor(key="vendor:X", day=DAY, currency="CAD", name="X" * 120)
    wire = Wire(EMPTY, EMPTY, taken, EMPTY, EMPTY, taken, EMPTY, EMPTY)
    with pytest.raises(Rejected, match="name-taken"):
        push(wire, vendor)
    assert all(len(wire.body(at)["DisplayName"]) <= 100 for at in (2, 5))
