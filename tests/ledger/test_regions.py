"""What each place lays down: rates by their days, kept deposits, stored value, cash."""

from datetime import date
from decimal import Decimal

import pytest

from ledger.book import Book
from ledger.regions import REGIONS, StoredValue, region
from ledger.settings import Settings

TODAY = date(2026, 3, 14)
PROVINCES = ("QC", "ON", "NB", "NS", "PE", "NL", "BC", "AB", "SK", "MB")


def rates(country: str, code: str | None, day: date) -> dict[str, Decimal]:
    """Return the rates that hold in a place on a day, by code."""
    settings = Settings(Book(9, "B", country, code, "CAD", "UTC"))
    held = (settings.taxes.get(name, day) for name in settings.taxes.keys())  # noqa: SIM118 - Dated is no mapping
    return {tax.code: tax.rate for tax in held if tax is not None}


@pytest.mark.parametrize(
    ("country", "code", "expected"),
    [
        ("CA", "QC", {"GST": "5", "QST": "9.975"}),
        ("CA", "ON", {"HST": "13"}),
        ("CA", "NB", {"HST": "15"}),
        ("CA", "NS", {"HST": "14"}),
        ("CA", "PE", {"HST": "15"}),
        ("CA", "NL", {"HST": "15"}),
        ("CA", "BC", {"GST": "5", "PST": "7"}),
        ("CA", "SK", {"GST": "5", "PST": "6"}),
        ("CA", "MB", {"GST": "5", "PST": "7"}),
        ("CA", "AB", {"GST": "5", "PST": "0"}),
        ("CA", "YT", {"GST": "5", "PST": "0"}),
        ("GB", None, {"VAT": "20", "VAT-REDUCED": "5"}),
        ("CH", "VD", {"VAT": "8.1", "VAT-REDUCED": "2.6", "VAT-LODGING": "3.8"}),
        (
            "FR",
            None,
            {"TVA": "20", "TVA-INTERMEDIATE": "10", "TVA-REDUCED": "5.5", "TVA-SPECIAL": "2.1"},
        ),
        ("JP", None, {"CT": "10", "CT-REDUCED": "8"}),
        ("US", "CA", {"SALES": "0"}),
        ("AU", None, {}),
    ],
)
def test_the_rates_of_today(country: str, code: str | None, expected: dict[str, str]) -> None:
    assert rates(country, code, TODAY) == {name: Decimal(rate) for name, rate in expected.items()}


@pytest.mark.parametrize(
    ("country", "code", "tax", "day", "rate"),
    [
        ("CA", "NS", "HST", date(2025, 3, 31), "15"),
        ("CA", "NS", "HST", date(2025, 4, 1), "14"),
        ("CA", "NB", "HST", date(2016, 6, 30), "13"),
        ("CA", "NB", "HST", date(2016, 7, 1), "15"),
        ("CA", "PE", "HST", date(2016, 9, 30), "14"),
        ("CA", "PE", "HST", date(2016, 10, 1), "15"),
        ("CA", "SK", "PST", date(2017, 3, 22), "5"),
        ("CA", "MB", "PST", date(2019, 6, 30), "8"),
        ("CH", None, "VAT", date(2017, 12, 31), "8.0"),
        ("CH", None, "VAT", date(2023, 12, 31), "7.7"),
        ("CH", None, "VAT", date(2024, 1, 1), "8.1"),
        ("CH", None, "VAT-LODGING", date(2023, 12, 31), "3.7"),
        ("JP", None, "CT", date(2019, 9, 30), "8"),
    ],
)
def test_rates_that_changed(country: str, code: str | None, tax: str, day: date, rate: str) -> None:
    assert rates(country, code, day)[tax] == Decimal(rate)


@pytest.mark.parametrize("key", sorted(REGIONS))
def test_each_region_is_whole(key: str) -> None:
    """Each code's latest rate first, with the codes that kept deposits bear, and its sources."""
    rules = REGIONS[key]
    for code in {tax.code for tax in rules.taxes}:
        days = [tax.since for tax in rules.taxes if tax.code == code]
        assert days == sorted(days, reverse=True)
    assert set(rules.forfeit_taxes) <= {tax.code for tax in rules.taxes}
    assert (rules.forfeits == "untaxed") == (rules.forfeit_taxes == ())
    assert list(rules.cash_outs) == sorted(rules.cash_outs)
    assert rules.sources
    assert all(rules.sources)


@pytest.mark.parametrize("code", PROVINCES)
def test_in_canada_gift_cards_do_not_expire_and_kept_deposits_have_their_tax(code: str) -> None:
    """Each tax on the whole; cash to five cents; prices without tax."""
    rules = region("CA", code)
    assert not rules.may_expire("gift_cards")
    assert rules.may_expire("packages") == (code != "QC")
    assert rules.may_expire("store_credit") == (code != "QC")
    assert (rules.forfeits, rules.cash_step) == ("each", Decimal("0.05"))
    assert not rules.prices_include_tax


def test_the_territories_let_gift_cards_expire() -> None:
    assert region("CA", "NT").may_expire("gift_cards")


@pytest.mark.parametrize(
    ("country", "code", "day", "limit"),
    [
        ("CA", "QC", TODAY, "5.00"),
        ("CA", "ON", TODAY, None),
        ("US", "CA", date(2026, 3, 31), "9.99"),
        ("US", "CA", date(2026, 4, 1), "14.99"),
        ("US", "CO", TODAY, "5.00"),
        ("US", "WA", TODAY, "4.99"),
        ("US", "RI", TODAY, "0.99"),
        ("US", "NY", TODAY, None),
        ("GB", None, TODAY, None),
    ],
)
def test_balances_paid_out_on_request(
    country: str, code: str | None, day: date, limit: str | None
) -> None:
    expected = None if limit is None else Decimal(limit)
    assert region(country, code).cash_out_limit(day) == expected


@pytest.mark.parametrize(
    ("country", "code", "role", "years"),
    [
        ("US", "NY", "gift_cards", 5),
        ("US", "MA", "gift_cards", 7),
        ("US", "NY", "store_credit", 0),
        ("CH", None, "packages", 5),
        ("GB", None, "gift_cards", 0),
    ],
)
def test_years_that_stored_value_lasts_at_least(
    country: str, code: str | None, role: StoredValue, years: int
) -> None:
    rules = region(country, code)
    assert rules.may_expire(role)
    assert rules.expiry_years(role) == years


def test_states_where_gift_cards_last_for_ever() -> None:
    lasting = [key for key, rules in REGIONS.items() if not rules.may_expire("gift_cards")]
    assert {"US-CA", "US-CT", "US-FL", "US-MN", "US-WA"} <= set(lasting)
    assert not region("US", "FL").may_expire("store_credit")
    assert region("US", "CA").may_expire("store_credit")


@pytest.mark.parametrize(
    ("country", "step", "shown"),
    [
        ("GB", None, "inside"),
        ("FR", None, "inside"),
        ("JP", None, "inside"),
        ("CH", "0.05", "inside"),
        ("US", None, "on top"),
        ("CA", "0.05", "on top"),
        ("AU", None, "on top"),
    ],
)
def test_cash_and_prices(country: str, step: str | None, shown: str) -> None:
    rules = region(country, None)
    assert rules.cash_step == (None if step is None else Decimal(step))
    assert rules.prices_include_tax == (shown == "inside")
