"""Stock at weighted average cost: receipts, landed cost, sales, below zero, counts (5.8)."""

from tests.builders import a_receipt, a_sale, adjusted, card, cash, fact, goods, item, taxes
from tests.ledger.memory import Memory
from tests.notation import booked, journal


def stocked(*receipts: tuple[str, str]) -> Memory:
    """Return a book that received hats: (quantity, unit cost) of each receipt."""
    ledger = Memory()
    ledger.record(item("HAT", "Hats", stocked=True))
    for number, (quantity, cost) in enumerate(receipts, 1):
        ledger.record(a_receipt(f"G-{number}", ("HAT", quantity, cost)))
    return ledger


def hats_sold(ledger: Memory, quantity: str, id_: str = "S-1") -> list[str]:
    """Return what hats sold for 20.00 each take out of stock."""
    price = f"{int(quantity) * 20}.00"
    sale = a_sale(id_, [goods("20.00", item="HAT", quantity=quantity)], [cash(price)])
    lines = booked(ledger.record(sale))
    return [line for line in lines if "inventory" in line or "cost_of_goods" in line]


def test_freight_duty_and_discount_are_allocated_by_value() -> None:
    """10 hats at 10.00 and 10 caps at 5.00; freight 30.00, duty 6.00, less 3.00."""
    receipt = a_receipt(
        "G-1",
        ("HAT", "10", "10.00"),
        ("CAP", "10", "5.00"),
        freight="30.00",
        duty="6.00",
        discount="3.00",
        taxes=taxes(GST="9.15", QST="18.25"),
    )
    assert booked(Memory().record(receipt)) == journal("""
        Dr inventory HAT 122.00 x 10
        Dr inventory CAP 61.00 x 10
        Dr tax_recoverable GST 9.15
        Dr tax_recoverable QST 18.25
        Cr goods_received_not_billed G-1 210.40
    """)


def test_five_of_ten_at_10_00_and_ten_at_12_00_leave_at_55_00() -> None:
    """The average is 11.00; the first in would have made 50.00."""
    ledger = stocked(("10", "10.00"), ("10", "12.00"))
    assert hats_sold(ledger, "5") == journal(
        "Dr cost_of_goods Hats 55.00 / Cr inventory HAT 55.00 x 5"
    )


def test_freight_of_30_00_that_comes_later_is_22_50_on_the_shelf_and_7_50_sold() -> None:
    """15 of the 20 are still there; their average is 12.50."""
    ledger = stocked(("10", "10.00"), ("10", "12.00"))
    hats_sold(ledger, "5")
    landed = fact(
        "landed_cost_added", "L-1", receipts=["G-1", "G-2"], freight="30.00", vendor="Camions Roy"
    )
    lines = booked(ledger.record(landed))
    assert "Dr inventory HAT 22.50" in lines
    assert "Dr cost_of_goods Hats 7.50" in lines
    stock = ledger.stock("HAT")
    assert (stock.quantity, stock.value) == (15_000_000, 18750)


def test_three_that_cost_10_01_leave_at_3_34_and_3_34_and_3_33() -> None:
    ledger = Memory()
    ledger.record(a_receipt("G-1", ("HAT", "3", "3.336667")))
    for number, cost in enumerate(["3.34", "3.34", "3.33"]):
        assert hats_sold(ledger, "1", f"S-{number}") == journal(
            f"Dr cost_of_goods Hats {cost} / Cr inventory HAT {cost} x 1"
        )


def test_three_sold_of_one_are_trued_up_when_five_come() -> None:
    """One at 10.00, three sold for 30.00 of cost, five at 12.00: 4.00 more of cost."""
    ledger = stocked(("1", "10.00"))
    assert hats_sold(ledger, "3") == journal(
        "Dr cost_of_goods Hats 30.00 / Cr inventory HAT 30.00 x 3"
    )
    assert booked(ledger.record(a_receipt("G-2", ("HAT", "5", "12.00")))) == journal(
        "Dr inventory HAT 56.00 x 5 / Dr cost_of_goods Hats 4.00"
        " / Cr goods_received_not_billed G-2 60.00"
    )


def test_shrinkage_leaves_at_average_cost() -> None:
    ledger = stocked(("10", "11.00"))
    gone = ledger.record(adjusted("A-1", {"item": "HAT", "quantity": "-2"}))
    assert booked(gone) == journal("Dr stock_adjustments HAT 22.00 / Cr inventory HAT 22.00 x 2")


def test_a_count_of_eight_where_ten_should_be_is_22_00_short() -> None:
    ledger = stocked(("10", "11.00"))
    count = fact("stock_counted", "C-1", lines=[{"item": "HAT", "counted": "8"}])
    assert booked(ledger.record(count)) == journal(
        "Dr stock_adjustments HAT 22.00 / Cr inventory HAT 22.00 x 2"
    )


def test_the_bill_takes_the_place_of_what_was_received() -> None:
    ledger = stocked(("10", "10.00"))
    bill = fact("bill_received", "B-1", bill="B-1", vendor="Chapeaux Lavoie", receipts=["G-1"])
    assert booked(ledger.record(bill)) == journal(
        "Dr goods_received_not_billed G-1 100.00 / Cr payable B-1 100.00"
    )


def test_a_bill_5_00_dearer_is_paid_for_by_what_is_there_and_what_was_sold() -> None:
    """Four of ten were sold: 3.00 to the shelf, 2.00 to the cost of goods."""
    ledger = stocked(("10", "10.00"))
    hats_sold(ledger, "4")
    line = {"account": "goods_received_not_billed", "amount": "105.00"}
    bill = fact(
        "bill_received",
        "B-1",
        bill="B-1",
        vendor="Chapeaux Lavoie",
        receipts=["G-1"],
        lines=[line],
    )
    lines = booked(ledger.record(bill))
    assert {"Dr inventory HAT 3.00", "Dr cost_of_goods Hats 2.00"} <= set(lines)
    assert "Cr payable B-1 105.00" in lines


def test_an_issue_costs_what_was_known_when_it_was_recorded() -> None:
    """A dearer receipt that comes later changes no earlier cost."""
    ledger = stocked(("10", "10.00"))
    hats_sold(ledger, "5")
    ledger.record(a_receipt("G-2", ("HAT", "5", "20.00")))
    assert hats_sold(ledger, "1", "S-2") == journal(
        "Dr cost_of_goods Hats 15.00 / Cr inventory HAT 15.00 x 1"
    )


def test_free_goods_are_a_sale_like_any_other() -> None:
    ledger = stocked(("10", "10.00"))
    sale = a_sale("S-1", [goods("0.00", item="HAT")], [card("0.00", None)])
    assert booked(ledger.record(sale)) == journal(
        "Dr cost_of_goods Hats 10.00 / Cr inventory HAT 10.00 x 1"
    )
