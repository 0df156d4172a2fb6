"""Customers: people whom the shop knows, and who can be forgotten."""

import pytest

from tests.api.conftest import Office
from tests.api.facts import a_sale, codes

LEA = {"name": "Léa Tremblay", "email": "lea@example.com", "phone": "+1 514 555 0199"}


def test_a_customer_is_written_found_and_erased(office: Office) -> None:
    first = office.call("PUT", "/v1/customers/c-1", json=LEA)
    again = office.call("PUT", "/v1/customers/c-1", json=LEA | {"phone": None})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == {"id": "c-1"} | LEA
    assert office.read("/v1/customers/c-1", "pos")["phone"] is None
    assert [c["id"] for c in office.read("/v1/customers", q="tremblay")["data"]] == ["c-1"]
    erased = office.call("DELETE", "/v1/customers/c-1", "bookkeeper")
    assert (erased.status_code, erased.json()["mentions"]) == (200, 0)
    assert office.call("GET", "/v1/customers/c-1").json()["code"] == "customer-not-found"
    assert office.call("DELETE", "/v1/customers/c-1", "bookkeeper").status_code == 404


def test_forgetting_a_person_leaves_the_books_as_they_are(office: Office) -> None:
    office.call("PUT", "/v1/customers/c-1", json=LEA)
    office.record(a_sale(customer="c-1"))
    before = office.head()
    office.call("DELETE", "/v1/customers/c-1", "bookkeeper")
    assert office.head() == before
    assert office.read("/v1/events", customer="c-1")["data"][0]["event"]["customer"] == "c-1"
    assert "Tremblay" not in office.call("GET", "/v1/events/S-1", "bookkeeper").text


def test_customers_are_read_page_by_page(office: Office) -> None:
    for number in range(3):
        office.call("PUT", f"/v1/customers/c-{number}", json={"name": f"Client {number}"})
    first = office.read("/v1/customers", limit=2)
    rest = office.read("/v1/customers", limit=2, after=first["next"])
    assert [c["id"] for c in first["data"] + rest["data"]] == ["c-0", "c-1", "c-2"]
    assert rest["next"] is None


def test_what_is_no_customer(office: Office) -> None:
    for body, faults in (
        ({}, {"/name": "required"}),
        ({"name": 5, "email": "x"}, {"/name": "not-text", "/email": "text-too-short"}),
        ({"name": "x", "vat": "y"}, {"/vat": "unknown-field"}),
        ({"name": "x" * 501}, {"/name": "text-too-long"}),
        ([], {"": "not-an-object"}),
    ):
        answer = office.call("PUT", "/v1/customers/c-1", json=body)
        assert (answer.status_code, codes(answer.json())) == (422, faults)
    answer = office.call("PUT", "/v1/customers/c-1", json={"name": "4111 1111 1111 1111"})
    assert codes(answer.json()) == {"/name": "card-number"}
    for reference in (
        "c" * 65,
        "a%07b",
        "4111111111111111",
        "lea@example.com",
        "+1 514 555 0199",
        "514-555-0199",
    ):
        answer = office.call("PUT", f"/v1/customers/{reference}", json=LEA)
        assert (answer.status_code, codes(answer.json())) == (
            400,
            {"?customer_id": "parameter-not-valid"},
        )


def test_a_reference_with_a_slash_is_written_as_in_a_pointer(office: Office) -> None:
    written = office.call("PUT", "/v1/customers/web~1a~0b", json={"name": "Léa Tremblay"})
    assert (written.status_code, written.json()["id"]) == (201, "web/a~b")
    assert office.read("/v1/customers/web~1a~0b")["name"] == "Léa Tremblay"
    assert office.call("DELETE", "/v1/customers/web~1a~0b", "bookkeeper").status_code == 200


@pytest.mark.parametrize("text", ["%", "_", "\\", "'"])
def test_a_search_takes_every_sign_as_itself(office: Office, text: str) -> None:
    office.call("PUT", "/v1/customers/c-1", json={"name": "Anna"})
    office.call("PUT", "/v1/customers/c-2", json={"name": f"Bo{text}b"})
    assert [c["id"] for c in office.read("/v1/customers", q=text)["data"]] == ["c-2"]


@pytest.mark.parametrize("text", ["Élodie", "élo", "ÉLODIE", "elodie", "Ştefan", "stefan"])
def test_a_search_looks_past_case_and_accents(office: Office, text: str) -> None:
    office.call("PUT", "/v1/customers/c-1", json={"name": "Élodie Ştefan"})
    office.call("PUT", "/v1/customers/c-2", json={"name": "Anna"})
    assert [c["id"] for c in office.read("/v1/customers", q=text)["data"]] == ["c-1"]
