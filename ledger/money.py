"""Amounts: decimal text on the wire, `Decimal` while decoding, integer minor units inside."""

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any, ClassVar, Final, Self, TypeVar, cast

from moneyed import CurrencyDoesNotExist, get_currency

MILLION: Final = 1_000_000
"""Quantities and unit prices are kept as integer millionths."""

MOST_MINOR: Final = 10**13
"""Amounts have at most 13 digits of minor units."""

COMMON: Final = 8192
"""How many results of a kind are kept: the same prices, taxes and quantities come again all day."""


class Number(Decimal):
    """A decimal number as text: ASCII digits, no exponent, no sign unless the kind allows one.

    `schema` is its `form` as a regular expression; `code` names the fault of what has another.
    """

    schema: ClassVar[str] = r"^[0-9]{1,13}(\.[0-9]{1,6})?$"
    code: ClassVar[str] = "not-an-amount"
    digits: ClassVar[int] = 13
    signed: ClassVar[bool] = False
    form: ClassVar[re.Pattern[str]] = re.compile(schema[1:-1])

    def __init_subclass__(cls) -> None:
        """Read a kind's form once."""
        cls.form = re.compile(cls.schema[1:-1])

    @classmethod
    def parse(cls, text: object) -> Self:
        """Return the number that *text* writes; ValueError when it is not plain decimal text."""
        if not isinstance(text, str):
            raise _malformed()
        found: Self = number(cast("Any", cls), text)
        return found


N = TypeVar("N", bound=Number)


@lru_cache(maxsize=COMMON)
def number(kind: type[N], text: object) -> N:
    """Return the number that *text* writes; ValueError when it is not of the kind's form.

    The same text gives the same object, whose hash is then known: what is looked up by it is quick.
    """
    if not isinstance(text, str) or not kind.form.fullmatch(text):
        raise _malformed()
    return kind(text)


def _malformed() -> ValueError:
    return ValueError('write the number as text such as "12.50"')


class Amount(Number):
    """Major units of the event's currency, not negative."""


class SignedAmount(Number):
    """Major units of the event's currency, of either sign."""

    schema = r"^-?[0-9]{1,13}(\.[0-9]{1,6})?$"
    signed = True


class Quantity(Number):
    """How many, up to 10^9 with six decimals, not negative."""

    schema = r"^([0-9]{1,9}(\.[0-9]{1,6})?|1000000000(\.0{1,6})?)$"
    code = "not-a-quantity"
    digits = 9


class SignedQuantity(Number):
    """How many, of either sign."""

    schema = r"^-?([0-9]{1,9}(\.[0-9]{1,6})?|1000000000(\.0{1,6})?)$"
    code = "not-a-quantity"
    digits = 9
    signed = True


class UnitPrice(Number):
    """Major units for one, with up to six decimals."""


class Percent(Number):
    """A tax rate in per cent."""

    schema = r"^[0-9]{1,3}(\.[0-9]{1,6})?$"
    code = "not-a-rate"
    digits = 3


class ExchangeRate(Number):
    """Home units for one of the event's currency."""

    code = "not-a-rate"


@lru_cache(maxsize=256)
def exponent(currency: str) -> int:
    """Return how many decimals *currency* has (ISO 4217); ValueError when there is none such."""
    try:
        return len(str(get_currency(currency).sub_unit)) - 1
    except CurrencyDoesNotExist as unknown:
        raise ValueError(currency) from unknown


@lru_cache(maxsize=256)
def units(currency: str) -> int:
    """Return how many minor units make one of *currency*."""
    return int(10 ** exponent(currency))


@lru_cache(maxsize=COMMON)
def to_minor(amount: Decimal, currency: str) -> int:
    """Return *amount* in minor units; ValueError when that is not exact."""
    numerator, denominator = amount.as_integer_ratio()
    minor, finer = divmod(numerator * units(currency), denominator)
    if finer:
        raise ValueError(f"{amount} {currency} is finer than the currency")
    return minor


def to_text(minor: int, currency: str) -> str:
    """Return minor units as decimal text with exactly the currency's decimals."""
    return format(Decimal(minor).scaleb(-exponent(currency)), "f")


@lru_cache(maxsize=COMMON)
def to_millionths(quantity: Decimal) -> int:
    """Return a quantity as integer millionths."""
    return int(quantity.scaleb(6))


@lru_cache(maxsize=COMMON)
def extended(quantity: Decimal, unit_price: Decimal, currency: str) -> int:
    """Return quantity x unit price in minor units, rounded half up; exact whatever the size."""
    how_many, quantities = quantity.as_integer_ratio()
    price, prices = unit_price.as_integer_ratio()
    return share(how_many * price, units(currency), quantities * prices)


def converted(minor: int, currency: str, rate: Decimal, home: str) -> int:
    """Return an amount in *home* minor units; *rate* is home units for one of *currency*."""
    homes, ones = rate.as_integer_ratio()
    return share(minor, homes * units(home), ones * units(currency))


def half_up(value: Decimal) -> int:
    """Round to an integer, halves away from zero (the trade's "half up", mirrored for refunds)."""
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))


def share(total: int, part: int, whole: int) -> int:
    """Return *total* x *part* / *whole* (not 0), rounded half up, exact in integers."""
    numerator = total * part
    negative = (numerator < 0) != (whole < 0)
    numerator, denominator = abs(numerator), abs(whole)
    rounded = (2 * numerator + denominator) // (2 * denominator)
    return -rounded if negative else rounded


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """Split *total* by *weights* (none negative), each half up, the odd units to the last.

    No part changes sign, and none exceeds its weight where all together do not: what the last
    that has a weight cannot take goes to the one before it.
    """
    whole = sum(weights)
    if whole == 0:
        raise ValueError("nothing to spread over")
    if total < 0:
        return [-part for part in spread(-total, weights)]
    parts = [share(total, weight, whole) for weight in weights]
    rest = total - sum(parts)
    for index in reversed(range(len(parts))):
        if rest == 0:
            break
        if weights[index]:
            most = weights[index] if total <= whole else total
            part = min(max(parts[index] + rest, 0), most)
            rest -= part - parts[index]
            parts[index] = part
    return parts
