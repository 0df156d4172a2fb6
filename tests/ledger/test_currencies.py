"""Foreign money: both amounts on every posting, both balanced, and what a rate gains or loses."""

from typing import Any

import pytest
from msgspec.structs import replace

from tests.builders import (
    a_gift_card,
    a_journal,
    a_receipt,
    a_refund,
    a_sale,
    card,
    cash,
    fact,
    gift_card,
    goods,
    tender,
)
from tests.ledger.memory import LONDON, MONTREAL, Memory
from tests.ledger.refusals import conflict, faults
from tests.notation import booked, journal


def _usd(rate: str) -> dict[str, Any]:
    return {"currency": "USD", "rate": rate}


def test_a_sale_in_foreign_money_stands_in_both(ledger: Memory) -> None:
    lines = [goods("40.00", taxes=[{"tax": "GST", "amount": "2.00"}])]
    sold = a_sale("S-1", lines, [card("42.00", None)], **_usd("1.3725"))
    assert booked(ledger.record(sold)) == journal(
        """Dr clearing card 42.00 USD = 57.65
        Cr sales Hats 40.00 USD = 54.90
        Cr sales_tax GST 2.00 USD = 2.75"""
    )


def test_the_rest_of_rounding_goes_to_exchange(ledger: Memory) -> None:
    """0.05 + 0.05 at 1.1 is 0.06 + 0.06 a part, but 0.11 together."""
    lines = [goods("0.05", "Hats"), goods("0.05", "Caps")]
    assert booked(
        ledger.record(a_sale("S-1", lines, [card("0.10", None)], **_usd("1.1")))
    ) == journal(
        """Dr clearing card 0.10 USD = 0.11
        Dr exchange_gain_loss 0.00 USD = 0.01
        Cr sales Hats 0.05 USD = 0.06
        Cr sales Caps 0.05 USD = 0.06"""
    )


def test_a_card_is_drawn_at_what_it_was_filled_at(ledger: Memory) -> None:
    """Filled twice, it stands at the average; the difference to the day's rate is a gain."""
    ledger.record(a_gift_card("GC-1", "50.00", **_usd("1.30")))
    ledger.record(a_gift_card("GC-1", "50.00", "again", **_usd("1.40")))
    sold = a_sale("S-1", [goods("60.00")], [gift_card("GC-1", "60.00")], **_usd("1.25"))
    assert booked(ledger.record(sold)) == journal(
        """Dr gift_cards GC-1 60.00 USD = 81.00
        Cr sales Hats 60.00 USD = 75.00
        Cr exchange_gain_loss 0.00 USD = 6.00"""
    )
    rest = a_sale("S-2", [goods("40.00")], [gift_card("GC-1", "40.00")], **_usd("1.50"))
    assert booked(ledger.record(rest)) == journal(
        """Dr gift_cards GC-1 40.00 USD = 54.00
        Dr exchange_gain_loss 0.00 USD = 6.00
        Cr sales Hats 40.00 USD = 60.00"""
    )
    assert ledger.carried("gift_cards", "GC-1", "USD") == 0


def test_what_a_card_holds_is_of_one_currency(ledger: Memory) -> None:
    ledger.record(a_gift_card("GC-1", "50.00"))
    drawn = a_sale("S-1", [goods("10.00")], [gift_card("GC-1", "10.00")], **_usd("1.30"))
    refused = conflict(ledger, drawn)
    assert (refused["code"], refused["available"], refused["currency"]) == (
        "overdrawn",
        "0.00",
        "USD",
    )


def test_a_receivable_settled_at_a_lower_rate_loses(ledger: Memory) -> None:
    on_account = {"kind": "on_account", "amount": "100.00"}
    ledger.record(a_sale("S-1", [goods("100.00")], [on_account], customer="C-1", **_usd("1.40")))
    paid = a_journal(
        "P-1",
        {"account": "bank", "debit": "100.00"},
        {"account": "receivable", "holder": "S-1", "customer": "C-1", "credit": "100.00"},
        **_usd("1.35"),
    )
    assert booked(ledger.record(paid)) == journal(
        """Dr bank main 100.00 USD = 135.00
        Dr exchange_gain_loss 0.00 USD = 5.00
        Cr receivable S-1 100.00 USD = 140.00"""
    )


def test_a_reversal_takes_back_both_amounts(ledger: Memory) -> None:
    ledger.record(a_gift_card("GC-1", "50.00", **_usd("1.30")))
    before = dict(ledger._carried)
    drawn = a_sale("S-1", [goods("20.00")], [gift_card("GC-1", "20.00")], **_usd("1.20"))
    ledger.record(drawn)
    ledger.record(fact("event_reversed", "X-1", reverses="S-1", reason="mistake"))
    assert {place: sum_ for place, sum_ in ledger._carried.items() if sum_} == before


def test_what_was_drawn_before_a_reversal_offline_stands_at_what_it_was_carried_at(
    ledger: Memory,
) -> None:
    """Nothing is gained by taking back a card that is half used."""
    ledger.record(a_gift_card("GC-1", "50.00", **_usd("1.35")))
    drawn = a_sale("S-1", [goods("20.00")], [gift_card("GC-1", "20.00")], **_usd("1.35"))
    ledger.record(drawn)
    back = fact(
        "event_reversed", "X-1", reverses="sold-GC-1", reason="mistake", happened_offline=True
    )
    assert booked(ledger.record(back)) == journal(
        """Dr gift_cards GC-1 30.00 USD = 40.50
        Dr suspense gift_cards:GC-1 20.00 USD = 27.00
        Cr cash unassigned 50.00 USD = 67.50"""
    )
    assert ledger.carried("gift_cards", "GC-1", "USD") == 0


def test_a_reversal_is_in_the_money_of_what_it_takes_back(ledger: Memory) -> None:
    ledger.record(a_gift_card("GC-1", "50.00"))
    stated = fact("event_reversed", "X-1", reverses="sold-GC-1", reason="x", **_usd("0.9"))
    refused = conflict(ledger, stated)
    assert (refused["code"], refused["currency"]) == ("other-currency", "CAD")


def test_the_cost_of_goods_is_home_money(ledger: Memory) -> None:
    ledger.record(a_receipt("G-1", ("HAT", "10", "18.25")))
    sold = a_sale("S-1", [goods("40.00", item="HAT")], [card("40.00", None)], **_usd("1.30"))
    assert booked(ledger.record(sold)) == journal(
        """Dr clearing card 40.00 USD = 52.00
        Cr sales Hats 40.00 USD = 52.00
        Dr cost_of_goods Hats 18.25
        Cr inventory HAT 18.25 x 1"""
    )


def test_a_refund_in_foreign_money(ledger: Memory) -> None:
    ledger.record(a_sale("S-1", [goods("40.00")], [card("40.00", None)], **_usd("1.30")))
    back = a_refund("R-1", "S-1", [card("40.00", None)], **_usd("1.20"))
    assert booked(ledger.record(back)) == journal(
        """Dr sales_returns Hats 40.00 USD = 48.00
        Dr exchange_gain_loss 0.00 USD = 4.00
        Cr clearing card 40.00 USD = 52.00"""
    )


@pytest.mark.parametrize(
    ("stated", "wrong"),
    [
        ({"currency": "USD"}, {"/rate": "rate-required"}),
        ({"currency": "USD", "rate": "0"}, {"/rate": "rate-out-of-range"}),
        ({"currency": "CAD", "rate": "1.2"}, {"/rate": "rate-at-home"}),
        ({"currency": "XXQ", "rate": "1.2"}, {"/currency": "currency-unknown"}),
    ],
)
def test_a_rate_is_stated_where_it_is_needed(
    ledger: Memory, stated: dict[str, Any], wrong: dict[str, str]
) -> None:
    assert faults(ledger, a_sale(**stated)) == wrong


def test_currencies_without_and_with_three_decimals(ledger: Memory) -> None:
    """Yen have no decimals, dinars three; the rate is for one of each."""
    yen = a_sale("S-1", [goods("1500")], [card("1500", None)], currency="JPY", rate="0.0093")
    assert booked(ledger.record(yen)) == journal(
        "Dr clearing card 1500 JPY = 13.95 / Cr sales Hats 1500 JPY = 13.95"
    )
    dinars = a_sale("S-2", [goods("1.500")], [card("1.500", None)], currency="KWD", rate="4.481234")
    assert booked(ledger.record(dinars)) == journal(
        "Dr clearing card 1.500 KWD = 6.72 / Cr sales Hats 1.500 KWD = 6.72"
    )
    tokyo = Memory(replace(MONTREAL, country="JP", region=None, currency="JPY"))
    pounds = a_sale("S-1", [goods("10.00")], [card("10.00", None)], currency="GBP", rate="190.55")
    assert booked(tokyo.record(pounds), "JPY") == journal(
        "Dr clearing card 10.00 GBP = 1906 / Cr sales Hats 10.00 GBP = 1906"
    )


def test_a_drawer_holds_each_currency_apart(ledger: Memory) -> None:
    ledger.record(a_sale("S-1", [goods("10.00")], [cash("10.00")], register="till-1"))
    foreign = a_sale("S-2", [goods("20.00")], [cash("20.00")], register="till-1", **_usd("1.30"))
    ledger.record(foreign)
    assert ledger.balance("cash", "till-1") == 1000
    assert ledger.balance("cash", "till-1", "USD") == 2000
    assert ledger.carried("cash", "till-1", "USD") == 2600


def test_amounts_too_large_at_home_are_refused() -> None:
    london = Memory(LONDON)
    huge = a_sale("S-1", [goods("900000000.00")], [card("900000000.00", None)], **_usd("9999999"))
    assert faults(london, huge) == {"/rate": "rate-out-of-range"}


def test_a_sale_is_refunded_in_its_currency(ledger: Memory) -> None:
    """Else 1000 yen would come back as 10.00 dollars; not even offline is that right."""
    yen = {"currency": "JPY", "rate": "0.0091"}
    ledger.record(a_sale("S-1", [goods("1000")], [cash("1000")], **yen))
    for stated in ({}, {"happened_offline": True}):
        refused = conflict(ledger, a_refund("R-1", "S-1", [cash("10.00")], **stated))
        assert (refused["code"], refused["pointer"]) == ("other-currency", "/currency")
        assert (refused["currency"], refused["stated"]) == ("JPY", "CAD")
    back = ledger.record(a_refund("R-1", "S-1", [cash("1000")], **yen))
    assert booked(back) == journal(
        "Dr sales_returns Hats 1000 JPY = 9.10 / Cr cash unassigned 1000 JPY = 9.10"
    )


def test_what_is_charged_to_an_invoice_is_in_its_currency(ledger: Memory) -> None:
    """Of two currencies on one invoice, one could not be paid."""
    lines = [goods("10.00")]
    ledger.record(fact("invoice_issued", "I-1", invoice="INV-1", customer="C-1", lines=lines))
    more = [tender("on_account", "10.00", invoice="INV-1")]
    refused = conflict(ledger, a_sale("S-1", lines, more, **_usd("1.30")))
    assert (refused["code"], refused["currency"]) == ("other-currency", "CAD")
    ledger.record(a_sale("S-1", lines, more))
    assert ledger.balance("receivable", "INV-1") == 2000
