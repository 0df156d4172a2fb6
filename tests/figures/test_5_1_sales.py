"""Sales: taxes as the till charged them, prices with and without tax, rounding, tips (5.1)."""

from tests.builders import (
    a_gift_card,
    a_receipt,
    a_sale,
    card,
    card_sold,
    cash,
    fact,
    gift_card,
    goods,
    item,
    taxes,
    tender,
)
from tests.ledger.memory import LONDON, Memory
from tests.notation import booked, journal


def test_a_hat_a_card_a_tip_and_a_cent_of_rounding_in_one_basket() -> None:
    """36.40 from a gift card, 60.00 in cash; the hat costs the average, 18.25."""
    ledger = Memory()
    ledger.record(item("HAT", "Hats", stocked=True))
    ledger.record(a_receipt("G-1", ("HAT", "4", "18.25")))
    ledger.record(a_gift_card("GC-12", "36.40"))
    hat = goods("40.00", item="HAT", discount="4.00", taxes=taxes(GST="1.80", QST="3.59"))
    paid = [gift_card("GC-12", "36.40"), cash("60.00")]
    basket = [hat, card_sold("GC-88", "50.00")]
    sale = a_sale("S-1", basket, paid, tip="5.00", rounding="0.01", register="till-3")
    assert booked(ledger.record(sale)) == journal("""
        Dr gift_cards GC-12 36.40
        Dr cash till-3 60.00
        Dr discounts Hats 4.00
        Cr sales Hats 40.00
        Cr sales_tax GST 1.80
        Cr sales_tax QST 3.59
        Cr gift_cards GC-88 50.00
        Cr tips unassigned 5.00
        Cr cash_rounding 0.01
        Dr cost_of_goods Hats 18.25
        Cr inventory HAT 18.25 x 1
    """)


def test_taxes_on_top_of_100_make_114_98() -> None:
    """QST 9.975 % of 100.00 is 9.975, half up 9.98."""
    hat = goods("100.00", taxes=taxes(GST="5.00", QST="9.98"))
    assert booked(Memory().record(a_sale("S-1", [hat], [card("114.98", None)]))) == journal(
        "Dr clearing card 114.98 / Cr sales Hats 100.00"
        " / Cr sales_tax GST 5.00 / Cr sales_tax QST 9.98"
    )


def test_a_price_of_14_90_with_10_percent_inside_is_13_55_and_1_35() -> None:
    """14.90 - 14.90 / 1.10, rounded once; the price is never made up again from the net."""
    sale = a_sale(
        "S-1", [goods("14.90", taxes=taxes(VAT="1.35"))], [cash("14.90")], prices_include_tax=True
    )
    assert booked(Memory(LONDON).record(sale)) == journal(
        "Dr cash unassigned 14.90 / Cr sales Hats 13.55 / Cr sales_tax VAT 1.35"
    )


def test_both_taxes_of_quebec_inside_a_price_leave_the_odd_cent_to_the_net() -> None:
    """100.00 with 14.975 % inside: the till charges 4.35 and 8.68, so the net is 86.97."""
    sale = a_sale(
        "S-1",
        [goods("100.00", taxes=taxes(GST="4.35", QST="8.68"))],
        [cash("100.00")],
        prices_include_tax=True,
    )
    assert booked(Memory().record(sale)) == journal(
        "Dr cash unassigned 100.00 / Cr sales Hats 86.97"
        " / Cr sales_tax GST 4.35 / Cr sales_tax QST 8.68"
    )


def test_5_98_is_paid_6_00_in_cash() -> None:
    sale = a_sale("S-1", [goods("5.98")], [cash("6.00")], rounding="0.02")
    assert booked(Memory().record(sale)) == journal(
        "Dr cash unassigned 6.00 / Cr sales Hats 5.98 / Cr cash_rounding 0.02"
    )


def test_5_97_is_paid_5_95_in_cash() -> None:
    sale = a_sale("S-1", [goods("5.97")], [cash("5.95")], rounding="-0.02")
    assert booked(Memory().record(sale)) == journal(
        "Dr cash unassigned 5.95 / Dr cash_rounding 0.02 / Cr sales Hats 5.97"
    )


def test_only_the_cash_part_of_174_99_is_rounded() -> None:
    """75.00 by transfer leaves 99.99 in cash: 100.00."""
    paid = [tender("transfer", "75.00"), cash("100.00")]
    sale = a_sale("S-1", [goods("174.99")], paid, rounding="0.01")
    assert booked(Memory().record(sale)) == journal(
        "Dr clearing transfer 75.00 / Dr cash unassigned 100.00"
        " / Cr sales Hats 174.99 / Cr cash_rounding 0.01"
    )


def test_a_refund_in_cash_rounds_the_other_way() -> None:
    ledger = Memory()
    ledger.record(a_sale("S-1", [goods("5.98")], [cash("6.00")], rounding="0.02"))
    back = fact("refund_issued", "R-1", sale="S-1", tenders=[cash("6.00")], rounding="0.02")
    assert booked(ledger.record(back)) == journal(
        "Dr sales_returns Hats 5.98 / Dr cash_rounding 0.02 / Cr cash unassigned 6.00"
    )


def test_a_tip_of_15_00_on_114_98_is_129_98_by_card() -> None:
    """The tip is Ana's, not the shop's: no revenue and no tax."""
    cut = {"kind": "service", "net": "100.00", "taxes": taxes(GST="5.00", QST="9.98")}
    sale = a_sale("S-1", [cut], [card("129.98", None)], tip="15.00", staff="Ana")
    assert booked(Memory().record(sale)) == journal(
        "Dr clearing card 129.98 / Cr sales service 100.00"
        " / Cr sales_tax GST 5.00 / Cr sales_tax QST 9.98 / Cr tips Ana 15.00"
    )


def test_a_tip_of_15_00_is_paid_out_of_the_till() -> None:
    ledger = Memory()
    cut = {"kind": "service", "net": "100.00", "taxes": taxes(GST="5.00", QST="9.98")}
    ledger.record(a_sale("S-1", [cut], [card("129.98", None)], tip="15.00", staff="Ana"))
    out = fact("tips_paid_out", "T-1", staff="Ana", amount="15.00", tenders=[cash("15.00")])
    assert booked(ledger.record(out)) == journal("Dr tips Ana 15.00 / Cr cash unassigned 15.00")
    assert ledger.balance("tips", "Ana", "CAD") == 0
