"""Batches that are decided and sent before the heads of their books are held (PostgreSQL).

Whatever goes wrong with one, the log is as if every head had been held first. On SQLite the same
must come out without it.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, update

from ledger import codec, outcomes, state, store
from ledger.book import Book
from ledger.database import transaction
from ledger.decide import decide
from ledger.desk import AmongCallers, OwnThread
from ledger.log import store as log
from ledger.queue import Command, Recorded
from ledger.recorder import Recorder
from ledger.tables import BALANCE, BOOK_HEAD
from ledger.verify.verify import verify
from tests.builders import a_receipt, item
from tests.conftest import BOOKKEEPER, OpenBook, seated
from tests.test_recorder import card, codes, command, hat

A_MOMENT = 0.2
"""How long a recorder may need to take what it is given, in seconds."""


class Warm:
    """A recorder that keeps a book warm, and what it was asked meanwhile."""

    def __init__(self, database: Engine, book: Book, recorder: Recorder) -> None:
        self.database, self.book, self.recorder = database, book, recorder
        self.record(hat("S-0"))

    def record(self, *facts: dict[str, Any]) -> list[str]:
        """Record facts together, and return what became of each."""
        return codes(self.recorder.submit(command(self.book, *facts)).result())

    @contextmanager
    def held(self) -> Iterator[list[Any]]:
        """Hold the book's head for the block: what is sent meanwhile waits in the store."""
        futures = list[Any]()
        with transaction(self.database) as connection:
            store.head(connection, self.book.id, lock=True)
            yield futures

    def sends(self, *facts: dict[str, Any]) -> Any:
        """Let the recorder take facts if it can, and return the future of what becomes of them."""
        future = self.recorder.submit(command(self.book, *facts))
        until = time.monotonic() + A_MOMENT
        while self.recorder.queue.facts and time.monotonic() < until:
            pass
        return future

    def log(self) -> list[str]:
        """Return the ids of the log in order, if all is well with the book."""
        assert verify(self.database, self.book, lambda *_: None).well
        with transaction(self.database) as connection:
            return [entry.event.id for entry in log.entries(connection, self.book.id)]


@pytest.fixture(params=[OwnThread, AmongCallers])
def warm(request: pytest.FixtureRequest, database: Engine, open_book: OpenBook) -> Iterator[Warm]:
    """Return a warm book and its recorder, in a thread of its own and among callers."""
    with seated(database, request.param()) as recorder:
        yield Warm(database, open_book(), recorder)


def test_a_batch_is_decided_while_the_one_before_is_under_way(warm: Warm) -> None:
    with warm.held():
        first = warm.sends(hat("S-1"))
        second = warm.sends(card("S-2", "sold"), card("S-3", "given"))
        third = warm.sends(hat("S-1"))
    answers = [codes(future.result()) for future in (first, second, third)]
    assert answers == [["recorded"], ["recorded", "recorded"], ["repeated"]]
    assert warm.log() == ["S-0", "S-1", "S-2", "S-3"]
    assert warm.recorder.figures.recorded == 4


def test_each_batch_sends_what_is_its_own(warm: Warm) -> None:
    """Else the store refuses it, and it is recorded with the heads held."""
    with warm.held():
        futures = [warm.sends(hat(f"S-{number}")) for number in (1, 2, 3)]
    assert [codes(future.result()) for future in futures] == [["recorded"]] * 3
    assert warm.log() == ["S-0", "S-1", "S-2", "S-3"]
    assert warm.recorder._careful == 0


def test_what_another_recorded_meanwhile_comes_first(warm: Warm) -> None:
    other = Recorder(warm.database)
    with warm.held():
        theirs = other.submit(command(warm.book, card("T-1", "sold"), card("T-2", "given")))
        while other.queue.facts:
            pass
        ours = [warm.sends(hat(f"S-{number}")) for number in (1, 2)]
    answers = [codes(future.result()) for future in (theirs, *ours)]
    other.close()
    assert answers == [["recorded"] * 2, ["recorded"], ["recorded"]]
    assert sorted(warm.log()) == ["S-0", "S-1", "S-2", "T-1", "T-2"]


def test_what_was_decided_meanwhile_is_recorded_where_what_is_under_way_fails(
    warm: Warm,
) -> None:
    """It is noticed while a later fact is decided, which has to look a card up."""
    other = Recorder(warm.database)
    with warm.held():
        theirs = other.submit(command(warm.book, hat("T-1")))
        while other.queue.facts:
            pass
        facts = (hat("S-1"), hat("S-2"), card("S-3", "sold"))
        ours = [warm.sends(fact) for fact in facts]
    assert [codes(future.result(10)) for future in (theirs, *ours)] == [["recorded"]] * 4
    other.close()
    assert sorted(warm.log()) == ["S-0", "S-1", "S-2", "S-3", "T-1"]


def test_a_fact_that_another_recorded_gets_the_first_answer(warm: Warm) -> None:
    other = Recorder(warm.database)
    first = other.record(warm.book.id, BOOKKEEPER, codec.from_json(hat("T-1")))
    other.close()
    given = command(warm.book, hat("S-1"), hat("T-1"))
    (ours, theirs) = warm.recorder.submit(given).result()
    assert isinstance(ours, Recorded)
    assert theirs == Recorded(first.entry, repeated=True)


def test_what_is_kept_warm_of_a_book_that_was_rebuilt_is_forgotten(warm: Warm) -> None:
    assert warm.record(card("S-1", "sold")) == ["recorded"]
    with transaction(warm.database) as connection:
        connection.execute(
            update(BOOK_HEAD)
            .where(BOOK_HEAD.c.book_id == warm.book.id)
            .values(generation=BOOK_HEAD.c.generation + 1)
        )
        connection.execute(
            update(BALANCE).where(BALANCE.c.book_id == warm.book.id).values(credit=0)
        )
    assert warm.record(card("S-2", "given")) == ["overdrawn"]


def test_a_retry_that_would_be_refused_today_gets_the_first_answer(warm: Warm) -> None:
    assert warm.record(card("S-1", "sold"), card("S-2", "given")) == ["recorded", "recorded"]
    assert warm.record(card("S-3", "given")) == ["overdrawn"]
    for _ in range(20):  # whether it goes ahead again or not
        assert warm.record(card("S-2", "given")) == ["repeated"]
        assert warm.record(hat("S-0")) == ["repeated"]
    assert warm.log() == ["S-0", "S-1", "S-2"]


def test_a_refusal_takes_nothing_with_it_that_is_under_way(warm: Warm) -> None:
    with warm.held():
        first = warm.sends(card("S-1", "sold"))
        second = warm.sends(hat("S-2"), card("S-3", "given"), card("S-4", "given"))
    answers = [codes(future.result()) for future in (first, second)]
    assert answers == [["recorded"], ["recorded", "recorded", "overdrawn"]]
    assert warm.log() == ["S-0", "S-1", "S-2", "S-3"]


def test_of_an_atomic_command_that_is_refused_nothing_stays(warm: Warm) -> None:
    stocked = hat("S-1", lines=[{"kind": "goods", "item": "HAT", "net": "45.99"}])
    goods = (item("HAT", "Hats", stocked=True), a_receipt("G-1", ("HAT", "9", "20.00")))
    assert codes(warm.recorder.submit(Command(warm.book.id, BOOKKEEPER, goods)).result()) == [
        "recorded",
        "recorded",
    ]
    with warm.held():
        first = warm.sends(stocked, stocked | {"id": "S-2"}, card("S-3", "sold"))
        facts = (stocked | {"id": "S-4"}, card("S-5", "given"), card("S-6", "given"))
        second = warm.recorder.submit(command(warm.book, *facts, atomic=True))
    assert codes(first.result()) == ["recorded"] * 3
    assert codes(second.result()) == ["batch-refused", "batch-refused", "overdrawn"]
    assert warm.record(stocked | {"id": "S-7"}) == ["recorded"]
    assert warm.log() == ["S-0", "item-HAT", "G-1", "S-1", "S-2", "S-3", "S-7"]


def test_what_was_looked_up_may_be_forgotten_while_batches_are_under_way(
    warm: Warm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is decided and not stored yet counts all the same, stock above all."""
    stocked = hat("S-1", lines=[{"kind": "goods", "item": "HAT", "net": "45.99"}])
    goods = (item("HAT", "Hats", stocked=True), a_receipt("G-1", ("HAT", "9", "20.00")))
    assert codes(warm.recorder.submit(Command(warm.book.id, BOOKKEEPER, goods)).result()) == [
        "recorded",
        "recorded",
    ]
    assert warm.record(stocked) == ["recorded"]
    with warm.held():
        futures = [warm.sends(stocked | {"id": name}) for name in ("S-2", "S-3")]
        monkeypatch.setattr(state, "KEPT", 0)
        futures.append(warm.sends(stocked | {"id": "S-4"}))
    assert [codes(future.result(10)) for future in futures] == [["recorded"]] * 3
    assert warm.log() == ["S-0", "item-HAT", "G-1", "S-1", "S-2", "S-3", "S-4"]


def test_a_defect_in_one_fact_stops_no_other(warm: Warm, monkeypatch: pytest.MonkeyPatch) -> None:
    def brittle(event: Any, *given: Any) -> Any:
        assert event.id != "S-broken", "a defect of ours"
        return decide(event, *given)

    monkeypatch.setattr(outcomes, "decide", brittle)
    with warm.held():
        first = warm.sends(hat("S-1"))
        futures = [warm.recorder.submit(command(warm.book, hat(name))) for name in ("S-2", "S-3")]
        broken = warm.sends(hat("S-broken"))
    assert [codes(future.result()) for future in (first, *futures)] == [["recorded"]] * 3
    with pytest.raises(AssertionError, match="a defect of ours"):
        broken.result()
    assert warm.log() == ["S-0", "S-1", "S-2", "S-3"]


def test_a_connection_that_is_lost_under_way_costs_nothing(warm: Warm) -> None:
    if warm.database.dialect.name != "postgresql":
        pytest.skip("SQLite has no connection to lose")
    with warm.held():
        first = warm.sends(hat("S-1"))
        second = warm.sends(hat("S-2"))
        with psycopg.connect(_address(warm.database), autocommit=True) as admin:
            waiting = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted"
            while not admin.execute(waiting).fetchall():
                pass
    assert [codes(future.result()) for future in (first, second)] == [["recorded"]] * 2
    assert warm.log() == ["S-0", "S-1", "S-2"]


def _address(database: Engine) -> str:
    return database.url.set(drivername="postgresql").render_as_string(hide_password=False)
