"""What bookkeeping software is to receive, in nobody's own words; documents know their effects.

A document's `effects` are the postings that it will cause over there, in this ledger's accounts:
debit positive, minor units. The planner makes sure that they add up to the entries'. Amounts here
are integers in minor units of `currency`; those of lines are positive when they add to the total.
"""

import hashlib
from collections.abc import Iterator
from datetime import date
from typing import Final, Literal

import msgspec
from msgspec import Struct

from sync.parts import (
    BY_HOLDER,
    Applied,
    BillLine,
    Effect,
    JournalLine,
    Line,
    Place,
    Tax,
    Treatment,
    account_key,
    customer_key,
    doc_number,
    item_key,
    place,
    vendor_key,
)

__all__ = [
    "BY_HOLDER",
    "Account",
    "AnyDocument",
    "Applied",
    "Bill",
    "BillLine",
    "CreditMemo",
    "Customer",
    "Deposit",
    "DepositLine",
    "Document",
    "Effect",
    "Email",
    "Invoice",
    "Item",
    "JournalEntry",
    "JournalLine",
    "Line",
    "Payment",
    "Place",
    "RefundReceipt",
    "Revision",
    "SalesDocument",
    "SalesReceipt",
    "Tax",
    "Treatment",
    "Vendor",
    "VendorCredit",
    "Void",
    "account_key",
    "customer_key",
    "decode",
    "doc_number",
    "encode",
    "fingerprint",
    "item_key",
    "place",
    "vendor_key",
]


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
    """Sold on account, or paid by several tenders. `terms` are words for the customer."""

    receivable: Place
    due: date | None = None
    terms: str = ""

    def effects(self) -> Iterator[Effect]:
        """Yield Dr receivable / Cr lines and taxes."""
        yield from self._sold(1)
        yield Effect(self.receivable, self.total)


class Revision(Invoice, frozen=True, kw_only=True, omit_defaults=True, tag="Revision"):
    """What an invoice (`target`) says from now on, in its own place; `before` is what it said."""

    target: str
    before: Invoice

    def effects(self) -> Iterator[Effect]:
        """Yield the difference to what it said before."""
        yield from super().effects()
        for effect in self.before.effects():
            yield Effect(effect.place, -effect.amount)


class CreditMemo(SalesDocument, frozen=True, kw_only=True, omit_defaults=True, tag="CreditMemo"):
    """Given back to the customer's account; amounts are positive."""

    receivable: Place

    def effects(self) -> Iterator[Effect]:
        """Yield Dr lines and taxes / Cr receivable."""
        yield from self._sold(-1)
        yield Effect(self.receivable, -self.total)


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


class JournalEntry(Document, frozen=True, kw_only=True, omit_defaults=True, tag="JournalEntry"):
    """What no commercial document says. Lines whose place is a tax carry its code over there."""

    lines: tuple[JournalLine, ...]

    def effects(self) -> Iterator[Effect]:
        """Yield the lines."""
        for line in self.lines:
            yield Effect(line.place, line.amount)


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


class VendorCredit(Bill, frozen=True, kw_only=True, omit_defaults=True, tag="VendorCredit"):
    """What a vendor takes off what it is owed; amounts are positive."""

    def effects(self) -> Iterator[Effect]:
        """Yield Dr payable / Cr lines and recoverable taxes."""
        for effect in super().effects():
            yield Effect(effect.place, -effect.amount)


class DepositLine(Struct, frozen=True, omit_defaults=True):
    """What a bank deposit is made of: positive where it adds to it; a fee is negative."""

    place: Place
    amount: int
    description: str = ""


class Deposit(Document, frozen=True, kw_only=True, omit_defaults=True, tag="Deposit"):
    """Money that came to the bank, less what was kept of it."""

    bank: Place
    lines: tuple[DepositLine, ...]

    @property
    def total(self) -> int:
        """Return what came to the bank."""
        return sum(line.amount for line in self.lines)

    def effects(self) -> Iterator[Effect]:
        """Yield Dr bank / Cr lines."""
        yield Effect(self.bank, self.total)
        for line in self.lines:
            yield Effect(line.place, -line.amount)


class Email(Document, frozen=True, kw_only=True, omit_defaults=True, tag="Email"):
    """An invoice (`target`) that QuickBooks is to send to its customer, once."""

    target: str
    customer: str


class Void(Document, frozen=True, kw_only=True, omit_defaults=True, tag="Void"):
    """Take back a document that was sent: it stays over there, with nothing in it."""

    target: str
    target_kind: Literal["Invoice", "Payment", "SalesReceipt"]
    undoes: tuple[Effect, ...] = ()

    def effects(self) -> Iterator[Effect]:
        """Yield the opposite of what it takes back."""
        for effect in self.undoes:
            yield Effect(effect.place, -effect.amount)


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
    | Revision
    | CreditMemo
    | Payment
    | JournalEntry
    | Bill
    | VendorCredit
    | Deposit
    | Email
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
