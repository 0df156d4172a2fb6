"""The one way into a book: facts queue up, are decided in turn, and are committed together.

One worker drains the queue: whatever waits, of any books, is recorded with one commit. No timer: a
single till never waits for company, and many share the price of the disk. Correct with any number
of processes, since each batch holds the heads of its books; fast when a book stays with one. Where
it works, and how it waits there, is its desk's affair.
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from itertools import chain
from typing import Final

from msgspec.structs import replace

from ledger import database as db
from ledger import store
from ledger.ahead import Decided, NotAhead, UnderWay, growth
from ledger.database import AWAY, Connection, DBAPIError, Engine, Sending, Statement, snapshot
from ledger.decide import Decision, completed, decide
from ledger.desk import Answer, Desk, OwnThread
from ledger.errors import LedgerError
from ledger.events import Event
from ledger.events.base import Actor
from ledger.figures import Figures
from ledger.growth.rows import Grown
from ledger.growth.store import additions, commit, finish, is_more, statements
from ledger.outcomes import NOTHING, Known, known_of, outcomes_of
from ledger.queue import (
    BATCH,
    Command,
    Outcome,
    Queue,
    Recorded,
    Told,
    Unavailable,
    Waiting,
    Waits,
)
from ledger.state import State
from ledger.warm import WarmBooks, open_book

__all__ = ["Command", "Outcome", "Recorded", "Recorder", "Told", "Unavailable", "Waits", "now_us"]

LOG: Final = logging.getLogger(__name__)

CAREFUL: Final = 16
"""How many batches hold the heads first after one that could not go ahead."""


def now_us() -> int:
    """Return microseconds since 1970."""
    return time.time_ns() // 1000


class Recorder:
    """Records facts into the books of one database; `close` lets what waits finish."""

    def __init__(
        self,
        database: Engine,
        clock: Callable[[], int] = now_us,
        *,
        queue_limit: int = 10_000,
        desk: Desk | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._desk = desk or OwnThread()
        self._queue = Queue(queue_limit)
        self.figures = Figures()
        self._warm = WarmBooks(self._settled)
        self._connection: Connection | None = None
        self._decided = Decided()
        self._under_way: UnderWay | None = None
        self._careful = 0
        self._desk.sit_down(self._run)

    def open(self) -> None:
        """Begin in the event loop that runs, where the recorder works there."""
        self._desk.open()

    def submit(self, command: Command) -> Future[list[Outcome]]:
        """Queue facts; the future gives an outcome for each. Unavailable when the queue is full."""
        future: Future[list[Outcome]] = Future()
        self.post(command, future)
        return future

    def post(self, command: Command, told: Told) -> None:
        """Queue facts; who is told gets an outcome for each. Unavailable when the queue is full."""
        try:
            self._queue.put(command, told)
        except Unavailable as full:
            self.figures.turn_away(full.code, len(command.events))
            raise
        self.figures.accepted += len(command.events)
        self._desk.knock()

    def record(self, book_id: int, actor: Actor, event: Event) -> Recorded:
        """Record one fact and wait for it; raises the LedgerError of a refusal."""
        (outcome,) = self.submit(Command(book_id, actor, (event,))).result()
        if isinstance(outcome, LedgerError):
            raise outcome
        return outcome

    def preview(self, book_id: int, actor: Actor, event: Event) -> Decision:
        """Return what recording *event* now would write; nothing is stored."""
        with snapshot(self._database) as connection:
            state = open_book(connection, book_id, store.head(connection, book_id))
            return decide(completed(event, state), state, actor)

    @property
    def alive(self) -> bool:
        """Tell whether facts are being recorded."""
        return self._desk.alive and not self._queue.closing

    @property
    def queue(self) -> Waits:
        """Return what waits now; the age is that of what is being recorded too."""
        waits, under_way = self._queue.waits, self._under_way
        since = (under_way.decided if under_way else self._decided).since
        return replace(waits, oldest_seconds=time.monotonic() - since) if since else waits

    def close(self) -> None:
        """Record what waits, then stop."""
        self._queue.close()
        self._desk.knock()
        self._desk.leave()

    def _run(self) -> None:
        while True:
            batch = self._queue.take()
            waiting = [one for one in batch or () if one.future.set_running_or_notify_cancel()]
            if waiting:  # for whoever does not any more, nothing is recorded
                self._record(waiting)
            elif self._under_way:
                if self._desk.rest(self._under_way.answer):
                    self._send_on()
            elif batch is None:
                break
            elif not batch:
                self._desk.rest()
        self._disconnect()

    def _record(self, batch: list[Waiting]) -> None:
        """Record commands of any books with one commit, ahead where that may be."""
        if self._careful:
            self._careful -= 1
        elif self._decides_ahead(batch):
            if self._under_way is None or self._decided.facts >= BATCH:
                self._send_on()
            return
        if self._decided.batch:
            self._send_on()
        self._finished()
        self._record_held(batch)

    def _decides_ahead(self, batch: list[Waiting]) -> bool:
        """Decide *batch* on warm books, to be sent before their heads are held; else False.

        So it is decided while others are under way, and takes one round trip. Nobody is answered
        until the store has found each head where it was expected and no fact twice. A refusal is
        not given in this way: that fact may be recorded, or the book have moved on.
        """
        try:
            states = self._warm.all_of({waiting.command.book_id for waiting in batch})
            if states is None:
                return False
            ends = {book_id: state.head.seq for book_id, state in states.items()}
            outcomes = self._outcomes(batch, states, NOTHING)
            if any(isinstance(out, LedgerError) for out in chain.from_iterable(outcomes)):
                self._careful = CAREFUL
                for book_id, state in states.items():
                    state.undo(ends[book_id])
                return False
        except NotAhead:
            return False
        except Exception as error:  # noqa: BLE001 - whatever it is, it is tried with the heads held
            if self._finished():
                self._take_back(error)
            return False
        self._decided.add(batch, outcomes, states)
        return True

    def _outcomes(
        self, batch: Iterable[Waiting], states: Mapping[int, State], known: Known
    ) -> list[list[Outcome]]:
        outcomes = list[list[Outcome]]()
        for waiting in batch:
            outcomes.append(outcomes_of(waiting.command, states, known, self._clock))
            self._desk.pause()
        return outcomes

    def _free(self) -> Connection:
        """Return the connection when nothing is under way."""
        if not self._finished():
            raise NotAhead
        return self._connected()

    def _settled(self) -> Connection:
        """Return the connection to look up what is stored: nothing is under way, all is there."""
        connection = self._free()
        if connection.dialect.name == "sqlite" and not connection.in_transaction():
            self._desk.aside(connection.begin)  # another process may be writing
        return connection

    def _send_on(self) -> None:
        """Send what was decided; all is made ready for it while others are under way."""
        decided, self._decided = self._decided, Decided()
        try:
            grown = growth(decided.states)
            ready = statements(self._database.dialect.name, grown)
            connection, began = self._free(), time.perf_counter()
            if grown:
                self._under_way = UnderWay(decided, grown, self._sent(connection, ready), began)
            elif decided.batch:  # all of it was in the batch before, which is stored now
                connection.rollback()
                self._answer(decided.batch, decided.outcomes, grown, began)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is tried with the heads held
            self._finished()
            self._take_back(error, decided)

    def _sent(self, connection: Connection, ready: Sequence[Statement]) -> Answer:
        """Send statements to the server, or to SQLite in a thread."""
        if connection.dialect.name == "postgresql":
            return Sending(connection, ready)
        return self._desk.start(lambda: Sending(connection, ready).wait())

    def _finished(self) -> bool:
        """Wait for what is under way, and answer; where it failed, record it anew. False then."""
        under_way, self._under_way = self._under_way, None
        if under_way is None:
            return True
        decided, grown = under_way.decided, under_way.grown
        try:
            under_way.answer.wait()
            connection = self._connected()
            if is_more(grown):
                self._desk.aside(lambda: finish(connection, grown))
            else:
                connection.commit()  # it is, but SQLAlchemy has not heard of it
        except Exception as error:  # noqa: BLE001 - whatever it is, it is tried with the heads held
            self._take_back(error, decided)
            return False
        for each in grown:
            decided.states[each.book_id].commit(each.entries[-1].seq)
        self._answer(decided.batch, decided.outcomes, grown, under_way.began)
        return True

    def _take_back(self, error: Exception, sent: Decided | None = None) -> None:
        """Take back what is pending everywhere, and record it with the heads held, for a while."""
        LOG.debug("not recorded ahead: %s", type(error).__name__)
        self._careful = CAREFUL
        decided, self._decided = self._decided, Decided()
        try:
            self._connected().rollback()
            self._warm.undo()
        except Exception:  # noqa: BLE001 - then everything is asked of the store anew
            self._warm.forget()
            self._disconnect()
        for each in (sent, decided):
            if each is not None:
                self._record_held(each.batch)

    def _record_held(self, batch: list[Waiting]) -> None:
        """Record with the heads held; command by command, when that fails."""
        if not batch:
            return
        error = self._attempt(batch)
        if isinstance(error, AWAY):
            error = self._attempt(batch)  # the connection that was kept may be what is gone
        if error is None:
            return
        alone = len(batch) == 1 or isinstance(error, AWAY)
        for waiting in batch:
            final = error if alone else self._attempt([waiting])
            if final is not None:
                _fail(waiting, final)

    def _attempt(self, batch: list[Waiting]) -> Exception | None:
        """Record and answer *batch*; return what went wrong where nobody was answered."""
        commands = [waiting.command for waiting in batch]
        try:
            connection = self._connected()
            states, known = self._desk.aside(lambda: self._held(connection, commands))
            outcomes = self._outcomes(batch, states, known)
            grown = growth(states)
            ready = additions(connection.dialect.name, grown)
            began = time.perf_counter()
            self._desk.aside(lambda: commit(connection, grown, ready))
        except Exception as error:  # noqa: BLE001 - whatever it is, every waiting till gets an answer
            self._warm.forget(command.book_id for command in commands)
            self._disconnect()
            return error
        for each in grown:
            states[each.book_id].commit(each.entries[-1].seq)
        self._answer(batch, outcomes, grown, began)
        return None

    def _held(
        self, connection: Connection, commands: Sequence[Command]
    ) -> tuple[dict[int, State], Known]:
        states = self._warm.held(connection, {command.book_id for command in commands})
        return states, known_of(connection, commands)

    def _connected(self) -> Connection:
        """Return the recorder's own connection: asking whether it lives would cost each batch."""
        if self._connection is None:
            self._connection = self._desk.aside(lambda: db.writing(self._database))
        return self._connection

    def _disconnect(self) -> None:
        """Leave a connection that may be broken; the next batch takes another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(DBAPIError):
                connection.invalidate()
                connection.close()

    def _answer(
        self,
        batch: Iterable[Waiting],
        outcomes: Sequence[list[Outcome]],
        grown: Iterable[Grown],
        began: float,
    ) -> None:
        """Count a batch and tell who waits."""
        facts, recorded = sum(map(len, outcomes)), sum(len(each.entries) for each in grown)
        codes = (out.code for out in chain.from_iterable(outcomes) if isinstance(out, LedgerError))
        self.figures.batch(facts, recorded, time.perf_counter() - began, codes)
        for waiting, outcome in zip(batch, outcomes, strict=True):
            waiting.future.set_result(outcome)


def _fail(waiting: Waiting, error: Exception) -> None:
    if isinstance(error, AWAY):
        LOG.warning("the database is away: %s", type(error).__name__)
        waiting.future.set_exception(Unavailable("store-unavailable"))
    else:
        LOG.error("recording failed", exc_info=error)
        waiting.future.set_exception(error)
