"""Every balance on any day, as known at any time, is the sum of the postings."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import Engine, delete, select, update
from sqlalchemy.event import listen, remove

from ledger import store
from ledger.blocks import store as blocks
from ledger.changes.store import Between, changes_between
from ledger.clocks import store as clocks
from ledger.clocks.parts import EVENTS, Part, parts_through
from ledger.clocks.sums import Sums
from ledger.database import Connection, transaction
from ledger.errors import LedgerError
from ledger.events import Event
from ledger.log import store as log
from ledger.money import ExchangeRate
from ledger.recorder import Recorder
from ledger.registers import store as registers
from ledger.reports import store as reports
from ledger.tables import BLOCK_DELTA, EVENT
from tests.clocks.model import Model, sides
from tests.conftest import BOOKKEEPER, OpenBook, Shop
from tests.strategies import events

FEW = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
FIRST = date(2026, 3, 14)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let blocks be so small that a few facts fill several levels of them."""
    monkeypatch.setattr(blocks, "BLOCK", 2)
    monkeypatch.setattr(blocks, "FAN", 2)


@st.composite
def many_facts(draw: st.DrawFn) -> list[Event]:
    """Return facts of several years, one of them skipped, and of two currencies."""
    facts: list[Event] = []
    for fact in draw(events(8, 24)):
        changes: dict[str, Any] = {}
        if draw(st.integers(0, 9)) < 3:
            rate = draw(st.sampled_from(["1.25", "1.4037", "0.9"]))
            changes |= {"currency": "USD", "rate": ExchangeRate(Decimal(rate))}
        if draw(st.integers(0, 9)) < 3:
            back = timedelta(days=draw(st.sampled_from([1, 20, 80, 400, 1200, 1500])))
            changes |= {"occurred_at": fact.occurred_at - back}
        facts.append(replace(fact, **changes))
    return facts


def told(shop: Shop, facts: list[Event]) -> Model:
    """Record facts, refusals aside, and return what is in the log."""
    for fact in facts:
        try:
            shop.recorder.record(shop.book.id, BOOKKEEPER, fact)
        except LedgerError:
            continue
    configuration = shop.read(lambda connection: log.load_settings(connection, shop.book))
    return Model(shop.book, shop.entries(), configuration)


def moments(model: Model, pick: st.DataObject) -> Iterator[tuple[date | None, int | None]]:
    """Yield pairs of clocks, among them now and before everything."""
    days = [None, *sorted({entry.event.day() for entry in model.entries})]
    days += [FIRST + timedelta(days=away) for away in (-2000, -500, 900)]
    yield None, None
    for _ in range(6):
        known = st.one_of(st.none(), st.integers(0, len(model.entries)))
        yield pick.draw(st.sampled_from(days)), pick.draw(known)


@FEW
@given(facts=many_facts(), pick=st.data())
def test_every_balance_is_the_sum_of_the_postings_by_both_clocks(
    facts: list[Event],
    pick: st.DataObject,
    database: Engine,
    recorder: Recorder,
    open_book: OpenBook,
) -> None:
    shop = Shop(
        database, recorder, open_book(fiscal_year_starts=pick.draw(st.sampled_from([1, 4])))
    )
    model = told(shop, facts)
    for as_of, known in moments(model, pick):
        shop.read(lambda connection, at=(as_of, known): _compare(connection, model, *at))


def _compare(connection: Connection, model: Model, as_of: date | None, known: int | None) -> None:
    book, book_id = model.book, model.book.id
    kept = reports.turnover(connection, book_id, as_of, known)
    assert kept == model.kept(as_of, known)
    assert reports.last_day(connection, book_id, known) == model.last_day(known)
    expected = model.trial_balance(as_of, known)
    by_holder = reports.trial_balance_by_holder(connection, book, model.settings, as_of, known)
    found = {(r.account.code, r.holder, r.currency): r.sums for r in by_holder}
    assert {at: (s.balance, s.home_balance) for at, s in found.items()} == expected
    rows = reports.trial_balance(connection, book, model.settings, as_of, known)
    assert sum(row.sums.home_balance for row in rows) == 0
    by_account = defaultdict[Any, Sums](Sums)
    for (code, _, currency), sums in found.items():
        by_account[code, currency] += sums
    balances = {(r.account.code, r.currency): r.sums.home_balance for r in rows}
    assert balances == {at: s.home_balance for at, s in by_account.items() if s.open}
    _compare_accounts(connection, model, as_of, known)
    _compare_holders(connection, model, as_of, known)


def _compare_accounts(
    connection: Connection, model: Model, as_of: date | None, known: int | None
) -> None:
    expected = defaultdict[Any, Sums](Sums)
    for (code, _, currency), sums in model.kept(as_of, known).items():
        expected[code, currency] += sums
    rows = reports.account_balances(connection, model.book, model.settings, as_of, known)
    found = {(row.account.code, row.currency): row.sums for row in rows if row.sums != Sums()}
    assert found == expected
    assert {row.account.code for row in rows} == set(model.settings.accounts.keys())


def _compare_holders(
    connection: Connection, model: Model, as_of: date | None, known: int | None
) -> None:
    book_id, places = model.book.id, model.places(as_of, known)
    for code in {place[0] for place in places}:
        account = model.account(code)
        rows = reports.holders(connection, book_id, account, as_of, known=known, limit=None)
        found = {(code, row.holder, row.currency): row.sums for row in rows}
        assert found == {at: sums for at, sums in places.items() if at[0] == code}
        first, at = rows[0].holder, (rows[0].holder, rows[0].currency)
        behind = reports.holders(
            connection, book_id, account, as_of, known=known, after=at, limit=2
        )
        assert behind == [row for row in rows if (row.holder, row.currency) > at][:2]
        one = reports.holder(connection, book_id, account, first, as_of, known=known)
        assert one == [row for row in rows if row.holder == first]
        quantities = {(row.holder, row.currency): row.quantity for row in rows if row.quantity}
        assert quantities == _quantities(model, code, as_of, known)


def _quantities(model: Model, code: str, as_of: date | None, known: int | None) -> dict[Any, int]:
    held = defaultdict[Any, int](int)
    for _, posting in model.posted(as_of, known):
        if posting.account == code:
            held[posting.holder, posting.currency] += posting.quantity
    return {at: quantity for at, quantity in held.items() if quantity}


@FEW
@given(facts=many_facts(), pick=st.data())
def test_a_register_runs_its_balance_through_every_page_by_both_clocks(
    facts: list[Event],
    pick: st.DataObject,
    database: Engine,
    recorder: Recorder,
    open_book: OpenBook,
) -> None:
    shop = Shop(database, recorder, open_book())
    model = told(shop, facts)
    for as_of, known in moments(model, pick):
        codes = {posting.account for _, posting in model.posted(as_of, known)}
        if not codes:
            continue
        code = pick.draw(st.sampled_from(sorted(codes)))
        names = {p.holder for _, p in model.posted(as_of, known) if p.account == code}
        days = st.sampled_from(sorted({entry.event.day() for entry in model.entries}))
        span = registers.Span(
            holder=pick.draw(st.one_of(st.none(), st.sampled_from(sorted(names)))),
            since=pick.draw(st.one_of(st.none(), days)),
            through=as_of,
            known=known,
        )
        assert _pages(shop, model.account(code), span) == _register(model, code, span)


def _pages(shop: Shop, account: Any, span: registers.Span) -> list[Any]:
    """Return a register read three rows at a time."""
    found: list[registers.RegisterRow] = []
    while True:
        last = found[-1] if found else None
        after = last and (last.business_date, last.seq, last.line)
        page = shop.read(
            lambda connection, after=after: registers.postings(
                connection, shop.book.id, account, span, after=after, limit=3
            )
        )
        found += page
        if len(page) < 3:
            return [(r.seq, r.line, r.holder, r.currency, r.home, r.balance) for r in found]


def _register(model: Model, code: str, span: registers.Span) -> list[Any]:
    rows = [
        (entry.event.day(), entry.seq, line, posting)
        for entry in model.entries
        for line, posting in enumerate(entry.postings)
        if posting.account == code
        and span.holder in (None, posting.holder)
        and (span.known is None or entry.seq <= span.known)
        and (span.through is None or entry.event.day() <= span.through)
    ]
    running, found = defaultdict[str, int](int), list[Any]()
    for day, seq, line, posting in sorted(rows, key=lambda row: row[:3]):
        running[posting.currency] += posting.amount
        if span.since is None or day >= span.since:
            balance = running[posting.currency]
            at = (seq, line, posting.holder, posting.currency, posting.at_home, balance)
            found.append(at)
    return found


@FEW
@given(facts=many_facts(), pick=st.data())
def test_what_changed_between_two_moments_leads_from_one_balance_to_the_other(
    facts: list[Event],
    pick: st.DataObject,
    database: Engine,
    recorder: Recorder,
    open_book: OpenBook,
) -> None:
    shop = Shop(database, recorder, open_book())
    model = told(shop, facts)
    places = st.integers(0, len(model.entries))
    first, last = sorted((pick.draw(places), pick.draw(places)))
    days = sorted({entry.event.day() for entry in model.entries})
    as_of = pick.draw(st.sampled_from([None, *days])) if days else None
    between = Between(after=first, through=last, as_of=as_of)
    found, after = [], 0
    while page := shop.read(
        lambda connection, after=after: changes_between(
            connection, shop.book.id, between, after=after, limit=2
        )
    ):
        found += page
        after = page[-1].seq
    assert all(change.postings for change in found)
    known = dict(model.places(as_of, first))
    for change in found:
        entry = model.entries[change.seq - 1]
        assert (change.event_id, change.business_date) == (entry.event.id, entry.event.day())
        for posting in change.postings:
            place = (posting.account, posting.holder, posting.currency)
            known[place] = known.get(place, Sums()) + sides(posting)
    assert known == model.places(as_of, last)


def test_an_instant_is_the_last_event_recorded_by_then(
    database: Engine, open_book: OpenBook, fact: Callable[[str], Event]
) -> None:
    book = open_book()
    ticks = iter(range(1_000_000, 9_000_000, 1_000_000))
    recorder = Recorder(database, clock=lambda: next(ticks))
    shop = Shop(database, recorder, book)
    for number in range(5):
        shop.record(fact(f"S-{number}"))
    recorder.close()

    def known(at: Any) -> Any:
        return shop.read(lambda connection: clocks.known_seq(connection, book.id, at))

    def second(number: float) -> datetime:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=number)

    assert [known(second(at)) for at in (0.5, 1, 1.5, 4.999999, 5, 60)] == [0, 1, 1, 4, 5, 5]
    assert [known(seq) for seq in (0, 3, 5, 99)] == [0, 3, 5, 5]
    assert known(None) is None


def rows_of(connection: Connection, book_id: int) -> list[Any]:
    """Return every block that is written."""
    of_book = select(BLOCK_DELTA).where(BLOCK_DELTA.c.book_id == book_id)
    return sorted(tuple(row) for row in connection.execute(of_book))


def test_an_old_book_is_filled_little_by_little_to_the_very_same_blocks(
    shop: Shop, fact: Callable[[str], Event]
) -> None:
    for number in range(21):
        shop.record(fact(f"S-{number}"))
    written = shop.read(lambda connection: rows_of(connection, shop.book.id))
    assert {row[1] for row in written} == {0, 1, 2, 3}
    with transaction(shop.database) as connection:
        connection.execute(delete(BLOCK_DELTA).where(BLOCK_DELTA.c.book_id == shop.book.id))
    steps = 0
    while True:
        with transaction(shop.database) as connection:
            busy = blocks.busy_accounts(connection, shop.book.id)
            more = blocks.seal(connection, shop.book.id, 21, busy, step=3)
        steps += 1
        balances = shop.read(
            lambda connection: reports.turnover(connection, shop.book.id, None, 20)
        )
        assert sum(sums.balance for sums in balances.values()) == 0
        if not more:
            break
    assert steps == 4
    assert shop.read(lambda connection: rows_of(connection, shop.book.id)) == written


def test_events_that_move_nothing_hold_no_block_back(
    shop: Shop, fact: Callable[[str], Event]
) -> None:
    for number in range(150):
        shop.record(
            {
                "type": "method_defined",
                "id": f"M-{number}",
                "occurred_at": "2026-03-14T12:00:00-04:00",
                "method": "visa",
                "kind": "card",
                "name": "Visa",
            }
        )
    for number in range(4):
        shop.record(fact(f"S-{number}"))
    written = shop.read(lambda connection: blocks.written(connection, shop.book.id, 154))
    parts = parts_through(154, written, over=False)
    assert min(part.level for part in parts) == 0
    assert max(part.through for part in parts) == 154


def test_a_sealed_block_is_never_written_again(shop: Shop, fact: Callable[[str], Event]) -> None:
    for number in range(8):
        shop.record(fact(f"S-{number}"))
    written = shop.read(lambda connection: rows_of(connection, shop.book.id))
    with transaction(shop.database) as connection:
        changed = update(EVENT).where(EVENT.c.book_id == shop.book.id).values(register="other")
        connection.execute(changed)
    for number in range(8, 12):
        shop.record(fact(f"S-{number}"))
    later = shop.read(lambda connection: rows_of(connection, shop.book.id))
    assert set(written) <= set(later)
    assert {row[2] for row in set(later) - set(written) if row[1] == 0} == {4, 5}


def test_both_clocks_read_whole_blocks_and_a_short_tail(
    shop: Shop, fact: Callable[[str], Event]
) -> None:
    for number in range(27):
        shop.record(fact(f"S-{number}"))
    written = shop.read(lambda connection: blocks.written(connection, shop.book.id, 23))
    parts = [Part(EVENTS, 22, 23), Part(0, 20, 22), Part(1, 16, 20), Part(3, 0, 16)]
    assert parts_through(23, written, over=False) == parts
    assert [list(part.blocks) for part in parts[1:]] == [[10], [4], [0]]
    assert store.to_day(FIRST) == 20260314


def test_no_balance_walks_through_the_blocks_of_a_book(
    shop: Shop, fact: Callable[[str], Event]
) -> None:
    """A database cannot know that few blocks are wanted; it begins at them all the same."""
    for number in range(60):
        shop.record(fact(f"S-{number}"))
    if shop.database.dialect.name == "postgresql":
        with transaction(shop.database) as connection:
            connection.exec_driver_sql("ANALYZE")  # as autovacuum does
    for as_of, account in ((None, None), (FIRST, None), (None, "1000"), (FIRST, "1000")):
        plan = shop.read(lambda c, at=(as_of, account): _plan(c, shop.book.id, *at))
        if shop.database.dialect.name == "sqlite":
            assert "(book_id=? AND level=? AND block=? AND grain=? AND bucket>?" in plan, plan
        else:
            assert "Seq Scan on block_delta" not in plan, plan


def _plan(connection: Connection, book_id: int, as_of: date | None, account: str | None) -> str:
    """Return how the database finds a balance as it was known after an event."""
    asked = list[tuple[str, Any]]()
    heard = (connection, "before_cursor_execute", lambda *call: asked.append(call[2:4]))
    listen(*heard)
    reports.turnover(connection, book_id, as_of, 53, account)
    remove(*heard)
    (_, (query, values)) = asked
    how = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    driver: Any = connection.connection.driver_connection
    return "\n".join(str(row) for row in driver.cursor().execute(f"{how} {query}", values))
