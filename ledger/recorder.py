"""The one way into a book: facts queue up, are decided in turn, and are committed together.

One thread drains the queue: whatever waits is recorded with one commit a book. No timer: a single
till never waits for company, and many share the price of the disk. Commands of many facts wait in
a queue of their own: single facts go between them. Correct with any number of processes, since each
batch holds the book's head; fast when a book stays with one.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from threading import Condition, Thread
from typing import Final, Protocol

from msgspec import Struct

from ledger import chain, codec, store
from ledger.database import AWAY, Connection, DBAPIError, Engine, snapshot, transaction
from ledger.decide import Decision, completed, decide, refuse_role
from ledger.errors import Conflict, LedgerError
from ledger.events import Event
from ledger.events.base import Actor, Entry
from ledger.figures import Figures
from ledger.log import store as log
from ledger.state import State

LOG: Final = logging.getLogger(__name__)

BATCH: Final = 256
"""How many facts share a commit; a command of many facts may add itself to them."""

CATCH_UP: Final = 64
"""How many entries of others a warm book is read on by; behind further, it is opened anew."""

WARM_BOOKS: Final = 256
"""How many books are kept warm."""


class Unavailable(LedgerError):
    """The ledger cannot take a fact now; sent again with the same id it is recorded once."""


class Command(Struct, frozen=True):
    """Facts of one book, in order. Of an *atomic* command all are recorded, or none."""

    book_id: int
    actor: Actor
    events: tuple[Event, ...]
    atomic: bool = False


class Recorded(Struct, frozen=True):
    """A fact that is in the log; `repeated` tells that it was there before."""

    entry: Entry
    repeated: bool = False


Outcome = Recorded | LedgerError
"""What became of one fact: recorded, or why not."""


def now_us() -> int:
    """Return microseconds since 1970."""
    return time.time_ns() // 1000


class Told(Protocol):
    """Who is told what became of a command, from the recorder's thread: a future, as a rule."""

    def set_running_or_notify_cancel(self) -> bool:
        """Tell whether somebody still waits."""

    def set_result(self, result: list[Outcome], /) -> None:
        """Take an outcome for each fact."""

    def set_exception(self, exception: Exception, /) -> None:
        """Take what kept the command from being recorded."""


class _Waiting(Struct, frozen=True, eq=False):
    command: Command
    future: Told
    since: float


class Queue(Struct, frozen=True):
    """How many facts wait, and for how long the one that waits longest, seconds."""

    facts: int
    oldest_seconds: float


class Recorder:
    """Records facts into the books of one database; `close` lets what waits finish."""

    def __init__(
        self, database: Engine, clock: Callable[[], int] = now_us, *, queue_limit: int = 10_000
    ) -> None:
        self._database = database
        self._clock = clock
        self._queue_limit = queue_limit
        self.figures = Figures()
        self._single: deque[_Waiting] = deque()
        self._many: deque[_Waiting] = deque()
        self._queued = 0
        self._batch: list[_Waiting] = []
        self._wake = Condition()
        self._closing = False
        self._warm: dict[int, State] = {}
        self._thread = Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def submit(self, command: Command) -> Future[list[Outcome]]:
        """Queue facts; the future gives an outcome for each. Unavailable when the queue is full."""
        future: Future[list[Outcome]] = Future()
        self.post(command, future)
        return future

    def post(self, command: Command, told: Told) -> None:
        """Queue facts; who is told gets an outcome for each. Unavailable when the queue is full."""
        facts = len(command.events)
        waiting = _Waiting(command, told, time.monotonic())
        with self._wake:
            if self._closing:
                raise Unavailable("closing")
            if self._queued and self._queued + facts > self._queue_limit:
                self.figures.turn_away("overloaded", facts)
                raise Unavailable("overloaded")
            (self._single if facts == 1 else self._many).append(waiting)
            self._queued += facts
            self.figures.accepted += facts
            self._wake.notify()

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
        return self._thread.is_alive() and not self._closing

    @property
    def queue(self) -> Queue:
        """Return what waits now; the age is that of what is being recorded too."""
        with self._wake:
            first = [lane[0].since for lane in (self._single, self._many, self._batch) if lane]
            age = time.monotonic() - min(first) if first else 0.0
            return Queue(self._queued, age)

    def close(self) -> None:
        """Record what waits, then stop."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join()

    def _run(self) -> None:
        while batch := self._next_batch():
            by_book: dict[int, list[_Waiting]] = {}
            for waiting in batch:
                if not waiting.future.set_running_or_notify_cancel():
                    continue  # nobody waits for the answer any more
                by_book.setdefault(waiting.command.book_id, []).append(waiting)
            for book_id, group in by_book.items():
                self._record_group(book_id, group)

    def _next_batch(self) -> list[_Waiting]:
        """Return single facts first, and behind them one command of many, or several where alone.

        So neither waits for more than a batch of the other.
        """
        with self._wake:
            self._batch = []
            while not (self._single or self._many or self._closing):
                self._wake.wait()
            batch = [self._single.popleft() for _ in range(min(len(self._single), BATCH))]
            alone, taken = not batch, len(batch)
            while self._many:
                batch.append(self._many.popleft())
                taken += len(batch[-1].command.events)
                if not alone or taken >= BATCH:
                    break
            self._queued -= taken
            self._batch = batch
        return batch

    def _record_group(self, book_id: int, group: list[_Waiting]) -> None:
        """Record commands of one book with one commit; one by one, when that fails."""
        error = self._attempt(book_id, group)
        if error is None:
            return
        for waiting in group:
            again = len(group) > 1 or _may_have_passed(error)
            final = self._attempt(book_id, [waiting]) if again else error
            if final is not None:
                _fail(waiting, final)

    def _attempt(self, book_id: int, group: list[_Waiting]) -> Exception | None:
        """Record and answer *group*; return what went wrong where nobody was answered."""
        try:
            outcomes = self._commit(book_id, [waiting.command for waiting in group])
        except Exception as error:  # noqa: BLE001 - whatever it is, every waiting till gets an answer
            self._warm.pop(book_id, None)
            return error
        for waiting, outcome in zip(group, outcomes, strict=True):
            waiting.future.set_result(outcome)
        return None

    def _commit(self, book_id: int, commands: list[Command]) -> list[list[Outcome]]:
        with transaction(self._database) as connection:
            state = self._state(connection, book_id)
            if state is None:
                unknown = Conflict("book-unknown", book=book_id)
                return [[unknown for _ in command.events] for command in commands]
            known = _known(connection, book_id, commands)
            outcomes = [self._decide_all(command, state, known) for command in commands]
            began, recorded = time.perf_counter(), len(state.pending)
            if recorded:
                store.append(connection, book_id, state.pending, state.kept())
        self._count(outcomes, recorded, time.perf_counter() - began)
        state.commit()
        return outcomes

    def _count(self, outcomes: list[list[Outcome]], recorded: int, seconds: float) -> None:
        """Count a batch: looked through only where it has more than what it recorded."""
        figures, facts = self.figures, sum(map(len, outcomes))
        figures.batches.note(facts)
        if recorded:
            figures.commits.note(seconds)
            figures.recorded += recorded
        if facts > recorded:
            codes = [out.code for some in outcomes for out in some if isinstance(out, LedgerError)]
            figures.refuse(codes)
            figures.repeated += facts - recorded - len(codes)

    def _state(self, connection: Connection, book_id: int) -> State | None:
        """Return the book as it is now, its head held; a warm one reads on by what others wrote."""
        head = store.head(connection, book_id, lock=True)
        if head is None:
            return None
        state = self._warm.pop(book_id, None)
        if state is not None and state.is_behind(head, CATCH_UP):
            after, through = state.head.seq, head.seq
            state.catch_up(log.entries(connection, book_id, after=after, through=through))
        if state is None or state.head != head or state.pending:
            state = _open(connection, book_id, head)
        state.read_through(connection)
        self._warm[book_id] = state
        if len(self._warm) > WARM_BOOKS:
            self._warm.pop(next(iter(self._warm)))
        return state

    def _decide_all(self, command: Command, state: State, known: dict[str, Entry]) -> list[Outcome]:
        kept = len(state.pending)
        outcomes = [self._decide(event, command.actor, state, known) for event in command.events]
        if not command.atomic or not any(isinstance(out, LedgerError) for out in outcomes):
            return outcomes
        state.undo(kept)
        return [
            out if isinstance(out, LedgerError) else Conflict("batch-refused") for out in outcomes
        ]

    def _decide(self, event: Event, actor: Actor, state: State, known: dict[str, Entry]) -> Outcome:
        try:
            before = known.get(event.id) or state.applied(event.id)
            if before is not None:
                return _repeated(before, event, state, actor)
            event = completed(event, state)
            decision = decide(event, state, actor)
        except LedgerError as refusal:
            return refusal
        entry = self._entry(decision, actor, state)
        state.apply(entry)
        return Recorded(entry)

    def _entry(self, decision: Decision, actor: Actor, state: State) -> Entry:
        head, body = state.head, decision.body
        seq, recorded_us = head.seq + 1, max(self._clock(), head.recorded_us + 1)
        who = f"{actor.role}:{actor.key}"
        return Entry(
            seq=seq,
            event=decision.event,
            postings=decision.postings,
            caveats=decision.caveats,
            recorded_at=store.instant(recorded_us),
            actor=actor,
            hash=chain.link(head.hash, state.book.id, seq, recorded_us, who, body),
            body=body,
        )


def _open(connection: Connection, book_id: int, head: store.Head | None) -> State:
    book = store.find_book(connection, book_id)
    if book is None or head is None:
        raise Conflict("book-unknown", book=book_id)
    return State(connection, book, head)


def _known(connection: Connection, book_id: int, commands: Iterable[Command]) -> dict[str, Entry]:
    ids = [event.id for command in commands for event in command.events]
    return {entry.event.id: entry for entry in log.find_entries(connection, book_id, ids)}


def _repeated(entry: Entry, event: Event, state: State, actor: Actor) -> Recorded:
    """Return the first answer to an event that is stated again; a Conflict when it differs.

    What it leaves out is what was filled in then, whatever would be filled in today.
    """
    stated = codec.decode(entry.body)
    if type(event) is type(stated):
        event = event.as_completed(stated)
    event = completed(event, state)
    refuse_role(event, state, actor)
    differs = codec.difference(stated, event)
    if differs is not None:
        raise Conflict("id-reused", pointer=differs, id=event.id, field=differs)
    return Recorded(entry, repeated=True)


def _may_have_passed(error: Exception) -> bool:
    """Tell whether the commit may stand although its answer was lost: then ask again, by id."""
    return isinstance(error, DBAPIError)


def _fail(waiting: _Waiting, error: Exception) -> None:
    if isinstance(error, AWAY):
        LOG.warning("the database is away: %s", type(error).__name__)
        waiting.future.set_exception(Unavailable("store-unavailable"))
    else:
        LOG.error("recording failed", exc_info=error)
        waiting.future.set_exception(error)
