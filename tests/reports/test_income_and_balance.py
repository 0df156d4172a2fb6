"""The income statement and the balance sheet, read as a bookkeeper reads them."""

from datetime import date
from typing import Any

import pytest

from ledger.reports.income import Comparison, compared_with
from tests.builders import a_journal, a_receipt, a_refund, a_sale, card, goods, hat, item, taxes
from tests.reports.conftest import Desk


def amounts(lines: list[dict[str, Any]], figure: str = "amount") -> dict[str, str]:
    """Return a section's amounts by role."""
    return {line["role"]: line[figure] for line in lines}


def a_quarter(desk: Desk) -> int:
    """Record hats bought in February, one sold; in March one sold and given back, and a fee."""
    return desk.record(
        item("HAT", stocked=True, on="2026-02-01"),
        a_receipt("G-1", ("HAT", "10", "18.25"), on="2026-02-01"),
        a_sale(
            "S-1",
            [hat(item="HAT", discount="4.00", taxes=taxes(GST="1.80", QST="3.59"))],
            [card("41.39", None)],
            on="2026-02-10",
        ),
        a_sale("S-2", [hat()], on="2026-03-14"),
        a_refund("R-2", "S-2", on="2026-03-15"),
        a_journal(
            "J-1",
            {"account": "merchant_fees", "debit": "3.00"},
            {"account": "bank", "credit": "3.00"},
            on="2026-03-20",
        ),
    )


def test_what_a_period_earned_and_what_it_cost(desk: Desk) -> None:
    a_quarter(desk)
    told = desk.report("income-statement", since="2026-02-01", to="2026-03-31")
    assert (told["from"], told["to"], told["known_at"]) == ("2026-02-01", "2026-03-31", 6)
    assert amounts(told["income"]) == {
        "sales": "80.00",
        "sales_returns": "-40.00",
        "discounts": "-4.00",
    }
    assert amounts(told["cost_of_sales"]) == {"cost_of_goods": "18.25"}
    assert amounts(told["expenses"]) == {"merchant_fees": "3.00"}
    assert (told["total_income"], told["gross_profit"], told["net_income"]) == (
        "36.00",
        "17.75",
        "14.75",
    )
    assert "previous" in told
    assert told["previous"] is None


def test_a_month_beside_the_month_before(desk: Desk) -> None:
    a_quarter(desk)
    told = desk.report("income-statement", since="2026-03-01", to="2026-03-31", compare="previous")
    assert (told["previous"]["from"], told["previous"]["to"]) == ("2026-02-01", "2026-02-28")
    assert amounts(told["income"], "previous") == {
        "sales": "40.00",
        "sales_returns": "0.00",
        "discounts": "-4.00",
    }
    assert (told["net_income"], told["previous"]["net_income"]) == ("-3.00", "17.75")


@pytest.mark.parametrize(
    ("since", "through", "how", "expected"),
    [
        ("2026-03-01", "2026-03-31", "previous", ("2026-02-01", "2026-02-28")),
        ("2026-01-01", "2026-03-31", "previous", ("2025-10-01", "2025-12-31")),
        ("2026-03-09", "2026-03-15", "previous", ("2026-03-02", "2026-03-08")),
        ("2024-02-29", "2024-02-29", "year", ("2023-02-28", "2023-02-28")),
        ("2026-03-01", "2026-03-31", "none", None),
    ],
)
def test_the_period_to_compare_with(
    since: str, through: str, how: Comparison, expected: tuple[str, str] | None
) -> None:
    found = compared_with(date.fromisoformat(since), date.fromisoformat(through), how)
    assert (None if found is None else tuple(map(str, found))) == expected


def test_the_balance_sheet_balances_with_the_years_earnings(desk: Desk) -> None:
    a_quarter(desk)
    told = desk.report("balance-sheet", as_of="2026-03-31")
    assert amounts(told["assets"]) == {
        "clearing": "41.39",
        "bank": "-3.00",
        "inventory": "164.25",
    }
    assert amounts(told["liabilities"]) == {
        "goods_received_not_billed": "182.50",
        "sales_tax": "5.39",
    }
    assert (told["earnings"], told["retained_earnings"]) == ("14.75", "0.00")
    assert told["total_assets"] == told["total_liabilities_and_equity"] == "202.64"
    assert told["elsewhere"] == "0.00"


def test_next_year_what_was_earned_is_retained(desk: Desk) -> None:
    a_quarter(desk)
    told = desk.report("balance-sheet", as_of="2027-01-01")
    assert (told["earnings"], told["retained_earnings"]) == ("0.00", "14.75")
    assert told["total_assets"] == told["total_liabilities_and_equity"]


def test_foreign_money_stands_beside_home_money(desk: Desk) -> None:
    desk.record(
        a_sale("S-US", [goods("20.00")], [card("20.00", None)], currency="USD", rate="1.35")
    )
    told = desk.report("balance-sheet")
    (clearing,) = told["assets"]
    assert (clearing["amount"], clearing["foreign"]) == (
        "27.00",
        [{"currency": "USD", "amount": "20.00"}],
    )
    assert told["earnings"] == told["total_assets"] == "27.00"
    (sales,) = desk.report("income-statement")["income"]
    assert (sales["amount"], sales["foreign"][0]["amount"]) == ("27.00", "20.00")


def test_a_table_has_a_row_an_account_and_the_totals_in_words(desk: Desk) -> None:
    a_quarter(desk)
    english = desk.table("income-statement").text.split("\r\n")
    assert english[0] == "section,code,account,role,amount,previous,foreign"
    assert "Income,4000,Sales,sales,80.00,," in english
    assert "Gross profit,,,,17.75,," in english
    french = desk.table("balance-sheet", "fr").text.split("\r\n")
    assert french[0] == "rubrique,code,compte,rôle,montant,en devises"
    assert "Actif,1010,Paiements à recevoir,clearing,41.39," in french
    assert "Bénéfice de l\u2019exercice,,,,14.75," in french
