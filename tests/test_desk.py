"""Where the recorder works: it rests until somebody knocks, and keeps no caller waiting."""

import asyncio
import socket
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from select import select
from threading import Event

import pytest
from sqlalchemy import Engine

from api.commands.serve import SWITCH_SECONDS
from ledger import codec, store
from ledger.database import _PATIENCE, open_database, transaction
from ledger.desk import AmongCallers, Desk, OwnThread
from ledger.queue import Unavailable
from tests.conftest import BOOKKEEPER, OpenBook, loop_around, quebec, seated
from tests.test_recorder import codes, command, hat

LONG = 5.0
"""Seconds after which something has not happened."""


class Seat:
    """Somebody at work at a desk, with an event loop around it."""

    def __init__(self, desk: Desk, task: Callable[[Desk], None]) -> None:
        self.desk = desk
        desk.sit_down(lambda: task(desk))
        self._around = loop_around(desk.open)
        self.loop = self._around.__enter__()

    def turn(self) -> None:
        """Wait until the loop has made a turn; fails where it stands still."""
        turned = Event()
        self.loop.call_soon_threadsafe(turned.set)
        assert turned.wait(LONG)

    def leave(self) -> None:
        """Wait for the end of the work, and end the loop."""
        self.desk.leave()
        self._around.__exit__(None, None, None)


@pytest.fixture(params=[OwnThread, AmongCallers])
def desk(request: pytest.FixtureRequest) -> Desk:
    """Return each kind of desk."""
    made: Desk = request.param()
    return made


def test_a_rest_ends_with_a_knock_and_a_knock_is_not_lost(desk: Desk) -> None:
    rests, rested = list[bool](), Event()

    def work(desk: Desk) -> None:
        for _ in range(2):
            rests.append(desk.rest())
            rested.set()

    desk.knock()  # before anybody rests
    seat = Seat(desk, work)
    assert rested.wait(LONG)
    assert desk.alive
    desk.knock()
    seat.leave()
    assert rests == [False, False]
    assert not desk.alive


def test_a_knock_of_a_caller_in_the_loop_ends_a_rest() -> None:
    rests = list[bool]()
    seat = Seat(AmongCallers(), lambda desk: rests.append(desk.rest()))
    seat.turn()
    seat.loop.call_soon_threadsafe(seat.desk.knock)
    seat.leave()
    assert rests == [False]


class Reads:
    """An answer that comes over a socket."""

    def __init__(self, ours: socket.socket) -> None:
        self._ours, self.socket = ours, ours.fileno()

    @property
    def here(self) -> bool:
        """Tell whether there is something to read."""
        return bool(select([self._ours], [], [], 0)[0])

    def wait(self) -> None:
        """Read it."""
        self._ours.recv(1)


def test_a_rest_ends_when_there_is_something_to_read() -> None:
    rests = list[bool]()
    ours, theirs = socket.socketpair()

    def work(desk: Desk) -> None:
        rests.append(desk.rest(Reads(ours)))
        rests.append(desk.rest(Reads(ours)))

    with ours, theirs:
        seat = Seat(AmongCallers(), work)
        seat.desk.knock()
        while not rests:
            seat.turn()
        theirs.send(b"!")
        seat.leave()
    assert rests == [False, True]


def test_callers_are_heard_while_something_is_done_aside(desk: Desk) -> None:
    over, ended = Event(), list[bool]()
    seat = Seat(desk, lambda desk: ended.append(desk.aside(lambda: over.wait(LONG))))
    seat.turn()
    assert not ended
    over.set()
    seat.leave()
    assert ended == [True]


@pytest.fixture
def as_served() -> Iterator[None]:
    """Let threads change places as often as `daybook serve` does."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("as_served")
def test_callers_are_heard_during_long_work(desk: Desk) -> None:
    heard, in_time = Event(), list[bool]()

    def work(desk: Desk) -> None:
        until = time.monotonic() + LONG
        while not heard.is_set() and time.monotonic() < until:
            desk.pause()
        in_time.append(heard.is_set())

    seat = Seat(desk, work)
    seat.loop.call_soon_threadsafe(heard.set)
    seat.leave()
    assert in_time == [True]


def test_a_task_that_was_started_is_waited_for_or_ends_a_rest(desk: Desk) -> None:
    over, said = Event(), list[str]()

    def task() -> None:
        if isinstance(desk, AmongCallers):
            assert over.wait(LONG)
        raise ValueError("in the end")

    def work(desk: Desk) -> None:
        answer = desk.start(task)
        over.set()
        while not desk.rest(answer):
            pass
        try:
            answer.wait()
        except ValueError as error:
            said.append(str(error))

    Seat(desk, work).leave()
    assert said == ["in the end"]


def test_what_goes_wrong_aside_is_the_workers(desk: Desk) -> None:
    caught = list[str]()

    def broken() -> None:
        raise ValueError("aside")

    def work(desk: Desk) -> None:
        try:
            desk.aside(broken)
        except ValueError as error:
            caught.append(str(error))

    Seat(desk, work).leave()
    assert caught == ["aside"]


def test_a_desk_that_was_never_opened_is_left_at_once() -> None:
    desk = AmongCallers()
    desk.sit_down(lambda: None)
    desk.leave()


def test_callers_are_heard_while_the_store_keeps_the_recorder_waiting(
    database: Engine, open_book: OpenBook
) -> None:
    """Another process holds the head of the book; the loop around the recorder goes on."""
    if database.dialect.name != "postgresql":
        pytest.skip("SQLite waits inside itself: its recorder has a thread")
    book = open_book()
    with seated(database, AmongCallers()) as recorder:
        for name in ("S-0", "S-1"):  # with the head held first, then ahead of that
            with transaction(database) as connection:
                store.head(connection, book.id, lock=True)
                future = recorder.submit(command(book, hat(name)))
                heard: Future[bool] = asyncio.run_coroutine_threadsafe(_heard(), _loop(recorder))
                assert heard.result(LONG)
                assert not future.done()
            assert codes(future.result(LONG)) == ["recorded"]


async def _heard() -> bool:
    await asyncio.sleep(0.05)
    return True


def _loop(recorder: object) -> asyncio.AbstractEventLoop:
    loop = recorder._desk._loop  # type: ignore[attr-defined]
    assert isinstance(loop, asyncio.AbstractEventLoop)
    return loop


def test_callers_are_heard_while_nothing_answers_at_the_stores_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The recorder waits for a connection for seconds, and then says that the store is away."""
    monkeypatch.setitem(_PATIENCE, "connect_timeout", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        database = open_database(f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/none")
        with seated(database, AmongCallers()) as recorder:
            future = recorder.submit(command(quebec(), hat("S-0")))
            heard = asyncio.run_coroutine_threadsafe(_heard(), _loop(recorder))
            assert heard.result(LONG)
            assert not future.done()
            with pytest.raises(Unavailable):
                future.result(30)
        database.dispose()


def test_a_recorder_among_callers_answers_those_who_wait_when_it_is_closed(
    database: Engine, open_book: OpenBook
) -> None:
    book = open_book()
    with seated(database, AmongCallers()) as recorder:
        futures = [recorder.submit(command(book, hat(f"S-{n}"))) for n in range(20)]
    assert [codes(future.result(LONG)) for future in futures] == [["recorded"]] * 20
    with pytest.raises(Unavailable):
        recorder.record(book.id, BOOKKEEPER, codec.from_json(hat("S-20")))
