"""Who may state what (`accounting.md` 2)."""

import pytest

from ledger.events import Event
from ledger.events.base import Actor, Role
from tests.builders import (
    a_credit,
    a_deposit,
    a_journal,
    a_receipt,
    a_refund,
    a_sale,
    account,
    adjusted,
    cash,
    closed,
    deposit_back,
    item,
    method,
    moved,
    opened,
    policy,
    reversal,
    tax,
)
from tests.ledger.memory import TILL, Memory
from tests.ledger.refusals import forbidden

JOURNAL = a_journal("J", {"account": "bank", "debit": "1"}, {"account": "bad_debt", "credit": "1"})


@pytest.mark.parametrize(
    "event",
    [
        a_sale(),
        a_deposit(),
        a_credit(),
        opened(),
        moved("drop", "1.00"),
        closed(cash="0.00"),
        a_receipt("G-1", ("HAT", "1", "1.00")),
        adjusted("A-1", {"item": "HAT", "quantity": "1"}),
    ],
    ids=lambda event: str(event.__struct_config__.tag),
)
def test_a_till_records_what_happens_in_the_shop(ledger: Memory, event: Event) -> None:
    assert ledger.record(event, TILL).seq == 1


def test_a_till_refunds_what_it_sold(ledger: Memory) -> None:
    ledger.record(a_sale(), TILL)
    ledger.record(a_refund(), TILL)
    ledger.record(a_deposit(), TILL)
    ledger.record(deposit_back(), TILL)


@pytest.mark.parametrize(
    ("event", "what"),
    [
        (a_refund("R", None, [cash("1.00")], amount="1.00"), "blind-refund"),
        (a_sale("E", override="because"), "override"),
        (a_receipt("G-1", ("HAT", "1", "1.00"), bill="B-1"), "landed-cost"),
        (a_receipt("G-1", ("HAT", "1", "1.00"), freight="1.00"), "landed-cost"),
        (a_receipt("G-1", ("HAT", "1", "1.00"), duty="1.00"), "landed-cost"),
        (a_receipt("G-1", ("HAT", "1", "1.00"), discount="1.00"), "landed-cost"),
        (JOURNAL, "journal_posted"),
        (account("9999", "odds", "expense"), "account_defined"),
        (tax("GST", "5"), "tax_defined"),
        (method("visa"), "method_defined"),
        (item(), "item_defined"),
        (policy("posting", "per_day"), "policy_set"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_the_bookkeepers_alone(ledger: Memory, event: Event, what: str) -> None:
    assert forbidden(ledger, event, TILL) == {
        "code": "bookkeepers-only",
        "role": "pos",
        "what": what,
    }
    ledger.record(event)


def test_a_till_takes_back_its_own_facts_of_the_same_day(ledger: Memory) -> None:
    ledger.record(a_sale("S-1"), TILL)
    ledger.record(a_sale("S-2"), Actor("k-other", "pos"))
    assert forbidden(ledger, reversal("S-2"), TILL)["what"] == "reversal"
    assert forbidden(ledger, reversal("S-1", on="2026-03-15"), TILL)["what"] == "reversal"
    elsewhere = reversal("S-1", business_date="2026-03-13")
    assert forbidden(ledger, elsewhere, TILL)["what"] == "reversal"
    ledger.record(reversal("S-1", at="22:59"), TILL)


@pytest.mark.parametrize("role", ["auditor", "operator"])
def test_the_others_record_nothing(ledger: Memory, role: Role) -> None:
    assert forbidden(ledger, a_sale(), Actor("k", role)) == {
        "code": "role-records-nothing",
        "role": role,
    }
