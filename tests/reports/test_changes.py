"""What became known between two moments: parts of the shop, and as a table."""

import csv

import pytest

from tests.builders import a_receipt, a_sale, card, cash, goods, hat
from tests.reports.conftest import Desk

FILTERS = {"location": "Plateau", "register": "till-3", "channel": "shop", "staff": "Léa"}
ELSEWHERE = {"location": "Mile End", "register": "till-9", "channel": "web", "staff": "Max"}


@pytest.mark.parametrize("dimension", FILTERS)
def test_a_part_of_the_shop(desk: Desk, dimension: str) -> None:
    desk.record(
        a_sale("S-1", [hat()], [cash("45.99")], **FILTERS),
        a_sale("S-2", [hat()], [cash("45.99")], **ELSEWHERE),
        a_sale("S-3", [hat()], [cash("45.99")], **FILTERS),
    )
    whole = desk.report("changes")
    assert [change["id"] for change in whole["data"]] == ["S-1", "S-2", "S-3"]
    assert whole["filters"] == {}
    told = desk.report("changes", **{dimension: FILTERS[dimension]})
    assert told["filters"] == {dimension: FILTERS[dimension]}
    assert told["data"] == [whole["data"][0], whole["data"][2]]
    first = desk.report("changes", limit=1, **{dimension: FILTERS[dimension]})
    rest = desk.report("changes", after=first["next"], **{dimension: FILTERS[dimension]})
    assert first["data"] + rest["data"] == told["data"]
    assert desk.report("changes", **{dimension: "nobody"})["data"] == []
    rows = _rows(desk.table("changes", **{dimension: FILTERS[dimension]}).text)
    assert {row["event"] for row in rows} == {"S-1", "S-3"}


def test_a_postings_location_wins_over_its_facts(desk: Desk) -> None:
    line = goods("40.00", item="HAT", location="Plateau")
    desk.record(
        a_receipt("G-1", ("HAT", "2", "10.00"), location="Plateau"),
        a_sale("S-1", [line], [card("40.00", None)], location="Mile End"),
    )
    told = desk.report("changes", location="Plateau", from_known_at=1)
    moved = {line["role"] for change in told["data"] for line in change["entry"]}
    assert "inventory" in moved
    assert "clearing" not in moved


def test_a_table_has_every_posting_whatever_the_page(desk: Desk) -> None:
    desk.record(
        *(a_sale(f"S-{number}", [hat()], [cash("45.99")]) for number in range(3)),
        a_sale("S-usd", [hat()], [cash("45.99")], currency="USD", rate="1.25"),
    )
    told = desk.report("changes", from_known_at=1)
    rows = _rows(desk.table("changes", from_known_at=1, limit=1).text)
    expected = [
        {
            "seq": str(change["seq"]),
            "event": change["id"],
            "type": change["type"],
            "business_date": change["business_date"],
            **{name: line.get(name) or "" for name in tuple(rows[0])[4:]},
        }
        for change in told["data"]
        for line in change["entry"]
    ]
    assert rows == expected
    assert {row["event"] for row in rows} == {"S-1", "S-2", "S-usd"}
    assert any(row["home_debit"] for row in rows)
    of_cash = _rows(desk.table("changes", account="cash", to_known_at=2).text)
    assert [(row["event"], row["role"]) for row in of_cash] == [("S-0", "cash"), ("S-1", "cash")]


def test_a_book_in_which_nothing_happened_has_headings(desk: Desk) -> None:
    english, french = (desk.table("changes", language).text for language in ("en", "fr"))
    assert english.startswith("seq,event,type,business_date,account,role,holder,currency,debit")
    assert french.startswith("numéro,événement,genre")
    assert len(english.splitlines()) == 1


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))
