"""Where the policy books a fact: by itself, with its session, or with its channel's day."""

from typing import Any

import pytest

from sync.plan import Scope, scope_of
from tests.plan.till import Till
from tests.plan.words import cash, goods, on_account

HAT = goods("Hats", "40.00", "2.00", "3.99")
DAY = Scope("day", "2026-03-14")


def till_with(**policies: str) -> Till:
    till = Till()
    for policy, value in policies.items():
        till.state("policy_set", f"P-{policy}", policy=policy, value=value)
    return till


def scope(till: Till, word: str, **fields: Any) -> Scope | None:
    entry = till.state(word, f"E-{len(till.entries)}", **fields)
    return scope_of(entry, till.settings, till.by_id)


def sale_scope(till: Till, **fields: Any) -> Scope | None:
    tenders = fields.pop("tenders", [cash("45.99")])
    return scope(till, "sale_completed", lines=[HAT], tenders=tenders, **fields)


def test_by_default_each_fact_is_booked_by_itself() -> None:
    assert sale_scope(Till(), session="T-1") == Scope("entry", "E-0")


def test_per_day_takes_a_channels_day_together() -> None:
    till = till_with(posting="per_day")
    assert sale_scope(till) == DAY
    assert sale_scope(till, channel="web") == Scope("day", "2026-03-14", "web")
    assert scope(till, "stock_adjusted", lines=[{"item": "X", "quantity": "-1"}], reason="-") == DAY


def test_per_closure_takes_a_session_together_and_the_rest_by_day() -> None:
    till = till_with(posting="per_closure")
    opened = scope(till, "register_opened", session="T-1", register="till-3", float="1.00")
    assert opened == sale_scope(till, session="T-1") == Scope("session", "T-1")
    assert sale_scope(till) == DAY


def test_a_policy_holds_for_its_channel_from_its_day() -> None:
    till = Till()
    till.state(
        "policy_set",
        "P-1",
        policy="posting",
        value="per_day",
        channel="web",
        **{"from": "2026-03-14"},
    )
    assert sale_scope(till, channel="web") == Scope("day", "2026-03-14", "web")
    assert sale_scope(till) == Scope("entry", "E-2")
    before = sale_scope(till, channel="web", business_date="2026-03-13")
    assert before == Scope("entry", "E-3")


@pytest.mark.parametrize("posting", ["per_day", "per_closure"])
def test_open_items_bills_and_journals_stand_alone(posting: str) -> None:
    till = till_with(posting=posting)
    on_tick = sale_scope(till, tenders=[on_account("45.99")], session="T-1")
    assert on_tick == Scope("entry", "E-1")
    line = {"item": "HAT", "quantity": "1", "unit_cost": "1.00"}
    received = scope(till, "goods_received", receipt="P", vendor="V", lines=[line], bill="B-1")
    assert received == Scope("entry", "E-2")
    lines = [{"account": "bank", "debit": "1.00"}, {"account": "duty", "credit": "1.00"}]
    assert scope(till, "journal_posted", lines=lines, reason="-") == Scope("entry", "E-3")


def test_known_customers_are_told_singly_unless_the_policy_sums_them_up() -> None:
    assert sale_scope(till_with(posting="per_day"), customer="C-1") == Scope("entry", "E-1")
    both = till_with(posting="per_day", known_customers="summarised")
    assert sale_scope(both, customer="C-1") == DAY


def test_configuration_and_what_came_from_quickbooks_make_no_documents() -> None:
    till = Till()
    assert scope(till, "policy_set", policy="posting", value="per_day") is None
    assert sale_scope(till, source={"system": "quickbooks", "document": "77"}) is None
    assert sale_scope(till, source={"system": "wix"}) == DAY


def test_a_free_sale_makes_none_where_the_policy_wants_none() -> None:
    free = {"lines": [goods("Pins", "0.00")], "tenders": []}
    assert scope(Till(), "sale_completed", **free) == Scope("entry", "E-0")
    assert scope(till_with(free_sales="none"), "sale_completed", **free) is None


def test_nothing_before_the_start_of_history_is_sent() -> None:
    till = till_with(history_from="2026-03-14")
    assert sale_scope(till, business_date="2026-03-13") is None
    assert sale_scope(till) == Scope("entry", "E-2")


def test_where_customers_alone_are_sent_the_others_make_nothing() -> None:
    till = till_with(posting="per_day", customers_only="yes")
    assert sale_scope(till) is None
    assert sale_scope(till, customer="C-1") == Scope("entry", "E-3")


def test_a_reversal_goes_where_its_original_went_on_its_own_day() -> None:
    till = till_with(posting="per_closure")
    sale_scope(till, session="T-1")
    sale_scope(till, channel="web")
    sale_scope(till, tenders=[on_account("45.99")])
    later = {"reason": "-", "business_date": "2026-03-16"}
    of_session = scope(till, "event_reversed", reverses="E-1", **later)
    assert of_session == Scope("session", "T-1")
    of_day = scope(till, "event_reversed", reverses="E-2", **later)
    assert of_day == Scope("day", "2026-03-16", "web")
    alone = scope(till, "event_reversed", reverses="E-3", **later)
    assert alone == Scope("entry", "E-6")


def test_without_its_original_a_reversal_is_booked_by_itself() -> None:
    till = till_with(posting="per_day")
    sale_scope(till)
    entry = till.state("event_reversed", "X-1", reverses="E-1", reason="-")
    assert scope_of(entry, till.settings) == Scope("entry", "X-1")


def test_sets_have_keys_that_nothing_else_has() -> None:
    assert DAY.prefix == "day:2026-03-14:-:1"
    assert Scope("day", "2026-03-14", "web", 2).prefix == "day:2026-03-14:web:2"
    assert Scope("day", "2026-03-14", "-").prefix == "day:2026-03-14:--:1"
    assert Scope("session", "T-1", None, 3).prefix == "session:T-1:3"


def test_what_has_a_paper_of_its_own_stands_alone() -> None:
    till = till_with(posting="per_day")
    issued = {"invoice": "F-1", "lines": [HAT], "customer": "C-1"}
    assert scope(till, "invoice_issued", **issued) == Scope("entry", "E-1")
    paid = {"payment": "P-1", "tenders": [cash("50.00")], "customer": "C-1"}
    assert scope(till, "payment_received", **paid) == Scope("entry", "E-2")
    payout = {"method": "card", "gross": "9.00", "fees": "0.20"}
    assert scope(till, "payout_settled", **payout) == Scope("entry", "E-3")
    line = {"item": "HAT", "quantity": "1", "unit_cost": "1.00"}
    assert scope(till, "goods_received", receipt="R", vendor="V", lines=[line]) == Scope(
        "entry", "E-4"
    )
    returned = {"receipt": "R", "vendor": "V", "lines": [line]}
    assert scope(till, "goods_returned", **returned) == Scope("entry", "E-5")
    tips = {"staff": "Ana", "amount": "1.00", "tenders": [cash("1.00")]}
    assert scope(till, "tips_paid_out", **tips) == DAY


def test_what_posts_nothing_makes_no_documents() -> None:
    till = Till()
    held = {"deposit": "D-7", "amount": "9.00", "tenders": [cash("9.00")]}
    assert scope(till, "deposit_received", **held) == Scope("entry", "E-0")
    assert scope(till, "deposit_moved", deposit="D-7", to_booking="B-2") is None


def test_a_payment_that_came_from_quickbooks_is_not_sent_back() -> None:
    till = Till()
    scope(till, "invoice_issued", invoice="F-1", lines=[HAT], customer="C-1")
    applied = [{"invoice": "F-1", "amount": "45.99"}]
    theirs = {"source": {"system": "quickbooks", "document": "77"}, "applied": applied}
    paid = {"payment": "P-1", "tenders": [cash("45.99")], **theirs}
    assert scope(till, "payment_received", **paid) is None
