"""What bookkeeping software is to receive, in nobody's own words; documents know their effects.

A document's `effects` are the postings that it will cause over there, in this ledger's accounts:
debit positive, minor units. The planner makes sure that they add up to the entries'. Amounts here
are integers in minor units of `currency`; those of lines are positive when they add to the total.
"""

import base64
import hashlib
from collections.abc import Iterator
from datetime import date
from typing import Final, Literal

import msgspec
from msgspec import Struct

Treatment = Literal["taxable", "zero", "exempt", "out_of_scope"]

NUMBER_LENGTH: Final = 21
"""How many characters a document's number may have."""


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


class Document(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind"):
    """Something to be sent. `key` names it for ever; `number` is what people see on it (<= 21)."""

    key: str
    day: date
    currency: str
    number: str = ""
    memo: str = ""
    needs: tuple[str, ...] = ()

    def effects(self) -> Iterator[Effect]:
        """Yield what the document posts."""
        yield from ()


class SalesDocument(Document, frozen=True, kw_only=True, omit_defaults=True):
    """Lines and taxes for a customer (None: the walk-in customer, where one is needed)."""

    customer: str | None = None
    lines: tuple[Line, ...]
    taxes: tuple[Tax, ...] = ()

    @property
    def total(self) -> int:
        """Return what the document asks for, taxes included."""
        return sum(line.amount for line in self.lines) + sum(tax.amount for tax in self.taxes)

    def _sold(self, sign: int) -> Iterator[Effect]:
        for line in self.lines:
            yield Effect(line.place, -sign * line.amount)
        for tax in self.taxes:
            yield Effect(tax.place, -sign * tax.amount)


class SalesReceipt(
    SalesDocument, frozen=True, kw_only=True, omit_defaults=True, tag="SalesReceipt"
):
    """Sold and paid at once. `deposit_to` may be None only when the total is zero."""

    deposit_to: Place | None = None
    method: str | None = None

    def effects(self) -> Iterator[Effect]:
        """Yield Dr where the money went / Cr lines and taxes."""
        yield from self._sold(1)
        if self.deposit_to is not None:
            yield Effect(self.deposit_to, self.total)


class RefundReceipt(
    SalesDocument, frozen=True, kw_only=True, omit_defaults=True, tag="RefundReceipt"
):
    """Money given back, out of `deposit_to`; amounts are positive."""

    deposit_to: Place
    method: str | None = None

    def effects(self) -> Iterator[Effect]:
        """Yield Dr lines and taxes / Cr where the money came from."""
        yield from self._sold(-1)
        yield Effect(self.deposit_to, -self.total)


class Invoice(SalesDocument, frozen=True, kw_only=True, omit_defaults=True, tag="Invoice"):
    """Sold on account, or paid by several tenders."""

    receivable: Place
    due: date | None = None

    def effects(self) -> Iterator[Effect]:
        """Yield Dr receivable / Cr lines and taxes."""
        yield from self._sold(1)
        yield Effect(self.receivable, self.total)


class CreditMemo(SalesDocument, frozen=True, kw_only=True, omit_defaults=True, tag="CreditMemo"):
    """Given back to the customer's account; amounts are positive."""

    receivable: Place

    def effects(self) -> Iterator[Effect]:
        """Yield Dr lines and taxes / Cr receivable."""
        yield from self._sold(-1)
        yield Effect(self.receivable, -self.total)


class Applied(Struct, frozen=True):
    """What a payment settles: our key of the other document, and how much of it (positive)."""

    key: str
    amount: int
    kind: Literal["Invoice", "CreditMemo", "JournalEntry"] = "Invoice"


class Payment(Document, frozen=True, kw_only=True, omit_defaults=True, tag="Payment"):
    """Money for invoices; a zero payment (no `deposit_to`) links credit memos to invoices."""

    customer: str | None = None
    receivable: Place
    amount: int
    deposit_to: Place | None = None
    method: str | None = None
    applied: tuple[Applied, ...] = ()

    def effects(self) -> Iterator[Effect]:
        """Yield Dr where the money went / Cr receivable."""
        if self.deposit_to is not None:
            yield Effect(self.deposit_to, self.amount)
            yield Effect(self.receivable, -self.amount)


class JournalLine(Struct, frozen=True, omit_defaults=True):
    """One debit (positive) or credit. A/R needs its customer, A/P its vendor."""

    place: Place
    amount: int
    description: str = ""
    customer: str | None = None
    vendor: str | None = None


class JournalEntry(Document, frozen=True, kw_only=True, omit_defaults=True, tag="JournalEntry"):
    """What no commercial document says. Lines whose place is a tax carry its code over there."""

    lines: tuple[JournalLine, ...]

    def effects(self) -> Iterator[Effect]:
        """Yield the lines."""
        for line in self.lines:
            yield Effect(line.place, line.amount)


class BillLine(Struct, frozen=True, omit_defaults=True):
    """One cost on a vendor's bill; a discount is negative."""

    place: Place
    amount: int
    description: str = ""
    taxes: tuple[str, ...] = ()
    treatment: Treatment = "exempt"


class Bill(Document, frozen=True, kw_only=True, omit_defaults=True, tag="Bill"):
    """What a vendor is owed."""

    vendor: str
    payable: Place
    lines: tuple[BillLine, ...]
    taxes: tuple[Tax, ...] = ()
    due: date | None = None

    @property
    def total(self) -> int:
        """Return what is owed, taxes included."""
        return sum(line.amount for line in self.lines) + sum(tax.amount for tax in self.taxes)

    def effects(self) -> Iterator[Effect]:
        """Yield Dr lines and recoverable taxes / Cr payable."""
        for line in self.lines:
            yield Effect(line.place, line.amount)
        for tax in self.taxes:
            yield Effect(tax.place, tax.amount)
        yield Effect(self.payable, -self.total)


class Void(Document, frozen=True, kw_only=True, omit_defaults=True, tag="Void"):
    """Take back a document that was sent: it stays over there, with nothing in it."""

    target: str
    target_kind: Literal["Invoice", "Payment", "SalesReceipt"]


class Customer(Document, frozen=True, kw_only=True, omit_defaults=True, tag="Customer"):
    """A customer over there; `reference` is ours, None for the walk-in customer."""

    reference: str | None = None
    name: str


class Vendor(Document, frozen=True, kw_only=True, omit_defaults=True, tag="Vendor"):
    """A vendor over there."""

    name: str


class Account(Document, frozen=True, kw_only=True, omit_defaults=True, tag="Account"):
    """An account over there for one of our places, where the mapping names none."""

    place: Place
    name: str
    account_type: str


class Item(Document, frozen=True, kw_only=True, omit_defaults=True, tag="Item"):
    """An item over there whose lines post to a place."""

    place: Place
    name: str
    sku: str | None = None


AnyDocument = (
    SalesReceipt
    | RefundReceipt
    | Invoice
    | CreditMemo
    | Payment
    | JournalEntry
    | Bill
    | Void
    | Customer
    | Vendor
    | Account
    | Item
)


_DECODER: Final = msgspec.json.Decoder(AnyDocument)
_ENCODER: Final = msgspec.json.Encoder()


def encode(document: AnyDocument) -> bytes:
    """Return the bytes of a document that are kept and fingerprinted; defaults are left out."""
    return _ENCODER.encode(document)


def decode(body: bytes) -> AnyDocument:
    """Return the document that `encode` wrote; msgspec's ValidationError when it is none."""
    document: AnyDocument = _DECODER.decode(body)
    return document


def fingerprint(document: AnyDocument) -> str:
    """Return 16 hexadecimal digits that change with anything in the document."""
    return hashlib.sha256(encode(document)).hexdigest()[:16]


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
