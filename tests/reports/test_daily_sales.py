"""What was sold on a day, and how it was paid."""

from typing import Any

from tests.builders import (
    a_deposit,
    a_gift_card,
    a_journal,
    a_refund,
    a_sale,
    card,
    card_sold,
    cash,
    fact,
    gift_card,
    goods,
    hat,
    reversal,
    taxes,
    tender,
)
from tests.reports.conftest import Desk


def tenders(day: dict[str, Any]) -> dict[tuple[str, str], tuple[str, str]]:
    """Return (received, refunded) by tender and method."""
    return {(t["tender"], t["method"]): (t["received"], t["refunded"]) for t in day["tenders"]}


def test_the_worked_sale_of_a_hat_and_a_card(desk: Desk) -> None:
    desk.record(
        a_gift_card("GC-12", "36.40", on="2026-03-13"),
        a_sale(
            "S-1",
            [
                hat(discount="4.00", taxes=taxes(GST="1.80", QST="3.59")),
                card_sold("GC-88", "50.00"),
            ],
            [gift_card("GC-12", "36.40"), cash("60.00")],
            tip="5.00",
            rounding="0.01",
            register="till-3",
        ),
    )
    (day,) = desk.report("daily-sales")["days"]
    (hats,) = day["categories"]
    assert (hats["category"], hats["gross"], hats["discounts"], hats["net"]) == (
        "Hats",
        "40.00",
        "4.00",
        "36.00",
    )
    assert {t["tax"]: t["amount"] for t in day["taxes"]} == {"GST": "1.80", "QST": "3.59"}
    assert (day["tips"], day["stored_value"], day["rounding"]) == ("5.00", "50.00", "0.01")
    assert tenders(day) == {
        ("gift_cards", ""): ("36.40", "0.00"),
        ("cash", "till-3"): ("60.00", "0.00"),
    }
    assert day["charged"] == day["tendered"] == "96.40"


def test_returns_and_what_is_given_back(desk: Desk) -> None:
    desk.record(
        a_sale("S-1"),
        a_refund("R-1", "S-1", [tender("store_credit", "45.99", voucher="V-1")]),
    )
    (day,) = desk.report("daily-sales")["days"]
    assert (day["gross"], day["returns"], day["net"]) == ("40.00", "40.00", "0.00")
    assert tenders(day) == {
        ("clearing", "card"): ("45.99", "0.00"),
        ("store_credit", ""): ("0.00", "45.99"),
    }
    assert day["charged"] == day["tendered"] == "0.00"


def test_day_by_day(desk: Desk) -> None:
    desk.record(a_sale("S-1", on="2026-03-13"), a_sale("S-2"), a_sale("S-3", [hat()]))
    told = desk.report("daily-sales", since="2026-03-01")
    assert [(day["business_date"], day["net"]) for day in told["days"]] == [
        ("2026-03-13", "40.00"),
        ("2026-03-14", "80.00"),
    ]
    assert len(desk.report("daily-sales")["days"]) == 1


def test_money_that_sells_nothing_is_no_sale(desk: Desk) -> None:
    desk.record(
        a_deposit(),
        a_journal(
            "J-1",
            {"account": "sales", "holder": "Hats", "debit": "5.00"},
            {"account": "bank", "credit": "5.00"},
        ),
    )
    (day,) = desk.report("daily-sales")["days"]
    assert (day["net"], day["charged"], day["tenders"]) == ("0.00", "0.00", [])
    assert day["categories"][0]["adjusted"] == "-5.00"


def test_a_sale_taken_back_is_no_sale(desk: Desk) -> None:
    desk.record(a_sale("S-1", tip="5.00", tenders=[card("50.99", None)]), reversal("S-1"))
    (day,) = desk.report("daily-sales")["days"]
    assert (day["gross"], day["tips"], day["charged"]) == ("0.00", "0.00", "0.00")
    assert tenders(day) == {}


def test_deposits_kept_and_invoices(desk: Desk) -> None:
    desk.record(
        a_deposit(),
        fact("deposit_forfeited", "kept", deposit="D-7"),
        fact("invoice_issued", "I-1", invoice="I-1", lines=[hat()], customer="C-1"),
    )
    (day,) = desk.report("daily-sales")["days"]
    assert (day["net"], day["other"]) == ("40.00", "13.87")
    assert tenders(day) == {
        ("deposits", ""): ("16.10", "0.00"),
        ("receivable", ""): ("45.99", "0.00"),
    }
    assert day["charged"] == day["tendered"] == "62.09"


def test_foreign_money_beside(desk: Desk) -> None:
    desk.record(a_sale("S-1", [goods("20.00")], [cash("20.00")], currency="USD", rate="1.35"))
    (day,) = desk.report("daily-sales")["days"]
    (drawer,) = day["tenders"]
    assert (day["net"], drawer["received"]) == ("27.00", "27.00")
    assert drawer["foreign"] == [{"currency": "USD", "amount": "20.00"}]


def test_the_table(desk: Desk) -> None:
    desk.record(a_sale("S-1"))
    rows = desk.table("daily-sales", "fr").text.split("\r\n")
    assert "2026-03-14,Catégorie,Hats,40.00,0.00,0.00,40.00,,,0.00," in rows
    assert "2026-03-14,Mode de paiement,Paiements à recevoir card,,,,45.99,45.99,0.00,," in rows
