"""What must hold whatever happens in a shop (`accounting.md` 7)."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ledger import codec
from ledger.accounts import past_zero
from ledger.errors import Conflict, Invalid, LedgerError
from ledger.events import Event
from ledger.events.base import Entry
from ledger.events.booking import BookingCancelled, NoShowRecorded
from ledger.events.clearing import ExceptionCleared
from ledger.events.configuration import ConfiguringEvent
from ledger.events.deposit_state import deposit_left
from ledger.events.invoice import InvoiceRevised, InvoiceVoided
from ledger.events.payment import PaymentBounced
from ledger.events.reversal import EventReversed
from ledger.postings import Posting
from tests.builders import reversal
from tests.ledger.memory import LONDON, MONTREAL, Memory
from tests.strategies import ENGLAND, QUEBEC, events, histories

SHOPS = pytest.mark.parametrize(
    ("book", "region"), [(MONTREAL, QUEBEC), (LONDON, ENGLAND)], ids=["Montréal", "London"]
)
_FROM_SUSPENSE = (
    EventReversed,
    ExceptionCleared,
    PaymentBounced,
    InvoiceVoided,
    InvoiceRevised,
    NoShowRecorded,
    BookingCancelled,
)
FACTS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def told(ledger: Memory, facts: list[Event]) -> list[Entry]:
    """Record what can be recorded."""
    entries = []
    for fact in facts:
        try:
            entries.append(ledger.record(fact))
        except LedgerError as refusal:
            event(f"{fact.__struct_config__.tag}: {refusal.code}")
    return entries


@SHOPS
@FACTS
@given(data=st.data())
def test_every_entry_balances_and_no_holder_goes_past_zero(
    book: object, region: object, data: st.DataObject
) -> None:
    ledger = Memory(book)  # type: ignore[arg-type]  # given by name
    facts = data.draw(events(5, 25, region))  # type: ignore[arg-type]  # given by name
    stood = set[str]()
    for entry in told(ledger, facts):
        assert balanced(entry.postings)
        assert all(posting.account and posting.currency for posting in entry.postings)
        suspended = Counter(p.holder for p in entry.postings if p.role == "suspense")
        named = {c.subject for c in entry.caveats} | {f"method:{c.subject}" for c in entry.caveats}
        known = stood if isinstance(entry.event, _FROM_SUSPENSE) else set[str]()
        assert set(suspended) <= named | known
        stood |= set(suspended)
    for (role, holder), balance in ledger.balances().items():
        account = ledger.settings.account(role, entry_day(ledger))
        assert account is not None
        assert past_zero(account, holder, balance) == 0


def balanced(postings: Iterable[Posting]) -> bool:
    """Tell whether debits are credits, in each currency and at home."""
    home, sums = 0, Counter[str]()
    for posting in postings:
        home += posting.amount if posting.home is None else posting.home
        sums[posting.currency] += posting.amount
    return not home and not any(sums.values())


def entry_day(ledger: Memory) -> date:
    """Return the day of the last entry."""
    return ledger.entries[-1].event.day()


@SHOPS
@FACTS
@given(data=st.data())
def test_what_is_stored_comes_back_the_same(
    book: object, region: object, data: st.DataObject
) -> None:
    ledger = Memory(book)  # type: ignore[arg-type]  # given by name
    for entry in told(ledger, data.draw(events(1, 15, region))):  # type: ignore[arg-type]
        again = codec.decode(entry.body)
        assert again == entry.event or again.happened_offline
        assert replace(again, business_date=entry.event.business_date) == entry.event
        assert codec.encode(again) == entry.body


@FACTS
@given(facts=events(5, 25))
def test_replaying_the_log_gives_the_same_entries(facts: list[Event]) -> None:
    first, second = Memory(), Memory()
    for entry in told(first, facts):
        again = second.record(codec.decode(entry.body), entry.actor)
        assert (again.postings, again.caveats, again.hash) == (
            entry.postings,
            entry.caveats,
            entry.hash,
        )
    assert first.balances() == second.balances()


@FACTS
@given(facts=events(5, 25))
def test_a_reversal_restores_every_balance(facts: list[Event]) -> None:
    """At once after the fact, whatever had happened before."""
    ledger = Memory()
    told(ledger, facts[:-1])
    before = ledger.balances()
    stocks = {
        item: (ledger.stock(item).quantity, ledger.stock(item).value) for item in ["HAT", "CAP"]
    }
    for entry in told(ledger, facts[-1:]):
        if isinstance(entry.event, EventReversed | ConfiguringEvent):
            continue
        ledger.record(reversal(entry.event.id, "undo"))
        assert ledger.balances() == before
        for item, (quantity, value) in stocks.items():
            assert (ledger.stock(item).quantity, ledger.stock(item).value) == (quantity, value)


@FACTS
@given(facts=events(5, 25))
def test_a_refused_event_changes_nothing(facts: list[Event]) -> None:
    ledger = Memory()
    for fact in facts:
        before = ledger.balances(), len(ledger.entries), ledger.settings.items.keys()
        try:
            ledger.record(fact)
        except (Invalid, Conflict):
            after = ledger.balances(), len(ledger.entries), ledger.settings.items.keys()
            assert after == before


@FACTS
@given(facts=events(10, 25))
def test_deposits_hold_what_their_account_says(facts: list[Event]) -> None:
    """What the deposit's story tells is what the ledger has, net and tax together."""
    ledger = Memory()
    told(ledger, facts)
    for deposit in ("D-1", "D-2", "P-1"):
        left = deposit_left(deposit, ledger)
        net = left.paid - sum(tax for _, tax in left.taxes)
        assert net == -ledger.balance("deposits", deposit)


ODD: st.SearchStrategy[object] = st.sampled_from(
    [
        None, "", "0", "0.00", "-1", "1e3", "0.000001", "9999999999999", "1000000000", "till-1",
        "E-1", "E-2", "GC-1", "cash", "bank", "1000", "receivable", "retained_earnings", "JPY",
        "0001-01-01", "9999-12-31", "1900-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00", "2026-03-14T23:59:60Z", "4111111111111111", "\u0000", "\u200b",
        "ZZZ", 0, 1, 10**30, True, [], {}, [{}], [None],
    ]
)  # fmt: skip


def spoiled(draw: st.DrawFn, told_: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put something odd in some places, fields that were not stated included."""
    for fact in told_:
        parts: list[Any] = [fact]
        for name in ("lines", "tenders", "taxes", "counted"):
            within = fact.get(name)
            parts += [part for part in within if isinstance(part, dict)] if within else []
        for _ in range(draw(st.integers(0, 2))):
            part = draw(st.sampled_from(parts))
            extra = ["business_date", "currency", "rounding", "amount", "quantity", "net", "taxes"]
            part[draw(st.sampled_from([*part, *extra]))] = draw(ODD)
    return told_


@st.composite
def spoiled_histories(draw: st.DrawFn) -> list[dict[str, object]]:
    """Return a shop's facts as JSON, with odd things in some of them."""
    return spoiled(draw, draw(histories(QUEBEC, 3, 15)))


@settings(FACTS, max_examples=150)
@given(facts=spoiled_histories())
def test_whatever_is_sent_is_recorded_or_refused(facts: list[dict[str, object]]) -> None:
    """No third thing happens: no crash, and no entry that does not balance."""
    ledger = Memory()
    for fact in facts:
        try:
            entry = ledger.record(codec.from_json(fact))
        except LedgerError as refusal:
            event(refusal.code)
        else:
            assert balanced(entry.postings)
