"""What stock is worth, and where it is."""

from tests.builders import a_receipt, a_sale, card, fact, goods, item
from tests.reports.conftest import Desk


def test_quantity_value_and_average_by_item_and_location(desk: Desk) -> None:
    desk.record(
        item("HAT", stocked=True),
        a_receipt("G-1", ("HAT", "10", "10.00"), location="Plateau"),
        a_receipt("G-2", ("HAT", "10", "12.00"), ("CAP", "3", "3.3367"), location="Mile End"),
        fact(
            "stock_moved",
            "move",
            lines=[{"item": "HAT", "quantity": "4"}],
            from_location="Plateau",
            to_location="Mile End",
        ),
        a_sale("S-1", [goods("40.00", item="HAT")], [card("40.00", None)], location="Plateau"),
    )
    told = desk.report("inventory")
    hat, cap = sorted(told["items"], key=lambda row: row["item"], reverse=True)
    assert (hat["quantity"], hat["value"], hat["average"]) == ("19", "209.00", "11.000000")
    assert hat["locations"] == [
        {"location": "Mile End", "quantity": "14"},
        {"location": "Plateau", "quantity": "5"},
    ]
    assert (cap["quantity"], cap["value"], cap["average"]) == ("3", "10.01", "3.336667")
    rows = {row["role"]: row for row in desk.report("trial-balance")["rows"]}
    assert told["total"] == rows["inventory"]["debit"] == "219.01"


def test_on_an_earlier_day_and_as_it_was_known(desk: Desk) -> None:
    known = desk.record(a_receipt("G-1", ("HAT", "10", "10.00"), on="2026-03-10"))
    desk.record(
        a_sale("S-1", [goods("40.00", item="HAT")], [card("40.00", None)], on="2026-03-12"),
        a_sale("S-2", [goods("40.00", item="HAT")], [card("40.00", None)], on="2026-03-14"),
    )

    def held(**asked: object) -> tuple[str, str]:
        (row,) = desk.report("inventory", **asked)["items"]
        assert row["locations"] == [{"location": None, "quantity": row["quantity"]}]
        return row["quantity"], row["value"]

    assert held() == ("8", "80.00")
    assert held(as_of="2026-03-12") == ("9", "90.00")
    assert held(as_of="2026-03-12", known_at=known) == ("10", "100.00")
    assert held(known_at=known + 1) == ("9", "90.00")
    assert desk.report("inventory", as_of="2026-03-09")["items"] == []


def test_of_one_location(desk: Desk) -> None:
    desk.record(
        a_receipt("G-1", ("HAT", "10", "10.00"), location="Plateau"),
        a_receipt("G-2", ("HAT", "5", "10.00"), location="Mile End"),
    )
    told = desk.report("inventory", location="Plateau")
    assert (told["items"][0]["quantity"], told["total"]) == ("10", "100.00")
    assert told["filters"] == {"location": "Plateau"}


def test_the_table(desk: Desk) -> None:
    desk.record(a_receipt("G-1", ("HAT", "2", "10.00"), location="Plateau"))
    assert desk.table("inventory").text.split("\r\n") == [
        "item,name,location,quantity,average,value",
        "HAT,HAT,,2,10.000000,20.00",
        "HAT,HAT,Plateau,2,,",
        "Total,,,,,20.00",
        "",
    ]
