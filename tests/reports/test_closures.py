"""Register closures: expected, counted and the difference."""

from tests.builders import a_sale, card, cash, closed, fact, goods, moved, opened, reversal
from tests.reports.conftest import Desk


def a_day(desk: Desk) -> int:
    """Record a session: float 200.00, 10.00 in cash and 20.00 by card, counted 5.00 short."""
    return desk.record(
        opened(staff="Léa", location="Plateau"),
        a_sale("S-1", [goods("10.00")], [cash("10.00")], session="Z-1"),
        a_sale("S-2", [goods("20.00")], [card("20.00")], session="Z-1"),
        moved("drop", "100.00", session="Z-1"),
        closed(cash="105.00", visa="20.00"),
    )


def test_a_session_by_method(desk: Desk) -> None:
    a_day(desk)
    (closure,) = desk.report("closures")["data"]
    assert (closure["session"], closure["register"], closure["staff"]) == ("Z-1", "till-3", "Léa")
    assert closure["opening_float"] == "200.00"
    assert closure["methods"] == [
        {"method": "cash", "expected": "110.00", "counted": "105.00", "difference": "-5.00"},
        {"method": "visa", "expected": "20.00", "counted": "20.00", "difference": "0.00"},
    ]
    assert (closure["expected"], closure["difference"], closure["late"]) == (
        "130.00",
        "-5.00",
        "0.00",
    )


def test_what_comes_late_leaves_the_count_and_is_told_beside(desk: Desk) -> None:
    known = a_day(desk)
    desk.record(a_sale("S-3", [goods("7.00")], [cash("7.00")], session="Z-1"))
    (closure,) = desk.report("closures")["data"]
    assert (closure["difference"], closure["late"]) == ("-5.00", "-7.00")
    (then,) = desk.report("closures", known_at=known)["data"]
    assert then["late"] == "0.00"


def test_a_closing_that_was_taken_back_is_none(desk: Desk) -> None:
    known = a_day(desk)
    desk.record(reversal("close-Z-1"))
    assert desk.report("closures")["data"] == []
    assert len(desk.report("closures", known_at=known)["data"]) == 1


def test_a_session_that_is_counted_again_has_nothing_late(desk: Desk) -> None:
    a_day(desk)
    desk.record(
        a_sale("S-3", [goods("7.00")], [cash("7.00")], session="Z-1"),
        reversal("close-Z-1"),
        fact(
            "register_closed",
            "close-again",
            session="Z-1",
            register="till-3",
            counted=[{"method": "cash", "amount": "112.00"}],
        ),
    )
    (closure,) = desk.report("closures")["data"]
    assert (closure["event"], closure["late"]) == ("close-again", "0.00")


def test_an_opening_that_was_taken_back_is_none(desk: Desk) -> None:
    desk.record(opened(), reversal("open-Z-1"), closed(cash="0.00"))
    (closure,) = desk.report("closures")["data"]
    assert (closure["opened_at"], closure["opening_float"]) == (None, "0.00")


def test_by_pages_and_by_register(desk: Desk) -> None:
    for number in (1, 2, 3):
        desk.record(
            opened(f"Z-{number}", register=f"till-{number}"),
            closed(f"Z-{number}", f"till-{number}", cash="200.00"),
        )
    first = desk.report("closures", limit=2)
    rest = desk.report("closures", limit=2, after=first["next"])
    assert [c["session"] for c in first["data"] + rest["data"]] == ["Z-1", "Z-2", "Z-3"]
    assert rest["next"] is None
    (only,) = desk.report("closures", register="till-2")["data"]
    assert only["session"] == "Z-2"


def test_the_table(desk: Desk) -> None:
    a_day(desk)
    rows = desk.table("closures").text.split("\r\n")
    assert rows[1].startswith("Z-1,till-3,Plateau,Léa,2026-03-14,")
    assert rows[1].endswith(",CAD,200.00,cash,110.00,105.00,-5.00,0.00")
    assert rows[2].endswith(",CAD,,visa,20.00,20.00,0.00,")
