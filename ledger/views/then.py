"""The book as it was: what had been recorded by then, of days that had come by then."""

from collections.abc import Iterator, Sequence
from datetime import date

from ledger.book import Book
from ledger.database import Connection
from ledger.events.base import Entry
from ledger.log import store as log
from ledger.reports.store import HolderRow
from ledger.reports.store import holder as holder_of
from ledger.state import State
from ledger.store import Head
from ledger.views.store import Clocks


class Then(State):
    """What was recorded earlier (`Earlier`), as both clocks show it; nothing is recorded here."""

    def __init__(self, connection: Connection, book: Book, end: Head, clocks: Clocks) -> None:
        super().__init__(connection, book, end)
        self._read, self._clocks = connection, clocks

    def entry(self, event_id: str) -> Entry | None:
        """Return the entry of an event, if it was there then."""
        found = log.find_entry(self._read, self.book.id, event_id)
        return found if found is not None and self._clocks.show(found) else None

    def about(self, kind: str, name: str) -> Sequence[Entry]:
        """Return the entries that spoke of a subject then, oldest first."""
        return [entry for entry in super().about(kind, name) if self._clocks.show(entry)]

    def quantity(self, item: str) -> int:
        """Return how much of an item was there, in millionths."""
        if self._clocks == Clocks():
            return super().stock(item).quantity
        return sum(row.quantity for row in self._rows("inventory", item))

    def balance(self, role: str, holder: str, currency: str) -> int:
        """Return what a holder had in the accounts of a role, minor units, debit positive."""
        if self._clocks == Clocks():
            return super().balance(role, holder, currency)
        rows = self._rows(role, holder)
        return sum(row.sums.balance for row in rows if row.currency == currency)

    def _rows(self, role: str, holder: str) -> Iterator[HolderRow]:
        as_of, known = self._clocks.as_of, self._clocks.known
        for code in self.settings.codes(role):
            account = self.settings.account(code, date.max)
            assert account is not None, code
            yield from holder_of(self._read, self.book.id, account, holder, as_of, known=known)
