"""What no rule of trade foresees is left to the journal; no document has a negative total."""

from datetime import date
from typing import Any

import pytest

from sync.documents import Line, Place
from sync.plan import plan_entry
from sync.plan.commercial import refunded, sold
from sync.plan.desk import Paper
from sync.plan.trade import Trade
from tests.plan.till import Till, told, transactions
from tests.plan.words import cash, goods, on_account

PAPER = Paper(day=date(2026, 3, 14), currency="CAD", event="S-1")
CASH, CARD = Place("1000", "cash", "till-3"), Place("1010", "clearing", "card")
OPEN = Place("1100", "receivable")
HATS = Place("4000", "sales")


def trade(total: int, receivable: int = 0, **money: int) -> Trade:
    places = {"cash": CASH, "card": CARD}
    return Trade(
        lines=(Line(HATS, "Hats", total),),
        taxes={},
        money={places[name]: amount for name, amount in money.items()},
        receivable={OPEN: receivable},
    )


@pytest.mark.parametrize(
    "odd",
    [
        trade(-100, cash=-100),
        trade(0, cash=100),
        trade(100),
        trade(100, receivable=50),
        Trade(lines=(), taxes={}, money={CASH: 100}, receivable={OPEN: 0}),
    ],
)
def test_a_trade_that_does_not_come_out_has_no_document(odd: Trade) -> None:
    assert told(sold(odd, PAPER)) == told(refunded(odd, PAPER)) == []


def test_money_beyond_the_lines_is_the_journals() -> None:
    assert told(sold(trade(100, cash=100, card=50), PAPER)) == [
        "SalesReceipt sale:S-1 cash:till-3 100 | Hats 100"
    ]
    assert told(refunded(trade(100, cash=50, card=100), PAPER)) == [
        "RefundReceipt refund:S-1 clearing:card 100 | Hats 100"
    ]


HAT = goods("Hats", "40.00", "2.00", "3.99")


def on_tick(till: Till, **fields: Any) -> None:
    tenders = [on_account("45.99")]
    till.state("sale_completed", "S-1", lines=[HAT], tenders=tenders, **fields)


def refund_to_account(till: Till) -> list[str]:
    """Return the keys that the refund's documents apply, planned without its sale at hand."""
    tenders = [on_account("45.99")]
    entry = till.state("refund_issued", "R-1", sale="S-1", tenders=tenders)
    alone = plan_entry(entry, till.settings, till.book, till.names)
    assert told(till.plan(entry))[0] == told(alone)[0]
    return [line.split(" | ")[0] for line in told(alone)]


def test_without_its_sale_at_hand_a_credit_memo_finds_its_invoice_by_the_sales_id() -> None:
    till = Till()
    on_tick(till)
    assert refund_to_account(till) == [
        "CreditMemo credit:R-1 None 4599",
        "Payment link:R-1 None nothing 0",
    ]


def test_what_comes_back_to_an_account_comes_back_to_its_customer() -> None:
    till = Till()
    on_tick(till, customer="C-1")
    tenders = [on_account("40.00"), cash("5.99")]
    split = till.state("refund_issued", "R-1", sale="S-1", tenders=tenders, customer="C-2")
    assert told(till.plan(split))[1:] == [
        "JournalEntry rest:R-1 | receivable -4000 (C-1) | cash:unassigned 4000",
        "Payment link:R-1 C-1 nothing 0 | Invoice sale:S-1 4000 | JournalEntry rest:R-1 4000",
    ]
    till = Till()
    on_tick(till, customer="C-1")
    till.state("refund_issued", "R-1", sale="S-1", tenders=[on_account("45.99")])
    assert told(till.plan(till.by_id["R-1"]))[0].startswith("CreditMemo credit:R-1 C-1 4599")


def test_a_credit_memo_is_not_applied_to_an_invoice_that_was_never_sent() -> None:
    till = Till()
    on_tick(till, business_date="2026-03-01")
    till.state("policy_set", "P-1", policy="history_from", value="2026-03-10")
    entry = till.state("refund_issued", "R-1", sale="S-1", tenders=[on_account("45.99")])
    assert [line.split()[0] for line in told(till.plan(entry))] == ["CreditMemo"]


def test_an_invoice_goes_by_the_name_its_tender_gives_unless_a_sale_has_it() -> None:
    till = Till()
    on_tick(till)
    till.state("sale_completed", "S-2", lines=[HAT], tenders=[on_account("45.99", invoice="INV-7")])
    till.state("sale_completed", "S-3", lines=[HAT], tenders=[on_account("45.99", invoice="S-1")])
    numbers = [transactions(till.plan(entry))[0].number for entry in till.entries]
    assert numbers == ["S-1", "INV-7", "S-3"]


def test_a_vendor_paid_in_cash_is_owed_that_much_less() -> None:
    till = Till()
    stated = {"account": "payable", "holder": "B-1", "vendor": "Lavoie", "amount": "20.00"}
    paid = till.state("cash_moved", "M-1", kind="paid_out", **stated)
    assert told(till.plan(paid)) == [
        "JournalEntry rest:M-1 | payable 2000 (Lavoie) | cash:unassigned -2000"
    ]


def test_an_invoice_is_settled_by_no_more_than_went_to_it() -> None:
    """What a refund leaves the customer as credit stays open beside the invoice."""
    for money in ([], [cash("5.99")]):
        till = Till()
        on_tick(till, customer="C-1")
        credit = {"kind": "customer_credit", "amount": "20.00" if money else "25.99"}
        tenders = [on_account("20.00"), credit, *money]
        back = till.state("refund_issued", "R-1", sale="S-1", tenders=tenders, customer="C-1")
        link = told(till.plan(back))[-1]
        assert link.startswith("Payment link:R-1 C-1 nothing 0 | Invoice sale:S-1 2000 | ")
        assert link.endswith(":R-1 2000")


def test_a_deposit_on_account_goes_back_to_its_invoice() -> None:
    till = Till()
    owed = [on_account("50.00")]
    till.state("deposit_received", "DP-1", deposit="D-1", amount="50.00", tenders=owed)
    back = till.state("deposit_refunded", "DR-1", deposit="D-1")
    assert told(till.plan(back)) == [
        "CreditMemo credit:DR-1 None 5000 | Deposits 5000",
        "Payment link:DR-1 None nothing 0 | Invoice sale:DP-1 5000 | CreditMemo credit:DR-1 5000",
    ]
