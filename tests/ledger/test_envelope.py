"""What every fact has: its day, its currency, its id, its place."""

from datetime import date, datetime, timedelta

import pytest
from msgspec.structs import replace

from ledger.book import Book
from tests.builders import a_credit, a_receipt, a_sale, cash, goods, opened
from tests.ledger.memory import MONTREAL, Memory
from tests.ledger.refusals import conflict, faults
from tests.notation import booked

NIGHT_BAR = replace(MONTREAL, day_starts="04:30", fiscal_year_starts=4)


@pytest.mark.parametrize(
    ("book", "at", "day"),
    [
        (MONTREAL, "2026-03-14T23:59:59-04:00", "2026-03-14"),
        (MONTREAL, "2026-03-15T03:59:59Z", "2026-03-14"),
        (MONTREAL, "2026-03-15T04:00:00Z", "2026-03-15"),
        (NIGHT_BAR, "2026-03-15T04:29:59-04:00", "2026-03-14"),
        (NIGHT_BAR, "2026-03-15T04:30:00-04:00", "2026-03-15"),
    ],
)
def test_the_shops_day_is_local_and_starts_when_it_opens(book: Book, at: str, day: str) -> None:
    ledger = Memory(book)
    entry = ledger.record(a_sale(occurred_at=at))
    assert str(entry.event.business_date) == day
    ends = book.day_ends(date.fromisoformat(day))
    assert ends - timedelta(days=1) <= datetime.fromisoformat(at) < ends


@pytest.mark.parametrize(
    ("at", "day"),
    [("05:15", 31), ("05:45", 1), ("06:15", 31), ("06:45", 1)],
)
def test_an_hour_that_the_clock_shows_twice_is_of_two_days_twice(at: str, day: int) -> None:
    """Of a day that starts within the hour at which summer time ends."""
    late = replace(MONTREAL, day_starts="01:30")
    assert late.business_date(datetime.fromisoformat(f"2026-11-01T{at}:00+00:00")).day == day


def test_a_fact_may_state_its_day(ledger: Memory) -> None:
    entry = ledger.record(a_sale(business_date="2026-02-28"))
    assert entry.event.day() == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("day", "first"), [("2026-03-31", "2025-04-01"), ("2026-04-01", "2026-04-01")]
)
def test_a_fiscal_year_starts_in_its_month(day: str, first: str) -> None:
    assert str(NIGHT_BAR.fiscal_year_start(date.fromisoformat(day))) == first


@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1899-12-31T12:00:00Z"]
)
def test_an_instant_out_of_all_reason_is_refused(ledger: Memory, at: str) -> None:
    assert faults(ledger, a_sale(occurred_at=at)) == {"/occurred_at": "date-out-of-range"}


@pytest.mark.parametrize("day", ["1899-12-31", "2200-01-01", "9999-12-31"])
def test_a_day_out_of_all_reason_is_refused(ledger: Memory, day: str) -> None:
    assert faults(ledger, a_sale(business_date=day)) == {"/business_date": "date-out-of-range"}


def test_another_currency_asks_for_its_rate(ledger: Memory) -> None:
    """Other faults are told at the same time."""
    ledger.record(a_sale("S-0", currency="CAD"))
    assert faults(ledger, a_sale(currency="USD")) == {"/rate": "rate-required"}
    assert faults(ledger, a_sale(currency="ZZZ", tenders=[cash("1.00")])) == {
        "/currency": "currency-unknown",
        "/tenders": "tenders-differ",
    }


@pytest.mark.parametrize(
    ("currency", "amount", "finer"), [("JPY", "1500", "1500.5"), ("KWD", "1.500", "1.5005")]
)
def test_amounts_have_the_currencys_decimals(currency: str, amount: str, finer: str) -> None:
    ledger = Memory(replace(MONTREAL, currency=currency))
    entry = ledger.record(a_sale("S-1", [goods(net=amount)], [cash(amount)]))
    assert f"Cr sales Hats {amount}" in booked(entry)
    assert faults(ledger, a_sale("S-2", [goods(net=finer)], [cash(finer)])) == {
        "/lines/0/net": "too-many-decimals",
        "/tenders/0/amount": "too-many-decimals",
    }


def test_store_credit_is_a_vouchers_or_a_customers(ledger: Memory) -> None:
    """By hand it is an expense."""
    entry = ledger.record(a_credit("C-1", "25.00", voucher=None, customer="C-9"))
    assert booked(entry) == ["Cr store_credit C-9 25.00", "Dr store_credit_expense 25.00"]
    nobodys = a_credit("C-2", "0.001", voucher=None)
    assert faults(ledger, nobodys) == {"/voucher": "required", "/amount": "too-many-decimals"}
    spent = {"kind": "store_credit", "amount": "25.00"}
    ledger.record(a_sale("S-1", [goods("25.00")], [spent], customer="C-9"))
    again = a_sale("S-2", [goods("25.00")], [spent], customer="C-9")
    assert conflict(ledger, again)["available"] == "0.00"


def test_subjects_are_how_later_facts_find_earlier_ones(ledger: Memory) -> None:
    ledger.record(a_receipt("G-1", ("HAT", "1", "1.00")))
    ledger.record(opened())
    assert [entry.event.id for entry in ledger.about("receipt", "G-1")] == ["G-1"]
    assert [entry.event.id for entry in ledger.about("session", "Z-1")] == ["open-Z-1"]
