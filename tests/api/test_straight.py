"""A fact is answered in front of the routing exactly as it is behind it, whatever is wrong."""

import json
import logging
from typing import Any

import pytest
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient

from api import recording
from api.gate import Gate, is_single
from api.service import Service
from ledger.events.base import Role
from ledger.recorder import Unavailable
from tests.api.conftest import Office
from tests.api.facts import a_sale

JSON = {"Content-Type": "application/json"}
SALE = json.dumps(a_sale()).encode()
UNBALANCED = json.dumps(a_sale(id="S-2", tenders=[])).encode()
ODD = json.dumps(
    a_sale(id="S-3", tenders=[{"kind": "other", "method": "TWINT", "amount": "41.39"}])
).encode()

ASKED: dict[str, tuple[Role | None, dict[str, str], bytes, str]] = {
    "a sale": ("pos", JSON, SALE, ""),
    "again": ("pos", JSON, SALE, ""),
    "by a bookkeeper": ("bookkeeper", JSON, SALE, ""),
    "with charset": ("pos", {"Content-Type": 'application/json; charset="UTF-8"'}, SALE, ""),
    "another fact by that id": ("pos", JSON, json.dumps(a_sale(memo="hat")).encode(), ""),
    "for a person to look at": ("pos", JSON | {"Accept-Language": "fr"}, ODD, ""),
    "no key": (None, JSON, SALE, ""),
    "a key that is none": (None, JSON | {"Authorization": "Bearer dbk_1_x_y"}, SALE, ""),
    "two keys": ("pos", JSON | {"authorization": "Basic x"}, SALE, ""),
    "an auditor": ("auditor", JSON, SALE, ""),
    "an operator, in French": ("operator", JSON | {"Accept-Language": "fr"}, SALE, ""),
    "a query": ("pos", JSON, SALE, "?dry=1&dry=2&x=%00"),
    "no type": ("pos", {}, SALE, ""),
    "another type": ("pos", {"Content-Type": "text/plain"}, SALE, ""),
    "another charset": ("pos", {"Content-Type": "application/json; charset=latin-1"}, SALE, ""),
    "compressed": ("pos", JSON | {"Content-Encoding": "gzip"}, SALE, ""),
    "too large": ("pos", JSON, b" " * (2**20 + 1), ""),
    "too large, and compressed": ("pos", JSON | {"Content-Encoding": "br"}, b" " * 2**21, ""),
    "nothing": ("pos", JSON, b"", ""),
    "no JSON": ("pos", JSON, b'{"id": S}', ""),
    "not UTF-8": ("pos", JSON, b'{"id": "\xff"}', ""),
    "a key twice": ("pos", JSON, SALE[:-1] + b', "id": "S-9"}', ""),
    "a list": ("pos", JSON, b"[" + SALE + b"]", ""),
    "what cannot be right": ("pos", JSON, UNBALANCED, ""),
    "in French": ("pos", JSON | {"Accept-Language": "en;q=0.1, fr-CA"}, UNBALANCED, ""),
    "a host that is none": ("pos", JSON | {"Host": "a b"}, SALE, ""),
    "a host with a port": ("pos", JSON | {"Host": "shop.example:8080"}, SALE, ""),
}


def shown(answer: Response) -> tuple[int, dict[str, str], Any]:
    """Return an answer without what is another one's each time."""
    headers = {name: value for name, value in answer.headers.items() if name != "request-id"}
    told = answer.json()
    assert answer.headers["request-id"]
    if answer.status_code >= 400:
        assert told.pop("request_id") == answer.headers["request-id"]
    return answer.status_code, headers, told


@pytest.mark.parametrize("name", ASKED)
def test_the_answer_is_the_same_as_behind_the_routing(office: Office, name: str) -> None:
    role, headers, body, query = ASKED[name]
    assert office.record(a_sale(), "bookkeeper").status_code == 201
    assert office.call("POST", "/v1/events", "bookkeeper", headers=JSON, content=ODD).is_success

    def asked(path: str) -> Response:
        return office.call("POST", f"{path}{query}", role, headers=dict(headers), content=body)

    straight, routed = asked("/v1/events"), asked("/v1/events/")
    assert shown(straight) == shown(routed)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
def test_other_methods_are_the_routings(office: Office, method: str) -> None:
    straight, routed = (office.call(method, path, "pos") for path in ("/v1/events", "/v1/events/"))
    assert straight.status_code == routed.status_code
    assert straight.headers.get("allow") == routed.headers.get("allow")
    assert straight.content == b"" or "request_id" in straight.json()


def test_nothing_of_it_goes_through_the_routing(
    office: Office, client: TestClient[Litestar], monkeypatch: pytest.MonkeyPatch
) -> None:
    def routed(*_: Any, **__: Any) -> None:
        raise AssertionError("routed")

    monkeypatch.setattr(client.app.asgi_router, "handle_routing", routed)
    assert office.record(a_sale()).status_code == 201


def test_when_too_many_are_under_way_both_ways_say_so(
    office: Office, client: TestClient[Litestar], monkeypatch: pytest.MonkeyPatch
) -> None:
    service: Service = client.app.state["service"]
    monkeypatch.setattr(service.gate, "_most", 0)
    straight, routed = (
        office.call("POST", path, "pos", json=a_sale()) for path in ("/v1/events", "/v1/events/")
    )
    assert shown(straight) == shown(routed)
    assert (straight.status_code, straight.headers["retry-after"]) == (503, "1")


def test_what_nobody_expected_is_told_as_ever_and_logged(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: Any) -> None:
        raise ZeroDivisionError("the secret of the house")

    monkeypatch.setattr(recording, "event_answer", lambda *_: broken(_))
    with caplog.at_level(logging.ERROR, "daybook.api"):
        answer = office.record(a_sale())
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret" not in answer.text
    assert answer.headers["request-id"] in caplog.text


def test_a_request_is_known_by_its_path_method_and_host() -> None:
    one = {"path": "/v1/events", "method": "POST", "headers": [(b"host", b"[::1]:8080")]}
    assert is_single(one)
    assert is_single(one | {"headers": []})
    assert not is_single(one | {"path": "/v1/events/batch"})
    assert not is_single(one | {"method": "GET"})
    assert not is_single(one | {"headers": [(b"host", b"a b")]})
    assert not is_single({"type": "lifespan"})


def test_a_gate_lets_in_as_many_as_it_may() -> None:
    gate = Gate(1)
    gate.enter()
    with pytest.raises(Unavailable):
        gate.enter()
    gate.leave()
    gate.enter()
