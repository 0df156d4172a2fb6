"""Gift cards: sold, spent, given away, expired, paid out (5.4)."""

from typing import Any

import pytest

from ledger.book import Book
from ledger.events import Event
from tests.builders import (
    a_gift_card,
    a_refund,
    a_sale,
    card,
    cash,
    deposit_back,
    fact,
    gift_card,
    goods,
    hat,
    opened,
    reversal,
    tender,
)
from tests.ledger.memory import TILL, Memory
from tests.ledger.refusals import conflict, faults, forbidden
from tests.notation import booked, journal

PHOENIX = Book(
    id=3,
    name="Phoenix Hats",
    country="US",
    region="AZ",
    currency="USD",
    timezone="America/Phoenix",
)


def free(number: str = "GC-1", amount: str = "20.00", id_: str = "F-1", **fields: Any) -> Event:
    """Return a gift card given away."""
    return fact("gift_card_issued_free", id_, gift_card=number, amount=amount, **fields)


def lapsed(number: str = "GC-1", amount: str = "20.00", id_: str = "X-1", **fields: Any) -> Event:
    """Return a gift card's expiry."""
    return fact("gift_card_expired", id_, gift_card=number, amount=amount, **fields)


def paid_out(number: str = "GC-1", amount: str = "3.10", id_: str = "O-1", **fields: Any) -> Event:
    """Return the rest of a gift card paid out."""
    return fact("gift_card_cashed_out", id_, gift_card=number, amount=amount, **fields)


def test_a_card_is_sold_untaxed_and_spent_like_money(ledger: Memory) -> None:
    """50.00 for 50.00; full tax is due on what it buys."""
    assert booked(ledger.record(a_gift_card("GC-1", "50.00"))) == journal(
        "Dr cash unassigned 50.00 / Cr gift_cards GC-1 50.00"
    )
    spent = a_sale(lines=[hat()], tenders=[gift_card("GC-1", "45.99")])
    assert booked(ledger.record(spent)) == journal(
        """
        Dr gift_cards GC-1 45.99
        Cr sales Hats 40.00 / Cr sales_tax GST 2.00 / Cr sales_tax QST 3.99
        """
    )
    assert ledger.balance("gift_cards", "GC-1") == -401


def test_a_card_given_away_is_a_promotion(ledger: Memory) -> None:
    """A till may do it; the card is spent like any other."""
    given = ledger.record(free(), TILL)
    assert booked(given) == journal("Dr promotion_expense 20.00 / Cr gift_cards GC-1 20.00")
    ledger.record(a_sale("S-1", [goods("5.00")], [gift_card("GC-1", "5.00")]))
    assert conflict(ledger, reversal("F-1"))["event"] == "S-1"
    assert faults(ledger, free(amount="0.001", id_="F-2")) == {"/amount": "too-many-decimals"}


def test_a_card_does_not_expire_in_quebec(ledger: Memory) -> None:
    """Consumer Protection Act, s. 187.3; only a bookkeeper's word lifts it."""
    ledger.record(a_gift_card("GC-1", "20.00"))
    assert conflict(ledger, lapsed()) == {
        "code": "expiry-forbidden",
        "pointer": "",
        "role": "gift_cards",
        "holder": "GC-1",
        "region": "CA-QC",
    }
    assert conflict(ledger, lapsed(happened_offline=True))["code"] == "expiry-forbidden"
    assert forbidden(ledger, lapsed(override="x"), TILL)["what"] == "gift_card_expired"
    entry = ledger.record(lapsed(override="sold to a business, which the act does not cover"))
    assert booked(entry) == journal("Dr gift_cards GC-1 20.00 / Cr gift_card_breakage 20.00")


def test_a_card_may_expire_in_london(london: Memory) -> None:
    london.record(a_gift_card("GC-1", "20.00"))
    assert booked(london.record(lapsed())) == journal(
        "Dr gift_cards GC-1 20.00 / Cr gift_card_breakage 20.00"
    )
    assert conflict(london, lapsed(id_="X-2"))["code"] == "overdrawn"
    london.record(reversal("X-1"))
    assert london.balance("gift_cards", "GC-1") == -2000


def test_a_card_lasts_five_years_in_the_united_states() -> None:
    """From the day on which it was last filled; what was taken back does not count."""
    phoenix = Memory(PHOENIX)
    phoenix.record(a_gift_card("GC-1", "20.00", on="2020-02-29"))
    phoenix.record(a_gift_card("GC-1", "5.00", "top-up", on="2021-03-01"))
    early = conflict(phoenix, lapsed(on="2026-02-28"))
    assert (early["code"], early["years"], early["first"]) == (
        "expiry-too-early",
        "5",
        "2026-03-01",
    )
    phoenix.record(reversal("top-up"))
    assert conflict(phoenix, lapsed(on="2025-02-28"))["first"] == "2025-03-01"
    assert "Cr gift_card_breakage 20.00" in booked(phoenix.record(lapsed(on="2025-03-01")))


def test_what_was_filled_by_a_refund_or_for_free_lasts_as_long() -> None:
    phoenix = Memory(PHOENIX)
    phoenix.record(free("GC-2", on="2024-01-01"))
    assert conflict(phoenix, lapsed("GC-2"))["first"] == "2029-01-01"
    phoenix.record(a_sale("S-1", [goods("9.00")], [cash("9.00")], on="2023-01-01"))
    phoenix.record(a_refund("R-1", "S-1", [gift_card("GC-3", "9.00")], on="2023-01-02"))
    assert conflict(phoenix, lapsed("GC-3", "9.00"))["first"] == "2028-01-02"


def test_a_small_rest_is_paid_out_in_cash_of_the_register(ledger: Memory) -> None:
    """3.10 is left: Québec has it paid out on request."""
    ledger.record(a_gift_card("GC-1", "3.10"))
    ledger.record(opened("Z-1", "50.00", "till-3"))
    entry = ledger.record(paid_out(session="Z-1"), TILL)
    assert booked(entry) == journal("Dr gift_cards GC-1 3.10 / Cr cash till-3 3.10")


def test_a_rest_may_go_into_a_deposit(ledger: Memory) -> None:
    """It is there to be drawn, as what any tender puts into one."""
    ledger.record(a_gift_card("GC-1", "3.10"))
    tenders = [tender("deposit", "3.10", deposit="D-7")]
    entry = ledger.record(paid_out(tenders=tenders))
    assert booked(entry) == journal("Dr gift_cards GC-1 3.10 / Cr deposits D-7 3.10")
    back = ledger.record(deposit_back(tenders=[cash("3.10")]))
    assert booked(back) == journal("Dr deposits D-7 3.10 / Cr cash unassigned 3.10")


def test_a_card_that_was_filled_by_another_lasts_from_then_on() -> None:
    phoenix = Memory(PHOENIX)
    phoenix.record(a_gift_card("GC-1", "9.00", on="2019-01-01"))
    filled = paid_out(amount="9.00", tenders=[gift_card("GC-2", "9.00")], on="2024-01-01")
    phoenix.record(filled)
    assert conflict(phoenix, lapsed("GC-2", "9.00"))["first"] == "2029-01-01"


def test_five_dollars_are_the_limit(ledger: Memory) -> None:
    """Of what is on the card, so that nobody takes it out bit by bit; more takes an override."""
    ledger.record(a_gift_card("GC-1", "5.01"))
    for amount in ("5.01", "5.00", "0.01"):
        assert conflict(ledger, paid_out(amount=amount)) == {
            "code": "cash-out-limit",
            "pointer": "/amount",
            "holder": "GC-1",
            "limit": "5.00",
            "asked": "5.01",
            "currency": "CAD",
        }
    lifted = paid_out(amount="5.01", override="the customer moves abroad")
    assert forbidden(ledger, lifted, TILL)["what"] == "override"
    assert "Cr cash unassigned 5.01" in booked(ledger.record(lifted))
    ledger.record(a_gift_card("GC-2", "5.00"))
    assert "Cr cash unassigned 5.00" in booked(ledger.record(paid_out("GC-2", "5.00", "O-2")))


def test_offline_only_what_is_paid_out_counts(ledger: Memory) -> None:
    """The till does not know what is on the card; what is not there is suspended."""
    ledger.record(a_gift_card("GC-1", "50.00"))
    ledger.record(paid_out(amount="5.00", happened_offline=True))
    much = paid_out(amount="5.01", id_="O-2", happened_offline=True)
    assert conflict(ledger, much)["asked"] == "5.01"
    entry = ledger.record(paid_out("GC-2", "4.00", "O-3", happened_offline=True))
    assert booked(entry) == journal("Dr suspense gift_cards:GC-2 4.00 / Cr cash unassigned 4.00")


def test_where_the_law_says_nothing_any_rest_is_paid_out(london: Memory) -> None:
    """By the tenders stated; more than is on the card is refused as ever."""
    london.record(a_gift_card("GC-1", "50.00"))
    out = paid_out(amount="40.00", tenders=[card("30.00", None), gift_card("GC-2", "10.00")])
    assert booked(london.record(out)) == journal(
        "Dr gift_cards GC-1 40.00 / Cr clearing card 30.00 / Cr gift_cards GC-2 10.00"
    )
    assert conflict(london, paid_out(amount="10.01", id_="O-2"))["code"] == "overdrawn"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"tenders": [cash("3.00")]}, {"/tenders": "tenders-differ"}),
        ({"amount": "3.001"}, {"/amount": "too-many-decimals"}),
        (
            {"tenders": [{"kind": "package", "package": "P-1", "amount": "3.10"}]},
            {"/tenders/0/kind": "packages-pay-sales"},
        ),
    ],
)
def test_what_a_payout_must_say(
    ledger: Memory, fields: dict[str, Any], expected: dict[str, str]
) -> None:
    assert faults(ledger, paid_out(**fields)) == expected


def test_a_foreign_card_is_measured_in_home_money(ledger: Memory) -> None:
    """4.00 US dollars are 5.60 Canadian; at home it stands as it was sold."""
    dollars: dict[str, Any] = {"currency": "USD", "rate": "1.40"}
    ledger.record(a_gift_card("GC-1", "4.00", **dollars))
    assert conflict(ledger, paid_out(amount="4.00", **dollars))["asked"] == "5.60"
    ledger.record(a_gift_card("GC-2", "3.00", **dollars))
    out = ledger.record(paid_out("GC-2", "3.00", "O-2", currency="USD", rate="1.50"))
    assert booked(out) == journal(
        """
        Dr gift_cards GC-2 3.00 USD = 4.20 / Cr cash unassigned 3.00 USD = 4.20
        """
    )
