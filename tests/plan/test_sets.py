"""A day's or a session's facts together: gross sales, gross refunds, and a journal of the rest."""

from typing import Any

from sync.documents import AnyDocument
from sync.plan import Scope, conserved, plan_set
from tests.plan.till import Till, told, transactions
from tests.plan.words import (
    card,
    card_sold,
    cash,
    gift_card,
    goods,
    store_credit,
)

DAY = Scope("day", "2026-03-14")
HAT = goods("Hats", "40.00", "2.00", "3.99")
SALE = {"lines": [HAT], "tenders": [cash("45.99")], "register": "till-3"}


def planned(till: Till, scope: Scope = DAY, **related: Any) -> list[AnyDocument]:
    documents = plan_set(scope, till.entries, till.settings, till.book, till.names, **related)
    conserved(till.entries, documents)
    return documents


def test_a_days_sales_are_one_invoice_and_a_payment_for_each_tender() -> None:
    till = Till()
    till.state("sale_completed", "S-1", **SALE)
    till.state("sale_completed", "S-2", lines=[HAT], tenders=[card("45.99")])
    till.state(
        "sale_completed",
        "S-3",
        lines=[goods("Hats", "40.00", "1.80", "3.59", discount="4.00"), card_sold("GC-1", "50.00")],
        tenders=[cash("96.39")],
        register="till-4",
        tip="5.00",
    )
    till.state(
        "sale_completed",
        "S-4",
        lines=[goods("Care", "20.00")],
        tenders=[gift_card("GC-1", "20.00")],
    )
    key = "day:2026-03-14:-:1"
    assert told(planned(till)) == [
        (
            f"Invoice {key}:sale no 20260314:-:1:sale None 18837 | Care 2000 exempt"
            " | Discounts - Hats -400 GST+QST | Gift cards 5000 | Gift cards -2000"
            " | Hats 12000 GST+QST | Tips 500 | GST 580/11600 | QST 1157/11600"
        ),
        f"Payment {key}:payment:1 None cash:till-3 4599 | Invoice {key}:sale 4599",
        f"Payment {key}:payment:2 None cash:till-4 9639 | Invoice {key}:sale 9639",
        f"Payment {key}:payment:3 None clearing:card 4599 | Invoice {key}:sale 4599",
    ]


def test_one_tender_alone_makes_a_receipt_unless_the_policy_asks_for_invoices() -> None:
    till = Till()
    till.state("sale_completed", "S-1", **SALE)
    assert [document.key for document in transactions(planned(till))] == ["day:2026-03-14:-:1:sale"]
    till.state("policy_set", "P-1", policy="paid_sales", value="invoice")
    kinds = [type(document).__name__ for document in transactions(planned(till))]
    assert kinds == ["Invoice", "Payment"]


def test_gross_refunds_stand_apart_by_the_tender_that_most_came_from() -> None:
    till = Till()
    for number in range(3):
        till.state("sale_completed", f"S-{number}", **SALE)
    till.state("refund_issued", "R-0", sale="S-0", tenders=[cash("45.99")], register="till-3")
    split = [cash("5.99"), card("40.00")]
    till.state("refund_issued", "R-1", sale="S-1", tenders=split, register="till-3")
    till.state("refund_issued", "R-2", sale="S-2", tenders=[store_credit("V-1", "45.99")])
    key = "day:2026-03-14:-:1"
    assert told(planned(till)) == [
        (
            f"SalesReceipt {key}:sale cash:till-3 13797 | Hats 12000 GST+QST"
            " | GST 600/12000 | QST 1197/12000"
        ),
        (
            f"RefundReceipt {key}:refund:1 cash:till-3 4599 | Returns - Hats 4000 GST+QST"
            " | GST 200/4000 | QST 399/4000"
        ),
        (
            f"RefundReceipt {key}:refund:2 clearing:card 4599 | Returns - Hats 4000 GST+QST"
            " | GST 200/4000 | QST 399/4000"
        ),
        (
            f"SalesReceipt {key}:refund:3 | Returns - Hats -4000 GST+QST | Store credit 4599"
            " | GST -200/-4000 | QST -399/-4000"
        ),
        f"JournalEntry {key}:rest | cash:till-3 -599 | clearing:card 599",
    ]


def test_refunds_may_exceed_the_days_takings() -> None:
    till = Till()
    till.state("refund_issued", "R-0", tenders=[cash("500.00")], amount="500.00")
    (refund,) = told(planned(till))
    assert refund.startswith("RefundReceipt day:2026-03-14:-:1:refund:1 cash:unassigned 50000")


def test_costs_counts_and_moves_of_a_day_are_one_journal() -> None:
    till = Till()
    line = {"item": "HAT", "quantity": "10", "unit_cost": "18.25"}
    till.state("goods_received", "G-1", receipt="PO", vendor="Chapelier", lines=[line])
    start = len(till.entries)
    till.state("register_opened", "O-1", session="T-1", register="till-3", float="100.00")
    for number in range(2):
        lines = [HAT | {"item": "HAT"}]
        till.state("sale_completed", f"S-{number}", **SALE | {"lines": lines, "session": "T-1"})
    counted = [{"method": "cash", "amount": "190.00"}]
    till.state("register_closed", "Z-1", session="T-1", counted=counted)
    till.entries = till.entries[start:]
    assert told(planned(till, Scope("session", "T-1")))[1:] == [
        (
            "JournalEntry session:T-1:1:2026-03-14:rest | cash:till-3 9802 | bank:main -10000"
            " | inventory -3650 | cost_of_goods 3650 | till_over_short 198"
        )
    ]


def test_a_session_across_midnight_is_dated_by_its_facts() -> None:
    till = Till()
    till.state("sale_completed", "S-1", **SALE)
    till.state("sale_completed", "S-2", **SALE, business_date="2026-03-15")
    documents = transactions(planned(till, Scope("session", "T-1", None, 2)))
    assert [(document.key, document.day.day) for document in documents] == [
        ("session:T-1:2:2026-03-14:sale", 14),
        ("session:T-1:2:2026-03-15:sale", 15),
    ]


def test_what_was_taken_back_on_its_day_is_left_out() -> None:
    till = Till()
    till.state("sale_completed", "S-1", **SALE)
    till.state("event_reversed", "X-1", reverses="S-1", reason="typed twice")
    assert planned(till) == []


def test_a_reversal_in_a_further_set_is_the_opposite_of_its_original() -> None:
    till = Till()
    till.state("sale_completed", "S-1", **SALE)
    till.state("sale_completed", "S-2", lines=[HAT], tenders=[card("45.99")])
    till.state("refund_issued", "R-1", sale="S-2", tenders=[card("45.99")])
    known = till.by_id
    till.entries = [
        till.state("event_reversed", "X-1", reverses="S-1", reason="typed twice"),
        till.state("event_reversed", "X-2", reverses="R-1", reason="not given back"),
    ]
    key = "day:2026-03-14:-:2"
    assert told(planned(till, Scope("day", "2026-03-14", None, 2), related=known)) == [
        (
            f"SalesReceipt {key}:sale clearing:card 4599 | Returns - Hats 4000 GST+QST"
            " | GST 200/4000 | QST 399/4000"
        ),
        (
            f"RefundReceipt {key}:refund:1 cash:till-3 4599 | Hats 4000 GST+QST"
            " | GST 200/4000 | QST 399/4000"
        ),
    ]


def test_a_reversal_whose_original_is_not_known_goes_to_the_journal() -> None:
    till = Till()
    till.state("sale_completed", "S-1", lines=[goods("Care", "20.00")], tenders=[cash("20.00")])
    till.entries = [till.state("event_reversed", "X-1", reverses="S-1", reason="typed twice")]
    assert told(planned(till)) == [
        "JournalEntry day:2026-03-14:-:1:rest | cash:unassigned -2000 | sales 2000"
    ]


def test_a_channels_sets_have_their_own_keys_and_numbers() -> None:
    till = Till()
    till.state("sale_completed", "S-1", **SALE)
    (receipt,) = transactions(planned(till, Scope("day", "2026-03-14", "web", 2)))
    assert (receipt.key, receipt.number) == ("day:2026-03-14:web:2:sale", "20260314:web:2:sale")


def test_a_day_of_free_sales_and_uncosted_stock_has_no_documents() -> None:
    till = Till()
    till.state("sale_completed", "S-1", lines=[goods("Pins", "0.00")], tenders=[])
    till.state("stock_adjusted", "A-1", lines=[{"item": "PIN", "quantity": "-3"}], reason="lost")
    assert planned(till) == []
