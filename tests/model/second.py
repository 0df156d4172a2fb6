"""The model beside a ledger: what it says of each fact, and where it takes the ledger's word."""

from typing import Any

from hypothesis import event

from ledger.errors import LedgerError
from ledger.events.base import Entry
from tests.model.model import Model, Post, Refused, Unsure
from tests.model.tellers import TELLERS
from tests.model.till import facts_of

Json = dict[str, Any]
Balances = dict[tuple[str, str, str], int]

_NAMED = ("deposits", "packages")
"""Roles whose holders facts speak of by name."""


class Second:
    """A second opinion; what follows from what it was unsure of, it is unsure of."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.doubtful: set[str] = set()

    def says(self, fact: Json) -> str:
        """Tell a fact to the model: recorded, or refused or unsure with the reason."""
        if self.doubtful & facts_of(fact):
            return "unsure: it follows from what was unsure"
        try:
            self.model.tell(fact, TELLERS)
        except Refused as reason:
            return f"refused: {reason}"
        except Unsure as reason:
            return f"unsure: {reason}"
        return "recorded"

    def agree(self, fact: Json, outcome: Entry | LedgerError) -> None:
        """Assert that the model thinks of a fact as the ledger did."""
        said, kind = self.says(fact), fact["type"]
        event(f"{said.partition(':')[0]}: {kind}")
        if said.startswith("unsure"):
            if isinstance(outcome, Entry):
                self._take(fact, outcome)
        elif isinstance(outcome, Entry):
            assert said == "recorded", f"{fact} is recorded, the model says {said}"
        else:
            faults = getattr(outcome, "faults", outcome.facts)
            reason = f"{outcome.code} {faults}"
            assert said.startswith("refused"), f"{fact} is {reason}, the model says {said}"

    def balances(self) -> Balances:
        """Return every balance that is not zero: (role, holder, currency) to minor units."""
        return self.model.balances()

    def _take(self, fact: Json, entry: Entry) -> None:
        """Take the ledger's word for what a fact posts."""
        self.doubtful |= facts_of(fact)
        sale = self.model.entries.get(fact.get("sale", ""))
        self.doubtful |= facts_of(sale.fact) if sale is not None else set()
        self.doubtful |= {p.holder for p in entry.postings if p.role in _NAMED}
        place = entry.event.location or ""
        posts = [
            Post(p.role, p.holder, p.currency, p.amount, p.quantity, p.location or place)
            for p in entry.postings
        ]
        self.model.adopt(fact, posts, entry.event.day())
