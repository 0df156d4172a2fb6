"""Refunds: whatever the tender, the mode and the day, and however much went out."""

import pytest

from sync.plan import conserved
from tests.builders import a_refund, a_sale, card, cash, closed, goods, hat, method, opened, policy
from tests.notation import booked, journal
from tests.plan.till import Till
from tests.scenarios.shop import all_told, balances, kinds, planned
from tests.scenarios.test_register_closures import Closure

AT_TILL_3 = {"session": "Z-1", "register": "till-3"}
CARD = card("45.99", None)


@pytest.mark.parametrize("tender", [CARD, cash("45.99"), {"kind": "cheque", "amount": "45.99"}])
def test_a_refund_posts_itself_whatever_the_tender(tender: dict[str, str]) -> None:
    """A refund receipt out of what the money went back by; nothing is adjusted by hand."""
    shop = Till()
    shop.record(a_sale("S-1", [hat()], [tender]))
    shop.record(a_refund("R-1", "S-1", [tender]))
    assert kinds(planned(shop)) == ["SalesReceipt", "RefundReceipt"]
    all_told(shop)
    assert balances(shop) == {
        "sales Hats": "-40.00",
        "sales_returns Hats": "40.00",
    }


def more_out_than_in() -> Closure:
    """Return a session that takes 10.00 and gives back 91.98, sold the day before."""
    day = Closure()
    day.shop.record(a_sale("S-0", [hat(), hat()], [cash("91.98")], on="2026-03-13"))
    day.shop.record(a_sale("S-1", [goods("10.00", "Caps")], [cash("10.00")], **AT_TILL_3))
    day.shop.record(a_refund("R-1", "S-0", [cash("91.98")], **AT_TILL_3))
    return day


def test_a_closure_with_more_refunds_than_takings_closes() -> None:
    """200.00 of float, 10.00 in, 91.98 out: 118.02 in the drawer, and no difference."""
    day = more_out_than_in()
    close = day.shop.record(closed("Z-1", "till-3", cash="118.02"))
    assert booked(close) == []


def test_its_documents_stand_gross_and_none_is_below_zero() -> None:
    day = more_out_than_in()
    day.shop.record(closed("Z-1", "till-3", cash="118.02"))
    documents = day.documents()
    assert kinds(documents) == ["SalesReceipt", "RefundReceipt", "JournalEntry"]
    assert [getattr(document, "total", 0) for document in documents[-3:-1]] == [1000, 9198]
    conserved(day.session(), documents)


@pytest.mark.parametrize("posting", ["per_transaction", "per_closure", "per_day"])
def test_a_day_of_refunds_alone_is_told_in_every_mode(posting: str) -> None:
    shop = Till()
    shop.record(policy("posting", posting))
    shop.record(a_sale("S-0", [hat()], [CARD], on="2026-03-01"))
    back = shop.record(a_refund("R-1", "S-0", [CARD]))
    assert booked(back) == journal(
        "Dr sales_returns Hats 40.00 / Dr sales_tax GST 2.00 / Dr sales_tax QST 3.99"
        " / Cr clearing card 45.99"
    )
    all_told(shop)


def test_a_session_on_cards_that_gives_back_more_than_it_took() -> None:
    """The clearing is short by what went out; the payout settles it."""
    shop = Till()
    shop.record(method("visa"))
    shop.record(a_sale("S-0", [hat(), hat()], [card("91.98")], on="2026-03-13"))
    shop.record(opened(float_="0.00"))
    shop.record(a_refund("R-1", "S-0", [card("91.98")], **AT_TILL_3))
    assert booked(shop.record(closed("Z-1", "till-3", visa="-91.98"))) == []
