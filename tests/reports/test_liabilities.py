"""Gift cards, store credit, deposits and packages: from the opening to the closing balance."""

from typing import Any

from tests.builders import (
    a_credit,
    a_deposit,
    a_gift_card,
    a_journal,
    a_refund,
    a_sale,
    deposit_back,
    fact,
    gift_card,
    goods,
    reversal,
    tender,
)
from tests.reports.conftest import Desk

FIGURES = ("opening", "issued", "redeemed", "expired", "refunded", "adjusted", "closing")


def roll(told: dict[str, Any], kind: str) -> dict[str, str]:
    """Return a kind's figures that are not nothing."""
    (row,) = [row for row in told["kinds"] if row["kind"] == kind]
    return {name: row[name] for name in FIGURES if row[name] != "0.00"}


def test_each_movement_by_what_kind_of_fact_it_was(desk: Desk) -> None:
    desk.record(
        a_gift_card("GC-1", "50.00", on="2026-02-10"),
        a_sale("S-1", [goods("20.00")], [gift_card("GC-1", "20.00")], on="2026-03-10"),
        fact("gift_card_issued_free", "free", gift_card="GC-2", amount="10.00"),
        a_refund("R-1", "S-1", [gift_card("GC-1", "20.00")], on="2026-03-15"),
        a_gift_card("GC-3", "4.00", on="2026-03-16"),
        fact("gift_card_cashed_out", "out", gift_card="GC-3", amount="4.00", on="2026-03-17"),
        fact(
            "gift_card_expired",
            "lapsed",
            gift_card="GC-2",
            amount="10.00",
            override="moved away",
            on="2026-03-18",
        ),
    )
    told = desk.report("liabilities", since="2026-03-01", to="2026-03-31")
    assert roll(told, "gift_cards") == {
        "opening": "50.00",
        "issued": "34.00",
        "redeemed": "20.00",
        "expired": "10.00",
        "refunded": "4.00",
        "closing": "50.00",
    }


def test_deposits_are_applied_refunded_or_kept(desk: Desk) -> None:
    desk.record(
        *(a_deposit(f"in-{name}", name, "10.00") for name in ("D-1", "D-2", "D-3", "D-4")),
        a_sale("S-1", [goods("10.00")], [tender("deposit", "10.00", deposit="D-1")]),
        deposit_back("out", "D-2"),
        fact("deposit_forfeited", "kept", deposit="D-3"),
    )
    assert roll(desk.report("liabilities"), "deposits") == {
        "issued": "40.00",
        "redeemed": "10.00",
        "refunded": "10.00",
        "expired": "10.00",
        "closing": "10.00",
    }


def test_a_booking_that_came_to_nothing(desk: Desk) -> None:
    desk.record(
        a_deposit("in-1", "D-1", "10.00", booking="B-1"),
        a_deposit("in-2", "D-2", "20.00", booking="B-2"),
        fact("no_show_recorded", "miss", booking="B-1"),
        fact("booking_cancelled", "off", booking="B-2"),
    )
    assert roll(desk.report("liabilities"), "deposits") == {
        "issued": "30.00",
        "expired": "10.00",
        "refunded": "20.00",
    }


def test_what_is_taken_back_did_not_happen(desk: Desk) -> None:
    desk.record(
        a_gift_card("GC-1", "50.00"),
        a_sale("S-1", [goods("20.00")], [gift_card("GC-1", "20.00")]),
        reversal("S-1"),
    )
    assert roll(desk.report("liabilities"), "gift_cards") == {
        "issued": "50.00",
        "closing": "50.00",
    }


def test_a_journal_is_an_adjustment(desk: Desk) -> None:
    desk.record(
        a_credit(),
        a_journal(
            "J-1",
            {"account": "store_credit", "holder": "V-1", "debit": "5.00"},
            {"account": "bank", "credit": "5.00"},
        ),
    )
    assert roll(desk.report("liabilities"), "store_credit") == {
        "issued": "25.00",
        "adjusted": "-5.00",
        "closing": "20.00",
    }


def test_each_holder_by_pages(desk: Desk) -> None:
    desk.record(
        a_gift_card("GC-1", "50.00", on="2026-02-10"),
        a_gift_card("GC-2", "30.00", on="2026-02-10"),
        a_sale("S-1", [goods("30.00")], [gift_card("GC-2", "30.00")], on="2026-02-11"),
        a_sale("S-2", [goods("20.00")], [gift_card("GC-1", "20.00")], on="2026-03-10"),
        a_credit(on="2026-03-10"),
        a_deposit(on="2026-03-10"),
    )
    asked = {"since": "2026-03-01", "to": "2026-03-31", "holders": True, "limit": 2}
    told = desk.report("liabilities", **asked)
    found = told["holders"]
    while told.get("next"):
        told = desk.report("liabilities", **asked, after=told["next"])
        found += told["holders"]
    assert [(r["kind"], r["holder"], r["opening"], r["redeemed"], r["closing"]) for r in found] == [
        ("gift_cards", "GC-1", "50.00", "20.00", "30.00"),
        ("store_credit", "V-1", "0.00", "0.00", "25.00"),
        ("deposits", "D-7", "0.00", "0.00", "16.10"),
    ]
    rows = desk.table("liabilities", holders=True).text.split("\r\n")
    assert rows[1] == "gift_cards,Gift cards,GC-1,CAD,0.00,50.00,20.00,0.00,0.00,0.00,30.00,"


def test_a_foreign_card_stands_in_home_money_and_beside(desk: Desk) -> None:
    desk.record(
        a_gift_card("GC-1", "50.00"),
        a_gift_card("GC-US", "20.00", currency="USD", rate="1.35"),
    )
    told = desk.report("liabilities", holders=True)
    assert roll(told, "gift_cards")["closing"] == "77.00"
    assert told["kinds"][0]["foreign"] == [{"currency": "USD", "amount": "20.00"}]
    (_, abroad) = told["holders"]
    assert (abroad["currency"], abroad["closing"], abroad["home_closing"]) == (
        "USD",
        "20.00",
        "27.00",
    )


def test_before_and_after_a_late_fact(desk: Desk) -> None:
    known = desk.record(a_gift_card("GC-1", "50.00", on="2026-03-10"))
    desk.record(a_sale("S-1", [goods("20.00")], [gift_card("GC-1", "20.00")], on="2026-03-11"))
    now = desk.report("liabilities", to="2026-03-31")
    then = desk.report("liabilities", to="2026-03-31", known_at=known)
    assert (roll(now, "gift_cards")["closing"], roll(then, "gift_cards")["closing"]) == (
        "30.00",
        "50.00",
    )
