"""What is kept in step with the log, on both databases: devices, places, foreign money."""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import select, update

from ledger import codec
from ledger.database import migrate, open_database, snapshot, transaction
from ledger.devices import Run
from ledger.errors import Conflict
from ledger.exceptions.store import exceptions
from ledger.kept import store as kept
from ledger.log import store as log
from ledger.log.store import EventFilters
from ledger.tables import BOOK_HEAD, EVENT
from tests.builders import a_gift_card, a_receipt, a_sale, card, fact, gift_card, goods
from tests.conftest import Shop
from tests.test_database import empty

__all__ = ["empty"]

USD = {"currency": "USD", "rate": "1.30"}


def _counted(number: int, device: str = "till-3") -> dict[str, Any]:
    return {"device_seq": {"device": device, "epoch": 1, "seq": number}}


def test_the_runs_of_a_device_are_kept(shop: Shop) -> None:
    """A number that fills a hole joins two runs; a refused fact leaves its number missing."""
    for number in (1, 2, 4, 6):
        shop.record(a_sale(f"S-{number}", **_counted(number)))
    with pytest.raises(Conflict):
        shop.record(a_sale("S-7", tenders=[gift_card("GC-9", "45.99")], **_counted(7)))
    shop.record(a_sale("S-3", **_counted(3)))
    runs = shop.read(lambda c: kept.runs_of(c, shop.book.id, "till-3", 1))
    assert runs.runs == [Run(1, 4, 20260314, 20260314), Run(6, 6, 20260314, 20260314)]


def test_places_hold_what_moved_there(shop: Shop) -> None:
    shop.record(a_receipt("G-1", ("HAT", "10", "18.25"), location="laurier"))
    shop.record(a_receipt("G-2", ("HAT", "4", "18.25")))
    shop.record(a_sale("S-1", [goods("45.99", item="HAT")], location="laurier"))

    def held(location: str) -> int:
        return shop.read(lambda c: kept.stock_at(c, shop.book.id, "HAT", location))

    assert (held("laurier"), held(""), held("villeray")) == (9_000_000, 4_000_000, 0)
    assert shop.read(lambda c: kept.stock_of(c, shop.book.id, "HAT")).quantity == 13_000_000


def test_foreign_balances_keep_both_amounts_whoever_records(shop: Shop) -> None:
    """A recorder that starts anew reads what a warm one knew."""
    shop.record(a_gift_card("GC-1", "50.00", **USD))
    shop.recorder._warm.forget()
    drawn = a_sale(
        "S-1", [goods("20.00")], [gift_card("GC-1", "20.00")], currency="USD", rate="1.2"
    )
    homes = {posting.role: posting.at_home for posting in shop.record(drawn).postings}
    assert homes == {"gift_cards": 2600, "sales": -2400, "exchange_gain_loss": -200}
    (stored,) = [entry for entry in shop.entries() if entry.event.id == "S-1"]
    assert {posting.role: posting.at_home for posting in stored.postings} == homes
    held = shop.read(lambda c: kept.balance_of(c, shop.book.id, ["2100"], "GC-1", "USD"))
    assert held == (-3000, -3900)


def test_a_late_fact_keeps_its_stated_day_in_its_bytes(shop: Shop) -> None:
    """It is repeated as it was stated, even when the period was opened since."""
    shop.record(fact("period_closed", "close", on="2026-04-02", through="2026-03-31"))
    late = a_sale("S-1", on="2026-03-14", happened_offline=True)
    assert shop.record(late).event.business_date == date(2026, 4, 1)
    (stored,) = [entry for entry in shop.entries() if entry.event.id == "S-1"]
    assert stored.event.business_date == date(2026, 4, 1)
    assert codec.decode(stored.body).business_date == date(2026, 3, 14)
    assert shop.outcome(late).repeated
    shop.record(fact("period_reopened", "open", on="2026-04-02", through="2026-03-31"))
    assert shop.outcome(late).repeated


def test_a_reversal_is_repeated_as_it_was_first_stated(shop: Shop) -> None:
    """Its day was filled in then; that the day is closed since makes it no other fact."""
    shop.record(a_sale("S-1", on="2026-03-14"))
    back = fact("event_reversed", "X-1", reverses="S-1", reason="mistake")
    shop.record(back)
    shop.record(fact("period_closed", "close", on="2026-04-02", through="2026-03-31"))
    assert shop.outcome(back).repeated


def test_cleared_exceptions_leave_the_list(shop: Shop) -> None:
    """They come back when the clearing is taken back."""
    shop.record(a_sale("S-1", [goods("45.99", None)], [card("45.99", "klarna")]))

    def listed() -> list[str]:
        found = shop.read(lambda c: exceptions(c, shop.book.id))
        return [exception.caveat.cause for exception in found]

    assert listed() == ["unknown-method"]
    line = {"account": "bank", "debit": "45.99"}
    cleared = fact("exception_cleared", "C-1", exception="S-1:0", lines=[line], reason="seen")
    shop.record(cleared)
    assert listed() == []
    shop.record(fact("event_reversed", "X-1", reverses="C-1", reason="wrong"))
    assert listed() == ["unknown-method"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("location", "laurier"), ("staff", "Ana"), ("channel", "web"), ("order", "O-7")],
)
def test_facts_are_found_by_their_dimensions(shop: Shop, field: str, value: str) -> None:
    first: dict[str, Any] = {field: value}
    shop.record(a_sale("S-1", **first))
    second: dict[str, Any] = {field: "other"}
    shop.record(a_sale("S-2", **second))
    filters = EventFilters(**first)
    found = shop.read(lambda c: log.search(c, shop.book.id, filters))
    assert [entry.event.id for entry in found] == ["S-1"]


def test_what_a_book_learned_is_known_after_a_restart(shop: Shop) -> None:
    """Each unknown item, tax and category is an exception once, whoever records."""
    lines = [goods("40.00", "Hoods", item="HOOD", taxes=[{"tax": "LUX", "amount": "5.99"}])]
    first = shop.record(a_sale("S-1", lines, [card("45.99", None)]))
    assert {c.cause for c in first.caveats} == {"unknown-item", "unknown-tax", "unknown-category"}
    shop.recorder._warm.forget()
    assert shop.record(a_sale("S-2", lines, [card("45.99", None)])).caveats == ()


def test_a_rebuilt_book_is_read_anew(shop: Shop) -> None:
    """A warm recorder forgets what it knows when the generation moves on."""
    shop.record(a_gift_card("GC-1", "50.00"))
    warm = shop.recorder._warm.all_of([shop.book.id])
    assert warm is not None
    with transaction(shop.database) as connection:
        of_book = update(BOOK_HEAD).where(BOOK_HEAD.c.book_id == shop.book.id)
        connection.execute(of_book.values(generation=BOOK_HEAD.c.generation + 1))
    shop.record(a_sale("S-1", [goods("50.00")], [gift_card("GC-1", "50.00")]))
    anew = shop.recorder._warm.all_of([shop.book.id])
    assert anew is not None
    assert anew[shop.book.id] is not warm[shop.book.id]


def test_an_older_log_says_what_it_is_asked_today(empty: str) -> None:
    """Dimensions are read out of the bytes, places out of the postings, subjects out of both."""
    sold = a_gift_card("GC-1", "50.00", "S-1", staff="Ana", order="O-7")
    stated = replace(sold, currency="CAD", business_date=date(2026, 3, 14))
    rows = {
        "book": (1, "x", "CA", "QC", "CAD", "America/Toronto", "00:00", "en", 1, 1),
        "account": (1, "1200", "inventory"),
        "event": (1, 1, "S-1", "sale_completed", 20260314, 1, "pos:k", codec.encode(stated), b"-"),
        "posting": (1, 1, 0, "1200", "HAT", "CAD", -1825, -1_000_000, 20260314, "laurier"),
    }
    columns = {
        "event": "(book_id, seq, event_id, type, business_date, recorded_us, actor, body, hash)"
    }
    database = open_database(empty)
    migrate(database, "0003")
    mark = "%s" if database.dialect.name == "postgresql" else "?"
    with database.begin() as connection:
        for table, row in rows.items():
            marks = ", ".join(mark for _ in row)
            into = f"INSERT INTO {table} {columns.get(table, '')} VALUES ({marks})"  # noqa: S608 - our own names
            connection.exec_driver_sql(into, row)
    migrate(database)
    with snapshot(database) as connection:
        dimensions = (EVENT.c.staff, EVENT.c.order_ref, EVENT.c.channel)
        assert connection.execute(select(*dimensions)).one() == ("Ana", "O-7", None)
        assert kept.stock_at(connection, 1, "HAT", "laurier") == -1_000_000
        found = log.entries_about(connection, 1, "gift_card", "GC-1")
        assert [entry.event.id for entry in found] == ["S-1"]
    database.dispose()
