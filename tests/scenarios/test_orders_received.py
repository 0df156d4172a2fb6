"""Orders that arrive: goods, freight, duty and discount, at once or later, and their bill."""

from tests.builders import Json, a_receipt, a_sale, cash, fact, goods, item, policy, taxes
from tests.notation import booked, journal
from tests.plan.till import Till
from tests.scenarios.shop import all_told, balances


def a_shop() -> Till:
    """Return a shop that keeps the stock of its hats."""
    shop = Till()
    shop.record(item("HAT", "Hats", stocked=True))
    return shop


def test_freight_duty_and_discount_are_part_of_the_goods() -> None:
    """10 hats at 10.00, freight 20.00, duty 5.00, 5.00 off: 12.00 each."""
    shop = a_shop()
    receipt = a_receipt(
        "G-1", ("HAT", "10", "10.00"), freight="20.00", duty="5.00", discount="5.00"
    )
    assert booked(shop.record(receipt)) == journal(
        "Dr inventory HAT 120.00 x 10 / Cr goods_received_not_billed G-1 120.00"
    )


def test_they_go_to_accounts_of_their_own_where_the_book_says_so() -> None:
    shop = a_shop()
    shop.record(policy("landed_cost", "expense"))
    receipt = a_receipt(
        "G-1", ("HAT", "10", "10.00"), freight="20.00", duty="5.00", discount="5.00"
    )
    assert booked(shop.record(receipt)) == journal(
        "Dr inventory HAT 100.00 x 10 / Dr freight_in 20.00 / Dr duty 5.00"
        " / Cr purchase_discounts 5.00 / Cr goods_received_not_billed G-1 120.00"
    )


def test_what_arrives_is_in_the_books_without_a_click() -> None:
    """Two orders arrive, each posts when it is received; the whole reaches QuickBooks."""
    shop = a_shop()
    for number in ("G-1", "G-2"):
        shop.record(a_receipt(number, ("HAT", "10", "10.00")))
    all_told(shop)
    assert balances(shop) == {
        "inventory HAT": "200.00",
        "goods_received_not_billed G-1": "-100.00",
        "goods_received_not_billed G-2": "-100.00",
    }


def test_the_value_waits_for_the_vendors_bill_and_is_then_owed() -> None:
    shop = a_shop()
    shop.record(a_receipt("G-1", ("HAT", "10", "10.00"), taxes=taxes(GST="5.00", QST="9.98")))
    bill: Json = {"bill": "B-9", "vendor": "Chapeaux Lavoie", "receipts": ["G-1"]}
    shop.record(fact("bill_received", "B-9", **bill))
    assert balances(shop) == {
        "inventory HAT": "100.00",
        "tax_recoverable GST": "5.00",
        "tax_recoverable QST": "9.98",
        "payable B-9": "-114.98",
    }
    all_told(shop)


def test_freight_that_is_known_later_is_shared_with_what_was_sold() -> None:
    """30.00 over 20 hats of which 5 are sold."""
    shop = a_shop()
    shop.record(a_receipt("G-1", ("HAT", "20", "11.00")))
    shop.record(a_sale("S-1", [goods("20.00", item="HAT", quantity="5")], [cash("100.00")]))
    shop.record(fact("landed_cost_added", "L-1", receipts=["G-1"], freight="30.00", vendor="Roy"))
    assert balances(shop, "inventory", "cost_of_goods") == {
        "inventory HAT": "187.50",
        "cost_of_goods Hats": "62.50",
    }
    all_told(shop)


def test_a_subscription_of_the_shops_own_is_an_ordinary_bill() -> None:
    shop = Till()
    line = {"account": "merchant_fees", "amount": "29.00", "description": "booking software"}
    bill: Json = {"bill": "B-1", "vendor": "Booking software", "lines": [line]}
    bill["taxes"] = taxes(GST="1.45", QST="2.89")
    assert booked(shop.record(fact("bill_received", "B-1", **bill))) == journal(
        "Dr merchant_fees 29.00 / Dr tax_recoverable GST 1.45 / Dr tax_recoverable QST 2.89"
        " / Cr payable B-1 33.34"
    )
