"""The ledger against the outside books, account by account, on any day or on every day.

Both sides as the outside shows them: what earlier fiscal years earned stands in retained earnings.
Every difference is named: a document that is not there yet, an entry that waits, a tax on which
they insist. Amounts are minor units of the home currency, debit positive.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from msgspec import Struct

from ledger.book import Book
from ledger.database import Connection, Engine, snapshot
from ledger.events.base import Entry
from ledger.log import store as log
from ledger.reports.store import movements
from ledger.settings import Settings
from sync.connections.company import as_kept_there
from sync.connections.tokens import TARGET
from sync.deliver import Call
from sync.documents import Place, account_key, place
from sync.intake import store as intake
from sync.outbox import Stored
from sync.protocol import Marked, Target
from sync.status import store as status

NOT_THERE: Final = "not mapped"
"""What stands for the outside account of a place that has none yet."""

AT_ONCE: Final = 1000
"""Entries that are read by one statement."""

Sums = Mapping[str, int]


class Reason(Struct, frozen=True):
    """What makes a part of a difference: `kind` is document, entry or tax."""

    kind: str
    key: str
    state: str
    amount: int


class Row(Struct, frozen=True):
    """One outside account. `keys` are the accounts of ours that it stands for."""

    account: str
    keys: tuple[str, ...]
    ours: int
    theirs: int
    reasons: tuple[Reason, ...] = ()

    @property
    def difference(self) -> int:
        """Return ours less theirs."""
        return self.ours - self.theirs

    @property
    def unexplained(self) -> int:
        """Return the part of the difference that no reason gives."""
        return self.difference - sum(reason.amount for reason in self.reasons)


class Comparison(Struct, frozen=True):
    """Both trial balances at the end of a day."""

    day: date
    rows: tuple[Row, ...]

    @property
    def equal(self) -> bool:
        """Tell whether they agree to the cent."""
        return all(row.difference == 0 for row in self.rows)

    @property
    def explained(self) -> bool:
        """Tell whether every difference has its reasons."""
        return all(row.unexplained == 0 for row in self.rows)


class Arrivals(Struct, frozen=True):
    """Whether every document arrived once: keys that are lost, doubled, or not ours to explain."""

    there: int
    waiting: tuple[str, ...]
    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    strange: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Tell whether nothing is lost, doubled or strange."""
        return not (self.lost or self.doubled or self.strange)


class Reconciler:
    """Compares one book with its outside company; *call* runs reads away from the loop."""

    def __init__(
        self,
        database: Engine,
        book: Book,
        target: Target,
        call: Call = asyncio.to_thread,
    ) -> None:
        self._database, self._book, self._target, self._call = database, book, target, call

    async def at(self, day: date) -> Comparison:
        """Return both trial balances at the end of a day."""
        sides = await self._call(self._read)
        return await self._compared(sides, day)

    async def every_day(self, first: date, last: date) -> AsyncIterator[Comparison]:
        """Yield the comparison of each day, the first and the last included."""
        sides = await self._call(self._read)
        for number in range((last - first).days + 1):
            yield await self._compared(sides, first + timedelta(days=number))

    async def arrivals(self, first: date, last: date) -> Arrivals:
        """Return whether every document of some days stands there once."""
        marked = await self._target.marked(first, last)
        sides = await self._call(self._read)
        return arrivals_of([d for d in sides.documents if first <= d.day <= last], marked)

    async def _compared(self, sides: "Sides", day: date) -> Comparison:
        theirs = await self._target.trial_balance(day)
        return compare(day, sides.balances(day), theirs, sides)

    def _read(self) -> "Sides":
        with snapshot(self._database) as connection:
            return Sides(connection, self._book)


class Sides:
    """Our side, read once: what moved on each day, what stands for what, what is still open."""

    def __init__(self, connection: Connection, book: Book) -> None:
        self._book = as_kept_there(connection, book, TARGET)
        self._settings: Settings = log.load_settings(connection, book)
        self._moved = movements(connection, book.id)
        self.ids = status.account_ids(connection, book.id)
        self.documents = status.transactions(connection, book.id)
        seen = intake.cursor(connection, book.id)
        waiting = intake.waiting_seqs(connection, book.id)
        self._open: list[Entry] = []
        for start in range(0, len(waiting), AT_ONCE):
            self._open += log.entries_at(connection, book.id, waiting[start : start + AT_ONCE])
        while entries := log.entries(connection, book.id, after=seen):
            self._open += entries
            seen = entries[-1].seq

    def balances(self, day: date) -> dict[str, int]:
        """Return our balances at a day's end by account key, earlier years' results rolled up."""
        year = self._book.fiscal_year_start(day)
        retained = account_key(self._place("retained_earnings", "", day))
        sums: dict[str, int] = {}
        for moved, code, holder, amount in self._moved:
            if moved > day:
                break
            known = self._settings.accounts.get(code, date.max)
            assert known is not None, code
            ends = known.type in ("income", "expense") and moved < year
            key = retained if ends else account_key(place(code, known.role, holder))
            sums[key] = sums.get(key, 0) + amount
        return {key: amount for key, amount in sums.items() if amount}

    def reasons(self, day: date) -> list[tuple[str, Reason]]:
        """Return what is not there at the end of a day, each with the account key it concerns."""
        found: list[tuple[str, Reason]] = []
        for stored in self.documents:
            if stored.day > day or stored.state == "superseded":
                continue
            if stored.state != "synced":
                found += _document_reasons(stored)
        for entry in self._open:
            if entry.event.day() <= day:
                found += [
                    (
                        account_key(place(posting.account, posting.role, posting.holder)),
                        Reason("entry", entry.event.id, "waiting", posting.at_home),
                    )
                    for posting in entry.postings
                ]
        return found

    def taxes(self, day: date) -> list[tuple[str, Reason]]:
        """Return where they insist on another tax, each with the outside account it is on."""
        return [
            (account, Reason("tax", stored.key, stored.state, -more))
            for stored in self.documents
            if stored.state == "synced" and stored.day <= day
            for account, more in stored.differences
        ]

    def _place(self, role: str, holder: str, day: date) -> Place:
        account = self._settings.account(role, day)
        assert account is not None, role
        return place(account.code, role, holder)


def compare(day: date, ours: Sums, theirs: Sums, sides: Sides) -> Comparison:
    """Return the rows of both sides by outside account; reasons only where they differ."""
    keys: dict[str, list[str]] = {}
    for key in {*ours, *sides.ids}:
        keys.setdefault(sides.ids.get(key, f"{NOT_THERE}: {key}"), []).append(key)
    sums = {account: sum(ours.get(key, 0) for key in named) for account, named in keys.items()}
    differing = {a for a in {*sums, *theirs} if sums.get(a, 0) != theirs.get(a, 0)}
    reasons = sides.reasons(day) if differing else []
    taxes = sides.taxes(day) if differing else []
    rows = [
        Row(
            account,
            tuple(sorted(keys.get(account, ()))),
            sums.get(account, 0),
            theirs.get(account, 0),
            _merged(
                [
                    *(reason for key, reason in reasons if key in keys.get(account, ())),
                    *(reason for at, reason in taxes if at == account),
                ]
            )
            if account in differing
            else (),
        )
        for account in {*sums, *theirs}
        if sums.get(account, 0) or theirs.get(account, 0)
    ]
    return Comparison(day, tuple(sorted(rows, key=lambda row: (row.keys, row.account))))


def arrivals_of(documents: Sequence[Stored], marked: Sequence[Marked]) -> Arrivals:
    """Return whether what we sent stands there once, and nothing else bears our mark."""
    times: dict[str, int] = {}
    for mark in marked:
        times[mark.key] = times.get(mark.key, 0) + 1
    kept = {stored.key: stored for stored in documents if stored.kind not in ("Void", "Email")}
    there = [key for key, stored in kept.items() if stored.state == "synced"]
    return Arrivals(
        there=sum(key in times for key in there),
        waiting=tuple(
            key
            for key, stored in kept.items()
            if stored.state not in ("synced", "superseded", "skipped")
        ),
        lost=tuple(key for key in there if key not in times),
        doubled=tuple(key for key, count in times.items() if count > 1),
        strange=tuple(
            key for key in times if key not in kept or kept[key].state in ("superseded", "skipped")
        ),
    )


def _document_reasons(stored: Stored) -> Iterable[tuple[str, Reason]]:
    for effect in stored.document().effects():
        yield (
            account_key(effect.place),
            Reason("document", stored.key, stored.state, effect.amount),
        )


def _merged(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Add up what one document or entry does to one account; leave out what does nothing."""
    sums: dict[tuple[str, str, str], int] = {}
    for reason in reasons:
        key = (reason.kind, reason.key, reason.state)
        sums[key] = sums.get(key, 0) + reason.amount
    return tuple(Reason(*key, amount) for key, amount in sums.items() if amount)
