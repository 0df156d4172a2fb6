"""What becomes of a document: the events that a bookkeeper would write for it."""

from typing import Any

import msgspec
import pytest

from api.online_retail.documents import Class, documents, sort
from api.online_retail.facts import facts, policies
from api.online_retail.prepare import batches, prepare
from api.online_retail.rows import COLUMNS, BrokenFile, Row, read
from ledger import codec

TIME = "2023-12-21 09:05"


def rows_of(*lines: str) -> list[Row]:
    """Return rows written as `InvoiceNo, StockCode, Quantity, UnitPrice[, Description]`."""
    text = [",".join(COLUMNS)]
    for line in lines:
        number, code, quantity, price, *rest = line.split(" | ")
        description = rest[0] if rest else ""
        text.append(f"{number},{code},{description},{quantity},{TIME},{price},,United Kingdom")
    return read("\n".join(text).encode())


def facts_of(*lines: str) -> list[dict[str, Any]]:
    """Return a file's events as JSON states them, without definitions of items."""
    found = documents(rows_of(*lines))
    items: dict[str, str] = {}
    events = [event for document in found for event in facts(document, items)]
    stated = [msgspec.json.decode(codec.encode(event)) for event in events]
    return [event for event in stated if event["type"] != "item_defined"]


def lines_of(event: dict[str, Any]) -> list[dict[str, Any]]:
    return list(event["lines"])


def paid(event: dict[str, Any]) -> str | None:
    tenders = event.get("tenders", [])
    assert all(tender["kind"] == "other" for tender in tenders)
    return tenders[0]["amount"] if tenders else None


def class_of(*lines: str) -> Class:
    (document,) = documents(rows_of(*lines))
    return sort(document).kind


def test_an_invoice_is_a_sale_paid_by_other() -> None:
    (sale,) = facts_of("1 | 30001 | 6 | 2.55 | LAMP", "1 | 30002 | 1 | 3.39 | TRAY")
    assert (sale["type"], sale["id"]) == ("sale_completed", "OR-1")
    assert sale["occurred_at"] == "2023-12-21T09:05:00Z"
    assert sale["source"] == {"system": "online-retail", "document": "1"}
    assert lines_of(sale) == [
        {"kind": "goods", "item": "30001", "quantity": "6", "unit_price": "2.55"},
        {"kind": "goods", "item": "30002", "quantity": "1", "unit_price": "3.39"},
    ]
    assert paid(sale) == "18.69"


@pytest.mark.parametrize("code", ["POST", "DOT", "C2"])
def test_postage_is_shipping(code: str) -> None:
    (sale,) = facts_of("1 | 30001 | 1 | 2.00", f"1 | {code} | 1 | 18.00 | POSTAGE")
    assert lines_of(sale)[1] == {
        "kind": "shipping",
        "description": "POSTAGE",
        "quantity": "1",
        "unit_price": "18.00",
    }
    assert paid(sale) == "20.00"


def test_a_voucher_is_a_gift_card_held_by_its_document_and_row() -> None:
    (sale,) = facts_of("1 | 30001 | 1 | 2.00", "1 | gift_0001_20 | 2 | 20.00 | Voucher")
    line = lines_of(sale)[1]
    assert (line["kind"], line["gift_card"], line["quantity"]) == ("gift_card", "1:3", "2")
    assert paid(sale) == "42.00"


def test_a_discount_among_goods_is_spread_over_them() -> None:
    (sale,) = facts_of(
        "1 | 30001 | 1 | 2.00", "1 | 30002 | 1 | 1.00", "1 | POST | 1 | 5.00", "1 | D | -1 | 1.00"
    )
    assert [line.get("discount") for line in lines_of(sale)] == ["0.67", "0.33", None]
    assert paid(sale) == "7.00"


def test_a_discount_beyond_the_goods_is_given_back_apart() -> None:
    sale, back = facts_of("1 | 30001 | 1 | 2.00", "1 | D | -1 | 3.00")
    assert (sale["id"], paid(sale)) == ("OR-1", "2.00")
    assert (back["type"], back["id"], paid(back)) == ("refund_issued", "OR-1.2", "3.00")
    assert lines_of(back)[0]["category"] == "Discount"


def test_a_cancellation_is_a_refund_without_its_sale() -> None:
    (refund,) = facts_of("C1 | 30001 | -2 | 2.55", "C1 | M | -1 | 4.00 | Manual")
    assert (refund["type"], refund["id"]) == ("refund_issued", "OR-C1")
    assert "sale" not in refund
    assert lines_of(refund) == [
        {"kind": "goods", "item": "30001", "quantity": "2", "unit_price": "2.55"},
        {
            "kind": "goods",
            "description": "Manual",
            "category": "Manual",
            "quantity": "1",
            "unit_price": "4.00",
        },
    ]
    assert paid(refund) == "9.10"


def test_a_voucher_that_comes_back_is_no_card_of_ours() -> None:
    (refund,) = facts_of("C1 | gift_0001_10 | -1 | 10.00")
    assert lines_of(refund)[0]["category"] == "Gift vouchers"


@pytest.mark.parametrize(
    ("code", "account", "holder"),
    [
        ("AMAZONFEE", "merchant_fees", None),
        ("BANK CHARGES", "merchant_fees", None),
        ("CRUK", "merchant_fees", None),
        ("S", "promotion_expense", None),
        ("B", "bad_debt", None),
        ("D", "discounts", "Goods"),
    ],
)
def test_what_is_no_trade_is_a_journal_against_clearing(
    code: str, account: str, holder: str | None
) -> None:
    (journal,) = facts_of(f"C1 | {code} | -1 | 27.50 | words")
    cost = {"account": account, "debit": "27.50"} | ({"holder": holder} if holder else {})
    assert journal["type"] == "journal_posted"
    assert lines_of(journal) == [
        cost,
        {"account": "clearing", "holder": "other", "credit": "27.50"},
    ]
    assert journal["reason"] == "words"


def test_a_charge_to_a_customer_is_the_journal_turned_round() -> None:
    (journal,) = facts_of("1 | BANK CHARGES | 1 | 15.00 | Bank Charges")
    assert lines_of(journal) == [
        {"account": "clearing", "holder": "other", "debit": "15.00"},
        {"account": "merchant_fees", "credit": "15.00"},
    ]


def test_a_document_without_price_is_an_adjustment_of_stock() -> None:
    (lost,) = facts_of("1 | 30001 | -7 | 0.00 | damages", "1 | 30002 | 3 | 0.00 | found")
    assert (lost["type"], lost["reason"]) == ("stock_adjusted", "damages, found")
    assert lines_of(lost) == [
        {"item": "30001", "quantity": "-7"},
        {"item": "30002", "quantity": "3"},
    ]


def test_goods_that_a_free_cancellation_takes_back_come_in() -> None:
    (back,) = facts_of("C1 | 30001 | -2 | 0.00")
    assert lines_of(back) == [{"item": "30001", "quantity": "2"}]


def test_a_free_line_among_priced_ones_is_a_free_line() -> None:
    (sale,) = facts_of("1 | 30001 | 1 | 2.00", "1 | 30002 | 4 | 0.00")
    assert lines_of(sale)[1]["unit_price"] == "0.00"
    assert paid(sale) == "2.00"


def test_a_line_below_a_penny_is_recorded_rounded() -> None:
    (sale,) = facts_of("1 | 30001 | 1 | 2.00", "1 | PADS | 1 | 0.001")
    assert lines_of(sale)[1]["unit_price"] == "0.001"
    assert paid(sale) == "2.00"


def test_what_goes_against_its_document_is_a_fact_of_its_own() -> None:
    sale, refund, journal, stock = facts_of(
        "1 | 30001 | 2 | 2.00",
        "1 | 30002 | -1 | 1.50",
        "1 | BANK CHARGES | 1 | 15.00",
        "1 | 30003 | -1 | 0.00",
    )
    assert [fact["id"] for fact in (sale, refund, journal, stock)] == [
        "OR-1",
        "OR-1.2",
        "OR-1.3",
        "OR-1.4",
    ]
    assert (paid(sale), paid(refund)) == ("4.00", "1.50")
    assert (journal["type"], stock["type"]) == ("journal_posted", "stock_adjusted")


def test_a_document_of_more_lines_than_an_event_holds_is_several_sales() -> None:
    sales = facts_of(*(["1 | 30001 | 1 | 1.00"] * 1001))
    assert [(sale["id"], len(sale["lines"])) for sale in sales] == [("OR-1", 1000), ("OR-1.2", 1)]


def test_a_row_of_no_quantity_is_listed_and_not_booked() -> None:
    (document,) = documents(rows_of("1 | 30001 | 0 | 2.00", "1 | 30002 | 1 | 2.00"))
    assert [row.code for row in sort(document).unbooked] == ["30001"]
    assert class_of("1 | 30001 | 0 | 2.00") == "nothing to book"


def test_a_document_is_one_fact_wherever_its_rows_stand_and_is_dated_by_the_earliest() -> None:
    rows = rows_of("1 | 30001 | 1 | 1.00", "2 | 30001 | 1 | 1.00", "1 | 30002 | 1 | 1.00")
    later = rows_of("1 | 30001 | 1 | 1.00")[0].at
    first, second = documents(rows)
    assert ([len(first.rows), len(second.rows)], first.at) == ([2, 1], later)


def test_an_item_is_defined_where_it_is_first_traded_by_what_that_row_calls_it() -> None:
    found = documents(
        rows_of(
            "1 | 30001 | -7 | 0.00 | damages",
            "2 | 30001 | 1 | 2.00 | LAMP",
            "3 | 30001 | 1 | 2.00 | LAMP (NEW BOX)",
        )
    )
    items: dict[str, str] = {}
    events = [list(facts(document, items)) for document in found]
    kinds = [[event.__struct_config__.tag for event in of_one] for of_one in events]
    assert kinds == [["stock_adjusted"], ["item_defined", "sale_completed"], ["sale_completed"]]
    assert items == {"30001": "LAMP"}
    first, second = facts_of("2 | 30001 | 1 | 2 | LAMP", "3 | 30001 | 1 | 2 | LAMP (NEW BOX)")
    assert "description" not in lines_of(first)[0]
    assert lines_of(second)[0]["description"] == "LAMP (NEW BOX)"


def test_what_becomes_of_a_document_does_not_depend_on_later_ones() -> None:
    rows = ("1 | 30001 | 1 | 1.00", "2 | 30001 | 1 | 1.00 | LAMP", "3 | 30001 | 1 | 1.00 | TRAY")
    assert prepare(documents(rows_of(*rows)))[:-1] == prepare(documents(rows_of(*rows[:2])))


def test_the_book_is_kept_by_day_and_accepts_refunds_without_their_sale() -> None:
    stated = {event.policy: event.value for event in policies()}
    assert stated == {
        "posting": "per_day",
        "known_customers": "summarised",
        "blind_refunds": "accept",
    }


def test_ids_depend_on_the_file_alone() -> None:
    rows = rows_of("1 | 30001 | 1 | 1.00 | LAMP", "C2 | 30001 | -1 | 1.00 | LAMP")
    assert prepare(documents(rows)) == prepare(documents(rows))


def test_what_the_ledger_would_refuse_is_told_before_anything_is_sent() -> None:
    rows = rows_of("1 | 30001 | 1 | 1.00 | card 4111 1111 1111 1111")
    with pytest.raises(BrokenFile) as broken:
        prepare(documents(rows))
    assert broken.value.faults[0].row == 2
    assert "card-number" in broken.value.faults[0].reason


def test_batches_keep_the_order_and_their_bounds() -> None:
    prepared = prepare(documents(rows_of(*(f"{n} | 30001 | 1 | 1.00" for n in range(1, 30)))))
    cut = list(batches(prepared, events=10, size=1500))
    assert [one for batch in cut for one in batch] == prepared
    assert all(len(batch) <= 10 for batch in cut)
    assert all(sum(len(one.body) for one in batch) <= 1500 for batch in cut)
    assert [len(batch) for batch in batches(prepared[:2], events=10, size=1)] == [1, 1]
