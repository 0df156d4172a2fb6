"""What must hold for the log itself: told twice it is told once, told again it says the same."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from ledger import codec, store
from ledger.database import Engine, snapshot, transaction
from ledger.errors import LedgerError
from ledger.events import Event
from ledger.events.base import Earlier, Entry
from ledger.events.reversal import FILLED
from ledger.recorder import Command, Recorded, Recorder
from ledger.replay.scratch import scratch
from ledger.replay.store import logged
from ledger.reports import store as reports
from ledger.state import State
from ledger.verify.verify import verify
from sync.intake.step import Terms, take_in
from sync.tables import DOCUMENT
from tests.clocks.test_verify import few_at_once
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


@FEW
@given(facts=events(3, 20, foreign=True))
def test_the_log_told_again_answers_as_the_recorder_does(
    facts: list[Event], database: Engine, recorder: Recorder, open_book: OpenBook
) -> None:
    """Whatever deciding may ask of what came earlier, on disk or not."""
    shop = Shop(database, recorder, open_book())
    tell(shop, facts)
    with pytest.MonkeyPatch.context() as patched, snapshot(database) as connection:
        few_at_once(patched)
        state = State(connection, shop.book, shop.head())
        with scratch(shop.book) as again:
            while again.through < shop.head().seq:
                span = {"after": again.through, "through": shop.head().seq}
                for fact in logged(connection, shop.book.id, **span):
                    assert again.tell(fact, codec.decode(fact.body)).decision is not None
            for entry in shop.entries():
                assert asked(again.earlier, entry) == asked(state, entry)


def asked(earlier: Earlier, entry: Entry) -> list[Any]:
    """Return everything that can be asked of what an entry names."""
    event = entry.event
    answers: list[Any] = [earlier.entry(event.id)]
    answers += [list(earlier.about(*subject)) for subject in event.subjects()]
    for posting in entry.postings:
        place = (posting.role, posting.holder, posting.currency)
        answers += [earlier.balance(*place), earlier.carried(*place)]
        if event.session is not None:
            answers.append(earlier.session_total(event.session, *place))
        if posting.role in FILLED:
            answers.append(list(earlier.drawn_since(entry.seq - 1, *place[:2])))
        if posting.role == "inventory":
            location = posting.location or event.location or ""
            answers += [
                earlier.stock(posting.holder),
                earlier.stock_at(posting.holder, location),
            ]
    if event.device_seq is not None:
        device = (event.device_seq.device, event.device_seq.epoch)
        answers += [earlier.heard(*device, event.device_seq.seq + more) for more in (-1, 0, 1)]
    return answers
