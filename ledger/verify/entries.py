"""What an entry shows by itself and the one before it: its chain, its columns, its balance."""

from typing import Any, Final

from ledger import chain
from ledger.accounts import ROLES
from ledger.book import Book
from ledger.errors import LedgerError
from ledger.events import Event
from ledger.replay.store import Logged, Posted
from ledger.store import Head, to_day
from ledger.verify.findings import Check

_CONTROL: Final = frozenset(role for role, account in ROLES.items() if account.control)


class Chain:
    """Recomputes the chain over the exact bytes, event by event."""

    def __init__(self, book: Book) -> None:
        self.check = Check("chain")
        self._book, self._seq, self._us = book, 0, -1
        self._hash = chain.genesis(book.id)

    def look(self, row: Logged) -> None:
        """Look at the next event."""
        check, seq, us = self.check, self._seq + 1, row.recorded_us
        expected = chain.link(self._hash, self._book.id, row.seq, us, row.actor, row.body)
        if row.seq != seq or us <= self._us or row.hash != expected:
            where = place_of(row)
            check.compare("sequence", seq, row.seq, **where)
            if us <= self._us:
                check.find("time", f"after {self._us}", us, **where)
            check.compare("hash", expected, row.hash, **where)
        self._seq, self._us, self._hash = row.seq, us, row.hash
        check.examined += 1

    def end(self, head: Head) -> None:
        """Look at where the book says that its log ends."""
        self.check.compare("head", head.seq, self._seq, seq=head.seq)
        self.check.compare("head", head.hash, self._hash, seq=head.seq)


class Columns:
    """Compares what an event's row says with its body."""

    def __init__(self) -> None:
        self.check = Check("events")

    def look(self, row: Logged, event: Event | LedgerError) -> None:
        """Look at the next event, or at why it is none."""
        check = self.check
        check.examined += 1
        if isinstance(event, LedgerError):
            check.find("body", "an event", event.code, **place_of(row))
            return
        said, found = _said(event), _found(row)
        if said != found:
            for name, expected, there in zip(_STATED, said, found, strict=True):
                check.compare(name, expected, there, **place_of(row))
        if not event.happened_offline and to_day(event.day()) != row.business_date:
            check.find("business_date", to_day(event.day()), row.business_date, **place_of(row))


_STATED: Final = (
    "location",
    "register",
    "session",
    "staff",
    "channel",
    "customer",
    "booking",
    "event_id",
    "type",
    "order_ref",
)


def _said(event: Event) -> tuple[str | int | None, ...]:
    return (
        event.location,
        event.register,
        event.session,
        event.staff,
        event.channel,
        event.customer,
        event.booking,
        event.id,
        event.__struct_config__.tag,
        event.order,
    )


def _found(row: Logged) -> tuple[str | None, ...]:
    return (
        row.location,
        row.register,
        row.session,
        row.staff,
        row.channel,
        row.customer,
        row.booking,
        row.event_id,
        row.type,
        row.order_ref,
    )


class Balanced:
    """Adds up every entry: per currency, at home, each line in its place."""

    def __init__(self, book: Book, roles: dict[str, str]) -> None:
        self.check = Check("entries")
        self.postings = 0
        self._home, self._roles = book.currency, roles

    def look(self, logged: Logged) -> None:
        """Look at the next entry; where anything is wrong, line by line."""
        roles, own = self._roles, self._home
        sums: dict[str, int] = {}
        home, day = 0, logged.business_date
        well = True
        for at, row in enumerate(logged.postings):
            _, line, account, holder, currency, amount, _, worth, _, booked = row
            role = roles.get(account)
            if line != at or booked != day or role is None or (role in _CONTROL and not holder):
                well = False
            if (currency == own) is not (worth is None):
                well = False
            sums[currency] = sums.get(currency, 0) + amount
            home += amount if worth is None else worth
        if not well:
            self._of_lines(logged)
        if home or any(sums.values()):
            where = place_of(logged)
            for currency, rest in sorted(sums.items()):
                self.check.compare("debits less credits", 0, rest, currency=currency, **where)
            self.check.compare("debits less credits in home money", 0, home, **where)
        self.check.examined += 1
        self.postings += len(logged.postings)

    def _of_lines(self, logged: Logged) -> None:
        check = self.check
        for line, posting in enumerate(map(Posted._make, logged.postings)):
            at = place_of(logged) | {"line": posting.line, "account": posting.account}
            at |= {"holder": posting.holder, "currency": posting.currency}
            check.compare("line", line, posting.line, **at)
            check.compare("day", logged.business_date, posting.business_date, **at)
            self._of_account(posting, at)

    def _of_account(self, posting: Posted, at: dict[str, Any]) -> None:
        role = self._roles.get(posting.account)
        if role is None:
            self.check.find("account", "one of the chart", posting.account, **at)
        elif role in _CONTROL and not posting.holder:
            self.check.find("holder", "one of a control account", "none", **at)
        foreign = posting.currency != self._home
        self.check.compare(
            "amount in home money is stated", foreign, posting.home is not None, **at
        )


def place_of(logged: Logged) -> dict[str, Any]:
    """Return where an event stands."""
    return {"seq": logged.seq, "event": logged.event_id}
