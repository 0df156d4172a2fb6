"""Settlements: payouts with fees and reserves, disputes opened, won and lost (5.11)."""

from typing import Any

import pytest

from tests.builders import a_sale, card, fact, goods
from tests.ledger.memory import Memory
from tests.notation import booked, journal


def settled(**fields: Any) -> list[str]:
    """Return the journal of a payout of 1,000.00 less 30.00."""
    ledger = Memory()
    ledger.record(a_sale("S-1", [goods("1000.00")], [card("1000.00", None)]))
    stated: dict[str, Any] = {"method": "card", "gross": "1000.00", "fees": "30.00"} | fields
    return booked(ledger.record(fact("payout_settled", "O-1", **stated)))


def test_1000_00_of_card_sales_reach_the_bank_as_970_00() -> None:
    assert settled() == journal(
        "Dr bank main 970.00 / Dr merchant_fees 30.00 / Cr clearing card 1000.00"
    )


def test_a_reserve_of_100_00_stays_with_the_processor() -> None:
    reserve = {"account": "cash_in_transit", "amount": "-100.00", "reason": "rolling reserve"}
    assert settled(adjustments=[reserve]) == journal(
        "Dr bank main 870.00 / Dr cash_in_transit 100.00 / Dr merchant_fees 30.00"
        " / Cr clearing card 1000.00"
    )


def disputed() -> Memory:
    """Return a book in which a buyer disputes a sale of 100.00; the bank asks 15.00 for it."""
    ledger = Memory()
    ledger.record(a_sale("S-1", [goods("100.00")], [card("100.00", None)]))
    ledger.record(
        fact("dispute_opened", "Q-1", dispute="DP-1", sale="S-1", amount="100.00", fee="15.00")
    )
    return ledger


def test_a_dispute_of_100_00_with_a_fee_of_15_00_takes_115_00_from_the_clearing() -> None:
    assert booked(disputed().entries[-1]) == journal(
        "Dr disputes_receivable DP-1 100.00 / Dr dispute_fees 15.00 / Cr clearing card 115.00"
    )


@pytest.mark.parametrize(
    ("fields", "entry"),
    [
        ({}, "Dr clearing card 100.00 / Cr disputes_receivable DP-1 100.00"),
        (
            {"fee_returned": "15.00"},
            "Dr clearing card 115.00 / Cr disputes_receivable DP-1 100.00 / Cr dispute_fees 15.00",
        ),
    ],
    ids=["fee kept", "fee returned"],
)
def test_a_dispute_won_comes_back(fields: dict[str, str], entry: str) -> None:
    won = fact("dispute_won", "Q-2", dispute="DP-1", **fields)
    assert booked(disputed().record(won)) == journal(entry)


def test_a_dispute_lost_is_a_loss_and_the_goods_stay_gone() -> None:
    lost = fact("dispute_lost", "Q-2", dispute="DP-1")
    assert booked(disputed().record(lost)) == journal(
        "Dr dispute_losses 100.00 / Cr disputes_receivable DP-1 100.00"
    )
