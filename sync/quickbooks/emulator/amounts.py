"""Amounts: decimals from JSON, rounded half up to the cent, cents in the general ledger."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import msgspec

Json = dict[str, Any]

ZERO = Decimal(0)
CENT = Decimal("0.01")

_encoder = msgspec.json.Encoder(decimal_format="number")


def number(value: Any) -> Decimal:
    """Return a JSON number (int, Decimal, or nothing) as a decimal."""
    return value if isinstance(value, Decimal) else Decimal(value or 0)


def rounded(amount: Decimal) -> Decimal:
    """Round half up to the cent."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def cents(amount: Decimal) -> int:
    """Return the amount in cents."""
    return int(rounded(amount) * 100)


def money(minor: int) -> Decimal:
    """Return cents as an amount with two decimals."""
    return Decimal(minor).scaleb(-2)


def encode(value: Any) -> bytes:
    """Encode as JSON, decimals as numbers."""
    return _encoder.encode(value)


def decode(data: bytes) -> Any:
    """Decode JSON, numbers with a point as decimals; raises msgspec.DecodeError."""
    return _decoder.decode(data)


_decoder = msgspec.json.Decoder(float_hook=Decimal)
