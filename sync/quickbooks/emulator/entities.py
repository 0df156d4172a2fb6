"""Every entity served: what it needs, how it is finished, what may be done with it."""

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from sync.quickbooks.emulator import bills, catalog, deposits, journal, payments, people, sales
from sync.quickbooks.emulator.drafts import Draft
from sync.quickbooks.emulator.records import Record

Void = Literal["operation", "include"]


class Entity(Struct, frozen=True, kw_only=True):
    """One entity and its hooks, called in this order."""

    name: str
    require: Callable[[Draft], None]
    refer: Callable[[Draft], None]
    finish: Callable[[Draft], Record]
    transaction: bool = False
    void: Void | None = None
    """How it is voided: by `operation=void`, or `operation=update&include=void`; None = never."""
    read_only: frozenset[str] = frozenset()
    """Properties that a request may hold and that are overwritten in silence."""

    @property
    def path(self) -> str:
        """Return the segment of its address."""
        return self.name.lower()


_IDENTITY = frozenset({"Id", "SyncToken", "MetaData", "domain", "sparse", "status"})
_SALES_READ_ONLY = _IDENTITY | {
    "TotalAmt",
    "Balance",
    "HomeTotalAmt",
    "HomeBalance",
    "RemainingCredit",
    "LinkedTxn",
    "CurrencyRef.name",
    "InvoiceLink",
}
_PERSON_READ_ONLY = _IDENTITY | {
    "FullyQualifiedName",
    "Balance",
    "BalanceWithJobs",
    "Level",
    "Source",
}


def _sales(name: str, void: Void | None) -> Entity:
    return Entity(
        name=name,
        require=sales.require,
        refer=sales.refer,
        finish=sales.finish,
        transaction=True,
        void=void,
        read_only=_SALES_READ_ONLY,
    )


def _person(name: str) -> Entity:
    return Entity(
        name=name,
        require=people.require,
        refer=people.refer,
        finish=people.finish,
        read_only=_PERSON_READ_ONLY,
    )


def _bill(name: str) -> Entity:
    return Entity(
        name=name,
        require=bills.require,
        refer=bills.refer,
        finish=bills.finish,
        transaction=True,
        read_only=_SALES_READ_ONLY,
    )


def _named(name: str) -> Entity:
    return Entity(
        name=name,
        require=people.require_name,
        refer=people.refer,
        finish=people.finish_named,
        read_only=_IDENTITY | {"FullyQualifiedName"},
    )


ENTITIES = {
    each.name: each
    for each in (
        _person("Customer"),
        _person("Vendor"),
        Entity(
            name="Item",
            require=catalog.require_item,
            refer=catalog.refer_item,
            finish=catalog.finish_item,
            read_only=_IDENTITY | {"FullyQualifiedName", "Level"},
        ),
        Entity(
            name="Account",
            require=catalog.require_account,
            refer=catalog.refer_account,
            finish=catalog.finish_account,
            read_only=_IDENTITY
            | {
                "FullyQualifiedName",
                "Classification",
                "CurrentBalance",
                "CurrentBalanceWithSubAccounts",
            },
        ),
        _sales("SalesReceipt", "include"),
        _sales("Invoice", "operation"),
        _sales("RefundReceipt", None),
        _sales("CreditMemo", None),
        Entity(
            name="Payment",
            require=payments.require,
            refer=payments.refer,
            finish=payments.finish,
            transaction=True,
            void="include",
            read_only=_IDENTITY | {"UnappliedAmt", "LinkedTxn"},
        ),
        Entity(
            name="JournalEntry",
            require=journal.require,
            refer=journal.refer,
            finish=journal.finish,
            transaction=True,
            read_only=_IDENTITY | {"TotalAmt", "HomeTotalAmt"},
        ),
        _bill("Bill"),
        _bill("VendorCredit"),
        Entity(
            name="Deposit",
            require=deposits.require,
            refer=deposits.refer,
            finish=deposits.finish,
            transaction=True,
            read_only=_IDENTITY | {"TotalAmt", "HomeTotalAmt"},
        ),
        _named("PaymentMethod"),
        _named("Class"),
        _named("Department"),
        _named("Term"),
    )
}
"""The entities that can be written."""

READ_ONLY = ("TaxCode", "TaxRate", "TaxAgency", "CompanyInfo", "Preferences")
"""The entities that are made with the company and only read."""

BY_PATH = {name.lower(): name for name in (*ENTITIES, *READ_ONLY)}
"""Entity by the segment of its address."""

NAMES_OF_TYPES = {
    "SalesReceipt": "Sales Receipt",
    "RefundReceipt": "Refund",
    "CreditMemo": "Credit Memo",
    "JournalEntry": "Journal Entry",
    "VendorCredit": "Vendor Credit",
    "Item": "Inventory Starting Value",
}
"""How reports call the transactions whose names are more than one word."""
