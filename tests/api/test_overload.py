"""Too much at once, slow and hostile callers, large imports: the tills go on."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from typing import Any

import httpx
import pytest
import uvicorn
from msgspec import Struct

from api import gate as gate_module
from api import health, lines, patience
from api.access import Keys
from api.app import create_app
from api.bodies import ROOM, Room
from api.caller import Caller
from api.gate import BATCHES_OF_A_KEY, Gate
from api.lines import Lines
from api.patience import Patience
from api.problems import Refusal
from api.service import Service
from ledger import codec, store
from ledger.book import Book
from ledger.database import Engine, snapshot, transaction
from ledger.errors import LedgerError
from ledger.events.base import Role
from ledger.recorder import Command, Recorded, Recorder, Unavailable, now_us
from tests.api.conftest import SETTINGS, keys_of
from tests.api.facts import a_sale
from tests.conftest import BOOKKEEPER, Shop


class Served(Struct, frozen=True):
    """The API on a port of its own, and the keys of one book."""

    port: int
    service: Service
    keys: dict[Role, str]

    def sell(self, event_id: str, *, timeout: float = 10) -> httpx.Response:
        """Record a sale over a connection of its own."""
        return self.post("/v1/events", json.dumps(a_sale(id=event_id)).encode(), timeout=timeout)

    def post(self, path: str, body: Any, kind: str = "json", **sent: Any) -> httpx.Response:
        """Send a body with a till's key."""
        headers = {"Content-Type": f"application/{kind}", "Authorization": self.bearer()}
        return httpx.post(f"{self.address}{path}", content=body, headers=headers, **sent)

    def bearer(self, role: Role = "pos") -> str:
        """Return what a key is stated by."""
        return f"Bearer {self.keys[role]}"

    @property
    def address(self) -> str:
        """Return where it is reached."""
        return f"http://127.0.0.1:{self.port}"

    def connect(self, said: str = "") -> socket.socket:
        """Return a connection on which something was said."""
        connection = socket.create_connection(("127.0.0.1", self.port), 10)
        connection.sendall(said.encode())
        return connection

    def head(self, path: str, rest: str) -> str:
        """Return a request's head."""
        start = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {self.bearer()}\r\n"
        return f"{start}Content-Type: application/{rest}\r\n\r\n"


@pytest.fixture
def served(database: Engine, book: Book) -> Iterator[Served]:
    """Serve as `daybook serve` does, in a thread."""
    app = create_app(SETTINGS, database, Recorder(database))
    config = uvicorn.Config(
        app, port=0, http=Patience, ws="none", lifespan="on", log_level="critical"
    )
    server = uvicorn.Server(config)
    bound = config.bind_socket()
    running = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    running.start()
    while not server.started:
        assert running.is_alive()
        time.sleep(0.01)
    yield Served(bound.getsockname()[1], app.state["service"], keys_of(database, book))
    server.should_exit = True
    running.join()
    bound.close()


@contextmanager
def held(database: Engine, book: Book) -> Iterator[None]:
    """Let nobody record into a book for the block."""
    with transaction(database) as connection:
        store.head(connection, book.id, lock=True)
        yield


def until(what: Any, seconds: float = 10) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it does not come to that"
        time.sleep(0.01)


def test_what_is_too_much_is_refused_at_once_and_what_was_taken_is_recorded(
    served: Served, database: Engine, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = served.service.gate
    monkeypatch.setattr(gate, "_most", 4)
    assert served.sell("S-0").status_code == 201
    with ThreadPoolExecutor(4) as tills:
        with held(database, book):
            taken = [tills.submit(served.sell, f"S-{n}", timeout=60) for n in range(1, 5)]
            until(lambda: gate.full)
            took = []
            for _ in range(10):
                with closing(served.connect()) as connection:
                    body = json.dumps(a_sale(id="S-9"))
                    said = served.head("/v1/events", f"json\r\nContent-Length: {len(body)}")
                    began = time.perf_counter()
                    connection.sendall((said + body).encode())
                    answer = ""
                    while '"code":"overloaded"' not in answer:
                        answer += connection.recv(65536).decode()
                    took.append(time.perf_counter() - began)
                assert answer.startswith("HTTP/1.1 503")
                assert "retry-after: 1" in answer.lower()
            assert sorted(took)[len(took) // 2] < 0.05
            assert httpx.get(f"{served.address}/health").status_code == 200
            shown = httpx.get(
                f"{served.address}/v1/events", headers={"Authorization": served.bearer()}
            )
            assert [event["id"] for event in shown.json()["data"]] == ["S-0"]
        assert [answer.result().status_code for answer in taken] == [201] * 4
    assert (gate.facts, gate.refused["overloaded"]) == (0, 10)


def test_who_comes_again_at_once_is_read_when_it_was_told_to_come(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served.service.gate, "_most", 0)
    headers = {"Authorization": served.bearer(), "Content-Type": "application/json"}
    with httpx.Client(headers=headers) as till:
        first = till.post(f"{served.address}/v1/events", json=a_sale())
        monkeypatch.setattr(served.service.gate, "_most", 4)
        began = time.monotonic()
        second = till.post(f"{served.address}/v1/events", json=a_sale())
    assert (first.status_code, second.status_code) == (503, 201)
    assert 0.5 < time.monotonic() - began < 5


def test_what_follows_a_refusal_that_ends_the_connection_is_not_begun(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = served.service.gate
    monkeypatch.setattr(gate, "_most", 0)
    body = json.dumps(a_sale())
    said = served.head("/v1/events", f"json\r\nConnection: close\r\nContent-Length: {len(body)}")
    with closing(served.connect((said + body) * 3)) as till:
        told = ""
        while part := till.recv(65536).decode():
            told += part
    assert told.count("HTTP/1.1 503") == 1
    assert "connection: close" in told.lower()
    assert gate.refused["overloaded"] == 1


def test_many_facts_too_much_on_one_connection_are_refused_one_after_another(
    served: Served, database: Engine, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate_module, "REST_SECONDS", 0.0)
    monkeypatch.setattr(served.service.gate, "_most", 1)
    body = json.dumps(a_sale())
    said = served.head("/v1/events", f"json\r\nContent-Length: {len(body)}") + body
    with closing(served.connect()) as till:
        with held(database, book):
            till.sendall(said.encode())
            until(lambda: served.service.gate.full)
            monkeypatch.setattr(served.service.gate, "_most", 0)
            till.sendall(said.encode() * 400)
            time.sleep(0.2)
        told = ""
        while told.count('"code":"overloaded"') < 400:
            part = till.recv(2**20).decode()
            assert part
            told += part
    assert told.count("HTTP/1.1 201") == 1


def test_a_caller_who_says_nothing_or_drop_by_drop_is_let_go(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.3)
    with closing(served.connect()) as silent, closing(served.connect("POST /v1/ev")) as slow:
        assert (silent.recv(10), slow.recv(10)) == (b"", b"")
    assert served.sell("S-1").status_code == 201


def test_bodies_that_do_not_come_take_nobodys_place(served: Served) -> None:
    said = served.head("/v1/events", "json\r\nContent-Length: 1000")
    slow = [served.connect(said) for _ in range(300)]
    idle = [served.connect() for _ in range(300)]
    answers = [served.sell(f"S-{n}") for n in range(5)]
    assert [answer.status_code for answer in answers] == [201] * 5
    assert served.service.gate.facts == 0
    for connection in (*slow, *idle):
        connection.close()


def test_who_never_reads_the_answers_is_let_go(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "READER_SECONDS", 0.5)
    gate = served.service.gate
    said = served.head("/v1/events/batch", "x-ndjson\r\nTransfer-Encoding: chunked")
    with closing(served.connect(said)) as deaf:
        deaf.settimeout(0.5)
        part = b"{}\n" * 5000
        with suppress(OSError):  # it is let go in the middle, or when all of it was taken
            deaf.sendall(b"%x\r\n%b\r\n" % (len(part), part) * 400)
        assert served.sell("S-1").status_code == 201
        until(lambda: gate.batches == 0, 60)
    assert ROOM.held == 0


def test_one_key_has_a_few_imports_at_once(served: Served) -> None:
    said = served.head("/v1/events/batch", "x-ndjson\r\nTransfer-Encoding: chunked")
    running = [served.connect(said) for _ in range(BATCHES_OF_A_KEY)]
    until(lambda: served.service.gate.batches == BATCHES_OF_A_KEY)
    told = served.post("/v1/events/batch", b"{}", "x-ndjson")
    assert (told.status_code, told.json()["code"]) == (503, "overloaded")
    assert served.sell("S-1").status_code == 201
    for connection in running:
        connection.close()
    until(lambda: served.service.gate.batches == 0)


def test_lines_are_answered_while_the_rest_is_still_to_come(served: Served) -> None:
    with closing(served.connect()) as till:
        said = served.head("/v1/events/batch", "x-ndjson\r\nTransfer-Encoding: chunked")
        line = json.dumps(a_sale(id="S-1")) + "\n"
        till.sendall(f"{said}{len(line):x}\r\n{line}\r\n".encode())
        told = ""
        while '"status":201' not in told:
            told += till.recv(65536).decode()
        assert "summary" not in told
        till.sendall(b"0\r\n\r\n")
        while "summary" not in told:
            told += till.recv(65536).decode()
    assert '{"summary":{"received":1,"recorded":1,"repeated":0,"refused":0}}' in told


def test_long_reads_do_not_keep_the_tills_from_selling(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()
    monkeypatch.setattr(health, "reachable", lambda _: over.wait(20))
    with ThreadPoolExecutor(40) as readers:
        reading = [
            readers.submit(httpx.get, f"{served.address}/ready", timeout=60) for _ in range(40)
        ]
        time.sleep(1)
        assert served.sell("S-1").status_code == 201
        assert not any(done.done() for done in reading)
        over.set()
    assert {done.result().status_code for done in reading} == {200}


def test_a_read_that_stays_open_stops_no_recording(shop: Shop, database: Engine) -> None:
    shop.record(a_sale(id="S-1"))
    with snapshot(database) as connection:
        before = store.head(connection, shop.book.id)
        for number in range(2, 5):
            shop.record(a_sale(id=f"S-{number}"))
        assert store.head(connection, shop.book.id) == before
    assert shop.head().seq == 4


def test_single_facts_go_between_the_pieces_of_a_large_import(shop: Shop, database: Engine) -> None:
    def command(*names: str) -> Command:
        facts = tuple(codec.from_json(a_sale(id=name)) for name in names)
        return Command(shop.book.id, BOOKKEEPER, facts)

    def numbered(outcomes: list[Recorded | LedgerError]) -> list[int]:
        return [out.entry.seq for out in outcomes if isinstance(out, Recorded)]

    with held(database, shop.book):
        first = shop.recorder.submit(command("A-1", "A-2"))
        until(lambda: shop.recorder.queue.facts == 0)
        second = shop.recorder.submit(command("B-1", "B-2"))
        third = shop.recorder.submit(command("C-1", "C-2"))
        single = shop.recorder.submit(command("S-1"))
        assert shop.recorder.queue.facts == 5
        time.sleep(0.05)
        assert shop.recorder.queue.oldest_seconds > 0.05
    ended = [numbered(future.result()) for future in (first, single, second, third)]
    assert ended == [[1, 2], [3], [4, 5], [6, 7]]
    assert shop.recorder.queue.oldest_seconds == 0


class Wire:
    """Sends a body in parts; tells how many were taken."""

    def __init__(self, *parts: bytes, whole: bool = True) -> None:
        self.parts, self.whole, self.taken = parts, whole, 0

    async def __call__(self) -> Any:
        """Return the next part."""
        if self.taken == len(self.parts):
            return {"type": "http.disconnect"}
        self.taken += 1
        more = not self.whole or self.taken < len(self.parts)
        return {"type": "http.request", "body": self.parts[self.taken - 1], "more_body": more}


async def all_of(pieces: AsyncIterator[list[bytes]]) -> list[list[bytes]]:
    """Return every piece."""
    return [piece async for piece in pieces]


@pytest.mark.anyio
async def test_lines_are_lines_wherever_the_parts_end() -> None:
    reading = Lines(Wire(b'{"a":1}\r\n\n{"b"', b":2}", b'\n  {"c":3}'))
    found = [line for piece in await all_of(reading.pieces(2)) for line in piece]
    assert found == [b'{"a":1}', b'{"b":2}', b'{"c":3}']
    await reading.close()
    assert ROOM.held == 0


@pytest.mark.anyio
async def test_no_more_is_read_ahead_than_there_is_room_for() -> None:
    wire = Wire(*[b"x" * 99 + b"\n"] * 1000)
    reading = Lines(wire, ahead=1000)
    await asyncio.sleep(0.01)
    assert wire.taken < 10
    assert ROOM.held < 1200
    taken = await all_of(reading.pieces(4))
    assert max(map(len, taken)) == 4
    assert sum(map(len, taken)) == 1000
    await reading.close()
    assert ROOM.held == 0


@pytest.mark.anyio
async def test_of_a_line_that_is_too_long_the_rest_is_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lines, "_TOO_LONG", 5)
    reading = Lines(Wire(b"12345678", b"9\nab\n"))
    assert await all_of(reading.pieces(10)) == [[b"12345", b"ab"]]
    await reading.close()
    assert ROOM.held == 0


@pytest.mark.anyio
async def test_of_a_caller_who_is_gone_nothing_more_is_taken() -> None:
    reading = Lines(Wire(b"ab\n" * 1000, whole=False))
    with pytest.raises(Refusal, match="body-cut"):
        await all_of(reading.pieces(10))
    await reading.close()
    assert ROOM.held == 0


@pytest.mark.anyio
async def test_a_key_is_looked_up_once_for_all_who_call_at_the_same_time(
    database: Engine, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, token = Keys(database, SETTINGS.peppers(), now_us), keys_of(database, book)["pos"]
    asked, found = list[str](), keys._found

    def counted(book_id: int, key_id: str, secret: str) -> Caller:
        asked.append(key_id)
        return found(book_id, key_id, secret)

    monkeypatch.setattr(keys, "_found", counted)
    callers = await asyncio.gather(*(keys.caller(f"Bearer {token}") for _ in range(50)))
    assert (len(asked), {caller.role for caller in callers}) == (1, {"pos"})


def test_large_bodies_share_what_memory_there_is() -> None:
    room = Room(100)
    with room.keeping(80), pytest.raises(Unavailable, match="overloaded"), room.keeping(30):
        pass
    assert room.held == 0


def test_a_gate_counts_who_is_inside() -> None:
    gate = Gate(2)
    gate.enter()
    gate.enter()
    with pytest.raises(Unavailable, match="overloaded"):
        gate.enter()
    gate.leave()
    assert (gate.facts, gate.full) == (1, False)
