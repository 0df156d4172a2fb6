"""Facts as tills state them, for the tests of the API."""

from typing import Any


def a_sale(**changes: Any) -> dict[str, Any]:
    """Return a hat of 40.00 less 4.00 with its taxes, paid by card: 41.39."""
    sale: dict[str, Any] = {
        "type": "sale_completed",
        "id": "S-1",
        "occurred_at": "2026-03-14T14:02:11-04:00",
        "register": "till-3",
        "lines": [
            {
                "kind": "goods",
                "category": "goods",
                "quantity": "1",
                "unit_price": "40.00",
                "discount": "4.00",
                "taxes": [{"tax": "GST", "amount": "1.80"}, {"tax": "QST", "amount": "3.59"}],
            }
        ],
        "tenders": [{"kind": "card", "amount": "41.39"}],
    }
    return sale | changes


def a_card_sold(card: str, amount: str, **changes: Any) -> dict[str, Any]:
    """Return a gift card sold for cash."""
    return a_sale(
        id=f"sold-{card}",
        lines=[{"kind": "gift_card", "gift_card": card, "unit_price": amount}],
        tenders=[{"kind": "cash", "amount": amount}],
    ) | dict(changes)


def codes(problem: dict[str, Any]) -> dict[str, str]:
    """Return the code of each fault by its pointer (or `?parameter`)."""
    return {
        fault["pointer"] if "pointer" in fault else f"?{fault['parameter']}": fault["code"]
        for fault in problem["faults"]
    }
