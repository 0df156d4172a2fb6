"""Verify finds nothing in a book that is well, and names the place of whatever is not."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Engine, Table, delete, insert, select, update

from ledger.blocks import store as blocks
from ledger.database import transaction
from ledger.events import Event
from ledger.recorder import Recorder
from ledger.replay import scratch
from ledger.replay import store as reading
from ledger.replay import told as told_again
from ledger.tables import (
    ACCOUNT,
    BALANCE,
    BLOCK_DELTA,
    BOOK_HEAD,
    DELTA,
    DEVICE_RUN,
    EVENT,
    EXCEPTION,
    POSTING,
    STOCK,
    STOCK_PLACE,
    SUBJECT,
)
from ledger.verify.findings import Finding, Report
from ledger.verify.verify import verify
from tests.clocks.test_clocks import many_facts, told
from tests.conftest import OpenBook, Shop

FEW = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let blocks be so small that a few facts fill several levels of them; and pages too."""
    monkeypatch.setattr(blocks, "BLOCK", 2)
    monkeypatch.setattr(blocks, "FAN", 2)
    few_at_once(monkeypatch)


def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a few facts fill several pages, and what is remembered of them go to disk at once."""
    monkeypatch.setattr(reading, "PAGE", 5)
    monkeypatch.setattr(scratch, "BATCH", 3)
    monkeypatch.setattr(told_again, "KEPT", 1)


def verified(shop: Shop, **options: Any) -> Report:
    """Verify a book."""
    return verify(shop.database, shop.book, lambda _done, _of: None, **options)


def found(report: Report) -> dict[str, Finding | None]:
    """Return what each check found, of those that are not well."""
    return {check.name: check.finding for check in report.checks if not check.well}


@FEW
@given(facts=many_facts())
def test_a_book_that_was_only_recorded_into_is_well(
    facts: list[Event], database: Engine, recorder: Recorder, open_book: OpenBook
) -> None:
    shop = Shop(database, recorder, open_book())
    model = told(shop, facts)
    report = verified(shop)
    assert found(report) == {}
    assert report.head == len(model.entries)


@pytest.fixture
def store(shop: Shop, fact: Callable[..., Event]) -> Shop:
    """Return a shop that has sold seven hats, one of them offline by a card that was empty."""
    received = {
        "type": "goods_received",
        "id": "G-1",
        "occurred_at": "2026-03-14T08:00:00-04:00",
        "receipt": "R-1",
        "vendor": "Lavoie",
        "location": "laurier",
        "lines": [{"item": "HAT", "quantity": "5", "unit_cost": "10.00"}],
    }
    shop.record(received)
    for number in range(2, 8):
        device = {"device": "till-3", "epoch": 1, "seq": number}
        shop.record(fact(f"S-{number}", device_seq=device))
    card = {"kind": "gift_card", "gift_card": "GC-1", "amount": "45.99"}
    shop.record(fact("S-8", tenders=[card], happened_offline=True))
    return shop


def test_each_check_tells_how_much_it_looked_at(store: Shop) -> None:
    report = verified(store)
    assert found(report) == {}
    looked = {check.name: check.examined for check in report.checks}
    assert looked["chain"] == looked["events"] == looked["entries"] == looked["replay"] == 8
    assert all(looked.values()), looked
    quick = verified(store, replay=False)
    names = [check.name for check in quick.checks]
    assert names == [
        "chain",
        "events",
        "entries",
        "control accounts",
        "balances",
        "deltas",
        "blocks",
    ]


def tamper(shop: Shop, table: Table, chosen: dict[str, Any], **changes: Any) -> None:
    """Change rows behind the product's back; no changes: delete them."""
    rows = [table.c.book_id == shop.book.id, *(table.c[n] == v for n, v in chosen.items())]
    with transaction(shop.database) as connection:
        statement = (
            update(table).where(*rows).values(changes) if changes else delete(table).where(*rows)
        )
        assert connection.execute(statement).rowcount


def body_of(shop: Shop, seq: int) -> bytes:
    """Return the bytes of an event."""
    chosen = select(EVENT.c.body).where(EVENT.c.book_id == shop.book.id, EVENT.c.seq == seq)
    return bytes(shop.read(lambda connection: connection.execute(chosen).scalar_one()))


def test_a_changed_body_breaks_the_chain_where_it_stands(store: Shop) -> None:
    before = store.entries()[3].hash
    tamper(store, EVENT, {"seq": 4}, body=body_of(store, 4).replace(b'"40.00"', b'"41.00"'))
    findings = found(verified(store))
    chain, replay = findings["chain"], findings["replay"]
    assert chain is not None
    assert (chain.what, chain.seq, chain.event, chain.found) == ("hash", 4, "S-4", before.hex())
    assert replay is not None
    assert (replay.what, replay.seq, replay.event) == ("decision", 4, "S-4")
    assert set(findings) == {"chain", "replay"}


def test_a_body_that_is_no_event_ends_the_replay(store: Shop) -> None:
    tamper(store, EVENT, {"seq": 4}, body=b"{}")
    report = verified(store)
    findings = found(report)
    replay, stock = findings["replay"], next(c for c in report.checks if c.name == "stock")
    assert replay is not None
    assert (replay.what, replay.seq) == ("body", 4)
    assert stock.skipped == "the log could not be told again after event 3"


def test_a_missing_event_is_a_hole_in_the_log(store: Shop) -> None:
    tamper(store, EVENT, {"seq": 4})
    chain = found(verified(store))["chain"]
    assert chain == Finding("sequence", "4", "5", seq=5, event="S-5")


def test_a_log_that_lost_its_end_is_told_from_its_head(store: Shop) -> None:
    tamper(store, EVENT, {"seq": 8})
    chain = found(verified(store))["chain"]
    assert chain == Finding("head", "8", "7", seq=8)


def test_a_column_that_says_other_than_its_body(store: Shop) -> None:
    tamper(store, EVENT, {"seq": 5}, register="till-9")
    findings = found(verified(store))
    assert findings == {"events": Finding("register", "till-3", "till-9", seq=5, event="S-5")}


def test_a_changed_posting_is_named_by_its_line_and_holder(store: Shop) -> None:
    chosen = {"seq": 3, "account": "1000"}
    tamper(store, POSTING, chosen, amount=4600)
    findings = found(verified(store))
    entries, replay, balances = (findings[name] for name in ("entries", "replay", "balances"))
    assert entries == Finding("debits less credits", "0", "1", seq=3, event="S-3", currency="CAD")
    assert replay is not None
    assert (replay.what, replay.expected, replay.found) == ("amount", "4599", "4600")
    assert (replay.seq, replay.account, replay.holder) == (3, "1000", "till-3")
    assert balances == Finding(
        "debit", "27595", "27594", account="1000", holder="till-3", currency="CAD"
    )


def test_a_posting_too_many_and_one_too_few(store: Shop) -> None:
    rows = select(POSTING).where(POSTING.c.book_id == store.book.id, POSTING.c.seq == 3)
    first = store.read(lambda connection: connection.execute(rows).mappings().first())
    with transaction(store.database) as connection:
        connection.execute(insert(POSTING).values(dict(first) | {"line": 9}))
    replay = found(verified(store))["replay"]
    assert replay is not None
    assert (replay.what, replay.expected, replay.line) == ("posting", "nothing", 9)
    tamper(store, POSTING, {"seq": 3, "line": 9})
    tamper(store, POSTING, {"seq": 3, "line": 0})
    assert found(verified(store))["entries"] is not None


def test_a_posting_of_no_event_is_counted(store: Shop) -> None:
    rows = select(POSTING).where(POSTING.c.book_id == store.book.id, POSTING.c.seq == 3)
    first = store.read(lambda connection: connection.execute(rows).mappings().first())
    with transaction(store.database) as connection:
        connection.execute(insert(POSTING).values(dict(first) | {"seq": 99}))
    entries = found(verified(store))["entries"]
    assert entries is not None
    assert entries.what == "postings of events"


def test_a_wrong_balance_is_named_by_its_holder(store: Shop) -> None:
    tamper(store, BALANCE, {"account": "1000", "holder": "till-3"}, debit=27593)
    findings = found(verified(store))
    assert findings["balances"] == Finding(
        "debit", "27594", "27593", account="1000", holder="till-3", currency="CAD"
    )
    control = findings["control accounts"]
    assert control == Finding("debit", "27594", "27593", account="1000", currency="CAD")
    assert set(findings) == {"balances", "control accounts"}


def test_a_lost_balance(store: Shop) -> None:
    tamper(store, BALANCE, {"account": "1200"})
    balances = found(verified(store))["balances"]
    assert balances is not None
    assert (balances.expected, balances.found, balances.holder) == ("5000", "nothing", "HAT")


def test_a_wrong_delta_is_named_by_its_day(store: Shop) -> None:
    tamper(store, DELTA, {"grain": 0, "account": "4000"}, credit=1)
    findings = found(verified(store))
    assert set(findings) == {"deltas"}
    delta = findings["deltas"]
    assert delta is not None
    assert delta.place == "grain 0, bucket 20260314"
    assert (delta.what, delta.expected, delta.found, delta.holder) == (
        "credit",
        "28000",
        "1",
        "Hats",
    )


def test_a_wrong_block_is_named_by_its_level(store: Shop) -> None:
    chosen = {"level": 1, "block": 1, "grain": 0, "account": "1000"}
    tamper(store, BLOCK_DELTA, chosen, debit=1)
    findings = found(verified(store))
    block = findings["blocks"]
    assert set(findings) == {"blocks"}
    assert block is not None
    assert block.place == "level 1, block 1, grain 0, bucket 20260314"
    assert (block.expected, block.found) == ("13797", "1")


@pytest.mark.parametrize("grain", [0, 1, 2])
def test_a_wrong_block_of_the_lowest_level_is_named_by_its_bucket(store: Shop, grain: int) -> None:
    chosen = {"level": 0, "block": 2, "grain": grain, "account": "1000"}
    tamper(store, BLOCK_DELTA, chosen, debit=1)
    block = found(verified(store))["blocks"]
    assert block is not None
    assert (block.place or "").startswith(f"level 0, block 2, grain {grain}, bucket ")


@pytest.mark.parametrize(
    ("table", "chosen", "changes", "name", "place"),
    [
        (SUBJECT, {"seq": 1}, {}, "subject", "seq 1"),
        (STOCK, {"item": "HAT"}, {"value": 1}, "stock", "item HAT"),
        (
            STOCK_PLACE,
            {"item": "HAT"},
            {"quantity": 1},
            "stock place",
            "item HAT, location laurier",
        ),
        (
            DEVICE_RUN,
            {"device": "till-3"},
            {"last": 99},
            "device run",
            "device till-3, epoch 1, first 2",
        ),
        (ACCOUNT, {"code": "4000"}, {"role": "sales_returns"}, "account", "code 4000"),
    ],
)
def test_what_else_is_kept_is_compared_with_the_log_told_again(
    store: Shop,
    fact: Callable[..., Event],
    table: Table,
    chosen: dict[str, Any],
    changes: dict[str, Any],
    name: str,
    place: str,
) -> None:
    store.record(fact("S-9", session="Z-1"))
    tamper(store, table, chosen, **changes)
    finding = found(verified(store))[name]
    assert finding is not None
    assert place in (finding.place or "")


def test_a_lost_exception_is_named_by_its_event(store: Shop) -> None:
    tamper(store, EXCEPTION, {"seq": 8})
    findings = found(verified(store))
    assert set(findings) == {"exceptions"}
    exceptions = findings["exceptions"]
    assert exceptions is not None
    assert (exceptions.seq, exceptions.event, exceptions.found) == (8, "S-8", "[]")


def test_a_head_that_points_elsewhere(store: Shop) -> None:
    tamper(store, BOOK_HEAD, {}, hash=b"elsewhere")
    chain = found(verified(store))["chain"]
    assert chain is not None
    assert (chain.what, chain.found) == ("head", store.entries()[-1].hash.hex())
