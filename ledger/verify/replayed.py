"""The log told again: what every event decides, beside what is stored of it."""

from typing import Final

from ledger.decide import Decision
from ledger.errors import LedgerError
from ledger.events import Event
from ledger.replay.scratch import Scratch
from ledger.replay.store import DECIDED, Logged, Posted
from ledger.store import to_day
from ledger.verify.entries import place_of
from ledger.verify.findings import Check

_FIELDS: Final = ("account", "holder", "currency", "amount", "quantity", "home", "location")


class Replayed:
    """Tells every event to a scratch, and compares; `ended` where nothing can follow."""

    def __init__(self, scratch: Scratch) -> None:
        self.check, self.caveats = Check("replay"), Check("exceptions")
        self.ended = False
        self._scratch = scratch

    def look(self, logged: Logged, event: Event | LedgerError) -> None:
        """Tell the next event, or find why it is none."""
        if self.ended:
            return
        if logged.seq != self._scratch.through + 1:
            self.ended = True
            expected = self._scratch.through + 1
            self.check.find("sequence", expected, logged.seq, **place_of(logged))
            return
        if isinstance(event, LedgerError):
            self.ended = True
            self.check.find("body", "an event", event.code, **place_of(logged))
            return
        again = self._scratch.tell(logged, event)
        self.check.examined += 1
        self.caveats.examined += len(logged.caveats)
        if again.decision is None:
            self.check.find("decision", "an entry", again.refusal, **place_of(logged))
        else:
            self._compare(again.decision, logged)

    def _compare(self, decision: Decision, logged: Logged) -> None:
        day = to_day(decision.event.day())
        if day != logged.business_date:
            self.check.find("business_date", day, logged.business_date, **place_of(logged))
        postings = [
            (p.account, p.holder, p.currency, p.amount, p.quantity, p.home, p.location)
            for p in decision.postings
        ]
        if postings != [row[DECIDED] for row in logged.postings]:
            self._of_lines(decision, logged)
        if decision.caveats or logged.caveats:
            expected = [(c.cause, c.subject, c.amount) for c in decision.caveats]
            found = [row[1:] for row in logged.caveats]
            self.caveats.compare("exceptions", expected, found, **place_of(logged))

    def _of_lines(self, decision: Decision, logged: Logged) -> None:
        """Find the first line that differs."""
        where, rows = place_of(logged), [Posted._make(row) for row in logged.postings]
        for line, posting in enumerate(decision.postings):
            at = where | {"line": line, "account": posting.account}
            at |= {"holder": posting.holder, "currency": posting.currency}
            if line >= len(rows):
                self.check.find("posting", posting.amount, None, **at)
                continue
            for name in _FIELDS:
                self.check.compare(name, getattr(posting, name), getattr(rows[line], name), **at)
        for row in rows[len(decision.postings) :]:
            at = {"line": row.line, "account": row.account, "holder": row.holder}
            self.check.find("posting", None, row.amount, currency=row.currency, **at, **where)
