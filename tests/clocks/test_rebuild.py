"""Rebuild puts right whatever was lost, beside a recorder, all at once or not at all."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Table, delete, select

from ledger.blocks import store as blocks
from ledger.database import transaction
from ledger.errors import Conflict
from ledger.events import Event
from ledger.rebuild import rebuild as rebuilding
from ledger.rebuild.rebuild import Differs, Rebuilt, rebuild
from ledger.recorder import Recorder
from ledger.replay.store import PROJECTIONS, rows_in_order
from ledger.tables import BALANCE, BLOCK_DELTA, DELTA, EVENT, EXCEPTION, POSTING, STOCK, SUBJECT
from tests.clocks.test_verify import body_of, few_at_once, found, tamper, verified
from tests.conftest import BOOKKEEPER, Shop


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let blocks be so small that a few facts fill several levels of them."""
    monkeypatch.setattr(blocks, "BLOCK", 2)
    monkeypatch.setattr(blocks, "FAN", 2)
    monkeypatch.setattr(rebuilding, "CLOSE", 3)
    few_at_once(monkeypatch)


@pytest.fixture
def store_of_hats(shop: Shop, fact: Callable[..., Event]) -> Shop:
    """Return a shop with goods, sales, a gift card, a device and an exception."""
    shop.record(
        {
            "type": "goods_received",
            "id": "G-1",
            "occurred_at": "2026-03-14T08:00:00-04:00",
            "receipt": "R-1",
            "vendor": "Lavoie",
            "lines": [{"item": "HAT", "quantity": "5", "unit_cost": "10.00"}],
        }
    )
    card = [{"kind": "gift_card", "gift_card": "GC-1", "net": "50.00"}]
    paid = [{"kind": "card", "amount": "50.00"}]
    shop.record(fact("S-2", lines=card, tenders=paid))
    for number in range(3, 9):
        device = {"device": "till-3", "epoch": 1, "seq": number}
        shop.record(fact(f"S-{number}", device_seq=device))
    credit = {"kind": "store_credit", "voucher": "V-1", "amount": "45.99"}
    shop.record(fact("S-9", tenders=[credit], happened_offline=True))
    return shop


def rebuilt(shop: Shop, **options: Any) -> Rebuilt:
    """Rebuild a book."""
    return rebuild(shop.database, shop.book, lambda _done, _of: None, **options)


def rows(shop: Shop, tables: tuple[Table, ...] = PROJECTIONS) -> dict[str, list[Any]]:
    """Return everything that is kept in step with a book's log."""
    return shop.read(
        lambda connection: {
            table.name: list(rows_in_order(connection, table, shop.book.id)) for table in tables
        }
    )


@pytest.mark.parametrize("table", PROJECTIONS, ids=lambda table: table.name)
def test_what_was_lost_or_changed_comes_back_row_for_row(store_of_hats: Shop, table: Table) -> None:
    before = rows(store_of_hats)
    of_book = table.c.book_id == store_of_hats.book.id
    with transaction(store_of_hats.database) as connection:
        connection.execute(delete(table).where(of_book))
    done = rebuilt(store_of_hats)
    assert {name: count for name, count in done.rows.items() if count} == {
        table.name: len(before[table.name])
    }
    assert rows(store_of_hats) == before
    assert found(verified(store_of_hats)) == {}
    assert store_of_hats.head().generation == done.generation == 1


def test_rows_that_are_wrong_and_rows_too_many_are_put_right(store_of_hats: Shop) -> None:
    before = rows(store_of_hats)
    tamper(store_of_hats, BALANCE, {"account": "1000"}, debit=1)
    tamper(store_of_hats, DELTA, {"grain": 2, "account": "4000"}, holder="Caps")
    tamper(store_of_hats, BLOCK_DELTA, {"level": 1, "block": 0, "grain": 0}, credit=7)
    tamper(store_of_hats, STOCK, {"item": "HAT"}, quantity=1)
    tamper(store_of_hats, SUBJECT, {"seq": 1}, name="R-2")
    tamper(store_of_hats, EXCEPTION, {"seq": 9}, cause="other")
    rebuilt(store_of_hats)
    assert rows(store_of_hats) == before


def test_what_is_told_while_the_head_is_held_is_compared_too(
    store_of_hats: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "CLOSE", 100)
    before = rows(store_of_hats)
    for table in (SUBJECT, EXCEPTION, BLOCK_DELTA):
        tamper(store_of_hats, table, {})
    rebuilt(store_of_hats)
    assert rows(store_of_hats) == before


def test_a_book_that_is_well_is_left_alone(store_of_hats: Shop) -> None:
    assert not any(rebuilt(store_of_hats).rows.values())
    assert found(verified(store_of_hats)) == {}


def test_it_works_beside_a_recorder_that_goes_on(
    store_of_hats: Shop, fact: Callable[..., Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = store_of_hats
    with transaction(shop.database) as connection:
        for table in (BALANCE, DELTA, BLOCK_DELTA):
            connection.execute(delete(table).where(table.c.book_id == shop.book.id))
    monkeypatch.setattr(rebuilding, "_until_close", _meanwhile(shop, fact))
    until, tills = [True], list[Thread]()

    def sell(till: int) -> None:
        number = 0
        while until:
            number += 1
            shop.recorder.record(shop.book.id, BOOKKEEPER, fact(f"T-{till}-{number}"))

    tills = [Thread(target=sell, args=(till,)) for till in range(3)]
    for thread in tills:
        thread.start()
    try:
        done = rebuilt(shop)
    finally:
        until.clear()
        for thread in tills:
            thread.join()
    assert done.head > 9
    assert found(verified(shop)) == {}


def _meanwhile(shop: Shop, fact: Callable[..., Event]) -> Callable[..., Any]:
    """Return the wait for the end of the log, with sales recorded between its looks."""
    waiting = rebuilding._until_close

    def looked(*of: Any) -> Any:
        for number, head in enumerate(waiting(*of)):
            if number < 3:
                for sale in range(4):
                    shop.record(fact(f"M-{number}-{sale}"))
            yield head

    return looked


def test_a_warm_recorder_forgets_what_it_knew_before(
    store_of_hats: Shop, fact: Callable[..., Event]
) -> None:
    shop = store_of_hats
    tamper(shop, BALANCE, {"account": "2100", "holder": "GC-1"}, credit=0)
    recorder = Recorder(shop.database)
    card = {"kind": "gift_card", "gift_card": "GC-1", "amount": "45.99"}
    try:
        with pytest.raises(Conflict, match="overdrawn"):
            recorder.record(shop.book.id, BOOKKEEPER, fact("S-10", tenders=[card]))
        rebuilt(shop)
        assert (
            recorder.record(shop.book.id, BOOKKEEPER, fact("S-10", tenders=[card])).entry.seq == 10
        )
    finally:
        recorder.close()


def test_postings_that_the_log_does_not_bear_out_are_put_right_when_asked(
    store_of_hats: Shop,
) -> None:
    before = rows(store_of_hats, (POSTING, *PROJECTIONS))
    tamper(store_of_hats, POSTING, {"seq": 4, "account": "1000"}, amount=4600)
    changed = rows(store_of_hats, (POSTING, *PROJECTIONS))
    with pytest.raises(Differs) as refused:
        rebuilt(store_of_hats)
    assert (refused.value.finding.seq, refused.value.finding.holder) == (4, "till-3")
    assert rows(store_of_hats, (POSTING, *PROJECTIONS)) == changed
    rebuilt(store_of_hats, postings=True)
    assert rows(store_of_hats, (POSTING, *PROJECTIONS)) == before


def test_a_broken_chain_is_not_built_upon(store_of_hats: Shop) -> None:
    body = body_of(store_of_hats, 4).replace(b'"till-3"', b'"till-4"')
    tamper(store_of_hats, EVENT, {"seq": 4}, body=body)
    with pytest.raises(Differs) as refused:
        rebuilt(store_of_hats, postings=True)
    assert (refused.value.check, refused.value.finding.seq) == ("chain", 4)
    assert store_of_hats.head().generation == 0


def test_a_log_that_lost_its_end_is_not_built_upon(store_of_hats: Shop) -> None:
    tamper(store_of_hats, EVENT, {"seq": 9})
    with pytest.raises(Differs) as refused:
        rebuilt(store_of_hats)
    assert (refused.value.check, refused.value.finding.seq) == ("chain", 9)


KILLED = """
import os, signal, sys
from ledger import store
from ledger.blocks import store as blocks
from ledger.database import open_database, snapshot
from ledger.rebuild import rebuild as rebuilding

blocks.BLOCK = blocks.FAN = 2
database = open_database(sys.argv[1])
with snapshot(database) as connection:
    book = store.find_book(connection, int(sys.argv[2]))
rebuilding.begin_generation = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
rebuilding.rebuild(database, book, lambda *_: None)
"""


def test_killed_in_the_middle_it_leaves_what_was_there_and_works_the_next_time(
    store_of_hats: Shop, tmp_path: Path, fact: Callable[..., Event]
) -> None:
    shop = store_of_hats
    before = rows(shop)
    tamper(shop, BALANCE, {"account": "1000"}, debit=1)
    with transaction(shop.database) as connection:
        connection.execute(delete(DELTA).where(DELTA.c.book_id == shop.book.id))
    wrong = rows(shop)
    url = shop.database.url.render_as_string(hide_password=False)
    run = subprocess.run(
        [sys.executable, "-c", KILLED, url, str(shop.book.id)],
        check=False,
        env=os.environ | {"TMPDIR": str(tmp_path)},
        cwd=Path(__file__).parents[2],
    )
    assert run.returncode == -signal.SIGKILL
    assert rows(shop) == wrong
    assert shop.head().generation == 0
    rebuilt(shop)
    assert rows(shop) == before
    shop.record(fact("S-10"))
    assert found(verified(shop)) == {}


def test_a_book_that_was_never_sealed_gets_its_blocks(store_of_hats: Shop) -> None:
    chosen = BLOCK_DELTA.c.book_id == store_of_hats.book.id
    kept = select(BLOCK_DELTA).where(chosen)
    written = store_of_hats.read(lambda connection: len(connection.execute(kept).all()))
    with transaction(store_of_hats.database) as connection:
        connection.execute(delete(BLOCK_DELTA).where(chosen))
    assert rebuilt(store_of_hats).rows["block_delta"] == written
