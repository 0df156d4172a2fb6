"""Facts in two currencies: each entry balances in both, and nothing is left at home of nothing."""

from collections import Counter
from collections.abc import Mapping

from hypothesis import HealthCheck, given, settings

from ledger import codec
from ledger.errors import LedgerError
from ledger.events.base import Entry
from ledger.events.configuration import ConfiguringEvent
from ledger.events.reversal import EventReversed
from tests.builders import reversal
from tests.ledger.memory import Memory
from tests.model.model import Json
from tests.strategies import QUEBEC, histories

MONETARY = (
    *("cash", "clearing", "bank", "cash_in_transit", "receivable", "disputes_receivable"),
    *("payable", "gift_cards", "store_credit", "deposits", "packages", "tips"),
)
"""Roles whose holders are worth what they were filled at until they are drawn on."""

FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FOREIGN = histories(QUEBEC, 5, 25, foreign=True)


def told(ledger: Memory, facts: list[Json]) -> list[Entry]:
    """Record what can be recorded."""
    entries = []
    for fact in facts:
        try:
            entries.append(ledger.record(codec.from_json(fact)))
        except LedgerError:
            continue
    return entries


Place = tuple[str, str, str]


@FEW
@given(facts=FOREIGN)
def test_every_entry_balances_in_its_currency_and_at_home(facts: list[Json]) -> None:
    for entry in told(Memory(), facts):
        sums = Counter[str]()
        for posting in entry.postings:
            sums[posting.currency] += posting.amount
        assert not any(sums.values())
        assert sum(posting.at_home for posting in entry.postings) == 0
        foreign = [p for p in entry.postings if p.currency != "CAD"]
        assert all(posting.home is not None for posting in foreign)


@FEW
@given(facts=FOREIGN)
def test_what_is_drawn_to_nothing_is_worth_nothing_at_home(facts: list[Json]) -> None:
    ledger = Memory()
    told(ledger, facts)
    for (role, holder, currency), amount in ledger._balances.items():
        if role in MONETARY and not amount:
            assert ledger.carried(role, holder, currency) == 0, (role, holder)


@FEW
@given(facts=FOREIGN)
def test_a_reversal_restores_both_amounts(facts: list[Json]) -> None:
    """At once after the fact, whatever had happened before."""
    ledger = Memory()
    told(ledger, facts[:-1])
    amounts, carried = _standing(ledger._balances), _standing(ledger._carried)
    for entry in told(ledger, facts[-1:]):
        if not isinstance(entry.event, EventReversed | ConfiguringEvent):
            ledger.record(reversal(entry.event.id, "undo"))
            assert _standing(ledger._balances) == amounts
            assert _standing(ledger._carried) == carried


def _standing(sums: Mapping[Place, int]) -> dict[Place, int]:
    """Return the sums that are not nothing, debits and credits."""
    return {place: amount for place, amount in sums.items() if amount}


@FEW
@given(facts=FOREIGN)
def test_a_replay_gives_the_same_amounts_at_home(facts: list[Json]) -> None:
    first, second = Memory(), Memory()
    for entry in told(first, facts):
        assert second.record(codec.decode(entry.body), entry.actor).postings == entry.postings
