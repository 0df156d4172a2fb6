"""Packages and memberships: taxed when sold, income as they are used (5.5)."""

from typing import Any

from msgspec.structs import replace

from tests.builders import a_refund, a_sale, card, cash, fact, taxes
from tests.ledger.memory import MONTREAL, Memory
from tests.notation import booked, journal

MASSAGE = {"kind": "service", "category": "Massage"}
NEW_YORK = replace(MONTREAL, country="US", region="NY", currency="USD")


def package(net: str, uses: int, **fields: Any) -> dict[str, Any]:
    """Return a line that sells the package PK-1."""
    return {"kind": "package", "package": "PK-1", "uses": uses, "net": net, **fields}


def ten_visits() -> Memory:
    """Return a book in which ten visits were sold for 500.00 and their taxes."""
    ledger = Memory()
    line = package("500.00", 10, taxes=taxes(GST="25.00", QST="49.88"))
    ledger.record(a_sale("S-1", [line], [card("574.88", None)]))
    return ledger


def visit(id_: str, **fields: Any) -> Any:
    """Return a massage that one use of PK-1 pays for."""
    return a_sale(id_, [MASSAGE], [{"kind": "package", "package": "PK-1"}], **fields)


def test_ten_visits_for_574_88_are_owed_at_500_00() -> None:
    assert booked(ten_visits().entries[0]) == journal(
        "Dr clearing card 574.88 / Cr packages PK-1 500.00 x 10"
        " / Cr sales_tax GST 25.00 / Cr sales_tax QST 49.88"
    )


def test_each_visit_earns_50_00_and_no_tax() -> None:
    assert booked(ten_visits().record(visit("S-2"))) == journal(
        "Dr packages PK-1 50.00 x 1 / Cr sales Massage 50.00"
    )


def test_100_00_for_3_is_33_33_and_33_33_and_33_34() -> None:
    """The last use takes what is left."""
    ledger = Memory()
    ledger.record(a_sale("S-1", [package("100.00", 3)], [cash("100.00")]))
    for number, worth in enumerate(["33.33", "33.33", "33.34"]):
        assert booked(ledger.record(visit(f"U-{number}"))) == journal(
            f"Dr packages PK-1 {worth} x 1 / Cr sales Massage {worth}"
        )
    assert ledger.balance("packages", "PK-1", "CAD") == 0


def test_4_unused_visits_go_back_for_229_95() -> None:
    """After six visits: 200.00, GST 10.00 and QST 19.95."""
    ledger = ten_visits()
    for number in range(6):
        ledger.record(visit(f"U-{number}"))
    back = a_refund(lines=[{"sale_line": 0, "uses": 4}], tenders=[card("229.95", None)])
    assert booked(ledger.record(back)) == journal(
        "Dr packages PK-1 200.00 x 4 / Dr sales_tax GST 10.00 / Dr sales_tax QST 19.95"
        " / Cr clearing card 229.95"
    )
    assert ledger.balance("packages", "PK-1", "CAD") == 0


def test_what_lapses_is_income_where_the_law_lets_it() -> None:
    """Three of ten visits for 500.00 are never used: 150.00."""
    ledger = Memory(NEW_YORK)
    ledger.record(a_sale("S-1", [package("500.00", 10)], [cash("500.00")]))
    for number in range(7):
        ledger.record(visit(f"U-{number}"))
    assert booked(ledger.record(fact("package_expired", "X-1", package="PK-1"))) == journal(
        "Dr packages PK-1 150.00 x 3 / Cr package_breakage 150.00"
    )


def test_each_months_charge_of_a_membership_is_a_sale() -> None:
    ledger = Memory()
    charge = {"kind": "service", "category": "Membership", "net": "40.00"}
    charge["taxes"] = taxes(GST="2.00", QST="3.99")  # type: ignore[assignment]  # JSON
    for month in ("03", "04", "05"):
        ledger.record(a_sale(f"M-{month}", [charge], on=f"2026-{month}-14"))
    assert ledger.balance("sales", "Membership", "CAD") == -3 * 4000
