"""Both clocks over HTTP: what was known then, and what has changed since."""

from typing import Any

from tests.api.conftest import Office


def sale(event_id: str, day: str, amount: str = "40.00", **changes: Any) -> dict[str, Any]:
    """Return a hat sold in cash on a day."""
    return {
        "type": "sale_completed",
        "id": event_id,
        "occurred_at": f"{day}T14:00:00-04:00",
        "register": "till-3",
        "lines": [{"kind": "goods", "category": "Hats", "net": amount}],
        "tenders": [{"kind": "cash", "amount": amount}],
    } | changes


def cash(office: Office, **clocks: Any) -> str:
    """Return what the drawers hold."""
    rows = office.read("/v1/accounts", **clocks)["data"]
    return str(next(row["balance"] for row in rows if row["role"] == "cash"))


def test_accounts_holders_and_registers_as_they_were_known(office: Office) -> None:
    office.record(sale("S-1", "2026-03-14"))
    known = office.read("/v1/events/S-1")["recorded_at"]
    office.record(sale("S-2", "2026-03-13", "7.00"))
    assert cash(office) == "47.00"
    assert cash(office, known_at=1) == cash(office, known_at=known) == "40.00"
    assert cash(office, as_of="2026-03-13") == "7.00"
    assert cash(office, as_of="2026-03-13", known_at=1) == "0.00"
    (till,) = office.read("/v1/accounts/cash/holders", known_at=1)["data"]
    assert (till["holder"], till["balance"]) == ("till-3", "40.00")
    rows = office.read("/v1/accounts/cash/postings", known_at=1)["data"]
    assert [(row["event"], row["balance"]) for row in rows] == [("S-1", "40.00")]
    rows = office.read("/v1/accounts/cash/postings")["data"]
    assert [(row["event"], row["balance"]) for row in rows] == [("S-2", "7.00"), ("S-1", "47.00")]


def test_foreign_money_shows_what_it_is_worth_at_home(office: Office) -> None:
    office.record(sale("S-1", "2026-03-14", currency="USD", rate="1.25"))
    (till,) = office.read("/v1/accounts/cash/holders")["data"]
    shown = {name: till[name] for name in ("currency", "balance", "home_debit", "home_credit")}
    assert shown == {
        "currency": "USD",
        "balance": "40.00",
        "home_debit": "50.00",
        "home_credit": "0.00",
    }
    (row,) = office.read("/v1/accounts/cash/postings")["data"]
    assert (row["debit"], row["home_debit"]) == ("40.00", "50.00")
    rows = office.read("/v1/accounts")["data"]
    assert next(row for row in rows if row["role"] == "cash")["home_debit"] == "50.00"


def test_holders_are_paged_by_name_and_currency(office: Office) -> None:
    office.record(sale("S-1", "2026-03-14"))
    office.record(sale("S-2", "2026-03-14", currency="USD", rate="1.25"))
    first = office.read("/v1/accounts/cash/holders", limit=1)
    second = office.read("/v1/accounts/cash/holders", limit=1, after=first["next"])
    assert [page["data"][0]["currency"] for page in (first, second)] == ["CAD", "USD"]
    assert second["next"] is None


def test_what_changed_between_two_moments_is_told_event_by_event(office: Office) -> None:
    office.record(sale("S-1", "2026-03-14"))
    office.record(sale("S-2", "2026-03-13", "7.00"))
    office.record(sale("S-3", "2026-03-20", "9.00"))
    changed = office.read("/v1/reports/changes", from_known_at=1, as_of="2026-03-14")
    assert (changed["from_known_at"], changed["to_known_at"]) == (1, 3)
    (only,) = changed["data"]
    assert (only["id"], only["seq"], only["business_date"]) == ("S-2", 2, "2026-03-13")
    lines = {line["role"]: (line["debit"], line["credit"]) for line in only["entry"]}
    assert lines == {"cash": ("7.00", "0.00"), "sales": ("0.00", "7.00")}
    of_cash = office.read("/v1/reports/changes", account="cash", limit=2)
    assert [change["id"] for change in of_cash["data"]] == ["S-1", "S-2"]
    assert [line["role"] for change in of_cash["data"] for line in change["entry"]] == ["cash"] * 2
    rest = office.read("/v1/reports/changes", account="cash", after=of_cash["next"])
    assert [change["id"] for change in rest["data"]] == ["S-3"]


def test_moments_the_wrong_way_round_are_refused_and_not_nothing(office: Office) -> None:
    for number in (1, 2):
        office.record(sale(f"S-{number}", "2026-03-14"))
    turned = {"from_known_at": 2, "to_known_at": 1}
    answer = office.call("GET", "/v1/reports/changes", "auditor", params=turned)
    assert answer.status_code == 400
    assert [fault["parameter"] for fault in answer.json()["faults"]] == ["to_known_at"]
    assert office.read("/v1/reports/changes", from_known_at=2, to_known_at=2)["data"] == []


def test_a_moment_that_is_none_is_named(office: Office) -> None:
    for name in ("from_known_at", "to_known_at"):
        wrong = {name: "2026-02-30T00:00:00Z"}
        answer = office.call("GET", "/v1/reports/changes", "auditor", params=wrong)
        assert answer.status_code == 400
        assert name in answer.text
    answer = office.call("GET", "/v1/reports/changes", "auditor", params={"account": "nowhere"})
    assert answer.status_code == 404
