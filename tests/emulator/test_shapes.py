"""Answers have the properties of those that were recorded."""

from typing import Any

import pytest

from tests.emulator.books import Books, Json, number

CUSTOMER = (
    "Taxable Job BillWithParent Balance BalanceWithJobs CurrencyRef PreferredDeliveryMethod "
    "domain sparse Id SyncToken MetaData FullyQualifiedName DisplayName PrintOnCheckName Active "
    "DefaultTaxCodeRef"
)
VENDOR = (
    "Balance Vendor1099 CurrencyRef domain sparse Id SyncToken MetaData DisplayName "
    "PrintOnCheckName Active"
)
ACCOUNT = (
    "Name SubAccount FullyQualifiedName Active Classification AccountType AccountSubType "
    "CurrentBalance CurrentBalanceWithSubAccounts CurrencyRef domain sparse Id SyncToken MetaData"
)
ITEM = (
    "Name Active FullyQualifiedName Taxable UnitPrice Type IncomeAccountRef PurchaseCost "
    "ExpenseAccountRef AssetAccountRef TrackQtyOnHand QtyOnHand InvStartDate domain sparse Id "
    "SyncToken MetaData"
)
INVOICE = (
    "AllowIPNPayment AllowOnlinePayment AllowOnlineCreditCardPayment AllowOnlineACHPayment domain "
    "sparse Id SyncToken MetaData CustomField DocNumber TxnDate CurrencyRef LinkedTxn Line "
    "TxnTaxDetail CustomerRef DueDate TotalAmt ApplyTaxAfterDiscount PrintStatus EmailStatus "
    "Balance"
)
RECEIPT = (
    "sparse domain TxnDate TotalAmt SyncToken PrintStatus MetaData Line Id EmailStatus DocNumber "
    "DepositToAccountRef CustomField CurrencyRef Balance ApplyTaxAfterDiscount TxnTaxDetail"
)
BILL = (
    "SyncToken domain APAccountRef VendorRef TxnDate TotalAmt CurrencyRef LinkedTxn DueDate "
    "sparse Line Balance Id MetaData"
)


def inventory(books: Books) -> Json:
    return {
        "Name": "Garden Supplies",
        "Type": "Inventory",
        "TrackQtyOnHand": True,
        "QtyOnHand": 10,
        "PurchaseCost": 4,
        "InvStartDate": "2015-01-01",
        "IncomeAccountRef": {"value": books.find("Account", "Sales")},
        "ExpenseAccountRef": {"value": books.find("Account", "Cost of Goods Sold")},
        "AssetAccountRef": {"value": books.find("Account", "Inventory Asset")},
    }


def bill(books: Books) -> Json:
    detail = {"AccountRef": {"value": books.find("Account", "Purchases")}}
    line = {
        "Amount": number("103.55"),
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": detail,
    }
    return {"VendorRef": {"value": books.vendor()}, "Line": [line]}


@pytest.mark.parametrize(
    ("entity", "recorded", "body"),
    [
        ("Customer", CUSTOMER, lambda _: {"DisplayName": "Doe5, Jane"}),
        ("Vendor", VENDOR, lambda _: {"DisplayName": "Hydro-Québec"}),
        (
            "Account",
            ACCOUNT,
            lambda _: {"Name": "Gift cards", "AccountType": "Other Current Liability"},
        ),
        ("Item", ITEM, inventory),
        ("SalesReceipt", RECEIPT, lambda books: {"Line": [books.line("337.5", "NON")]}),
        (
            "Invoice",
            INVOICE,
            lambda books: {
                "CustomerRef": {"value": books.customer()},
                "Line": [books.line("100", "NON")],
            },
        ),
        ("Bill", BILL, bill),
    ],
)
def test_an_object_has_the_recorded_properties(
    states: Books, entity: str, recorded: str, body: Any
) -> None:
    written = states.post(entity, body(states))
    assert set(written) == set(recorded.split())
    assert set(written["MetaData"]) == {"CreateTime", "LastUpdatedTime"}
    assert written["SyncToken"] == "0"
    assert states.read(entity, written["Id"]) == written


def test_the_invoice_is_completed_as_recorded(states: Books) -> None:
    customer = states.customer("Amy's Bird Sanctuary")
    written = states.post(
        "Invoice",
        {
            "CustomerRef": {"value": customer},
            "TxnDate": "2020-09-29",
            "Line": [states.line("100.0", "NON")],
        },
    )
    item = states.find("Item", "Sales")
    assert written["Line"] == [
        {
            "Id": "1",
            "LineNum": 1,
            "Amount": number("100.0"),
            "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {
                "ItemRef": {"value": item, "name": "Sales"},
                "TaxCodeRef": {"value": "NON"},
            },
        },
        {
            "Amount": number("100.0"),
            "DetailType": "SubTotalLineDetail",
            "SubTotalLineDetail": {},
        },
    ]
    assert written["TxnTaxDetail"] == {"TotalTax": 0}
    assert written["CustomerRef"] == {"value": customer, "name": "Amy's Bird Sanctuary"}
    assert written["DueDate"] == "2020-10-29"
    assert written["Balance"] == written["TotalAmt"] == 100
    assert written["CurrencyRef"] == {"value": "USD", "name": "United States Dollar"}


def test_a_sales_receipt_over_nothing_is_accepted(states: Books) -> None:
    line = states.line("0", "NON", Qty=1, UnitPrice=0)
    written = states.post("SalesReceipt", {"Line": [line]})
    assert written["TotalAmt"] == 0
    assert written["DepositToAccountRef"]["name"] == "Undeposited Funds"


def test_time_stamps_have_an_offset_and_answers_a_time(states: Books) -> None:
    answer = states.send("POST", "customer", {"DisplayName": "Doe"})
    assert answer.headers["content-type"] == "application/json;charset=utf-8"
    assert "intuit_tid" in answer.headers
    assert answer.json()["time"] == "2026-03-02T06:00:00.000-08:00"
    assert answer.json()["Customer"]["MetaData"]["CreateTime"] == "2026-03-02T06:00:00-08:00"


def test_preferences_and_company_info_tell_the_tax_model(states: Books, quebec: Books) -> None:
    abroad = quebec.read("Preferences", "1")
    assert "PartnerTaxEnabled" not in abroad["TaxPrefs"]
    assert abroad["CurrencyPrefs"]["HomeCurrency"] == {"value": "CAD"}
    home = states.query("select * from Preferences")["Preferences"][0]
    assert home["TaxPrefs"]["PartnerTaxEnabled"] is True
    assert home["SalesFormsPrefs"]["CustomTxnNumbers"] is False
    assert quebec.query("select * from CompanyInfo")["CompanyInfo"][0]["Country"] == "CA"


def test_a_company_starts_with_codes_rates_and_agencies(quebec: Books, kingdom: Books) -> None:
    code = quebec.read("TaxCode", quebec.find("TaxCode", "GST/QST QC - 9.975"))
    sold = [quebec.read("TaxRate", rate) for rate in quebec.rates(code["Name"])]
    bought = [quebec.read("TaxRate", rate) for rate in quebec.rates(code["Name"], "Purchase")]
    assert [str(rate["RateValue"]) for rate in sold] == ["5", "9.975"]
    assert [str(rate["RateValue"]) for rate in bought] == ["5", "9.975"]
    assert {rate["Id"] for rate in sold}.isdisjoint(rate["Id"] for rate in bought)
    agencies = [quebec.read("TaxAgency", rate["AgencyRef"]["value"]) for rate in sold]
    assert [each["DisplayName"] for each in agencies] == ["Receiver General", "Revenu Québec"]
    names = [each["Name"] for each in kingdom.query("select * from TaxCode")["TaxCode"]]
    assert names == ["20.0% S", "5.0% R", "0.0% Z", "Exempt", "No VAT"]
