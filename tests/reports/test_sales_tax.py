"""Sales tax by code and period."""

from typing import Any

from tests.builders import (
    a_deposit,
    a_journal,
    a_receipt,
    a_refund,
    a_sale,
    card,
    fact,
    goods,
    hat,
    reversal,
    taxes,
)
from tests.reports.conftest import Desk


def figures(told: dict[str, Any], code: str = "GST") -> dict[str, str]:
    """Return the totals of a code, those that are not nothing."""
    (row,) = [row for row in told["totals"] if row["tax"] == code]
    return {
        name: amount
        for name, amount in row.items()
        if name not in ("tax", "name") and amount != "0.00"
    }


def test_collected_refunded_paid_and_net(desk: Desk) -> None:
    desk.record(
        a_sale("S-1"),
        a_sale("S-2"),
        a_refund("R-2", "S-2"),
        a_receipt("G-1", ("HAT", "1", "10.00"), taxes=taxes(GST="0.50")),
    )
    told = desk.report("sales-tax")
    assert figures(told) == {
        "taxable": "40.00",
        "collected": "4.00",
        "refunded": "2.00",
        "recoverable": "0.50",
        "net": "1.50",
    }
    assert told["net"] == "5.49"


def test_by_month_quarter_or_altogether(desk: Desk) -> None:
    desk.record(a_sale("S-1", on="2026-02-10"), a_sale("S-2", on="2026-03-14"))
    for per, first_days in (
        ("month", ["2026-02-01", "2026-03-01"]),
        ("quarter", ["2026-01-01"]),
        ("period", ["2026-01-01"]),
    ):
        told = desk.report("sales-tax", per=per)
        assert [period["from"] for period in told["periods"]] == first_days, per
    told = desk.report("sales-tax", per="quarter", since="2026-02-05")
    assert [period["from"] for period in told["periods"]] == ["2026-02-05"]


def test_a_part_of_a_refund_takes_its_part_of_the_base(desk: Desk) -> None:
    desk.record(
        a_sale(
            "S-1",
            [goods("100.00", taxes=taxes(GST="5.00")), goods("20.00")],
            [card("125.00", None)],
        ),
        a_refund("R-1", "S-1", [card("52.50", None)], lines=[{"sale_line": 0, "quantity": "0.5"}]),
    )
    assert figures(desk.report("sales-tax")) == {
        "taxable": "50.00",
        "collected": "5.00",
        "refunded": "2.50",
        "net": "2.50",
    }


def test_what_is_taken_back_was_never_collected(desk: Desk) -> None:
    desk.record(a_sale("S-1"), reversal("S-1"))
    assert figures(desk.report("sales-tax")) == {}


def test_a_remittance_by_journal_is_an_adjustment(desk: Desk) -> None:
    desk.record(
        a_sale("S-1"),
        a_journal(
            "J-1",
            {"account": "sales_tax", "holder": "GST", "debit": "2.00"},
            {"account": "bank", "credit": "2.00"},
        ),
    )
    assert figures(desk.report("sales-tax")) == {
        "taxable": "40.00",
        "collected": "2.00",
        "adjusted": "-2.00",
    }


def test_the_tax_of_a_deposit_that_is_kept_has_no_lines(desk: Desk) -> None:
    desk.record(a_deposit(), fact("deposit_forfeited", "D-7-kept", deposit="D-7"))
    assert figures(desk.report("sales-tax")) == {
        "collected": "0.77",
        "net": "0.77",
        "tax_without_base": "0.77",
    }


def test_a_revised_invoice_has_the_base_it_is_revised_to(desk: Desk) -> None:
    desk.record(
        fact("invoice_issued", "I-1", invoice="I-1", lines=[hat()], customer="C-1"),
        fact(
            "invoice_revised",
            "I-1b",
            invoice="I-1",
            lines=[goods("60.00", taxes=taxes(GST="3.00", QST="5.99"))],
            customer="C-1",
        ),
    )
    assert figures(desk.report("sales-tax"))["taxable"] == "60.00"
    desk.record(fact("invoice_voided", "I-1v", invoice="I-1"))
    told = figures(desk.report("sales-tax"))
    assert told == {"collected": "3.00", "refunded": "3.00"}


def test_without_the_bases(desk: Desk) -> None:
    desk.record(a_sale("S-1"))
    (row, _) = desk.report("sales-tax", base=False)["totals"]
    assert (row["collected"], row["taxable"], row["tax_without_base"]) == ("2.00", None, None)


def test_the_table(desk: Desk) -> None:
    desk.record(a_sale("S-1"))
    rows = desk.table("sales-tax").text.split("\r\n")
    assert rows[0].startswith("from,tax,name,taxable,collected,refunded")
    assert rows[1] == "2026-03-01,GST,GST,40.00,2.00,0.00,0.00,0.00,2.00,0.00"
    assert rows[3].startswith("Total,GST")


def test_a_returned_line_takes_its_own_price_off_what_was_taxed(desk: Desk) -> None:
    desk.record(
        a_sale(
            "S-1",
            [
                goods("60.00", "Colour", taxes=taxes(GST="3.00", QST="5.99")),
                goods("20.00", quantity="2", discount="4.00", taxes=taxes(GST="1.80", QST="3.59")),
            ],
            [card("110.38")],
        ),
        a_refund(
            "R-1",
            "S-1",
            [card("20.70")],
            lines=[{"sale_line": 1, "quantity": "1"}],
            on="2026-03-15",
        ),
    )
    told = desk.report("sales-tax", since="2026-03-15", to="2026-03-15")
    assert figures(told, "GST")["taxable"] == "-18.00"
    assert figures(told, "QST")["taxable"] == "-18.00"
    desk.record(reversal("R-1"))
    told = desk.report("sales-tax")
    assert figures(told, "GST")["taxable"] == figures(told, "QST")["taxable"] == "96.00"
