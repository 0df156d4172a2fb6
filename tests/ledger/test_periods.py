"""Closed periods: no fact is of their days; offline ones move to the first open day."""

from datetime import date

from ledger.postings import Caveat
from tests.builders import a_sale, fact
from tests.ledger.memory import TILL, Memory
from tests.ledger.refusals import conflict, faults, forbidden
from tests.notation import booked, journal


def _close(ledger: Memory, id_: str, through: str) -> None:
    ledger.record(fact("period_closed", id_, on="2026-04-02", through=through))


def test_a_fact_of_a_closed_day_is_refused_with_the_first_open_day(ledger: Memory) -> None:
    _close(ledger, "close", "2026-03-31")
    refused = conflict(ledger, a_sale("S-1", on="2026-03-31"))
    assert refused["code"] == "day-closed"
    assert (refused["day"], refused["first_open"]) == ("2026-03-31", "2026-04-01")
    assert ledger.record(a_sale("S-1", on="2026-04-01")).seq == 2


def test_what_happened_offline_is_booked_on_the_first_open_day(ledger: Memory) -> None:
    """The day that it states stays in the fact as it was received, and a person is told."""
    _close(ledger, "close", "2026-03-31")
    entry = ledger.record(a_sale("S-1", on="2026-03-14", happened_offline=True))
    assert entry.event.business_date == date(2026, 4, 1)
    assert b'"business_date":"2026-03-14"' in entry.body
    assert Caveat("closed-day-offline", "2026-03-14") in entry.caveats


def test_days_that_no_fact_can_be_of_are_not_closed(ledger: Memory) -> None:
    """There is a first open day after every closing."""
    never = fact("period_closed", "never", through="9999-12-31")
    assert faults(ledger, never) == {"/through": "date-out-of-range"}
    _close(ledger, "close", "2199-12-30")
    assert ledger.record(a_sale("S-1", business_date="2199-12-31")).seq == 2


def test_a_closing_is_withdrawn_and_an_earlier_one_holds_on(ledger: Memory) -> None:
    _close(ledger, "february", "2026-02-28")
    _close(ledger, "march", "2026-03-31")
    reopened = fact("period_reopened", "open", on="2026-04-02", through="2026-03-31")
    assert ledger.record(reopened).postings == ()
    ledger.record(a_sale("S-1", on="2026-03-14"))
    assert conflict(ledger, a_sale("S-2", on="2026-02-28"))["first_open"] == "2026-03-01"


def test_what_is_closed_already_or_not_at_all(ledger: Memory) -> None:
    _close(ledger, "march", "2026-03-31")
    again = fact("period_closed", "again", on="2026-04-02", through="2026-03-14")
    assert conflict(ledger, again)["code"] == "period-closed-already"
    never = fact("period_reopened", "open", on="2026-04-02", through="2026-02-28")
    assert conflict(ledger, never)["code"] == "period-not-closed"


def test_a_reversal_goes_to_the_first_open_day(ledger: Memory) -> None:
    """By itself; a closed day that it states is refused."""
    ledger.record(a_sale("S-1", on="2026-03-14"))
    _close(ledger, "march", "2026-03-31")
    stated = fact("event_reversed", "X-0", reverses="S-1", reason="x", business_date="2026-03-20")
    assert conflict(ledger, stated)["code"] == "day-closed"
    entry = ledger.record(fact("event_reversed", "X-1", reverses="S-1", reason="mistake"))
    assert entry.event.business_date == date(2026, 4, 1)
    assert "Cr clearing card 45.99" in booked(entry)


def test_periods_are_the_bookkeepers(ledger: Memory) -> None:
    closing = fact("period_closed", "close", through="2026-02-28")
    assert forbidden(ledger, closing, TILL)["what"] == "period_closed"


def test_configuration_is_of_any_day(ledger: Memory) -> None:
    """It has no entry: what is booked stays as it is."""
    _close(ledger, "march", "2026-03-31")
    late = fact("policy_set", "policy", on="2026-03-14", policy="blind_refunds", value="accept")
    assert booked(ledger.record(late)) == journal("")
