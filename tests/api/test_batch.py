"""Many facts in one call."""

import json
from concurrent.futures import Future
from typing import Any

import pytest
from httpx import Response
from litestar.testing import TestClient

from api import batch
from api.app import create_app
from ledger.book import Book
from ledger.database import Engine
from ledger.recorder import Command, Outcome, Recorder, Unavailable
from tests.api.conftest import SETTINGS, Office, keys_of
from tests.api.facts import a_sale

NDJSON = {"Content-Type": "application/x-ndjson"}


def send_lines(office: Office, lines: list[str], **params: Any) -> Response:
    return office.call(
        "POST", "/v1/events/batch", content="\n".join(lines), headers=NDJSON, params=params
    )


def test_each_fact_of_an_array_gets_its_own_result(office: Office) -> None:
    office.record(a_sale())
    answer = office.call(
        "POST",
        "/v1/events/batch",
        json=[a_sale(), a_sale(id="S-2"), a_sale(id="S-3", tenders=[]), 5, a_sale(memo="x")],
    )
    assert answer.status_code == 200
    told = answer.json()
    assert told["summary"] == {"received": 5, "recorded": 1, "repeated": 1, "refused": 3}
    shown = [(r["index"], r["id"], r["status"]) for r in told["results"]]
    assert shown == [
        (0, "S-1", 200),
        (1, "S-2", 201),
        (2, "S-3", 422),
        (3, None, 422),
        (4, "S-1", 409),
    ]
    recorded = told["results"][1]
    assert (recorded["seq"], recorded["entry"][0]["currency"]) == (2, "CAD")
    assert told["results"][2]["problem"]["faults"][0]["code"] == "tenders-differ"
    assert "problem" not in recorded


def test_a_till_that_sends_five_hundred_with_one_broken_line(office: Office) -> None:
    lines = [json.dumps(a_sale(id=f"S-{number}")) for number in range(500)]
    lines[250] = lines[250][:-7]
    answer = send_lines(office, lines)
    assert answer.headers["Content-Type"].startswith("application/x-ndjson")
    told = [json.loads(line) for line in answer.text.splitlines()]
    assert [result["index"] for result in told[:-1]] == list(range(500))
    assert told[250]["problem"]["code"] == "malformed-json"
    assert told[-1] == {"summary": {"received": 500, "recorded": 499, "repeated": 0, "refused": 1}}
    again = [json.loads(line) for line in send_lines(office, lines[::-1]).text.splitlines()]
    assert again[-1]["summary"] == {"received": 500, "recorded": 0, "repeated": 499, "refused": 1}
    assert office.head()["seq"] == 499


def test_blank_lines_and_line_ends_do_not_count(office: Office) -> None:
    told = send_lines(office, [json.dumps(a_sale()) + "\r", "", "  "]).text.splitlines()
    assert [json.loads(line).get("status") for line in told] == [201, None]


def test_of_an_atomic_batch_all_are_recorded_or_none(office: Office) -> None:
    before = office.head()
    answer = office.call(
        "POST",
        "/v1/events/batch?atomic=true",
        json=[
            a_sale(),
            a_sale(id="S-2", tenders=[{"kind": "gift_card", "gift_card": "G", "amount": "41.39"}]),
        ],
    )
    assert answer.status_code == 409
    assert [r["problem"]["code"] for r in answer.json()["results"]] == [
        "batch-refused",
        "overdrawn",
    ]
    assert office.head() == before
    answer = office.call("POST", "/v1/events/batch?atomic=true", json=[a_sale(), a_sale(id="S-2")])
    assert (answer.status_code, answer.json()["summary"]["recorded"]) == (200, 2)


def test_an_atomic_batch_with_a_fact_that_cannot_be_read(office: Office) -> None:
    before = office.head()
    answer = send_lines(office, [json.dumps(a_sale()), "{"], atomic="true")
    assert answer.status_code == 400
    told = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["problem"]["code"] for line in told[:-1]] == ["batch-refused", "malformed-json"]
    assert told[-1]["summary"]["refused"] == 2
    assert office.head() == before


def test_a_refund_may_follow_its_sale_in_one_batch(office: Office) -> None:
    refund = {
        "type": "refund_issued",
        "id": "R-1",
        "occurred_at": "2026-03-14T15:00:00-04:00",
        "sale": "S-1",
        "amount": "41.39",
        "tenders": [{"kind": "card", "amount": "41.39"}],
    }
    answer = office.call("POST", "/v1/events/batch", json=[a_sale(), refund])
    assert [result["status"] for result in answer.json()["results"]] == [201, 201]


def test_an_empty_batch_is_no_fault(office: Office) -> None:
    answer = office.call("POST", "/v1/events/batch", json=[])
    assert answer.json() == {
        "summary": {"received": 0, "recorded": 0, "repeated": 0, "refused": 0},
        "results": [],
    }


def test_a_batch_that_is_too_long(office: Office) -> None:
    answer = office.call("POST", "/v1/events/batch", json=[{}] * 10_001)
    assert (answer.status_code, answer.json()["code"]) == (413, "batch-too-long")
    answer = office.call("POST", "/v1/events/batch?atomic=true", json=[{}] * 1_001)
    assert (answer.status_code, answer.json()["facts"]) == (413, {"most": "1000"})


def test_lines_have_no_end(office: Office) -> None:
    answer = send_lines(office, ["{}"] * 10_001)
    *_, last = answer.text.splitlines()
    assert json.loads(last)["summary"]["refused"] == 10_001


def test_a_batch_that_is_no_list(office: Office) -> None:
    answer = office.call("POST", "/v1/events/batch", json=a_sale())
    assert (answer.status_code, answer.json()["faults"][0]["code"]) == (422, "not-a-list")
    answer = office.call(
        "POST", "/v1/events/batch", content="[{", headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed-json")


def test_one_huge_fact_does_not_stop_the_batch(office: Office) -> None:
    huge = json.dumps(a_sale(id="S-2", memo="x" * 2**20))
    told = [
        json.loads(line)
        for line in send_lines(office, [json.dumps(a_sale()), huge]).text.splitlines()
    ]
    assert [line.get("status") for line in told] == [201, 413, None]


def test_after_a_fact_that_could_not_be_saved_none_is_tried(
    database: Engine, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Faltering(Recorder):
        """Cannot save the first thing that it is asked to."""

        asked = 0

        def submit(self, command: Command) -> Future[list[Outcome]]:
            """Return what becomes of a command."""
            self.asked += 1
            if self.asked == 1:
                raise Unavailable("overloaded")
            return super().submit(command)

    monkeypatch.setattr(batch, "CHUNK", 1)
    recorder = Faltering(database)
    with TestClient(create_app(SETTINGS, database, recorder)) as client:
        office = Office(client, book, keys_of(database, book))
        facts = [a_sale(id="S-1"), a_sale(id="S-2"), {}]
        first = office.call("POST", "/v1/events/batch", json=facts).json()
        assert [result["status"] for result in first["results"]] == [503, 503, 422]
        again = office.call("POST", "/v1/events/batch", json=facts).json()
        assert [result["status"] for result in again["results"]] == [201, 201, 422]
