"""What is read of a company: its preferences, its tax codes, its reports."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ledger.regions import TaxCode, region
from sync.quickbooks.company import company_of, tax_model
from sync.quickbooks.numbers import minor
from sync.quickbooks.reports import trial_balance_of
from sync.quickbooks.taxes import Taxes, same_agency, taxes_of
from tests.quickbooks.shop import BRITAIN, QUEBEC

GST, QST = region("CA", "QC").taxes


@pytest.mark.parametrize(
    ("country", "preferences", "model"),
    [
        ("CA", {"TaxPrefs": {"UsingSalesTax": True}}, "global"),
        ("GB", {}, "global"),
        ("US", {"TaxPrefs": {"UsingSalesTax": True, "PartnerTaxEnabled": False}}, "us"),
        ("CA", {"TaxPrefs": {"UsingSalesTax": False}}, "none"),
        ("US", {"TaxPrefs": {"UsingSalesTax": False}}, "none"),
    ],
)
def test_the_country_and_the_preferences_say_how_taxes_are_spoken_of(
    country: str, preferences: dict[str, Any], model: str
) -> None:
    assert tax_model({"Country": country}, preferences) == model


def test_a_company_is_what_its_preferences_say() -> None:
    company = company_of(
        {"Country": "US", "CompanyName": "Hats Inc", "FiscalYearStartMonth": "April"},
        {
            "TaxPrefs": {"UsingSalesTax": True, "TaxGroupCodeRef": {"value": "2"}},
            "CurrencyPrefs": {"MultiCurrencyEnabled": True, "HomeCurrency": {"value": "USD"}},
            "AccountingInfoPrefs": {"DefaultARAccount": {"value": "84"}},
            "SalesFormsPrefs": {"CustomTxnNumbers": False},
        },
        Taxes({}, {}),
    )
    assert (company.name, company.currency, company.tax_group) == ("Hats Inc", "USD", "2")
    assert (company.multicurrency, company.own_numbers) == (True, False)
    assert (company.receivable, company.payable) == ("84", None)
    assert company.year_start(date(2026, 3, 14)) == date(2025, 4, 1)
    assert company.year_start(date(2026, 4, 1)) == date(2026, 4, 1)


def test_a_company_with_automated_tax_uses_no_group_of_its_own() -> None:
    tax = {"PartnerTaxEnabled": True, "TaxGroupCodeRef": {"value": "2"}}
    assert company_of({"Country": "US"}, {"TaxPrefs": tax}, Taxes({}, {})).tax_group is None


def test_codes_are_found_by_rates_and_agencies_in_either_language() -> None:
    taxes = QUEBEC.company.taxes
    found = {
        names: taxes.code_for(ours, "Sales")
        for names, ours in (("both", (QST, GST)), ("gst", (GST,)), ("qst", (QST,)))
    }
    assert {name: code.id for name, code in found.items() if code} == {
        "both": "9",
        "gst": "6",
        "qst": "10",
    }
    assert taxes.code_for((TaxCode("HST", "HST", Decimal(15), "CRA"),), "Sales") is None


def test_reverse_charge_codes_are_no_match_for_a_plain_rate() -> None:
    vat = next(tax for tax in region("GB", None).taxes if tax.code == "VAT")
    code = BRITAIN.company.taxes.code_for((vat,), "Sales")
    assert code is not None
    assert code.name == "20.0% S"


def test_of_two_codes_with_one_rate_the_one_of_our_agency_is_taken() -> None:
    codes: list[dict[str, Any]] = [
        {"Id": "1", "Name": "PST BC", "SalesTaxRateList": {"TaxRateDetail": [_uses("1")]}},
        {"Id": "2", "Name": "PST MB - long", "SalesTaxRateList": {"TaxRateDetail": [_uses("2")]}},
        {"Id": "3", "Name": "P", "Active": False},
    ]
    rates = [
        {"Id": "1", "RateValue": 7, "AgencyRef": {"value": "10"}},
        {"Id": "2", "RateValue": 7, "AgencyRef": {"value": "11"}},
    ]
    agencies = [
        {"Id": "10", "DisplayName": "Ministry of Finance (BC)"},
        {"Id": "11", "DisplayName": "Manitoba Finance"},
    ]
    taxes = taxes_of(codes, rates, agencies)
    assert set(taxes.codes) == {"1", "2"}
    for province, wanted in (("BC", "1"), ("MB", "2")):
        ours = next(tax for tax in region("CA", province).taxes if tax.code == "PST")
        code = taxes.code_for((ours,), "Sales")
        assert code is not None
        assert code.id == wanted


def _uses(rate: str) -> dict[str, Any]:
    return {"TaxRateRef": {"value": rate}}


def test_codes_without_tax_are_known_by_name_in_either_language() -> None:
    for taxes, names in (
        (QUEBEC.company.taxes, {"exempt": "4", "zero": "5", "out_of_scope": "3"}),
        (BRITAIN.company.taxes, {"exempt": "5", "zero": "4", "out_of_scope": "6"}),
    ):
        for treatment, wanted in names.items():
            code = taxes.without_tax(treatment)
            assert code is not None
            assert code.id == wanted


@pytest.mark.parametrize(
    ("theirs", "ours", "same"),
    [
        ("Receveur général du Canada", "Canada Revenue Agency", True),
        ("Revenu Québec", "Revenu Quebec", True),
        ("HM Revenue & Customs (VAT)", "HMRC", True),
        ("Revenu Québec", "Canada Revenue Agency", False),
        ("Manitoba Finance", "British Columbia", False),
        ("", "State", True),
    ],
)
def test_agencies_have_more_than_one_name(theirs: str, ours: str, *, same: bool) -> None:
    assert same_agency(theirs, ours) is same


def cells(account: str, debit: str, credit: str, number: str | None = None) -> dict[str, Any]:
    name = {"value": account} if number is None else {"value": account, "id": number}
    return {"ColData": [name, {"value": debit}, {"value": credit}]}


def test_a_trial_balance_is_read_by_its_columns_with_debits_positive() -> None:
    report = {
        "Columns": {
            "Column": [
                {"ColTitle": "", "ColType": "Account"},
                {"ColTitle": "Debit", "ColType": "Money"},
                {"ColTitle": "Credit", "ColType": "Money"},
            ]
        },
        "Rows": {
            "Row": [
                cells("Checking", "1,201.00", "", "35"),
                cells("Closed", "", "", "36"),
                {"Header": {}, "Rows": {"Row": [cells("Sales", "", "1201.00", "79")]}},
                {"group": "GrandTotal", "Summary": cells("TOTAL", "1201.00", "1201.00")},
            ]
        },
    }
    assert trial_balance_of(report, "CAD") == {"35": 120100, "79": -120100}


def test_columns_may_stand_in_another_order_and_language() -> None:
    keyed = [{"Name": "ColKey", "Value": "credit"}], [{"Name": "ColKey", "Value": "debit"}]
    report = {
        "Columns": {
            "Column": [
                {"ColTitle": ""},
                {"ColTitle": "Crédit", "MetaData": keyed[0]},
                {"ColTitle": "Débit", "MetaData": keyed[1]},
            ]
        },
        "Rows": {"Row": [cells("Ventes", "50.00", "", "79")]},
    }
    assert trial_balance_of(report, "CAD") == {"79": -5000}


def test_a_report_without_data_is_an_empty_trial_balance() -> None:
    assert trial_balance_of({"Header": {}, "Columns": {"Column": []}, "Rows": {}}, "JPY") == {}


def test_a_number_finer_than_the_currency_is_rounded_half_up() -> None:
    assert minor(Decimal("5.885"), "CAD") == 589
    assert minor("-1,000.005", "CAD") == -100001
    assert minor("", "CAD") == 0
    assert minor(150, "JPY") == 150
