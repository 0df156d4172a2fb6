"""The sale that is measured: nine postings, as a till in Montréal states it."""

from collections.abc import Iterator
from typing import Any

import msgspec


def sale(number: int, prefix: str) -> dict[str, Any]:
    """Return one sale: two hats, a tip, two taxes, paid by card and in cash."""
    return {
        "type": "sale_completed",
        "id": f"{prefix}-{number:08d}",
        "occurred_at": f"2026-03-{1 + number // 3000 % 28:02d}T14:{number % 60:02d}:00-04:00",
        "location": "sainte-catherine",
        "register": f"till-{number % 8}",
        "staff": f"staff-{number % 5}",
        "channel": "shop",
        "source": {"system": "till", "document": f"T{number:08d}"},
        "lines": [
            {
                "kind": "goods",
                "item": f"HAT-{number % 40}",
                "description": "Felt hat, wide brim",
                "category": "Hats",
                "quantity": "1",
                "unit_price": "40.00",
                "discount": "4.00",
                "taxes": [{"tax": "GST", "amount": "1.80"}, {"tax": "QST", "amount": "3.59"}],
            },
            {
                "kind": "service",
                "description": "Alteration",
                "category": "Alterations",
                "quantity": "1",
                "unit_price": "20.00",
                "taxes": [{"tax": "GST", "amount": "1.00"}, {"tax": "QST", "amount": "2.00"}],
            },
        ],
        "tip": "5.00",
        "rounding": "0.01",
        "tenders": [
            {"kind": "card", "method": "visa", "amount": "49.39", "reference": f"auth-{number}"},
            {"kind": "cash", "amount": "20.01"},
        ],
    }


def definitions() -> Iterator[dict[str, Any]]:
    """Yield what a book has to know so that the sales are ordinary ones: a method, the items."""
    at = {"occurred_at": "2026-02-28T12:00:00-05:00"}
    yield at | {
        "type": "method_defined",
        "id": "M-visa",
        "method": "visa",
        "kind": "card",
        "name": "Visa",
    }
    for number in range(40):
        yield at | {
            "type": "item_defined",
            "id": f"I-{number}",
            "item": f"HAT-{number}",
            "name": f"Hat {number}",
            "category": "Hats",
        }


def bodies(prefix: str) -> Iterator[bytes]:
    """Yield sales without end, each with an id of its own."""
    number = 0
    while True:
        yield msgspec.json.encode(sale(number, prefix))
        number += 1
