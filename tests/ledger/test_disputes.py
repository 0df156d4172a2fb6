"""Payments that a customer's bank takes back: opened, won, lost (5.18)."""

from typing import Any

import pytest

from ledger.events import Event
from ledger.postings import Caveat
from tests.builders import (
    a_deposit,
    a_refund,
    a_sale,
    card,
    cash,
    fact,
    gift_card,
    goods,
    method,
    reversal,
)
from tests.ledger.memory import TILL, Memory
from tests.ledger.refusals import conflict, faults, forbidden
from tests.notation import booked, journal


def opened(amount: str = "100.00", **fields: Any) -> Event:
    """Return a dispute opened, by default DP-1 about the sale S-1."""
    stated = {"dispute": "DP-1", "sale": "S-1"} | fields
    return fact("dispute_opened", stated.pop("id_", "open-DP-1"), amount=amount, **stated)


def ended(kind: str, **fields: Any) -> Event:
    """Return the dispute DP-1 won or lost."""
    stated = {"dispute": "DP-1"} | fields
    return fact(f"dispute_{kind}", stated.pop("id_", f"{kind}-DP-1"), **stated)


@pytest.fixture
def ledger() -> Memory:
    """Return a book in which a sale of 100.00 was paid by visa."""
    ledger = Memory()
    ledger.record(method("visa"))
    ledger.record(a_sale("S-1", [goods("100.00")], [card("100.00")]))
    return ledger


def test_what_is_disputed_leaves_clearing_with_the_fee(ledger: Memory) -> None:
    assert booked(ledger.record(opened(fee="15.00"))) == journal(
        """
        Dr disputes_receivable DP-1 100.00 / Dr dispute_fees 15.00
        Cr clearing visa 115.00
        """
    )


def test_won_it_comes_back(ledger: Memory) -> None:
    ledger.record(opened(fee="15.00"))
    assert booked(ledger.record(ended("won"))) == journal(
        "Dr clearing visa 100.00 / Cr disputes_receivable DP-1 100.00"
    )


def test_the_fee_comes_back_where_it_is_returned(ledger: Memory) -> None:
    before = ledger.balances()
    ledger.record(opened(fee="15.00"))
    assert booked(ledger.record(ended("won", fee_returned="15.00"))) == journal(
        """
        Dr clearing visa 115.00
        Cr disputes_receivable DP-1 100.00 / Cr dispute_fees 15.00
        """
    )
    assert ledger.balances() == before


def test_lost_it_is_a_loss(ledger: Memory) -> None:
    """With a further fee; no goods come back."""
    ledger.record(opened(fee="15.00"))
    assert booked(ledger.record(ended("lost", fee="5.00"))) == journal(
        """
        Dr dispute_losses 100.00 / Dr dispute_fees 5.00
        Cr disputes_receivable DP-1 100.00 / Cr clearing visa 5.00
        """
    )


def test_the_method_is_the_one_named_else_of_the_sales_first_money(ledger: Memory) -> None:
    """Gift cards are not disputed, and cash only where nothing else was paid."""
    ledger.record(a_sale("S-0", [{"kind": "gift_card", "gift_card": "G", "net": "9"}], [cash("9")]))
    paid = [gift_card("G", "9.00"), cash("1.00"), card("90.00")]
    ledger.record(a_sale("S-2", [goods("100.00")], paid))
    of_sale = ledger.record(opened("90.00", sale="S-2", dispute="DP-2", id_="open-DP-2"))
    assert "Cr clearing visa 90.00" in booked(of_sale)
    named = opened("9.00", sale=None, method="card", dispute="DP-3", id_="open-DP-3")
    assert "Cr clearing card 9.00" in booked(ledger.record(named))
    in_cash = ledger.record(opened("9.00", sale="S-0", dispute="DP-4", id_="open-DP-4"))
    assert "Cr cash unassigned 9.00" in booked(in_cash)


def test_a_deposit_can_be_disputed_but_no_refund(ledger: Memory) -> None:
    ledger.record(a_deposit(tenders=[card("16.10")]))
    of_deposit = opened("16.10", sale="D-7-in", dispute="DP-2", id_="open-DP-2")
    assert "Cr clearing visa 16.10" in booked(ledger.record(of_deposit))
    ledger.record(a_refund("R-1", "S-1", [card("100.00")]))
    assert conflict(ledger, opened(sale="R-1"))["code"] == "sale-unknown"


def test_a_dispute_is_opened_once_and_ends_once(ledger: Memory) -> None:
    unknown = {"code": "dispute-unknown", "pointer": "/dispute", "dispute": "DP-1"}
    assert conflict(ledger, ended("won")) == unknown
    ledger.record(opened())
    assert conflict(ledger, opened(id_="again"))["code"] == "dispute-known"
    ledger.record(ended("lost"))
    assert conflict(ledger, ended("won")) == {
        "code": "dispute-closed",
        "pointer": "/dispute",
        "dispute": "DP-1",
        "event": "lost-DP-1",
    }


def test_an_end_that_is_taken_back_may_be_another(ledger: Memory) -> None:
    before = ledger.balances()
    ledger.record(opened())
    assert conflict(ledger, reversal("S-1"))["event"] == "open-DP-1"
    ledger.record(ended("lost"))
    assert conflict(ledger, reversal("open-DP-1"))["event"] == "lost-DP-1"
    ledger.record(reversal("lost-DP-1"))
    ledger.record(ended("won"))
    assert ledger.balances() == before
    ledger.record(reversal("won-DP-1"))
    ledger.record(reversal("open-DP-1"))
    assert ledger.balances() == before
    ledger.record(opened(id_="anew"))


def test_a_sale_that_nobody_knows(ledger: Memory) -> None:
    """Refused; offline, the money stands in suspense until its method is known."""
    assert conflict(ledger, opened(sale="S-9"))["code"] == "sale-unknown"
    entry = ledger.record(opened(sale="S-9", happened_offline=True))
    assert booked(entry) == journal(
        "Dr disputes_receivable DP-1 100.00 / Cr suspense method:unknown 100.00"
    )
    assert entry.caveats == (Caveat("unknown-method", "unknown", -10000),)
    ledger.record(reversal("open-DP-1"))
    ledger.record(reversal("S-1"))
    assert conflict(ledger, opened(id_="anew"))["code"] == "sale-reversed"


def test_a_dispute_that_is_not_open_ends_offline_in_suspense(ledger: Memory) -> None:
    holder = "disputes_receivable:DP-1"
    won = ledger.record(ended("won", fee_returned="15.00", happened_offline=True))
    assert booked(won) == journal(f"Dr suspense {holder} 15.00 / Cr dispute_fees 15.00")
    assert won.caveats == (Caveat("dispute-offline", holder, 1500),)
    ledger.record(opened())
    ledger.record(reversal("won-DP-1"))
    ledger.record(ended("won", id_="won-again"))
    lost = ledger.record(ended("lost", happened_offline=True))
    assert booked(lost) == []


def test_a_foreign_dispute_stands_at_what_was_taken(ledger: Memory) -> None:
    line, euro = goods("100.00"), {"currency": "EUR", "rate": "1.5"}
    ledger.record(a_sale("S-2", [line], [card("100.00")], **euro))
    ledger.record(opened(sale="S-2", **euro))
    assert conflict(ledger, ended("lost"))["code"] == "dispute-currency"
    lost = ledger.record(ended("lost", currency="EUR", rate="1.6"))
    assert sorted((p.role, p.at_home) for p in lost.postings) == [
        ("dispute_losses", 16000),
        ("disputes_receivable", -15000),
        ("exchange_gain_loss", -1000),
    ]


def test_what_is_refused(ledger: Memory) -> None:
    assert faults(ledger, opened(sale=None)) == {"/method": "required"}
    on_account = [{"kind": "on_account", "amount": "100.00"}]
    ledger.record(a_sale("S-2", [goods("100.00")], on_account, customer="C-1"))
    assert faults(ledger, opened(sale="S-2")) == {"/method": "required"}
    assert conflict(ledger, opened(sale="M-visa"))["code"] == "sale-unknown"
    assert forbidden(ledger, opened(), TILL)["what"] == "dispute_opened"
    assert faults(ledger, ended("won", fee_returned="0.001")) == {
        "/fee_returned": "too-many-decimals"
    }
    assert faults(ledger, ended("lost", fee="0.001")) == {"/fee": "too-many-decimals"}
