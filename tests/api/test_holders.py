"""What a card, a deposit, a package, an invoice or an item has, and how it came to that."""

from typing import Any

import pytest

from tests.api.conftest import Office
from tests.api.facts import a_card_sold, a_sale

AT = "2026-03-14T10:00:00-04:00"


def fact(kind: str, name: str, /, **fields: Any) -> dict[str, Any]:
    """Return a fact of the 14th of March."""
    return {"type": kind, "id": name, "occurred_at": AT} | fields


def cash(amount: str) -> list[dict[str, str]]:
    """Return one tender of cash."""
    return [{"kind": "cash", "amount": amount}]


def recorded(office: Office, *facts: dict[str, Any]) -> None:
    """Record facts as the bookkeeper."""
    for one in facts:
        answer = office.record(one, "bookkeeper")
        assert answer.status_code == 201, answer.text


def moves(shown: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return (event, debit, credit) of a history."""
    return [(move["event"], move["debit"], move["credit"]) for move in shown["history"]["data"]]


def test_a_gift_card_and_what_it_came_through(office: Office) -> None:
    recorded(
        office,
        a_card_sold("GC-1", "50.00"),
        a_sale(tenders=[{"kind": "gift_card", "gift_card": "GC-1", "amount": "41.39"}]),
    )
    card = office.read("/v1/gift-cards/GC-1", "pos")
    assert (card["currency"], card["balance"], card["available"]) == ("CAD", "-8.61", "8.61")
    assert moves(card) == [("sold-GC-1", "0.00", "50.00"), ("S-1", "41.39", "0.00")]
    assert (card["as_of"], card["known_at"]) == (None, 2)


def test_a_card_as_it_stood_and_as_it_was_known(office: Office) -> None:
    recorded(
        office,
        a_card_sold("GC-1", "50.00"),
        a_card_sold("GC-1", "20.00", id="late", occurred_at="2026-03-10T10:00:00-04:00"),
    )

    def read(**clocks: Any) -> Any:
        return office.read("/v1/gift-cards/GC-1", **clocks)["available"]

    assert read() == "70.00"
    assert read(as_of="2026-03-13") == "20.00"
    assert read(as_of="2026-03-13", known_at=1) == "0.00"
    assert read(known_at=1) == "50.00"
    assert read(known_at="2020-01-01T00:00:00Z") == "0.00"
    shown = office.read("/v1/gift-cards/GC-1", as_of="2026-03-13")
    assert moves(shown) == [("late", "0.00", "20.00")]


def test_a_history_is_read_page_by_page(office: Office) -> None:
    recorded(office, *(a_card_sold("GC-1", "1.00", id=f"c-{number}") for number in range(3)))
    first = office.read("/v1/gift-cards/GC-1", limit=2)["history"]
    rest = office.read("/v1/gift-cards/GC-1", limit=2, after=first["next"])["history"]
    assert [move["event"] for move in first["data"] + rest["data"]] == ["c-0", "c-1", "c-2"]
    assert rest["next"] is None


def test_a_cursor_as_far_as_any(office: Office) -> None:
    recorded(office, a_card_sold("GC-1", "1.00"))
    for after, status in (("1.29999", 200), ("999999999999999999.0", 200), ("1.99999", 400)):
        answer = office.call("GET", "/v1/gift-cards/GC-1", params={"after": after})
        assert answer.status_code == status, answer.text


def test_store_credit_of_a_customer(office: Office) -> None:
    recorded(
        office,
        fact("store_credit_issued", "SC-1", customer="c-1", amount="5.00", reason="goodwill"),
    )
    shown = office.read("/v1/store-credit/c-1", "pos")
    assert (shown["available"], moves(shown)) == ("5.00", [("SC-1", "0.00", "5.00")])


def test_a_prepayment_is_worth_what_was_paid(office: Office) -> None:
    recorded(
        office,
        fact(
            "deposit_received",
            "DR-1",
            deposit="D-1",
            amount="11.50",
            tenders=cash("11.50"),
            kind="prepayment",
            booking="B-1",
            taxes=[{"tax": "GST", "amount": "0.50"}, {"tax": "QST", "amount": "1.00"}],
        ),
        fact("deposit_moved", "DM-1", deposit="D-1", to_booking="B-2"),
    )
    shown = office.read("/v1/deposits/D-1", "pos")
    assert (shown["available"], shown["paid"], shown["net"], shown["tax"]) == (
        "10.00",
        "11.50",
        "10.00",
        "1.50",
    )
    assert shown["booking"] == "B-2"


def test_a_package_and_the_uses_left(office: Office) -> None:
    sold = {"kind": "package", "package": "P-1", "uses": 3, "quantity": "1", "unit_price": "100.00"}
    used = a_sale(
        id="S-2",
        lines=[{"kind": "service", "quantity": "1"}],
        tenders=[{"kind": "package", "package": "P-1"}],
    )
    recorded(office, a_sale(lines=[sold], tenders=cash("100.00")), used)
    shown = office.read("/v1/packages/P-1", "pos")
    assert (shown["uses_left"], shown["available"]) == (2, "66.67")
    assert shown["lots"] == [
        {
            "sale": "S-1",
            "currency": "CAD",
            "sold_on": "2026-03-14",
            "price": "100.00",
            "sold_uses": 3,
            "uses_left": 2,
            "value_left": "66.67",
        }
    ]
    assert office.read("/v1/packages/P-1", known_at=1)["uses_left"] == 3


def an_invoice(office: Office) -> None:
    """Record an invoice of 115.00, of which 15.00 is paid."""
    line = {"kind": "service", "quantity": "1", "unit_price": "115.00"}
    recorded(
        office,
        fact(
            "invoice_issued",
            "II-1",
            invoice="INV-1",
            customer="c-1",
            lines=[line],
            due_date="2026-04-13",
        ),
        fact(
            "payment_received",
            "PR-1",
            payment="P-1",
            customer="c-1",
            tenders=cash("15.00"),
            applied=[{"invoice": "INV-1", "amount": "15.00"}],
        ),
    )


def test_an_invoice_what_is_paid_and_what_is_open(office: Office) -> None:
    an_invoice(office)
    shown = office.read("/v1/invoices/INV-1", "pos")
    assert (shown["billed"], shown["paid"], shown["open"]) == ("115.00", "15.00", "100.00")
    assert (shown["status"], shown["due_date"]) == ("partly_paid", "2026-04-13")
    assert (shown["customer"], shown["event"]) == ("c-1", "II-1")
    then = office.read("/v1/invoices/INV-1", known_at=1)
    assert (then["status"], then["open"], then["paid"]) == ("open", "115.00", "0.00")
    answer = office.call("GET", "/v1/invoices/INV-1?known_at=0", "pos")
    assert (answer.status_code, answer.json()["code"]) == (404, "holder-not-found")


def test_an_item_on_the_shelf(office: Office) -> None:
    office.call(
        "PUT",
        "/v1/settings/items/HAT~1M",
        "bookkeeper",
        json={"name": "Hat, M", "category": "Hats", "kind": "goods", "stocked": True},
    )
    never = office.read("/v1/items/HAT~1M", "pos")
    assert (never["name"], never["quantity"], never["average_cost"]) == ("Hat, M", "0", None)
    received = {"item": "HAT/M", "quantity": "3", "unit_cost": "10.00"}
    sold = {"kind": "goods", "item": "HAT/M", "quantity": "1", "unit_price": "40.00"}
    recorded(
        office,
        fact(
            "goods_received",
            "GR-1",
            receipt="R-1",
            vendor="Maison",
            lines=[received],
            location="Rue A",
        ),
        a_sale(lines=[sold], tenders=cash("40.00"), location="Rue A"),
    )
    shown = office.read("/v1/items/HAT~1M", "pos")
    assert (shown["quantity"], shown["balance"], shown["average_cost"]) == (
        "2",
        "20.00",
        "10.000000",
    )
    assert shown["locations"] == [{"location": "Rue A", "quantity": "2"}]
    assert [(m["event"], m.get("quantity")) for m in shown["history"]["data"]] == [
        ("GR-1", "3"),
        ("S-1", "-1"),
    ]
    before = office.head()["seq"] - 1
    assert office.read("/v1/items/HAT~1M", known_at=before)["quantity"] == "3"


def test_money_from_abroad_is_shown_in_both(office: Office) -> None:
    answer = office.record(a_card_sold("GC-1", "50.00", currency="USD", rate="1.35"), "bookkeeper")
    (debit, credit) = answer.json()["entry"]
    assert (debit["currency"], debit["debit"], debit["home_debit"]) == ("USD", "50.00", "67.50")
    assert (credit["credit"], credit["home_credit"]) == ("50.00", "67.50")
    shown = office.read("/v1/gift-cards/GC-1")
    assert (shown["currency"], shown["available"]) == ("USD", "50.00")
    assert shown["balances"][0]["home_balance"] == "-67.50"
    assert shown["history"]["data"][0]["home_credit"] == "67.50"
    at_home = office.record(a_sale()).json()["entry"][0]
    assert "home_debit" not in at_home


@pytest.mark.parametrize(
    "path",
    ["gift-cards", "store-credit", "deposits", "packages", "invoices", "items", "sessions"],
)
def test_what_nobody_heard_of(office: Office, path: str) -> None:
    answer = office.call("GET", f"/v1/{path}/X-404", "pos")
    assert (answer.status_code, answer.json()["code"]) == (404, "holder-not-found")
    assert "X-404" in answer.json()["detail"]


@pytest.mark.parametrize("clock", ["x", "2026-02-30T00:00:00Z", "-1", "2026-03-14"])
def test_a_moment_that_there_is_not(office: Office, clock: str) -> None:
    answer = office.call("GET", "/v1/gift-cards/GC-1", "pos", params={"known_at": clock})
    assert (answer.status_code, answer.json()["faults"][0]["parameter"]) == (400, "known_at")


def a_day_at_the_till(office: Office) -> None:
    """Record a session from its float to its count."""
    session = {"session": "2026-03-14/1", "register": "till-3"}
    facts = (
        fact("register_opened", "RO-1", float="100.00", **session),
        a_sale(tenders=cash("41.40"), rounding="0.01", **session),
        fact(
            "register_closed", "RC-1", counted=[{"method": "cash", "amount": "140.00"}], **session
        ),
    )
    for one in facts:
        answer = office.record(one)
        assert answer.status_code == 201, answer.text


def test_a_session_of_a_register(office: Office) -> None:
    a_day_at_the_till(office)
    shown = office.read("/v1/sessions/2026-03-14~11", "auditor")
    assert (shown["register"], shown["opened_by"], shown["closed_by"]) == ("till-3", "RO-1", "RC-1")
    assert (shown["opened_on"], shown["closed_on"]) == ("2026-03-14", "2026-03-14")
    assert shown["counted"] == [{"method": "cash", "amount": "140.00"}]
    totals = {(t["role"], t["holder"]): t["balance"] for t in shown["totals"]}
    assert totals["cash", "till-3"] == "140.00"
    assert totals["till_over_short", "till-3"] == "1.40"
    assert totals["sales", "goods"] == "-40.00"
    assert [event["id"] for event in shown["events"]["data"]] == ["RO-1", "S-1", "RC-1"]
    first = office.read("/v1/sessions/2026-03-14~11", "pos", limit=2)["events"]
    rest = office.read("/v1/sessions/2026-03-14~11", "pos", limit=2, after=first["next"])["events"]
    assert ([event["id"] for event in rest["data"]], rest["next"]) == (["RC-1"], None)


def test_a_payment_is_previewed_with_the_invoice_that_it_settles(office: Office) -> None:
    an_invoice(office)
    paid = fact(
        "payment_received",
        "PR-2",
        payment="P-2",
        customer="c-1",
        tenders=cash("100.00"),
        applied=[{"invoice": "INV-1", "amount": "100.00"}],
    )
    told = office.call("POST", "/v1/events/preview", "bookkeeper", json=paid).json()
    assert [line["holder"] for line in told["entry"] if line["role"] == "receivable"] == ["INV-1"]
    assert [document["kind"] for document in told["documents"]] == ["Payment"]
    assert office.read("/v1/invoices/INV-1")["open"] == "100.00"
