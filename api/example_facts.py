"""An example of every kind of fact, in an order in which a new book in Québec takes them all."""

from typing import Any, Final

Fact = dict[str, Any]


def _fact(kind: str, name: str, /, **fields: Any) -> Fact:
    return {"type": kind, "id": name, "occurred_at": "2026-03-14T14:02:11-04:00"} | fields


def _paid(amount: str, kind: str = "cash") -> list[Fact]:
    return [{"kind": kind, "amount": amount}]


def _taxes(gst: str, qst: str) -> list[Fact]:
    return [{"tax": "GST", "amount": gst}, {"tax": "QST", "amount": qst}]


def _service(price: str, gst: str, qst: str) -> Fact:
    return {
        "kind": "service",
        "description": "Haircut",
        "quantity": "1",
        "unit_price": price,
        "taxes": _taxes(gst, qst),
    }


_TILL: Final = {"register": "till-3", "session": "2026-03-14-till-3"}
_HAT: Final = {
    "kind": "goods",
    "item": "HAT",
    "description": "Hat",
    "quantity": "1",
    "unit_price": "40.00",
    "discount": "4.00",
    "taxes": _taxes("1.80", "3.59"),
}

SALE: Final = _fact(
    "sale_completed", "S-1001", lines=[_HAT], tenders=_paid("41.39", "card"), register="till-3"
)

_OFFICE: Final = (
    _fact(
        "account_defined",
        "A-1",
        code="4050",
        name={"en": "Sales of workshops", "fr": "Ateliers"},
        role="sales",
        account_type="income",
    ),
    _fact("tax_defined", "T-1", tax="GST", name="GST", rate="5", agency="Canada Revenue Agency"),
    _fact("method_defined", "M-1", method="visa", kind="card", name="Visa"),
    _fact(
        "item_defined",
        "I-1",
        item="HAT",
        name="Hat",
        category="Hats",
        kind="goods",
        stocked=True,
    ),
    _fact("policy_set", "P-1", policy="day_grace", value="3h"),
)

_STOCK: Final = (
    _fact(
        "goods_received",
        "GR-1",
        receipt="R-1",
        vendor="Maison du chapeau",
        location="Main street",
        lines=[{"item": "HAT", "quantity": "10", "unit_cost": "18.00"}],
    ),
    _fact(
        "landed_cost_added",
        "LC-1",
        receipts=["R-1"],
        vendor="Transport Nord",
        freight="12.00",
        bill="TN-55",
    ),
    _fact(
        "bill_received",
        "BR-1",
        bill="MC-77",
        vendor="Maison du chapeau",
        receipts=["R-1"],
        lines=[{"account": "goods_received_not_billed", "amount": "180.00"}],
        due_date="2026-04-13",
    ),
    _fact(
        "goods_returned",
        "RV-1",
        receipt="R-1",
        vendor="Maison du chapeau",
        lines=[{"item": "HAT", "quantity": "1", "unit_cost": "18.00"}],
        credit_note="CN-9",
        location="Main street",
    ),
    _fact(
        "stock_moved",
        "SM-1",
        lines=[{"item": "HAT", "quantity": "3"}],
        from_location="Main street",
        to_location="Market stall",
    ),
    _fact(
        "stock_adjusted",
        "SA-1",
        lines=[{"item": "HAT", "quantity": "-1"}],
        reason="moths",
        location="Main street",
    ),
    _fact("stock_counted", "SC-1", lines=[{"item": "HAT", "counted": "4"}], location="Main street"),
)

_SALES: Final = (
    _fact("register_opened", "RO-1", float="100.00", **_TILL),
    SALE | {"location": "Main street", "session": _TILL["session"]},
    _fact(
        "sale_completed",
        "S-1002",
        lines=[
            {"kind": "gift_card", "gift_card": "GC-88", "quantity": "1", "unit_price": "50.00"},
            {
                "kind": "package",
                "package": "P-5",
                "uses": 10,
                "quantity": "1",
                "unit_price": "200.00",
                "taxes": _taxes("10.00", "19.95"),
            },
        ],
        tenders=_paid("284.95"),
        tip="5.00",
        staff="st-4",
        order="O-12",
        device_seq={"device": "till-3", "epoch": 1, "seq": 1002},
        **_TILL,
    ),
    _fact(
        "sale_completed",
        "S-1003",
        lines=[_service("50.00", "2.50", "4.99")],
        tenders=[{"kind": "on_account", "amount": "57.49", "invoice": "S-1003"}],
        customer="c-7",
    ),
    _fact(
        "refund_issued",
        "RF-1",
        sale="S-1001",
        lines=[{"kind": "goods", "sale_line": 0, "quantity": "1"}],
        tenders=_paid("41.39", "card"),
        restock="yes",
        reason="too small",
    ),
    _fact("tips_paid_out", "TP-1", staff="st-4", amount="5.00", tenders=_paid("5.00"), **_TILL),
    _fact("cash_moved", "CM-1", kind="drop", amount="150.00", reason="to the safe", **_TILL),
    _fact("register_closed", "RC-1", counted=[{"method": "cash", "amount": "229.00"}], **_TILL),
    _fact("payout_settled", "PS-1", method="card", gross="100.00", fees="2.90", bank="main"),
    _fact("dispute_opened", "DO-1", dispute="dp-1", method="card", amount="20.00", fee="15.00"),
    _fact("dispute_won", "DW-1", dispute="dp-1", fee_returned="15.00"),
    _fact("dispute_opened", "DO-2", dispute="dp-2", method="card", amount="20.00", fee="15.00"),
    _fact("dispute_lost", "DL-2", dispute="dp-2"),
)

_VALUE: Final = (
    _fact("gift_card_issued_free", "GF-1", gift_card="GC-90", amount="10.00"),
    _fact(
        "gift_card_expired",
        "GE-1",
        gift_card="GC-90",
        amount="6.00",
        override="the customer asked in writing",
    ),
    _fact("gift_card_cashed_out", "GO-1", gift_card="GC-90", amount="4.00", tenders=_paid("4.00")),
    _fact("store_credit_issued", "CI-1", customer="c-7", amount="15.00", reason="late delivery"),
    _fact(
        "store_credit_expired",
        "CE-1",
        customer="c-7",
        amount="5.00",
        reason="as printed on it",
        override="the law of its time",
    ),
    _fact("package_expired", "PE-1", package="P-5", override="the shop moves away"),
)

_BOOKINGS: Final = (
    *(
        _fact(
            "deposit_received",
            f"DR-{number}",
            deposit=f"D-{number}",
            amount="16.10",
            tenders=_paid("16.10", "card"),
            booking=f"B-{number}",
        )
        for number in range(1, 6)
    ),
    _fact("deposit_moved", "DM-1", deposit="D-1", to_booking="B-9"),
    _fact("deposit_refunded", "DB-1", deposit="D-2"),
    _fact("deposit_forfeited", "DF-1", deposit="D-3"),
    _fact(
        "no_show_recorded",
        "NS-1",
        booking="B-4",
        deposit="keep",
        fee={"amount": "20.00", "taxes": _taxes("1.00", "2.00")},
        customer="c-7",
    ),
    _fact("booking_cancelled", "BC-1", booking="B-5", deposit="refund"),
)

_OWED: Final = (
    *(
        _fact(
            "invoice_issued",
            f"II-{number}",
            invoice=f"INV-{number}",
            customer="c-7",
            lines=[_service("100.00", "5.00", "9.98")],
            due_date="2026-04-13",
            send="draft",
        )
        for number in range(1, 4)
    ),
    _fact(
        "invoice_revised",
        "IR-1",
        invoice="INV-1",
        lines=[_service("120.00", "6.00", "11.97")],
        due_date="2026-04-20",
    ),
    _fact("invoice_voided", "IV-1", invoice="INV-2", reason="billed twice"),
    _fact(
        "payment_received",
        "PR-1",
        payment="PAY-1",
        customer="c-7",
        tenders=_paid("50.00", "cheque"),
        applied=[{"invoice": "INV-1", "amount": "50.00"}],
    ),
    _fact("payment_bounced", "PB-1", payment="PAY-1", fee="7.00", reason="no funds"),
    _fact("invoice_written_off", "IW-1", invoice="INV-3"),
    _fact("bad_debt_recovered", "BD-1", invoice="INV-3", amount="30.00", tenders=_paid("30.00")),
)

_BOOKS: Final = (
    _fact(
        "journal_posted",
        "J-1",
        lines=[
            {"account": "merchant_fees", "debit": "9.00"},
            {"account": "bank", "holder": "main", "credit": "9.00"},
        ],
        reason="bank charges of March",
    ),
    _fact("event_reversed", "X-1", reverses="J-1", reason="entered twice"),
    _fact(
        "sale_completed",
        "S-1004",
        lines=[_service("10.00", "0.50", "1.00")],
        tenders=[{"kind": "other", "method": "TWINT", "amount": "11.50"}],
    ),
    _fact(
        "exception_cleared",
        "EC-1",
        exception="S-1004:0",
        lines=[{"account": "clearing", "holder": "card", "debit": "11.50"}],
        reason="it came with the card payout",
    ),
    _fact("period_closed", "PC-1", through="2026-02-28"),
    _fact("period_reopened", "PO-1", through="2026-02-28"),
)

FACTS: Final = (*_OFFICE, *_STOCK, *_SALES, *_VALUE, *_BOOKINGS, *_OWED, *_BOOKS)
"""All of them, in order."""

BY_KIND: Final = {str(fact["type"]): fact for fact in reversed(FACTS)} | {"sale_completed": SALE}
"""One of each kind."""
