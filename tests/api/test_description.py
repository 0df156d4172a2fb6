"""The description of the API: whole, and true to what the routes do."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from api.example_facts import FACTS
from api.examples import EXAMPLES
from ledger.events import Event
from tests.api.conftest import Office
from tests.api.test_access import routes, stated

METHODS = ("get", "put", "post", "delete", "patch")


@pytest.fixture(scope="module")
def description(client: TestClient[Litestar]) -> dict[str, Any]:
    """Return the description as anyone gets it."""
    answer = client.get("/openapi.json")
    assert answer.headers["Content-Type"] == "application/json"
    told: dict[str, Any] = answer.json()
    return told


def operations(description: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield (method, path, operation)."""
    for path, item in description["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield method.upper(), path, operation


def references(part: Any) -> Iterator[str]:
    """Yield every reference in a description."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def test_it_is_openapi_31(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.1")
    assert description["info"]["title"] == "Daybook"
    assert description["components"]["securitySchemes"]["key"] == {
        "type": "http",
        "scheme": "bearer",
    }


def test_every_call_is_described(app: Litestar, description: dict[str, Any]) -> None:
    described = {(method, path) for method, path, _ in operations(description)}
    answered = {
        (method, path)
        for method, path, handler in routes(app)
        if handler.resolve_include_in_schema()
    }
    assert described == answered


def test_every_operation_says_what_it_is_for(description: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(description)]
    assert len(names) == len(set(names))
    for method, path, operation in operations(description):
        assert re.fullmatch(r"[a-z]+[A-Z][A-Za-z]+", operation["operationId"]), path
        assert operation["summary"], path
        assert operation["description"].endswith("."), path
        assert operation["tags"], path
        assert any(status.startswith(("2", "3")) for status in operation["responses"]), (
            method,
            path,
        )


def test_problems_are_described_for_each_call(app: Litestar, description: dict[str, Any]) -> None:
    roles = {(method, path): stated(handler) for method, path, handler in routes(app)}
    for method, path, operation in operations(description):
        responses = operation["responses"]
        expected = {"default"} | ({"401", "403"} if roles[method, path] else set())
        if "requestBody" in operation:
            expected |= {"400", "413", "415", "422"}
        assert expected <= set(responses), (method, path)
        for status, answer in responses.items():
            if status.startswith(("4", "default")):
                assert "application/problem+json" in answer["content"], (method, path, status)
        assert operation["security"] == ([{"key": []}] if roles[method, path] else [])
        assert operation.get("x-roles", []) == list(roles[method, path] or [])


def test_every_reference_leads_somewhere(description: dict[str, Any]) -> None:
    schemas = description["components"]["schemas"]
    for reference in references(description):
        assert reference.removeprefix("#/components/schemas/") in schemas, reference


def test_no_parameter_is_described_as_null(description: dict[str, Any]) -> None:
    found = [
        parameter["schema"]
        for path in description["paths"].values()
        for operation in path.values()
        for parameter in operation.get("parameters", ())
    ]
    assert [schema for schema in found if "null" in str(schema) or "None" in str(schema)] == []
    assert {"type": "string", "format": "date"}.items() <= _parameter(description, "as_of").items()


def _parameter(description: dict[str, Any], name: str) -> dict[str, Any]:
    told = description["paths"]["/v1/reports/aging"]["get"]["parameters"]
    (schema,) = [parameter["schema"] for parameter in told if parameter["name"] == name]
    return dict(schema)


def test_an_event_is_one_of_its_kinds(description: dict[str, Any]) -> None:
    event = description["components"]["schemas"]["Event"]
    kinds = {kind.__struct_config__.tag for kind in Event.__args__}
    assert event["discriminator"]["propertyName"] == "type"
    assert set(event["discriminator"]["mapping"]) == kinds
    assert len(event["oneOf"]) == len(kinds)


def test_every_kind_of_fact_has_an_example_that_works(
    office: Office, description: dict[str, Any]
) -> None:
    for fact in FACTS:
        answer = office.record(fact, "bookkeeper")
        assert answer.status_code == 201, (fact["id"], answer.text)
    body = description["paths"]["/v1/events"]["post"]["requestBody"]["content"]
    examples = body["application/json"]["examples"]
    assert set(examples) == {kind.__struct_config__.tag for kind in Event.__args__}
    assert all(example["value"]["type"] == kind for kind, example in examples.items())


def test_what_an_answer_leads_to(description: dict[str, Any]) -> None:
    names = {operation["operationId"] for _, _, operation in operations(description)}
    links = [
        link
        for _, _, operation in operations(description)
        for answer in operation["responses"].values()
        for link in answer.get("links", {}).values()
    ]
    assert links
    assert {link["operationId"] for link in links} <= names


def test_amounts_are_text_with_a_pattern(description: dict[str, Any]) -> None:
    amount = description["components"]["schemas"]["Tender"]["properties"]["amount"]
    (text,) = [kind for kind in amount["anyOf"] if kind.get("type") == "string"]
    assert re.fullmatch(text["pattern"], "12.50")
    assert not re.fullmatch(text["pattern"], "1e5")


def test_the_examples_work(office: Office) -> None:
    example = EXAMPLES["recordEvent"]
    answer = office.record(example["body"])
    assert answer.status_code == 201
    told = answer.json()
    for name in ("id", "seq", "business_date", "exceptions"):
        assert told[name] == example["answer"][name], name
    key = lambda line: (line["role"], line["holder"])  # noqa: E731 - one line, used twice
    assert sorted(told["entry"], key=key) == sorted(example["answer"]["entry"], key=key)
    assert (
        office.call("POST", "/v1/events/preview", json=EXAMPLES["previewEvent"]["body"]).status_code
        == 200
    )
    assert (
        office.call("PUT", "/v1/customers/c-1", json=EXAMPLES["putCustomer"]["body"]).status_code
        == 201
    )
    for operation, path in (("putTaxDefined", "tax-codes/GST"), ("putItemDefined", "items/HAT")):
        answer = office.call(
            "PUT", f"/v1/settings/{path}", "bookkeeper", json=EXAMPLES[operation]["body"]
        )
        assert answer.status_code == 200, answer.text
