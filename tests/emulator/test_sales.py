"""Sales documents: numbers, lines, updates, voids, discounts."""

from typing import Any

from tests.emulator.books import Books, Json, Office, number


def receipt(books: Books, *amounts: str, **more: Any) -> Json:
    return {"Line": [books.line(amount, "NON") for amount in amounts], **more}


def test_documents_without_a_number_share_one_sequence(states: Books) -> None:
    customer = {"value": states.customer()}
    first = states.post("SalesReceipt", receipt(states, "1"))
    second = states.post("Invoice", receipt(states, "1", CustomerRef=customer))
    given = states.post("SalesReceipt", receipt(states, "1", DocNumber="S1-7"))
    forced = states.post("SalesReceipt", receipt(states, "1", DocNumber="AUTO_GENERATE"))
    numbers = [each["DocNumber"] for each in (first, second, given, forced)]
    assert numbers == ["1001", "1002", "S1-7", "1003"]


def test_custom_numbers_leave_an_omitted_number_out(office: Office) -> None:
    books = office.company(country="US", custom_txn_numbers=True)
    assert "DocNumber" not in books.post("SalesReceipt", receipt(books, "1"))


def test_a_number_twice_is_refused_only_where_the_company_warns(
    office: Office, states: Books
) -> None:
    body = receipt(states, "1", DocNumber="7")
    states.post("SalesReceipt", body)
    states.post("SalesReceipt", body)
    strict = office.company(country="US", warn_duplicate_numbers=True)
    body = receipt(strict, "1", DocNumber="7")
    strict.post("SalesReceipt", body)
    assert strict.code("SalesReceipt", body) == "6140"
    strict.post("SalesReceipt", body, include="allowduplicatedocnum")


def test_a_full_update_replaces_the_lines_and_forgets_what_is_omitted(states: Books) -> None:
    first = states.post("SalesReceipt", receipt(states, "1", "2", PrivateNote="note"))
    update = receipt(states, "5", Id=first["Id"], SyncToken="0")
    second = states.post("SalesReceipt", update)
    assert [line.get("Id") for line in second["Line"]] == ["3", None]
    assert second["SyncToken"] == "1"
    assert "PrivateNote" not in second
    assert second["DocNumber"] == first["DocNumber"]
    assert second["MetaData"]["CreateTime"] == first["MetaData"]["CreateTime"]


def test_a_line_that_names_its_id_keeps_it(states: Books) -> None:
    first = states.post("SalesReceipt", receipt(states, "1", "2"))
    lines = [states.line("9", "NON") | {"Id": "2"}, states.line("8", "NON")]
    update = {"Id": first["Id"], "SyncToken": "0", "Line": lines}
    second = states.post("SalesReceipt", update)
    assert [line.get("Id") for line in second["Line"]] == ["2", "3", None]


def test_a_sparse_update_changes_what_is_sent(states: Books) -> None:
    first = states.post("SalesReceipt", receipt(states, "12.5", PaymentRefNum="77"))
    update = {"Id": first["Id"], "SyncToken": "0", "sparse": True, "PrivateNote": "seen"}
    second = states.post("SalesReceipt", update)
    changed = {"PrivateNote", "SyncToken", "MetaData"}
    assert {k: v for k, v in second.items() if k not in changed} == {
        k: v for k, v in first.items() if k not in changed
    }
    assert states.code("SalesReceipt", update) == "5010"


def test_updating_what_is_not_there(states: Books) -> None:
    body = receipt(states, "1", Id="99999", SyncToken="0")
    assert states.code("SalesReceipt", body) == "610"
    assert states.refusal("SalesReceipt", {"Id": "1", "sparse": True})["element"] == "SyncToken"


def test_a_deleted_document_leaves_nothing_but_a_610(states: Books) -> None:
    first = states.post("SalesReceipt", receipt(states, "10", TxnDate="2026-01-05"))
    assert states.trial_balance("2026-01-31")
    key = {"Id": first["Id"], "SyncToken": "0"}
    gone = states.post("SalesReceipt", key, operation="delete")
    assert gone == {"domain": "QBO", "status": "Deleted", "Id": first["Id"]}
    assert states.trial_balance("2026-01-31") == {}
    assert states.send("GET", f"salesreceipt/{first['Id']}").status_code == 400
    assert states.query("select * from SalesReceipt") == {}
    assert states.code("SalesReceipt", key, operation="delete") == "610"


def test_a_voided_receipt_keeps_its_lines_at_nothing(states: Books) -> None:
    line = states.line("10", "NON", Qty=2, UnitPrice=5)
    first = states.post("SalesReceipt", {"Line": [line], "TxnDate": "2026-01-05"})
    key = {"Id": first["Id"], "SyncToken": "0", "sparse": True}
    void = states.post("SalesReceipt", key, operation="update", include="void")
    assert set(void) == set(first) | {"PrivateNote"}
    assert void["PrivateNote"] == "Voided"
    assert void["SyncToken"] == "1"
    assert void["TotalAmt"] == void["Line"][0]["Amount"] == void["Line"][1]["Amount"] == 0
    assert void["Line"][0]["SalesItemLineDetail"]["Qty"] == 0
    assert states.trial_balance("2026-01-31") == {}


def test_each_kind_is_voided_in_its_own_way_or_not_at_all(states: Books) -> None:
    customer = {"value": states.customer()}
    invoice = states.post("Invoice", receipt(states, "1", CustomerRef=customer, PrivateNote="n"))
    key = {"Id": invoice["Id"], "SyncToken": "0"}
    assert states.code("Invoice", key, operation="update", include="void") == "500"
    assert states.post("Invoice", key, operation="void")["PrivateNote"] == "Voided - n"
    credit = states.post("CreditMemo", receipt(states, "1", CustomerRef=customer))
    key = {"Id": credit["Id"], "SyncToken": "0"}
    assert states.code("CreditMemo", key, operation="void") == "500"


def test_a_discount_takes_off_and_comes_after_the_subtotal(states: Books) -> None:
    discount = {
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 10},
    }
    body = receipt(states, "87.50", TxnDate="2026-01-05")
    body["Line"].append(discount)
    written = states.post("SalesReceipt", body)
    assert written["TotalAmt"] == number("78.75")
    kinds = [line["DetailType"] for line in written["Line"]]
    assert kinds == ["SalesItemLineDetail", "SubTotalLineDetail", "DiscountLineDetail"]
    assert written["Line"][2]["Amount"] == number("8.75")
    assert states.trial_balance("2026-01-31") == {
        "Undeposited Funds": "78.75",
        "Discounts given": "8.75",
        "Sales": "-87.50",
    }
    body["Line"][1] = {"Amount": 90, "DetailType": "DiscountLineDetail", "DiscountLineDetail": {}}
    assert "Discount Amount" in states.refusal("SalesReceipt", body)["Detail"]
    del body["Line"][1]["Amount"]
    assert states.code("SalesReceipt", body) == "6090"


def test_a_refund_goes_out_of_the_account_it_names(states: Books) -> None:
    body = receipt(states, "30", TxnDate="2026-01-05")
    assert states.refusal("RefundReceipt", body)["element"] == "DepositToAccountRef"
    body["DepositToAccountRef"] = {"value": states.find("Account", "Checking")}
    states.post("RefundReceipt", body)
    assert states.trial_balance("2026-01-31") == {"Checking": "-30.00", "Sales": "30.00"}


def test_an_inventory_item_moves_its_cost(states: Books) -> None:
    item: Json = {
        "Name": "Vase",
        "Type": "Inventory",
        "TrackQtyOnHand": True,
        "QtyOnHand": 10,
        "PurchaseCost": 4,
        "InvStartDate": "2026-01-01",
        "IncomeAccountRef": {"value": states.find("Account", "Sales")},
        "ExpenseAccountRef": {"value": states.find("Account", "Cost of Goods Sold")},
        "AssetAccountRef": {"value": states.find("Account", "Inventory Asset")},
    }
    states.post("Item", item)
    line = states.line("30", "NON", item="Vase", Qty=3, UnitPrice=10)
    states.post("SalesReceipt", {"Line": [line], "TxnDate": "2026-01-05"})
    assert states.trial_balance("2026-01-31") == {
        "Undeposited Funds": "30.00",
        "Inventory Asset": "28.00",
        "Opening Balance Equity": "-40.00",
        "Sales": "-30.00",
        "Cost of Goods Sold": "12.00",
    }
