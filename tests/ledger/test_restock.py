"""Goods that come back into stock, at the cost at which they left (5.2, 5.8)."""

from ledger.events.base import Entry
from tests.builders import a_receipt, a_refund, a_sale, cash, goods, hat
from tests.ledger.memory import Memory
from tests.notation import booked, journal


def test_restocked_goods_come_back_at_the_cost_at_which_they_left(ledger: Memory) -> None:
    """Not at today's average; the last one takes the rest."""
    ledger.record(a_receipt("G-1", ("HAT", "3", "3.335")))
    line = goods("20.00", quantity="3", item="HAT")
    ledger.record(a_sale(lines=[line], tenders=[cash("60.00")]))
    ledger.record(a_receipt("G-2", ("HAT", "5", "50.00")))
    one = [{"sale_line": 0, "quantity": "1"}]
    costs = []
    for number in range(3):
        back = ledger.record(
            a_refund(f"R-{number}", lines=one, tenders=[cash("20.00")], restock="yes")
        )
        costs += [line for line in booked(back) if "inventory" in line]
    assert costs == [
        "Dr inventory HAT 3.34 x 1",
        "Dr inventory HAT 3.33 x 1",
        "Dr inventory HAT 3.34 x 1",
    ]
    assert ledger.stock("HAT").value == 25000 + 1001


def test_damaged_goods_do_not_come_back_into_stock(ledger: Memory) -> None:
    ledger.record(a_receipt("G-1", ("HAT", "3", "18.25")))
    ledger.record(a_sale(lines=[goods("40.00", item="HAT")], tenders=[cash("40.00")]))
    back = ledger.record(a_refund(tenders=[cash("40.00")], restock="damaged"))
    assert booked(back) == journal(
        """
        Dr sales_returns Hats 40.00 / Cr cash unassigned 40.00
        Dr stock_adjustments HAT 18.25 / Cr cost_of_goods Hats 18.25
        """
    )


def test_goods_whose_stock_is_not_kept_come_back_into_none(ledger: Memory) -> None:
    ledger.record(a_sale(lines=[goods("40.00", item="PIN")], tenders=[cash("40.00")]))
    back = ledger.record(a_refund(tenders=[cash("40.00")], restock="yes"))
    assert booked(back) == journal("Dr sales_returns Hats 40.00 / Cr cash unassigned 40.00")
    assert ledger.stock("PIN").quantity == 0


def test_an_amount_refunded_brings_no_goods_back(ledger: Memory) -> None:
    ledger.record(a_receipt("G-1", ("HAT", "3", "18.25")))
    ledger.record(a_sale(lines=[goods("40.00", item="HAT")], tenders=[cash("40.00")]))
    back = ledger.record(a_refund(amount="5.00", tenders=[cash("5.00")], restock="yes"))
    assert booked(back) == journal("Dr sales_returns Hats 5.00 / Cr cash unassigned 5.00")


def test_goods_come_back_where_they_are_brought(ledger: Memory) -> None:
    """By line or all at once; where the refund names no place, where they were sold."""
    ledger.record(a_receipt("G-1", ("HAT", "4", "18.25"), location="laurier"))
    line = hat(item="HAT", quantity="4", unit_price="10.00")
    ledger.record(a_sale(lines=[line], location="laurier"))

    def brought(id_: str, stated: dict[str, str], on_line: dict[str, str]) -> list[str | None]:
        one = {"sale_line": 0, "quantity": "1", "net": "10.00"} | on_line
        tenders = [cash("10.00")]
        back = a_refund(id_, lines=[one], tenders=tenders, restock="yes", **stated)
        return _places(ledger.record(back))

    mile_end, depot = {"location": "mile-end"}, {"location": "depot"}
    assert brought("R-1", mile_end, {}) == ["mile-end"]
    assert brought("R-2", mile_end, depot) == ["depot"]
    assert brought("R-3", {}, {}) == ["laurier"]
    rest = a_refund("R-4", tenders=[cash("15.99")], restock="yes", location="mile-end")
    assert _places(ledger.record(rest)) == ["mile-end"]


def _places(entry: Entry) -> list[str | None]:
    return [posting.location for posting in entry.postings if posting.role == "inventory"]
