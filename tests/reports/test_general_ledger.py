"""The general ledger: opening balances, postings and closing balances, page by page."""

import csv
from itertools import pairwise
from typing import Any

from tests.builders import a_sale, card, cash, goods
from tests.reports.conftest import Desk


def three_sales(desk: Desk) -> None:
    desk.record(
        a_sale("S-1", [goods("10.00")], [cash("10.00")], register="till-3", on="2026-03-13"),
        a_sale("S-2", [goods("20.00")], [cash("20.00")], register="till-3", on="2026-03-14"),
        a_sale("S-3", [goods("30.00")], [card("30.00", None)], on="2026-03-15"),
    )


def test_an_account_opens_with_what_stood_before_the_period(desk: Desk) -> None:
    three_sales(desk)
    told = desk.report("general-ledger", since="2026-03-14", to="2026-03-15")
    by_role = {account["role"]: account for account in told["accounts"]}
    cash_account = by_role["cash"]
    assert (cash_account["opening"], cash_account["closing"]) == ("10.00", "30.00")
    (posting,) = cash_account["postings"]
    assert posting == {
        "business_date": "2026-03-14",
        "seq": 2,
        "event": "S-2",
        "type": "sale_completed",
        "holder": "till-3",
        "debit": "20.00",
        "credit": "0.00",
        "balance": "30.00",
    }
    assert (by_role["sales"]["opening"], by_role["sales"]["closing"]) == ("-10.00", "-60.00")
    assert told["next"] is None


def test_a_new_fiscal_year_opens_with_retained_earnings(desk: Desk) -> None:
    three_sales(desk)
    desk.record(a_sale("S-4", [goods("5.00")], [cash("5.00")], on="2027-01-02"))
    told = desk.report("general-ledger", since="2027-01-01")
    by_role = {a["role"]: (a["opening"], a["closing"]) for a in told["accounts"]}
    assert by_role["sales"] == ("0.00", "-5.00")
    assert by_role["retained_earnings"] == ("-60.00", "-60.00")
    assert by_role["cash"] == ("30.00", "35.00")


def every_page(desk: Desk, **asked: Any) -> list[dict[str, Any]]:
    """Return the sections of all pages."""
    told = desk.report("general-ledger", **asked)
    found = list(told["accounts"])
    while told["next"] is not None:
        told = desk.report("general-ledger", after=told["next"], **asked)
        found += told["accounts"]
    return found


def test_pages_carry_the_balance_forward(desk: Desk) -> None:
    three_sales(desk)
    whole = desk.report("general-ledger")["accounts"]
    for limit in (1, 2, 3):
        sections = every_page(desk, limit=limit)
        assert [leg for s in sections for leg in s["postings"]] == [
            leg for s in whole for leg in s["postings"]
        ]
        for before, after in pairwise(sections):
            if before["code"] == after["code"]:
                assert before["closing"] == after["opening"]
        assert {s["code"]: s["closing"] for s in sections} == {
            s["code"]: s["closing"] for s in whole
        }


def test_an_account_that_did_not_move_shows_what_it_holds(desk: Desk) -> None:
    three_sales(desk)
    (section,) = desk.report("general-ledger", since="2026-03-15", account="cash")["accounts"]
    assert (section["opening"], section["postings"], section["closing"]) == ("30.00", [], "30.00")


def test_the_table_has_all_of_it(desk: Desk) -> None:
    three_sales(desk)
    rows = list(csv.DictReader(desk.table("general-ledger", limit=1).text.splitlines()))
    assert [row["event"] for row in rows if row["account"] == "Sales"] == [
        "",
        "S-1",
        "S-2",
        "S-3",
        "",
    ]
    assert (rows[0]["type"], rows[-1]["type"], rows[-1]["balance"]) == (
        "Opening balance",
        "Closing balance",
        "-60.00",
    )


def test_a_foreign_account_shows_home_money_too(desk: Desk) -> None:
    desk.record(a_sale("S-1", [goods("20.00")], [cash("20.00")], currency="USD", rate="1.35"))
    (section,) = desk.report("general-ledger", account="cash")["accounts"]
    assert (section["currency"], section["closing"], section["home_closing"]) == (
        "USD",
        "20.00",
        "27.00",
    )
    assert section["postings"][0]["home_debit"] == "27.00"


def test_what_cannot_be_asked(desk: Desk) -> None:
    assert desk.refused("general-ledger", account="nope") == (404, "account-not-found")
    for asked in (
        {"after": "CAD.2026-02-30.1.1.1000"},
        {"since": "2026-03-15", "to": "2026-03-14"},
        {"to": "2026-03-15", "as_of": "2026-03-14"},
        {"to": "0001-01-01"},
        {"known_at": "yesterday"},
    ):
        assert desk.refused("general-ledger", **asked) == (400, "parameters-not-valid"), asked
