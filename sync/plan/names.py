"""What items and accounts are called over there: one item for each role, category and account."""

from typing import Final

from ledger.accounts import Account
from ledger.book import Book
from ledger.settings import Settings
from sync.documents import Place

_WORDS: Final = {
    "en": {
        "sales": "Sales",
        "sales_returns": "Returns",
        "discounts": "Discounts",
        "shipping_income": "Shipping",
        "gift_cards": "Gift cards",
        "store_credit": "Store credit",
        "deposits": "Deposits",
        "packages": "Packages",
        "tips": "Tips",
        "cash_rounding": "Cash rounding",
        "forfeited_deposits": "Forfeited deposits",
        "bad_debt": "Bad debts",
        "bad_debt_recovery": "Bad debts recovered",
    },
    "fr": {
        "sales": "Ventes",
        "sales_returns": "Retours",
        "discounts": "Remises",
        "shipping_income": "Livraison",
        "gift_cards": "Cartes-cadeaux",
        "store_credit": "Crédits en magasin",
        "deposits": "Dépôts",
        "packages": "Forfaits",
        "tips": "Pourboires",
        "cash_rounding": "Arrondi de caisse",
        "forfeited_deposits": "Dépôts conservés",
        "bad_debt": "Créances irrécouvrables",
        "bad_debt_recovery": "Créances recouvrées",
    },
}
_WALK_IN: Final = {"en": "Walk-in customer", "fr": "Client de passage"}
_SUNDRY: Final = {"en": "Sundry vendors", "fr": "Fournisseurs divers"}
_BY_CATEGORY: Final = ("sales", "sales_returns", "discounts")
_LONGEST: Final = 100


class Names:
    """The names that one book's documents use; they follow from its configuration alone."""

    def __init__(self, settings: Settings, book: Book) -> None:
        self._settings = settings
        self._language = "fr" if book.locale.lower().startswith("fr") else "en"
        self._words = _WORDS[self._language]
        self._items: dict[tuple[Place, str], str] = {}

    @property
    def walk_in(self) -> str:
        """Return the name of the customer whom nobody knows."""
        return _WALK_IN[self._language]

    @property
    def sundry_vendor(self) -> str:
        """Return the name of the vendor where a fact names none."""
        return _SUNDRY[self._language]

    def item(self, place: Place, category: str = "") -> str:
        """Return the name of the item whose account is *place*.

        `Hats` sells, `Returns - Hats` comes back, `Discounts - Hats` is given; what has no
        categories goes by its role. An item never changes its account: on another account than
        the role's first, the code is part of the name. No category can pass for another item.
        """
        known = self._items.get((place, category))
        if known is None:
            known = self._items[(place, category)] = self._item(place, category)
        return known

    def _item(self, place: Place, category: str) -> str:
        word = self._words.get(place.role, place.role)
        name = word
        if place.role in _BY_CATEGORY:
            plain = place.role == "sales" and not self._is_taken(category)
            name = category if plain else f"{word} - {category}"
        first = self._settings.codes(place.role)[:1]
        if first != [place.account]:
            name = f"{name} [{place.account}]"
        return _allowed(name)

    def _is_taken(self, category: str) -> bool:
        """Tell whether a category's name would look like that of an item with another meaning."""
        name = _allowed(category).casefold()
        words = map(str.casefold, self._words.values())
        alike = any(name == word or name.startswith(f"{word} - ") for word in words)
        return alike or name.endswith("]")

    def account(self, account: Account, holder: str) -> str:
        """Return the name of an account, with its holder where it stands for one."""
        name = account.name_fr if self._language == "fr" else account.name_en
        return _allowed(f"{name} - {holder}" if holder else name)


def _allowed(name: str) -> str:
    """Return a name without the characters that QuickBooks forbids in one, cut to its length."""
    plain = "".join("-" if char in ':"\t\n' else char for char in name)
    return plain[:_LONGEST].strip() or "-"
