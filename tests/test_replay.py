"""What must hold for the log itself: told twice it is told once, told again it says the same."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from ledger import codec, store
from ledger.database import Engine, transaction
from ledger.errors import LedgerError
from ledger.events import Event
from ledger.events.base import Entry
from ledger.recorder import Command, Recorded, Recorder
from ledger.reports import store as reports
from ledger.verify.verify import verify
from sync.intake.step import Terms, take_in
from sync.tables import DOCUMENT
from tests.conftest import BOOKKEEPER, OpenBook, Shop
from tests.strategies import events
from tests.test_recorder import assert_chain_holds

FEW = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def tell(shop: Shop, facts: list[Event]) -> list[Any]:
    """Record facts one by one; a refusal is its code."""
    outcomes: list[Any] = []
    for fact in facts:
        try:
            outcomes.append(shop.recorder.record(shop.book.id, BOOKKEEPER, fact))
        except LedgerError as refusal:
            outcomes.append(refusal.code)
    return outcomes


def documents(shop: Shop) -> list[Any]:
    """Plan everything that was recorded, and return the documents' bytes by key."""
    terms = Terms(
        now_us=store.to_us(datetime(2027, 1, 1, tzinfo=UTC)),
        through=datetime(2026, 12, 31, tzinfo=UTC).date(),
    )
    with transaction(shop.database) as connection:
        while take_in(connection, shop.book, terms).more:
            pass
        kept = select(DOCUMENT.c.key, DOCUMENT.c.body)
        of_book = kept.where(DOCUMENT.c.book_id == shop.book.id)
        return [tuple(row) for row in connection.execute(of_book.order_by(DOCUMENT.c.key))]


def balances(shop: Shop) -> dict[Any, Any]:
    """Return what was debited and credited by account and holder."""
    return shop.read(lambda connection: reports.turnover(connection, shop.book.id))


def said(entries: list[Entry]) -> list[Any]:
    """Return what entries say, whichever book they are in."""
    return [(e.seq, e.body, e.postings, e.caveats, e.actor) for e in entries]


def sound(shop: Shop) -> None:
    """Assert that chain, entries, balances, deltas and a replay of the log are as they must be."""
    assert_chain_holds(shop)
    report = verify(shop.database, shop.book, lambda *_: None)
    assert report.well, [check for check in report.checks if check.finding]


@FEW
@given(facts=events(3, 20, foreign=True))
def test_recording_twice_is_recording_once(
    facts: list[Event], database: Engine, recorder: Recorder, open_book: OpenBook
) -> None:
    shop = Shop(database, recorder, open_book())
    first = tell(shop, facts)
    entries, head = shop.entries(), shop.head()
    known = {entry.event.id: entry for entry in entries}
    again = tell(shop, facts)
    for fact, before, now in zip(facts, first, again, strict=True):
        if isinstance(before, Recorded):
            assert now == Recorded(known[fact.id], repeated=True)
    assert shop.entries()[: len(entries)] == entries
    assert [n for n in again if isinstance(n, Recorded) and not n.repeated] == [
        n
        for b, n in zip(first, again, strict=True)
        if not isinstance(b, Recorded) and isinstance(n, Recorded)
    ]
    assert shop.head().seq >= head.seq
    sound(shop)


@FEW
@given(facts=events(3, 20, foreign=True), cut=st.integers(1, 20))
def test_a_replay_gives_the_same_postings_balances_and_documents(
    facts: list[Event],
    cut: int,
    database: Engine,
    recorder: Recorder,
    open_book: OpenBook,
) -> None:
    shop = Shop(database, recorder, open_book())
    tell(shop, facts)
    again = Shop(database, recorder, open_book())
    log = [codec.decode(entry.body) for entry in shop.entries()]
    for part in (log[:cut], log[cut:]):  # in batches other than the first time's
        group = Command(again.book.id, BOOKKEEPER, tuple(part), atomic=True)
        outcomes = recorder.submit(group).result() if part else []
        assert all(isinstance(outcome, Recorded) for outcome in outcomes)
    assert said(again.entries()) == said(shop.entries())
    assert balances(again) == balances(shop)
    assert documents(again) == documents(shop)


@FEW
@given(facts=events(3, 20))
def test_two_recorders_in_turn_say_what_one_says(
    facts: list[Event], database: Engine, recorder: Recorder, open_book: OpenBook
) -> None:
    """Whichever of the two takes a fact, the book is the same."""
    alone, shared = (Shop(database, recorder, open_book()) for _ in range(2))
    tell(alone, facts)
    other = Recorder(database)
    try:
        for turn, fact in enumerate(facts):
            tell(Shop(database, (recorder, other)[turn % 2], shared.book), [fact])
    finally:
        other.close()
    assert said(shared.entries()) == said(alone.entries())
    assert balances(shared) == balances(alone)
    assert verify(database, shared.book, lambda *_: None).well
