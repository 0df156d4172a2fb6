"""Whatever happens in a shop, the database and the pure core tell the same."""

from hypothesis import HealthCheck, given, settings

from ledger.errors import LedgerError
from ledger.events import Event
from ledger.recorder import Recorder
from tests.conftest import BOOKKEEPER, OpenBook
from tests.ledger.memory import Memory
from tests.strategies import events


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(facts=events(10, 30, foreign=True))
def test_the_recorder_decides_as_the_core_does_in_memory(
    open_book: OpenBook, recorder: Recorder, facts: list[Event]
) -> None:
    """The same postings, caveats and refusals, fact by fact."""
    book = open_book()
    memory = Memory(book)
    for fact in facts:
        expected: object
        try:
            entry = memory.record(fact)
            expected = (entry.seq, entry.postings, entry.caveats, entry.body)
        except LedgerError as refusal:
            expected = (refusal.code, refusal.pointer, refusal.facts)
        got: object
        try:
            stored = recorder.record(book.id, BOOKKEEPER, fact).entry
            got = (stored.seq, stored.postings, stored.caveats, stored.body)
        except LedgerError as refusal:
            got = (refusal.code, refusal.pointer, refusal.facts)
        assert got == expected
