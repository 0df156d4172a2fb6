"""One document to the outside: the intent is written before the wire, the outcome after it.

    claim -> (look) -> push -> settle

No transaction is open during a call. What may have arrived is looked up, after a wait in which
every request of ours has surely ended, before it is sent again under the same name.
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol, TypeVar

from ledger.database import AWAY, Engine, snapshot, transaction
from sync import store
from sync.connections import store as connections
from sync.lane import store as lane
from sync.outbox import DEAD, Claim, Due, Ended
from sync.protocol import Failure, Rejected, Sent, Target, Unavailable, Unknown
from sync.settings import SECOND, WorkerSettings

T = TypeVar("T")

LOG: Final = logging.getLogger("daybook.sync")
TURN: Final = 200
"""Documents of a book that are delivered before it is planned on, and other books have a turn.

Each turn ends with fewer and fewer calls under way: a quarter of it were noticeably slower.
"""


class Call(Protocol):
    """Runs a short function of the store away from the loop."""

    def __call__(self, function: Callable[..., T], /, *arguments: Any) -> Awaitable[T]:
        """Return what *function* returns."""


class Courier:
    """Delivers for one worker, `owner`, which no other living worker is called.

    `clock` gives microseconds since 1970, `jitter` a number from 0 to 1, `call` runs store
    functions (in a thread in production).
    """

    def __init__(
        self,
        database: Engine,
        settings: WorkerSettings,
        clock: Callable[[], int],
        *,
        owner: str,
        target_name: str = "quickbooks",
        jitter: Callable[[], float] = random.random,
        call: Call = asyncio.to_thread,
    ) -> None:
        self.database, self.settings, self.clock = database, settings, clock
        self.owner, self.target_name = owner, target_name
        self.jitter, self.call = jitter, call

    async def due(self, book_id: int, limit: int = TURN) -> list[Due]:
        """Return what to deliver now, and have the book's lane; empty when it is not ours.

        After a failure of the book one goes ahead, to see whether the others may follow.
        """

        def read() -> list[Due]:
            now = self.clock()
            with snapshot(self.database) as connection:
                if not lane.may_be_due(connection, book_id, now):
                    return []
            with transaction(self.database) as connection:
                if not lane.take_lane(connection, book_id, self.owner, now, self._until(now)):
                    return []
                found = lane.due(connection, book_id, now, self._quiesce(), limit)
                return found[:1] if lane.failures(connection, book_id) else found

        return await self.call(read)

    async def surrender(self, book_id: int, cause: str) -> None:
        """Give back, after a failure of our own, what was being sent."""

        def write() -> None:
            later = self.clock() + self._quiesce()
            with transaction(self.database) as connection:
                store.surrender(connection, book_id, self.owner, cause, later)

        await self.call(write)

    async def put_aside(self, book_id: int, key: str, bug: Exception) -> Ended | None:
        """Put off a document at which our own code failed: the others go on."""

        def write() -> Ended | None:
            now = self.clock()
            with transaction(self.database) as connection:
                return store.put_aside(
                    connection,
                    book_id,
                    key,
                    self.owner,
                    detail=type(bug).__name__,
                    now_us=now,
                    next_at_us=now + self._quiesce(),
                )

        return await self.call(write)

    async def leave(self, book_id: int) -> None:
        """Let another worker have the book."""

        def write() -> None:
            with transaction(self.database) as connection:
                lane.leave_lane(connection, book_id, self.owner)

        await self.call(write)

    async def deliver(self, book_id: int, key: str, target: Target) -> Ended | None:
        """Bring one document there; None when it is not ours to bring, or no longer was."""
        mine = await self.call(self._claim, book_id, key, target)
        if mine is None:
            return None
        async with self._kept(mine):
            ended = await self._attempt(mine, target)
        if ended is None:
            return None
        kept = await self.call(self._settle, mine, target, ended)
        return ended if kept else None

    async def _attempt(self, mine: Claim, target: Target) -> Ended | None:
        """Look if need be, then push; None when too little of the lease is left for the wire."""
        until = mine.until_us
        if mine.look:
            try:
                found = await target.find(mine.document, mine.version, mine.links)
            except Failure as failure:
                return await self._not_seen(mine, failure)
            if found is not None:
                return _synced(found, "found")
            until = await self.call(self._intend, mine, target)
        if self.clock() + int(self.settings.margin * SECOND) > until:
            return None
        try:
            return _synced(await target.push(mine.document, mine.version, mine.links), "done")
        except Failure as failure:
            return await self._not_done(mine, failure)

    async def _not_seen(self, mine: Claim, failure: Failure) -> Ended:
        """Return how a failed look-up ended: what was uncertain stays so."""
        refused = isinstance(failure, Rejected)
        quiet = 0 if refused else await self._back_off(mine.book_id, failure)
        return Ended(
            state="needs_attention" if refused else "unknown",
            outcome="look-refused" if refused else "look-failed",
            uncertain=True,
            next_at_us=max(quiet, self.clock()),
            subject=failure.subject if isinstance(failure, Rejected) else "",
            book_fails=not refused,
            quiet_until_us=quiet,
            **_said(failure),
        )

    async def _not_done(self, mine: Claim, failure: Failure) -> Ended:
        """Return how a failed push ended."""
        if isinstance(failure, Rejected):
            return Ended(
                state="needs_attention",
                outcome="rejected",
                subject=failure.subject,
                **_said(failure),
            )
        quiet = await self._back_off(mine.book_id, failure)
        if isinstance(failure, Unavailable):
            return Ended(
                state="queued" if failure.cause == DEAD else "retrying",
                outcome="unavailable",
                next_at_us=quiet,
                book_fails=True,
                quiet_until_us=quiet,
                **_said(failure),
            )
        assert isinstance(failure, Unknown), "a failure of no known kind"
        return Ended(
            state="unknown",
            outcome="unknown",
            uncertain=True,
            next_at_us=max(self.clock() + self._quiesce(), quiet),
            book_fails=True,
            quiet_until_us=quiet,
            **_said(failure),
        )

    async def _back_off(self, book_id: int, failure: Failure) -> int:
        """Return until when the book is left alone: full jitter, longer where they ask for it."""

        def read() -> int:
            with transaction(self.database) as connection:
                return lane.failures(connection, book_id)

        count = await self.call(read)
        most = min(self.settings.backoff_most, self.settings.backoff * 2 ** min(count, 20))
        asked = failure.after_seconds if isinstance(failure, Unavailable) else None
        wait = max(self.jitter() * most, min(asked or 0, self.settings.asked_most))
        return self.clock() + int(wait * SECOND)

    @asynccontextmanager
    async def _kept(self, mine: Claim) -> AsyncIterator[None]:
        """Renew the lease while the block runs."""
        heart = asyncio.create_task(self._beat(mine))
        try:
            yield
        finally:
            heart.cancel()
            await asyncio.gather(heart, return_exceptions=True)

    async def _beat(self, mine: Claim) -> None:
        def write() -> bool:
            with transaction(self.database) as connection:
                return store.renew(connection, mine, self.owner, self._until(self.clock()))

        kept = True
        while kept:
            await asyncio.sleep(self.settings.heartbeat)
            try:
                kept = await self.call(write)
            except AWAY as absent:  # the lease goes on for a while, the database may be back
                LOG.warning("book %s: no heartbeat: %s", mine.book_id, type(absent).__name__)

    def _claim(self, book_id: int, key: str, target: Target) -> Claim | None:
        now = self.clock()
        with transaction(self.database) as connection:
            mine = store.claim(connection, book_id, key, self.owner, now, self._until(now))
            if mine is not None:
                step = "look" if mine.look else "send"
                name = target.request_id(mine.document, mine.version)
                store.trail(connection, mine, step, name, None, now)
            return mine

    def _intend(self, mine: Claim, target: Target) -> int:
        """Write that the document is about to be sent; return until when, 0 when it is not ours."""
        now = self.clock()
        until = self._until(now)
        with transaction(self.database) as connection:
            if not store.renew(connection, mine, self.owner, until):
                return 0
            store.intend(connection, mine, now)
            name = target.request_id(mine.document, mine.version)
            store.trail(connection, mine, "send", name, None, now)
            return until

    def _settle(self, mine: Claim, target: Target, ended: Ended) -> bool:
        now = self.clock()
        with transaction(self.database) as connection:
            kept = store.settle(connection, mine, ended, now)
            step = "answer" if kept else "discarded"
            name = target.request_id(mine.document, mine.version)
            store.trail(connection, mine, step, name, ended, now)
            if ended.cause == DEAD:
                connections.die(connection, mine.book_id, self.target_name, mine.claimed_us, now)
            return kept

    def _until(self, now_us: int) -> int:
        return now_us + int(self.settings.lease * SECOND)

    def _quiesce(self) -> int:
        return int(self.settings.quiesce * SECOND)


def _synced(sent: Sent, outcome: str) -> Ended:
    return Ended(state="synced", outcome=outcome, sent=sent)


def _said(failure: Failure) -> dict[str, Any]:
    return {
        "cause": failure.cause,
        "detail": failure.detail,
        "trace": failure.trace,
        "status": failure.status,
    }
