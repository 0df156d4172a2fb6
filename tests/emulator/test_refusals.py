"""Bad requests get QuickBooks' codes, in QuickBooks' order."""

from typing import Any

import pytest

from tests.emulator.books import Books, Json, Office, number


def receipt(*lines: Json, **more: Any) -> Json:
    return {"GlobalTaxCalculation": "TaxExcluded", "Line": list(lines), **more}


def test_an_unknown_property_is_named_as_recorded(states: Books) -> None:
    error = states.refusal("Invoice", {"BadJson": True})
    assert error["code"] == "2010"
    assert error["Message"] == "Request has invalid or unsupported property"
    assert error["Detail"].startswith(
        'Property Name:Unrecognized field "BadJson" '
        "(class com.intuit.schema.finance.v3.Invoice), not marked as ignorable"
    )


def test_an_unknown_property_is_found_at_any_depth(quebec: Books) -> None:
    line = quebec.line("1", "GST", Quantity=1)
    assert quebec.code("SalesReceipt", receipt(line)) == "2010"


def test_the_first_fault_of_the_order_is_reported(quebec: Books) -> None:
    """Shape, then required, then form, then references, then staleness, then business."""
    body: Json = {
        "Foo": 1,
        "PrintStatus": "Never",
        "DepositToAccountRef": {"value": "999"},
        "Id": "75",
        "SyncToken": "7",
        "GlobalTaxCalculation": "TaxExcluded",
    }
    first = quebec.post("SalesReceipt", receipt(quebec.line("1", "GST")))
    body["Id"] = first["Id"]
    assert quebec.code("SalesReceipt", body) == "2010"
    del body["Foo"]
    assert quebec.refusal("SalesReceipt", body)["element"] == "Line"
    body["Line"] = [quebec.line("-1", "GST")]
    assert quebec.code("SalesReceipt", body) == "2170"
    del body["PrintStatus"]
    assert quebec.code("SalesReceipt", body) == "2500"
    del body["DepositToAccountRef"]
    assert quebec.code("SalesReceipt", body) == "5010"
    body["SyncToken"] = "0"
    assert quebec.code("SalesReceipt", body) == "6000"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Line": []}, "2020"),
        ({"GlobalTaxCalculation": None}, "2020"),
        ({"DocNumber": "x" * 22}, "2050"),
        ({"PrivateNote": "x" * 4001}, "2050"),
        ({"CustomerMemo": {"value": "x" * 1001}}, "2050"),
        ({"TxnDate": "2026-02-30"}, "2080"),
        ({"TxnDate": "tomorrow"}, "2080"),
        ({"GlobalTaxCalculation": "Sometimes"}, "2170"),
        ({"CustomerRef": {"value": "12345"}}, "2500"),
        ({"PaymentMethodRef": {"value": "1"}}, "2500"),
        ({"Line": {"Amount": 1}}, "500"),
        ({"CurrencyRef": {"value": "USD"}}, "6000"),
    ],
)
def test_one_wrong_property(quebec: Books, change: Json, code: str) -> None:
    body = receipt(quebec.line("1", "GST")) | change
    assert quebec.code("SalesReceipt", body) == code


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Amount": "NaN"}, "2080"),
        ({"Amount": "ten"}, "2080"),
        ({"Amount": number("1e15")}, "2080"),
        ({"Amount": number("1.000001")}, "2080"),
        ({"DetailType": "Nonsense"}, "2170"),
        ({"DetailType": None}, "2020"),
        ({"Amount": None}, "2020"),
        ({"Description": "x" * 4001}, "2050"),
    ],
)
def test_one_wrong_property_of_a_line(quebec: Books, change: Json, code: str) -> None:
    line = quebec.line("1", "GST") | change
    assert quebec.code("SalesReceipt", receipt(line)) == code


def test_an_amount_must_be_quantity_times_price(quebec: Books) -> None:
    wrong = quebec.line("10", "GST", Qty=2, UnitPrice=4)
    assert quebec.code("SalesReceipt", receipt(wrong)) == "6070"
    right = quebec.line("10", "GST", Qty=3, UnitPrice=number("3.33333"))
    assert quebec.post("SalesReceipt", receipt(right))["TotalAmt"] == number("10.5")


def test_a_total_below_nothing_is_refused(quebec: Books) -> None:
    lines = [quebec.line("5", "Exempt"), quebec.line("-6", "Exempt")]
    assert "0 or greater" in quebec.refusal("SalesReceipt", receipt(*lines))["Detail"]


@pytest.mark.parametrize("account", ["Accounts Receivable (A/R)", "GST/HST Payable", "Sales"])
def test_money_goes_only_where_money_lies(quebec: Books, account: str) -> None:
    deposit = {"DepositToAccountRef": {"value": quebec.find("Account", account)}}
    body = receipt(quebec.line("1", "GST"), **deposit)
    assert quebec.code("SalesReceipt", body) == "2500"


def test_reading_what_is_not_there(quebec: Books) -> None:
    answer = quebec.send("GET", "customer/99999")
    assert answer.status_code == 400
    assert answer.json()["Fault"]["Error"][0]["code"] == "610"
    error = quebec.send("GET", "customer/1.5").json()["Fault"]["Error"][0]
    assert (error["code"], error["element"]) == ("2030", "Id")
    assert error["Detail"] == "Id should be a valid number. Supplied value:1.5"


def test_paths_and_bodies_that_are_nothing(quebec: Books) -> None:
    assert quebec.send("GET", "customer/1/5").json()["Fault"]["Error"][0]["code"] == "500"
    assert quebec.code("Estimate", {}) == "500"
    assert quebec.code("Customer", ["x"]) == "500"
    answer = quebec.office.send(
        "POST",
        f"/v3/company/{quebec.realm}/customer",
        content=b"{",
        headers=quebec.headers,
    )
    assert answer.json()["Fault"]["Error"][0]["code"] == "500"


def test_names_are_shared_by_customers_and_vendors(quebec: Books) -> None:
    quebec.customer("Tremblay")
    error = quebec.refusal("Vendor", {"DisplayName": "tremblay"})
    assert error["code"] == "6240"
    assert error["Detail"] == "The name supplied already exists. : null"


def test_an_inactive_name_is_free_again_or_not(office: Office, quebec: Books) -> None:
    first = quebec.post("Customer", {"DisplayName": "Tremblay"})
    update = {"Id": first["Id"], "SyncToken": "0", "sparse": True, "Active": False}
    assert quebec.post("Customer", update)["DisplayName"] == "Tremblay (deleted)"
    quebec.customer("Tremblay")
    strict = office.company(country="CA", deleted_frees_name=False)
    first = strict.post("Customer", {"DisplayName": "Tremblay"})
    strict.post("Customer", update | {"Id": first["Id"]})
    assert strict.code("Customer", {"DisplayName": "Tremblay"}) == "6240"


def test_an_inactive_customer_cannot_buy(quebec: Books) -> None:
    customer = quebec.customer()
    update = {"Id": customer, "SyncToken": "0", "sparse": True, "Active": False}
    quebec.post("Customer", update)
    body = receipt(quebec.line("1", "GST"), CustomerRef={"value": customer})
    assert quebec.code("SalesReceipt", body) == "2500"


def test_items_need_their_accounts(quebec: Books) -> None:
    income = {"value": quebec.find("Account", "Sales")}
    assert quebec.refusal("Item", {"Type": "Service"})["element"] == "Name"
    body: Json = {"Name": "Tea", "Type": "NonInventory", "IncomeAccountRef": income}
    assert quebec.refusal("Item", body)["element"] == "ExpenseAccountRef"
    receivable = {"value": quebec.find("Account", "Accounts Receivable (A/R)")}
    body |= {"ExpenseAccountRef": {"value": quebec.find("Account", "Purchases")}}
    assert quebec.code("Item", body | {"IncomeAccountRef": receivable}) == "2500"
    payable = quebec.post("Account", {"Name": "Gift cards", "AccountSubType": "Gratuity"})
    assert payable["AccountType"] == "Other Current Liability"
    written = quebec.post("Item", body | {"IncomeAccountRef": {"value": payable["Id"]}})
    assert written["IncomeAccountRef"]["name"] == "Gift cards"
    assert quebec.code("Item", body) == "6240"


def test_accounts_need_a_type_and_system_accounts_stay(quebec: Books) -> None:
    assert quebec.code("Account", {"Name": "X"}) == "6010"
    assert quebec.code("Account", {"Name": "X", "AccountType": "Magic"}) == "2170"
    assert quebec.code("Account", {"Name": "Sales", "AccountType": "Income"}) == "6240"
    funds = quebec.find("Account", "Undeposited Funds")
    update = {"Id": funds, "SyncToken": "0", "sparse": True, "Active": False}
    assert quebec.code("Account", update) == "6000"


def test_a_closed_period_stays_closed(office: Office, quebec: Books) -> None:
    old = quebec.post("SalesReceipt", receipt(quebec.line("1", "GST"), TxnDate="2026-01-31"))
    path = f"/_emulator/companies/{quebec.realm}"
    assert office.send("PATCH", path, json={"close_date": "2026-01-31"}).status_code == 200
    late = receipt(quebec.line("1", "GST"), TxnDate="2026-01-31")
    assert quebec.code("SalesReceipt", late) == "6210"
    key = {"Id": old["Id"], "SyncToken": "0"}
    moved = {**key, "sparse": True, "TxnDate": "2026-02-01"}
    assert quebec.code("SalesReceipt", moved) == "6210"
    assert quebec.code("SalesReceipt", key, operation="delete") == "6210"
    assert quebec.code("SalesReceipt", key, operation="update", include="void") == "6210"
    preferences = quebec.read("Preferences", "1")["AccountingInfoPrefs"]
    assert preferences["BookCloseDate"] == "2026-01-31"


def test_an_ended_subscription_refuses_everything(office: Office, quebec: Books) -> None:
    path = f"/_emulator/companies/{quebec.realm}"
    office.send("PATCH", path, json={"subscription": "EXPIRED"})
    assert quebec.query_error("select * from Item")["code"] == "6190"
