"""Reading the book: the log, accounts, holders, registers, the trial balance, exceptions."""

import csv
import json
from datetime import datetime
from typing import Any

import pytest

from ledger.chain import genesis, link
from ledger.store import to_us
from tests.api.conftest import Office
from tests.api.facts import a_card_sold, a_sale


def three_days(office: Office) -> None:
    """Record a sale on each of three days, at two registers."""
    for number, register in ((1, "till-1"), (2, "till-2"), (3, "till-1")):
        answer = office.record(
            a_sale(
                id=f"S-{number}",
                occurred_at=f"2026-03-{13 + number}T10:00:00-04:00",
                register=register,
                session=f"session-{number}",
                memo=f"Bonjour nº {number}",
            )
        )
        assert answer.status_code == 201


def ids(office: Office, **filters: Any) -> list[str]:
    return [event["id"] for event in office.read("/v1/events", **filters)["data"]]


def test_the_log_is_filtered(office: Office) -> None:
    three_days(office)
    assert ids(office) == ["S-1", "S-2", "S-3"]
    assert ids(office, register="till-1") == ["S-1", "S-3"]
    assert ids(office, session="session-2") == ["S-2"]
    assert ids(office, **{"from": "2026-03-15"}) == ["S-2", "S-3"]
    assert ids(office, to="2026-03-15") == ["S-1", "S-2"]
    assert ids(office, type="refund_issued") == []
    assert ids(office, q="BONJOUR Nº 3") == ["S-3"]


def test_the_log_is_filtered_by_where_and_through_whom(office: Office) -> None:
    places = {"location": "Rue A", "staff": "st-4", "channel": "web", "order": "O-1"}
    office.record(a_sale(**places))
    office.record(a_sale(id="S-2"))
    for name, value in places.items():
        assert ids(office, **{name: value}) == ["S-1"], name
        assert ids(office, **{name: "other"}) == [], name


def test_the_log_is_read_page_by_page(office: Office) -> None:
    three_days(office)
    first = office.read("/v1/events", limit=2)
    assert [event["id"] for event in first["data"]] == ["S-1", "S-2"]
    second = office.read("/v1/events", limit=2, after=first["next"])
    assert [event["id"] for event in second["data"]] == ["S-3"]
    assert second["next"] is None


def test_a_fact_comes_with_its_bytes_and_its_proof(office: Office) -> None:
    answer = office.record(a_sale())
    shown = office.read("/v1/events/S-1", "auditor")
    assert json.loads(shown["body"]) == shown["event"]
    assert shown["event"]["business_date"] == "2026-03-14"
    assert shown["entry"] == answer.json()["entry"]
    assert shown["documents"] == []
    assert shown["actor"]["role"] == "pos"
    expected = proof(office.book.id, shown)
    assert shown["hash"] == expected.hex() == answer.json()["hash"]


def proof(book_id: int, shown: dict[str, Any]) -> bytes:
    """Return the hash of a book's first fact, computed from what the API tells alone."""
    recorded_us = to_us(datetime.fromisoformat(shown["recorded_at"]))
    who = f"{shown['actor']['role']}:{shown['actor']['key']}"
    return link(genesis(book_id), book_id, shown["seq"], recorded_us, who, shown["body"].encode())


def test_a_fact_that_there_is_not(office: Office) -> None:
    answer = office.call("GET", "/v1/events/S-404")
    assert (answer.status_code, answer.json()["code"]) == (404, "event-not-found")


def test_accounts_have_their_turnover_on_a_day(office: Office) -> None:
    three_days(office)
    accounts = {row["role"]: row for row in office.read("/v1/accounts", as_of="2026-03-15")["data"]}
    assert accounts["clearing"]["balance"] == "82.78"
    assert accounts["sales"]["credit"] == "80.00"
    assert accounts["sales"]["balance"] == "-80.00"
    assert accounts["bank"]["balance"] == "0.00"
    french = office.call("GET", "/v1/accounts", "auditor", headers={"Accept-Language": "fr"})
    assert {row["name"] for row in french.json()["data"]} >= {"Encaisse", "Ventes"}


def test_holders_add_up_to_their_account(office: Office) -> None:
    for card, amount in (("GC-1", "10.00"), ("GC-2", "20.00"), ("GC-3", "30.00")):
        office.record(a_card_sold(card, amount))
    first = office.read("/v1/accounts/2100/holders", "pos", limit=2)
    rest = office.read("/v1/accounts/gift_cards/holders", "pos", limit=2, after=first["next"])
    shown = [(row["holder"], row["balance"]) for row in first["data"] + rest["data"]]
    assert shown == [("GC-1", "-10.00"), ("GC-2", "-20.00"), ("GC-3", "-30.00")]
    assert rest["next"] is None


def test_a_register_runs_its_balance_over_pages(office: Office) -> None:
    three_days(office)
    shown: list[tuple[str, str, str]] = []
    after: dict[str, str] = {}
    while True:
        page = office.read("/v1/accounts/clearing/postings", "auditor", limit=2, **after)
        shown += [(row["event"], row["debit"], row["balance"]) for row in page["data"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert shown == [
        ("S-1", "41.39", "41.39"),
        ("S-2", "41.39", "82.78"),
        ("S-3", "41.39", "124.17"),
    ]
    of_one_day = office.read(
        "/v1/accounts/1010/postings", "auditor", **{"from": "2026-03-15", "to": "2026-03-15"}
    )
    assert [(row["event"], row["balance"]) for row in of_one_day["data"]] == [("S-2", "82.78")]


def test_an_account_that_there_is_not(office: Office) -> None:
    for path in ("/v1/accounts/9999/holders", "/v1/accounts/9999/postings"):
        answer = office.call("GET", path, "bookkeeper")
        assert (answer.status_code, answer.json()["code"]) == (404, "account-not-found")


def test_a_cursor_that_nobody_was_given(office: Office) -> None:
    for path, cursor in (
        ("/v1/events", "x"),
        ("/v1/accounts/1010/postings", "2026-02-30.1.1"),
        ("/v1/exceptions", "-1"),
    ):
        answer = office.call("GET", path, "bookkeeper", params={"after": cursor})
        assert (answer.status_code, answer.json()["code"]) == (400, "parameters-not-valid"), path


def test_the_trial_balance_balances(office: Office) -> None:
    three_days(office)
    told = office.read("/v1/reports/trial-balance", "auditor", as_of="2026-03-15")
    assert (told["as_of"], told["known_at"], told["currency"]) == ("2026-03-15", 3, "CAD")
    assert told["debit"] == told["credit"] == "90.78"
    rows = {row["role"]: (row["debit"], row["credit"]) for row in told["rows"]}
    assert rows == {
        "clearing": ("82.78", "0.00"),
        "sales_tax": ("0.00", "10.78"),
        "sales": ("0.00", "80.00"),
        "discounts": ("8.00", "0.00"),
    }
    split = office.read("/v1/reports/trial-balance", by="holder")
    assert {(r["role"], r["holder"]) for r in split["rows"]} >= {
        ("sales_tax", "GST"),
        ("sales_tax", "QST"),
    }


def test_last_years_income_stands_in_retained_earnings(office: Office) -> None:
    three_days(office)
    told = office.read("/v1/reports/trial-balance", as_of="2027-01-01")
    rows = {row["role"]: row["credit"] for row in told["rows"]}
    assert "sales" not in rows
    assert rows["retained_earnings"] == "108.00"


def test_the_trial_balance_as_a_table(office: Office) -> None:
    three_days(office)
    answer = office.call(
        "GET", "/v1/reports/trial-balance?by=holder", "auditor", headers={"Accept": "text/csv"}
    )
    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(answer.text.splitlines()))
    assert {"code": "1010", "holder": "card", "debit": "124.17"}.items() <= rows[0].items()
    answer = office.call(
        "GET", "/v1/reports/trial-balance", "auditor", headers={"Accept": "application/pdf"}
    )
    assert (answer.status_code, answer.json()["code"]) == (406, "not-acceptable")


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        ("", "application/json"),
        ("text/html, */*;q=0.1", "application/json"),
        ("application/json;q=0.1, text/csv", "text/csv"),
        ("text/csv;q=0, application/json", "application/json"),
        ("text/*", "text/csv"),
        ("application/json;q=0", "application/problem+json"),
        ("image/png", "application/problem+json"),
    ],
)
def test_the_form_that_is_liked_best(office: Office, accept: str, answered: str) -> None:
    answer = office.call("GET", "/v1/reports/trial-balance", "auditor", headers={"Accept": accept})
    assert answer.headers["Content-Type"].partition(";")[0] == answered


def test_a_table_holds_no_formula(office: Office) -> None:
    assert office.record(a_card_sold("=SUM(A1)", "10.00", id="S-1")).status_code == 201
    answer = office.call(
        "GET", "/v1/reports/trial-balance?by=holder", "auditor", headers={"Accept": "text/csv"}
    )
    assert "'=SUM(A1)" in answer.text


def test_exceptions_wait_for_a_person(office: Office) -> None:
    office.record(a_sale(tenders=[{"kind": "other", "method": "TWINT", "amount": "41.39"}]))
    office.record(a_sale(id="S-2", tenders=[{"kind": "other", "method": "Bon", "amount": "41.39"}]))
    page = office.read("/v1/exceptions", limit=1)
    (first,) = page["data"]
    assert (first["event"], first["cause"], first["subject"]) == ("S-1", "unknown-method", "TWINT")
    assert first["amount"] == "41.39"
    rest = office.read("/v1/exceptions", after=page["next"])
    assert [(e["id"], e["subject"]) for e in rest["data"]] == [("S-2:0", "Bon")]
    assert rest["next"] is None


def test_a_misspelt_filter_is_not_passed_over(office: Office) -> None:
    answer = office.call("GET", "/v1/events", params={"form": "2026-03-14"})
    assert answer.status_code == 400
    assert [(f["parameter"], f["code"]) for f in answer.json()["faults"]] == [
        ("form", "parameter-unknown")
    ]
    answer = office.record(a_sale(), params={"atomic": "true"})
    assert (answer.status_code, answer.json()["code"]) == (400, "parameters-not-valid")


def test_a_filter_that_stands_twice_is_not_guessed_at(office: Office) -> None:
    answer = office.call("GET", "/v1/events?limit=5&limit=6")
    assert (answer.status_code, answer.json()["faults"][0]["parameter"]) == (400, "limit")
    assert answer.json()["faults"][0]["code"] == "parameter-twice"


def test_a_parameter_is_named_as_the_caller_wrote_it(office: Office) -> None:
    answer = office.call("GET", "/v1/events", params={"from": "14/03/2026"})
    assert (answer.status_code, answer.json()["faults"][0]["parameter"]) == (400, "from")
