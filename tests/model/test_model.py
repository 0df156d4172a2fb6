"""Whatever happens in a shop, ledger and model agree: on every balance, and on what is refused."""

from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import codec
from ledger.book import Book
from ledger.errors import LedgerError
from ledger.events.base import Entry
from tests.ledger.memory import LONDON, MONTREAL, Memory
from tests.model.model import Model
from tests.model.second import Balances, Json, Second
from tests.strategies import ENGLAND, QUEBEC, Region, histories

SHOPS = pytest.mark.parametrize(
    ("book", "region", "model"),
    [(MONTREAL, QUEBEC, ("CAD", "CA-QC")), (LONDON, ENGLAND, ("GBP", "GB"))],
    ids=["Montréal", "London"],
)


def balances(ledger: Memory) -> Balances:
    """Return every balance that is not zero: (role, holder, currency) to minor units."""
    return {key: amount for key, amount in ledger._balances.items() if amount}


def told(ledger: Memory, second: Second, facts: Iterable[Json]) -> None:
    """Tell both all facts; after each they agree, and a refusal has changed nothing."""
    for fact in facts:
        before, count = dict(ledger._balances), len(ledger.entries)
        outcome: Entry | LedgerError
        try:
            outcome = ledger.record(codec.from_json(fact))
        except LedgerError as refusal:
            outcome = refusal
            assert (ledger._balances, len(ledger.entries)) == (before, count)
        second.agree(fact, outcome)
        assert second.balances() == balances(ledger), f"after {fact}"


@SHOPS
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_ledger_and_model_agree_on_every_fact(
    book: Book, region: Region, model: tuple[str, str], data: st.DataObject
) -> None:
    told(Memory(book), Second(Model(*model)), data.draw(histories(region, 5, 25)))
