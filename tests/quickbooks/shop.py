"""A shop in three countries: its tax codes there and here, and a document of every kind."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from msgspec import Struct

from ledger.accounts import ROLES
from ledger.regions import TaxCode, region
from sync.documents import (
    AnyDocument,
    Applied,
    Bill,
    BillLine,
    CreditMemo,
    Invoice,
    Item,
    JournalEntry,
    JournalLine,
    Line,
    Payment,
    Place,
    RefundReceipt,
    SalesReceipt,
    Tax,
    account_key,
    customer_key,
    item_key,
    vendor_key,
)
from sync.protocol import Sent
from sync.quickbooks.company import Company
from sync.quickbooks.mapping import QuickBooksMapping
from sync.quickbooks.payloads import Transaction
from sync.quickbooks.taxes import Code, Rate, Taxes
from sync.quickbooks.terms import Terms

DAY: Final = date(2026, 3, 14)


def place(role: str, holder: str = "") -> Place:
    return Place(ROLES[role].code, role, holder)


class Shop(Struct, frozen=True):
    """A country's company, and what its till charges on the hat (36.00) and the book (10.00)."""

    country: str
    currency: str
    ours: tuple[TaxCode, ...]
    company: Company
    hat_codes: tuple[str, ...]
    book_codes: tuple[str, ...]
    taxes: Mapping[str, tuple[int, int]]

    def our_tax(self, code: str, day: date) -> TaxCode | None:
        """Return a tax code of the book; rates here are the same on every day."""
        return next((tax for tax in self.ours if tax.code == code), None)

    def terms(self) -> Terms:
        """Return what payloads are made with, nothing mapped by hand."""
        return Terms(self.company, QuickBooksMapping(), self.our_tax)

    def charged(self) -> tuple[Tax, ...]:
        """Return the taxes of hat and book as a document states them."""
        return tuple(
            Tax(place("sales_tax", code), code, amount, base)
            for code, (amount, base) in self.taxes.items()
        )

    @property
    def tax(self) -> int:
        """Return the taxes of hat and book together."""
        return sum(amount for amount, _ in self.taxes.values())


QUEBEC: Final = Shop(
    country="CA",
    currency="CAD",
    ours=region("CA", "QC").taxes,
    company=Company(
        country="CA",
        tax_model="global",
        currency="CAD",
        taxes=Taxes(
            {
                "3": Code("3", "Hors champ"),
                "4": Code("4", "Exonéré", ("1",), ("2",)),
                "5": Code("5", "Détaxé", ("3",), ("4",)),
                "6": Code("6", "TPS", ("7",), ("8",)),
                "9": Code("9", "TPS/TVQ QC - 9,975", ("7", "21"), ("8", "22")),
                "10": Code("10", "TVQ QC - 9,975", ("21",), ("22",)),
                "11": Code("11", "TVH ON", ("30",), ("31",)),
            },
            {
                "1": Rate("1", Decimal(0)),
                "2": Rate("2", Decimal(0)),
                "3": Rate("3", Decimal(0)),
                "4": Rate("4", Decimal(0)),
                "7": Rate("7", Decimal(5), "Receveur général"),
                "8": Rate("8", Decimal(5), "Receveur général"),
                "21": Rate("21", Decimal("9.975"), "Revenu Québec"),
                "22": Rate("22", Decimal("9.975"), "Revenu Québec"),
                "30": Rate("30", Decimal(13), "Receveur général"),
                "31": Rate("31", Decimal(13), "Receveur général"),
            },
        ),
    ),
    hat_codes=("GST", "QST"),
    book_codes=("GST",),
    taxes={"GST": (230, 4600), "QST": (359, 3600)},
)

BRITAIN: Final = Shop(
    country="GB",
    currency="GBP",
    ours=tuple(tax for tax in region("GB", None).taxes if tax.code == "VAT"),
    company=Company(
        country="GB",
        tax_model="global",
        currency="GBP",
        taxes=Taxes(
            {
                "2": Code("2", "20.0% S", ("3",), ("4",)),
                "3": Code("3", "20.0% RC SG", ("5",), ("5",)),
                "4": Code("4", "0.0% Z", ("6",), ("7",)),
                "5": Code("5", "Exempt", ("8",), ("9",)),
                "6": Code("6", "No VAT"),
            },
            {
                "3": Rate("3", Decimal(20), "HMRC"),
                "4": Rate("4", Decimal(20), "HMRC"),
                "5": Rate("5", Decimal(20), "HMRC", special=True),
                "6": Rate("6", Decimal(0), "HMRC"),
                "7": Rate("7", Decimal(0), "HMRC"),
                "8": Rate("8", Decimal(0), "HMRC"),
                "9": Rate("9", Decimal(0), "HMRC"),
            },
        ),
    ),
    hat_codes=("VAT",),
    book_codes=(),
    taxes={"VAT": (720, 3600)},
)

AMERICA: Final = Shop(
    country="US",
    currency="USD",
    ours=region("US", None).taxes,
    company=Company(country="US", tax_model="us", currency="USD"),
    hat_codes=("SALES",),
    book_codes=(),
    taxes={"SALES": (320, 3600)},
)

SHOPS: Final = {"CA-QC": QUEBEC, "GB": BRITAIN, "US": AMERICA}


def _lines(shop: Shop) -> tuple[Line, ...]:
    """Hat 40.00 less 4.00, a book 10.00, a gift card sold 50.00, another drawn by 36.40, a tip."""
    hat, book = shop.hat_codes, shop.book_codes
    cards = place("gift_cards")
    return (
        Line(place("sales"), "Hats", 4000, "Felt hat", hat, "taxable", "HAT"),
        Line(place("discounts"), "Discounts - Hats", -400, "", hat, "taxable"),
        Line(place("sales"), "Books", 1000, "", book, "taxable" if book else "zero"),
        Line(cards, "Gift cards", 5000, "GC-88"),
        Line(cards, "Gift cards", -3640, "GC-12"),
        Line(place("tips"), "Tips", 500),
    )


def documents(shop: Shop) -> dict[str, Transaction]:
    """Return a document of every kind, by a name that says what it is."""
    money, lines, taxes = shop.currency, _lines(shop), shop.charged()
    goods = (lines[0], lines[1], lines[2])
    total = sum(line.amount for line in lines) + shop.tax
    returned = sum(line.amount for line in goods) + shop.tax
    common: dict[str, Any] = {"day": DAY, "currency": money}
    receivable, card, till = (
        place("receivable"),
        place("clearing", "visa"),
        place("cash", "till-3"),
    )
    deposits = Line(place("deposits"), "Deposits", -returned, "D-7")
    recoverable = tuple(
        Tax(place("tax_recoverable", tax.code), tax.code, tax.amount, tax.base) for tax in taxes
    )
    return {
        "sales_receipt": SalesReceipt(
            key="sale:S-1",
            number="S-1",
            memo="Two hats",
            lines=lines,
            taxes=taxes,
            deposit_to=card,
            method="card",
            **common,
        ),
        "zero_receipt": SalesReceipt(
            key="forfeit:F-1", number="F-1", lines=(*goods, deposits), taxes=taxes, **common
        ),
        "untaxed_receipt": SalesReceipt(
            key="sale:S-9", number="S-9", deposit_to=till, lines=lines[3:], **common
        ),
        "refund_receipt": RefundReceipt(
            key="refund:R-1", number="R-1", lines=goods, taxes=taxes, deposit_to=till, **common
        ),
        "invoice": Invoice(
            key="sale:S-2",
            number="S-2",
            customer="cust-7",
            lines=lines,
            taxes=taxes,
            receivable=receivable,
            due=date(2026, 4, 13),
            **common,
        ),
        "credit_memo": CreditMemo(
            key="refund:R-2",
            number="R-2",
            customer="cust-7",
            lines=goods,
            taxes=taxes,
            receivable=receivable,
            **common,
        ),
        "payment": Payment(
            key="payment:S-2:1",
            number="S-2",
            customer="cust-7",
            receivable=receivable,
            amount=total - returned,
            deposit_to=card,
            method="card",
            applied=(Applied("sale:S-2", total - returned),),
            **common,
        ),
        "zero_payment": Payment(
            key="link:R-2",
            customer="cust-7",
            receivable=receivable,
            amount=0,
            applied=(
                Applied("sale:S-2", returned),
                Applied("refund:R-2", returned, "CreditMemo"),
            ),
            **common,
        ),
        "bill": Bill(
            key="bill:B-1",
            number="B-1",
            vendor="Chapeaux SA",
            payable=place("payable"),
            lines=(
                BillLine(place("inventory"), 4000, "HAT", shop.hat_codes, "taxable"),
                BillLine(
                    place("freight_in"),
                    1000,
                    "",
                    shop.book_codes,
                    "taxable" if shop.book_codes else "exempt",
                ),
                BillLine(place("purchase_discounts"), -400, "", shop.hat_codes, "taxable"),
            ),
            taxes=recoverable,
            due=date(2026, 4, 13),
            **common,
        ),
        "journal": JournalEntry(
            key="rest:S-1",
            number="S-1",
            lines=(
                JournalLine(place("cost_of_goods"), 1825, "Hats"),
                JournalLine(place("inventory"), -1825, "HAT"),
            ),
            **common,
        ),
        "journal_on_accounts": JournalEntry(
            key="journal:J-1",
            number="J-1",
            lines=(
                JournalLine(receivable, 5000, "", "cust-7"),
                JournalLine(place("payable"), -5000, "", None, "Chapeaux SA"),
            ),
            **common,
        ),
        "journal_goods_received": JournalEntry(
            key="received:G-1",
            number="G-1",
            lines=(
                JournalLine(place("inventory"), 3600, "HAT"),
                *(JournalLine(tax.place, tax.amount) for tax in recoverable),
                JournalLine(place("goods_received_not_billed"), -3600 - shop.tax, "G-1"),
            ),
            **common,
        ),
        "journal_tax_given_back": JournalEntry(
            key="journal:J-2",
            number="J-2",
            lines=(
                JournalLine(place("sales_returns"), 3600),
                *(JournalLine(tax.place, tax.amount) for tax in taxes),
                JournalLine(till, -3600 - shop.tax),
            ),
            **common,
        ),
        "journal_tax_paid": JournalEntry(
            key="journal:J-3",
            number="J-3",
            lines=(
                *(JournalLine(tax.place, tax.amount) for tax in taxes),
                JournalLine(place("bank", "main"), -shop.tax),
            ),
            **common,
        ),
    }


def needs(document: AnyDocument) -> dict[str, object]:
    """Return the key of everything that a document refers to, with what it names."""
    keys: dict[str, object] = {
        account_key(effect.place): effect.place for effect in document.effects()
    }
    for line in getattr(document, "lines", ()):
        if isinstance(line, Line):
            keys[item_key(line.item)] = line
        if isinstance(line, JournalLine) and line.vendor:
            keys[vendor_key(line.vendor)] = line.vendor
        if isinstance(line, JournalLine) and line.customer:
            keys[customer_key(line.customer)] = line.customer
    if isinstance(document, Item):
        keys[account_key(document.place)] = document.place
    if isinstance(document, Bill):
        keys[vendor_key(document.vendor)] = document.vendor
    if isinstance(document, Payment):
        keys[account_key(document.receivable)] = document.receivable
        keys |= {part.key: part for part in document.applied}
    if isinstance(document, Invoice | CreditMemo | Payment):
        keys[customer_key(document.customer)] = document.customer
    return keys


def named(document: AnyDocument) -> dict[str, Sent]:
    """Return links in which what stands there has our key for an id, so that payloads read well."""
    return {key: Sent(key) for key in needs(document)}
