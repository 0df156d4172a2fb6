"""The account and the item of a rounding line, which no document of the ledger names; pure."""

from collections.abc import Callable
from typing import Final

from ledger.accounts import ROLES
from ledger.book import Book
from ledger.settings import Settings
from sync.documents import Account, Document, Item, Place, account_key, item_key
from sync.plan.names import Names

ROLE: Final = "cash_rounding"

Rounding = tuple[Account, Item]
RoundingOf = Callable[[Document], Rounding]
"""Gives what a document's rounding line is posted with."""


def usual_rounding(document: Document) -> Rounding:
    """Return account and item as the shipped chart names them."""
    kind = ROLES[ROLE]
    return _rounding(document, Place(kind.code, ROLE), kind.name_en, kind.name_en, kind.type)


def rounding_of_book(settings: Settings, book: Book) -> RoundingOf:
    """Return what gives account and item as a book's own documents name them."""
    names = Names(settings, book)

    def of(document: Document) -> Rounding:
        account = settings.account(ROLE, document.day)
        assert account is not None, ROLE
        place = Place(account.code, ROLE)
        name = names.account(account, "")
        return _rounding(document, place, name, names.item(place), account.type)

    return of


def _rounding(document: Document, place: Place, name: str, item: str, kind: str) -> Rounding:
    key, day, money = account_key(place), document.day, document.currency
    return (
        Account(key=key, day=day, currency=money, place=place, name=name, account_type=kind),
        Item(key=item_key(item), day=day, currency=money, needs=(key,), place=place, name=item),
    )
