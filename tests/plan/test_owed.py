"""What customers owe, as documents: invoices and payments; figures in minor units."""

from typing import Any

import pytest

from sync.plan import conserved
from tests.plan.till import Till, told
from tests.plan.words import card, card_sold, cash, gift_card, goods, on_account

Fact = tuple[str, str, dict[str, Any]]

HAT = goods("Hats", "40.00", "2.00", "3.99")
CAP = goods("Caps", "20.00", "1.00", "2.00")
LATER = {"business_date": "2026-03-20"}
FILLED: Fact = (
    "sale_completed",
    "S-0",
    {"lines": [card_sold("GC-1", "50.00")], "tenders": [cash("50.00")]},
)


def issued(*lines: Any, number: str = "F-1", event_id: str = "I-1", **fields: Any) -> Fact:
    stated = {"invoice": number, "lines": list(lines) or [HAT], "customer": "C-1"}
    return ("invoice_issued", event_id, stated | fields)


def revised(*lines: Any, **fields: Any) -> Fact:
    return ("invoice_revised", "V-1", {"invoice": "F-1", "lines": list(lines), **fields})


def voided(**fields: Any) -> Fact:
    return ("invoice_voided", "V-1", {"invoice": "F-1", **fields})


def paid(amount: str, *tenders: Any, name: str = "P-1", **fields: Any) -> Fact:
    stated = {"payment": name, "tenders": list(tenders) or [card(amount)]}
    return ("payment_received", name, stated | {"applied": [applied(amount)], **fields})


def applied(amount: str, invoice: str = "F-1") -> dict[str, str]:
    return {"invoice": invoice, "amount": amount}


def bounced(**fields: Any) -> Fact:
    return ("payment_bounced", "B-1", {"payment": "P-1", **fields})


def written_off(**fields: Any) -> Fact:
    return ("invoice_written_off", "W-1", {"invoice": "F-1", **fields})


TABLE: dict[str, tuple[list[Fact], list[str]]] = {
    "an invoice has our number; QuickBooks is asked to e-mail it": (
        [issued(send="email", due_date="2026-04-13")],
        [
            "Invoice sale:I-1 no F-1 C-1 4599 | Hats 4000 GST+QST | GST 200/4000 | QST 399/4000",
            "Email email:I-1 sale:I-1 to C-1",
        ],
    ),
    "an invoice over nothing is an invoice": (
        [issued(goods("Pins", "0.00"))],
        ["Invoice sale:I-1 no F-1 C-1 0 | Pins 0 exempt"],
    ),
    "on its day an invoice is revised where it stands": (
        [issued(), revised(HAT, CAP)],
        [
            (
                "Revision revision:V-1 no F-1 C-1 6899 | Hats 4000 GST+QST | Caps 2000 GST+QST"
                " | GST 300/6000 | QST 599/6000"
            )
        ],
    ),
    "later, what was added is an invoice of its own": (
        [issued(), revised(HAT, CAP, **LATER)],
        ["Invoice sale:V-1 C-1 2300 | Caps 2000 GST+QST | GST 100/2000 | QST 200/2000"],
    ),
    "later, what was taken off is a credit memo, applied": (
        [issued(HAT, CAP), revised(HAT, **LATER)],
        [
            "CreditMemo credit:V-1 C-1 2300 | Caps 2000 GST+QST | GST 100/2000 | QST 200/2000",
            "Payment link:V-1 C-1 nothing 0 | Invoice sale:I-1 2300 | CreditMemo credit:V-1 2300",
        ],
    ),
    "another due date is told on any day, where it stands": (
        [issued(), paid("5.99"), revised(HAT, due_date="2026-05-01", **LATER)],
        ["Revision revision:V-1 no F-1 C-1 4599 | Hats 4000 GST+QST | GST 200/4000 | QST 399/4000"],
    ),
    "a revision that changes nothing is no document": (
        [issued(), revised(HAT, **LATER)],
        [],
    ),
    "once it is paid in part an invoice is not touched": (
        [issued(HAT, CAP), paid("60.00"), revised(HAT)],
        [
            "CreditMemo credit:V-1 C-1 2300 | Caps 2000 GST+QST | GST 100/2000 | QST 200/2000",
            "Payment link:V-1 C-1 nothing 0 | Invoice sale:I-1 899 | CreditMemo credit:V-1 899",
        ],
    ),
    "on its day an invoice is voided": (
        [issued(), paid("5.99"), voided()],
        ["Void void:V-1:1 Invoice sale:I-1"],
    ),
    "later, a credit memo is applied to what is open of it": (
        [issued(), paid("5.99"), voided(**LATER)],
        [
            "CreditMemo credit:V-1 C-1 4599 | Hats 4000 GST+QST | GST 200/4000 | QST 399/4000",
            "Payment link:V-1 C-1 nothing 0 | Invoice sale:I-1 4000 | CreditMemo credit:V-1 4000",
        ],
    ),
    "a payment is linked to its invoice": (
        [issued(), paid("45.99")],
        ["Payment payment:P-1:1 C-1 clearing:card 4599 | Invoice sale:I-1 4599"],
    ),
    "a payment of two invoices by two tenders": (
        [
            issued(),
            issued(CAP, number="F-2", event_id="I-2"),
            paid(
                "45.99",
                card("60.00"),
                cash("8.99"),
                applied=[applied("45.99"), applied("23.00", "F-2")],
            ),
        ],
        [
            (
                "Payment payment:P-1:1 C-1 clearing:card 6000 | Invoice sale:I-1 4599"
                " | Invoice sale:I-2 1401"
            ),
            "Payment payment:P-1:2 C-1 cash:unassigned 899 | Invoice sale:I-2 899",
        ],
    ),
    "invoices of two customers are paid by a payment each": (
        [
            issued(),
            issued(CAP, number="F-2", event_id="I-2", customer="C-2"),
            paid("45.99", card("68.99"), applied=[applied("45.99"), applied("23.00", "F-2")]),
        ],
        [
            "Payment payment:P-1:1 C-1 clearing:card 4599 | Invoice sale:I-1 4599",
            "Payment payment:P-1:2 C-2 clearing:card 2300 | Invoice sale:I-2 2300",
        ],
    ),
    "what is paid beyond stays the customer's credit": (
        [issued(), paid("45.99", card("50.00"))],
        ["Payment payment:P-1:1 C-1 clearing:card 5000 | Invoice sale:I-1 4599"],
    ),
    "what a gift card pays is the journal's, applied": (
        [issued(), FILLED, paid("45.99", card("20.00"), gift_card("GC-1", "25.99"))],
        [
            "Payment payment:P-1:1 C-1 clearing:card 2000 | Invoice sale:I-1 2000",
            "JournalEntry rest:P-1 | gift_cards 2599 | receivable -2599 (C-1)",
            (
                "Payment link:P-1:1 C-1 nothing 0 | Invoice sale:I-1 2599"
                " | JournalEntry rest:P-1 2599"
            ),
        ],
    ),
    "cash is rounded in the journal": (
        [issued(), paid("45.99", cash("46.00"), rounding="0.01")],
        [
            "Payment payment:P-1:1 C-1 cash:unassigned 4600 | Invoice sale:I-1 4599",
            "JournalEntry rest:P-1 | cash_rounding -1 | receivable 1 (C-1)",
        ],
    ),
    "a sale on account is paid like an invoice": (
        [
            ("sale_completed", "F-1", {"lines": [HAT], "tenders": [on_account("45.99")]}),
            paid("45.99"),
        ],
        ["Payment payment:P-1:1 None clearing:card 4599 | Invoice sale:F-1 4599"],
    ),
    "a payment that bounced is owed again, with the bank's fee": (
        [issued(), paid("45.99"), bounced(fee="5.00")],
        [
            (
                "JournalEntry rest:B-1 | clearing:card -5099 | receivable 4599 (C-1)"
                " | merchant_fees 500"
            )
        ],
    ),
    "what bounced is paid after all": (
        [issued(), paid("45.99"), bounced(), paid("45.99", name="P-2")],
        ["Payment payment:P-2:1 C-1 clearing:card 4599 | JournalEntry rest:B-1 4599"],
    ),
    "what was added later is paid with the invoice": (
        [issued(), revised(HAT, CAP, **LATER), paid("68.99", **LATER)],
        [
            (
                "Payment payment:P-1:1 C-1 clearing:card 6899 | Invoice sale:I-1 4599"
                " | Invoice sale:V-1 2300"
            )
        ],
    ),
    "a bad debt is a credit memo on an item of its own, with its taxes, applied": (
        [issued(), written_off()],
        [
            "CreditMemo credit:W-1 C-1 4599 | Bad debts 4000 GST+QST | GST 200/4000 | QST 399/4000",
            "Payment link:W-1 C-1 nothing 0 | Invoice sale:I-1 4599 | CreditMemo credit:W-1 4599",
        ],
    ),
    "a bad debt recovered is a sales receipt with its taxes": (
        [
            issued(),
            written_off(),
            (
                "bad_debt_recovered",
                "Y-1",
                {"invoice": "F-1", "amount": "45.99", "tenders": [card("45.99")]},
            ),
        ],
        [
            (
                "SalesReceipt sale:Y-1 clearing:card 4599 | Bad debts recovered 4000 GST+QST"
                " | GST 200/4000 | QST 399/4000"
            )
        ],
    ),
    "an invoice in foreign money is a journal in home money": (
        [issued(currency="USD", rate="1.35")],
        [
            (
                "JournalEntry rest:I-1 | receivable 6209 (C-1) | sales -5400"
                " | sales_tax:GST -270 | sales_tax:QST -539"
            )
        ],
    ),
}


@pytest.mark.parametrize("claim", TABLE)
def test_a_fact_becomes_its_documents(claim: str) -> None:
    facts, expected = TABLE[claim]
    till = Till()
    for word, event_id, fields in facts:
        entry = till.state(word, event_id, **fields)
    documents = till.plan(entry)
    assert told(documents) == expected
    conserved([entry], documents)


def taken_back(*facts: Fact, **fields: Any) -> list[str]:
    """Reverse the last of some facts; both together must come to nothing."""
    till = Till()
    for word, event_id, stated in facts:
        original = till.state(word, event_id, **stated)
    reverses = {"reverses": original.event.id, "reason": "wrong"}
    reversal = till.state("event_reversed", "X-1", **reverses, **fields)
    documents = till.plan(reversal)
    conserved([original, reversal], [*till.plan(original), *documents])
    return told(documents)


def test_on_its_day_a_revision_is_taken_back_where_it_stands() -> None:
    assert taken_back(issued(), revised(HAT, CAP)) == [
        "Revision revision:X-1 no F-1 C-1 4599 | Hats 4000 GST+QST | GST 200/4000 | QST 399/4000"
    ]


def test_later_a_payment_is_turned_round_in_the_journal_with_its_customer() -> None:
    assert taken_back(issued(), paid("45.99"), **LATER) == [
        "JournalEntry rest:X-1 | clearing:card -4599 | receivable 4599 (C-1)"
    ]


def test_an_invoice_that_was_voided_is_owed_again_by_its_customer() -> None:
    assert taken_back(issued(), voided()) == [
        (
            "JournalEntry rest:X-1 | sales -4000 | sales_tax:GST -200 | sales_tax:QST -399"
            " | receivable 4599 (C-1)"
        )
    ]


def test_what_was_paid_over_there_is_not_paid_twice() -> None:
    till = Till()
    theirs: dict[str, Any] = {"source": {"system": "quickbooks", "document": "77"}}
    for word, event_id, fields in (issued(), paid("40.00", **theirs), paid("5.99", name="P-2")):
        entry = till.state(word, event_id, **fields)
    till.state("invoice_revised", "V-1", invoice="F-1", lines=[HAT, CAP])
    assert told(till.plan(entry)) == [
        "Payment payment:P-2:1 C-1 clearing:card 599 | Invoice sale:I-1 599"
    ]
    assert told(till.plan(till.by_id["V-1"]))[0].startswith("Invoice sale:V-1 C-1 2300")
