"""The command line's client of the API: patient while it is away, plain when it refuses."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from api.client import WAITS_SECONDS, Client, Refused, Unreachable

Answer = Callable[[httpx.Request], httpx.Response]


def asked(answer: Answer, call: Callable[[Client], Awaitable[Any]]) -> tuple[Any, list[float]]:
    """Return what a call gives, and how long the client waited between its tries."""
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    async def play() -> Any:
        transport = httpx.MockTransport(answer)
        async with Client("dbk_1_key", "http://till", transport=transport, sleep=sleep) as client:
            return await call(client)

    return asyncio.run(play()), waited


def test_a_service_that_comes_back_is_asked_again() -> None:
    answers = [
        httpx.Response(503, json={"detail": "Busy."}),
        httpx.Response(429),
        httpx.Response(200, json={"seq": 7}),
    ]

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["Authorization"] == "Bearer dbk_1_key"
        assert request.content == b'{"id":"S-1"}'
        return answers.pop(0)

    found, waited = asked(answer, lambda client: client.post("/v1/events", {"id": "S-1"}))
    assert found == {"seq": 7}
    assert waited == list(WAITS_SECONDS[:2])


def test_a_service_that_stays_away_is_told_after_every_try() -> None:
    tries: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        tries.append(request.url.path)
        raise httpx.ConnectError("nobody listens")

    with pytest.raises(Unreachable, match="nobody listens"):
        asked(answer, lambda client: client.get("/v1/me"))
    assert len(tries) == len(WAITS_SECONDS) + 1


def test_a_refusal_is_told_with_its_faults_and_what_to_do() -> None:
    problem = {
        "code": "invalid",
        "detail": "Nothing was recorded.",
        "faults": [{"pointer": "/tenders", "detail": "Due is 2.00, given was 1.00."}],
        "remedy": "Correct it.",
    }
    with pytest.raises(Refused) as refused:
        asked(lambda _: httpx.Response(422, json=problem), lambda c: c.put("/v1/settings", {}))
    assert refused.value.status == 422
    assert refused.value.reason == (
        "Nothing was recorded. /tenders: Due is 2.00, given was 1.00. Correct it."
    )


def test_a_refusal_that_is_no_problem_document_is_told_as_it_is() -> None:
    with pytest.raises(Refused, match="Not Found here"):
        asked(lambda _: httpx.Response(404, text="Not Found here"), lambda c: c.get("/v1/none"))


def test_a_refusal_of_a_parameter_names_it() -> None:
    fault = {"parameter": "limit", "code": "parameter-not-valid", "detail": "Too many."}
    with pytest.raises(Refused, match=r"\?limit: Too many\."):
        asked(
            lambda _: httpx.Response(400, json={"faults": [fault]}), lambda c: c.get("/v1/events")
        )


def test_a_list_is_read_page_after_page() -> None:
    pages = {"": {"data": [{"n": 1}], "next": "x"}, "x": {"data": [{"n": 2}], "next": None}}

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=pages[request.url.params.get("after", "")])

    async def read(client: Client) -> list[int]:
        return [one["n"] async for one in client.listed("/v1/events")]

    assert asked(answer, read)[0] == [1, 2]


def test_a_batch_answers_line_by_line_without_its_summary() -> None:
    lines = b'{"index":0,"status":201}\n{"index":1,"status":200}\n{"summary":{"received":2}}\n'
    results, _ = asked(
        lambda _: httpx.Response(200, content=lines), lambda client: client.batch(b"{}\n{}\n")
    )
    assert [result["status"] for result in results] == [201, 200]


def test_a_batch_that_met_a_database_that_is_away_is_sent_again() -> None:
    away = b'{"index":0,"status":503,"problem":{"detail":"Not saved."}}\n'
    later = b'{"index":1,"status":409,"problem":{"detail":"No such sale."}}\n'
    answers = [away + later, b'{"index":0,"status":201}\n{"index":1,"status":201}\n']
    results, waited = asked(
        lambda _: httpx.Response(200, content=answers.pop(0)), lambda client: client.batch(b"{}\n")
    )
    assert [result["status"] for result in results] == [201, 201]
    assert waited == [WAITS_SECONDS[0]]


def test_a_batch_that_is_never_saved_is_told_so() -> None:
    away = b'{"index":0,"status":503,"problem":{"detail":"Not saved."}}\n'
    with pytest.raises(Unreachable, match="503: Not saved"):
        asked(lambda _: httpx.Response(200, content=away), lambda client: client.batch(b"{}\n"))


def test_where_a_path_leads_is_told_and_not_followed() -> None:
    away = httpx.Response(302, headers={"Location": "https://consent"})
    assert asked(lambda _: away, lambda client: client.redirected("/v1/connect"))[0] == (
        "https://consent"
    )
