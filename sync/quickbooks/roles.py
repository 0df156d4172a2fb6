"""Which kinds of QuickBooks account may stand for an account of ours, by its role."""

from typing import Final

from msgspec import Struct

from sync.documents import Account


class Kind(Struct, frozen=True):
    """What is created for a role, and which types will do as well.

    `system` accounts are QuickBooks' own: adopted by subtype, never created.
    """

    type: str
    subtype: str
    also: tuple[str, ...] = ()
    system: bool = False

    @property
    def types(self) -> tuple[str, ...]:
        """Return every type that will do."""
        return (self.type, *self.also)


_ASSET: Final = Kind("Other Current Asset", "OtherCurrentAssets", ("Other Asset",))
_LIABILITY: Final = Kind("Other Current Liability", "OtherCurrentLiabilities")
_INCOME: Final = Kind("Income", "SalesOfProductIncome", ("Other Income",))
_LESS_INCOME: Final = Kind("Income", "DiscountsRefundsGiven")
_OTHER_INCOME: Final = Kind("Income", "OtherPrimaryIncome", ("Other Income",))
_COST: Final = Kind("Cost of Goods Sold", "SuppliesMaterialsCogs", ("Expense",))
_EXPENSE: Final = Kind("Expense", "OtherMiscellaneousServiceCost", ("Other Expense",))
_TAX: Final = Kind("Other Current Liability", "GlobalTaxPayable", system=True)
_TAX_US: Final = Kind("Other Current Liability", "SalesTaxPayable")

KINDS: Final[dict[str, Kind]] = {
    # DepositToAccountRef takes Bank and Other Current Asset only.
    "cash": Kind("Bank", "CashOnHand", ("Other Current Asset",)),
    "clearing": Kind("Other Current Asset", "OtherCurrentAssets", ("Bank",)),
    "bank": Kind("Bank", "Checking"),
    "cash_in_transit": Kind("Other Current Asset", "OtherCurrentAssets", ("Bank",)),
    "receivable": Kind("Accounts Receivable", "AccountsReceivable"),
    "payable": Kind("Accounts Payable", "AccountsPayable"),
    "inventory": Kind("Other Current Asset", "Inventory"),
    "packages": Kind("Other Current Liability", "DeferredRevenue"),
    "sales_tax": _TAX,
    "tax_recoverable": _TAX,
    "opening_balance": Kind("Equity", "OpeningBalanceEquity", system=True),
    "retained_earnings": Kind("Equity", "RetainedEarnings", system=True),
    "sales": _INCOME,
    "sales_returns": _LESS_INCOME,
    "discounts": _LESS_INCOME,
    "shipping_income": _OTHER_INCOME,
    "cost_of_goods": _COST,
    "stock_adjustments": _COST,
    "freight_in": Kind("Cost of Goods Sold", "ShippingFreightDeliveryCos", ("Expense",)),
    "duty": _COST,
    "purchase_discounts": _COST,
    "merchant_fees": Kind("Expense", "BankCharges", ("Other Expense",)),
    "bad_debt": Kind("Expense", "BadDebts", ("Other Expense",)),
}

_BY_TYPE: Final[dict[str, Kind]] = {
    "asset": _ASSET,
    "liability": _LIABILITY,
    "equity": Kind("Equity", "OwnersEquity"),
    "income": _OTHER_INCOME,
    "expense": _EXPENSE,
}

TAX_ROLES: Final = ("sales_tax", "tax_recoverable")

TAX_SUBTYPES: Final = ("GlobalTaxPayable", "SalesTaxPayable")


def kind_of(wanted: Account, tax_model: str) -> Kind:
    """Return what stands for an account: by its role, for a role of the book's own by its type."""
    role = wanted.place.role
    if role in TAX_ROLES and tax_model != "global":
        return _TAX_US if role == "sales_tax" else _ASSET
    return KINDS.get(role) or _BY_TYPE.get(wanted.account_type, _ASSET)
