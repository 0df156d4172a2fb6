"""What documents are made of: places, lines, taxes, and what payments settle.

Amounts are integers in minor units; those of lines are positive when they add to the total.
"""

import base64
import hashlib
from typing import Final, Literal

from msgspec import Struct

NUMBER_LENGTH: Final = 21
"""How many characters a document's number may have."""

Treatment = Literal["taxable", "zero", "exempt", "out_of_scope"]


class Place(Struct, frozen=True, order=True, omit_defaults=True):
    """An account of the ledger, and the holder where holders are mapped apart.

    Holders are mapped apart (and kept in places) for the roles in `BY_HOLDER`; elsewhere empty.
    """

    account: str
    role: str
    holder: str = ""


BY_HOLDER = ("cash", "clearing", "bank", "sales_tax", "tax_recoverable")
"""Roles whose holders may stand for different accounts over there."""


def place(account: str, role: str, holder: str) -> Place:
    """Return where a posting goes, as the mapping sees it."""
    return Place(account, role, holder if role in BY_HOLDER else "")


class Tax(Struct, frozen=True, omit_defaults=True):
    """What a document charges of one tax code: `amount` on `base`, its taxed lines' nets.

    `base` is 0 where `amount` is. Each code that a line bears stands among the document's taxes.
    """

    place: Place
    code: str
    amount: int
    base: int = 0


class Line(Struct, frozen=True, omit_defaults=True):
    """One line of a sales document: an item (by name) whose account is `place`.

    `taxes` is the set of codes that the line bears; their amounts are the document's.
    """

    place: Place
    item: str
    amount: int
    description: str = ""
    taxes: tuple[str, ...] = ()
    treatment: Treatment = "out_of_scope"
    sku: str | None = None


class Effect(Struct, frozen=True):
    """What a document posts to a place, debit positive."""

    place: Place
    amount: int


class Applied(Struct, frozen=True):
    """What a payment settles: our key of the other document, and how much of it (positive)."""

    key: str
    amount: int
    kind: Literal["Invoice", "CreditMemo", "JournalEntry"] = "Invoice"


class JournalLine(Struct, frozen=True, omit_defaults=True):
    """One debit (positive) or credit. A/R needs its customer, A/P its vendor."""

    place: Place
    amount: int
    description: str = ""
    customer: str | None = None
    vendor: str | None = None


class BillLine(Struct, frozen=True, omit_defaults=True):
    """One cost on a vendor's bill; a discount is negative."""

    place: Place
    amount: int
    description: str = ""
    taxes: tuple[str, ...] = ()
    treatment: Treatment = "exempt"


def account_key(place: Place) -> str:
    """Return the key of the document that opens an account for a place."""
    return f"account:{place.account}:{place.holder}" if place.holder else f"account:{place.account}"


def item_key(name: str) -> str:
    """Return the key of the document that makes an item."""
    return f"item:{name}"


def customer_key(reference: str | None) -> str:
    """Return the key of the document that makes a customer; None is the walk-in customer."""
    return f"customer:{reference or ''}"


def vendor_key(name: str) -> str:
    """Return the key of the document that makes a vendor."""
    return f"vendor:{name}"


def doc_number(reference: str) -> str:
    """Return what people see on a document: the reference itself, or a short form (21 at most).

    A long one keeps its first 8 characters, a dash and 12 base32 characters of its hash.
    """
    if len(reference) <= NUMBER_LENGTH:
        return reference
    digest = base64.b32encode(hashlib.sha256(reference.encode()).digest()).decode()
    return f"{reference[:8]}-{digest[:12]}"
