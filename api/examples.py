"""One worked example of the calls that a till's developer meets first."""

from typing import Any, Final

SALE: Final[dict[str, Any]] = {
    "type": "sale_completed",
    "id": "S-1001",
    "occurred_at": "2026-03-14T14:02:11-04:00",
    "register": "till-3",
    "lines": [
        {
            "kind": "goods",
            "description": "Hat",
            "quantity": "1",
            "unit_price": "40.00",
            "discount": "4.00",
            "taxes": [{"tax": "GST", "amount": "1.80"}, {"tax": "QST", "amount": "3.59"}],
        }
    ],
    "tenders": [{"kind": "card", "amount": "41.39"}],
}

_ANSWER: Final[dict[str, Any]] = {
    "id": "S-1001",
    "seq": 1,
    "business_date": "2026-03-14",
    "hash": "0c4f7d0a6e0f2c7d6b1b2d0f7f0f6f2a7a5a9a0c3f1d5b8e7c6a4b2d1e0f9a8b",
    "entry": [
        {
            "account": code,
            "role": role,
            "holder": holder,
            "currency": "CAD",
            "debit": debit,
            "credit": credit,
        }
        for code, role, holder, debit, credit in (
            ("1010", "clearing", "card", "41.39", "0.00"),
            ("4000", "sales", "goods", "0.00", "40.00"),
            ("4020", "discounts", "goods", "4.00", "0.00"),
            ("2200", "sales_tax", "GST", "0.00", "1.80"),
            ("2200", "sales_tax", "QST", "0.00", "3.59"),
        )
    ],
    "exceptions": [],
}

EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "recordEvent": {"body": SALE, "answer": _ANSWER},
    "recordEvents": {"body": [SALE]},
    "previewEvent": {"body": SALE},
    "putCustomer": {"body": {"name": "Léa Tremblay", "email": "lea@example.com"}},
    "putTaxDefined": {
        "body": {"name": "GST", "rate": "5", "agency": "Canada Revenue Agency"},
    },
    "putItemDefined": {"body": {"name": "Hat", "category": "Hats", "stocked": True}},
}
"""By operation: `body` and `answer`."""
