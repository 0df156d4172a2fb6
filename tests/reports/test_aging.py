"""What customers owe, and since when."""

from typing import Any

from ledger.events import Event
from tests.builders import Json, a_journal, a_sale, card, fact, goods, hat, tender
from tests.reports.conftest import Desk


def invoice(name: str, amount: str, **fields: Any) -> Event:
    """Return an invoice of one service without tax."""
    lines = [goods(amount, "Services", kind="service")]
    return fact("invoice_issued", f"issue-{name}", invoice=name, lines=lines, **fields)


def payment(name: str, invoice_name: str, amount: str, paid: str | None = None, **f: Any) -> Event:
    """Return a payment by card, applied to an invoice."""
    return fact(
        "payment_received",
        f"pay-{name}",
        payment=name,
        tenders=[card(paid or amount, None)],
        applied=[{"invoice": invoice_name, "amount": amount}],
        **f,
    )


def aged(part: dict[str, Any]) -> dict[str, str]:
    """Return the buckets that hold something."""
    return {bucket: amount for bucket, amount in part["aged"].items() if amount != "0.00"}


def test_invoices_by_how_long_they_are_overdue(desk: Desk) -> None:
    desk.record(
        invoice("I-1", "10.00", customer="C-1", on="2026-01-05", due_date="2026-02-04"),
        invoice("I-2", "20.00", customer="C-1", on="2026-02-10", due_date="2026-03-12"),
        invoice("I-3", "40.00", customer="C-2", on="2026-03-01", due_date="2026-03-31"),
        invoice("I-4", "80.00", customer="C-2", on="2025-11-01"),
    )
    told = desk.report("aging", as_of="2026-03-31")
    assert {c["customer"]: aged(c) for c in told["customers"]} == {
        "C-1": {"days_1_30": "20.00", "days_31_60": "10.00"},
        "C-2": {"current": "40.00", "over_90": "80.00"},
    }
    (first, second) = told["customers"][0]["invoices"]
    assert (first["invoice"], first["due"], first["days"]) == ("I-1", "2026-02-04", 55)
    assert second["days"] == 19
    assert told["total"] == "150.00"


def test_the_total_is_the_control_account_and_credits_stand_apart(desk: Desk) -> None:
    desk.record(
        invoice("I-1", "10.00", customer="C-1"),
        payment("P-1", "I-1", "10.00", paid="25.00", customer="C-1"),
        a_sale("S-1", [hat()], [tender("on_account", "45.99")], customer="C-2"),
        a_journal(
            "J-1",
            {"account": "receivable", "holder": "old", "customer": "C-9", "debit": "7.00"},
            {"account": "opening_balance", "credit": "7.00"},
        ),
    )
    told = desk.report("aging", as_of="2026-03-14")
    assert {c["customer"]: (c["credit"], c["total"]) for c in told["customers"]} == {
        None: ("0.00", "7.00"),
        "C-1": ("15.00", "-15.00"),
        "C-2": ("0.00", "45.99"),
    }
    rows = {r["role"]: r for r in desk.report("trial-balance")["rows"]}
    assert told["total"] == rows["receivable"]["debit"] == "37.99"


def test_the_due_date_is_the_one_that_was_known(desk: Desk) -> None:
    known = desk.record(invoice("I-1", "10.00", customer="C-1", due_date="2026-03-20"))
    lines = [goods("10.00", "Services", kind="service")]
    desk.record(fact("invoice_revised", "I-1b", invoice="I-1", lines=lines, due_date="2026-04-20"))
    now = desk.report("aging", as_of="2026-04-01")
    assert aged(now["customers"][0]) == {"current": "10.00"}
    then = desk.report("aging", as_of="2026-04-01", known_at=known)
    assert aged(then["customers"][0]) == {"days_1_30": "10.00"}


def test_a_later_due_date_does_not_count_before_its_day(desk: Desk) -> None:
    lines = [goods("10.00", "Services", kind="service")]
    revised: Json = {"invoice": "I-1", "lines": lines, "due_date": "2026-04-20", "on": "2026-04-05"}
    desk.record(
        invoice("I-1", "10.00", customer="C-1", due_date="2026-03-20"),
        fact("invoice_revised", "I-1b", **revised),
    )
    before = desk.report("aging", as_of="2026-04-01")["customers"][0]
    assert aged(before) == {"days_1_30": "10.00"}
    assert aged(desk.report("aging", as_of="2026-04-05")["customers"][0]) == {"current": "10.00"}


def test_open_disputes_stand_apart(desk: Desk) -> None:
    desk.record(
        a_sale("S-1"),
        fact("dispute_opened", "X-1", dispute="X-1", sale="S-1", amount="45.99", on="2026-03-20"),
    )
    told = desk.report("aging", as_of="2026-03-30")
    assert told["customers"] == []
    (dispute,) = told["disputes"]
    assert (dispute["dispute"], dispute["opened"], dispute["days"]) == ("X-1", "2026-03-20", 10)
    assert told["total_disputed"] == "45.99"


def test_a_foreign_invoice_is_aged_in_home_money(desk: Desk) -> None:
    desk.record(invoice("I-1", "20.00", customer="C-1", currency="USD", rate="1.35"))
    told = desk.report("aging", as_of="2026-03-14")
    (owed,) = told["customers"][0]["invoices"]
    assert (owed["currency"], owed["amount"], owed["home_amount"]) == ("USD", "20.00", "27.00")
    assert told["total"] == "27.00"


def test_the_table(desk: Desk) -> None:
    desk.record(invoice("I-1", "10.00", customer="C-1", due_date="2026-03-20"))
    rows = desk.table("aging", as_of="2026-04-01").text.split("\r\n")
    assert rows[1] == "C-1,I-1,2026-03-20,12,CAD,10.00,,10.00,,,,,10.00"
    assert rows[2] == "Total,,,,CAD,,0.00,10.00,0.00,0.00,0.00,0.00,10.00"
