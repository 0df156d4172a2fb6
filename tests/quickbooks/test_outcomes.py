"""What every answer of QuickBooks is taken for, and what is never taken for granted."""

import asyncio
from collections.abc import Callable

import httpx
import pytest

from sync.protocol import Failure, Rejected, Unavailable, Unknown
from sync.quickbooks.faults import REFUSALS, Fault, Refusal, failure_of, faults_of
from tests.quickbooks.wire import answer_with, api_on

THROTTLED = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    b'<IntuitResponse time="2016-12-07T15:27:09.527-08:00"'
    b' xmlns="http://schema.intuit.com/finance/v3"><Fault type="SERVICE"><Error code="3001">'
    b"<Message>message=ThrottleExceeded; errorCode=003001; statusCode=429</Message>"
    b"<Detail>The request limit was reached.  Try again later</Detail></Error></Fault>"
    b"</IntuitResponse>"
)
EXPIRED = (
    b'{"warnings":null,"fault":{"error":[{"message":"message=AuthenticationFailed; '
    b'errorCode=003200; statusCode=401","detail":"Token expired","code":"3200","element":null}],'
    b'"type":"AUTHENTICATION"},"time":1601391072830}'
)


def fault(code: str, detail: str = "", element: str = "") -> bytes:
    return (
        f'{{"Fault":{{"Error":[{{"Message":"m","Detail":"{detail}","code":"{code}",'
        f'"element":"{element}"}}],"type":"ValidationFault"}},"time":"2026-03-14"}}'
    ).encode()


TWO_FAULTS = fault("2500").replace(
    b'"Error":[', b'"Error":[{"Message":"An unexpected error occurred","code":"6000"},'
)


@pytest.mark.parametrize(
    ("status", "content", "kind", "cause"),
    [
        (429, THROTTLED, Unavailable, "throttled"),
        (403, THROTTLED, Unavailable, "throttled"),
        (503, THROTTLED, Unavailable, "throttled"),
        (429, b"", Unavailable, "throttled"),
        (401, EXPIRED, Unavailable, "connection-dead"),
        (401, b"<html>no</html>", Unavailable, "connection-dead"),
        (401, fault("120"), Unavailable, "connection-dead"),
        (403, fault("3100"), Unavailable, "connection-dead"),
        (400, fault("130"), Unavailable, "maintenance"),
        (400, fault("6190"), Unavailable, "subscription-ended"),
        (400, fault("2010"), Rejected, "malformed"),
        (400, fault("2500"), Rejected, "reference-inactive"),
        (400, fault("5010"), Rejected, "changed-meanwhile"),
        (400, fault("6000", "You must set a transaction amount."), Rejected, "refused"),
        (400, fault("6140"), Rejected, "number-taken"),
        (400, fault("6210"), Rejected, "period-closed"),
        (400, fault("6240"), Rejected, "name-taken"),
        (400, fault("6000", "An unexpected error occurred while saving your data"), Unknown, ""),
        (400, TWO_FAULTS, Unknown, ""),
        (400, fault("1010"), Unknown, ""),
        (400, fault("77777"), Unknown, ""),
        (400, b"not JSON at all", Unknown, ""),
        (400, b"", Unknown, ""),
        (404, b"", Unknown, ""),
        (408, b"", Unknown, ""),
        (409, b"{}", Unknown, ""),
        (500, fault("10000"), Unknown, ""),
        (500, fault("6000", "You must set a transaction amount."), Unknown, ""),
        (502, b"<html>Bad Gateway</html>", Unknown, ""),
        (504, b"", Unknown, ""),
        (200, fault("6240"), Rejected, "name-taken"),
        (302, b"", Unknown, ""),
    ],
)
def test_a_write_is_classed_by_what_it_surely_means(
    status: int, content: bytes, kind: type[Failure], cause: str
) -> None:
    failed = failure_of(status, {"intuit_tid": "tid-1"}, content)
    assert isinstance(failed, kind)
    assert failed.cause == (cause or "no-clear-answer")
    assert (failed.trace, failed.status) == ("tid-1", status)


def test_a_read_that_fails_has_done_nothing() -> None:
    failed = failure_of(500, {}, b"", writing=False)
    assert isinstance(failed, Unavailable)


def test_they_are_asked_again_when_they_say_so() -> None:
    waits = []
    for said in ("7", None, "soon"):
        failed = failure_of(429, {"retry-after": said} if said else {}, b"")
        assert isinstance(failed, Unavailable)
        waits.append(failed.after_seconds)
    assert waits == [7.0, 60.0, 60.0]


def test_faults_are_read_in_either_spelling_and_in_xml() -> None:
    assert faults_of(fault("2020", "d", "Line")) == [Fault("2020", "m: d", "Line")]
    assert [found.code for found in faults_of(EXPIRED)] == ["3200"]
    assert [found.code for found in faults_of(THROTTLED)] == ["3001"]
    plain = b"<Errors><error><code>003200</code><message>Token expired</message></error></Errors>"
    assert faults_of(plain) == [Fault("3200", "Token expired")]


def test_every_refusal_says_what_to_mend_and_keeps_their_code() -> None:
    for code, cause in REFUSALS.items():
        failed = failure_of(400, {}, fault(code, "Nom en double", "DisplayName"))
        assert isinstance(failed, Refusal)
        assert (failed.code, failed.cause, failed.subject) == (code, cause, "DisplayName")


BROKEN: list[tuple[Exception, type[Failure]]] = [
    (httpx.ConnectError("refused"), Unavailable),
    (httpx.ConnectTimeout("slow"), Unavailable),
    (httpx.PoolTimeout("busy"), Unavailable),
    (httpx.ReadTimeout("slow"), Unknown),
    (httpx.WriteError("cut"), Unknown),
    (httpx.ReadError("cut"), Unknown),
    (httpx.RemoteProtocolError("cut"), Unknown),
]


def _raise(broken: Exception) -> Callable[[httpx.Request], httpx.Response]:
    def handler(_: httpx.Request) -> httpx.Response:
        raise broken

    return handler


@pytest.mark.parametrize(("broken", "kind"), BROKEN)
def test_a_write_without_an_answer_is_unknown_unless_nothing_was_sent(
    broken: Exception, kind: type[Failure]
) -> None:
    async def write() -> None:
        await api_on(_raise(broken)).write("Invoice", {}, "r-1")

    with pytest.raises(kind):
        asyncio.run(write())


def test_a_read_without_an_answer_is_unavailable() -> None:
    async def read() -> None:
        await api_on(_raise(httpx.ReadTimeout("slow"))).read("preferences")

    with pytest.raises(Unavailable):
        asyncio.run(read())


@pytest.mark.parametrize(
    "content", [b'{"Invoice":{"Id":"1', b"{}", b'{"Invoice":{}}', b"[]", b'{"Bill":{"Id":"1"}}']
)
def test_a_success_whose_body_does_not_say_what_stands_there_is_unknown(content: bytes) -> None:
    async def write() -> None:
        await api_on(answer_with(200, content)).write("Invoice", {}, "r-1")

    with pytest.raises(Unknown):
        asyncio.run(write())


def test_an_expired_token_is_refreshed_once_and_the_same_request_sent_again() -> None:
    seen: list[tuple[str, str]] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append((request.headers["Authorization"], request.url.params["requestid"]))
        if len(seen) == 1:
            return httpx.Response(401, content=EXPIRED)
        return httpx.Response(200, content=b'{"Invoice":{"Id":"7"}}', headers={"intuit_tid": "t"})

    written, trace = asyncio.run(api_on(handler).write("Invoice", {}, "r-1"))
    assert (written["Id"], trace) == ("7", "t")
    assert seen == [("Bearer token-1", "r-1"), ("Bearer token-2", "r-1")]


def test_a_second_refusal_of_the_token_is_the_end_of_the_connection() -> None:
    async def write() -> None:
        await api_on(answer_with(401, EXPIRED)).write("Invoice", {}, "r-1")

    with pytest.raises(Unavailable, match="connection-dead"):
        asyncio.run(write())


def test_pages_are_asked_for_until_one_is_not_full() -> None:
    asked: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params["query"])
        count = 1000 if len(asked) == 1 else 1
        rows = ",".join(f'{{"Id":"{number}"}}' for number in range(count))
        return httpx.Response(200, content=f'{{"QueryResponse":{{"Item":[{rows}]}}}}'.encode())

    async def count() -> int:
        return len([row async for row in api_on(handler).pages("Item", "Name = 'x'")])

    assert asyncio.run(count()) == 1001
    assert asked == [
        "SELECT * FROM Item WHERE Name = 'x' ORDERBY Id STARTPOSITION 1 MAXRESULTS 1000",
        "SELECT * FROM Item WHERE Name = 'x' ORDERBY Id STARTPOSITION 1001 MAXRESULTS 1000",
    ]
