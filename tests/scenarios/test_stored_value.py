"""Gift cards and store credit: what is owed, to whom, and what becomes of it."""

from datetime import date

from msgspec.structs import replace

from tests.builders import (
    a_credit,
    a_gift_card,
    a_refund,
    a_sale,
    card,
    card_sold,
    cash,
    fact,
    gift_card,
    hat,
    tender,
)
from tests.ledger.memory import MONTREAL
from tests.ledger.refusals import conflict
from tests.notation import booked, journal
from tests.plan.till import Till
from tests.scenarios.shop import all_told, balances


def test_a_card_sold_or_topped_up_is_owed() -> None:
    shop = Till()
    shop.record(a_gift_card("GC-1", "50.00"))
    shop.record(a_sale("S-2", [card_sold("GC-1", "25.00")], [card("25.00", None)]))
    assert balances(shop, "gift_cards", "sales") == {"gift_cards GC-1": "-75.00"}


def test_a_card_is_used_in_part_with_other_money_and_filled_by_a_refund() -> None:
    shop = Till()
    shop.record(a_gift_card("GC-1", "30.00"))
    shop.record(a_sale("S-1", [hat()], [gift_card("GC-1", "20.00"), cash("25.99")]))
    assert balances(shop, "gift_cards") == {"gift_cards GC-1": "-10.00"}
    shop.record(a_refund("R-1", "S-1", [gift_card("GC-1", "45.99")]))
    assert balances(shop, "gift_cards") == {"gift_cards GC-1": "-55.99"}
    all_told(shop)


def test_a_card_lapses_where_the_law_lets_it_and_nowhere_else() -> None:
    """Refused in Québec; income in New York once the years of the law are over."""
    lapsed = fact("gift_card_expired", "X-1", gift_card="GC-1", amount="20.00", on="2033-03-14")
    here, there = Till(), Till(**_new_york())
    for shop in (here, there):
        shop.record(a_gift_card("GC-1", "20.00"))
    assert conflict(here, lapsed)["code"] == "expiry-forbidden"
    assert booked(there.record(lapsed)) == journal(
        "Dr gift_cards GC-1 20.00 / Cr gift_card_breakage 20.00"
    )


def _new_york() -> dict[str, str]:
    book = replace(MONTREAL, country="US", region="NY", currency="USD")
    return {"country": book.country, "region": "NY", "currency": book.currency}


def test_credit_by_hand_is_an_expense_and_owed() -> None:
    shop = Till()
    shop.record(a_credit())
    assert balances(shop) == {"store_credit_expense": "25.00", "store_credit V-1": "-25.00"}
    all_told(shop)


def test_credit_for_a_return_is_owed_and_no_expense() -> None:
    shop = Till()
    shop.record(a_sale())
    shop.record(a_refund("R-1", "S-1", [tender("store_credit", "45.99", voucher="V-1")]))
    assert balances(shop, "store_credit", "store_credit_expense", "sales_tax") == {
        "store_credit V-1": "-45.99"
    }


def test_credit_that_is_used_is_owed_no_more() -> None:
    shop = Till()
    shop.record(a_credit(amount="45.99"))
    shop.record(a_sale("S-1", [hat()], [tender("store_credit", "45.99", voucher="V-1")]))
    assert balances(shop, "store_credit", "sales") == {"sales Hats": "-40.00"}


def test_every_card_and_credit_adds_up_to_its_account() -> None:
    shop = Till()
    for number in range(1, 4):
        shop.record(a_gift_card(f"GC-{number}", f"{number}0.00"))
    shop.record(a_sale("S-1", [hat()], [gift_card("GC-3", "25.00"), cash("20.99")]))
    assert balances(shop, "gift_cards") == {
        "gift_cards GC-1": "-10.00",
        "gift_cards GC-2": "-20.00",
        "gift_cards GC-3": "-5.00",
    }
    assert shop.entries[-1].event.day() == date(2026, 3, 14)
    assert sum(-int(v.replace(".", "")) for v in balances(shop, "gift_cards").values()) == 3500
