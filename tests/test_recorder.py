"""The way into a book: once, in order, all or nothing, and everything kept in step."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.event import listen

from ledger import chain, codec, outcomes, store
from ledger import warm as books
from ledger.accounts import ROLES
from ledger.book import Book
from ledger.chain import genesis
from ledger.database import migrate, open_database, transaction
from ledger.decide import decide
from ledger.errors import Conflict, LedgerError
from ledger.log import store as log
from ledger.recorder import Command, Recorded, Recorder, Unavailable
from ledger.registers import store as registers
from ledger.reports import store as reports
from ledger.state import State
from ledger.tables import BALANCE, DELTA, EVENT, POSTING
from tests.builders import a_refund, cash, closed, opened, reversal
from tests.conftest import BOOKKEEPER, TILL, OpenBook, Shop, quebec

DAY = date(2026, 3, 14)


def hat(event_id: str, **changes: Any) -> dict[str, Any]:
    """Return a hat sold for 40.00 and its taxes, in cash."""
    return {
        "type": "sale_completed",
        "id": event_id,
        "occurred_at": "2026-03-14T14:00:00-04:00",
        "register": "till-3",
        "lines": [
            {
                "kind": "goods",
                "category": "Hats",
                "net": "40.00",
                "taxes": [{"tax": "GST", "amount": "2.00"}, {"tax": "QST", "amount": "3.99"}],
            }
        ],
        "tenders": [{"kind": "cash", "amount": "45.99"}],
    } | changes


def card(event_id: str, tender: str) -> dict[str, Any]:
    """Return a gift card of 50.00 sold, or a hat paid with it."""
    if tender == "sold":
        lines = [{"kind": "gift_card", "gift_card": "GC-1", "net": "50.00"}]
        return hat(event_id, lines=lines, tenders=[{"kind": "card", "amount": "50.00"}])
    return hat(event_id, tenders=[{"kind": "gift_card", "gift_card": "GC-1", "amount": "45.99"}])


def command(book: Book, *events: dict[str, Any], atomic: bool = False) -> Command:
    """Return facts to be recorded together by the bookkeeper."""
    return Command(book.id, BOOKKEEPER, tuple(codec.from_json(e) for e in events), atomic)


def codes(outcomes: list[Any]) -> list[str]:
    """Return what became of each fact: recorded, repeated, or the refusal's code."""
    words = {False: "recorded", True: "repeated"}
    return [
        words[outcome.repeated] if isinstance(outcome, Recorded) else outcome.code
        for outcome in outcomes
    ]


def test_a_repeated_fact_gets_the_first_answer_and_writes_nothing(shop: Shop) -> None:
    first = shop.record(hat("S-1"))
    again = shop.outcome(hat("S-1", channel=None))
    assert (again.repeated, again.entry) == (True, first)
    assert len(shop.entries()) == 1


def test_equal_content_is_equal_however_it_is_written(shop: Shop) -> None:
    shop.record(hat("S-1"))
    written = hat("S-1", tenders=[{"amount": "45.990", "kind": "cash"}], business_date="2026-03-14")
    assert shop.outcome(written).repeated


def test_an_id_with_other_content_is_refused_by_the_field_that_differs(shop: Shop) -> None:
    shop.record(hat("S-1"))
    head = shop.head()
    with pytest.raises(Conflict) as refusal:
        shop.record(hat("S-1", register="till-4"))
    assert (refusal.value.code, refusal.value.facts["field"]) == ("id-reused", "/register")
    assert shop.head() == head


def test_a_refused_fact_leaves_its_id_free(shop: Shop) -> None:
    with pytest.raises(Conflict, match="overdrawn"):
        shop.record(card("S-1", "given"))
    assert shop.head().seq == 0
    assert shop.record(hat("S-1")).seq == 1


def test_repeats_within_one_command_are_recorded_once(shop: Shop) -> None:
    group = command(shop.book, hat("S-1"), hat("S-1"), hat("S-2"), hat("S-2", staff="ana"))
    outcomes = shop.recorder.submit(group).result()
    assert codes(outcomes) == ["recorded", "repeated", "recorded", "id-reused"]


def test_one_fact_sees_what_the_one_before_it_in_the_batch_filled(shop: Shop) -> None:
    group = command(shop.book, card("S-1", "sold"), card("S-2", "given"), card("S-3", "given"))
    outcomes = shop.recorder.submit(group).result()
    assert codes(outcomes) == ["recorded", "recorded", "overdrawn"]


def test_of_an_atomic_command_all_are_recorded_or_none(shop: Shop) -> None:
    shop.record(hat("S-0"))
    defined = {
        "type": "item_defined",
        "id": "I-1",
        "occurred_at": "2026-03-14T14:00:00-04:00",
        "item": "HAT",
        "name": "Hat",
        "category": "Hats",
    }
    group = command(
        shop.book,
        hat("S-1"),
        card("S-2", "sold"),
        defined,
        card("S-3", "given"),
        card("S-4", "given"),
        atomic=True,
    )
    outcomes = shop.recorder.submit(group).result()
    assert codes(outcomes) == ["batch-refused"] * 4 + ["overdrawn"]
    assert shop.head().seq == 1
    with pytest.raises(Conflict, match="overdrawn"):
        shop.record(card("S-5", "given"))
    assert codes(shop.recorder.submit(command(shop.book, defined, atomic=True)).result()) == [
        "recorded"
    ]
    assert shop.head().seq == 2


def test_many_tills_at_once_get_a_gapless_log_and_each_its_own_answer(shop: Shop) -> None:
    with ThreadPoolExecutor(16) as tills:
        entries = list(tills.map(lambda n: shop.record(hat(f"S-{n}"), TILL), range(200)))
    assert sorted(entry.seq for entry in entries) == list(range(1, 201))
    assert [entry.event.id for entry in entries] == [f"S-{n}" for n in range(200)]


def test_two_recorders_write_one_book_without_stepping_on_each_other(
    shop: Shop, database: Engine
) -> None:
    other = Recorder(database)
    try:
        both = (shop.recorder, other)
        with ThreadPoolExecutor(8) as tills:
            list(
                tills.map(
                    lambda n: both[n % 2].record(
                        shop.book.id, TILL, codec.from_json(hat(f"S-{n // 2}"))
                    ),
                    range(200),
                )
            )
    finally:
        other.close()
    assert [entry.seq for entry in shop.entries()] == list(range(1, 101))
    assert_chain_holds(shop)
    assert_kept_in_step(shop)


def assert_chain_holds(shop: Shop) -> None:
    """Recompute the chain from the stored bytes."""
    last = genesis(shop.book.id)
    for entry in shop.entries():
        actor = f"{entry.actor.role}:{entry.actor.key}"
        at = store.to_us(entry.recorded_at)
        last = chain.link(last, shop.book.id, entry.seq, at, actor, entry.body)
        assert last == entry.hash
    assert shop.head().hash == last


def test_the_chain_is_over_the_stored_bytes_and_breaks_where_one_changes(shop: Shop) -> None:
    for number in range(3):
        shop.record(hat(f"S-{number}"))
    assert_chain_holds(shop)
    with transaction(shop.database) as connection:
        changed = EVENT.update().where(EVENT.c.book_id == shop.book.id, EVENT.c.seq == 2)
        body = shop.entries()[1].body.replace(b"40.00", b"41.00")
        connection.execute(changed.values(body=body))
    with pytest.raises(AssertionError):
        assert_chain_holds(shop)


def assert_kept_in_step(shop: Shop) -> None:
    """Compare balances and deltas with the sums of the postings."""
    amount = func.sum(POSTING.c.amount)

    def figures(connection: Any, query: Any) -> list[Any]:
        return sorted(tuple(row) for row in connection.execute(query))

    def compare(connection: Any) -> None:
        of_book = POSTING.c.book_id == shop.book.id
        by_holder = (POSTING.c.account, POSTING.c.holder)
        summed = select(*by_holder, amount, func.sum(POSTING.c.quantity)).where(of_book)
        kept = select(
            BALANCE.c.account,
            BALANCE.c.holder,
            BALANCE.c.debit - BALANCE.c.credit,
            BALANCE.c.quantity,
        ).where(BALANCE.c.book_id == shop.book.id)
        assert figures(connection, summed.group_by(*by_holder)) == figures(connection, kept)
        for grain, unit in ((0, 1), (1, 100), (2, 10_000)):
            bucket = func.floor(POSTING.c.business_date / unit)
            by_bucket = select(POSTING.c.account, bucket, amount).where(of_book)
            moved = func.sum(DELTA.c.debit - DELTA.c.credit)
            deltas = select(DELTA.c.account, DELTA.c.bucket, moved).where(
                DELTA.c.book_id == shop.book.id, DELTA.c.grain == grain
            )
            expected = figures(connection, by_bucket.group_by(POSTING.c.account, bucket))
            found = figures(connection, deltas.group_by(DELTA.c.account, DELTA.c.bucket))
            assert [(a, int(b), int(c)) for a, b, c in expected if c] == [
                (a, b, int(c)) for a, b, c in found if c
            ]

    shop.read(compare)


def test_balances_and_deltas_equal_the_sums_of_the_postings(shop: Shop) -> None:
    shop.record(card("S-1", "sold"))
    shop.record(card("S-2", "given"))
    shop.record(hat("S-3", occurred_at="2025-12-31T20:00:00-05:00"))
    shop.record(hat("S-4", occurred_at="2026-04-01T20:00:00-04:00"))
    assert_kept_in_step(shop)


def test_a_book_opened_anew_gives_the_same_entries_and_settings(
    shop: Shop, database: Engine
) -> None:
    shop.record(hat("S-1", lines=[{"kind": "goods", "item": "NEW", "net": "45.99"}]))
    again = Recorder(database)
    try:
        fact = codec.decode(shop.entries()[0].body)
        repeated = again.record(shop.book.id, BOOKKEEPER, fact)
    finally:
        again.close()
    assert repeated == Recorded(shop.entries()[0], repeated=True)
    settings = shop.read(lambda connection: log.load_settings(connection, shop.book))
    assert settings.items.known("NEW")


def test_a_preview_shows_the_entry_and_stores_nothing(shop: Shop) -> None:
    decision = shop.preview(hat("S-1"))
    assert shop.head().seq == 0
    assert shop.record(hat("S-1")).postings == decision.postings


def test_a_book_that_there_is_not_is_a_refusal(recorder: Recorder) -> None:
    nowhere = Command(404, BOOKKEEPER, (codec.from_json(hat("S-1")),))
    assert codes(recorder.submit(nowhere).result()) == ["book-unknown"]


def test_a_full_queue_turns_facts_away_at_once(shop: Shop, database: Engine) -> None:
    recorder = Recorder(database, queue_limit=1)
    many = command(shop.book, hat("S-1"), hat("S-2"))
    try:
        with transaction(database) as connection:
            store.head(connection, shop.book.id, lock=True)
            taken = [recorder.submit(many)]
            with pytest.raises(Unavailable, match="overloaded"):
                taken.extend(recorder.submit(many) for _ in range(3))
    finally:
        recorder.close()
    answers = [codes(future.result()) for future in taken]
    assert answers[0] == ["recorded", "recorded"]
    assert all(answer == ["repeated", "repeated"] for answer in answers[1:])


def test_what_waits_is_recorded_before_the_recorder_closes(shop: Shop, database: Engine) -> None:
    recorder = Recorder(database)
    futures = [recorder.submit(command(shop.book, hat(f"S-{n}"))) for n in range(20)]
    recorder.close()
    assert [codes(future.result()) for future in futures] == [["recorded"]] * 20
    with pytest.raises(Unavailable, match="closing"):
        recorder.submit(command(shop.book, hat("S-99")))


def test_recorded_time_follows_the_log_even_when_the_clock_goes_back(
    database: Engine, open_book: OpenBook
) -> None:
    book = open_book()
    ticks = iter([5_000_000, 3_000_000, 3_000_001])
    recorder = Recorder(database, clock=lambda: next(ticks))
    try:
        entries = [
            recorder.record(book.id, BOOKKEEPER, codec.from_json(hat(f"S-{n}"))).entry
            for n in range(3)
        ]
    finally:
        recorder.close()
    assert [store.to_us(entry.recorded_at) for entry in entries] == [
        5_000_000,
        5_000_001,
        5_000_002,
    ]


def test_trial_balance_on_any_day_and_across_the_years_end(shop: Shop) -> None:
    shop.record(hat("S-1", occurred_at="2025-12-31T12:00:00-05:00"))
    shop.record(hat("S-2", occurred_at="2026-01-01T12:00:00-05:00"))

    def balances(day: date) -> dict[str, int]:
        def reading(connection: Any) -> dict[str, int]:
            settings = log.load_settings(connection, shop.book)
            rows = reports.trial_balance(connection, shop.book, settings, day)
            return {row.account.role: row.sums.balance for row in rows}

        return shop.read(reading)

    assert balances(date(2025, 12, 30)) == {}
    last_year = {"cash": 4599, "sales": -4000, "sales_tax": -599}
    assert balances(date(2025, 12, 31)) == last_year
    new_year = {"cash": 9198, "sales": -4000, "sales_tax": -1198, "retained_earnings": -4000}
    assert balances(date(2026, 1, 1)) == new_year


def test_the_register_of_an_account_runs_its_balance_from_page_to_page(shop: Shop) -> None:
    for number in range(5):
        shop.record(hat(f"S-{number}"))

    def page(after: Any) -> list[registers.RegisterRow]:
        span = registers.Span(holder="till-3")
        return shop.read(
            lambda connection: registers.postings(
                connection, shop.book.id, ROLES["cash"], span, after=after, limit=3
            )
        )

    first = page(None)
    last = first[-1]
    second = page((last.business_date, last.seq, last.line))
    assert [row.balance for row in first + second] == [4599 * n for n in range(1, 6)]


def test_holders_add_up_to_their_account_now_and_on_a_day(shop: Shop) -> None:
    shop.record(card("S-1", "sold"))
    shop.record(card("S-2", "given"))

    def cards(as_of: date | None) -> dict[str, int]:
        def reading(connection: Any) -> dict[str, int]:
            settings = log.load_settings(connection, shop.book)
            account = settings.account("gift_cards", DAY)
            assert account is not None
            rows = reports.holders(connection, shop.book.id, account, as_of)
            return {row.holder: row.sums.balance for row in rows}

        return shop.read(reading)

    assert cards(None) == cards(DAY) == {"GC-1": -401}
    assert cards(date(2026, 3, 13)) == {}


def test_every_refusal_is_raised_as_itself(shop: Shop) -> None:
    with pytest.raises(LedgerError) as refusal:
        shop.record(card("S-1", "given"))
    assert refusal.value.facts["holder"] == "GC-1"


WALK = re.compile(r"(SCAN \w+|SEARCH (?P<table>\w+) USING [\w ]+ \(book_id=\?\))$")


def test_no_statement_of_the_recording_path_walks_a_book(tmp_path: Path) -> None:
    """A sale costs the same in a long log: every look-up goes by more than the book."""
    database = open_database(f"sqlite:///{tmp_path}/plans.db")
    migrate(database)
    book = quebec()
    with transaction(database) as connection:
        store.create_book(connection, book, now_us=1)
    asked: dict[str, Any] = {}
    listen(database, "before_cursor_execute", lambda *call: asked.setdefault(call[2], call[3]))
    shop = Shop(database, Recorder(database), book)
    shop.record(opened("Z-1", "100.00"))
    shop.record(card("S-1", "sold") | {"session": "Z-1"})
    shop.record(card("S-2", "given"))
    shop.record(a_refund("R-1", "S-2", amount="45.99", tenders=[cash("45.99")]))
    shop.record(closed("Z-1", cash="100.00", card="50.00"))
    with pytest.raises(Conflict, match="already-used"):
        shop.record(reversal("S-1"))
    shop.recorder.close()
    selects = {query: facts for query, facts in asked.items() if query.startswith("SELECT")}
    assert len(selects) > 8
    with database.connect() as connection:
        for query, facts in selects.items():
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", facts)
            walks = [row[3] for row in plan if WALK.match(row[3])]
            small = [walk for walk in walks if "account" in walk or "book" in walk.split()[1]]
            assert walks == small, query
    database.dispose()


def test_a_recorder_reads_on_by_what_another_stored(
    shop: Shop, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each opens the book once, however often they take turns."""
    opened = list[int]()
    really = books.open_book

    def counted(connection: Connection, book_id: int, head: store.Head | None) -> State:
        opened.append(book_id)
        return really(connection, book_id, head)

    monkeypatch.setattr(books, "open_book", counted)
    other = Recorder(database)
    for turn in range(6):
        (shop.recorder, other)[turn % 2].record(
            shop.book.id, BOOKKEEPER, codec.from_json(hat(f"S-{turn}"))
        )
    other.close()
    assert opened == [shop.book.id, shop.book.id]
    assert [entry.event.id for entry in shop.entries()] == [f"S-{turn}" for turn in range(6)]


def test_books_share_a_commit_and_each_keeps_its_own_log(
    database: Engine, open_book: OpenBook
) -> None:
    first, second, third = open_book(), open_book(), open_book()
    recorder = Recorder(database)
    with transaction(database) as connection:
        store.head(connection, first.id, lock=True)
        futures = [recorder.submit(command(first, hat("S-0")))]  # waits for the head
        while recorder.queue.facts:
            pass
        given = [(first, "S-1"), (second, "S-1"), (third, "S-1"), (second, "S-2"), (second, "S-1")]
        futures += [recorder.submit(command(book, hat(name))) for book, name in given]
    answers = [codes(future.result()) for future in futures]
    recorder.close()
    assert answers == [["recorded"]] * 5 + [["repeated"]]
    assert recorder.figures.batches.counts[:4] == [1, 0, 0, 1], "of one fact, and of five"
    with transaction(database) as connection:
        logs = [store.head(connection, book.id) for book in (first, second, third)]
    assert [head and head.seq for head in logs] == [2, 2, 1]


def test_a_fact_that_breaks_stops_neither_its_book_nor_others(
    database: Engine, open_book: OpenBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = open_book(), open_book()

    def brittle(event: Any, *given: Any) -> Any:
        assert event.id != "S-broken", "a defect of ours"
        return decide(event, *given)

    monkeypatch.setattr(outcomes, "decide", brittle)
    recorder = Recorder(database)
    with transaction(database) as connection:
        store.head(connection, first.id, lock=True)
        given = [(first, "S-0"), (first, "S-1"), (second, "S-broken"), (second, "S-1")]
        futures = [recorder.submit(command(book, hat(name))) for book, name in given]
    recorder.close()
    assert [codes(future.result()) for future in (*futures[:2], futures[3])] == [["recorded"]] * 3
    with pytest.raises(AssertionError, match="a defect of ours"):
        futures[2].result()
