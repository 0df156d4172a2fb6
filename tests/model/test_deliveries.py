"""In any order of retries and duplicates, through the recorder, the books are the model's.

Each fact is delivered up to three times, alone or in batches, some of them all or nothing.
"""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import codec
from ledger.database import Engine
from ledger.errors import LedgerError
from ledger.events.base import Entry
from ledger.recorder import Command, Outcome, Recorded, Recorder
from ledger.verify.verify import verify
from tests.conftest import BOOKKEEPER, OpenBook, Shop
from tests.model.model import Model
from tests.model.second import Balances, Json, Second
from tests.strategies import QUEBEC, histories

Delivery = tuple[list[Json], bool]
"""Facts that are sent together, and whether all or none of them is to be recorded."""


@st.composite
def deliveries(draw: st.DrawFn) -> list[Delivery]:
    """Return a shop's facts in batches, each sent again once or twice in some cases."""
    facts, sent = draw(histories(QUEBEC, 4, 16)), list[Delivery]()
    while facts:
        size = draw(st.sampled_from([1, 1, 2, 5]))
        batch, facts = facts[:size], facts[size:]
        sent.append((batch, draw(st.booleans())))
        for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
            earlier = draw(st.sampled_from(sent))
            sent.append((draw(st.permutations(earlier[0])), draw(st.booleans())))
    return sent


def deliver(shop: Shop, facts: list[Json], *, atomic: bool) -> list[Outcome]:
    """Send facts together; return what became of each."""
    told = tuple(codec.from_json(fact) for fact in facts)
    return shop.recorder.submit(Command(shop.book.id, BOOKKEEPER, told, atomic=atomic)).result()


def balances(shop: Shop) -> Balances:
    """Return every balance that is not zero, as the log's postings add up."""
    sums: dict[Any, int] = {}
    for entry in shop.entries():
        for posting in entry.postings:
            key = (posting.role, posting.holder, posting.currency)
            sums[key] = sums.get(key, 0) + posting.amount
    return {key: amount for key, amount in sums.items() if amount}


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(sent=deliveries())
def test_what_is_sent_again_is_recorded_once_and_the_books_are_the_models(
    database: Engine, recorder: Recorder, open_book: OpenBook, sent: list[Delivery]
) -> None:
    shop, second = Shop(database, recorder, open_book()), Second(Model())
    known: dict[str, Entry] = {}
    for facts, atomic in sent:
        before = shop.head()
        outcomes = deliver(shop, facts, atomic=atomic)
        refused = [out for out in outcomes if isinstance(out, LedgerError)]
        if refused and (atomic or len(refused) == len(outcomes)):
            assert shop.head() == before, "what is refused changes nothing"
        for fact, outcome in zip(facts, outcomes, strict=True):
            if isinstance(outcome, Recorded) and fact["id"] in known:
                assert outcome == Recorded(known[fact["id"]], repeated=True)
            elif isinstance(outcome, Recorded):
                known[fact["id"]] = outcome.entry
                second.agree(fact, outcome.entry)
            elif not atomic:
                assert fact["id"] not in known, "what is recorded is never refused again"
                second.agree(fact, outcome)
    assert [entry.event.id for entry in shop.entries()] == list(known)
    assert second.balances() == balances(shop)
    assert verify(database, shop.book, lambda *_: None).well
