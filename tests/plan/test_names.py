"""Items and accounts are named by role and category, and no name means two accounts."""

from datetime import date

import pytest

from sync.documents import Place
from sync.plan.names import Names
from tests.plan.till import Till

SALES = Place("4000", "sales")


def names(locale: str = "en") -> Names:
    till = Till(locale=locale)
    return Names(till.settings, till.book)


@pytest.mark.parametrize(
    ("role", "code", "english", "french"),
    [
        ("sales", "4000", "Hats", "Hats"),
        ("sales_returns", "4010", "Returns - Hats", "Retours - Hats"),
        ("discounts", "4020", "Discounts - Hats", "Remises - Hats"),
        ("shipping_income", "4100", "Shipping", "Livraison"),
        ("gift_cards", "2100", "Gift cards", "Cartes-cadeaux"),
        ("store_credit", "2110", "Store credit", "Crédits en magasin"),
        ("deposits", "2120", "Deposits", "Dépôts"),
        ("tips", "2300", "Tips", "Pourboires"),
        ("cash_rounding", "6110", "Cash rounding", "Arrondi de caisse"),
    ],
)
def test_an_item_is_named_by_role_and_category(
    role: str, code: str, english: str, french: str
) -> None:
    place = Place(code, role)
    assert names().item(place, "Hats") == english
    assert names("fr-CA").item(place, "Hats") == french


@pytest.mark.parametrize(
    "category",
    ["Gift cards", "gift CARDS", "Tips", "Returns - Hats", "Sales - Tips", "Hats [4001]"],
)
def test_no_category_can_pass_for_another_item(category: str) -> None:
    assert names().item(SALES, category) == f"Sales - {category}"


def test_another_account_of_the_role_gets_items_of_its_own() -> None:
    till = Till()
    before = Names(till.settings, till.book).item(SALES, "Hats")
    till.state(
        "account_defined",
        "A-1",
        code="4001",
        role="sales",
        account_type="income",
        name={"en": "Sales, new shop", "fr": "Ventes"},
    )
    after = Names(till.settings, till.book)
    assert (before, after.item(SALES, "Hats")) == ("Hats", "Hats")
    assert after.item(Place("4001", "sales"), "Hats") == "Hats [4001]"


def test_what_quickbooks_forbids_in_a_name_is_not_in_it() -> None:
    assert names().item(SALES, 'Hats: "summer"') == "Hats- -summer-"
    assert len(names().item(Place("4020", "discounts"), "x" * 64)) <= 100


def test_accounts_have_the_books_language_and_their_holder() -> None:
    till = Till(locale="fr")
    account = till.settings.account("cash", date(2026, 3, 14))
    assert account is not None
    assert Names(till.settings, till.book).account(account, "till-3") == "Encaisse - till-3"
    assert names("fr").walk_in == "Client de passage"
    assert names("en").sundry_vendor == "Sundry vendors"
