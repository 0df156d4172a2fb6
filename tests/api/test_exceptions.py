"""What waits for a person: how it is told, how it is cleared, and where it is afterwards."""

from typing import Any

from tests.api.conftest import Office
from tests.api.facts import a_sale
from tests.api.test_holders import fact, recorded


def an_odd_sale(name: str, method: str = "TWINT") -> dict[str, Any]:
    """Return a sale paid by a method that the book does not know."""
    tender = {"kind": "other", "method": method, "amount": "41.39"}
    return a_sale(id=name, tenders=[tender])


def waiting(office: Office, **filters: Any) -> list[tuple[str, str | None]]:
    """Return (id, cleared by) of the exceptions listed."""
    return [(e["id"], e["cleared_by"]) for e in office.read("/v1/exceptions", **filters)["data"]]


def cleared(name: str, exception: str, **fields: Any) -> dict[str, Any]:
    """Return that a person took an exception's suspense to the clearing account."""
    line = {"account": "clearing", "holder": "card", "debit": "41.39"}
    stated = {"exception": exception, "lines": [line], "reason": "it was a card"}
    return fact("exception_cleared", name, **(stated | fields))


def test_what_is_cleared_leaves_the_list_and_stays_in_the_history(office: Office) -> None:
    recorded(office, an_odd_sale("S-1"), an_odd_sale("S-2", "Bon"), cleared("C-1", "S-1:0"))
    assert waiting(office) == [("S-2:0", None)]
    assert waiting(office, state="cleared") == [("S-1:0", "C-1")]
    assert waiting(office, state="all") == [("S-1:0", "C-1"), ("S-2:0", None)]
    balances = {row["role"]: row["balance"] for row in office.read("/v1/accounts")["data"]}
    assert (balances["suspense"], balances["clearing"]) == ("41.39", "41.39")


def test_each_says_what_to_do_and_how_much_it_is(office: Office) -> None:
    recorded(office, an_odd_sale("S-1"))
    (told,) = office.read("/v1/exceptions", "auditor")["data"]
    assert (told["event"], told["amount"], told["currency"]) == ("S-1", "41.39", "CAD")
    assert (told["cause"], told["business_date"]) == ("unknown-method", "2026-03-14")
    assert told["title"]
    assert told["remedy"]


def test_its_amount_is_in_the_money_of_its_event(office: Office) -> None:
    recorded(office, an_odd_sale("S-1") | {"currency": "USD", "rate": "1.35"})
    (told,) = office.read("/v1/exceptions")["data"]
    assert (told["amount"], told["currency"]) == ("41.39", "USD")
    shown = office.read("/v1/events/S-1", "auditor")["exceptions"]
    assert shown[0]["currency"] == "USD"


def test_a_clearing_that_is_taken_back_opens_it_again(office: Office) -> None:
    recorded(
        office,
        an_odd_sale("S-1"),
        cleared("C-1", "S-1:0"),
        fact("event_reversed", "X-1", reverses="C-1", reason="not a card"),
    )
    assert waiting(office) == [("S-1:0", None)]


def test_a_fact_that_is_taken_back_waits_for_nobody(office: Office) -> None:
    recorded(
        office,
        an_odd_sale("S-1"),
        fact("event_reversed", "X-1", reverses="S-1", reason="typed twice"),
    )
    assert waiting(office) == []
    assert waiting(office, state="cleared") == [("S-1:0", "X-1")]


def test_of_one_day(office: Office) -> None:
    recorded(
        office, an_odd_sale("S-1"), an_odd_sale("S-2", "Bon") | {"business_date": "2026-03-20"}
    )
    assert waiting(office, day="2026-03-20") == [("S-2:0", None)]
    assert waiting(office, day="2026-03-21") == []


def test_a_cursor_as_far_as_any(office: Office) -> None:
    for after, status in (("1.9999", 200), ("999999999999999999.9999", 200), ("1.99999", 400)):
        answer = office.call("GET", "/v1/exceptions", "auditor", params={"after": after})
        assert answer.status_code == status, answer.text


def test_it_is_cleared_once_and_by_no_till(office: Office) -> None:
    recorded(office, an_odd_sale("S-1"))
    answer = office.record(cleared("C-1", "S-1:0"), "pos")
    assert (answer.status_code, answer.json()["code"]) == (403, "bookkeepers-only")
    recorded(office, cleared("C-1", "S-1:0"))
    answer = office.record(cleared("C-2", "S-1:0"), "bookkeeper")
    assert (answer.status_code, answer.json()["code"]) == (409, "exception-cleared")
    answer = office.record(cleared("C-3", "S-404:0"), "bookkeeper")
    assert (answer.status_code, answer.json()["code"]) == (409, "exception-unknown")
