"""Bookings, packages, purchases, payouts and the rest as documents; figures in minor units."""

from typing import Any

import pytest

from sync.plan import conserved, plan_set, scope_of
from tests.plan.till import Till, told
from tests.plan.words import card, card_sold, cash, goods, taxes

Fact = tuple[str, str, dict[str, Any]]

HAT = goods("Hats", "40.00", "2.00", "3.99")
LATER = {"business_date": "2026-03-20"}
HELD: Fact = (
    "deposit_received",
    "D-1",
    {"deposit": "D-7", "amount": "16.10", "tenders": [cash("16.10")], "booking": "B-1"},
)
BILLED: Fact = (
    "invoice_issued",
    "I-1",
    {"invoice": "F-1", "lines": [HAT], "customer": "C-1", "booking": "B-1"},
)
PACKAGE: Fact = (
    "sale_completed",
    "S-1",
    {
        "lines": [
            {
                "kind": "package",
                "package": "PK",
                "uses": 3,
                "unit_price": "100.00",
                "taxes": taxes("5.00", "9.98"),
            }
        ],
        "tenders": [card("114.98")],
    },
)
TEN_HATS = [{"item": "HAT", "quantity": "10", "unit_cost": "10.00"}]
TWO_BACK = [{"item": "HAT", "quantity": "2", "unit_cost": "9.50"}]
FILLED: Fact = (
    "sale_completed",
    "S-0",
    {"lines": [card_sold("GC-1", "5.00")], "tenders": [cash("5.00")]},
)
FEE = {"amount": "10.00", "taxes": taxes("0.50", "1.00")}


def received(**fields: Any) -> Fact:
    return ("goods_received", "G-1", {"receipt": "R-1", "vendor": "V", "lines": TEN_HATS, **fields})


def no_show(**fields: Any) -> Fact:
    return ("no_show_recorded", "N-1", {"booking": "B-1", **fields})


def cancelled(**fields: Any) -> Fact:
    return ("booking_cancelled", "N-1", {"booking": "B-1", **fields})


def payout(gross: str, **fields: Any) -> Fact:
    return ("payout_settled", "O-1", {"method": "card", "gross": gross, "fees": "2.90", **fields})


KEPT = "Deposits -1610 | Forfeited deposits 1387 GST+QST | GST 77/1387 | QST 146/1387"

TABLE: dict[str, tuple[list[Fact], list[str]]] = {
    "a deposit forfeited is a receipt over nothing, with the tax that is in it": (
        [HELD, ("deposit_forfeited", "X-1", {"deposit": "D-7"})],
        [
            (
                "SalesReceipt sale:X-1 | Forfeited deposits 1387 GST+QST | Deposits -1610"
                " | GST 77/1387 | QST 146/1387"
            )
        ],
    ),
    "a deposit that is moved changes no books": (
        [HELD, ("deposit_moved", "M-1", {"deposit": "D-7", "to_booking": "B-2"})],
        [],
    ),
    "a no-show voids the invoice and keeps the deposit": (
        [HELD, BILLED, no_show()],
        ["Void void:N-1:11 Invoice sale:I-1", f"SalesReceipt sale:N-1 | {KEPT}"],
    ),
    "a fee for a no-show is an invoice of its own": (
        [HELD, no_show(fee=FEE, customer="C-1")],
        [
            "Invoice sale:N-1 C-1 1150 | fee 1000 GST+QST | GST 50/1000 | QST 100/1000",
            f"SalesReceipt forfeit:N-1 | {KEPT}",
        ],
    ),
    "a fee that is paid is a sales receipt": (
        [no_show(fee=FEE, tenders=[card("11.50")])],
        [
            (
                "SalesReceipt sale:N-1 clearing:card 1150 | fee 1000 GST+QST | GST 50/1000"
                " | QST 100/1000"
            )
        ],
    ),
    "a cancellation gives the deposit back; later the invoice is met by a credit memo": (
        [HELD, BILLED, cancelled(**LATER)],
        [
            "CreditMemo credit:N-1:1 C-1 4599 | Hats 4000 GST+QST | GST 200/4000 | QST 399/4000",
            (
                "Payment link:N-1:1 C-1 nothing 0 | Invoice sale:I-1 4599"
                " | CreditMemo credit:N-1:1 4599"
            ),
            "RefundReceipt refund:N-1 cash:unassigned 1610 | Deposits 1610",
        ],
    ),
    "a deposit may become store credit": (
        [HELD, cancelled(deposit="store_credit", customer="C-1")],
        ["SalesReceipt sale:N-1 | Deposits -1610 | Store credit 1610"],
    ),
    "a package is taxed when it is sold": (
        [PACKAGE],
        [
            (
                "SalesReceipt sale:S-1 clearing:card 11498 | Packages 10000 GST+QST"
                " | GST 500/10000 | QST 998/10000"
            )
        ],
    ),
    "a use of a package is income": (
        [
            PACKAGE,
            (
                "sale_completed",
                "S-2",
                {
                    "lines": [{"kind": "service", "category": "Cuts"}],
                    "tenders": [{"kind": "package", "package": "PK"}],
                },
            ),
        ],
        ["SalesReceipt sale:S-2 | Cuts 3333 exempt | Packages -3333"],
    ),
    "a bill for goods that came before": (
        [
            received(),
            (
                "bill_received",
                "BI-1",
                {
                    "bill": "77",
                    "vendor": "V",
                    "receipts": ["R-1"],
                    "lines": [{"account": "freight_in", "amount": "9.00"}],
                    "taxes": taxes("5.45", "10.87"),
                },
            ),
        ],
        [
            (
                "Bill bill:BI-1 no 77 V 12532 | goods_received_not_billed 10000 GST+QST"
                " | freight_in 900 GST+QST | GST 545/10900 | QST 1087/10900"
            )
        ],
    ),
    "a landed cost with its bill": (
        [
            received(),
            (
                "landed_cost_added",
                "L-1",
                {"receipts": ["R-1"], "vendor": "Carrier", "bill": "9", "freight": "30.00"},
            ),
        ],
        ["Bill bill:L-1 no 9 Carrier 3000 | inventory 3000"],
    ),
    "goods that go back are a vendor's credit": (
        [
            received(bill="77"),
            (
                "goods_returned",
                "K-1",
                {"receipt": "R-1", "vendor": "V", "credit_note": "CN-1", "lines": TWO_BACK},
            ),
        ],
        ["VendorCredit credit:K-1 no CN-1 V 1900 | stock_adjustments -100 | inventory 2000"],
    ),
    "goods that go back before their bill lessen it": (
        [
            received(),
            ("goods_returned", "K-1", {"receipt": "R-1", "vendor": "V", "lines": TWO_BACK}),
        ],
        [
            (
                "JournalEntry rest:K-1 | stock_adjustments 100 | inventory -2000"
                " | goods_received_not_billed 1900"
            )
        ],
    ),
    "a payout is a deposit less its fee": (
        [
            payout(
                "100.00",
                adjustments=[{"account": "dispute_fees", "amount": "-15.00", "reason": "DP-1"}],
            )
        ],
        [
            (
                "Deposit deposit:O-1 bank:main 8210 | merchant_fees -290 | clearing:card 10000"
                " | dispute_fees -1500"
            )
        ],
    ),
    "a payout below nothing is a journal": (
        [payout("-10.00")],
        ["JournalEntry rest:O-1 | bank:main -1290 | merchant_fees 290 | clearing:card 1000"],
    ),
    "a dispute is a journal": (
        [
            ("sale_completed", "S-1", {"lines": [HAT], "tenders": [card("45.99")]}),
            (
                "dispute_opened",
                "Q-1",
                {"dispute": "DP-1", "sale": "S-1", "amount": "45.99", "fee": "15.00"},
            ),
        ],
        [
            (
                "JournalEntry rest:Q-1 | disputes_receivable 4599 | dispute_fees 1500"
                " | clearing:card -6099"
            )
        ],
    ),
    "tips that are paid out are a journal": (
        [("tips_paid_out", "T-1", {"staff": "Ana", "amount": "5.00", "tenders": [cash("5.00")]})],
        ["JournalEntry rest:T-1 | tips 500 | cash:unassigned -500"],
    ),
    "a card that expires is a journal": (
        [
            FILLED,
            (
                "gift_card_expired",
                "E-1",
                {"gift_card": "GC-1", "amount": "5.00", "override": "the holder is gone"},
            ),
        ],
        ["JournalEntry rest:E-1 | gift_cards 500 | gift_card_breakage -500"],
    ),
    "a card that is paid out is a journal": (
        [FILLED, ("gift_card_cashed_out", "E-1", {"gift_card": "GC-1", "amount": "5.00"})],
        ["JournalEntry rest:E-1 | gift_cards 500 | cash:unassigned -500"],
    ),
    "what leaves suspense is a journal": (
        [
            (
                "sale_completed",
                "S-1",
                {"lines": [goods("Pins", "9.00")], "tenders": [card("9.00", "zap")]},
            ),
            (
                "exception_cleared",
                "E-1",
                {
                    "exception": "S-1:0",
                    "reason": "it was cash",
                    "lines": [{"account": "cash", "holder": "till-1", "debit": "9.00"}],
                },
            ),
        ],
        ["JournalEntry rest:E-1 | suspense -900 | cash:till-1 900"],
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


def test_a_days_forfeits_are_on_its_receipt() -> None:
    till = Till()
    till.state("policy_set", "P-1", policy="posting", value="per_day")
    till.state("sale_completed", "S-1", lines=[HAT], tenders=[cash("45.99")])
    for word, event_id, fields in (HELD, ("deposit_forfeited", "X-1", {"deposit": "D-7"})):
        till.state(word, event_id, **fields)
    entries = till.entries[1:]
    [scope] = {scope_of(entry, till.settings, till.by_id) for entry in entries}
    assert scope is not None
    documents = plan_set(scope, entries, till.settings, till.book, till.names, till.by_id)
    assert told(documents) == [
        (
            "SalesReceipt day:2026-03-14:-:1:sale cash:unassigned 6209 | Deposits 1610"
            " | Deposits -1610 | Forfeited deposits 1387 GST+QST | Hats 4000 GST+QST"
            " | GST 277/5387 | QST 545/5387"
        )
    ]
    conserved(entries, documents)
