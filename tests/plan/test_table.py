"""One table: each kind of fact, and the documents that it becomes; figures in minor units."""

from typing import Any

import pytest

from sync.plan import conserved
from tests.plan.till import Till, told
from tests.plan.words import (
    card,
    card_sold,
    cash,
    deposit,
    gift_card,
    goods,
    on_account,
    store_credit,
    taxes,
)

Fact = tuple[str, str, dict[str, Any]]

HAT = goods("Hats", "40.00", "2.00", "3.99")
PREPAID: Fact = (
    "deposit_received",
    "D-7",
    {
        "deposit": "DEP",
        "kind": "prepayment",
        "amount": "11.50",
        "taxes": taxes("0.50", "1.00"),
        "tenders": [card("11.50")],
    },
)
PLAIN: Fact = (
    "deposit_received",
    "D-8",
    {"deposit": "D-8", "amount": "20.00", "tenders": [cash("20.00")]},
)
FILLED: Fact = (
    "sale_completed",
    "S-0",
    {"lines": [card_sold("GC-12", "50.00")], "tenders": [cash("50.00")]},
)
STOCK: Fact = (
    "goods_received",
    "G-0",
    {
        "receipt": "PO-0",
        "vendor": "Chapelier",
        "lines": [{"item": "HAT", "quantity": "10", "unit_cost": "18.25"}],
    },
)


def sale(event_id: str, lines: list[Any], tenders: list[Any], **fields: Any) -> Fact:
    return ("sale_completed", event_id, {"lines": lines, "tenders": tenders, **fields})


def refund(event_id: str, tenders: list[Any], **fields: Any) -> Fact:
    return ("refund_issued", event_id, {"tenders": tenders, **fields})


TABLE: dict[str, tuple[list[Fact], list[str]]] = {
    "one tender of money is a sales receipt": (
        [sale("S-1", [HAT], [cash("45.99")], register="till-3")],
        [
            (
                "SalesReceipt sale:S-1 cash:till-3 4599 | Hats 4000 GST+QST"
                " | GST 200/4000 | QST 399/4000"
            )
        ],
    ),
    "the sale of the accounting rules: a card sold, one given, tip, rounding, cost": (
        [
            STOCK,
            FILLED,
            sale(
                "S-1",
                [
                    goods("Hats", "40.00", "1.80", "3.59", item="HAT", discount="4.00"),
                    card_sold("GC-88", "50.00"),
                ],
                [gift_card("GC-12", "36.40"), cash("60.00")],
                tip="5.00",
                rounding="0.01",
                register="till-3",
            ),
        ],
        [
            (
                "SalesReceipt sale:S-1 cash:till-3 6000 | Hats 4000 GST+QST"
                " | Discounts - Hats -400 GST+QST | Gift cards -3640 | Gift cards 5000"
                " | Tips 500 | Cash rounding 1 | GST 180/3600 | QST 359/3600"
            ),
            "JournalEntry rest:S-1 | cost_of_goods 1825 | inventory -1825",
        ],
    ),
    "several tenders of money are an invoice and a payment each": (
        [sale("S-1", [HAT], [cash("20.00"), card("25.99", "visa")])],
        [
            "Invoice sale:S-1 None 4599 | Hats 4000 GST+QST | GST 200/4000 | QST 399/4000",
            "Payment payment:S-1:1 None cash:unassigned 2000 | Invoice sale:S-1 2000",
            "Payment payment:S-1:2 None suspense 2599 | Invoice sale:S-1 2599",
        ],
    ),
    "the policy paid_sales asks for an invoice always": (
        [
            ("policy_set", "P-1", {"policy": "paid_sales", "value": "invoice"}),
            sale("S-1", [HAT], [cash("45.99")]),
        ],
        [
            "Invoice sale:S-1 None 4599 | Hats 4000 GST+QST | GST 200/4000 | QST 399/4000",
            "Payment payment:S-1:1 None cash:unassigned 4599 | Invoice sale:S-1 4599",
        ],
    ),
    "what is on account is an invoice, partly paid": (
        [
            sale(
                "S-1",
                [HAT],
                [cash("5.99"), on_account("40.00", invoice="INV-7", due_date="2026-04-14")],
                customer="C-1",
            )
        ],
        [
            (
                "Invoice sale:S-1 no INV-7 C-1 4599 | Hats 4000 GST+QST | GST 200/4000"
                " | QST 399/4000"
            ),
            "Payment payment:S-1:1 C-1 cash:unassigned 599 | Invoice sale:S-1 599",
        ],
    ),
    "a sale wholly on account": (
        [sale("S-1", [HAT], [on_account("45.99")], customer="C-1")],
        ["Invoice sale:S-1 C-1 4599 | Hats 4000 GST+QST | GST 200/4000 | QST 399/4000"],
    ),
    "a sale wholly on a gift card is a zero receipt": (
        [FILLED, sale("S-1", [HAT], [gift_card("GC-12", "45.99")])],
        [
            (
                "SalesReceipt sale:S-1 | Hats 4000 GST+QST | Gift cards -4599"
                " | GST 200/4000 | QST 399/4000"
            )
        ],
    ),
    "rounding down is a negative line": (
        [sale("S-1", [HAT], [cash("45.95")], rounding="-0.04")],
        [
            (
                "SalesReceipt sale:S-1 cash:unassigned 4595 | Hats 4000 GST+QST"
                " | Cash rounding -4 | GST 200/4000 | QST 399/4000"
            )
        ],
    ),
    "shipping and its discount": (
        [
            sale(
                "S-1",
                [HAT, {"kind": "shipping", "unit_price": "10.00", "discount": "2.00"}],
                [cash("53.99")],
            )
        ],
        [
            (
                "SalesReceipt sale:S-1 cash:unassigned 5399 | Hats 4000 GST+QST"
                " | Shipping 1000 exempt | Discounts - shipping -200 exempt"
                " | GST 200/4000 | QST 399/4000"
            )
        ],
    ),
    "a free line among priced ones": (
        [sale("S-1", [HAT, goods("Pins", "0.00", description="A pin")], [cash("45.99")])],
        [
            (
                "SalesReceipt sale:S-1 cash:unassigned 4599 | Hats 4000 GST+QST"
                " | Pins 0 exempt | GST 200/4000 | QST 399/4000"
            )
        ],
    ),
    "a free sale is a zero receipt": (
        [sale("S-1", [goods("Pins", "0.00")], [])],
        ["SalesReceipt sale:S-1 | Pins 0 exempt"],
    ),
    "a sale wholly discounted": (
        [sale("S-1", [goods("Pins", "3.00", discount="3.00")], [])],
        ["SalesReceipt sale:S-1 | Pins 300 exempt | Discounts - Pins -300 exempt"],
    ),
    "by policy a free sale has no document, but what it posted is told": (
        [
            ("policy_set", "P-1", {"policy": "free_sales", "value": "none"}),
            sale("S-1", [goods("Pins", "3.00", discount="3.00")], []),
        ],
        ["JournalEntry rest:S-1 | sales -300 | discounts 300"],
    ),
    "exempt, zero-rated and taxed lines keep their treatment": (
        [
            sale(
                "S-1",
                [HAT, goods("Books", "10.00", tax_treatment="zero"), goods("Care", "20.00")],
                [cash("75.99")],
            )
        ],
        [
            (
                "SalesReceipt sale:S-1 cash:unassigned 7599 | Hats 4000 GST+QST"
                " | Books 1000 zero | Care 2000 exempt | GST 200/4000 | QST 399/4000"
            )
        ],
    ),
    "a deposit received": ([PLAIN], ["SalesReceipt sale:D-8 cash:unassigned 2000 | Deposits 2000"]),
    "a prepayment is taxed when it is paid": (
        [PREPAID],
        [
            (
                "SalesReceipt sale:D-7 clearing:card 1150 | Deposits 1000 GST+QST"
                " | GST 50/1000 | QST 100/1000"
            )
        ],
    ),
    "a deposit given": (
        [PLAIN, sale("S-1", [HAT], [deposit("D-8", "20.00"), card("25.99")])],
        [
            (
                "SalesReceipt sale:S-1 clearing:card 2599 | Hats 4000 GST+QST"
                " | Deposits -2000 | GST 200/4000 | QST 399/4000"
            )
        ],
    ),
    "a prepayment given takes back its net and its tax": (
        [
            PREPAID,
            PLAIN,
            sale(
                "S-1",
                [goods("Repairs", "100.00", "5.00", "9.98")],
                [deposit("DEP", "11.50"), deposit("D-8", "20.00"), card("83.48")],
            ),
        ],
        [
            (
                "SalesReceipt sale:S-1 clearing:card 8348 | Repairs 10000 GST+QST"
                " | Deposits -1000 GST+QST | Deposits -2000 | GST 450/9000 | QST 898/9000"
            )
        ],
    ),
    "a prepayment for what turns out to be exempt": (
        [PREPAID, sale("S-1", [goods("Care", "11.50")], [deposit("DEP", "11.50")])],
        [
            (
                "SalesReceipt sale:S-1 | Care 1150 exempt | Deposits -1000 GST+QST"
                " | GST -50/-1000 | QST -100/-1000"
            )
        ],
    ),
    "a deposit refunded the way it came": (
        [PLAIN, ("deposit_refunded", "R-1", {"deposit": "D-8"})],
        ["RefundReceipt refund:R-1 cash:unassigned 2000 | Deposits 2000"],
    ),
    "a prepayment refunded": (
        [PREPAID, ("deposit_refunded", "R-1", {"deposit": "DEP"})],
        [
            (
                "RefundReceipt refund:R-1 clearing:card 1150 | Deposits 1000 GST+QST"
                " | GST 50/1000 | QST 100/1000"
            )
        ],
    ),
    "a deposit turned into store credit": (
        [
            PLAIN,
            (
                "deposit_refunded",
                "R-1",
                {"deposit": "D-8", "tenders": [store_credit("V-1", "20.00")]},
            ),
        ],
        ["SalesReceipt refund:R-1 | Deposits -2000 | Store credit 2000"],
    ),
    "a refund of one line": (
        [
            sale("S-1", [HAT, goods("Care", "20.00")], [cash("65.99")]),
            refund("R-1", [cash("45.99")], sale="S-1", lines=[{"sale_line": 0, "quantity": "1"}]),
        ],
        [
            (
                "RefundReceipt refund:R-1 cash:unassigned 4599"
                " | Returns - Hats 4000 GST+QST | GST 200/4000 | QST 399/4000"
            )
        ],
    ),
    "a refund by amount of a sale with taxed and exempt lines of one category": (
        [
            sale("S-1", [HAT, goods("Hats", "20.00")], [cash("65.99")]),
            refund("R-1", [cash("33.00")], sale="S-1", amount="33.00"),
        ],
        [
            (
                "RefundReceipt refund:R-1 cash:unassigned 3300"
                " | Returns - Hats 2005 GST+QST | Returns - Hats 995 exempt"
                " | GST 100/2005 | QST 200/2005"
            )
        ],
    ),
    "a refund to several tenders: the largest gets the receipt, the journal moves the rest": (
        [
            sale("S-1", [HAT], [cash("45.99")]),
            refund("R-1", [cash("15.99"), card("30.00", "card")], sale="S-1"),
        ],
        [
            (
                "RefundReceipt refund:R-1 clearing:card 4599"
                " | Returns - Hats 4000 GST+QST | GST 200/4000 | QST 399/4000"
            ),
            "JournalEntry rest:R-1 | cash:unassigned -1599 | clearing:card 1599",
        ],
    ),
    "a refund to store credit is a zero receipt": (
        [
            sale("S-1", [HAT], [cash("45.99")]),
            refund("R-1", [store_credit("V-1", "45.99")], sale="S-1"),
        ],
        [
            (
                "SalesReceipt refund:R-1 | Returns - Hats -4000 GST+QST"
                " | Store credit 4599 | GST -200/-4000 | QST -399/-4000"
            )
        ],
    ),
    "a refund partly to store credit": (
        [
            sale("S-1", [HAT], [cash("45.99")]),
            refund("R-1", [store_credit("V-1", "20.00"), cash("25.99")], sale="S-1"),
        ],
        [
            (
                "RefundReceipt refund:R-1 cash:unassigned 2599"
                " | Returns - Hats 4000 GST+QST | Store credit -2000 | GST 200/4000"
                " | QST 399/4000"
            )
        ],
    ),
    "a refund to the account is a credit memo, applied": (
        [
            sale("S-1", [HAT], [on_account("45.99")], customer="C-1"),
            refund("R-1", [on_account("45.99")], sale="S-1", customer="C-1"),
        ],
        [
            (
                "CreditMemo credit:R-1 C-1 4599 | Returns - Hats 4000 GST+QST"
                " | GST 200/4000 | QST 399/4000"
            ),
            "Payment link:R-1 C-1 nothing 0 | Invoice sale:S-1 4599 | CreditMemo credit:R-1 4599",
        ],
    ),
    "a refund to account and cash": (
        [
            sale("S-1", [HAT], [on_account("40.00"), cash("5.99")], customer="C-1"),
            refund("R-1", [on_account("40.00"), cash("5.99")], sale="S-1", customer="C-1"),
        ],
        [
            (
                "RefundReceipt refund:R-1 cash:unassigned 4599"
                " | Returns - Hats 4000 GST+QST | GST 200/4000 | QST 399/4000"
            ),
            "JournalEntry rest:R-1 | receivable -4000 (C-1) | cash:unassigned 4000",
            "Payment link:R-1 C-1 nothing 0 | Invoice sale:S-1 4000 | JournalEntry rest:R-1 4000",
        ],
    ),
    "a blind refund": (
        [refund("R-1", [card("45.99")], lines=[HAT])],
        [
            (
                "RefundReceipt refund:R-1 clearing:card 4599"
                " | Returns - Hats 4000 GST+QST | GST 200/4000 | QST 399/4000"
            )
        ],
    ),
    "a blind refund of an amount": (
        [refund("R-1", [card("30.00")], amount="30.00")],
        ["RefundReceipt refund:R-1 clearing:card 3000 | Returns - goods 3000 exempt"],
    ),
    "a restocked refund": (
        [
            STOCK,
            sale("S-1", [{**HAT, "item": "HAT"}], [cash("45.99")]),
            refund("R-1", [cash("45.99")], sale="S-1", restock="yes"),
        ],
        [
            (
                "RefundReceipt refund:R-1 cash:unassigned 4599"
                " | Returns - Hats 4000 GST+QST | GST 200/4000 | QST 399/4000"
            ),
            "JournalEntry rest:R-1 | cost_of_goods -1825 | inventory 1825",
        ],
    ),
    "a gift card sold comes back": (
        [FILLED, refund("R-1", [cash("50.00")], sale="S-0")],
        ["RefundReceipt refund:R-1 cash:unassigned 5000 | Gift cards 5000"],
    ),
    "store credit given for nothing": (
        [("store_credit_issued", "V-1", {"voucher": "V-1", "amount": "10.00", "reason": "sorry"})],
        ["JournalEntry rest:V-1 | store_credit_expense 1000 | store_credit -1000"],
    ),
    "a float": (
        [("register_opened", "O-1", {"session": "T-1", "register": "till-3", "float": "100.00"})],
        ["JournalEntry rest:O-1 | cash:till-3 10000 | bank:main -10000"],
    ),
    "cash to the bank": (
        [("cash_moved", "M-1", {"register": "till-3", "kind": "bank", "amount": "60.00"})],
        ["JournalEntry rest:M-1 | bank:main 6000 | cash:till-3 -6000"],
    ),
    "a vendor paid from the drawer": (
        [
            (
                "cash_moved",
                "M-1",
                {
                    "register": "till-3",
                    "kind": "paid_out",
                    "account": "payable",
                    "holder": "B-1",
                    "amount": "60.00",
                },
            )
        ],
        ["JournalEntry rest:M-1 | payable 6000 (Sundry vendors) | cash:till-3 -6000"],
    ),
    "a drawer counted": (
        [
            ("register_opened", "O-1", {"session": "T-1", "register": "till-3", "float": "100.00"}),
            (
                "register_closed",
                "Z-1",
                {"session": "T-1", "counted": [{"method": "cash", "amount": "99.00"}]},
            ),
        ],
        ["JournalEntry rest:Z-1 | cash:till-3 -100 | till_over_short 100"],
    ),
    "a late sale of a closed drawer": (
        [
            ("register_opened", "O-1", {"session": "T-1", "register": "till-3", "float": "100.00"}),
            (
                "register_closed",
                "Z-1",
                {"session": "T-1", "counted": [{"method": "cash", "amount": "100.00"}]},
            ),
            sale("S-9", [HAT], [cash("45.99")], session="T-1", register="till-3"),
        ],
        [
            (
                "SalesReceipt sale:S-9 cash:till-3 4599 | Hats 4000 GST+QST"
                " | GST 200/4000 | QST 399/4000"
            ),
            "JournalEntry rest:S-9 | cash:till-3 -4599 | till_over_short 4599",
        ],
    ),
    "goods with their bill": (
        [
            (
                "goods_received",
                "G-1",
                {
                    **STOCK[2],
                    "bill": "B-77",
                    "freight": "10.00",
                    "discount": "5.00",
                    "taxes": taxes("9.38", "18.70"),
                },
            )
        ],
        [
            (
                "Bill bill:G-1 no B-77 Chapelier 21558 | inventory 18750 GST+QST"
                " | GST 938/18750 | QST 1870/18750"
            )
        ],
    ),
    "goods with their bill, landed cost expensed": (
        [
            ("policy_set", "P-1", {"policy": "landed_cost", "value": "expense"}),
            (
                "goods_received",
                "G-1",
                {
                    **STOCK[2],
                    "bill": "B-77",
                    "freight": "10.00",
                    "duty": "2.00",
                    "discount": "5.00",
                },
            ),
        ],
        [
            (
                "Bill bill:G-1 no B-77 Chapelier 18950 | freight_in 1000 | duty 200"
                " | purchase_discounts -500 | inventory 18250"
            )
        ],
    ),
    "goods before their bill": (
        [STOCK],
        ["JournalEntry rest:G-0 | inventory 18250 | goods_received_not_billed -18250"],
    ),
    "stock broken": (
        [
            STOCK,
            (
                "stock_adjusted",
                "A-1",
                {"lines": [{"item": "HAT", "quantity": "-1"}], "reason": "broken"},
            ),
        ],
        ["JournalEntry rest:A-1 | stock_adjustments 1825 | inventory -1825"],
    ),
    "a journal by hand, with its customer and vendor": (
        [
            (
                "journal_posted",
                "J-1",
                {
                    "reason": "opening",
                    "lines": [
                        {
                            "account": "receivable",
                            "holder": "OLD-1",
                            "customer": "C-1",
                            "debit": "30.00",
                        },
                        {
                            "account": "payable",
                            "holder": "B-1",
                            "vendor": "Chapelier",
                            "credit": "20.00",
                        },
                        {"account": "sales_tax", "holder": "GST", "credit": "10.00"},
                    ],
                },
            )
        ],
        [
            (
                "JournalEntry rest:J-1 | receivable 3000 (C-1)"
                " | payable -2000 (Chapelier) | sales_tax:GST -1000"
            )
        ],
    ),
    "a tax that came without a net": (
        [sale("S-1", [goods("Hats", "0.00", "0.05", "0.10")], [cash("0.15")])],
        [
            (
                "SalesReceipt sale:S-1 cash:unassigned 15 | Hats 0 GST+QST"
                " | goods 100 GST+QST | goods -100 | GST 5/100 | QST 10/100"
            )
        ],
    ),
    "the refund of such a tax stands on a line that comes to nothing": (
        [
            sale("S-1", [goods("Hats", "0.00", "0.05", "0.10")], [cash("0.15")]),
            refund("R-1", [cash("0.15")], sale="S-1"),
        ],
        [
            (
                "RefundReceipt refund:R-1 cash:unassigned 15"
                " | Returns - goods 100 GST+QST | Returns - goods -100 | GST 5/100"
                " | QST 10/100"
            )
        ],
    ),
    "a service whose item nobody knew keeps its kind as category": (
        [sale("S-1", [{"kind": "service", "item": "CUT", "net": "20.00"}], [cash("20.00")])],
        ["SalesReceipt sale:S-1 cash:unassigned 2000 | service 2000 exempt"],
    ),
    "a bill of taxes alone": (
        [
            (
                "goods_received",
                "G-1",
                {**STOCK[2], "bill": "B-77", "discount": "182.50", "taxes": taxes("5.00", "9.98")},
            )
        ],
        [
            (
                "Bill bill:G-1 no B-77 Chapelier 1498 | inventory 0 GST+QST"
                " | inventory 10003 GST+QST | inventory -10003 | GST 500/10003"
                " | QST 998/10003"
            )
        ],
    ),
    "a bill that comes to nothing": (
        [("goods_received", "G-1", {**STOCK[2], "bill": "B-77", "discount": "182.50"})],
        [],
    ),
    "a late sale of a closed drawer, by two tenders": (
        [
            ("register_opened", "O-1", {"session": "T-1", "register": "till-3", "float": "100.00"}),
            (
                "register_closed",
                "Z-1",
                {"session": "T-1", "counted": [{"method": "cash", "amount": "100.00"}]},
            ),
            sale("S-9", [HAT], [cash("5.99"), card("40.00")], session="T-1", register="till-3"),
        ],
        [
            "Invoice sale:S-9 None 4599 | Hats 4000 GST+QST | GST 200/4000 | QST 399/4000",
            "Payment payment:S-9:1 None cash:till-3 599 | Invoice sale:S-9 599",
            "Payment payment:S-9:2 None clearing:card 4000 | Invoice sale:S-9 4000",
            "JournalEntry rest:S-9 | cash:till-3 -599 | till_over_short 599",
        ],
    ),
    "taxes that round to nothing have no base": (
        [sale("S-1", [goods("Pins", "0.05", "0.00", "0.00")], [cash("0.05")])],
        ["SalesReceipt sale:S-1 cash:unassigned 5 | Pins 5 GST+QST | GST 0/0 | QST 0/0"],
    ),
    "credit paid out in cash is the customer's": (
        [
            (
                "journal_posted",
                "J-1",
                {
                    "reason": "opening",
                    "lines": [
                        {"account": "receivable", "customer": "C-9", "credit": "30.00"},
                        {"account": "opening_balance", "debit": "30.00"},
                    ],
                },
            ),
            (
                "cash_moved",
                "M-1",
                {
                    "register": "till-3",
                    "kind": "paid_out",
                    "account": "receivable",
                    "holder": "credit:C-9",
                    "amount": "30.00",
                },
            ),
        ],
        ["JournalEntry rest:M-1 | receivable 3000 (C-9) | cash:till-3 -3000"],
    ),
    "a sale on a customer's credit": (
        [
            (
                "journal_posted",
                "J-1",
                {
                    "reason": "opening",
                    "lines": [
                        {"account": "receivable", "customer": "C-1", "credit": "45.99"},
                        {"account": "opening_balance", "debit": "45.99"},
                    ],
                },
            ),
            sale("S-1", [HAT], [{"kind": "customer_credit", "amount": "45.99"}], customer="C-1"),
        ],
        ["Invoice sale:S-1 C-1 4599 | Hats 4000 GST+QST | GST 200/4000 | QST 399/4000"],
    ),
    "money by a method that nobody knows waits in suspense": (
        [sale("S-1", [HAT], [card("45.99", "zap")])],
        ["SalesReceipt sale:S-1 suspense 4599 | Hats 4000 GST+QST | GST 200/4000 | QST 399/4000"],
    ),
    "an overdrawn card, offline": (
        [
            FILLED,
            sale(
                "S-1",
                [goods("Care", "80.00")],
                [gift_card("GC-12", "80.00")],
                happened_offline=True,
            ),
        ],
        ["SalesReceipt sale:S-1 suspense 3000 | Care 8000 exempt | Gift cards -5000"],
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
