"""Amounts as QuickBooks writes them: JSON numbers or text, in major units; never a float."""

from decimal import Decimal
from typing import Any

from ledger.money import exponent, half_up


def number(minor: int, currency: str) -> Decimal:
    """Return minor units as the number to send, with exactly the currency's decimals."""
    return Decimal(minor).scaleb(-exponent(currency))


def decimal(value: Any) -> Decimal:
    """Return a number of an answer; blank is zero."""
    if isinstance(value, str):
        value = value.replace(",", "").strip() or 0
    return Decimal(value or 0)


def minor(value: Any, currency: str) -> int:
    """Return a number of an answer in minor units; what is finer than those is rounded half up."""
    return half_up(decimal(value).scaleb(exponent(currency)))
