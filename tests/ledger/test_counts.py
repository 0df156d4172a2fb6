"""Stock counted and carried from place to place (5.8)."""

from typing import Any

from ledger.events import Event
from ledger.postings import Caveat
from tests.builders import a_receipt, a_sale, fact, goods, item, reversal
from tests.ledger.memory import TILL, Memory
from tests.ledger.refusals import faults
from tests.notation import booked, journal


def counted(id_: str = "N-1", /, location: str | None = None, **items: str) -> Event:
    """Return a count: how many there are of each item."""
    lines = [{"item": name, "counted": many} for name, many in items.items()]
    return fact("stock_counted", id_, lines=lines, location=location)


def carried(id_: str, item_: str, many: str, source: str, goal: str, **fields: Any) -> Event:
    """Return stock carried from one place to another."""
    lines = [{"item": item_, "quantity": many}]
    places = {"from_location": source, "to_location": goal}
    return fact("stock_moved", id_, lines=lines, **places, **fields)


def places(ledger: Memory, item_: str = "HAT") -> dict[str, int]:
    """Return how many units each place holds."""
    held = {at: ledger.stock_at(item_, at) // 1_000_000 for at in ("", "laurier", "mile-end")}
    return {at: many for at, many in held.items() if many}


def test_a_count_books_the_difference_at_average(ledger: Memory) -> None:
    ledger.record(a_receipt("G-1", ("HAT", "3", "10.00"), ("CAP", "4", "5.00")))
    ledger.record(a_receipt("G-2", ("HAT", "3", "12.00")))
    entry = ledger.record(counted(HAT="4", CAP="5"), TILL)
    assert booked(entry) == journal(
        """
        Dr stock_adjustments HAT 22.00 / Cr inventory HAT 22.00 x 2
        Dr inventory CAP 5.00 x 1 / Cr stock_adjustments CAP 5.00
        """
    )


def test_a_count_of_nothing_takes_the_last_cent(ledger: Memory) -> None:
    ledger.record(a_receipt("G-1", ("HAT", "3", "3.335")))
    entry = ledger.record(counted(HAT="0"))
    assert booked(entry) == journal("Dr stock_adjustments HAT 10.01 / Cr inventory HAT 10.01 x 3")


def test_a_count_that_agrees_books_nothing(ledger: Memory) -> None:
    ledger.record(a_receipt("G-1", ("HAT", "3", "10.00")))
    assert booked(ledger.record(counted(HAT="3"))) == []


def test_a_count_is_of_its_location_where_one_is_named(ledger: Memory) -> None:
    """Else of the whole book, wherever the goods are."""
    ledger.record(a_receipt("G-1", ("HAT", "5", "10.00"), location="laurier"))
    ledger.record(a_receipt("G-2", ("HAT", "5", "10.00"), location="mile-end"))
    short = ledger.record(counted("N-1", "laurier", HAT="4"))
    assert "Cr inventory HAT 10.00 x 1" in booked(short)
    assert places(ledger) == {"laurier": 4, "mile-end": 5}
    assert booked(ledger.record(counted("N-2", HAT="9"))) == []
    found = ledger.record(counted("N-3", HAT="10"))
    assert "Dr inventory HAT 10.00 x 1" in booked(found)
    assert places(ledger) == {"": 1, "laurier": 4, "mile-end": 5}


def test_what_is_found_of_goods_below_zero_trues_them_up(ledger: Memory) -> None:
    """At the last average: nothing is left to correct."""
    ledger.record(a_receipt("G-1", ("HAT", "1", "10.00")))
    ledger.record(a_sale("S-1", [goods("0", "Hats", item="HAT", quantity="3")], []))
    entry = ledger.record(counted(HAT="1"))
    assert booked(entry) == journal("Dr inventory HAT 30.00 x 3 / Cr stock_adjustments HAT 30.00")
    assert (ledger.stock("HAT").quantity, ledger.stock("HAT").value) == (1_000_000, 1000)


def test_what_was_never_received_is_counted_at_nothing(ledger: Memory) -> None:
    entry = ledger.record(counted(PIN="5"))
    assert booked(entry) == journal("Dr inventory PIN 0.00 x 5")
    assert entry.caveats == (Caveat("unknown-item", "PIN"),)
    sale = a_sale("S-1", [goods("0", "Pins", item="PIN")], [])
    assert booked(ledger.record(sale)) == []


def test_a_reversal_of_a_count_restores_what_was_there(ledger: Memory) -> None:
    ledger.record(a_receipt("G-1", ("HAT", "3", "10.00"), location="laurier"))
    before = ledger.balances()
    ledger.record(counted("N-1", "laurier", HAT="1"))
    ledger.record(reversal("N-1"))
    assert ledger.balances() == before
    assert places(ledger) == {"laurier": 3}


def test_stock_is_carried_without_value(ledger: Memory) -> None:
    ledger.record(a_receipt("G-1", ("HAT", "5", "10.00"), location="laurier"))
    moved = ledger.record(carried("W-1", "HAT", "2", "laurier", "mile-end"), TILL)
    assert booked(moved) == journal("Cr inventory HAT 0.00 x 2 / Dr inventory HAT 0.00 x 2")
    assert places(ledger) == {"laurier": 3, "mile-end": 2}
    assert (ledger.stock("HAT").quantity, ledger.stock("HAT").value) == (5_000_000, 5000)
    ledger.record(reversal("W-1"))
    assert places(ledger) == {"laurier": 5}


def test_a_place_may_go_below_zero(ledger: Memory) -> None:
    ledger.record(a_receipt("G-1", ("HAT", "1", "10.00"), location="laurier"))
    ledger.record(carried("W-1", "HAT", "2", "mile-end", "laurier"))
    assert places(ledger) == {"laurier": 3, "mile-end": -2}


def test_carrying_leaves_the_last_average_as_it_was(ledger: Memory) -> None:
    """Sold out at 10.00; carried and back; what is sold below zero still costs 10.00."""
    ledger.record(item("HAT", "Hats"))
    ledger.record(a_receipt("G-1", ("HAT", "1", "10.00"), location="laurier"))
    ledger.record(a_sale("S-1", [goods("0", item="HAT")], []))
    ledger.record(carried("W-1", "HAT", "2", "laurier", "mile-end"))
    ledger.record(reversal("W-1"))
    below = ledger.record(a_sale("S-2", [goods("0", item="HAT")], []))
    assert booked(below) == journal("Dr cost_of_goods Hats 10.00 / Cr inventory HAT 10.00 x 1")


def test_what_is_refused(ledger: Memory) -> None:
    twice = [{"item": "HAT", "counted": "1"}, {"item": "HAT", "counted": "2"}]
    assert faults(ledger, fact("stock_counted", "N-1", lines=twice)) == {
        "/lines/1/item": "named-twice"
    }
    assert faults(ledger, carried("W-1", "HAT", "0", "laurier", "laurier")) == {
        "/to_location": "same-location",
        "/lines/0/quantity": "zero",
    }
