"""Payments, credits and deposits: what is applied, what is left, what is frozen."""

from typing import Any

from tests.emulator.books import Books, Json, number


def invoice(books: Books, customer: str, amount: str, entity: str = "Invoice") -> str:
    body = {
        "CustomerRef": {"value": customer},
        "TxnDate": "2026-01-05",
        "Line": [books.line(amount, "NON")],
    }
    return str(books.post(entity, body)["Id"])


def payment(customer: str, total: str, *links: tuple[str, str, str], **more: Any) -> Json:
    """Each link is (amount, type, id)."""
    lines = [
        {"Amount": number(amount), "LinkedTxn": [{"TxnId": key, "TxnType": kind}]}
        for amount, kind, key in links
    ]
    body = {"CustomerRef": {"value": customer}, "TotalAmt": number(total), "Line": lines}
    return {**body, "TxnDate": "2026-01-06", **more}


def test_a_payment_settles_an_invoice(states: Books) -> None:
    customer = states.customer()
    bill = invoice(states, customer, "100")
    paid = states.post("Payment", payment(customer, "60", ("60", "Invoice", bill)))
    assert paid["UnappliedAmt"] == 0
    assert paid["DepositToAccountRef"]["name"] == "Undeposited Funds"
    after = states.read("Invoice", bill)
    assert after["Balance"] == 40
    assert after["LinkedTxn"] == [{"TxnId": paid["Id"], "TxnType": "Payment"}]
    assert states.read("Customer", customer)["Balance"] == 40
    assert states.trial_balance("2026-01-31") == {
        "Accounts Receivable (A/R)": "40.00",
        "Undeposited Funds": "60.00",
        "Sales": "-100.00",
    }


def test_what_is_paid_beyond_the_invoice_is_unapplied(states: Books) -> None:
    customer = states.customer()
    bill = invoice(states, customer, "100")
    paid = states.post("Payment", payment(customer, "130", ("100", "Invoice", bill)))
    assert paid["UnappliedAmt"] == 30
    assert states.read("Customer", customer)["Balance"] == -30
    assert states.post("Payment", payment(customer, "5"))["UnappliedAmt"] == 5


def test_a_credit_memo_is_applied_by_a_payment_over_nothing(states: Books) -> None:
    customer = states.customer()
    bill = invoice(states, customer, "25")
    credit = invoice(states, customer, "25", "CreditMemo")
    links = ("25", "Invoice", bill), ("25", "CreditMemo", credit)
    assert states.post("Payment", payment(customer, "0", *links))["UnappliedAmt"] == 0
    assert states.read("Invoice", bill)["Balance"] == 0
    assert states.read("CreditMemo", credit)["RemainingCredit"] == 0


def test_a_journal_line_on_receivables_is_settled_like_an_invoice(states: Books) -> None:
    customer = states.customer()
    named = {"Type": "Customer", "EntityRef": {"value": customer}}
    entry = {
        "TxnDate": "2026-01-05",
        "Line": [
            states.leg("Debit", "Accounts Receivable (A/R)", "50", Entity=named),
            states.leg("Credit", "Sales", "50"),
        ],
    }
    key = states.post("JournalEntry", entry)["Id"]
    paid = states.post("Payment", payment(customer, "50", ("50", "JournalEntry", key)))
    assert paid["UnappliedAmt"] == 0
    again = payment(customer, "50", ("50", "JournalEntry", key))
    assert states.code("Payment", again) == "620"


def test_payments_that_are_refused(states: Books) -> None:
    customer, other = states.customer(), states.customer("Other")
    bill = invoice(states, customer, "100")
    assert states.refusal("Payment", {"CustomerRef": {"value": customer}})["element"] == "TotalAmt"
    assert states.code("Payment", payment(customer, "9", ("9", "Invoice", "99999"))) == "610"
    assert states.code("Payment", payment(customer, "9", ("9", "Bill", bill))) == "2170"
    assert states.code("Payment", payment(other, "9", ("9", "Invoice", bill))) == "6000"
    assert states.code("Payment", payment(customer, "9", ("10", "Invoice", bill))) == "6000"
    assert states.code("Payment", payment(customer, "200", ("101", "Invoice", bill))) == "6000"
    states.post("Payment", payment(customer, "100", ("100", "Invoice", bill)))
    assert states.code("Payment", payment(customer, "1", ("1", "Invoice", bill))) == "620"
    receivable = {"value": states.find("Account", "Accounts Receivable (A/R)")}
    wrong = payment(customer, "1", DepositToAccountRef=receivable)
    assert states.code("Payment", wrong) == "2500"


def test_a_voided_invoice_leaves_its_payment_unapplied(states: Books) -> None:
    customer = states.customer()
    bill = invoice(states, customer, "100")
    paid = states.post("Payment", payment(customer, "100", ("100", "Invoice", bill)))
    states.post("Invoice", {"Id": bill, "SyncToken": "0"}, operation="void")
    after = states.read("Payment", paid["Id"])
    assert (after["Line"], after["UnappliedAmt"], after["SyncToken"]) == ([], 100, "1")
    assert states.read("Invoice", bill)["LinkedTxn"] == []
    assert states.read("Customer", customer)["Balance"] == -100


def test_a_voided_payment_opens_its_invoice_again(states: Books) -> None:
    customer = states.customer()
    bill = invoice(states, customer, "100")
    paid = states.post("Payment", payment(customer, "100", ("100", "Invoice", bill)))
    key = {"Id": paid["Id"], "SyncToken": "0", "sparse": True}
    void = states.post("Payment", key, operation="update", include="void")
    assert (void["TotalAmt"], void["Line"], void["PrivateNote"]) == (0, [], "Voided")
    assert states.read("Invoice", bill)["Balance"] == 100


def test_lines_of_a_payment_are_replaced_all_or_none(states: Books) -> None:
    customer = states.customer()
    first, second = invoice(states, customer, "30"), invoice(states, customer, "70")
    paid = states.post("Payment", payment(customer, "70", ("30", "Invoice", first)))
    key = {"Id": paid["Id"], "SyncToken": "0"}
    note = {**key, "sparse": True, "PrivateNote": "n"}
    assert states.post("Payment", note)["UnappliedAmt"] == 40
    update = payment(customer, "70", ("70", "Invoice", second)) | {**key, "SyncToken": "1"}
    assert states.post("Payment", update)["UnappliedAmt"] == 0
    assert states.read("Invoice", first)["Balance"] == 30
    assert states.read("Invoice", second)["Balance"] == 0


def test_a_smaller_invoice_gives_back_what_was_paid_too_much(states: Books) -> None:
    customer = states.customer()
    bill = invoice(states, customer, "100")
    paid = states.post("Payment", payment(customer, "100", ("100", "Invoice", bill)))
    line = states.line("80", "NON")
    update = {"Id": bill, "SyncToken": "0", "sparse": True, "Line": [line]}
    assert states.post("Invoice", update)["Balance"] == 0
    assert states.read("Payment", paid["Id"])["UnappliedAmt"] == 20


def test_a_deposit_takes_money_to_the_bank_and_freezes_where_it_came_from(states: Books) -> None:
    body = {"TxnDate": "2026-01-05", "Line": [states.line("100", "NON")]}
    receipt = states.post("SalesReceipt", body)["Id"]
    link = {"TxnId": receipt, "TxnType": "SalesReceipt", "TxnLineId": "0"}
    fee = {"AccountRef": {"value": states.find("Account", "Bank Charges")}}
    deposit = {
        "TxnDate": "2026-01-07",
        "DepositToAccountRef": {"value": states.find("Account", "Checking")},
        "Line": [
            {"Amount": 100, "LinkedTxn": [link]},
            {
                "Amount": number("-2.90"),
                "DetailType": "DepositLineDetail",
                "DepositLineDetail": fee,
            },
        ],
    }
    written = states.post("Deposit", deposit)
    assert written["TotalAmt"] == number("97.10")
    assert states.trial_balance("2026-01-31") == {
        "Checking": "97.10",
        "Sales": "-100.00",
        "Bank Charges": "2.90",
    }
    key = {"Id": receipt, "SyncToken": "0"}
    assert states.code("SalesReceipt", key, operation="delete") == "6540"
    assert states.code("SalesReceipt", {**key, "sparse": True, "PrivateNote": "x"}) == "6540"
    assert states.code("Deposit", deposit) == "620"
    states.post("Deposit", {"Id": written["Id"], "SyncToken": "0"}, operation="delete")
    states.post("SalesReceipt", key, operation="delete")


def test_bills_refuse_a_number_twice_and_totals_below_nothing(states: Books) -> None:
    line = {
        "Amount": 10,
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": {
            "AccountRef": {"value": states.find("Account", "Purchases")}
        },
    }
    vendor = {"value": states.vendor()}
    bill: Json = {"VendorRef": vendor, "Line": [line], "DocNumber": "F-1"}
    first = states.post("Bill", bill)
    assert first["Balance"] == 10
    error = states.refusal("Bill", bill)
    assert error["code"] == "6140"
    assert f"TxnId={first['Id']}" in error["Detail"]
    states.post("Bill", bill, include="allowduplicatedocnum")
    states.post("VendorCredit", bill)
    assert states.read("Vendor", vendor["value"])["Balance"] == 10
    assert states.code("Bill", {"VendorRef": vendor, "Line": [line | {"Amount": -1}]}) == "6000"
    assert states.refusal("Bill", {"VendorRef": vendor, "Line": []})["element"] == "Line"
