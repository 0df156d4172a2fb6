"""Stock at weighted average cost: received, sold, adjusted, below zero (5.8)."""

from typing import Any

import pytest

from ledger.postings import Caveat
from ledger.stock import Stock
from tests.builders import (
    a_receipt,
    a_refund,
    a_sale,
    adjusted,
    cash,
    fact,
    goods,
    item,
    policy,
    reversal,
    tax,
    taxes,
)
from tests.ledger.memory import Memory
from tests.ledger.refusals import conflict, faults
from tests.notation import booked, journal


def _sold(ledger: Memory, id_: str, quantity: str, item_: str = "HAT") -> list[str]:
    """Sell for nothing; return what the goods' leaving posts."""
    line = goods("0", "Hats", item=item_, quantity=quantity)
    return booked(ledger.record(a_sale(id_, [line], [])))


def test_goods_are_received_at_cost(ledger: Memory) -> None:
    """Cost, freight and duty less discount, by value; recoverable taxes apart."""
    receipt = a_receipt(
        "G-1",
        ("HAT", "10", "10.00"),
        ("CAP", "10", "5.00"),
        freight="30.00",
        duty="6.00",
        discount="3.00",
        taxes=taxes(GST="9.15", QST="18.25"),
    )
    assert booked(ledger.record(receipt)) == journal(
        """
        Dr inventory HAT 122.00 x 10 / Dr inventory CAP 61.00 x 10
        Dr tax_recoverable GST 9.15 / Dr tax_recoverable QST 18.25
        Cr goods_received_not_billed G-1 210.40
        """
    )


def test_with_the_vendors_bill_it_is_owed_at_once(ledger: Memory) -> None:
    entry = ledger.record(a_receipt("G-1", ("HAT", "1", "10.00"), bill="B-77"))
    assert "Cr payable B-77 10.00" in booked(entry)


@pytest.mark.parametrize(
    ("by", "hat", "cap"),
    [("value", "120.00", "60.00"), ("quantity", "106.00", "74.00"), ("weight", "127.00", "53.00")],
)
def test_freight_is_allocated_by_value_quantity_or_weight(
    ledger: Memory, by: str, hat: str, cap: str
) -> None:
    receipt = {
        "lines": [
            {"item": "HAT", "quantity": "10", "unit_cost": "10.00", "weight": "0.9"},
            {"item": "CAP", "quantity": "40", "unit_cost": "1.25", "weight": "0.025"},
        ]
    }
    stated: dict[str, Any] = {"receipt": "G-1", "vendor": "V", "freight": "30.00"} | receipt
    entry = booked(ledger.record(fact("goods_received", "G-1", allocate_by=by, **stated)))
    assert f"Dr inventory HAT {hat} x 10" in entry
    assert f"Dr inventory CAP {cap} x 40" in entry


def test_where_the_book_says_so_freight_is_an_expense(ledger: Memory) -> None:
    ledger.record(policy("landed_cost", "expense"))
    receipt = a_receipt("G-1", ("HAT", "10", "10.00"), freight="3", duty="2", discount="1")
    assert booked(ledger.record(receipt)) == journal(
        """
        Dr inventory HAT 100.00 x 10 / Dr freight_in 3.00 / Dr duty 2.00
        Cr purchase_discounts 1.00 / Cr goods_received_not_billed G-1 104.00
        """
    )


def test_a_tax_that_cannot_be_recovered_is_part_of_the_cost(ledger: Memory) -> None:
    ledger.record(tax("PST", "7", recoverable=False))
    receipt = a_receipt("G-1", ("HAT", "10", "10.00"), taxes=taxes(GST="5.00", PST="7.00"))
    assert booked(ledger.record(receipt)) == journal(
        """
        Dr inventory HAT 107.00 x 10 / Dr tax_recoverable GST 5.00
        Cr goods_received_not_billed G-1 112.00
        """
    )


def test_goods_for_nothing_share_freight_by_quantity(ledger: Memory) -> None:
    receipt = a_receipt("G-1", ("HAT", "3", "0"), ("CAP", "1", "0"), freight="4.00")
    entry = booked(ledger.record(receipt))
    assert "Dr inventory HAT 3.00 x 3" in entry


def test_the_average_of_the_contract(ledger: Memory) -> None:
    """10 at 10.00 and 10 at 12.00: five leave at 11.00."""
    ledger.record(a_receipt("G-1", ("HAT", "10", "10.00")))
    ledger.record(a_receipt("G-2", ("HAT", "10", "12.00")))
    assert _sold(ledger, "S-1", "5") == journal(
        "Dr cost_of_goods Hats 55.00 / Cr inventory HAT 55.00 x 5"
    )


def test_each_issue_is_rounded_and_the_last_unit_takes_the_rest(ledger: Memory) -> None:
    ledger.record(a_receipt("G-1", ("HAT", "3", "3.335")))
    costs = [_sold(ledger, f"S-{n}", "1")[0] for n in range(3)]
    assert costs == [
        "Cr inventory HAT 3.34 x 1",
        "Cr inventory HAT 3.34 x 1",
        "Cr inventory HAT 3.33 x 1",
    ]
    assert ledger.stock("HAT").value == 0


def test_two_lines_of_one_item_cost_one_after_the_other(ledger: Memory) -> None:
    ledger.record(a_receipt("G-1", ("HAT", "2", "3.335")))
    line = goods("0", item="HAT")
    entry = ledger.record(a_sale("S-1", [line, line], []))
    assert booked(entry) == journal("Dr cost_of_goods Hats 6.67 / Cr inventory HAT 6.67 x 2")


def test_below_zero_goods_leave_at_the_last_average_and_are_trued_up(ledger: Memory) -> None:
    """Two short at 10.00; five come at 12.00: the two cost 4.00 more, three stay at 12.00."""
    ledger.record(item("HAT", "Hats"))
    ledger.record(a_receipt("G-1", ("HAT", "1", "10.00")))
    assert _sold(ledger, "S-1", "3") == journal(
        "Dr cost_of_goods Hats 30.00 / Cr inventory HAT 30.00 x 3"
    )
    entry = ledger.record(a_receipt("G-2", ("HAT", "5", "12.00")))
    assert booked(entry) == journal(
        """
        Dr inventory HAT 56.00 x 5 / Dr cost_of_goods Hats 4.00
        Cr goods_received_not_billed G-2 60.00
        """
    )
    stock = ledger.stock("HAT")
    assert (stock.quantity, stock.value) == (3_000_000, 3600)


def test_a_receipt_trues_up_only_what_it_covers(ledger: Memory) -> None:
    ledger.record(item("HAT", "Hats"))
    ledger.record(a_receipt("G-1", ("HAT", "1", "10.00")))
    _sold(ledger, "S-1", "6")
    entry = ledger.record(a_receipt("G-2", ("HAT", "2", "12.00")))
    assert "Dr cost_of_goods Hats 4.00" in booked(entry)
    stock = ledger.stock("HAT")
    assert (stock.quantity, stock.value) == (-3_000_000, -3000)
    assert _sold(ledger, "S-2", "1")[0] == "Cr inventory HAT 10.00 x 1"


def test_a_restock_trues_up_too(ledger: Memory) -> None:
    ledger.record(a_receipt("G-1", ("HAT", "1", "10.00")))
    _sold(ledger, "S-1", "1")
    ledger.record(a_receipt("G-2", ("HAT", "1", "12.00")))
    _sold(ledger, "S-2", "2")
    entry = ledger.record(a_refund("R-1", "S-1", [], restock="yes"))
    assert booked(entry) == journal("Dr inventory HAT 12.00 x 1 / Cr cost_of_goods Hats 12.00")


def test_an_item_defined_as_stocked_costs_before_it_was_ever_received(ledger: Memory) -> None:
    """It goes below zero at nothing, and its receipt brings the cost."""
    ledger.record(item("HAT", "Hats", stocked=True))
    assert _sold(ledger, "S-1", "1") == journal("Cr inventory HAT 0.00 x 1")
    entry = ledger.record(a_receipt("G-1", ("HAT", "2", "10.00")))
    assert "Dr cost_of_goods Hats 10.00" in booked(entry)
    assert ledger.stock("HAT").value == 1000


def test_what_is_not_stocked_costs_nothing(ledger: Memory) -> None:
    assert _sold(ledger, "S-1", "1") == []
    ledger.record(a_receipt("G-1", ("HAT", "2", "10.00")))
    service = {"kind": "service", "item": "HAT", "net": "0"}
    assert booked(ledger.record(a_sale("S-2", [service], []))) == []
    assert _sold(ledger, "S-3", "1") != []


def test_stock_is_adjusted_at_average(ledger: Memory) -> None:
    ledger.record(a_receipt("G-1", ("HAT", "4", "10.00")))
    broken = ledger.record(adjusted("A-1", {"item": "HAT", "quantity": "-1"}))
    assert booked(broken) == journal("Dr stock_adjustments HAT 10.00 / Cr inventory HAT 10.00 x 1")
    found = ledger.record(adjusted("A-2", {"item": "HAT", "quantity": "2"}))
    assert booked(found) == journal("Cr stock_adjustments HAT 20.00 / Dr inventory HAT 20.00 x 2")
    costed = {"item": "HAT", "quantity": "1", "unit_cost": "15.00"}
    assert "Dr inventory HAT 15.00 x 1" in booked(ledger.record(adjusted("A-3", costed)))


def test_the_last_unit_takes_the_rest_whatever_cost_is_stated(ledger: Memory) -> None:
    ledger.record(a_receipt("G-1", ("HAT", "2", "10.00")))
    costed = {"item": "HAT", "quantity": "-2", "unit_cost": "1.00"}
    assert "Cr inventory HAT 20.00 x 2" in booked(ledger.record(adjusted("A-1", costed)))


def test_an_item_never_received_is_counted_at_nothing_and_stays_unstocked(ledger: Memory) -> None:
    entry = ledger.record(adjusted("A-1", {"item": "PIN", "quantity": "5"}))
    assert booked(entry) == journal("Dr inventory PIN 0.00 x 5")
    assert entry.caveats == (Caveat("unknown-item", "PIN"),)
    assert _sold(ledger, "S-1", "1", "PIN") == []
    costed = {"item": "PIN", "quantity": "5", "unit_cost": "1.00"}
    ledger.record(adjusted("A-2", costed))
    assert _sold(ledger, "S-2", "1", "PIN") != []


def test_stock_is_kept_by_location(ledger: Memory) -> None:
    """Where the line is, else where the event is."""
    receipt = ledger.record(a_receipt("G-1", ("HAT", "4", "10.00"), location="laurier"))
    assert [p.location for p in receipt.postings if p.role == "inventory"] == ["laurier"]
    lines = [goods("0", item="HAT"), goods("0", item="HAT", location="mile-end")]
    sale = ledger.record(a_sale("S-1", lines, [], location="laurier"))
    places = [p.location for p in sale.postings if p.role == "inventory"]
    assert places == ["laurier", "mile-end"]


def test_a_reversal_brings_stock_back(ledger: Memory) -> None:
    ledger.record(a_receipt("G-1", ("HAT", "4", "10.00")))
    _sold(ledger, "S-1", "3")
    ledger.record(reversal("S-1"))
    stock = ledger.stock("HAT")
    assert (stock.quantity, stock.value) == (4_000_000, 4000)


def test_goods_in_a_foreign_currency_stand_in_home_money(ledger: Memory) -> None:
    """EUR 10.00 each and EUR 1.00 of freight at 1.50; a hat leaves at home money."""
    euro = {"currency": "EUR", "rate": "1.5"}
    entry = ledger.record(a_receipt("G-1", ("HAT", "2", "10.00"), freight="1.00", **euro))
    assert booked(entry) == journal(
        """
        Dr inventory HAT 21.00 EUR = 31.50 x 2
        Cr goods_received_not_billed G-1 21.00 EUR = 31.50
        """
    )
    assert _sold(ledger, "S-1", "1") == journal(
        "Dr cost_of_goods Hats 15.75 / Cr inventory HAT 15.75 x 1"
    )


def test_foreign_goods_true_up_in_home_money(ledger: Memory) -> None:
    """Two short at 10.00; five come at EUR 8.00, which is 12.00: the two cost 4.00 more."""
    ledger.record(item("HAT", "Hats"))
    ledger.record(a_receipt("G-1", ("HAT", "1", "10.00")))
    _sold(ledger, "S-1", "3")
    euro = {"currency": "EUR", "rate": "1.5"}
    entry = ledger.record(a_receipt("G-2", ("HAT", "5", "8.00"), **euro))
    assert booked(entry) == journal(
        """
        Dr inventory HAT 40.00 EUR = 60.00 x 5
        Cr inventory HAT 4.00 / Dr cost_of_goods Hats 4.00
        Cr goods_received_not_billed G-2 40.00 EUR = 60.00
        """
    )
    stock = ledger.stock("HAT")
    assert (stock.quantity, stock.value) == (3_000_000, 3600)


def test_foreign_lines_of_one_item_are_worth_what_they_are_together(ledger: Memory) -> None:
    """Three times EUR 0.01 at 1.50 are 0.05, though each alone were 0.02."""
    ledger.record(a_receipt("G-1", ("HAT", "1", "10.00")))
    _sold(ledger, "S-1", "4")
    lines = [("HAT", "1", "0.01")] * 3
    euro = {"currency": "EUR", "rate": "1.5"}
    ledger.record(a_receipt("G-2", *lines, **euro))
    stock = ledger.stock("HAT")
    assert (stock.quantity, stock.value) == (0, 0)


def test_goods_sold_and_brought_back_in_a_foreign_currency_cost_home_money(
    ledger: Memory,
) -> None:
    ledger.record(a_receipt("G-1", ("HAT", "2", "10.00")))
    euro = {"currency": "EUR", "rate": "1.5"}
    line, paid = goods("20.00", "Hats", item="HAT"), [cash("20.00")]
    sale = ledger.record(a_sale("S-1", [line], paid, **euro))
    assert "Dr cost_of_goods Hats 10.00" in booked(sale)
    back = ledger.record(a_refund("R-1", "S-1", paid, restock="yes", **euro))
    assert "Dr inventory HAT 10.00 x 1" in booked(back)
    assert ledger.stock("HAT").value == 2000


def test_stock_is_adjusted_in_home_money_at_a_foreign_cost(ledger: Memory) -> None:
    costed = {"item": "HAT", "quantity": "2", "unit_cost": "10.00"}
    entry = ledger.record(adjusted("A-1", costed, currency="EUR", rate="1.5"))
    assert booked(entry) == journal("Dr inventory HAT 30.00 x 2 / Cr stock_adjustments HAT 30.00")


def test_the_yen_has_no_decimals(ledger: Memory) -> None:
    """JPY 1500 at 0.009 are 13.50."""
    ledger.record(a_receipt("G-1", ("HAT", "3", "500"), currency="JPY", rate="0.009"))
    assert ledger.stock("HAT").value == 1350


def test_a_receipt_with_its_bill_under_anothers_number_is_refused(ledger: Memory) -> None:
    ledger.record(a_receipt("G-1", ("HAT", "1", "1.00"), bill="F-77"))
    ledger.record(a_receipt("G-2", ("HAT", "1", "1.00"), bill="F-77"))
    other = a_receipt("G-3", ("HAT", "1", "1.00"), bill="F-77", vendor="Casquettes Côté")
    assert conflict(ledger, other) == {
        "code": "bill-known",
        "pointer": "/bill",
        "bill": "F-77",
        "vendor": "Chapeaux Lavoie",
    }


def test_what_can_never_be_right_about_stock(ledger: Memory) -> None:
    assert faults(ledger, adjusted("A-1", {"item": "HAT", "quantity": "0"})) == {
        "/lines/0/quantity": "zero"
    }
    much = {"item": "HAT", "quantity": "-1000000000", "unit_cost": "1000000"}
    assert faults(ledger, adjusted("A-1", much)) == {"/lines/0/quantity": "too-large"}
    assert faults(ledger, a_receipt("G-1", ("HAT", "0", "1.00"), allocate_by="weight")) == {
        "/lines/0/quantity": "zero",
        "/lines/0/weight": "required",
    }
    big = a_receipt("G-1", ("HAT", "1000000000", "1000000"), freight="0.001")
    assert faults(ledger, big) == {
        "/lines/0/quantity": "too-large",
        "/freight": "too-many-decimals",
    }
    assert faults(ledger, a_receipt("G-1", ("HAT", "1", "1.00"), discount="1.01")) == {
        "/discount": "discount-exceeds-price"
    }


def test_averages_of_a_stock_below_zero() -> None:
    """Unit facts of the arithmetic: a find below zero counts at the last average."""
    stock = Stock().moved(2_000_000, 2000).moved(-3_000_000, -3000)
    assert (stock.quantity, stock.value) == (-1_000_000, -1000)
    assert stock.at_average(1_000_000) == 1000
    assert stock.true_up(1_000_000, 1300) == 300
    assert Stock().cost(1_000_000) == 0
