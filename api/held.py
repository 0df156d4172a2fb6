"""What a holder has, and how it came to that: read in one snapshot, as both clocks show it."""

from collections.abc import Callable
from datetime import date
from typing import Any

from msgspec import Struct

from api.answers import Page, columns, home_columns, page, quantity_text
from ledger.book import Book
from ledger.clocks.sums import Sums
from ledger.database import Connection
from ledger.money import to_text
from ledger.reports.store import holder as holder_of
from ledger.store import head
from ledger.views.store import Clocks, Move, history, is_known, is_posted
from ledger.views.then import Then


class HeldShown(Struct, frozen=True, omit_defaults=True):
    """What a holder has in one currency: `balance` debit positive, `available` what it is worth."""

    currency: str
    debit: str
    credit: str
    balance: str
    available: str
    home_balance: str | None = None


class MoveShown(Struct, frozen=True, omit_defaults=True):
    """What one fact moved of a holder."""

    seq: int
    event: str
    type: str
    business_date: date
    currency: str
    debit: str
    credit: str
    quantity: str | None = None
    location: str | None = None
    home_debit: str | None = None
    home_credit: str | None = None


class Held(Struct, frozen=True, kw_only=True):
    """A holder at the end of `as_of` (null: whatever the day), as known at `known_at`.

    `balance` and `available` are in `currency`, the book's unless the holder has only another;
    `balances` has every currency. `history` is in the order of the log.
    """

    id: str
    as_of: date | None
    known_at: int
    currency: str
    balance: str
    available: str
    balances: list[HeldShown]
    history: Page[MoveShown]


class Kind(Struct, frozen=True):
    """A kind of holder: its role, its subject in the log, its answer, what the answer has more."""

    role: str
    subject: str
    answer: type[Held]
    more: Callable[[str, str, Then], dict[str, Any]]


class Reader:
    """Reads one holder in one snapshot."""

    def __init__(
        self, connection: Connection, book: Book, kind: Kind, name: str, clocks: Clocks
    ) -> None:
        end = head(connection, book.id)
        assert end is not None
        self._connection, self._kind, self._name = connection, kind, name
        self._book, self._clocks, self._end = book, clocks, end
        self._then = Then(connection, book, end, clocks)

    def is_there(self) -> bool:
        """Tell whether any fact speaks of it, or moved it."""
        where = (self._connection, self._book.id)
        return is_known(*where, self._kind.subject, self._name) or is_posted(
            *where, self._codes(), self._name
        )

    def answer(self, limit: int, after: str | None) -> Held:
        """Return the whole answer."""
        rows, home = self._rows(), self._book.currency
        currency = home if home in rows or len(rows) != 1 else next(iter(rows))
        balances = {
            currency: self._held(currency, rows.get(currency, Sums())),
            **{other: self._held(other, sums) for other, sums in rows.items()},
        }
        known = self._clocks.known
        return self._kind.answer(
            id=self._name,
            as_of=self._clocks.as_of,
            known_at=self._end.seq if known is None else known,
            currency=currency,
            balance=balances[currency].balance,
            available=balances[currency].available,
            balances=list(balances.values()),
            history=self._history(limit, after),
            **self._kind.more(self._name, currency, self._then),
        )

    def _codes(self) -> list[str]:
        return self._then.settings.codes(self._kind.role)

    def _rows(self) -> dict[str, Sums]:
        sums: dict[str, Sums] = {}
        for code in self._codes():
            account = self._then.settings.account(code, date.max)
            assert account is not None, code
            for row in holder_of(
                self._connection,
                self._book.id,
                account,
                self._name,
                self._clocks.as_of,
                known=self._clocks.known,
            ):
                sums[row.currency] = sums.get(row.currency, Sums()) + row.sums
        return sums

    def _held(self, currency: str, sums: Sums) -> HeldShown:
        home = self._book.currency
        sign = 1 if self._kind.role in ("receivable", "inventory") else -1
        return HeldShown(
            currency=currency,
            debit=to_text(sums.debit, currency),
            credit=to_text(sums.credit, currency),
            balance=to_text(sums.balance, currency),
            available=to_text(sign * sums.balance, currency),
            home_balance=None if currency == home else to_text(sums.home_balance, home),
        )

    def _history(self, limit: int, after: str | None) -> Page[MoveShown]:
        seq, _, line = (after or "0.-1").partition(".")
        moves = history(
            self._connection,
            self._book.id,
            self._codes(),
            self._name,
            self._clocks,
            after=(int(seq), int(line)),
            limit=limit + 1,
        )
        home = self._book.currency
        return page(moves, limit, lambda move: move_shown(move, home), move_cursor)


def move_shown(move: Move, home: str) -> MoveShown:
    """Return what a fact moved, in two columns."""
    debit, credit = columns(move.amount, move.currency)
    home_debit, home_credit = home_columns(move.home, home)
    return MoveShown(
        seq=move.seq,
        event=move.event_id,
        type=move.type,
        business_date=move.business_date,
        currency=move.currency,
        debit=debit,
        credit=credit,
        quantity=quantity_text(move.quantity) if move.quantity else None,
        location=move.location,
        home_debit=home_debit,
        home_credit=home_credit,
    )


def move_cursor(move: Move) -> str:
    """Return the cursor of what follows a move."""
    return f"{move.seq}.{move.line}"
