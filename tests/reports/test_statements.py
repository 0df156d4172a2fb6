"""Statements: the same for ever; what is posted later stands on the next one."""

from typing import Any

from httpx import Response

from ledger.database import Engine, transaction
from ledger.statements.store import statements
from ledger.tables import STATEMENT
from tests.builders import (
    Json,
    a_deposit,
    a_gift_card,
    a_sale,
    card,
    card_sold,
    cash,
    fact,
    gift_card,
    goods,
    reversal,
    tender,
)
from tests.reports.conftest import Desk


def ask(desk: Desk, id_: str, through: str, **of: Any) -> Response:
    """Ask for a statement; `since` stands for `from`."""
    body = {"from" if name == "since" else name: value for name, value in of.items()}
    stated = {"id": id_, "through": through, **body}
    return desk.office.call("POST", "/v1/statements", "bookkeeper", json=stated)


def issue(desk: Desk, id_: str, through: str, **of: Any) -> dict[str, Any]:
    """Return a statement that is issued."""
    answer = ask(desk, id_, through, **of)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


def read(desk: Desk, id_: str) -> dict[str, Any]:
    told: dict[str, Any] = desk.office.read(f"/v1/statements/{id_}", "auditor")
    return told


def lines(told: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """Return (event, balance, late) of each line."""
    return [(line["event"], line["balance"], line["late"]) for line in told["lines"]]


def balances(told: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the opening and closing balances by currency."""
    opening, closing = (
        {part["currency"]: part["balance"] for part in told[name]}
        for name in ("opening", "closing")
    )
    return opening, closing


def cash_sale(id_: str, amount: str, on: str, **fields: Any) -> Any:
    """Return a sale for cash of till-3."""
    return a_sale(id_, [goods(amount)], [cash(amount)], register="till-3", on=on, **fields)


def test_the_next_starts_where_the_one_before_ended(desk: Desk) -> None:
    desk.record(cash_sale("S-1", "10.00", "2026-03-10"), cash_sale("S-2", "20.00", "2026-04-02"))
    march = issue(desk, "march", "2026-03-31", account="cash")
    assert lines(march) == [("S-1", "10.00", False)]
    assert balances(march) == ({}, {"CAD": "10.00"})
    april = issue(desk, "april", "2026-04-30", account="1000")
    assert april["previous"] == "march"
    assert lines(april) == [("S-2", "30.00", False)]
    assert balances(april) == ({"CAD": "10.00"}, {"CAD": "30.00"})


def test_what_is_posted_after_issue_stands_on_the_next_however_it_is_dated(desk: Desk) -> None:
    desk.record(cash_sale("S-1", "10.00", "2026-03-10"))
    march = issue(desk, "march", "2026-03-31", account="cash")
    desk.record(cash_sale("S-0", "5.00", "2026-03-01"), reversal("S-1"))
    assert read(desk, "march") == march
    april = issue(desk, "april", "2026-04-30", account="cash")
    assert lines(april) == [("S-0", "15.00", True), ("undo-S-1", "5.00", True)]
    assert balances(april) == ({"CAD": "10.00"}, {"CAD": "5.00"})
    assert read(desk, "march")["proven"]


def test_what_is_before_the_first_day_is_in_the_opening_balance(desk: Desk) -> None:
    desk.record(cash_sale("S-1", "10.00", "2026-02-10"), cash_sale("S-2", "20.00", "2026-03-10"))
    told = issue(desk, "march", "2026-03-31", account="cash", since="2026-03-01")
    assert lines(told) == [("S-2", "30.00", False)]
    assert balances(told) == ({"CAD": "10.00"}, {"CAD": "30.00"})
    desk.record(cash_sale("S-0", "5.00", "2026-01-10"))
    assert lines(issue(desk, "april", "2026-04-30", account="cash")) == [("S-0", "35.00", True)]


def test_of_one_holder(desk: Desk) -> None:
    desk.record(
        a_gift_card("GC-1", "50.00"),
        a_gift_card("GC-2", "30.00"),
        a_sale("S-1", [goods("20.00")], [gift_card("GC-1", "20.00")]),
    )
    told = issue(desk, "card", "2026-03-31", account="gift_cards", holder="GC-1")
    assert lines(told) == [("sold-GC-1", "-50.00", False), ("S-1", "-30.00", False)]
    assert (told["account"], told["holder"], told["customer"]) == ("2100", "GC-1", None)


def test_of_a_customer(desk: Desk) -> None:
    hat = [goods("10.00")]
    desk.record(
        fact("invoice_issued", "I-1", invoice="I-1", lines=hat, customer="C-1"),
        fact("invoice_issued", "I-2", invoice="I-2", lines=hat, customer="C-2"),
        fact(
            "payment_received",
            "P-1",
            payment="P-1",
            tenders=[card("12.00", None)],
            applied=[{"invoice": "I-1", "amount": "10.00"}],
            customer="C-1",
        ),
        a_deposit(customer="C-1"),
        a_sale("S-1", hat, [tender("on_account", "10.00")], customer="C-1"),
        fact("store_credit_issued", "V-1", amount="3.00", reason="sorry", customer="C-1"),
        a_sale("S-2", hat, [card("10.00", None)], customer="C-1"),
    )
    told = issue(desk, "c1", "2026-03-31", customer="C-1")
    assert [
        (line["event"], line["holder"], line["debit"], line["credit"]) for line in told["lines"]
    ] == [
        ("I-1", "I-1", "10.00", "0.00"),
        ("P-1", "I-1", "0.00", "10.00"),
        ("P-1", "credit:C-1", "0.00", "2.00"),
        ("D-7-in", "D-7", "0.00", "16.10"),
        ("S-1", "S-1", "10.00", "0.00"),
        ("V-1", "C-1", "0.00", "3.00"),
    ]
    assert balances(told) == ({}, {"CAD": "-11.10"})


def test_a_payment_by_somebody_else_is_on_the_statement_of_whose_invoice_it_is(desk: Desk) -> None:
    desk.record(
        fact("invoice_issued", "I-1", invoice="I-1", lines=[goods("10.00")], customer="C-1"),
        fact(
            "payment_received",
            "P-1",
            payment="P-1",
            tenders=[card("10.00", None)],
            applied=[{"invoice": "I-1", "amount": "10.00"}],
            customer="C-2",
        ),
    )
    assert balances(issue(desk, "c1", "2026-03-31", customer="C-1"))[1] == {"CAD": "0.00"}
    assert issue(desk, "c2", "2026-03-31", customer="C-2")["lines"] == []


def test_a_holder_that_nobody_was_named_for_has_what_a_customers_own_facts_posted(
    desk: Desk,
) -> None:
    desk.record(
        a_deposit("in-1", "D-7", "10.00"),
        a_deposit("in-2", "D-7", "5.00", customer="C-1"),
        a_deposit("in-3", "D-7", "2.00", customer="C-2"),
    )
    assert [line["event"] for line in issue(desk, "c1", "2026-03-31", customer="C-1")["lines"]] == [
        "in-2"
    ]


def test_what_a_customer_does_later_stands_on_their_next_statement(desk: Desk) -> None:
    lines_of: Json = {"lines": [goods("10.00")], "customer": "C-1"}
    desk.record(fact("invoice_issued", "I-2", invoice="I-2", on="2026-03-20", **lines_of))
    first = issue(desk, "march", "2026-03-31", customer="C-1")
    desk.record(fact("invoice_issued", "I-1", invoice="I-1", on="2026-03-10", **lines_of))
    assert read(desk, "march") == first
    second = issue(desk, "april", "2026-04-30", customer="C-1")
    assert lines(second) == [("I-1", "20.00", True)]
    assert balances(second) == ({"CAD": "10.00"}, {"CAD": "20.00"})


def test_by_currency(desk: Desk) -> None:
    desk.record(
        cash_sale("S-1", "10.00", "2026-03-10"),
        cash_sale("S-2", "20.00", "2026-03-11", currency="USD", rate="1.35"),
    )
    told = issue(desk, "both", "2026-03-31", account="cash")
    assert balances(told)[1] == {"CAD": "10.00", "USD": "20.00"}


def test_the_same_id_again_is_the_same_statement(desk: Desk) -> None:
    desk.record(cash_sale("S-1", "10.00", "2026-03-10"))
    first = issue(desk, "march", "2026-03-31", account="cash")
    desk.record(cash_sale("S-2", "10.00", "2026-03-10"))
    again = ask(desk, "march", "2026-03-31", account="cash")
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    assert again.json() == first
    other = ask(desk, "march", "2026-03-30", account="cash")
    assert (other.status_code, other.json()["code"]) == (409, "statement-id-reused")


def test_days_that_were_covered_and_days_that_would_be_left_out(desk: Desk) -> None:
    issue(desk, "march", "2026-03-31", account="cash")
    for through, since in (
        ("2026-03-30", None),
        ("2026-04-30", "2026-04-02"),
        ("2026-04-30", "2026-03-31"),
    ):
        of = {} if since is None else {"since": since}
        refused = ask(desk, "april", through, account="cash", **of)
        assert (refused.status_code, refused.json()["code"]) == (409, "statement-not-next")
    issue(desk, "april", "2026-04-30", account="cash", since="2026-04-01")


def test_what_can_never_be_a_statement(desk: Desk) -> None:
    for of, pointer in (
        ({}, "/account"),
        ({"account": "cash", "customer": "C-1"}, "/account"),
        ({"customer": "C-1", "holder": "x"}, "/holder"),
        ({"account": "cash", "since": "2026-04-01"}, "/from"),
        ({"account": "c\u0000"}, "/account"),
        ({"customer": "lea@example.com"}, "/customer"),
    ):
        answer = ask(desk, "march", "2026-03-31", **of)
        assert answer.status_code == 422, of
        assert answer.json()["faults"][0]["pointer"] == pointer
    assert ask(desk, "x", "2026-03-31", account="nope").json()["code"] == "account-unknown"
    assert desk.office.call("GET", "/v1/statements/nope", "auditor").status_code == 404
    till = desk.office.call("POST", "/v1/statements", "pos", json={})
    assert till.status_code == 403


def test_the_list_and_the_table(desk: Desk) -> None:
    desk.record(cash_sale("S-1", "10.00", "2026-03-10"))
    issue(desk, "a", "2026-03-31", account="cash")
    issue(desk, "b", "2026-03-31", customer="C-1")
    issue(desk, "c", "2026-03-31", account="gift_cards", holder="GC-1")
    page = desk.office.read("/v1/statements", limit=2)
    rest = desk.office.read("/v1/statements", limit=2, after=page["next"])
    assert [one["id"] for one in page["data"] + rest["data"]] == ["a", "b", "c"]
    (only,) = desk.office.read("/v1/statements", customer="C-1")["data"]
    assert (only["id"], only["customer"], "lines" in only) == ("b", "C-1", False)
    answer = desk.office.call("GET", "/v1/statements/a", "auditor", headers={"Accept": "text/csv"})
    assert answer.text.split("\r\n")[1] == (
        "2026-03-10,1,S-1,sale_completed,1000,till-3,CAD,10.00,0.00,10.00,,,,"
    )


def test_a_statement_holds_the_bare_reference_and_outlives_the_person(
    desk: Desk,
) -> None:
    person = {"name": "Léa Tremblay", "email": "lea@example.com", "phone": "514-555-0199"}
    desk.office.call("PUT", "/v1/customers/C-1", "bookkeeper", json=person)
    desk.record(
        fact("invoice_issued", "I-1", invoice="I-1", lines=[goods("10.00")], customer="C-1")
    )
    told = issue(desk, "c1", "2026-03-31", customer="C-1")
    assert "Tremblay" not in str(told)
    desk.office.call("DELETE", "/v1/customers/C-1", "bookkeeper")
    assert read(desk, "c1") == told


def test_a_log_that_was_changed_is_not_proven(desk: Desk, database: Engine) -> None:
    desk.record(cash_sale("S-1", "10.00", "2026-03-10"))
    issue(desk, "march", "2026-03-31", account="cash")
    with transaction(database) as connection:
        (kept,) = statements(connection, desk.office.book.id)
        assert len(kept.digest) == 64
        connection.execute(
            STATEMENT.update()
            .where(STATEMENT.c.book_id == desk.office.book.id)
            .values(digest="0" * 64)
        )
    assert read(desk, "march")["proven"] is False


def test_a_gain_that_is_only_at_home_stands_on_the_statement_of_its_account(desk: Desk) -> None:
    foreign = {"currency": "USD", "on": "2026-03-10"}
    desk.record(
        a_sale("S-1", [card_sold("GC-1", "50.00")], [card("50.00")], rate="1.33", **foreign),
        a_sale("S-2", [goods("20.00")], [gift_card("GC-1", "20.00")], rate="1.40", **foreign),
    )
    told = issue(desk, "march", "2026-03-31", account="exchange_gain_loss")
    assert [(line["event"], line["home_debit"]) for line in told["lines"]] == [("S-2", "1.40")]
    assert [line["home_balance"] for line in told["lines"]] == ["1.40"]
    assert told["closing"] == [{"currency": "USD", "balance": "0.00", "home_balance": "1.40"}]
    april = issue(desk, "april", "2026-04-30", account="exchange_gain_loss")
    assert april["opening"] == told["closing"]


def test_foreign_money_is_stated_at_home_too(desk: Desk) -> None:
    desk.record(
        a_sale("S-1", [goods("20.00")], [cash("20.00")], currency="USD", rate="1.35"),
        a_sale("S-2", [goods("7.00")], [cash("7.00")]),
    )
    told = issue(desk, "march", "2026-03-31", account="cash")
    assert told["closing"] == [
        {"currency": "CAD", "balance": "7.00"},
        {"currency": "USD", "balance": "20.00", "home_balance": "27.00"},
    ]
    assert [line.get("home_debit") for line in told["lines"]] == ["27.00", None]
    table = desk.office.call(
        "GET", "/v1/statements/march", "auditor", headers={"Accept": "text/csv"}
    ).text.splitlines()
    assert table[0].endswith(",balance,late,home_debit,home_credit,home_balance")
    assert table[1].endswith(",20.00,,27.00,0.00,27.00")
