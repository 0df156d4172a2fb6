"""Sales: what they post, and what of them is refused (5.1)."""

from typing import Any

import pytest

from ledger.events.lines import price
from ledger.events.sale import SaleCompleted
from ledger.postings import Caveat
from tests.builders import (
    a_gift_card,
    a_receipt,
    a_refund,
    a_sale,
    card,
    card_sold,
    cash,
    gift_card,
    goods,
    hat,
    item,
    method,
    taxes,
    tender,
)
from tests.ledger.memory import Memory
from tests.ledger.refusals import conflict, faults
from tests.notation import booked, journal


def test_the_worked_sale_of_the_contract(ledger: Memory) -> None:
    """A hat with a discount, a gift card sold, a tip, paid by gift card and rounded cash."""
    ledger.record(item("HAT", "Hats", stocked=True))
    ledger.record(a_receipt("G-1", ("HAT", "2", "18.25")))
    ledger.record(a_gift_card("GC-12", "36.40"))
    line = hat(item="HAT", discount="4.00", taxes=taxes(GST="1.80", QST="3.59"))
    entry = ledger.record(
        a_sale(
            "S-1001",
            [line, card_sold("GC-88", "50.00")],
            [gift_card("GC-12", "36.40"), cash("60.00")],
            tip="5.00",
            rounding="0.01",
            register="till-3",
        )
    )
    assert booked(entry) == journal(
        """
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
        """
    )
    assert entry.caveats == ()
    assert ledger.balance("gift_cards", "GC-12") == 0


@pytest.mark.parametrize(
    ("line", "paid", "booking"),
    [
        (goods("10.00"), "10.00", "Cr sales Hats 10.00"),
        (goods("3.335", quantity="3"), "10.01", "Cr sales Hats 10.01"),
        (goods("0.335", quantity="1"), "0.34", "Cr sales Hats 0.34"),
        (goods("20.00", net="10.00"), "10.00", "Cr sales Hats 10.00"),
        (goods("20.00", quantity="0.5"), "10.00", "Cr sales Hats 10.00"),
        (goods("10.00", None), "10.00", "Cr sales goods 10.00"),
        ({"kind": "service", "net": "10.00"}, "10.00", "Cr sales service 10.00"),
        ({"kind": "fee", "net": "10.00"}, "10.00", "Cr sales fee 10.00"),
        ({"kind": "donation", "net": "10.00"}, "10.00", "Cr sales donation 10.00"),
        ({"kind": "shipping", "net": "10.00"}, "10.00", "Cr shipping_income 10.00"),
        (
            {"kind": "shipping", "unit_price": "10.00", "discount": "1.00"},
            "9.00",
            "Dr discounts shipping 1.00 / Cr shipping_income 10.00",
        ),
        (card_sold("GC-1", "10.00"), "10.00", "Cr gift_cards GC-1 10.00"),
        (
            goods(net="10.00", discount="2.00"),
            "10.00",
            "Dr discounts Hats 2.00 / Cr sales Hats 12.00",
        ),
    ],
)
def test_each_kind_of_line(
    ledger: Memory, line: dict[str, object], paid: str, booking: str
) -> None:
    """Every kind of line credits its own account; quantity x price rounds half up."""
    entry = ledger.record(a_sale(lines=[line], tenders=[cash(paid)]))
    assert booked(entry) == journal(f"Dr cash unassigned {paid} / {booking}")


@pytest.mark.parametrize(
    ("given", "booking"),
    [
        (cash("10.00"), "Dr cash unassigned 10.00"),
        (card("10.00", None), "Dr clearing card 10.00"),
        (tender("card", "10.00", method="visa"), "Dr clearing visa 10.00"),
        (tender("cheque", "10.00"), "Dr clearing cheque 10.00"),
        (tender("transfer", "10.00"), "Dr clearing transfer 10.00"),
        (tender("other", "10.00"), "Dr clearing other 10.00"),
        (tender("other", "10.00", method="exchange"), "Dr clearing exchange 10.00"),
        (tender("cash", "10.00", method="tin"), "Dr cash unassigned 10.00"),
        (tender("on_account", "10.00"), "Dr receivable S-1 10.00"),
        (tender("on_account", "10.00", invoice="I-9"), "Dr receivable I-9 10.00"),
    ],
)
def test_each_kind_of_tender(ledger: Memory, given: dict[str, str], booking: str) -> None:
    """Money goes to its drawer or to clearing by method; on account makes an invoice."""
    ledger.record(method("visa"))
    ledger.record(method("tin", "cash"))
    entry = ledger.record(a_sale(lines=[goods("10.00")], tenders=[given]))
    assert booked(entry) == journal(f"{booking} / Cr sales Hats 10.00")


def test_prices_that_include_the_tax(ledger: Memory) -> None:
    """The net is what is paid less the taxes; a discount shrinks with it, half up."""
    line = goods("57.49", discount="11.50", taxes=taxes(GST="2.00", QST="3.99"))
    entry = ledger.record(a_sale(lines=[line], tenders=[cash("45.99")], prices_include_tax=True))
    assert booked(entry) == journal(
        """
        Dr cash unassigned 45.99 / Dr discounts Hats 10.00
        Cr sales Hats 50.00 / Cr sales_tax GST 2.00 / Cr sales_tax QST 3.99
        """
    )


def test_a_stated_net_stays_even_where_prices_include_the_tax(ledger: Memory) -> None:
    line = goods(net="40.00", discount="11.50", taxes=taxes(GST="2.00", QST="3.99"))
    entry = ledger.record(a_sale(lines=[line], tenders=[cash("45.99")], prices_include_tax=True))
    assert "Dr discounts Hats 10.00" in booked(entry)
    assert "Cr sales Hats 50.00" in booked(entry)


def test_what_is_taken_off_entirely_is_free(ledger: Memory) -> None:
    line = goods("11.50", discount="11.50")
    entry = ledger.record(a_sale(lines=[line], tenders=[], prices_include_tax=True))
    assert booked(entry) == journal("Dr discounts Hats 11.50 / Cr sales Hats 11.50")


def test_a_free_sale_is_recorded_and_its_goods_leave(ledger: Memory) -> None:
    ledger.record(a_receipt("G-1", ("HAT", "2", "18.25")))
    line = goods("0.00", None, item="HAT")
    entry = ledger.record(a_sale(lines=[line], tenders=[]))
    assert booked(entry) == journal("Dr cost_of_goods goods 18.25 / Cr inventory HAT 18.25 x 1")


def test_tips_belong_to_who_is_named(ledger: Memory) -> None:
    """Its own staff, else the event's, else nobody's."""
    named = [{"staff": "Ana", "amount": "3.00"}, {"amount": "2.00"}]
    lines, tenders = [goods("10.00")], [cash("15.00")]
    assert "Cr tips Ana 3.00" in booked(ledger.preview(a_sale("S-1", lines, tenders, tip=named)))
    assert "Cr tips unassigned 2.00" in booked(
        ledger.preview(a_sale("S-1", lines, tenders, tip=named))
    )
    entry = ledger.record(a_sale("S-1", lines, tenders, tip="5.00", staff="Bo"))
    assert "Cr tips Bo 5.00" in booked(entry)


def test_a_card_may_be_filled_and_drawn_in_one_sale(ledger: Memory) -> None:
    """What counts is the balance after the entry; the entry shows both sides."""
    lines = [card_sold("GC-1", "50.00"), goods("20.00")]
    entry = ledger.record(a_sale("S-1", lines, [gift_card("GC-1", "20.00"), cash("50.00")]))
    assert "Dr gift_cards GC-1 20.00" in booked(entry)
    assert "Cr gift_cards GC-1 50.00" in booked(entry)
    assert ledger.balance("gift_cards", "GC-1") == -3000


def test_a_card_sold_at_a_discount_holds_its_value(ledger: Memory) -> None:
    line = {"kind": "gift_card", "gift_card": "GC-1", "unit_price": "50.00", "discount": "5.00"}
    entry = ledger.record(a_sale("S-1", [line], [cash("45.00")]))
    assert booked(entry) == journal(
        """
        Dr cash unassigned 45.00 / Dr discounts gift_card 5.00 / Cr gift_cards GC-1 50.00
        """
    )


def test_a_card_that_has_not_that_much_is_refused(ledger: Memory) -> None:
    ledger.record(a_gift_card("GC-1", "30.00"))
    sale = a_sale(lines=[goods("40.00")], tenders=[cash("5.00"), gift_card("GC-1", "35.00")])
    assert conflict(ledger, sale) == {
        "code": "overdrawn",
        "pointer": "/tenders/1",
        "role": "gift_cards",
        "holder": "GC-1",
        "available": "30.00",
        "currency": "CAD",
    }


def test_an_account_customer_and_their_credit(ledger: Memory) -> None:
    """What a customer is owed is drawn like a card, and never past zero."""
    sale = a_sale(
        lines=[goods("10.00")], tenders=[tender("customer_credit", "10.00")], customer="C-1"
    )
    assert conflict(ledger, sale)["holder"] == "credit:C-1"
    credit = a_sale("S-0", [goods("10.00")], [cash("10.00")])
    ledger.record(credit)
    ledger.record(a_refund("R-0", "S-0", [tender("customer_credit", "10.00")], customer="C-1"))
    assert booked(ledger.record(sale)) == journal(
        "Dr receivable credit:C-1 10.00 / Cr sales Hats 10.00"
    )


def test_what_the_book_does_not_know_is_no_reason_to_refuse(ledger: Memory) -> None:
    """The method stands in suspense, the rest is known from now on; each is an exception."""
    line = goods("10.00", "Canes", item="CANE", taxes=taxes(LUX="1.00"))
    tenders = [tender("card", "6.00", method="moonpay"), tender("other", "5.00", method="moonpay")]
    entry = ledger.record(a_sale("S-1", [line, line | {"net": "0"}], [*tenders, cash("1.00")]))
    assert booked(entry) == journal(
        """
        Dr suspense method:moonpay 11.00 / Dr cash unassigned 1.00
        Cr sales Canes 10.00 / Cr sales_tax LUX 2.00
        """
    )
    assert set(entry.caveats) == {
        Caveat("unknown-method", "moonpay", 600),
        Caveat("unknown-method", "moonpay", 500),
        Caveat("unknown-item", "CANE"),
        Caveat("unknown-category", "Canes"),
        Caveat("unknown-tax", "LUX"),
    }
    again = ledger.record(a_sale("S-2", [line], [cash("11.00")]))
    assert again.caveats == ()


def test_an_item_that_only_tills_know_is_of_its_lines_kind(ledger: Memory) -> None:
    """The first time and every time."""
    line = {"kind": "service", "item": "CUT", "net": "10.00"}
    for number in range(2):
        entry = ledger.record(a_sale(f"S-{number}", [line], [cash("10.00")]))
        assert "Cr sales service 10.00" in booked(entry)


def test_tenders_that_do_not_add_up_are_told_both_sums(ledger: Memory) -> None:
    sale = a_sale(tenders=[cash("45.98")], memo="card 4111 1111 1111 1111")
    assert faults(ledger, sale) == {"/tenders": "tenders-differ", "/memo": "card-number"}


@pytest.mark.parametrize(
    ("lines", "fields", "expected"),
    [
        ([goods(None)], {}, {"/lines/0/unit_price": "price-missing"}),
        ([goods("10.00", discount="10.01")], {}, {"/lines/0/discount": "discount-exceeds-price"}),
        (
            [goods("1.00", taxes=taxes(GST="2.00"))],
            {"prices_include_tax": True},
            {"/lines/0/taxes": "line-below-zero"},
        ),
        ([{"net": "1.00"}], {}, {"/lines/0/kind": "required"}),
        (
            [{"kind": "package", "package": "P-1", "net": "1.00"}],
            {},
            {"/lines/0/uses": "required"},
        ),
        ([{"kind": "gift_card", "net": "1.00"}], {}, {"/lines/0/gift_card": "required"}),
        (
            [card_sold("GC-1", "1.00") | {"taxes": taxes(GST="0.05")}],
            {},
            {"/lines/0/taxes": "stored-value-taxed"},
        ),
        (
            [goods("1.00", taxes=taxes(GST="0.05"), tax_treatment="zero")],
            {},
            {"/lines/0/tax_treatment": "treatment-without-tax"},
        ),
        (
            [goods("1.00", taxes=[*taxes(GST="0.05"), *taxes(GST="0.05")])],
            {},
            {"/lines/0/taxes/1/tax": "tax-twice"},
        ),
        ([goods("1.00", sale_line=0)], {}, {"/lines/0/sale_line": "only-on-refunds"}),
        ([goods(net="1.001")], {}, {"/lines/0/net": "too-many-decimals"}),
        ([goods(net="100000000000.00")], {}, {"/lines/0/net": "too-large"}),
        ([goods("100000000000.00")], {}, {"/lines/0/quantity": "too-large"}),
        ([goods("100000000000.00", discount="0.01")], {}, {"/lines/0/quantity": "too-large"}),
        (
            [goods("9999999999999", quantity="1000000000")],
            {},
            {"/lines/0/quantity": "too-large"},
        ),
        (
            [goods("1.00", taxes=taxes(GST="0.055"), discount="0.001")],
            {},
            {
                "/lines/0/taxes/0/amount": "too-many-decimals",
                "/lines/0/discount": "too-many-decimals",
            },
        ),
    ],
)
def test_lines_that_can_never_be_right(
    ledger: Memory, lines: list[dict[str, object]], fields: dict[str, Any], expected: object
) -> None:
    assert faults(ledger, a_sale(lines=lines, tenders=[cash("1.00")], **fields)) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"kind": "cash"}, {"/tenders/0/amount": "required"}),
        (
            {"kind": "gift_card"},
            {"/tenders/0/amount": "required", "/tenders/0/gift_card": "required"},
        ),
        ({"kind": "deposit", "amount": "1"}, {"/tenders/0/deposit": "required"}),
        ({"kind": "store_credit", "amount": "1"}, {"/tenders/0/voucher": "required"}),
        ({"kind": "customer_credit", "amount": "1"}, {"/customer": "required"}),
        ({"kind": "package"}, {"/tenders/0/package": "required"}),
        (
            {"kind": "on_account", "amount": "1", "method": "visa"},
            {"/tenders/0/method": "method-of-money-only"},
        ),
        ({"kind": "cash", "amount": "1.005"}, {"/tenders/0/amount": "too-many-decimals"}),
        ({"kind": "cash", "amount": "1000000000000"}, {"/tenders/0/amount": "too-large"}),
    ],
)
def test_tenders_that_can_never_be_right(
    ledger: Memory, given: dict[str, object], expected: object
) -> None:
    assert faults(ledger, a_sale(lines=[goods("1.00")], tenders=[given])) == expected


def test_the_largest_amount_is_taken(ledger: Memory) -> None:
    """Thirteen digits of minor units."""
    entry = ledger.record(a_sale(lines=[goods("99999999999.99")], tenders=[cash("99999999999.99")]))
    assert "Cr sales Hats 99999999999.99" in booked(entry)


def test_only_the_cash_part_is_rounded(ledger: Memory) -> None:
    lines = [goods("10.02")]
    sale = a_sale("S-1", lines, [card("10.00", None)], rounding="-0.02")
    assert faults(ledger, sale) == {"/rounding": "rounding-without-cash"}
    split = a_sale("S-1", lines, [card("5.00", None), cash("5.00")], rounding="-0.02")
    assert "Dr cash_rounding 0.02" in booked(ledger.record(split))


def test_loose_amounts_fit_the_currency(ledger: Memory) -> None:
    sale = a_sale(tip=[{"amount": "0.001"}], rounding="0.001", tenders=[cash("45.99")])
    assert faults(ledger, sale) == {
        "/tip/0/amount": "too-many-decimals",
        "/rounding": "too-many-decimals",
    }
    assert faults(ledger, a_sale(tip="0.001")) == {"/tip": "too-many-decimals"}


def test_an_untaxed_treatment_may_state_a_tax_of_nothing(ledger: Memory) -> None:
    line = goods("1.00", taxes=taxes(GST="0.00"), tax_treatment="zero")
    entry = ledger.record(a_sale(lines=[line], tenders=[cash("1.00")]))
    assert booked(entry) == journal("Dr cash unassigned 1.00 / Cr sales Hats 1.00")


def test_items_bring_their_category_and_treatment(ledger: Memory) -> None:
    ledger.record(item("HAT", "Hats", taxes=["GST", "QST"]))
    sale = ledger.preview(
        a_sale(
            lines=[goods("1.00", None, item="HAT"), card_sold("GC", "1")], tenders=[cash("2.00")]
        )
    ).event
    assert isinstance(sale, SaleCompleted)
    first, second = (price(sale, line, ledger.settings) for line in sale.lines)
    assert (first.category, first.treatment, first.description) == ("Hats", "taxable", "Hat")
    assert (second.category, second.treatment) == ("gift_card", "out_of_scope")
