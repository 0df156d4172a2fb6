"""Refunds: the mirror of what was sold, never more than the sale has left (5.2)."""

from typing import Any

from ledger.postings import Caveat
from tests.builders import (
    a_gift_card,
    a_receipt,
    a_refund,
    a_sale,
    card,
    card_sold,
    cash,
    fact,
    gift_card,
    goods,
    hat,
    item,
    policy,
    reversal,
    taxes,
    tender,
)
from tests.ledger.memory import Memory
from tests.ledger.refusals import conflict, faults
from tests.notation import booked, journal


def test_all_that_is_left_comes_back(ledger: Memory) -> None:
    ledger.record(a_sale())
    assert booked(ledger.record(a_refund())) == journal(
        """
        Dr sales_returns Hats 40.00 / Dr sales_tax GST 2.00 / Dr sales_tax QST 3.99
        Cr clearing card 45.99
        """
    )


def test_a_line_comes_back_at_what_was_paid_for_it(ledger: Memory) -> None:
    """Net of its discount; the discount itself is not touched."""
    line = hat(discount="4.00", taxes=taxes(GST="1.80", QST="3.59"))
    ledger.record(a_sale(lines=[line], tenders=[cash("41.39")]))
    back = ledger.record(a_refund(lines=[{"sale_line": 0}], tenders=[cash("41.39")]))
    assert booked(back) == journal(
        """
        Dr sales_returns Hats 36.00 / Dr sales_tax GST 1.80 / Dr sales_tax QST 3.59
        Cr cash unassigned 41.39
        """
    )


def test_by_quantity_a_line_takes_its_share_of_what_remains(ledger: Memory) -> None:
    """Three at 10.00 together: 3.33, then half of the rest, then all of it."""
    line = goods(net="10.00", quantity="3", taxes=taxes(GST="0.50"))
    ledger.record(a_sale(lines=[line], tenders=[cash("10.50")]))
    one = [{"sale_line": 0, "quantity": "1"}]
    shares = [("3.33", "0.17"), ("3.34", "0.17"), ("3.33", "0.16")]
    for number, (net, gst) in enumerate(shares):
        total = f"{float(net) + float(gst):.2f}"
        back = ledger.record(a_refund(f"R-{number}", lines=one, tenders=[cash(total)]))
        assert booked(back) == journal(
            f"Dr sales_returns Hats {net} / Dr sales_tax GST {gst} / Cr cash unassigned {total}"
        )
    assert conflict(ledger, a_refund("R-9", lines=one, tenders=[cash("0.01")])) == {
        "code": "refund-exceeds",
        "pointer": "/lines/0",
        "sale": "S-1",
        "left": "0.00",
        "currency": "CAD",
    }


def test_lines_are_found_by_item_where_no_number_is_given(ledger: Memory) -> None:
    lines = [goods("10.00", item="CAP"), goods("40.00", item="HAT"), goods("30.00", item="HAT")]
    ledger.record(a_sale(lines=lines, tenders=[cash("80.00")]))
    named = [{"kind": "goods", "item": "HAT"}]
    first = ledger.record(a_refund("R-1", lines=named, tenders=[cash("40.00")]))
    second = ledger.record(a_refund("R-2", lines=named, tenders=[cash("30.00")]))
    assert "Dr sales_returns Hats 40.00" in booked(first)
    assert "Dr sales_returns Hats 30.00" in booked(second)
    third = a_refund("R-3", lines=named, tenders=[cash("1.00")])
    assert conflict(ledger, third)["code"] == "sale-line-unknown"


def test_a_line_may_state_what_comes_back(ledger: Memory) -> None:
    """A price adjustment: part of the net and of the tax, within what is left of each."""
    ledger.record(a_sale())
    lines = [{"sale_line": 0, "net": "10.00", "taxes": taxes(GST="0.50", QST="1.00")}]
    back = ledger.record(a_refund("R-1", lines=lines, tenders=[cash("11.50")]))
    assert booked(back) == journal(
        """
        Dr sales_returns Hats 10.00 / Dr sales_tax GST 0.50 / Dr sales_tax QST 1.00
        Cr cash unassigned 11.50
        """
    )
    rest = ledger.record(a_refund("R-2", tenders=[cash("34.49")]))
    assert "Dr sales_returns Hats 30.00" in booked(rest)


def test_neither_net_nor_tax_nor_quantity_may_exceed_what_is_left(ledger: Memory) -> None:
    ledger.record(a_sale())
    for line, total in (
        ({"sale_line": 0, "net": "40.01"}, "40.01"),
        ({"sale_line": 0, "net": "1.00", "taxes": taxes(GST="2.01")}, "3.01"),
        ({"sale_line": 0, "net": "1.00", "taxes": taxes(PST="1.00")}, "2.00"),
        ({"sale_line": 0, "net": "1.00", "quantity": "2"}, "1.00"),
        ({"sale_line": 0, "quantity": "2"}, "45.99"),
    ):
        refused = conflict(ledger, a_refund(lines=[line], tenders=[cash(total)]))
        assert (refused["code"], refused["left"]) == ("refund-exceeds", "45.99")


def test_two_lines_of_one_refund_share_what_is_left(ledger: Memory) -> None:
    ledger.record(a_sale())
    twice = [{"sale_line": 0}, {"sale_line": 0, "net": "0.01"}]
    assert conflict(ledger, a_refund(lines=twice, tenders=[cash("46.00")]))["pointer"] == "/lines/1"


def test_an_amount_alone_is_spread_over_nets_then_taxes(ledger: Memory) -> None:
    """Pro rata, half up, the odd cent to the last code; tip and rounding are not in it."""
    lines = [hat(), goods("10.00", "Caps")]
    ledger.record(a_sale(lines=lines, tenders=[cash("58.00")], tip="2.00", rounding="0.01"))
    back = ledger.record(a_refund("R-1", amount="10.00", tenders=[cash("10.00")]))
    assert booked(back) == journal(
        """
        Dr sales_returns Hats 7.14 / Dr sales_returns Caps 1.79
        Dr sales_tax GST 0.36 / Dr sales_tax QST 0.71
        Cr cash unassigned 10.00
        """
    )
    rest = a_refund("R-2", amount="46.00", tenders=[cash("46.00")])
    assert conflict(ledger, rest) == {
        "code": "refund-exceeds",
        "pointer": "/amount",
        "sale": "S-1",
        "left": "45.99",
        "currency": "CAD",
    }
    whole = ledger.record(a_refund("R-2", amount="45.99", tenders=[cash("45.99")]))
    assert "Dr sales_tax QST 3.28" in booked(whole)


def test_all_that_is_left_comes_back_once(ledger: Memory) -> None:
    """Twice the same refund is no fault of its content: nothing is left."""
    ledger.record(a_sale())
    ledger.record(a_refund("R-1"))
    refused = conflict(ledger, a_refund("R-2"))
    assert (refused["code"], refused["pointer"], refused["left"]) == (
        "refund-exceeds",
        "/tenders",
        "0.00",
    )
    entry = ledger.record(a_refund("R-2", happened_offline=True))
    assert booked(entry) == journal("Dr suspense refund:S-1 45.99 / Cr clearing card 45.99")


def test_tenders_of_a_refund_add_up_to_what_comes_back(ledger: Memory) -> None:
    ledger.record(a_sale())
    assert faults(ledger, a_refund(tenders=[cash("45.98")])) == {"/tenders": "tenders-differ"}
    stated = a_refund(amount="10.00", tenders=[cash("9.00")])
    assert faults(ledger, stated) == {"/tenders": "tenders-differ"}


def test_a_refund_mirrors_the_rounding_of_cash(ledger: Memory) -> None:
    ledger.record(a_sale())
    back = ledger.record(a_refund(tenders=[cash("46.00")], rounding="0.01"))
    assert "Dr cash_rounding 0.01" in booked(back)
    card_only = a_refund("R-2", tenders=[card("0.01")], rounding="0.01", amount="0")
    assert faults(ledger, card_only) == {"/rounding": "rounding-without-cash"}


def test_every_tender_can_be_given_back(ledger: Memory) -> None:
    """To card, gift card, store credit, a customer's account, the sale's invoice, a deposit."""
    on_account = [tender("on_account", "10.00")]
    ledger.record(a_sale("S-1", [goods("60.00")], [cash("50.00"), *on_account]))
    tenders = [
        card("10.00", None),
        gift_card("GC-1", "10.00"),
        tender("store_credit", "10.00", voucher="V-1"),
        tender("customer_credit", "10.00"),
        tender("deposit", "10.00", deposit="D-1"),
        *on_account,
    ]
    back = ledger.record(a_refund(tenders=tenders, customer="C-1"))
    assert booked(back) == journal(
        """
        Dr sales_returns Hats 60.00
        Cr clearing card 10.00 / Cr gift_cards GC-1 10.00 / Cr store_credit V-1 10.00
        Cr receivable credit:C-1 10.00 / Cr deposits D-1 10.00 / Cr receivable S-1 10.00
        """
    )


def test_an_invoice_is_never_over_applied(ledger: Memory) -> None:
    ledger.record(a_sale())
    back = a_refund(tenders=[tender("on_account", "45.99")])
    assert conflict(ledger, back)["holder"] == "S-1"


def test_a_gift_card_that_was_sold_is_taken_back(ledger: Memory) -> None:
    ledger.record(a_gift_card("GC-1", "50.00"))
    back = a_refund(sale="sold-GC-1", tenders=[cash("50.00")])
    ledger.record(a_sale("S-2", [goods("20.00")], [gift_card("GC-1", "20.00")]))
    assert conflict(ledger, back)["available"] == "30.00"
    ledger.record(reversal("S-2"))
    assert booked(ledger.record(back)) == journal(
        "Dr gift_cards GC-1 50.00 / Cr cash unassigned 50.00"
    )


def test_shipping_comes_back_as_a_return(ledger: Memory) -> None:
    ledger.record(a_sale(lines=[{"kind": "shipping", "net": "9.00"}], tenders=[cash("9.00")]))
    back = ledger.record(a_refund(tenders=[cash("9.00")]))
    assert booked(back) == journal("Dr sales_returns shipping 9.00 / Cr cash unassigned 9.00")


def test_an_unknown_or_reversed_sale_is_refused(ledger: Memory) -> None:
    assert conflict(ledger, a_refund())["code"] == "sale-unknown"
    ledger.record(a_sale())
    ledger.record(reversal("S-1"))
    assert conflict(ledger, a_refund())["code"] == "sale-reversed"
    assert conflict(ledger, a_refund(sale="undo-S-1"))["code"] == "sale-unknown"


def test_a_reversed_refund_gives_back_exactly_what_it_took(ledger: Memory) -> None:
    """Whatever was refunded in between, and however it was stated."""
    line = goods(net="10.00", quantity="3")
    ledger.record(a_sale(lines=[line], tenders=[cash("10.00")]))
    one = [{"sale_line": 0, "quantity": "1"}]
    ledger.record(a_refund("R-1", lines=one, tenders=[cash("3.33")]))
    ledger.record(a_refund("R-2", tenders=[cash("6.67")]))
    ledger.record(reversal("R-1"))
    again = a_refund("R-3", tenders=[cash("3.33")])
    assert booked(ledger.record(again)) == journal(
        "Dr sales_returns Hats 3.33 / Cr cash unassigned 3.33"
    )


def test_a_blind_refund_is_listed_until_a_policy_accepts_it(ledger: Memory) -> None:
    """Its goods come back at the current average."""
    ledger.record(item("HAT", "Hats"))
    ledger.record(a_receipt("G-1", ("HAT", "4", "18.25")))
    line = hat(item="HAT")
    back = a_refund("R-1", None, [cash("45.99")], lines=[line], restock="yes")
    entry = ledger.record(back)
    assert booked(entry) == journal(
        """
        Dr sales_returns Hats 40.00 / Dr sales_tax GST 2.00 / Dr sales_tax QST 3.99
        Cr cash unassigned 45.99
        Dr inventory HAT 18.25 x 1 / Cr cost_of_goods Hats 18.25
        """
    )
    assert entry.caveats == (Caveat("blind-refund", "R-1", 4599),)
    ledger.record(policy("blind_refunds", "accept"))
    assert ledger.record(a_refund("R-2", None, [cash("5.00")], amount="5.00")).caveats == ()


def test_what_a_blind_refund_must_say(ledger: Memory) -> None:
    assert faults(ledger, a_refund(sale=None)) == {"/lines": "required"}
    lines = [{"sale_line": 0}]
    assert faults(ledger, a_refund(sale=None, lines=lines)) == {
        "/lines/0/sale_line": "sale-missing",
        "/lines/0/unit_price": "price-missing",
    }
    both = a_refund(lines=[{"sale_line": 0}], amount="1.00", tenders=[cash("1.00")])
    assert faults(ledger, both) == {"/amount": "lines-or-amount"}
    loose = a_refund(amount="1.001", tenders=[cash("1.00")])
    assert faults(ledger, loose) == {"/amount": "too-many-decimals"}


def test_a_line_of_a_refund_that_does_not_exist(ledger: Memory) -> None:
    ledger.record(a_sale())
    refused = conflict(ledger, a_refund(lines=[{"sale_line": 1}]))
    assert (refused["code"], refused["pointer"]) == ("sale-line-unknown", "/lines/0/sale_line")


def test_an_exchange_leaves_nothing_in_between(ledger: Memory) -> None:
    """Hat back, bigger hat out, the difference paid by card; both legs in full."""
    ledger.record(a_sale())
    swap = tender("other", "45.99", method="exchange")
    back = ledger.record(a_refund("X-1", tenders=[swap]))
    bigger = goods("60.00", taxes=taxes(GST="3.00", QST="5.99"))
    sold = ledger.record(a_sale("X-2", [bigger], [swap, card("23.00", None)]))
    assert booked(back) == journal(
        """
        Dr sales_returns Hats 40.00 / Dr sales_tax GST 2.00 / Dr sales_tax QST 3.99
        Cr clearing exchange 45.99
        """
    )
    assert booked(sold) == journal(
        """
        Dr clearing exchange 45.99 / Dr clearing card 23.00
        Cr sales Hats 60.00 / Cr sales_tax GST 3.00 / Cr sales_tax QST 5.99
        """
    )
    assert ledger.balance("clearing", "exchange") == 0


def test_an_even_exchange_has_both_legs(ledger: Memory) -> None:
    """Nothing is paid, and yet a hat comes back and another goes out."""
    ledger.record(a_receipt("G-1", ("HAT", "2", "22.00")))
    ledger.record(a_sale(lines=[hat(item="HAT")]))
    swap = tender("other", "45.99", method="exchange")
    back = ledger.record(a_refund("X-1", tenders=[swap], restock="yes"))
    assert booked(back) == journal(
        """
        Dr sales_returns Hats 40.00 / Dr sales_tax GST 2.00 / Dr sales_tax QST 3.99
        Cr clearing exchange 45.99
        Dr inventory HAT 22.00 x 1 / Cr cost_of_goods Hats 22.00
        """
    )
    sold = ledger.record(a_sale("X-2", [hat(item="HAT")], [swap]))
    assert booked(sold) == journal(
        """
        Dr clearing exchange 45.99
        Cr sales Hats 40.00 / Cr sales_tax GST 2.00 / Cr sales_tax QST 3.99
        Dr cost_of_goods Hats 22.00 / Cr inventory HAT 22.00 x 1
        """
    )
    assert ledger.balance("clearing", "exchange") == 0


def test_of_eighty_five_per_cent_so_much_of_the_tax_comes_back(ledger: Memory) -> None:
    """4.25 of 5.00 and 8.48 of 9.98, by amount as by quantity (Revenu Québec)."""
    line = goods("100.00", taxes=taxes(GST="5.00", QST="9.98"))
    journal_of_85 = journal(
        """
        Dr sales_returns Hats 85.00 / Dr sales_tax GST 4.25 / Dr sales_tax QST 8.48
        Cr cash unassigned 97.73
        """
    )
    ledger.record(a_sale(lines=[line], tenders=[cash("114.98")]))
    given = [cash("97.73")]
    assert booked(ledger.preview(a_refund(amount="97.73", tenders=given))) == journal_of_85
    lines = [{"sale_line": 0, "quantity": "0.85"}]
    assert booked(ledger.record(a_refund(lines=lines, tenders=given))) == journal_of_85


def test_more_may_come_back_than_was_taken_that_day(ledger: Memory) -> None:
    """Nothing special: the day's takings are below nothing."""
    ledger.record(a_sale(tenders=[cash("45.99")], on="2026-03-13"))
    ledger.record(a_sale("S-2", [goods("10.00")], [cash("10.00")]))
    ledger.record(a_refund(tenders=[cash("45.99")]))
    assert ledger.balance("cash", "unassigned") == 1000


def test_a_card_sold_and_a_hat_come_back_in_one_refund(ledger: Memory) -> None:
    ledger.record(
        a_sale(lines=[goods("5.00"), card_sold("GC-9", "50.00")], tenders=[cash("55.00")])
    )
    back = ledger.record(a_refund(tenders=[cash("55.00")]))
    assert booked(back) == journal(
        "Dr sales_returns Hats 5.00 / Dr gift_cards GC-9 50.00 / Cr cash unassigned 55.00"
    )


def test_a_line_may_state_its_taxes_and_leave_the_rest_to_the_sale(ledger: Memory) -> None:
    ledger.record(a_sale())
    lines = [{"sale_line": 0, "taxes": taxes(GST="1.00")}]
    back = ledger.record(a_refund(lines=lines, tenders=[cash("41.00")]))
    assert booked(back) == journal(
        "Dr sales_returns Hats 40.00 / Dr sales_tax GST 1.00 / Cr cash unassigned 41.00"
    )
    stated = [{"sale_line": 0, "discount": "0.001"}]
    wrong = a_refund("R-2", lines=stated, tenders=[cash("1.00")])
    assert faults(ledger, wrong) == {"/lines/0/discount": "too-many-decimals"}


def test_a_free_line_is_found_by_its_item_too(ledger: Memory) -> None:
    """It has no price left to refund, but units that come back into stock."""
    ledger.record(a_receipt("G-1", ("HAT", "2", "18.25")))
    ledger.record(
        a_sale(lines=[goods("0", item="HAT"), goods("5.00", item="HAT")], tenders=[cash("5.00")])
    )
    named = [{"kind": "goods", "item": "HAT"}]
    free = ledger.record(a_refund("R-1", lines=named, tenders=[], restock="yes"))
    assert booked(free) == journal("Dr inventory HAT 18.25 x 1 / Cr cost_of_goods Hats 18.25")
    paid = ledger.record(a_refund("R-2", lines=named, tenders=[cash("5.00")]))
    assert "Dr sales_returns Hats 5.00" in booked(paid)


def test_what_comes_back_to_the_account_goes_to_the_sales_own_invoice(ledger: Memory) -> None:
    """The sale stands under INV-7; the refund need not repeat that."""
    ledger.record(a_sale(tenders=[tender("on_account", "45.99", invoice="INV-7")], customer="C-1"))
    ledger.record(a_refund(tenders=[tender("on_account", "45.99")]))
    assert ledger.balance("receivable", "INV-7") == 0


def test_a_card_sold_at_a_discount_is_taken_back_whole(ledger: Memory) -> None:
    """50.00 on the card for 40.00: whoever gets the 40.00 back keeps nothing on the card."""
    line = card_sold("GC-1", "40.00") | {"discount": "10.00"}
    ledger.record(a_sale(lines=[line], tenders=[cash("40.00")]))
    part = ledger.record(a_refund("R-1", amount="10.00", tenders=[cash("10.00")]))
    assert booked(part) == journal(
        "Dr gift_cards GC-1 12.50 / Cr discounts gift_card 2.50 / Cr cash unassigned 10.00"
    )
    rest = ledger.record(a_refund("R-2", tenders=[cash("30.00")]))
    assert booked(rest) == journal(
        "Dr gift_cards GC-1 37.50 / Cr discounts gift_card 7.50 / Cr cash unassigned 30.00"
    )


def test_where_prices_include_the_tax_a_unit_comes_back_at_its_price(london: Memory) -> None:
    """Three at 10.00 with VAT inside: each comes back at 10.00, whatever its tax rounds to."""
    line = goods("10.00", quantity="3", taxes=taxes(VAT="5.00"))
    london.record(a_sale(lines=[line], tenders=[cash("30.00")], prices_include_tax=True))
    one = [{"sale_line": 0, "quantity": "1"}]
    for number, (net, vat) in enumerate([("8.33", "1.67"), ("8.33", "1.67"), ("8.34", "1.66")]):
        back = london.record(a_refund(f"R-{number}", lines=one, tenders=[cash("10.00")]))
        assert booked(back) == journal(
            f"Dr sales_returns Hats {net} / Dr sales_tax VAT {vat} / Cr cash unassigned 10.00"
        )


def test_a_refund_is_of_the_category_that_was_sold(ledger: Memory) -> None:
    """That the item belongs to another one since changes nothing about the sale."""
    ledger.record(a_sale("S-1", [goods("10.00", None, item="PIN")], [card("10.00", None)]))
    fields: dict[str, Any] = {
        "item": "PIN",
        "name": "Pin",
        "category": "Hats",
        "kind": "goods",
        "stocked": False,
    }
    ledger.record(fact("item_defined", "I-1", **fields))
    back = ledger.record(a_refund("R-1", "S-1", [card("10.00", None)]))
    assert booked(back) == journal("Dr sales_returns goods 10.00 / Cr clearing card 10.00")
