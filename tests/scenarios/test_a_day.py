"""A Saturday in the shop, from the float to the count."""

from collections import Counter

from ledger.money import to_text
from tests.builders import (
    a_deposit,
    a_gift_card,
    a_receipt,
    a_refund,
    a_sale,
    card,
    cash,
    closed,
    deposit_back,
    gift_card,
    hat,
    item,
    method,
    moved,
    opened,
    taxes,
    tender,
)
from tests.conftest import TILL, Shop
from tests.notation import booked, journal

AT_TILL_3 = {"session": "Z-1", "register": "till-3"}


def balances(shop: Shop) -> dict[str, str]:
    """Return every balance that is not zero, by role and holder, as the log's postings add up."""
    sums = Counter[str]()
    for entry in shop.entries():
        for posting in entry.postings:
            sums[f"{posting.role} {posting.holder}".strip()] += posting.amount
    return {name: to_text(amount, "CAD") for name, amount in sums.items() if amount}


def test_a_day_adds_up(shop: Shop) -> None:
    """Sales, a return, a deposit taken and given back, a drop to the safe, a count one short."""
    shop.record(method("visa"))
    shop.record(item("HAT", "Hats", stocked=True))
    shop.record(a_receipt("G-1", ("HAT", "10", "18.25"), taxes=taxes(GST="9.13", QST="18.20")))
    shop.record(opened(), TILL)
    shop.record(a_gift_card("GC-1", "50.00", **AT_TILL_3), TILL)
    shop.record(a_sale("S-1", [hat(item="HAT")], [card("45.99")], **AT_TILL_3), TILL)
    paid = [gift_card("GC-1", "40.00"), cash("6.00")]
    shop.record(a_sale("S-2", [hat(item="HAT")], paid, rounding="0.01", **AT_TILL_3), TILL)
    back = a_refund("R-1", "S-1", [card("45.99")], restock="yes", **AT_TILL_3)
    shop.record(back, TILL)
    shop.record(a_deposit(tenders=[cash("16.10")], **AT_TILL_3), TILL)
    shop.record(deposit_back(**AT_TILL_3), TILL)
    shop.record(moved("drop", "50.00", **AT_TILL_3), TILL)
    close = shop.record(closed("Z-1", "till-3", cash="205.00", visa="0.00"), TILL)
    assert booked(close) == journal("Cr cash till-3 1.00 / Dr till_over_short till-3 1.00")
    assert balances(shop) == {
        "inventory HAT": "164.25",
        "cost_of_goods Hats": "18.25",
        "tax_recoverable GST": "9.13",
        "tax_recoverable QST": "18.20",
        "goods_received_not_billed G-1": "-209.83",
        "cash till-3": "205.00",
        "bank main": "-200.00",
        "cash_in_transit": "50.00",
        "gift_cards GC-1": "-10.00",
        "sales Hats": "-80.00",
        "sales_returns Hats": "40.00",
        "sales_tax GST": "-2.00",
        "sales_tax QST": "-3.99",
        "cash_rounding": "-0.01",
        "till_over_short till-3": "1.00",
    }


def test_refunds_may_exceed_the_days_takings(shop: Shop) -> None:
    """Nothing fails on a day on which more goes out than comes in."""
    shop.record(a_sale("S-1", tenders=[cash("45.99")]), TILL)
    back = a_refund("R-1", "S-1", [cash("45.99")], on="2026-03-15")
    assert shop.record(back, TILL).seq == 2
    assert balances(shop) == {"sales Hats": "-40.00", "sales_returns Hats": "40.00"}


def test_a_booking_from_its_deposit_to_its_last_cent(shop: Shop) -> None:
    """Deposit, service on account, the rest paid by card."""
    booking = {"booking": "B-1", "customer": "C-1"}
    shop.record(a_deposit(**booking), TILL)
    service = {"kind": "service", "net": "46.67", "taxes": taxes(GST="2.33", QST="4.66")}
    paid = [tender("deposit", "16.10", deposit="D-7"), tender("on_account", "37.56")]
    shop.record(a_sale("S-1", [service], paid, **booking), TILL)
    assert balances(shop) == {
        "clearing card": "16.10",
        "receivable S-1": "37.56",
        "sales service": "-46.67",
        "sales_tax GST": "-2.33",
        "sales_tax QST": "-4.66",
    }
