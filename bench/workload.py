"""The sale that is measured: nine postings, as a till in Montréal states it.

Each item has its price, as in a shop; tips, and so totals, hardly ever come again.
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec import Struct

_CASH: Final = 2001
_ROUNDING: Final = 1


class Amounts(Struct, frozen=True):
    """What a sale comes to, in cents: a hat, its discount, an alteration, taxes of both, a tip."""

    hat: int
    discount: int
    alteration: int
    tip: int

    @property
    def taxes(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Return GST and QST of the hat, and of the alteration."""
        return _taxes(self.hat - self.discount), _taxes(self.alteration)

    @property
    def tax(self) -> int:
        """Return all taxes."""
        return sum(map(sum, self.taxes))

    @property
    def card(self) -> int:
        """Return what the card pays."""
        sold = self.hat - self.discount + self.alteration
        return sold + self.tax + self.tip + _ROUNDING - _CASH

    def by_role(self) -> dict[str, int]:
        """Return what the sale posts by the role of the account, debit positive."""
        return {
            "cash": _CASH,
            "clearing": self.card,
            "sales": -self.hat - self.alteration,
            "discounts": self.discount,
            "sales_tax": -self.tax,
            "tips": -self.tip,
            "cash_rounding": -_ROUNDING,
        }


def _taxes(net: int) -> tuple[int, int]:
    return (net * 5 + 50) // 100, (net * 9975 + 50_000) // 100_000


def amounts(number: int) -> Amounts:
    """Return what a sale comes to."""
    hat = 4000 + number % 40 * 225
    return Amounts(hat, hat // 10, 2000 + number % 7 * 350, 100 + number * 7 % 1200)


def sale(number: int, prefix: str) -> dict[str, Any]:
    """Return one sale: a hat, an alteration, a tip, two taxes, paid by card and in cash."""
    of = amounts(number)
    hat, alteration = of.taxes
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
                "unit_price": _text(of.hat),
                "discount": _text(of.discount),
                "taxes": _stated(hat),
            },
            {
                "kind": "service",
                "description": "Alteration",
                "category": "Alterations",
                "quantity": "1",
                "unit_price": _text(of.alteration),
                "taxes": _stated(alteration),
            },
        ],
        "tip": _text(of.tip),
        "rounding": _text(_ROUNDING),
        "tenders": [
            {
                "kind": "card",
                "method": "visa",
                "amount": _text(of.card),
                "reference": f"auth-{number}",
            },
            {"kind": "cash", "amount": _text(_CASH)},
        ],
    }


def _stated(taxes: tuple[int, int]) -> list[dict[str, str]]:
    gst, qst = taxes
    return [{"tax": "GST", "amount": _text(gst)}, {"tax": "QST", "amount": _text(qst)}]


def _text(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


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
