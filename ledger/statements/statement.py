"""A statement of an account or a customer: what it covers, what it says, and the digest of that.

It covers postings of business dates through its last day, as known when it was issued, that no
statement of the same subject covered before. So what is posted later, however it is dated, stands
on the next one; nothing stands on two. It names a customer by the bare reference alone.
"""

from collections.abc import Iterable
from datetime import date
from hashlib import sha256
from typing import Final, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

Kind = Literal["account", "customer"]

OF_CUSTOMERS: Final = ("receivable", "deposits", "store_credit")
"""Roles of the accounts whose holders can be a customer's."""


class Subject(Struct, frozen=True):
    """An account (code) or one of its holders ("" is all of it), or a customer (reference)."""

    kind: Kind
    name: str
    holder: str = ""


class Statement(Struct, frozen=True, kw_only=True):
    """One issued statement; what it says is a function of this and the log.

    `known` is where the log ended when it was issued, `issued_us` the instant. `since` is stated on
    the first of a subject alone: what is earlier stands in its opening balance.
    """

    id: str
    subject: Subject
    since: date | None
    through: date
    known: int
    issued_us: int
    previous: str | None
    digest: str = ""


class Window(Struct, frozen=True):
    """Which postings a statement shows, and which stand in its opening balance."""

    statement: Statement
    previous: Statement | None

    def sees(self, day: date, seq: int) -> bool:
        """Tell whether a posting is of its days, and was known when it was issued."""
        return day <= self.statement.through and seq <= self.statement.known

    def opens_with(self, day: date, seq: int) -> bool:
        """Tell whether a posting stands in the opening balance."""
        if self.previous is not None:
            return day <= self.previous.through and seq <= self.previous.known
        since = self.statement.since
        return since is not None and day < since and self.sees(day, seq)

    def is_late(self, day: date) -> bool:
        """Tell whether a day was covered before."""
        return self.previous is not None and day <= self.previous.through


class Sum(Struct, frozen=True):
    """Minor units, debit positive, in a currency and in home money."""

    amount: int = 0
    home: int = 0

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(self.amount + other.amount, self.home + other.home)


class Line(Struct, frozen=True):
    """One posting in minor units, debit positive. `late`: of a day that was covered before.

    `home` is its worth in home money; an exchange gain or loss is worth that and has no amount.
    """

    day: date
    seq: int
    line: int
    event_id: str
    type: str
    account: str
    holder: str
    currency: str
    amount: int
    home: int
    late: bool

    @property
    def moves(self) -> Sum:
        """Return what it adds to the balance of its currency."""
        return Sum(self.amount, self.home)


class Content(Struct, frozen=True):
    """What a statement says: balances by currency before and after its lines, debit positive."""

    opening: dict[str, Sum]
    lines: list[Line]

    @property
    def closing(self) -> dict[str, Sum]:
        """Return the balances after the last line."""
        return added(self.opening, ((line.currency, line.moves) for line in self.lines))


def content_in(window: Window, lines: Iterable[Line]) -> Content:
    """Return what a statement says of all lines of its subject, which stand by day."""
    opening: dict[str, Sum] = {}
    shown: list[Line] = []
    for line in lines:
        if window.opens_with(line.day, line.seq):
            opening[line.currency] = opening.get(line.currency, Sum()) + line.moves
        elif window.sees(line.day, line.seq):
            shown.append(replace(line, late=window.is_late(line.day)))
    return Content(added(opening, ()), shown)


def added(sums: dict[str, Sum], amounts: Iterable[tuple[str, Sum]]) -> dict[str, Sum]:
    """Return sums by currency with amounts added to them."""
    found = dict(sums)
    for currency, amount in amounts:
        found[currency] = found.get(currency, Sum()) + amount
    return {currency: found[currency] for currency in sorted(found)}


def digest_of(statement: Statement, content: Content) -> str:
    """Return the SHA-256 of all that a statement says, in hexadecimal."""
    told = (
        statement.id,
        statement.subject,
        statement.since,
        statement.through,
        statement.known,
        statement.previous,
        content.opening,
        content.lines,
        content.closing,
    )
    return sha256(msgspec.json.encode(told, order="deterministic")).hexdigest()
