"""Faults by script: what the caller sees and what was committed all the same."""

import asyncio
from typing import Any

import httpx
import pytest

from sync.quickbooks.emulator.amounts import encode
from sync.quickbooks.emulator.app import Emulator
from tests.emulator.books import Books, Json, Make, Office


def receipt(books: Books) -> Json:
    return {"Line": [books.line("1", "NON")]}


def counted(office: Office, books: Books) -> int:
    office.send("DELETE", "/_emulator/faults")
    return int(books.query("select count(*) from SalesReceipt")["totalCount"])


@pytest.mark.parametrize(
    ("kind", "raised", "committed"),
    [
        ("down", httpx.RemoteProtocolError, 0),
        ("timeout_before", httpx.ReadTimeout, 0),
        ("timeout_after", httpx.ReadTimeout, 1),
        ("cut_body", httpx.RemoteProtocolError, 1),
    ],
)
def test_a_call_without_an_answer(
    office: Office, states: Books, kind: str, raised: type[Exception], committed: int
) -> None:
    body = receipt(states)
    office.faults({"kind": kind})
    with pytest.raises(raised):
        states.send("POST", "salesreceipt", body, requestid="r1")
    assert counted(office, states) == committed
    states.post("SalesReceipt", body, requestid="r1")
    assert counted(office, states) == 1


def test_a_request_whose_sender_dies_in_the_middle_of_it_is_none(
    office: Office, states: Books
) -> None:
    body = receipt(states)
    part: Json = {"type": "http.request", "body": encode(body)[:9], "more_body": True}
    parts = iter((part, {"type": "http.disconnect"}))
    sent = list[Json]()

    async def receive() -> Json:
        return next(parts)

    async def send(message: Json) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": f"/v3/company/{states.realm}/salesreceipt",
        "query_string": b"requestid=r1",
        "headers": [
            (b"authorization", states.headers["authorization"].encode()),
            (b"content-type", b"application/json"),
        ],
    }
    asyncio.run(_called(office.emulator, scope, receive, send))
    assert sent == []
    states.post("SalesReceipt", body, requestid="r1")
    assert counted(office, states) == 1


async def _called(emulator: Emulator, *arguments: Any) -> object:
    return await emulator(*arguments)


@pytest.mark.parametrize(("replay", "documents"), [("atomic", 1), ("ignored", 2)])
def test_a_request_that_arrives_late_is_still_one_request(
    make_office: Make, replay: str, documents: int
) -> None:
    """Looked up in vain, sent again, and only then carried out for the first time."""
    office = make_office(replay=replay)
    books = office.company(country="US")
    body = receipt(books)
    office.faults({"kind": "timeout_late", "delay": 1, "count": 1})
    with pytest.raises(httpx.ReadTimeout):
        books.send("POST", "salesreceipt", body, requestid="r1")
    assert counted(office, books) == 0
    books.post("SalesReceipt", body, requestid="r1")
    office.faults({"kind": "latency", "delay": 2, "count": 1})
    books.send("GET", "companyinfo/1")
    assert counted(office, books) == documents


@pytest.mark.parametrize(
    ("kind", "status", "committed"),
    [("429", 429, 0), ("5xx_before", 503, 0), ("5xx_after", 503, 1), ("stale_token", 401, 0)],
)
def test_a_call_with_a_bad_answer(
    office: Office, states: Books, kind: str, status: int, committed: int
) -> None:
    body = receipt(states)
    office.faults({"kind": kind, "method": "POST"})
    assert states.send("POST", "salesreceipt", body).status_code == status
    tokens = office.send("POST", f"/_emulator/companies/{states.realm}/tokens").json()
    states.headers = {"authorization": f"Bearer {tokens['access_token']}"}
    assert counted(office, states) == committed


def test_the_status_of_a_5xx_can_be_chosen(office: Office, states: Books) -> None:
    office.faults({"kind": "5xx_before", "status": 500, "count": 1})
    answer = states.send("GET", "companyinfo/1")
    assert answer.status_code == 500
    assert answer.json()["Fault"]["Error"][0]["code"] == "10000"


def test_faults_hit_only_what_they_match(office: Office, states: Books) -> None:
    body = receipt(states)
    office.faults(
        {"kind": "429", "entity": "SalesReceipt", "method": "POST", "query": "*requestid=bad*"},
        {"kind": "5xx_before", "path": "*/reports/*"},
        {"kind": "429", "realm": "1"},
    )
    assert states.send("POST", "salesreceipt", body, requestid="bad1").status_code == 429
    assert states.send("POST", "salesreceipt", body, requestid="good").status_code == 200
    assert states.send("GET", "reports/TrialBalance").status_code == 503
    assert states.send("POST", "customer", {"DisplayName": "A"}).status_code == 200


def test_faults_begin_late_end_early_and_run_out(office: Office, states: Books) -> None:
    def statuses(times: int) -> list[int]:
        return [states.send("GET", "companyinfo/1").status_code for _ in range(times)]

    office.faults({"kind": "429", "skip": 1, "count": 2})
    assert statuses(4) == [200, 429, 429, 200]
    office.faults({"kind": "429", "seconds": 30})
    assert statuses(1) == [429]
    office.time.now += 30
    assert statuses(1) == [200]
    assert office.send("GET", "/_emulator/faults").json() == []


def test_chance_repeats_itself_by_its_seed(make_office: Make) -> None:
    runs = []
    for _ in range(2):
        office = make_office()
        books = office.company(country="US")
        office.faults({"kind": "429", "probability": 0.4, "seed": 7})
        runs.append([books.send("GET", "companyinfo/1").status_code for _ in range(40)])
    assert runs[0] == runs[1]
    assert 5 < runs[0].count(429) < 35


def test_the_token_endpoint_fails_like_the_rest_but_not_the_control(
    office: Office, states: Books
) -> None:
    office.faults({"kind": "down"})
    with pytest.raises(httpx.RemoteProtocolError):
        office.send("POST", "/oauth2/v1/tokens/bearer")
    summary = office.send("GET", f"/_emulator/companies/{states.realm}")
    assert summary.status_code == 200


def test_a_fault_that_is_none_is_refused(office: Office) -> None:
    for rule in ({"kind": "plague"}, {"kind": "down", "Path": "x"}):
        assert office.send("POST", "/_emulator/faults", json=rule).status_code == 400


def test_faults_are_counted(office: Office, states: Books) -> None:
    office.faults({"kind": "429", "count": 1})
    states.send("GET", "companyinfo/1")
    summary = office.send("GET", f"/_emulator/companies/{states.realm}").json()
    assert summary["calls"]["fault:429"] == 1
