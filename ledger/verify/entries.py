"""What an entry shows by itself and the one before it: its chain, its columns, its balance."""

from typing import Any, Final

from ledger import chain, codec
from ledger.accounts import ROLES
from ledger.book import Book
from ledger.errors import LedgerError
from ledger.events import Event
from ledger.replay.store import Logged
from ledger.store import Head, to_day
from ledger.verify.findings import Check

_STATED: Final = ("location", "register", "session", "staff", "channel", "customer", "booking")


class Chain:
    """Recomputes the chain over the exact bytes, event by event."""

    def __init__(self, book: Book) -> None:
        self.check = Check("chain")
        self._book, self._seq, self._us = book, 0, -1
        self._hash = chain.genesis(book.id)

    def look(self, logged: Logged) -> None:
        """Look at the next event."""
        row, check, where = logged.row, self.check, place_of(logged)
        check.compare("sequence", self._seq + 1, row.seq, **where)
        if row.recorded_us <= self._us:
            check.find("time", f"after {self._us}", row.recorded_us, **where)
        expected = chain.link(
            self._hash, self._book.id, row.seq, row.recorded_us, row.actor, logged.body
        )
        check.compare("hash", expected, bytes(row.hash), **where)
        self._seq, self._us, self._hash = row.seq, row.recorded_us, bytes(row.hash)
        check.examined += 1

    def end(self, head: Head) -> None:
        """Look at where the book says that its log ends."""
        self.check.compare("head", head.seq, self._seq, seq=head.seq)
        self.check.compare("head", head.hash, self._hash, seq=head.seq)


class Columns:
    """Compares what an event's row says with its body."""

    def __init__(self) -> None:
        self.check = Check("events")

    def look(self, logged: Logged) -> None:
        """Look at the next event."""
        row, where = logged.row, place_of(logged)
        self.check.examined += 1
        try:
            event = codec.decode(logged.body)
        except LedgerError as reason:
            self.check.find("body", "an event", reason.code, **where)
            return
        for name, expected in _said(event).items():
            self.check.compare(name, expected, getattr(row, name), **where)
        if not event.happened_offline:
            self.check.compare("business_date", to_day(event.day()), row.business_date, **where)


def _said(event: Event) -> dict[str, Any]:
    said = {name: getattr(event, name) for name in _STATED}
    tag = event.__struct_config__.tag
    return said | {"event_id": event.id, "type": tag, "order_ref": event.order}


class Balanced:
    """Adds up every entry: per currency, at home, each line in its place."""

    def __init__(self, book: Book, roles: dict[str, str]) -> None:
        self.check = Check("entries")
        self.postings = 0
        self._home, self._roles = book.currency, roles

    def look(self, logged: Logged) -> None:
        """Look at the next entry."""
        check, where = self.check, place_of(logged)
        sums: dict[str, int] = {}
        home = 0
        for line, posting in enumerate(logged.postings):
            at = where | {"line": posting.line, "account": posting.account}
            at |= {"holder": posting.holder, "currency": posting.currency}
            check.compare("line", line, posting.line, **at)
            check.compare("day", logged.business_date, posting.business_date, **at)
            self._of_account(posting, at)
            sums[posting.currency] = sums.get(posting.currency, 0) + posting.amount
            home += posting.amount if posting.home is None else posting.home
        for currency, rest in sorted(sums.items()):
            check.compare("debits less credits", 0, rest, currency=currency, **where)
        check.compare("debits less credits in home money", 0, home, **where)
        check.examined += 1
        self.postings += len(logged.postings)

    def _of_account(self, posting: Any, at: dict[str, Any]) -> None:
        role = self._roles.get(posting.account)
        if role is None:
            self.check.find("account", "one of the chart", posting.account, **at)
        elif ROLES[role].control and not posting.holder:
            self.check.find("holder", "one of a control account", "none", **at)
        foreign = posting.currency != self._home
        self.check.compare(
            "amount in home money is stated", foreign, posting.home is not None, **at
        )


def place_of(logged: Logged) -> dict[str, Any]:
    """Return where an event stands."""
    return {"seq": logged.row.seq, "event": logged.row.event_id}
