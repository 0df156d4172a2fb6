"""The log told again: what every event decides, beside what is stored of it."""

from typing import Any, Final

from ledger import codec
from ledger.errors import LedgerError
from ledger.replay.scratch import Again, Scratch
from ledger.replay.store import Logged
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

    def look(self, logged: Logged) -> None:
        """Tell the next event."""
        if self.ended:
            return
        where = place_of(logged)
        if logged.seq != self._scratch.through + 1:
            self.ended = True
            self.check.find("sequence", self._scratch.through + 1, logged.seq, **where)
            return
        try:
            codec.decode(logged.body)
        except LedgerError as reason:
            self.ended = True
            self.check.find("body", "an event", reason.code, **where)
            return
        again = self._scratch.tell(logged)
        self.check.examined += 1
        self.caveats.examined += len(logged.caveats)
        self._compare(again, logged, where)

    def _compare(self, again: Again, logged: Logged, where: dict[str, Any]) -> None:
        decision = again.decision
        if decision is None:
            self.check.find("decision", "an entry", again.refusal, **where)
            return
        day = to_day(decision.event.day())
        self.check.compare("business_date", day, logged.business_date, **where)
        for line, posting in enumerate(decision.postings):
            at = where | {"line": line, "account": posting.account}
            at |= {"holder": posting.holder, "currency": posting.currency}
            if line >= len(logged.postings):
                self.check.find("posting", posting.amount, None, **at)
                continue
            row = logged.postings[line]
            for name in _FIELDS:
                self.check.compare(name, getattr(posting, name), getattr(row, name), **at)
        for row in logged.postings[len(decision.postings) :]:
            at = {"line": row.line, "account": row.account, "holder": row.holder}
            self.check.find("posting", None, row.amount, currency=row.currency, **at, **where)
        expected = [(c.cause, c.subject, c.amount) for c in decision.caveats]
        found = [(row.cause, row.subject, row.amount) for row in logged.caveats]
        self.caveats.compare("exceptions", expected, found, **where)
