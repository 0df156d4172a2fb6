"""A web shop's orders: any number of sources, each traceable, one receipt an order."""

from typing import Final

import pytest

from sync.documents import SalesReceipt
from tests.builders import a_refund, a_sale, card, goods
from tests.plan.till import Till, told
from tests.scenarios.shop import all_told, kinds, planned

ORDER: Final = {"system": "web shop", "document": "order-7", "url": "https://shop.example/order/7"}
LINES: Final = [
    goods("10.00", description="Felt hat", item="HAT", quantity="1"),
    goods("10.00", "Shirts", description="Linen shirt", item="SHIRT", quantity="2"),
]


def ordered() -> tuple[Till, SalesReceipt]:
    """Return a shop that sold a hat and two shirts on the web, and its receipt."""
    shop = Till()
    paid = [card("30.00", None)]
    sale = a_sale("S-7", LINES, paid, channel="web", order="7", source=ORDER)
    (receipt,) = [d for d in shop.plan(shop.record(sale)) if isinstance(d, SalesReceipt)]
    return shop, receipt


def test_a_hat_and_shirts_are_one_receipt_of_30_00() -> None:
    shop, receipt = ordered()
    assert kinds(planned(shop)) == ["SalesReceipt"]
    assert receipt.total == 3000


def test_a_receipt_tells_where_the_sale_came_from_and_its_number() -> None:
    _, receipt = ordered()
    assert "web shop order-7" in receipt.memo
    assert receipt.number == "S-7"


def test_each_item_is_a_line_with_its_name_quantity_and_amount() -> None:
    _, receipt = ordered()
    assert [(line.description, line.sku, line.amount) for line in receipt.lines] == [
        ("Felt hat", "HAT", 1000),
        ("2 x Linen shirt", "SHIRT", 2000),
    ]


@pytest.mark.parametrize(
    "system", ["stores", "point of sale", "bookings", "video", "music", "events", "art", "plans"]
)
def test_any_source_states_the_same_facts(system: str) -> None:
    shop = Till()
    entry = shop.record(a_sale("S-1", source={"system": system, "document": "1"}, channel=system))
    assert entry.event.source is not None
    assert entry.event.source.system == system
    assert system in told(planned(shop))[0] or planned(shop)[-1].memo.startswith(system)


def test_a_refund_of_an_order_goes_by_itself() -> None:
    shop, _ = ordered()
    shop.record(a_refund("R-7", "S-7", [card("30.00", None)], source=ORDER))
    assert kinds(planned(shop)) == ["SalesReceipt", "RefundReceipt"]
    all_told(shop)
