"""A register's day as QuickBooks gets it: one set of documents a closure, whatever happened."""

from ledger.events.base import Entry
from sync.documents import AnyDocument
from sync.plan import Scope, conserved, plan_set
from tests.builders import (
    a_gift_card,
    a_refund,
    a_sale,
    card,
    cash,
    closed,
    goods,
    hat,
    method,
    opened,
    policy,
    taxes,
    tender,
)
from tests.notation import booked, journal
from tests.plan.till import Till, told
from tests.scenarios.shop import balances, kinds

AT_TILL_3 = {"session": "Z-1", "register": "till-3"}


class Closure:
    """A session at till 3 that is sent by closure."""

    def __init__(self) -> None:
        self.shop = Till()
        self.shop.record(policy("posting", "per_closure"))
        self.shop.record(method("visa"))
        self.shop.record(opened())

    def session(self) -> list[Entry]:
        """Return the entries of the session."""
        return [entry for entry in self.shop.entries if entry.event.session == "Z-1"]

    def documents(self) -> list[AnyDocument]:
        """Return the set of the session."""
        shop = self.shop
        return list(
            plan_set(
                Scope("session", "Z-1"),
                self.session(),
                shop.settings,
                shop.book,
                shop.names,
                shop.by_id,
            )
        )


def a_day() -> Closure:
    """Return a session with hats, a cap at a discount, a gift card and a return on credit."""
    day = Closure()
    cap = goods("20.00", "Caps", discount="5.00", taxes=taxes(GST="0.75", QST="1.50"))
    for sale in (
        a_sale("S-1", [hat()], [cash("45.99")], **AT_TILL_3),
        a_sale("S-2", [hat(), cap], [card("63.24")], **AT_TILL_3),
        a_gift_card("GC-1", "50.00", **AT_TILL_3),
    ):
        day.shop.record(sale)
    credit = tender("store_credit", "45.99", voucher="V-1")
    day.shop.record(a_refund("R-1", "S-1", [credit], **AT_TILL_3))
    day.shop.record(closed("Z-1", "till-3", cash="292.99", visa="63.24"))
    return day


def test_a_closure_is_one_set_of_documents() -> None:
    """Sales together with a payment for each tender, refunds apart, the count in the journal."""
    day = a_day()
    assert kinds(day.documents()) == [
        "Invoice", "Payment", "Payment", "SalesReceipt", "JournalEntry",
    ]  # fmt: skip
    conserved(day.session(), day.documents())


def test_sales_stand_by_category_and_discounts_apart() -> None:
    """Hats 80.00 and caps 20.00 as sold, 5.00 given on caps on a line of its own."""
    (invoice, *_) = told(a_day().documents())
    assert "Hats 8000 GST+QST" in invoice
    assert "Caps 2000 GST+QST" in invoice
    assert "Discounts - Caps -500 GST+QST" in invoice


def test_gift_cards_sold_and_used_are_a_line_of_the_liability() -> None:
    """50.00 in the closure, and 50.00 under the card's own number in the ledger."""
    day = a_day()
    (invoice, *_) = told(day.documents())
    assert "Gift cards 5000" in invoice
    assert balances(day.shop, "gift_cards") == {"gift_cards GC-1": "-50.00"}


def test_a_drawer_that_is_over_or_short_says_by_how_much_and_where() -> None:
    """3.00 short at till 3."""
    day = a_day()
    close = day.shop.entries[-1]
    assert booked(close) == journal("Dr till_over_short till-3 3.00 / Cr cash till-3 3.00")


def test_credit_for_a_return_is_a_line_of_its_own() -> None:
    """45.99 owed to the holder of V-1; a refund without money has a total of nothing."""
    day = a_day()
    (refund,) = [d for d in told(day.documents()) if d.startswith("SalesReceipt")]
    assert "Store credit 4599" in refund
    assert balances(day.shop, "store_credit") == {"store_credit V-1": "-45.99"}


def test_a_closure_is_never_held_up_by_the_books() -> None:
    """A session in which all goes wrong closes: an unknown method, an unknown item, short cash."""
    day = Closure()
    odd = [tender("other", "45.99", method="moonpay")]
    day.shop.record(a_sale("S-1", [hat(item="NEW")], odd, **AT_TILL_3))
    close = day.shop.record(closed("Z-1", "till-3", cash="0.00"))
    assert booked(close) == journal("Dr till_over_short till-3 200.00 / Cr cash till-3 200.00")
    conserved(day.session(), day.documents())
