"""What holds for every report: both clocks, the parts of a shop, languages, tables."""

import csv
import importlib
import pkgutil
from typing import Any

import pytest

import api.reports
from api import changed, statements
from api.catalogue import catalogue
from api.tabular import guarded
from tests.builders import (
    a_gift_card,
    a_journal,
    a_receipt,
    a_sale,
    card,
    cash,
    closed,
    fact,
    gift_card,
    goods,
    hat,
    opened,
)
from tests.reports.conftest import Desk

REPORTS = (
    "trial-balance",
    "income-statement",
    "balance-sheet",
    "general-ledger",
    "sales-tax",
    "aging",
    "liabilities",
    "inventory",
    "daily-sales",
    "closures",
)
FILTERS = {"location": "Plateau", "register": "till-3", "channel": "shop", "staff": "Léa"}


def a_day(desk: Desk) -> int:
    """Record something of everything, all of it of one part of the shop."""
    return desk.record(
        a_receipt("G-1", ("HAT", "10", "10.00"), **FILTERS),
        opened(**{n: w for n, w in FILTERS.items() if n != "register"}),
        a_sale("S-1", [hat(item="HAT")], [cash("45.99")], session="Z-1", **FILTERS),
        a_gift_card("GC-1", "50.00", **FILTERS),
        fact("invoice_issued", "I-1", invoice="I-1", lines=[hat()], customer="C-1", **FILTERS),
        fact(
            "register_closed",
            "close",
            session="Z-1",
            counted=[{"method": "cash", "amount": "290.00"}],
            **FILTERS,
        ),
    )


def without(told: dict[str, Any]) -> dict[str, Any]:
    """Return a report without what was asked of it."""
    return {name: part for name, part in told.items() if name not in ("known_at", "filters")}


@pytest.mark.parametrize("name", REPORTS)
def test_as_it_was_known_before_a_late_fact(desk: Desk, name: str) -> None:
    known = a_day(desk)
    day = {"as_of": "2026-03-14"}
    before = desk.report(name, **day)
    assert before["known_at"] == known
    desk.record(
        a_receipt("G-2", ("HAT", "1", "12.00"), on="2026-03-10"),
        a_sale("S-2", [hat()], [gift_card("GC-1", "45.99")], on="2026-03-14"),
        fact("invoice_issued", "I-2", invoice="I-2", lines=[hat()], on="2026-03-11"),
        opened("Z-2", on="2026-03-14"),
        closed("Z-2", cash="200.00"),
    )
    assert desk.report(name, **day, known_at=known) == before
    after = desk.report(name, **day)
    assert without(after) != without(before)


def test_an_instant_knows_what_was_recorded_by_then(desk: Desk) -> None:
    a_day(desk)
    told = desk.report("trial-balance", known_at="2020-01-01T00:00:00Z")
    assert (told["rows"], told["known_at"]) == ([], 0)
    assert desk.report("trial-balance", known_at="2199-01-01T00:00:00+00:00")["known_at"] == 6


@pytest.mark.parametrize("name", REPORTS)
def test_a_part_of_the_shop(desk: Desk, name: str) -> None:
    a_day(desk)
    elsewhere = {"location": "Mile End", "register": "till-9", "channel": "web", "staff": "Max"}
    whole = desk.report(name, as_of="2026-03-14")
    desk.record(
        a_sale("S-2", [hat(), hat(item="HAT")], [card("91.98")], **elsewhere),
        fact("invoice_issued", "I-2", invoice="I-2", lines=[hat()], **elsewhere),
        a_receipt("G-2", ("CAP", "1", "12.00"), **elsewhere),
        opened("Z-2", **{n: w for n, w in elsewhere.items() if n != "register"}, register="till-9"),
        fact("register_closed", "close-2", session="Z-2", counted=[], **elsewhere),
    )
    for dimension, word in FILTERS.items():
        asked = {"as_of": "2026-03-14", dimension: word}
        told = desk.report(name, **asked)
        assert told["filters"] == {dimension: word}
        assert without(told) == without(whole), dimension
        other = desk.report(name, **asked | {dimension: elsewhere[dimension]})
        assert without(other) != without(whole)
    assert without(desk.report(name, register="nobody")) != without(whole)


def test_a_postings_location_wins_over_its_facts(desk: Desk) -> None:
    desk.record(
        a_receipt("G-1", ("HAT", "2", "10.00"), location="Plateau"),
        a_sale(
            "S-1",
            [goods("40.00", item="HAT", location="Plateau")],
            [card("40.00", None)],
            location="Mile End",
        ),
    )
    sheet = desk.report("balance-sheet", location="Plateau")
    assert [(line["role"], line["amount"]) for line in sheet["assets"]] == [("inventory", "10.00")]
    assert sheet["elsewhere"] == "-10.00"
    other = desk.report("balance-sheet", location="Mile End")
    assert other["elsewhere"] == "10.00"


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_is_a_table_too(desk: Desk, name: str) -> None:
    a_day(desk)
    for language in ("en", "fr"):
        rows = list(csv.reader(desk.table(name, language).text.splitlines()))
        assert len(rows) > 1
        assert {len(row) for row in rows} == {len(rows[0])}


@pytest.mark.parametrize("name", REPORTS)
def test_an_empty_book_has_every_report(desk: Desk, name: str) -> None:
    assert desk.report(name)["known_at"] == 0
    assert desk.table(name).text


def test_every_heading_has_a_french_word() -> None:
    words = catalogue().words
    modules = [
        importlib.import_module(f"api.reports.{found.name}")
        for found in pkgutil.iter_modules(api.reports.__path__)
    ]
    columns = {
        column
        for module in [*modules, changed, statements]
        for name in ("_COLUMNS", "_HOLDER_COLUMNS")
        for column in getattr(module, name, ())
    }
    assert len(columns) > 50
    assert sorted(columns - set(words)) == []


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("-12.50", "-12.50"),
        ("=1+1", "'=1+1"),
        ("-1+1", "'-1+1"),
        ("+1", "'+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("-", "'-"),
        ("HAT", "HAT"),
    ],
)
def test_no_text_is_a_formula(cell: str, safe: str) -> None:
    assert guarded(cell) == safe


def test_texts_are_quoted_as_rfc_4180_has_it(desk: Desk) -> None:
    desk.record(
        a_journal(
            "J-1",
            {"account": "payable", "holder": '=A1,"x"', "vendor": "V", "credit": "1.00"},
            {"account": "bank", "debit": "1.00"},
        )
    )
    text = desk.table("general-ledger", account="payable").text
    assert ',"\'=A1,""x""",0.00,1.00,-1.00' in text


def test_french_headings_are_words_within_a_row(desk: Desk) -> None:
    for name in ("sales-tax", "aging", "liabilities"):
        headings = desk.table(name, "fr").text.splitlines()[0].split(",")
        assert [text for text in headings if text[:1].isupper()] == [], name
