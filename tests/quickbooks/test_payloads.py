"""Every kind of document in QuickBooks' words, in Québec, Britain and the United States."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from ledger.regions import region
from sync.documents import JournalEntry, JournalLine, Line, SalesReceipt, Tax
from sync.protocol import Rejected
from sync.quickbooks.company import Company
from sync.quickbooks.marker import NOTE_LIMIT, is_ours, mark_of
from sync.quickbooks.payloads import payload
from sync.quickbooks.terms import Terms
from tests.quickbooks.shop import AMERICA, BRITAIN, DAY, QUEBEC, SHOPS, documents, named, place

[HST] = region("CA", "ON").taxes
GOLDEN = Path(__file__).parent / "payloads"

_JSON = msgspec.json.Encoder(decimal_format="number")


def _decoded(content: bytes) -> Any:
    return msgspec.json.Decoder(float_hook=Decimal).decode(content)


@pytest.mark.parametrize("country", SHOPS)
def test_every_kind_of_document_has_the_payload_that_was_agreed(country: str) -> None:
    shop = SHOPS[country]
    agreed = _decoded((GOLDEN / f"{country}.json").read_bytes())
    made = {
        name: _decoded(_JSON.encode(payload(document, 1, named(document), shop.terms())))
        for name, document in documents(shop).items()
    }
    assert made == agreed


def test_amounts_are_written_with_the_currencys_decimals_and_never_as_floats() -> None:
    receipt = documents(QUEBEC)["sales_receipt"]
    text = _JSON.encode(payload(receipt, 1, named(receipt), QUEBEC.terms())).decode()
    assert '"Amount":40.00,' in text
    assert '"TotalTax":5.89' in text
    assert '"TaxPercent":9.975' in text


def test_a_rate_in_two_codes_shares_the_tax_by_the_nets_that_bear_it() -> None:
    taxes = QUEBEC.company.taxes
    split = replace(
        taxes,
        codes={**taxes.codes, "6": replace(taxes.codes["6"], sales=("70",))},
        rates={**taxes.rates, "70": replace(taxes.rates["7"], id="70")},
    )
    terms = replace(QUEBEC.terms(), company=replace(QUEBEC.company, taxes=split))
    receipt = documents(QUEBEC)["refund_receipt"]
    body = payload(receipt, 1, named(receipt), terms)
    stated = {
        line["TaxLineDetail"]["TaxRateRef"]["value"]: (
            str(line["Amount"]),
            str(line["TaxLineDetail"]["NetAmountTaxable"]),
        )
        for line in body["TxnTaxDetail"]["TaxLine"]
    }
    assert stated == {"7": ("1.80", "36.00"), "21": ("3.59", "36.00"), "70": ("0.50", "10.00")}


def test_a_rate_without_tax_states_no_base() -> None:
    hat = Line(place("sales"), "Hats", 1, "", ("GST", "QST"), "taxable")
    nothing = tuple(Tax(place("sales_tax", code), code, 0, 1) for code in ("GST", "QST"))
    receipt = SalesReceipt(
        key="sale:S-3",
        day=documents(QUEBEC)["bill"].day,
        currency="CAD",
        lines=(hat,),
        taxes=nothing,
        deposit_to=place("clearing", "visa"),
    )
    body = payload(receipt, 1, named(receipt), QUEBEC.terms())
    assert [
        line["TaxLineDetail"]["NetAmountTaxable"] for line in body["TxnTaxDetail"]["TaxLine"]
    ] == [0, 0]


def test_what_the_mapping_lacks_is_named() -> None:
    receipt = documents(QUEBEC)["sales_receipt"]
    bare = replace(QUEBEC.company, taxes=BRITAIN.company.taxes)
    with pytest.raises(Rejected) as refused:
        payload(receipt, 1, named(receipt), replace(QUEBEC.terms(), company=bare))
    assert (refused.value.cause, refused.value.subject) == ("tax-unmapped", "GST+QST")


def test_a_company_that_has_no_taxes_gets_none_and_refuses_to_be_sent_any() -> None:
    none = Terms(Company(country="CA", tax_model="none"), QUEBEC.terms().mapping, QUEBEC.our_tax)
    untaxed = documents(QUEBEC)["untaxed_receipt"]
    body = payload(untaxed, 1, named(untaxed), none)
    assert "GlobalTaxCalculation" not in body
    assert "TaxCodeRef" not in body["Line"][0]["SalesItemLineDetail"]
    taxed = documents(QUEBEC)["sales_receipt"]
    with pytest.raises(Rejected, match="tax-off-there"):
        payload(taxed, 1, named(taxed), none)


def test_another_currency_needs_a_company_that_keeps_several() -> None:
    receipt = replace(documents(AMERICA)["untaxed_receipt"], currency="EUR")
    with pytest.raises(Rejected, match="currency-differs"):
        payload(receipt, 1, named(receipt), AMERICA.terms())
    several = replace(AMERICA.company, multicurrency=True)
    body = payload(receipt, 1, named(receipt), replace(AMERICA.terms(), company=several))
    assert body["CurrencyRef"] == {"value": "EUR"}


def test_the_note_keeps_its_mark_whole_however_long_the_memo() -> None:
    receipt = replace(documents(AMERICA)["sales_receipt"], memo="x" * 5000 + "\N{TOP HAT}")
    body = payload(receipt, 2, named(receipt), AMERICA.terms())
    assert len(body["PrivateNote"]) == NOTE_LIMIT
    assert mark_of(body) == ("sale:S-1", 2)
    assert is_ours(body, receipt, 2)
    assert not is_ours(body, receipt, 1)
    assert not is_ours(body, replace(receipt, currency="EUR"), 2)


def test_a_mark_is_found_in_a_note_that_people_and_voids_have_written_into() -> None:
    mark = "daybook day:2026-03-14:Pop up shop:1:sales v3 0123456789abcdef"
    assert mark_of({"PrivateNote": f"Voided - {mark} (seen by Ann)"}) == (
        "day:2026-03-14:Pop up shop:1:sales",
        3,
    )
    assert mark_of({"PrivateNote": "a daybook for Ann"}) is None
    assert mark_of({}) is None


def _journal(*lines: tuple[str, str, int]) -> JournalEntry:
    posted = tuple(JournalLine(place(role, holder), amount) for role, holder, amount in lines)
    return JournalEntry(key="journal:J-9", day=DAY, currency="CAD", lines=posted)


def _said(entry: JournalEntry) -> list[tuple[str, str, str, str]]:
    terms = replace(
        QUEBEC.terms(),
        our_tax=lambda code, day: HST if code == "HST" else QUEBEC.our_tax(code, day),
    )
    body = payload(entry, 1, named(entry), terms)
    return [
        (
            line["JournalEntryLineDetail"]["PostingType"],
            line["JournalEntryLineDetail"]["AccountRef"]["value"],
            str(line["Amount"]),
            line["JournalEntryLineDetail"].get("TaxCodeRef", {}).get("value", ""),
        )
        for line in body["Line"]
    ]


def test_taxes_that_no_code_has_together_are_borne_apart() -> None:
    entry = _journal(
        ("sales", "", -10000),
        ("shipping_income", "", -2000),
        ("sales_tax", "GST", -500),
        ("sales_tax", "HST", -260),
        ("clearing", "visa", 12760),
    )
    assert _said(entry) == [
        ("Credit", "account:4000", "100.00", "6"),
        ("Credit", "account:4100", "20.00", "11"),
        ("Debit", "account:1010:visa", "127.60", ""),
    ]


def test_taxes_that_cancel_each_other_are_left_out() -> None:
    entry = _journal(
        ("sales_tax", "GST", 500),
        ("sales_tax", "GST", -500),
        ("sales", "", -100),
        ("clearing", "visa", 100),
    )
    assert _said(entry) == [
        ("Credit", "account:4000", "1.00", ""),
        ("Debit", "account:1010:visa", "1.00", ""),
    ]


def test_a_journal_between_taxes_alone_goes_by_plain_lines() -> None:
    entry = _journal(("sales_tax", "GST", 500), ("tax_recoverable", "GST", -500))
    assert _said(entry) == [
        ("Debit", "account:2200:GST", "5.00", ""),
        ("Credit", "account:1300:GST", "5.00", ""),
    ]
