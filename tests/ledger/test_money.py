"""Amounts: text on the wire, integers inside, every rounding half up and every cent placed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.money import (
    Amount,
    ExchangeRate,
    Number,
    Percent,
    Quantity,
    SignedAmount,
    SignedQuantity,
    UnitPrice,
    exponent,
    extended,
    half_up,
    share,
    spread,
    to_millionths,
    to_minor,
    to_text,
)


@pytest.mark.parametrize(
    "text",
    [
        "", " 1", "1 ", "+1", "-1", "1.", ".5", "1e3", "1E3", "1_000", "1,000", "NaN", "Infinity",
        "٣", "\uff11", "1.1234567", "12345678901234", "0x1", "1\n", None, 1, 1.5, True, [], {},
    ],
)  # fmt: skip
def test_what_is_no_amount(text: object) -> None:
    with pytest.raises(ValueError, match=r"12\.50"):
        Amount.parse(text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Amount, "1234567890123.123456"),
        (Amount, "00040.00"),
        (SignedAmount, "-0.01"),
        (Quantity, "1000000000.000000"),
        (Quantity, "999999999.999999"),
        (SignedQuantity, "-1000000000"),
        (UnitPrice, "0.000001"),
        (Percent, "9.975"),
        (ExchangeRate, "1.3725"),
    ],
)
def test_what_is_a_number(kind: type[Number], text: str) -> None:
    assert str(kind.parse(text)) == str(Decimal(text))


@pytest.mark.parametrize("text", ["1000000000.000001", "1000000001", "-1", "10000000000"])
def test_quantities_go_up_to_a_milliard(text: str) -> None:
    with pytest.raises(ValueError, match=r"12\.50"):
        Quantity.parse(text)


@pytest.mark.parametrize(
    ("currency", "amount", "minor", "text"),
    [
        ("CAD", "45.9", 4599 - 9, "45.90"),
        ("JPY", "1500", 1500, "1500"),
        ("KWD", "1.5", 1500, "1.500"),
    ],
)
def test_currencies_have_their_decimals(currency: str, amount: str, minor: int, text: str) -> None:
    assert to_minor(Decimal(amount), currency) == minor
    assert to_text(minor, currency) == text


def test_what_is_finer_than_the_currency_is_refused() -> None:
    with pytest.raises(ValueError, match="finer"):
        to_minor(Decimal("0.005"), "CAD")
    with pytest.raises(ValueError, match="ZZZ"):
        exponent("ZZZ")


def test_text_never_has_an_exponent() -> None:
    assert to_text(0, "KWD") == "0.000"
    assert to_text(10**15, "JPY") == "1000000000000000"


@pytest.mark.parametrize(
    ("quantity", "price", "minor"),
    [
        ("3", "3.335", 1001),
        ("1", "0.005", 1),
        ("-1", "0.005", -1),
        ("0.5", "0.01", 1),
        ("2", "0", 0),
    ],
)
def test_quantity_times_price_rounds_half_up(quantity: str, price: str, minor: int) -> None:
    assert extended(Decimal(quantity), Decimal(price), "CAD") == minor


@given(
    st.integers(0, 10**15),
    st.integers(0, 10**19),
    st.sampled_from(["CAD", "JPY", "KWD"]),
)
def test_it_is_exact_whatever_the_size(quantity: int, price: int, currency: str) -> None:
    """Beyond the 28 digits of decimal arithmetic too."""
    got = extended(Decimal(quantity).scaleb(-6), Decimal(price).scaleb(-6), currency)
    exact = quantity * price * 10 ** exponent(currency)
    assert abs(got * 10**12 - exact) * 2 <= 10**12


@pytest.mark.parametrize(
    ("value", "rounded"), [("0.5", 1), ("-0.5", -1), ("1.4999", 1), ("2.5", 3)]
)
def test_halves_go_away_from_zero(value: str, rounded: int) -> None:
    assert half_up(Decimal(value)) == rounded


def test_shares_are_rounded_half_up_on_either_side_of_zero() -> None:
    assert [share(10, part, 4) for part in (1, 2, 3)] == [3, 5, 8]
    assert [share(-10, part, 4) for part in (1, 2, 3)] == [-3, -5, -8]
    assert share(10, 1, -4) == -3


def test_the_odd_cents_go_to_the_last() -> None:
    assert spread(1000, [1, 1, 1]) == [333, 333, 334]
    assert spread(-1000, [1, 1, 1]) == [-333, -333, -334]
    assert spread(100, [1, 0, 2, 0]) == [33, 0, 67, 0]
    with pytest.raises(ValueError, match="nothing"):
        spread(1, [0, 0])


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=40))
def test_spreading_loses_nothing_and_takes_no_more_than_there_is(
    total: int, weights: list[int]
) -> None:
    if not any(weights):
        weights[0] = 1
    parts = spread(total, weights)
    assert sum(parts) == total
    assert all(part * total >= 0 for part in parts)
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if not weight)
    if abs(total) <= sum(weights):
        assert all(abs(part) <= weight for part, weight in zip(parts, weights, strict=True))


def test_quantities_are_millionths() -> None:
    assert to_millionths(Decimal("0.000001")) == 1
