"""Which requests are plain facts, told from their bytes."""

import pytest

from api.decoding import AT_ONCE
from api.plain import plain_fact

HEAD = (
    b"POST /v1/events HTTP/1.1\r\nHost: till.example:8080\r\nAuthorization: Bearer K\r\n"
    b"Content-Type: application/json\r\nContent-Length: 2\r\nAccept-Language: fr\r\n\r\n"
)


def test_a_plain_fact_is_told_from_its_bytes() -> None:
    fact = plain_fact(HEAD + b"{}")
    assert fact is not None
    assert (fact.head.key, fact.body) == ("Bearer K", b"{}")
    assert fact.head.headers[0] == (b"host", b"till.example:8080")
    assert fact.head.headers[-1] == (b"accept-language", b"fr")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Host: till.example:8080\r\n", b""),
        (b"Accept-Language: fr", b"Connection: Keep-Alive"),
        (b"Accept-Language: fr", b"X-Anything:\tat all  "),
        (b"Accept-Language: fr", "X-Shop: Café".encode()),
        (b"Content-Type", b"CONTENT-TYPE"),
        (b"Content-Length: 2", b"Content-Length: 002"),
    ],
)
def test_it_may_be_stated_so(old: bytes, new: bytes) -> None:
    fact = plain_fact(HEAD.replace(old, new) + b"{}")
    assert fact is not None
    assert fact.body == b"{}"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"POST", b"PUT"),
        (b"POST", b"\r\nPOST"),
        (b"/v1/events", b"/v1/events/"),
        (b"/v1/events", b"/v1/events?a=1"),
        (b"/v1/events", b"http://till.example/v1/events"),
        (b"HTTP/1.1", b"HTTP/1.0"),
        (b"till.example", b"till example"),
        (b"Authorization: Bearer K\r\n", b""),
        (b"application/json", b"application/json; charset=utf-8"),
        (b"application/json", b"text/plain"),
        (b"Content-Length: 2\r\n", b""),
        (b"Content-Length: 2", b"Content-Length: +2"),
        (b"Content-Length: 2", b"Content-Length: 3"),
        (b"Content-Length: 2", b"Content-Length: 1"),
        (b"Content-Length: 2", b"Content-Length: 2\r\nContent-Length: 2"),
        (b"Content-Length: 2", b"Content-Length: 2\r\nTransfer-Encoding: chunked"),
        (b"Content-Length: 2", b"Content-Length : 2"),
        (b"Accept-Language: fr", b"Authorization: Bearer L"),
        (b"Accept-Language: fr", b"Connection: close"),
        (b"Accept-Language: fr", b"Connection: keep-alive, x"),
        (b"Accept-Language: fr", b"Content-Encoding: gzip"),
        (b"Accept-Language: fr", b"Expect: 100-continue"),
        (b"Accept-Language: fr", b"Upgrade: h2c"),
        (b"Accept-Language: fr", b"X-Folded: a\r\n b"),
        (b"Accept-Language: fr", b"X-Nul: \0"),
        (b"Accept-Language: fr", b"X-Bare: a\rb"),
        (b"Accept-Language: fr", b"no colon"),
        (b"Accept-Language: fr", b": no name"),
        (b"Accept-Language: fr", b"X-Long: " + b"a" * 2048),
    ],
)
def test_whatever_is_stated_otherwise_is_read_by_the_server(old: bytes, new: bytes) -> None:
    said = HEAD.replace(old, new, 1)
    assert said != HEAD
    assert plain_fact(said + b"{}") is None


@pytest.mark.parametrize("data", [b"", b"\r\n\r\n", HEAD[:-1], HEAD, HEAD + b"{", HEAD + b"{}{"])
def test_a_fact_is_here_whole_and_alone(data: bytes) -> None:
    assert plain_fact(data) is None


def test_a_large_fact_is_read_by_the_server() -> None:
    lengths = {AT_ONCE: True, AT_ONCE + 1: False}
    for length, is_plain in lengths.items():
        head = HEAD.replace(b"Length: 2", b"Length: %d" % length)
        assert (plain_fact(head + b" " * length) is not None) is is_plain
