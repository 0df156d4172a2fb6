"""What bad input gets: a problem that names each fault and what to do, and an untouched book."""

import json
from typing import Any

import pytest

from tests.api.conftest import Office
from tests.api.facts import a_card_sold, a_sale, codes

LINE = a_sale()["lines"][0]
CARD = {"kind": "card", "amount": "41.39"}


def refused(office: Office, body: bytes | str | dict[str, Any], role: Any = "pos") -> Any:
    """Return (status, problem) of a fact that must be refused and must change nothing."""
    before = office.head()
    text = json.dumps(body) if isinstance(body, dict) else body
    answer = office.call(
        "POST", "/v1/events", role, content=text, headers={"Content-Type": "application/json"}
    )
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["type"] == f"/problems/{problem['code']}"
    told = [problem, *problem.get("faults", [])]
    assert all(part["detail"] and part["remedy"] for part in told)
    assert office.head() == before
    return answer.status_code, problem


def test_a_nul_is_taken_nowhere(office: Office) -> None:
    for method, path, body, at in (
        ("POST", "/v1/sync/retry", {"cause": "a\0b"}, "/cause"),
        ("POST", "/v1/sync/pause", {"reason": "\0"}, "/reason"),
        ("PUT", "/v1/customers/c-1", {"name": "Le\0a"}, "/name"),
        ("PUT", "/v1/settings/items/HAT", {"name": "a\0"}, "/name"),
    ):
        answer = office.call(method, path, "bookkeeper", json=body)
        assert (answer.status_code, codes(answer.json())) == (422, {at: "control-character"}), path
    kept = office.call("POST", "/v1/sync/retry", "bookkeeper", json={"cause": "a\\u0000"})
    assert kept.status_code == 200


def test_tenders_that_do_not_add_up(office: Office) -> None:
    status, problem = refused(office, a_sale(tenders=[{"kind": "card", "amount": "41.00"}]))
    assert (status, codes(problem)) == (422, {"/tenders": "tenders-differ"})
    assert problem["faults"][0]["facts"] == {"due": "41.39", "given": "41.00", "currency": "CAD"}


def test_every_fault_is_named_at_once(office: Office) -> None:
    line = LINE | {"quantity": 1, "unit_price": "1e3", "colour": "blue"}
    status, problem = refused(office, a_sale(lines=[line], occurred_at="yesterday", tender=[]))
    assert status == 422
    assert codes(problem) == {
        "/lines/0/colour": "unknown-field",
        "/lines/0/quantity": "not-a-quantity",
        "/lines/0/unit_price": "not-an-amount",
        "/occurred_at": "not-an-instant",
        "/tender": "unknown-field",
    }


@pytest.mark.parametrize(
    "amount", ["NaN", "Infinity", "1e2", "1_0", "+1", "-1", "٣", "", " 1", "1."]
)
def test_what_is_no_amount(office: Office, amount: str) -> None:
    status, problem = refused(office, a_sale(tenders=[{"kind": "card", "amount": amount}]))
    assert (status, codes(problem)) == (422, {"/tenders/0/amount": "not-an-amount"})


def test_an_amount_finer_than_the_currency(office: Office) -> None:
    status, problem = refused(office, a_sale(tenders=[{"kind": "card", "amount": "41.391"}]))
    assert (status, codes(problem)) == (422, {"/tenders/0/amount": "too-many-decimals"})


def test_numbers_that_json_does_not_know(office: Office) -> None:
    text = json.dumps(a_sale(tenders=[CARD | {"amount": 0}])).replace(
        '"amount": 0', '"amount": NaN'
    )
    status, problem = refused(office, text)
    assert (status, problem["code"]) == (400, "no-number")
    assert codes(problem) == {"/tenders/0/amount": "no-number"}


def test_a_number_of_ten_thousand_digits(office: Office) -> None:
    text = json.dumps(a_sale()).replace('"41.39"', "9" * 10_000)
    status, problem = refused(office, text)
    assert (status, codes(problem)) == (400, {"/tenders/0/amount": "number-too-long"})


def test_a_card_number_in_a_memo(office: Office) -> None:
    status, problem = refused(office, a_sale(memo="paid with 4111 1111 1111 1111"))
    assert (status, codes(problem)) == (422, {"/memo": "card-number"})
    assert "4111" not in json.dumps(problem)


@pytest.mark.parametrize("opening", ["[", '{"a":', '{"lines":[', '{"memo":[[', '[{"a":'])
def test_what_is_nested_a_hundred_thousand_deep(office: Office, opening: str) -> None:
    status, problem = refused(office, opening * 100_000)
    assert (status, problem["code"]) == (400, "too-deep")


def test_a_field_stated_twice(office: Office) -> None:
    text = json.dumps(a_sale()).replace('"amount": "41.39"', '"amount": "1.00", "amount": "41.39"')
    status, problem = refused(office, text)
    assert (status, codes(problem)) == (400, {"/tenders/0/amount": "duplicate-key"})


def test_a_field_stated_twice_in_disguise(office: Office) -> None:
    text = json.dumps(a_sale(memo="x")).replace('"memo"', '"m\\u0065mo": "y", "memo"')
    status, problem = refused(office, text)
    assert (status, codes(problem)) == (400, {"/memo": "duplicate-key"})


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "malformed-json"),
        (b"{", "malformed-json"),
        (b'{"id": "S-1",}', "malformed-json"),
        (b"\xef\xbb\xbf{}", "malformed-json"),
        (b'{"id": "\xff"}', "not-utf8"),
        (b'{"id": "\xed\xa0\x80"}', "not-utf8"),
        (b"{'id': 1}", "malformed-json"),
        (b'{"type": "sale_completed"} {}', "malformed-json"),
    ],
)
def test_what_is_no_json(office: Office, body: bytes, code: str) -> None:
    status, problem = refused(office, body)
    assert (status, problem["code"]) == (400, code)


@pytest.mark.parametrize("body", ["[]", "5", "null", '"sale"'])
def test_json_that_is_no_object(office: Office, body: str) -> None:
    status, problem = refused(office, body)
    assert (status, codes(problem)) == (422, {"": "not-an-object"})


def test_a_kind_of_event_that_there_is_not(office: Office) -> None:
    status, problem = refused(office, a_sale(type="sale"))
    assert (status, codes(problem)) == (422, {"/type": "unknown-type"})


def test_a_body_of_two_mebibytes(office: Office) -> None:
    status, problem = refused(office, json.dumps(a_sale(memo="x" * 2**21)))
    assert (status, problem["code"]) == (413, "body-too-large")


def test_a_large_body_is_read_apart_and_its_faults_are_named(office: Office) -> None:
    lines = [LINE | {"description": "x" * 400}] * 999 + [LINE | {"quantity": "?"}]
    status, problem = refused(office, a_sale(lines=lines))
    assert (status, codes(problem)) == (422, {"/lines/999/quantity": "not-a-quantity"})


def test_a_compressed_body(office: Office) -> None:
    answer = office.record(a_sale(), headers={"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json()["code"]) == (415, "content-encoding")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1"]
)
def test_a_body_that_is_not_said_to_be_json(office: Office, kind: str) -> None:
    answer = office.call(
        "POST", "/v1/events", content=json.dumps(a_sale()), headers={"Content-Type": kind}
    )
    assert (answer.status_code, answer.json()["code"]) == (415, "media-type-not-supported")


@pytest.mark.parametrize("query", ["?x", "?x=", "?atomic=true", "?x=1&x=2"])
def test_a_parameter_that_recording_does_not_take(office: Office, query: str) -> None:
    answer = office.call("POST", f"/v1/events{query}", json=a_sale())
    assert (answer.status_code, answer.json()["code"]) == (400, "parameters-not-valid")
    assert office.head()["seq"] == 0


def test_a_text_too_short_is_told_without_counting_wrong(office: Office) -> None:
    for language, told in (("en", "least: 1"), ("fr", "minimum\u00a0: 1")):
        refused = office.call(
            "PUT", "/v1/customers/C-1", json={"name": ""}, headers={"Accept-Language": language}
        )
        assert told in refused.json()["faults"][0]["detail"]


def test_an_overdrawn_card(office: Office) -> None:
    office.record(a_card_sold("GC-1", "20.00"))
    tender = {"kind": "gift_card", "gift_card": "GC-1", "amount": "41.39"}
    status, problem = refused(office, a_sale(tenders=[tender]))
    assert (status, problem["code"]) == (409, "overdrawn")
    assert problem["facts"]["available"] == "20.00"
    assert problem["faults"][0]["pointer"] == "/tenders/0"


def test_a_refund_beyond_what_is_left(office: Office) -> None:
    office.record(a_sale())
    refund = {
        "type": "refund_issued",
        "id": "R-1",
        "occurred_at": "2026-03-14T15:00:00-04:00",
        "sale": "S-1",
        "amount": "41.40",
        "tenders": [{"kind": "card", "amount": "41.40"}],
    }
    status, problem = refused(office, refund)
    assert (status, problem["code"]) == (409, "refund-exceeds")
    assert problem["facts"]["left"] == "41.39"


def test_what_is_the_bookkeepers(office: Office) -> None:
    status, problem = refused(office, a_sale(override="the owner said so"))
    assert (status, problem["code"]) == (403, "bookkeepers-only")


def test_problems_speak_french_to_who_asks_for_it(office: Office) -> None:
    english = office.record(a_sale(tenders=[]))
    french = office.record(a_sale(tenders=[]), headers={"Accept-Language": "fr-CA, en;q=0.5"})
    assert (english.headers["Content-Language"], french.headers["Content-Language"]) == ("en", "fr")
    told = french.json()["faults"][0]
    assert told["code"] == english.json()["faults"][0]["code"]
    assert told["detail"] == "Le total dû est de 41,39 CAD, le total remis de 0,00 CAD."
