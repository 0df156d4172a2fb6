"""Journal entries: balanced, named where they must be, taxed only as stated."""

from typing import Any

import pytest

from tests.emulator.books import Books, Json, number, tax_line

BOTH = "GST/QST QC - 9.975"


def entry(*lines: Json, **more: Any) -> Json:
    return {"TxnDate": "2026-01-31", "Line": list(lines), **more}


def named(kind: str, identifier: str) -> Json:
    return {"Type": kind, "EntityRef": {"value": identifier}}


def coded(books: Books, side: str, account: str, amount: str, tax: str, on: str) -> Json:
    code = {"value": books.tax(BOTH)}
    return books.leg(
        side, account, amount, TaxCodeRef=code, TaxApplicableOn=on, TaxAmount=number(tax)
    )


def test_an_entry_is_posted_as_given(quebec: Books) -> None:
    body = entry(
        quebec.leg("Debit", "Checking", "114.98"),
        quebec.leg("Credit", "Sales", "114.98"),
        DocNumber="Z-20260131",
    )
    written = quebec.post("JournalEntry", body)
    assert [line["Id"] for line in written["Line"]] == ["0", "1"]
    assert written["Adjustment"] is False
    assert written["TxnTaxDetail"] == {}
    assert "TotalAmt" not in written
    assert quebec.post("JournalEntry", body)["DocNumber"] == "Z-20260131"
    assert quebec.trial_balance("2026-01-31") == {"Checking": "229.96", "Sales": "-229.96"}


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([("Debit", "Checking", "10"), ("Credit", "Sales", "9.99")], "6000"),
        ([("Debit", "Checking", "0")], "6000"),
        ([("Debit", "Checking", "-1"), ("Credit", "Sales", "-1")], "6000"),
        ([("Debit", "Checking", "1.001"), ("Credit", "Sales", "1.001")], "2080"),
        ([("Both", "Checking", "1"), ("Credit", "Sales", "1")], "2170"),
        ([], "2020"),
    ],
)
def test_an_entry_that_is_none(quebec: Books, lines: list[tuple[str, str, str]], code: str) -> None:
    assert quebec.code("JournalEntry", entry(*(quebec.leg(*line) for line in lines))) == code


@pytest.mark.parametrize("missing", ["PostingType", "AccountRef"])
def test_a_line_needs_its_parts(quebec: Books, missing: str) -> None:
    line = quebec.leg("Debit", "Checking", "1")
    del line["JournalEntryLineDetail"][missing]
    error = quebec.refusal("JournalEntry", entry(line, quebec.leg("Credit", "Sales", "1")))
    assert (error["code"], error["element"]) == ("2020", f"Line.JournalEntryLineDetail.{missing}")


def test_receivables_need_customers_and_payables_vendors(quebec: Books) -> None:
    customer = named("Customer", quebec.customer())
    vendor = named("Vendor", quebec.vendor())
    receivable, payable = "Accounts Receivable (A/R)", "Accounts Payable (A/P)"
    for account, right, wrong in ((receivable, customer, vendor), (payable, vendor, customer)):
        other = quebec.leg("Credit", "Sales", "10")
        for entity in ({}, {"Entity": wrong}):
            line = quebec.leg("Debit", account, "10", **entity)
            assert quebec.code("JournalEntry", entry(line, other)) == "6000"
        quebec.post("JournalEntry", entry(quebec.leg("Debit", account, "10", Entity=right), other))
    assert quebec.read("Customer", customer["EntityRef"]["value"])["Balance"] == 10
    assert quebec.read("Vendor", vendor["EntityRef"]["value"])["Balance"] == -10


def test_several_receivable_lines_are_allowed(quebec: Books) -> None:
    first = named("Customer", quebec.customer("A"))
    second = named("Customer", quebec.customer("B"))
    receivable = "Accounts Receivable (A/R)"
    body = entry(
        quebec.leg("Debit", receivable, "10", Entity=first),
        quebec.leg("Debit", receivable, "5", Entity=second),
        quebec.leg("Credit", "Sales", "15"),
    )
    assert quebec.post("JournalEntry", body)["Line"][0]["JournalEntryLineDetail"]["Entity"] == {
        "Type": "Customer",
        "EntityRef": {"value": first["EntityRef"]["value"], "name": "A"},
    }


def test_taxes_of_a_sale_are_credited_beside_its_lines(quebec: Books) -> None:
    gst, qst = quebec.rates(BOTH)
    body = entry(
        quebec.leg("Debit", "Checking", "114.98"),
        coded(quebec, "Credit", "Sales", "100", "14.98", "Sales"),
        TxnTaxDetail={"TaxLine": [tax_line(gst, "5", "100"), tax_line(qst, "9.98", "100")]},
    )
    quebec.post("JournalEntry", body)
    assert quebec.trial_balance("2026-01-31") == {
        "Checking": "114.98",
        "GST/HST Payable": "-5.00",
        "QST Payable": "-9.98",
        "Sales": "-100.00",
    }


def test_taxes_of_a_purchase_are_debited_and_those_of_a_return_go_back(quebec: Books) -> None:
    gst, qst = quebec.rates(BOTH, "Purchase")
    bought = entry(
        coded(quebec, "Debit", "Purchases", "100", "14.98", "Purchase"),
        quebec.leg("Credit", "Checking", "114.98"),
        TxnTaxDetail={"TaxLine": [tax_line(gst, "5", "100"), tax_line(qst, "9.98", "100")]},
    )
    quebec.post("JournalEntry", bought)
    assert quebec.trial_balance("2026-01-31")["GST/HST Payable"] == "5.00"
    returned = entry(
        coded(quebec, "Credit", "Purchases", "100", "14.98", "Purchase"),
        quebec.leg("Debit", "Checking", "114.98"),
        TxnTaxDetail={"TaxLine": [tax_line(gst, "-5", "-100"), tax_line(qst, "-9.98", "-100")]},
    )
    quebec.post("JournalEntry", returned)
    assert quebec.trial_balance("2026-01-31") == {}


def test_taxes_are_never_computed_and_must_be_whole(quebec: Books) -> None:
    gst, qst = quebec.rates(BOTH)
    lines = [
        quebec.leg("Debit", "Checking", "114.98"),
        coded(quebec, "Credit", "Sales", "100", "14.98", "Sales"),
    ]
    assert quebec.code("JournalEntry", entry(*lines)) == "6000"
    partly = {"TxnTaxDetail": {"TaxLine": [tax_line(gst, "14.98", "100")]}}
    assert quebec.code("JournalEntry", entry(*lines, **partly)) == "6000"
    whole = {"TxnTaxDetail": {"TaxLine": [tax_line(gst, "5", "100"), tax_line(qst, "9.98", "100")]}}
    lines[1]["JournalEntryLineDetail"]["TaxAmount"] = number("14.97")
    assert quebec.code("JournalEntry", entry(*lines, **whole)) == "6000"
    del lines[1]["JournalEntryLineDetail"]["TaxAmount"]
    assert quebec.code("JournalEntry", entry(*lines, **partly)) == "2020"


def test_an_exempt_line_is_recorded_with_its_base(quebec: Books) -> None:
    """As in the recorded Canadian entry: tax amount 0.00 and a line of 0 %."""
    (exempt,) = quebec.rates("Exempt", "Purchase")
    fee = quebec.leg(
        "Debit",
        "Bank Charges",
        "20.00",
        TaxCodeRef={"value": quebec.tax("Exempt")},
        TaxApplicableOn="Purchase",
        TaxAmount=number("0.00"),
    )
    written = quebec.post(
        "JournalEntry",
        entry(
            fee,
            quebec.leg("Credit", "Checking", "20.00"),
            TxnTaxDetail={"TaxLine": [tax_line(exempt, "0", "20.00")]},
        ),
    )
    assert written["TxnTaxDetail"]["TaxLine"][0]["TaxLineDetail"]["NetAmountTaxable"] == 20


def test_a_journal_entry_can_be_deleted_but_not_voided(quebec: Books) -> None:
    body = entry(quebec.leg("Debit", "Checking", "1"), quebec.leg("Credit", "Sales", "1"))
    written = quebec.post("JournalEntry", body)
    key = {"Id": written["Id"], "SyncToken": "0"}
    assert quebec.code("JournalEntry", key, operation="void") == "500"
    assert quebec.code("JournalEntry", key, operation="update", include="void") == "500"
    quebec.post("JournalEntry", key, operation="delete")
    assert quebec.trial_balance("2026-01-31") == {}
