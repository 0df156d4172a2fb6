"""The strict door: what costs nothing on the way in, and what is refused however it is dressed."""

import asyncio
import json
from typing import Any

import pytest

from api import decoding
from api.bodies import BATCH_BYTES, ROOM, read_body
from api.decoding import read_event, read_raw_list, scan
from api.problems import Refusal
from ledger.errors import Invalid
from tests.api.facts import a_sale, codes


class Wire:
    """A body that comes in parts."""

    def __init__(self, *parts: bytes, ended: bool = True) -> None:
        self.messages: list[dict[str, Any]] = [
            {"type": "http.request", "body": part, "more_body": True} for part in parts
        ]
        if ended:
            self.messages[-1]["more_body"] = False
        else:
            self.messages.append({"type": "http.disconnect"})

    async def __call__(self) -> dict[str, Any]:
        """Return the next message."""
        return self.messages.pop(0)


def scope(*headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"headers": list(headers)}


@pytest.mark.anyio
async def test_a_body_is_put_together() -> None:
    assert await read_body(scope(), Wire(b"[1,", b"2", b"]"), 10) == b"[1,2]"
    assert await read_body(scope((b"content-length", b"2")), Wire(b"{}"), 10) == b"{}"


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("headers", "wire", "code"),
    [
        ([(b"content-length", b"11")], Wire(b""), "body-too-large"),
        ([(b"content-length", b"9" * 5000)], Wire(b""), "body-too-large"),
        ([(b"content-length", b"-1")], Wire(b""), "body-too-large"),
        ([], Wire(b"x" * 11), "body-too-large"),
        ([], Wire(b"x" * 6, b"x" * 6), "body-too-large"),
        ([], Wire(b"{", ended=False), "body-cut"),
        ([(b"content-encoding", b"br")], Wire(b"{}"), "content-encoding"),
    ],
)
async def test_a_body_that_is_not_taken(headers: Any, wire: Wire, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        await read_body(scope(*headers), wire, 10)
    assert refused.value.code == code


@pytest.mark.anyio
async def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    async def silence() -> dict[str, Any]:
        await asyncio.sleep(3600)
        raise AssertionError("nobody waits so long")

    with pytest.raises(Refusal) as refused:
        await read_body(scope(), silence, 10, within_seconds=0)
    assert (refused.value.code, refused.value.status) == ("body-late", 408)


@pytest.mark.anyio
async def test_no_clock_is_set_for_a_body_that_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def clock(_: float) -> None:
        raise AssertionError("set")

    monkeypatch.setattr(asyncio, "timeout", clock)
    assert await read_body(scope(), Wire(b"[1,", b"2", b"]"), 10) == b"[1,2]"


class Slow(Wire):
    """A body that comes in parts, each a moment after the other."""

    left = 0

    async def __call__(self) -> dict[str, Any]:
        """Return the next message, a moment later."""
        try:
            await asyncio.sleep(0.001)
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.left += 1
            raise
        return await super().__call__()


@pytest.mark.anyio
async def test_a_body_that_comes_slowly_is_waited_for() -> None:
    assert await read_body(scope(), Slow(b"[1,", b"2", b"]"), 10) == b"[1,2]"
    with pytest.raises(Refusal, match="body-cut"):
        await read_body(scope(), Slow(b"[1,", ended=False), 10)
    with pytest.raises(Refusal, match="body-too-large"):
        await read_body(scope(), Slow(b"x" * 11), 10)
    assert ROOM.held == 0


@pytest.mark.anyio
async def test_who_is_stopped_while_a_body_comes_waits_no_more() -> None:
    slow = Slow(b"[")
    reading = asyncio.create_task(read_body(scope(), slow, 10))
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert slow.left == 1
    late = Slow(b"[")
    with pytest.raises(Refusal, match="body-late"):
        await read_body(scope(), late, 10, within_seconds=0)
    assert late.left == 1


def test_a_huge_text_that_is_no_json_is_not_gone_through_token_by_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken: list[bytes] = []
    monkeypatch.setattr(decoding, "EVENT_BYTES", 1000)
    monkeypatch.setattr(decoding, "_take", lambda token, _: taken.append(token))
    body = b"[" + b"1," * 50_000 + b"x]"
    with pytest.raises(Refusal) as refused:
        read_raw_list(body)
    assert (refused.value.code, refused.value.facts) == ("malformed-json", {"byte": "100001"})
    assert 990 < len(taken) < 1010


def test_letters_may_be_written_as_escapes() -> None:
    event = read_event(json.dumps(a_sale(memo="Écharpe « été »")).encode())
    assert event.memo == "Écharpe « été »"


@pytest.mark.parametrize(
    "body",
    [
        b'"' + b'\\"' * 400_000,
        b'{"a": "' + b"\\" * 999_999,
        b'"' * 1_000_001,
        b"-" * 1_000_000,
        b"{" * 1_000_000,
        b'{"a":1,' * 100_000,
        b"," * 1_000_000,
        b"]" * 1_000_000,
    ],
)
def test_no_text_takes_the_scan_long(body: bytes) -> None:
    with pytest.raises(Refusal):
        scan(body)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b'{"a": 1, "a": 2}', "/a"),
        (b'{"a": {"b/c": [1, {"~": 1, "~": 1}]}}', "/a/b~1c/1/~0"),
        (b'[[], [{"x": 1, "\\u0078": 2}]]', "/1/0/x"),
        (b'{"a": [{"x": 1}, {"x": 1}], "b": {"a": 1}, "b": 1}', "/b"),
    ],
)
def test_where_a_key_stands_twice(body: bytes, pointer: str) -> None:
    with pytest.raises(Refusal) as refused:
        scan(body)
    assert (refused.value.code, refused.value.faults[0].pointer) == ("duplicate-key", pointer)


def test_the_same_key_in_different_objects_is_no_fault() -> None:
    scan(json.dumps(a_sale(lines=[a_sale()["lines"][0]] * 3, memo='a "quoted" word')).encode())


@pytest.mark.parametrize("number", ["1" * 41, "1e999", "-" + "9" * 60, "0." + "1" * 50])
def test_a_number_that_is_too_long(number: str) -> None:
    with pytest.raises(Refusal) as refused:
        scan(b'{"a": [0, ' + number.encode() + b"]}")
    assert (refused.value.code, refused.value.faults[0].pointer) == ("number-too-long", "/a/1")


def test_half_a_pair_of_surrogates_never_gets_in() -> None:
    body = json.dumps(a_sale(memo="x")).replace('"x"', '"\\ud800 "').encode()
    with pytest.raises((Refusal, Invalid)):
        read_event(body)


def test_the_elements_of_a_list_are_left_as_they_are() -> None:
    assert read_raw_list(b' [ {"a" : 1}, 5 ,"x"] ') == [b'{"a" : 1}', b"5", b'"x"']
    with pytest.raises(Refusal):
        read_raw_list(b"[" * 100_000)
    with pytest.raises(Invalid):
        read_raw_list(b"{}")
    assert BATCH_BYTES == 16 * 2**20


def test_facts_of_a_refusal_are_text() -> None:
    with pytest.raises(Refusal) as refused:
        scan(b"[" * 40)
    assert refused.value.facts == {"most": "32"}
    assert codes({"faults": []}) == {}
