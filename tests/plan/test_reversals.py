"""Taking back what was sent: voids on the same day, opposite documents later, nothing left over."""

from typing import Any

import pytest

from sync.documents import Void
from sync.plan import conserved, plan_reversal
from tests.plan.till import Till, told, transactions
from tests.plan.words import card, cash, goods, on_account, store_credit, taxes

HAT = goods("Hats", "40.00", "2.00", "3.99")
LATER = {"business_date": "2026-03-20"}


def sold(till: Till, *tenders: dict[str, Any], **fields: Any) -> None:
    till.state("sale_completed", "S-1", lines=[HAT], tenders=list(tenders), **fields)


def refunded(till: Till, *tenders: dict[str, Any], **fields: Any) -> None:
    till.state("refund_issued", "R-1", sale="S-1", tenders=list(tenders), **fields)


def taken_back(till: Till, event_id: str, **fields: Any) -> list[str]:
    """Reverse an event whose documents were sent; all of it together must come to nothing."""
    original = till.by_id[event_id]
    reversal = till.state("event_reversed", "X-1", reverses=event_id, reason="wrong", **fields)
    documents = till.plan(reversal)
    conserved([original, reversal], [*till.plan(original), *documents])
    if not any(isinstance(document, Void) for document in documents):
        conserved([reversal], documents)
    return told(documents)


def test_on_its_day_a_receipt_is_voided_and_its_cost_turned_round() -> None:
    till = Till()
    line = {"item": "HAT", "quantity": "10", "unit_cost": "18.25"}
    till.state("goods_received", "G-1", receipt="PO", vendor="Chapelier", lines=[line])
    lines = [HAT | {"item": "HAT"}]
    till.state("sale_completed", "S-1", lines=lines, tenders=[cash("45.99")])
    assert taken_back(till, "S-1") == [
        "Void void:X-1:1 SalesReceipt sale:S-1",
        "JournalEntry rest:X-1 | cost_of_goods -1825 | inventory 1825",
    ]


def test_on_its_day_payments_are_voided_before_their_invoice() -> None:
    till = Till()
    sold(till, cash("5.99"), card("40.00"))
    assert taken_back(till, "S-1") == [
        "Void void:X-1:1 Payment payment:S-1:2",
        "Void void:X-1:2 Payment payment:S-1:1",
        "Void void:X-1:3 Invoice sale:S-1",
    ]
    voids = transactions(till.plan(till.by_id["X-1"]))
    assert voids[2].needs == ("void:X-1:1", "void:X-1:2", "sale:S-1")


def test_later_a_receipt_is_met_by_a_refund_receipt() -> None:
    till = Till()
    sold(till, cash("45.99"), customer="C-1")
    assert taken_back(till, "S-1", **LATER) == [
        (
            "RefundReceipt refund:X-1 cash:unassigned 4599 | Hats 4000 GST+QST"
            " | GST 200/4000 | QST 399/4000"
        )
    ]
    (receipt,) = transactions(till.plan(till.by_id["X-1"]))
    assert receipt.day.isoformat() == "2026-03-20"
    assert "customer:C-1" in receipt.needs


def test_later_an_invoice_paid_at_once_is_refunded_to_its_largest_tender() -> None:
    till = Till()
    sold(till, cash("5.99"), card("40.00"))
    assert taken_back(till, "S-1", **LATER) == [
        (
            "RefundReceipt refund:X-1 clearing:card 4599 | Hats 4000 GST+QST"
            " | GST 200/4000 | QST 399/4000"
        ),
        "JournalEntry rest:X-1 | cash:unassigned -599 | clearing:card 599",
    ]


def test_later_an_open_invoice_is_met_by_a_credit_memo_and_its_payment_by_the_journal() -> None:
    till = Till()
    sold(till, cash("5.99"), on_account("40.00"), customer="C-1")
    assert taken_back(till, "S-1", **LATER) == [
        "CreditMemo credit:X-1 C-1 4599 | Hats 4000 GST+QST | GST 200/4000 | QST 399/4000",
        "Payment link:X-1 C-1 nothing 0 | Invoice sale:S-1 4000 | CreditMemo credit:X-1 4000",
        "JournalEntry rest:X-1 | cash:unassigned -599 | receivable 599 (C-1)",
    ]


@pytest.mark.parametrize("when", [{}, LATER])
def test_a_refund_receipt_is_met_by_a_receipt_on_any_day(when: dict[str, str]) -> None:
    till = Till()
    sold(till, cash("45.99"))
    refunded(till, cash("5.99"), card("40.00"))
    assert taken_back(till, "R-1", **when) == [
        (
            "SalesReceipt sale:X-1 clearing:card 4599 | Returns - Hats 4000 GST+QST"
            " | GST 200/4000 | QST 399/4000"
        ),
        "JournalEntry rest:X-1 | cash:unassigned 599 | clearing:card -599",
    ]


@pytest.mark.parametrize("when", [{}, LATER])
def test_a_credit_memo_gives_its_invoice_back_to_the_customer(when: dict[str, str]) -> None:
    till = Till()
    sold(till, on_account("45.99"), customer="C-1")
    refunded(till, on_account("45.99"), customer="C-1")
    assert taken_back(till, "R-1", **when) == [
        "Void void:X-1:1 Payment link:R-1",
        "Invoice sale:X-1 C-1 4599 | Returns - Hats 4000 GST+QST | GST 200/4000 | QST 399/4000",
        "Payment link:X-1 C-1 nothing 0 | Invoice sale:X-1 4599 | CreditMemo credit:R-1 4599",
    ]
    link = transactions(till.plan(till.by_id["X-1"]))[2]
    assert "void:X-1:1" in link.needs, "until then the credit memo is closed"


def test_later_a_zero_receipt_is_met_by_another() -> None:
    till = Till()
    sold(till, cash("45.99"))
    refunded(till, store_credit("V-1", "45.99"))
    assert taken_back(till, "R-1", **LATER) == [
        (
            "SalesReceipt sale:X-1 | Returns - Hats 4000 GST+QST | Store credit -4599"
            " | GST 200/4000 | QST 399/4000"
        )
    ]


def test_a_bill_is_turned_round_in_the_journal_with_its_vendor_and_taxes() -> None:
    till = Till()
    till.state(
        "goods_received",
        "G-1",
        receipt="PO",
        vendor="Chapelier",
        lines=[{"item": "HAT", "quantity": "10", "unit_cost": "10.00"}],
        taxes=taxes("5.00", "9.98"),
        bill="B-77",
    )
    assert taken_back(till, "G-1") == [
        (
            "JournalEntry rest:X-1 | inventory -10000 | tax_recoverable:GST -500"
            " | tax_recoverable:QST -998 | payable 11498 (Chapelier)"
        )
    ]


def test_a_journal_is_turned_round_with_its_parties() -> None:
    till = Till()
    till.state(
        "journal_posted",
        "J-1",
        reason="opening",
        lines=[
            {"account": "receivable", "holder": "OLD", "customer": "C-1", "debit": "30.00"},
            {"account": "payable", "holder": "B-1", "vendor": "Chapelier", "credit": "30.00"},
        ],
    )
    assert taken_back(till, "J-1", **LATER) == [
        "JournalEntry rest:X-1 | receivable -3000 (C-1) | payable 3000 (Chapelier)"
    ]


def test_what_had_no_documents_is_told_by_the_journal() -> None:
    till = Till()
    sold(till, cash("45.99"), source={"system": "quickbooks"})
    reversal = till.state("event_reversed", "X-1", reverses="S-1", reason="wrong")
    documents = plan_reversal(reversal, [], till.settings, till.book, {})
    assert told(documents) == [
        (
            "JournalEntry rest:X-1 | cash:unassigned -4599 | sales 4000"
            " | sales_tax:GST 200 | sales_tax:QST 399"
        )
    ]
