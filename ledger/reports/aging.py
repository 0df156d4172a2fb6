"""What customers owe and since when, by customer; credits and disputes apart."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final

from msgspec import Struct

from ledger.database import Connection
from ledger.events.base import Entry
from ledger.events.invoice_state import InvoiceState, invoice_state
from ledger.reports.facts.store import entries_in, places_about
from ledger.reports.moved.store import Moved, Which, moved
from ledger.reports.views import View
from ledger.settings import Settings
from ledger.store import from_day

BUCKETS: Final = ("current", "days_1_30", "days_31_60", "days_61_90", "over_90")
"""By how long something is overdue; what is not due yet is current."""

_CREDIT: Final = "credit:"


class Owed(Struct, frozen=True):
    """One invoice or dispute with a balance, debit positive, in its currency and in home money.

    `due` is its due date, else the day of its issue; a dispute's is the day on which it was opened.
    """

    name: str
    customer: str
    due: date
    days: int
    currency: str
    amount: int
    home: int

    @property
    def bucket(self) -> str:
        """Return the word for how long it is overdue."""
        return BUCKETS[0 if self.days <= 0 else min((self.days + 29) // 30, 4)]


class Debtor(Struct):
    """What one customer ("" where nobody knows) owes, by age, less what is owed to them; home."""

    customer: str
    invoices: list[Owed]
    credit: int = 0

    def aged(self, bucket: str) -> int:
        """Return what is in one bucket."""
        return sum(owed.home for owed in self.invoices if owed.bucket == bucket)

    @property
    def total(self) -> int:
        """Return what is owed less the credit."""
        return sum(owed.home for owed in self.invoices) - self.credit


class Aging(Struct, frozen=True):
    """Debtors by reference, and the disputes that are open."""

    debtors: list[Debtor]
    disputes: list[Owed]


def aging(connection: Connection, book_id: int, settings: Settings, view: View) -> Aging:
    """Return what was owed at the end of a view's last day."""
    view = view.until()
    balances = _balances(connection, book_id, view, settings.codes("receivable"))
    debtors: dict[str, Debtor] = {}
    names = {part.key[0] for part in balances if not part.key[0].startswith(_CREDIT)}
    log = _Log(connection, book_id, view, names)
    opened = _first_days(connection, book_id, view, settings.codes("receivable"), names)
    for part in balances:
        holder = part.key[0]
        if holder.startswith(_CREDIT):
            debtor = _of(debtors, holder.removeprefix(_CREDIT))
            debtor.credit -= part.sums.home_balance
        else:
            state = invoice_state(holder, log)
            owed = _owed(part, state, opened[holder], view.through)
            _of(debtors, owed.customer).invoices.append(owed)
    disputes = _balances(connection, book_id, view, settings.codes("disputes_receivable"))
    since = _first_days(
        connection,
        book_id,
        view,
        settings.codes("disputes_receivable"),
        {p.key[0] for p in disputes},
    )
    return Aging(
        [debtors[name] for name in sorted(debtors)],
        [_owed(part, None, since[part.key[0]], view.through) for part in disputes],
    )


def _of(debtors: dict[str, Debtor], customer: str) -> Debtor:
    return debtors.setdefault(customer, Debtor(customer, []))


def _owed(part: Moved, state: InvoiceState | None, opened: date, as_of: date) -> Owed:
    holder, currency = part.key
    due = opened if state is None else state.due
    return Owed(
        name=holder,
        customer="" if state is None else state.customer or "",
        due=due,
        days=(as_of - due) // timedelta(days=1),
        currency=currency,
        amount=part.sums.balance,
        home=part.sums.home_balance,
    )


def _balances(
    connection: Connection, book_id: int, view: View, codes: Sequence[str]
) -> list[Moved]:
    """Return the holders that have a balance, by name."""
    found = moved(connection, book_id, view, ("holder", "currency"), Which(accounts=codes))
    standing = [p for p in found if p.sums.balance or p.sums.home_balance]
    return sorted(standing, key=lambda part: part.key)


def _first_days(
    connection: Connection, book_id: int, view: View, codes: Sequence[str], names: Iterable[str]
) -> dict[str, date]:
    """Return the day of each holder's first posting."""
    which = Which(accounts=codes, holders=set(names))
    days: dict[str, int] = {}
    for part in moved(connection, book_id, view, ("holder", "day"), which):
        holder, day = part.key
        days[holder] = min(day, days.get(holder, day))
    return {holder: from_day(day) for holder, day in days.items()}


class _Log:
    """What was known of some invoices at the end of a day, read at once (an `InvoiceLog`)."""

    def __init__(
        self, connection: Connection, book_id: int, view: View, invoices: Iterable[str]
    ) -> None:
        self._connection, self._book_id, self._view = connection, book_id, view
        self._places: dict[tuple[str, str], list[int]] = {}
        self._entries: dict[int, Entry] = {}
        events = self._read("invoice", set(invoices))
        bookings = {entry.event.booking for entry in events if entry.event.booking}
        events += self._read("booking", bookings)
        self._read("event", {entry.event.id for entry in events})

    def _read(self, kind: str, names: set[str]) -> list[Entry]:
        places = places_about(self._connection, self._book_id, kind, names, self._view.known)
        self._places |= {(kind, name): seqs for name, seqs in places.items()}
        missing = {seq for seqs in places.values() for seq in seqs} - set(self._entries)
        read = entries_in(self._connection, self._book_id, missing)
        through = self._view.through
        seen = {seq: entry for seq, entry in read.items() if entry.event.day() <= through}
        self._entries |= seen
        return list(seen.values())

    def about(self, kind: str, name: str) -> list[Entry]:
        """Return the entries whose events speak of a subject, oldest first."""
        places = self._places.get((kind, name), ())
        return [self._entries[seq] for seq in places if seq in self._entries]

    def balance(self, role: str, holder: str, currency: str) -> int:
        """Return nothing: balances are told beside."""
        return 0
