"""Configuration as facts: each holds from a day on, and nothing before it changes."""

from datetime import date, timedelta

import pytest

from ledger.book import Book
from ledger.events import Event
from ledger.policies import POLICIES
from ledger.postings import Caveat
from ledger.settings import Settings
from tests.builders import a_sale, account, cash, goods, item, method, policy, tax, tender
from tests.ledger.memory import MONTREAL, Memory
from tests.ledger.refusals import conflict, faults
from tests.notation import booked

MARCH = date(2026, 3, 14)
APRIL = date(2026, 4, 1)


def _sold(ledger: Memory, id_: str, on: str, given: str = "card", **line: str) -> list[str]:
    paid = [tender("card", "1.00", method=given)]
    return booked(ledger.record(a_sale(id_, [goods("1.00", None) | line], paid, on=on)))


def test_a_method_holds_from_its_day(ledger: Memory) -> None:
    ledger.record(method("visa", from_="2026-04-01"))
    assert "Dr suspense method:visa 1.00" in _sold(ledger, "S-1", "2026-03-31", "visa")
    assert "Dr clearing visa 1.00" in _sold(ledger, "S-2", "2026-04-01", "visa")


def test_the_default_is_the_events_own_day(ledger: Memory) -> None:
    ledger.record(method("visa", on="2026-04-01"))
    assert "Dr suspense method:visa 1.00" in _sold(ledger, "S-1", "2026-03-31", "visa")


def test_of_two_from_one_day_the_later_recorded_wins(ledger: Memory) -> None:
    ledger.record(method("tin", "card"))
    ledger.record(method("tin", "cash", id_="again"))
    assert "Dr cash unassigned 1.00" in _sold(ledger, "S-1", "2026-03-14", "tin")


def test_a_role_posts_to_its_new_account_from_its_day(ledger: Memory) -> None:
    """Balances are of the role, whichever account holds them."""
    ledger.record(account("4001", "sales", "income", from_="2026-04-01"))
    entries = [
        ledger.record(a_sale(f"S-{n}", [goods("1.00")], [cash("1.00")], on=on))
        for n, on in enumerate(("2026-03-31", "2026-04-01"))
    ]
    codes = [p.account for entry in entries for p in entry.postings if p.role == "sales"]
    assert codes == ["4000", "4001"]
    assert ledger.balance("sales", "Hats") == -200
    assert ledger.settings.codes("sales") == ["4000", "4001"]
    assert ledger.settings.account("sales", APRIL) == ledger.settings.account("4001", APRIL)


def test_a_role_posts_to_its_new_account_as_soon_as_it_is_told(ledger: Memory) -> None:
    """Also on days that were posted to before, however many."""
    days = [f"2026-{month:02d}-{day:02d}" for month in (3, 4) for day in range(1, 21)]

    def codes(name: str) -> set[str]:
        sales = [a_sale(f"{name}-{on}", [goods("1.00")], [cash("1.00")], on=on) for on in days]
        postings = [posting for sale in sales for posting in ledger.record(sale).postings]
        return {posting.account for posting in postings if posting.role == "sales"}

    assert codes("S") == {"4000"}
    ledger.record(account("4001", "sales", "income", from_="2026-01-01"))
    assert codes("T") == {"4001"}


def test_an_account_takes_over_the_rules_of_its_role(ledger: Memory) -> None:
    ledger.record(account("2109", "gift_cards", "liability"))
    defined = ledger.settings.account("gift_cards", MARCH)
    assert defined is not None
    assert (defined.code, defined.guarded, defined.control) == ("2109", True, True)
    assert (defined.name_en, defined.name_fr) == ("Account 2109", "Compte 2109")


def test_a_code_keeps_its_meaning(ledger: Memory) -> None:
    assert conflict(ledger, account("4000", "tips", "liability")) == {
        "code": "code-taken",
        "pointer": "/code",
        "account": "4000",
        "role": "sales",
        "type": "income",
    }
    ledger.record(account("9000", "odds", "expense"))
    assert conflict(ledger, account("9000", "odds", "income", id_="x"))["code"] == "code-taken"
    ledger.record(account("9000", "odds", "expense", id_="renamed"))


def test_a_role_keeps_its_type(ledger: Memory) -> None:
    assert faults(ledger, account("9000", "sales", "expense")) == {"/account_type": "role-type"}


def test_an_item_brings_its_category_from_its_day(ledger: Memory) -> None:
    ledger.record(item("HAT", "Hats", from_="2026-04-01"))
    assert "Cr sales goods 1.00" in _sold(ledger, "S-1", "2026-03-31", item="HAT")
    assert "Cr sales Hats 1.00" in _sold(ledger, "S-2", "2026-04-01", item="HAT")
    assert "Cr sales Sale 1.00" in _sold(ledger, "S-3", "2026-04-01", item="HAT", category="Sale")


def test_an_items_unknown_tax_is_an_exception(ledger: Memory) -> None:
    entry = ledger.record(item("HAT", taxes=["GST", "LUX"]))
    assert entry.caveats == (Caveat("unknown-tax", "LUX"),)


def test_tax_rates_by_day(ledger: Memory) -> None:
    ledger.record(tax("QST", "10", from_="2026-04-01"))
    rates = [str(ledger.settings.tax_rate("QST", day)) for day in (MARCH, APRIL)]
    assert rates == ["9.975", "10"]
    assert ledger.settings.tax_rate("LUX", MARCH) == 0


@pytest.mark.parametrize(
    ("country", "region", "codes"),
    [
        ("CA", "QC", ["GST", "QST"]),
        ("CA", "ON", ["HST"]),
        ("CA", "NS", ["HST"]),
        ("CA", "BC", ["GST", "PST"]),
        ("CA", "AB", ["GST", "PST"]),
        ("GB", None, ["VAT", "VAT-REDUCED"]),
        ("CH", None, ["VAT", "VAT-REDUCED", "VAT-LODGING"]),
        ("FR", None, ["TVA", "TVA-INTERMEDIATE", "TVA-REDUCED", "TVA-SPECIAL"]),
        ("JP", None, ["CT", "CT-REDUCED"]),
        ("US", "NY", ["SALES"]),
        ("AU", None, []),
    ],
)
def test_a_new_book_knows_its_regions_taxes(
    country: str, region: str | None, codes: list[str]
) -> None:
    book = Book(9, "B", country, region, "CAD", "UTC")
    assert Settings(book).taxes.keys() == codes


@pytest.mark.parametrize(
    ("name", "value", "meaning"),
    [
        ("posting", "per_day", "per_day"),
        ("posting", "per_closure", "per_closure"),
        ("blind_refunds", "accept", "accept"),
        ("landed_cost", "expense", "expense"),
        ("free_sales", "none", "none"),
        ("known_customers", "summarised", "summarised"),
        ("paid_sales", "invoice", "invoice"),
        ("customers_only", "yes", "yes"),
        ("day_grace", "90m", timedelta(minutes=90)),
        ("day_grace", "0h", timedelta(0)),
        ("day_grace", "1d", timedelta(days=1)),
        ("history_from", "2026-01-01", date(2026, 1, 1)),
    ],
)
def test_policies_have_values_that_mean_something(
    ledger: Memory, name: str, value: str, meaning: object
) -> None:
    assert ledger.settings.policy(name, MARCH) == POLICIES[name].default
    ledger.record(policy(name, value))
    assert ledger.settings.policy(name, MARCH) == meaning


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (policy("postings", "per_day"), {"/policy": "not-one-of"}),
        (policy("posting", "weekly"), {"/value": "not-one-of"}),
        (policy("day_grace", "2"), {"/value": "not-a-duration"}),
        (policy("day_grace", "-2h"), {"/value": "not-a-duration"}),
        (policy("day_grace", "2h "), {"/value": "not-a-duration"}),
        (policy("history_from", "20260101"), {"/value": "not-a-date"}),
        (policy("history_from", "2026-02-30"), {"/value": "not-a-date"}),
    ],
)
def test_policies_that_there_are_not(ledger: Memory, event: Event, expected: object) -> None:
    assert faults(ledger, event) == expected


def test_a_policy_of_a_channel_goes_before_the_policy_of_all(ledger: Memory) -> None:
    ledger.record(policy("posting", "per_day"))
    ledger.record(policy("posting", "per_closure", id_="web", channel="web", from_="2026-04-01"))
    settings = ledger.settings
    assert settings.policy("posting", MARCH, "web") == "per_day"
    assert settings.policy("posting", APRIL, "web") == "per_closure"
    assert settings.policy("posting", APRIL, "shop") == "per_day"
    assert settings.policy("posting", date(2026, 1, 1), "web") == "per_transaction"


def test_configuration_has_no_entry(ledger: Memory) -> None:
    assert booked(ledger.record(item())) == []


def test_two_books_share_nothing() -> None:
    one, other = Memory(MONTREAL), Memory(MONTREAL)
    one.record(item("HAT", "Hats"))
    assert "Hats" in one.settings.categories
    assert "Hats" not in other.settings.categories
