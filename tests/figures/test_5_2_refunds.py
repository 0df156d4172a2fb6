"""Refunds: the mirror of the sale, shares of it, stock that comes back, exchanges (5.2)."""

from tests.builders import (
    a_receipt,
    a_refund,
    a_sale,
    card,
    cash,
    fact,
    goods,
    hat,
    item,
    taxes,
    tender,
)
from tests.ledger.memory import Memory
from tests.notation import booked, journal

EXCHANGE = "exchange"


def sold_hat() -> Memory:
    """Return a book in which a hat that cost 22.00 was sold for 40.00 and its taxes."""
    ledger = Memory()
    ledger.record(item("HAT", "Hats", stocked=True))
    ledger.record(a_receipt("G-1", ("HAT", "2", "22.00")))
    ledger.record(a_sale("S-1", [hat(item="HAT")]))
    return ledger


def test_a_hat_comes_back_for_45_99_to_the_card() -> None:
    ledger = Memory()
    ledger.record(a_sale())
    assert booked(ledger.record(a_refund())) == journal(
        "Dr sales_returns Hats 40.00 / Dr sales_tax GST 2.00 / Dr sales_tax QST 3.99"
        " / Cr clearing card 45.99"
    )


def test_what_goes_back_to_the_shelf_takes_its_22_00_of_cost_with_it() -> None:
    assert booked(sold_hat().record(a_refund(restock="yes"))) == journal(
        "Dr sales_returns Hats 40.00 / Dr sales_tax GST 2.00 / Dr sales_tax QST 3.99"
        " / Cr clearing card 45.99 / Dr inventory HAT 22.00 x 1 / Cr cost_of_goods Hats 22.00"
    )


def test_what_cannot_be_sold_again_is_a_loss_of_22_00() -> None:
    assert booked(sold_hat().record(a_refund(restock="damaged"))) == journal(
        "Dr sales_returns Hats 40.00 / Dr sales_tax GST 2.00 / Dr sales_tax QST 3.99"
        " / Cr clearing card 45.99 / Dr stock_adjustments HAT 22.00 / Cr cost_of_goods Hats 22.00"
    )


def test_85_percent_refunded_takes_85_percent_of_the_taxes() -> None:
    """85.00 of 100.00, 4.25 of 5.00 and 8.48 of 9.98, by an amount alone."""
    ledger = Memory()
    line = goods("100.00", taxes=taxes(GST="5.00", QST="9.98"))
    ledger.record(a_sale("S-1", [line], [card("114.98", None)]))
    back = a_refund(tenders=[card("97.73", None)], amount="97.73")
    assert booked(ledger.record(back)) == journal(
        "Dr sales_returns Hats 85.00 / Dr sales_tax GST 4.25 / Dr sales_tax QST 8.48"
        " / Cr clearing card 97.73"
    )


def test_an_amount_of_10_00_is_spread_over_what_remains() -> None:
    """A hat 40.00 with its taxes and a cap 10.00 without: 7.14, 1.79, 0.36 and 0.71."""
    ledger = Memory()
    ledger.record(a_sale("S-1", [hat(), goods("10.00", "Caps")], [cash("55.99")]))
    back = a_refund(tenders=[cash("10.00")], amount="10.00")
    assert booked(ledger.record(back)) == journal(
        "Dr sales_returns Hats 7.14 / Dr sales_returns Caps 1.79"
        " / Dr sales_tax GST 0.36 / Dr sales_tax QST 0.71 / Cr cash unassigned 10.00"
    )


def test_an_exchange_has_both_legs_and_nets_23_00() -> None:
    """A hat for 45.99 comes back, one for 68.99 goes: 23.00 by card, nothing in the method."""
    ledger = Memory()
    ledger.record(a_sale())
    paid_over = tender("other", "45.99", method=EXCHANGE)
    assert booked(ledger.record(a_refund(tenders=[paid_over]))) == journal(
        "Dr sales_returns Hats 40.00 / Dr sales_tax GST 2.00 / Dr sales_tax QST 3.99"
        " / Cr clearing exchange 45.99"
    )
    dearer = goods("60.00", taxes=taxes(GST="3.00", QST="5.99"))
    assert booked(
        ledger.record(a_sale("S-2", [dearer], [paid_over, card("23.00", None)]))
    ) == journal(
        "Dr clearing exchange 45.99 / Dr clearing card 23.00"
        " / Cr sales Hats 60.00 / Cr sales_tax GST 3.00 / Cr sales_tax QST 5.99"
    )
    assert ledger.balance("clearing", EXCHANGE, "CAD") == 0


def test_an_even_exchange_moves_the_goods_and_no_money() -> None:
    ledger = sold_hat()
    paid_over = tender("other", "45.99", method=EXCHANGE)
    ledger.record(a_refund(tenders=[paid_over], restock="yes"))
    ledger.record(a_sale("S-2", [hat(item="HAT")], [paid_over]))
    assert ledger.balance("clearing", EXCHANGE, "CAD") == 0
    assert ledger.stock("HAT").value == 2200


def test_refunds_of_a_day_may_exceed_its_takings() -> None:
    """Two hats sold yesterday come back on a day that sells one cap."""
    ledger = Memory()
    ledger.record(a_sale("S-1", [hat(), hat()], [cash("91.98")], on="2026-03-13"))
    ledger.record(a_sale("S-2", [goods("10.00", "Caps")], [cash("10.00")], register="till-3"))
    back = fact("refund_issued", "R-1", sale="S-1", tenders=[cash("91.98")], register="till-3")
    ledger.record(back)
    assert ledger.balance("cash", "till-3", "CAD") == 1000 - 9198
