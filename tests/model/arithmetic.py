"""Amounts as integers of minor units, from text and exact fractions."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from moneyed import get_currency


def minor(text: str | None, currency: str) -> int:
    """Return an amount in minor units; 0 where none is stated."""
    sub_unit = get_currency(currency).sub_unit
    return int(Decimal(text) * sub_unit) if text else 0


def rounded(value: Fraction) -> int:
    """Return the nearest integer, halves away from zero."""
    whole = int(abs(value) + Fraction(1, 2))
    return whole if value >= 0 else -whole


def part(total: int, of: int | Fraction, whole: int | Fraction) -> int:
    """Return *total* x *of* / *whole*, half up; 0 of nothing."""
    return rounded(Fraction(total) * of / whole) if whole else 0


def pro_rata(total: int, weights: Sequence[int]) -> list[int]:
    """Split *total*, each half up, the odd cent to the last; none takes more than its weight.

    What the last cannot take goes to the one before it.
    """
    if total < 0:
        return [-share for share in pro_rata(-total, weights)]
    whole = sum(weights)
    shares = [part(total, weight, whole) for weight in weights]
    for at in range(len(weights) - 1, -1, -1):
        rest = total - sum(shares)
        if rest and weights[at]:
            most = weights[at] if total <= whole else total
            shares[at] = max(0, min(shares[at] + rest, most))
    return shares
