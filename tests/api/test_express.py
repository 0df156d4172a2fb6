"""Plain facts are answered where they came in, byte for byte as the application would."""

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import accumulate, pairwise
from random import Random
from typing import Any

import pytest
import uvicorn
from litestar import Litestar
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api import express, gate, recording
from api.app import create_app
from api.envelope import request_ids
from api.express import Express, express_of
from api.patience import Patience
from api.problems import Refusal
from api.service import Service
from ledger.book import Book
from ledger.database import Engine
from ledger.events.base import Role
from ledger.recorder import Recorder, Unavailable
from tests.api.conftest import SETTINGS, keys_of
from tests.api.facts import a_sale
from tests.api.test_overload import held
from tests.api.test_straight import ASKED, ODD


class Served:
    """The API as `daybook serve` serves it, and what tasks it made."""

    def __init__(
        self, app: Litestar, server: uvicorn.Server, port: int, keys: dict[Role, str]
    ) -> None:
        self.app, self.server = app, server
        self.service: Service = app.state["service"]
        self.port, self.keys = port, keys
        self.tasks: list[str] = []

    def connect(self, *said: bytes, pause: float = 0.02) -> socket.socket:
        """Return a connection on which something was said."""
        connection = socket.create_connection(("127.0.0.1", self.port), 10)
        for part in said:
            connection.sendall(part)
            time.sleep(pause)
        return connection

    def told(self, *said: bytes, answers: int = 1, pause: float = 0.02) -> bytes:
        """Return what is answered, but for what is another's each time."""
        with closing(self.connect(*said, pause=pause)) as connection:
            text = b""
            while part := connection.recv(65536):
                text += part
                if _is_whole(text, answers):
                    break
        for name in set(re.findall(rb"request-id: ([0-9a-f]+)", text)):
            text = text.replace(name, b"-")
        return re.sub(rb"date: [^\r]*", b"date: -", text)

    def both(self, said: bytes) -> tuple[bytes, bytes]:
        """Return what is answered here, and what by the application alone."""
        here, express = self.told(said), self.app.state["express"]
        self.app.state["express"] = None
        there = self.told(said)
        self.app.state["express"] = express
        return here, there

    def request(
        self, body: bytes, path: str = "/v1/events", role: Role | None = "pos", **headers: str
    ) -> bytes:
        """Return a request with a fact."""
        stated = {"Host": "x", "Content-Type": "application/json", **headers}
        if role is not None and "Authorization" not in headers:
            stated["Authorization"] = f"Bearer {self.keys[role]}"
        lines = "".join(f"{name}: {value}\r\n" for name, value in stated.items() if value)
        head = f"POST {path} HTTP/1.1\r\n{lines}Content-Length: {len(body)}\r\n\r\n"
        return head.encode() + body


def _is_whole(text: bytes, answers: int) -> bool:
    for _ in range(answers):
        head, _, text = text.partition(b"\r\n\r\n")
        found = re.search(rb"content-length: ([0-9]+)", head)
        if found is None or len(text) < int(found[1]):
            return False
        text = text[int(found[1]) :]
    return True


def sale(name: str, **changes: Any) -> bytes:
    return json.dumps(a_sale(id=name, **changes)).encode()


def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let whoever was refused be heard again at once."""
    for module in (gate, express):
        monkeypatch.setattr(module, "REST_SECONDS", 0.0)


@pytest.fixture
def served(database: Engine, book: Book, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    app = create_app(SETTINGS, database, Recorder(database))
    app.state["express"] = Express(app.state["service"], log=None, request_ids=request_ids())
    monkeypatch.setattr(app.state["service"].keys, "_remember", 3600)
    config = uvicorn.Config(
        app, port=0, http=Patience, ws="none", lifespan="on", log_level="critical"
    )
    server, bound = uvicorn.Server(config), config.bind_socket()
    running = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    running.start()
    while not server.started:
        assert running.is_alive()
        time.sleep(0.01)
    served = Served(app, server, bound.getsockname()[1], keys_of(database, book))
    for role in served.keys:  # from now on they are known
        served.told(served.request(b"{}", role=role))
    start = HttpToolsProtocol._start_asgi_task

    def noted(protocol: Any, cycle: Any, app: Any) -> None:
        served.tasks.append(cycle.scope["path"])
        start(protocol, cycle, app)

    monkeypatch.setattr(HttpToolsProtocol, "_start_asgi_task", noted)
    yield served
    server.should_exit = True
    running.join()
    bound.close()


@pytest.mark.parametrize("name", ASKED)
def test_the_answer_is_the_application_s_byte_for_byte(served: Served, name: str) -> None:
    role, headers, body, query = ASKED[name]
    for earlier in (json.dumps(a_sale()).encode(), ODD):
        served.told(served.request(earlier, role="bookkeeper"))
    said = {"Content-Type": "", **headers}
    here, there = served.both(served.request(body, f"/v1/events{query}", role, **said))
    assert here == there


def test_no_task_is_made_for_plain_facts(served: Served) -> None:
    first, again = (served.told(served.request(sale("S-1"))) for _ in range(2))
    assert first.startswith(b"HTTP/1.1 201")
    assert again.startswith(b"HTTP/1.1 200")
    assert b"\r\nidempotent-replayed: true\r\n" in again
    assert served.tasks == []
    assert served.told(served.request(sale("S-1", memo="x"))).startswith(b"HTTP/1.1 409")
    assert served.told(served.request(b"{")).startswith(b"HTTP/1.1 400")
    assert served.tasks == ["/v1/events"] * 2
    assert served.service.gate.facts == 0


def test_facts_one_behind_the_other_are_answered_in_turn(served: Served) -> None:
    said = b"".join(served.request(sale(f"S-{n}")) for n in range(3)) + served.request(b"{")
    told = served.told(said, answers=4)
    assert re.findall(rb"HTTP/1.1 ([0-9]+)", told) == [b"201"] * 3 + [b"400"]
    assert re.findall(rb'"id":"(S-[0-9])","seq"', told) == [b"S-0", b"S-1", b"S-2"]


def test_what_comes_while_a_fact_is_under_way_waits_for_its_turn(
    served: Served, database: Engine, book: Book
) -> None:
    facts = [served.request(text) for text in (sale("S-0"), sale("S-1"), b"{", sale("S-2"))]
    with closing(served.connect()) as till:
        with held(database, book):
            for said in (*facts, b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"):
                till.sendall(said)
                time.sleep(0.02)
        told = b""
        while b'"ok"' not in told:
            told += till.recv(65536)
    assert re.findall(rb"HTTP/1.1 ([0-9]+)", told) == [b"201", b"201", b"400", b"201", b"200"]
    assert re.findall(rb'"id":"(S-[0-9])","seq"', told) == [b"S-0", b"S-1", b"S-2"]


@pytest.mark.parametrize("seed", range(8))
def test_however_the_bytes_come_in_each_request_is_answered_in_its_turn(
    served: Served, seed: int
) -> None:
    random = Random(seed)  # noqa: S311 - the same each time
    asked: dict[bytes, Callable[[], bytes]] = {
        b"201": lambda: served.request(sale(f"S-{random.getrandbits(64)}")),
        b"400": lambda: served.request(b"{"),
        b"401": lambda: served.request(sale("S-1"), role=None),
        b"200": lambda: b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n",
        b"404": lambda: served.request(sale("S-1"), "/v1/nothing"),
    }
    expected = random.choices(list(asked), [6, 1, 1, 1, 1], k=12)
    requests = [asked[status]() for status in expected]
    said, ends = b"".join(requests), [0, *accumulate(map(len, requests))]
    cuts = {end for end in ends[1:-1] if random.random() < 0.7}
    cuts |= {random.randrange(1, len(said)) for _ in range(4)}
    parts = [said[a:b] for a, b in pairwise([0, *sorted(cuts), len(said)])]
    told = served.told(*parts, answers=len(requests), pause=random.choice([0, 0.001, 0.02]))
    assert re.findall(rb"HTTP/1.1 ([0-9]+)", told) == expected
    assert served.service.gate.facts == 0


@pytest.mark.parametrize(("memo", "status"), [("", b"201"), ("x", b"409")])
def test_a_server_that_ends_answers_the_fact_that_is_under_way(
    served: Served, database: Engine, book: Book, memo: str, status: bytes
) -> None:
    if memo:
        served.told(served.request(sale("S-0")))
    with closing(served.connect()) as till, closing(served.connect()) as idle:
        with held(database, book):
            till.sendall(served.request(sale("S-0", **({"memo": memo} if memo else {}))))
            time.sleep(0.1)
            served.server.should_exit = True
            assert idle.recv(65536) == b""
        told = b""
        while part := till.recv(65536):
            told += part
    assert told.startswith(b"HTTP/1.1 " + status)
    assert told.lower().count(b"connection: close") == 1


def test_a_body_that_comes_later_is_waited_for_by_the_application(served: Served) -> None:
    said = served.request(sale("S-1"))
    assert served.told(said[:-50], said[-50:]).startswith(b"HTTP/1.1 201")
    assert served.tasks == ["/v1/events"]


def test_who_waits_to_be_told_to_go_on_is_told(served: Served) -> None:
    told = served.told(served.request(sale("S-1"), Expect="100-continue"), answers=1)
    assert told.startswith(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert served.tasks == ["/v1/events"]


@pytest.mark.parametrize("old", [b"HTTP/1.1\r\nConnection: close", b"HTTP/1.0"])
def test_a_connection_ends_where_that_was_asked_for(served: Served, old: bytes) -> None:
    said = served.request(sale("S-1")).replace(b"HTTP/1.1", old, 1)
    with closing(served.connect(said)) as connection:
        text = b""
        while part := connection.recv(65536):
            text += part
    assert b"\r\nconnection: close\r\n" in text
    assert b'"id":"S-1"' in text
    assert served.tasks == ["/v1/events"]


def test_who_is_gone_has_the_fact_recorded(served: Served) -> None:
    served.connect(served.request(sale("S-1"))).close()
    assert served.told(served.request(sale("S-1"))).startswith(b"HTTP/1.1 200")
    assert (served.service.gate.facts, served.tasks) == (0, [])


def test_what_the_recorder_cannot_take_is_told(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise Unavailable("closing")

    monkeypatch.setattr(served.service.recorder, "post", full)
    here, there = served.both(served.request(sale("S-1")))
    assert here == there
    assert here.startswith(b"HTTP/1.1 503")
    assert served.service.gate.facts == 0


def test_a_fact_too_much_is_refused_as_the_application_would(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_rest(monkeypatch)
    monkeypatch.setattr(served.service.gate, "_most", 0)
    for language in ("en", "fr"):
        said = served.request(sale("S-1")).replace(
            b"\r\n", b"\r\nAccept-Language: %b\r\n" % language.encode(), 1
        )
        here, there = served.both(said)
        assert here == there
        assert here.startswith(b"HTTP/1.1 503")
        assert b"\r\nretry-after: 1\r\n" in here
        assert b"\r\ncontent-language: %b\r\n" % language.encode() in here
    assert served.service.gate.refused["overloaded"] == 4
    assert served.tasks == ["/v1/events"] * 2


SAID = {
    "plain": {},
    "kept open": {"Connection": "keep-alive"},
    "shouted": {"HOST": "X", "CONNECTION": "Keep-Alive"},
    "not kept open": {"Connection": "close"},
    "to another host": {"Host": "x y"},
    "to no host": {"Host": ""},
    "to be told to go on": {"Expect": "100-continue"},
    "for another protocol": {"Connection": "upgrade", "Upgrade": "h2c"},
    "with a length that is no number": {"content-length": "1x"},
}


@pytest.mark.parametrize("way", SAID)
def test_a_fact_too_much_is_refused_however_it_is_stated(
    served: Served, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    no_rest(monkeypatch)
    monkeypatch.setattr(served.service.gate, "_most", 0)
    here, there = served.both(served.request(sale("S-1"), "/v1/events", "pos", **SAID[way]))
    assert here == there
    assert served.service.gate.facts == 0


def test_the_head_of_a_fact_too_much_is_not_read(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_rest(monkeypatch)
    read, begin = list[str](), HttpToolsProtocol.on_message_begin

    def noted(protocol: Any) -> None:
        read.append("a head")
        begin(protocol)

    monkeypatch.setattr(HttpToolsProtocol, "on_message_begin", noted)
    said = served.request(sale("S-1"))
    monkeypatch.setattr(served.service.gate, "_most", 0)
    with closing(served.connect()) as till:
        for number in range(3):
            till.sendall(said)
            told = b""
            while not _is_whole(told, 1):
                told += till.recv(65536)
            assert told.startswith(b"HTTP/1.1 503"), number
        assert (read, served.service.gate.refused["overloaded"]) == ([], 3)
        monkeypatch.setattr(served.service.gate, "_most", 4)
        till.sendall(said.replace(b"Host: x", b"Host: x\r\nExpect: nothing"))
        assert till.recv(65536).startswith(b"HTTP/1.1 201")
    assert read == ["a head"]


def test_a_body_that_looks_like_a_fact_is_none(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever shares a connection would get the answer to what another wrote."""
    monkeypatch.setattr(served.service.gate, "_most", 0)
    fact = served.request(sale("S-1"))
    said = served.request(b"-" * len(fact), "/v1/events/batch", role=None)
    with closing(served.connect(said[: -len(fact)])) as connection:
        told = connection.recv(65536)
        assert told.startswith(b"HTTP/1.1 401")  # before there is a body
        connection.sendall(fact)
        time.sleep(0.02)
        connection.sendall(b"GET /health HTTP/1.1\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
    assert served.service.gate.refused["overloaded"] == 0


def test_a_key_that_is_asked_about_again_keeps_facts_waiting_and_counted(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, may_go_on = served.service.keys, threading.Event()
    found = keys._found

    def slowly(*asked: Any) -> Any:
        assert may_go_on.wait(10)
        return found(*asked)

    monkeypatch.setattr(keys, "_found", slowly)
    monkeypatch.setattr(keys, "_ticks", lambda: time.monotonic() + 7200)
    monkeypatch.setattr(keys, "_remember", -1)  # known too late to be remembered
    monkeypatch.setattr(served.service.gate, "_most", 2)
    tills = [served.connect(served.request(sale(f"S-{n}"))) for n in range(2)]
    assert served.service.gate.facts == 2
    assert served.told(served.request(sale("S-2"))).startswith(b"HTTP/1.1 503")
    may_go_on.set()
    for till in tills:
        assert till.recv(65536).startswith(b"HTTP/1.1 201")
        till.close()
    assert (served.service.gate.facts, served.tasks) == (0, [])


@pytest.mark.parametrize("wrong", [Refusal("key-revoked", 401), OSError("away")])
def test_a_key_that_opens_nothing_any_more_is_refused(
    served: Served, monkeypatch: pytest.MonkeyPatch, wrong: Exception
) -> None:
    keys, asked = served.service.keys, list[object]()

    def fails(*about: object) -> None:
        asked.append(about)
        raise wrong

    monkeypatch.setattr(keys, "_found", fails)
    monkeypatch.setattr(keys, "_ticks", lambda: time.monotonic() + 7200)
    monkeypatch.setattr(keys, "_remember", -1)
    status = b"HTTP/1.1 401" if isinstance(wrong, Refusal) else b"HTTP/1.1 500"
    for times in (2, 3):  # the application asks once more, and then nobody waits here
        assert served.told(served.request(sale("S-1"))).startswith(status)
        assert len(asked) == times
    assert (served.service.gate.facts, served.tasks) == (0, ["/v1/events"] * 2)


def test_what_nobody_expected_is_told(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "event_answer", lambda *_: 1 // 0)
    here, there = served.both(served.request(sale("S-1")))
    assert here == there
    assert here.startswith(b"HTTP/1.1 500")
    assert served.service.gate.facts == 0


def test_an_application_has_an_express_or_none() -> None:
    assert express_of(object()) is None
