"""The one way into a book: facts queue up, are decided in turn, and are committed together.

One thread drains the queue: whatever waits, of any books, is recorded with one commit. No timer: a
single till never waits for company, and many share the price of the disk. Correct with any number
of processes, since each batch holds the heads of its books; fast when a book stays with one.
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from threading import Thread
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from ledger import store
from ledger.database import AWAY, Connection, DBAPIError, Engine, Sending, snapshot
from ledger.decide import Decision, completed, decide
from ledger.errors import Conflict, LedgerError
from ledger.events import Event
from ledger.events.base import Actor
from ledger.figures import Figures
from ledger.growth.rows import Grown
from ledger.growth.store import append, finish, send
from ledger.log import store as log
from ledger.outcomes import NOTHING, known_of, outcomes_of
from ledger.queue import Command, Outcome, Queue, Recorded, Told, Unavailable, Waiting, Waits
from ledger.state import State

__all__ = ["Command", "Outcome", "Recorded", "Recorder", "Told", "Unavailable", "Waits", "now_us"]

LOG: Final = logging.getLogger(__name__)

CATCH_UP: Final = 64
"""How many entries of others a warm book is read on by; behind further, it is opened anew."""

CAREFUL: Final = 16
"""How many batches hold the heads first after one that could not go ahead."""

WARM_BOOKS: Final = 256
"""How many books are kept warm."""


def now_us() -> int:
    """Return microseconds since 1970."""
    return time.time_ns() // 1000


class _NotAhead(Exception):
    """What was decided ahead stands on something that was not stored."""


class _UnderWay(Struct, frozen=True):
    """A batch that was sent to the store, whose answer is not awaited yet."""

    batch: list[Waiting]
    outcomes: list[list[Outcome]]
    states: Mapping[int, State]
    grown: Sequence[Grown]
    sending: Sending
    began: float


class Recorder:
    """Records facts into the books of one database; `close` lets what waits finish."""

    def __init__(
        self, database: Engine, clock: Callable[[], int] = now_us, *, queue_limit: int = 10_000
    ) -> None:
        self._database = database
        self._clock = clock
        self._queue = Queue(queue_limit)
        self.figures = Figures()
        self._warm: dict[int, State] = {}
        self._connection: Connection | None = None
        self._under_way: _UnderWay | None = None
        self._careful = 0
        self._thread = Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

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

    def record(self, book_id: int, actor: Actor, event: Event) -> Recorded:
        """Record one fact and wait for it; raises the LedgerError of a refusal."""
        (outcome,) = self.submit(Command(book_id, actor, (event,))).result()
        if isinstance(outcome, LedgerError):
            raise outcome
        return outcome

    def preview(self, book_id: int, actor: Actor, event: Event) -> Decision:
        """Return what recording *event* now would write; nothing is stored."""
        with snapshot(self._database) as connection:
            state = _open(connection, book_id, store.head(connection, book_id))
            return decide(completed(event, state), state, actor)

    @property
    def alive(self) -> bool:
        """Tell whether facts are being recorded."""
        return self._thread.is_alive() and not self._queue.closing

    @property
    def queue(self) -> Waits:
        """Return what waits now; the age is that of what is being recorded too."""
        waits, under_way = self._queue.waits, self._under_way
        if under_way is None:
            return waits
        return replace(waits, oldest_seconds=time.monotonic() - under_way.batch[0].since)

    def close(self) -> None:
        """Record what waits, then stop."""
        self._queue.close()
        self._thread.join()

    def _run(self) -> None:
        while True:
            batch = self._queue.take(wait=self._under_way is None)
            waiting = [one for one in batch if one.future.set_running_or_notify_cancel()]
            if waiting:  # for whoever does not any more, nothing is recorded
                self._record(waiting)
            elif self._under_way:
                self._finished()
            elif not batch:
                break
        self._disconnect()

    def _record(self, batch: list[Waiting]) -> None:
        """Record commands of any books with one commit, ahead where that may be."""
        if self._careful:
            self._careful -= 1
        elif self._goes_ahead(batch):
            return
        self._finished()
        self._record_held(batch)

    def _goes_ahead(self, batch: list[Waiting]) -> bool:
        """Decide *batch* on warm books, and send it before their heads are held; else False.

        So it is decided while the batch before is under way, and takes one round trip. Nobody is
        answered until the store has found each head where it was expected and no fact twice. A
        refusal is not given in this way: that fact may be recorded, or the book have moved on.
        """
        states = self._all_warm({waiting.command.book_id for waiting in batch})
        if states is None:
            return False
        try:
            return self._sent(batch, states)
        except _NotAhead:
            return False
        except Exception as error:  # noqa: BLE001 - whatever it is, it is tried with the heads held
            if self._finished():
                self._take_back(error)
            return False

    def _sent(self, batch: list[Waiting], states: Mapping[int, State]) -> bool:
        outcomes = [outcomes_of(each.command, states, NOTHING, self._clock) for each in batch]
        self._settled()
        if any(isinstance(out, LedgerError) for some in outcomes for out in some):
            self._careful = CAREFUL
            for state in states.values():
                state.undo()
            return False
        began, grown = time.perf_counter(), _grown(states)
        if grown:
            sending = send(self._connected(), grown)
            self._under_way = _UnderWay(batch, outcomes, states, grown, sending, began)
        else:  # all of it was in the batch before, which is stored now
            self._answer(batch, outcomes, grown, began)
        return True

    def _all_warm(self, book_ids: Iterable[int]) -> dict[int, State] | None:
        """Return books that are all warm, if they are; never on SQLite, which is near."""
        if self._database.dialect.name != "postgresql" or not self._warm.keys() >= set(book_ids):
            return None
        found = {book_id: self._warm.pop(book_id) for book_id in sorted(book_ids)}
        for state in found.values():
            state.read_through(self._settled)
        self._warm |= found  # those that were asked for last are last
        return found

    def _settled(self) -> Connection:
        """Return the connection when nothing is under way: what is looked up now is all there."""
        if not self._finished():
            raise _NotAhead
        return self._connected()

    def _finished(self) -> bool:
        """Wait for what is under way, and answer; where it failed, record it anew. False then."""
        under_way, self._under_way = self._under_way, None
        if under_way is None:
            return True
        try:
            finish(self._connected(), under_way.sending, under_way.grown)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is tried with the heads held
            self._take_back(error)
            self._record_held(under_way.batch)
            return False
        for grown in under_way.grown:
            under_way.states[grown.book_id].commit(grown.entries[-1].seq)
        self._answer(under_way.batch, under_way.outcomes, under_way.grown, under_way.began)
        return True

    def _take_back(self, error: Exception) -> None:
        """Take back what is pending everywhere, and hold heads first for a while."""
        LOG.debug("not recorded ahead: %s", type(error).__name__)
        self._careful = CAREFUL
        try:
            self._connected().rollback()
            for state in self._warm.values():
                state.undo()
        except Exception:  # noqa: BLE001 - then everything is asked of the store anew
            self._warm.clear()
            self._disconnect()

    def _record_held(self, batch: list[Waiting]) -> None:
        """Record with the heads held; command by command, when that fails."""
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
            states = self._states(connection, sorted({command.book_id for command in commands}))
            known = known_of(connection, commands)
            outcomes = [outcomes_of(command, states, known, self._clock) for command in commands]
            began, grown = time.perf_counter(), _grown(states)
            if grown:
                append(connection, *grown)
            connection.commit()
        except Exception as error:  # noqa: BLE001 - whatever it is, every waiting till gets an answer
            for command in commands:
                self._warm.pop(command.book_id, None)
            self._disconnect()
            return error
        for each in grown:
            states[each.book_id].commit(each.entries[-1].seq)
        self._answer(batch, outcomes, grown, began)
        return None

    def _connected(self) -> Connection:
        """Return the recorder's own connection: asking whether it lives would cost each batch."""
        if self._connection is None:
            self._connection = self._database.connect().execution_options(writes=True)
        return self._connection

    def _disconnect(self) -> None:
        """Leave a connection that may be broken; the next batch takes another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(DBAPIError):
                connection.close()

    def _answer(
        self,
        batch: Iterable[Waiting],
        outcomes: Sequence[list[Outcome]],
        grown: Iterable[Grown],
        began: float,
    ) -> None:
        """Count a batch and tell who waits; looked through where it has more than it recorded."""
        figures, facts = self.figures, sum(map(len, outcomes))
        recorded = sum(len(each.entries) for each in grown)
        figures.batches.note(facts)
        if recorded:
            figures.commits.note(time.perf_counter() - began)
            figures.recorded += recorded
        if facts > recorded:
            codes = [out.code for some in outcomes for out in some if isinstance(out, LedgerError)]
            figures.refuse(codes)
            figures.repeated += facts - recorded - len(codes)
        for waiting, outcome in zip(batch, outcomes, strict=True):
            waiting.future.set_result(outcome)

    def _states(self, connection: Connection, book_ids: Iterable[int]) -> dict[int, State]:
        """Return the books that exist as they are now, their heads held one after the other."""
        heads = {book_id: store.head(connection, book_id, lock=True) for book_id in book_ids}
        return {
            book_id: self._state(connection, book_id, head)
            for book_id, head in heads.items()
            if head is not None
        }

    def _state(self, connection: Connection, book_id: int, head: store.Head) -> State:
        """Return a book at its head; a warm one reads on by what others wrote."""
        state = self._warm.pop(book_id, None)
        if state is not None and state.is_behind(head, CATCH_UP):
            after, through = state.head.seq, head.seq
            state.catch_up(log.entries(connection, book_id, after=after, through=through))
        if state is None or state.head != head or state.pending:
            state = _open(connection, book_id, head)
        state.read_through(self._settled)
        self._warm[book_id] = state
        if len(self._warm) > WARM_BOOKS:
            self._warm.pop(next(iter(self._warm)))
        return state


def _open(connection: Connection, book_id: int, head: store.Head | None) -> State:
    book = store.find_book(connection, book_id)
    if book is None or head is None:
        raise Conflict("book-unknown", book=book_id)
    return State(connection, book, head)


def _grown(states: Mapping[int, State]) -> list[Grown]:
    return [state.grown() for state in states.values() if state.pending]


def _fail(waiting: Waiting, error: Exception) -> None:
    if isinstance(error, AWAY):
        LOG.warning("the database is away: %s", type(error).__name__)
        waiting.future.set_exception(Unavailable("store-unavailable"))
    else:
        LOG.error("recording failed", exc_info=error)
        waiting.future.set_exception(error)
