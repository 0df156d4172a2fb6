"""Three tax models: codes and rates abroad, Automated Sales Tax in the United States."""

from typing import Any

import pytest

from tests.emulator.books import Books, Json, number, tax_line

BOTH = "GST/QST QC - 9.975"


def receipt(*lines: Json, **more: Any) -> Json:
    day = {"TxnDate": "2026-01-05"}
    return {"GlobalTaxCalculation": "TaxExcluded", "Line": list(lines), **day, **more}


def bill(books: Books, amount: str, code: str, **more: Any) -> Json:
    detail = {
        "AccountRef": {"value": books.find("Account", "Purchases")},
        "TaxCodeRef": {"value": books.tax(code)},
    }
    line = {
        "Amount": number(amount),
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": detail,
    }
    return receipt(line, VendorRef={"value": books.vendor()}, **more)


def stated(*lines: Json) -> Json:
    return {"TxnTaxDetail": {"TaxLine": list(lines)}}


def taxes(document: Json) -> list[tuple[str, str, str]]:
    """Return (rate id, tax, base) of each tax line."""
    return [
        (
            line["TaxLineDetail"]["TaxRateRef"]["value"],
            str(line["Amount"]),
            str(line["TaxLineDetail"]["NetAmountTaxable"]),
        )
        for line in document["TxnTaxDetail"].get("TaxLine", ())
    ]


def test_gst_and_qst_are_each_rounded_on_the_sum_of_their_lines(quebec: Books) -> None:
    """Three times 0.33 at 9.975 %: 0.10 on the sum, 0.09 line by line."""
    gst, qst = quebec.rates(BOTH)
    lines = [quebec.line("0.33", BOTH) for _ in range(3)]
    written = quebec.post("SalesReceipt", receipt(*lines))
    assert taxes(written) == [(gst, "0.05", "0.99"), (qst, "0.10", "0.99")]
    assert written["TxnTaxDetail"]["TotalTax"] == number("0.15")
    assert written["TotalAmt"] == number("1.14")


def test_taxes_are_owed_to_their_agencies(quebec: Books) -> None:
    lines = [quebec.line("100", BOTH), quebec.line("50", "GST"), quebec.line("20", "Exempt")]
    quebec.post("SalesReceipt", receipt(*lines))
    assert quebec.trial_balance("2026-01-31") == {
        "Undeposited Funds": "187.48",
        "GST/HST Payable": "-7.50",
        "QST Payable": "-9.98",
        "Sales": "-170.00",
    }


def test_a_purchase_gets_its_taxes_back(quebec: Books) -> None:
    written = quebec.post("Bill", bill(quebec, "100", BOTH))
    assert [rate for rate, _, _ in taxes(written)] == quebec.rates(BOTH, "Purchase")
    assert quebec.trial_balance("2026-01-31") == {
        "GST/HST Payable": "5.00",
        "QST Payable": "9.98",
        "Purchases": "100.00",
        "Accounts Payable (A/P)": "-114.98",
    }


def test_a_credit_memo_takes_the_taxes_back(quebec: Books) -> None:
    body = receipt(quebec.line("100", BOTH), CustomerRef={"value": quebec.customer()})
    quebec.post("CreditMemo", body)
    balance = quebec.trial_balance("2026-01-31")
    assert balance["GST/HST Payable"] == "5.00"
    assert balance["Accounts Receivable (A/R)"] == "-114.98"


def test_negative_lines_reduce_the_base(quebec: Books) -> None:
    lines = [quebec.line("100", BOTH), quebec.line("-40", BOTH)]
    written = quebec.post("SalesReceipt", receipt(*lines))
    assert [(tax, base) for _, tax, base in taxes(written)] == [
        ("3.00", "60.00"),
        ("5.99", "60.00"),
    ]


@pytest.mark.parametrize("country", ["quebec", "kingdom"])
def test_a_line_without_a_code_is_refused(request: pytest.FixtureRequest, country: str) -> None:
    books: Books = request.getfixturevalue(country)
    error = books.refusal("SalesReceipt", receipt(books.line("1")))
    word = {"quebec": "GST/HST", "kingdom": "VAT"}[country]
    assert error["code"] == "6000"
    assert f"Make sure all your transactions have a {word} rate" in error["Detail"]


def test_american_codes_mean_nothing_in_canada(quebec: Books) -> None:
    assert quebec.code("SalesReceipt", receipt(quebec.line("1", "TAX"))) == "2500"


def test_out_of_scope_documents_need_no_codes(quebec: Books) -> None:
    body = receipt(quebec.line("10")) | {"GlobalTaxCalculation": "NotApplicable"}
    assert quebec.post("SalesReceipt", body)["TotalAmt"] == 10


def test_a_stated_tax_replaces_the_computed_one(quebec: Books) -> None:
    gst, qst = quebec.rates(BOTH)
    detail = stated(tax_line(gst, "5.01", "100"), tax_line(qst, "9.97", "100"))
    written = quebec.post("SalesReceipt", receipt(quebec.line("100", BOTH), **detail))
    assert [tax for _, tax, _ in taxes(written)] == ["5.01", "9.97"]
    assert written["TotalAmt"] == number("114.98")
    deltas = [
        line["TaxLineDetail"]["OverrideDeltaAmount"] for line in written["TxnTaxDetail"]["TaxLine"]
    ]
    assert deltas == [number("0.01"), number("-0.01")]
    note = {"Id": written["Id"], "SyncToken": "0", "sparse": True, "PrivateNote": "kept"}
    assert quebec.post("SalesReceipt", note)["TotalAmt"] == number("114.98")


def test_a_total_without_lines_is_ignored(quebec: Books) -> None:
    detail = {"TxnTaxDetail": {"TotalTax": 99}}
    written = quebec.post("SalesReceipt", receipt(quebec.line("100", BOTH), **detail))
    assert written["TxnTaxDetail"]["TotalTax"] == number("14.98")


def test_stated_taxes_must_cover_every_rate_of_every_code(quebec: Books) -> None:
    gst, qst = quebec.rates(BOTH)
    (ontario,) = quebec.rates("HST ON")
    line = quebec.line("100", BOTH)
    full = [tax_line(gst, "5", "100"), tax_line(qst, "9.98", "100")]
    omitted = stated(full[0])
    twice = stated(*full, full[0])
    foreign = stated(*full, tax_line(ontario, "0", "0"))
    untaxed = stated(full[0], tax_line(qst, "0", "100"))
    for detail in (omitted, twice, untaxed):
        error = quebec.refusal("SalesReceipt", receipt(line, **detail))
        assert error["code"] == "6000"
        assert "calculating tax" in error["Detail"]
    error = quebec.refusal("SalesReceipt", receipt(line, **foreign))
    assert f"Invalid Tax Rate id - {ontario}" in error["Detail"]
    nothing = stated(full[0], tax_line(qst, "0", "0"))
    written = quebec.post("SalesReceipt", receipt(line, **nothing))
    assert written["TotalAmt"] == number("105")


def test_a_purchase_beside_untaxed_lines_takes_its_taxes_by_update_only(quebec: Books) -> None:
    """Recorded: explicit lines mixed with 0 % codes fail at create, and work at update."""
    gst, qst = quebec.rates(BOTH, "Purchase")
    (exempt,) = quebec.rates("Exempt", "Purchase")
    body = bill(quebec, "100", BOTH)
    second = dict(body["Line"][0])
    second["AccountBasedExpenseLineDetail"] = {
        **second["AccountBasedExpenseLineDetail"],
        "TaxCodeRef": {"value": quebec.tax("Exempt")},
    }
    body["Line"].append(second)
    explicit = stated(
        tax_line(gst, "5.01", "100"), tax_line(qst, "9.98", "100"), tax_line(exempt, "0", "100")
    )
    assert quebec.code("Bill", body | explicit) == "6000"
    written = quebec.post("Bill", body)
    update = body | explicit | {"Id": written["Id"], "SyncToken": "0"}
    assert quebec.post("Bill", update)["TotalAmt"] == number("214.99")


def test_british_rates(kingdom: Books) -> None:
    codes = {"20.0% S": "100", "5.0% R": "100", "0.0% Z": "10", "Exempt": "10", "No VAT": "10"}
    lines = [kingdom.line(amount, code) for code, amount in codes.items()]
    written = kingdom.post("SalesReceipt", receipt(*lines))
    assert written["TxnTaxDetail"]["TotalTax"] == 25
    assert kingdom.trial_balance("2026-01-31")["VAT Control"] == "-25.00"


def test_an_inclusive_line_stays_net_and_shows_its_gross(kingdom: Books) -> None:
    line = kingdom.line("100", "20.0% S")
    body = receipt(line) | {"GlobalTaxCalculation": "TaxInclusive"}
    written = kingdom.post("SalesReceipt", body)
    assert written["Line"][0]["Amount"] == 100
    assert written["Line"][0]["SalesItemLineDetail"]["TaxInclusiveAmt"] == 120
    assert written["TotalAmt"] == 120


def test_automated_sales_tax_computes_or_honours_the_total(states: Books) -> None:
    lines = [states.line("100", "TAX"), states.line("50", "NON")]
    computed = states.post("SalesReceipt", receipt(*lines))
    assert computed["TxnTaxDetail"]["TotalTax"] == number("6.25")
    detail = {"TxnTaxDetail": {"TotalTax": number("7.01")}}
    honoured = states.post("SalesReceipt", receipt(*lines, **detail))
    assert honoured["TotalAmt"] == number("157.01")
    assert honoured["TxnTaxDetail"]["TaxReviewStatus"] == "AST_TAX_OVERRIDE"
    balance = states.trial_balance("2026-01-31")
    assert balance["Sales Tax Agency Payable"] == "-13.26"


def test_a_line_without_a_code_is_taxed_in_the_united_states(states: Books) -> None:
    written = states.post("SalesReceipt", receipt(states.line("100")))
    assert written["TxnTaxDetail"]["TotalTax"] == number("6.25")


def test_american_lines_take_no_other_code(states: Books) -> None:
    group = states.read("Preferences", "1")["TaxPrefs"]["TaxGroupCodeRef"]["value"]
    line = states.line("1")
    line["SalesItemLineDetail"]["TaxCodeRef"] = {"value": group}
    assert states.code("SalesReceipt", receipt(line)) == "6100"


def test_tax_on_nothing_taxable_is_refused(states: Books) -> None:
    detail = {"TxnTaxDetail": {"TotalTax": 1}}
    assert states.code("SalesReceipt", receipt(states.line("1", "NON"), **detail)) == "6000"
