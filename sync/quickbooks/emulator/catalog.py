"""Item and Account: what is sold, and where it is booked."""

from sync.quickbooks.emulator import errors, stock
from sync.quickbooks.emulator.amounts import ZERO, Json, number
from sync.quickbooks.emulator.drafts import Draft
from sync.quickbooks.emulator.people import claim_name, path_of
from sync.quickbooks.emulator.records import Record
from sync.quickbooks.emulator.schema import schema

CLASSIFICATION = {
    "Bank": "Asset",
    "Accounts Receivable": "Asset",
    "Other Current Asset": "Asset",
    "Fixed Asset": "Asset",
    "Other Asset": "Asset",
    "Accounts Payable": "Liability",
    "Credit Card": "Liability",
    "Other Current Liability": "Liability",
    "Long Term Liability": "Liability",
    "Equity": "Equity",
    "Income": "Revenue",
    "Other Income": "Revenue",
    "Cost of Goods Sold": "Expense",
    "Expense": "Expense",
    "Other Expense": "Expense",
}
"""The class of each account type, in the order of a balance sheet and income statement."""

SUBTYPES = {
    "Bank": ("Checking", "Savings", "CashOnHand", "MoneyMarket", "TrustAccounts"),
    "Accounts Receivable": ("AccountsReceivable",),
    "Other Current Asset": (
        "OtherCurrentAssets",
        "UndepositedFunds",
        "Inventory",
        "PrepaidExpenses",
        "EmployeeCashAdvances",
    ),
    "Fixed Asset": ("OtherFixedAssets", "FurnitureAndFixtures"),
    "Other Asset": ("OtherLongTermAssets",),
    "Accounts Payable": ("AccountsPayable",),
    "Credit Card": ("CreditCard",),
    "Other Current Liability": (
        "OtherCurrentLiabilities",
        "SalesTaxPayable",
        "GlobalTaxPayable",
        "GlobalTaxSuspense",
        "Gratuity",
        "DeferredRevenue",
        "TrustAccountsLiabilities",
    ),
    "Long Term Liability": ("OtherLongTermLiabilities", "NotesPayable"),
    "Equity": ("OwnersEquity", "OpeningBalanceEquity", "RetainedEarnings"),
    "Income": (
        "SalesOfProductIncome",
        "ServiceFeeIncome",
        "DiscountsRefundsGiven",
        "OtherPrimaryIncome",
        "UnappliedCashPaymentIncome",
    ),
    "Other Income": ("OtherMiscellaneousIncome",),
    "Cost of Goods Sold": ("SuppliesMaterialsCogs", "ShippingFreightDeliveryCos"),
    "Expense": (
        "OtherMiscellaneousServiceCost",
        "BankCharges",
        "OfficeGeneralAdministrativeExpenses",
    ),
    "Other Expense": ("OtherMiscellaneousExpense", "ExchangeGainOrLoss"),
}
"""The usual detail types of each account type; the first is its default."""

_SYSTEM = frozenset(
    {
        "UndepositedFunds",
        "RetainedEarnings",
        "AccountsReceivable",
        "AccountsPayable",
        "OpeningBalanceEquity",
        "GlobalTaxPayable",
        "SalesTaxPayable",
    }
)
_WRITABLE_TYPES = frozenset({"Service", "NonInventory", "Inventory", "Category"})
_NEVER_INCOME = frozenset({"Accounts Receivable", "Accounts Payable", "Equity"})


def require_item(draft: Draft) -> None:
    """Refuse (2020) an item without what its type needs."""
    draft.require("Name", "Type")
    kind, body = draft.body["Type"], draft.body
    if kind not in _WRITABLE_TYPES:
        raise errors.bad_enumeration(kind, "Type")
    if kind == "Category":
        return
    if kind == "Inventory":
        draft.require("IncomeAccountRef", "ExpenseAccountRef", "AssetAccountRef", "InvStartDate")
        if draft.old is None and "QtyOnHand" not in body:
            raise errors.required("QtyOnHand")
        if body.get("TrackQtyOnHand") is not True:
            raise errors.required("TrackQtyOnHand")
    elif draft.company.profile.country != "US":
        draft.require("IncomeAccountRef", "ExpenseAccountRef")
    elif kind == "Service" or "ExpenseAccountRef" not in body:
        draft.require("IncomeAccountRef")


def refer_item(draft: Draft) -> None:
    """Refuse (2500) accounts of types that an item cannot have."""
    income, expense = draft.ref("IncomeAccountRef"), draft.ref("ExpenseAccountRef")
    usable = CLASSIFICATION.keys() - _NEVER_INCOME
    inventory = draft.body.get("Type") == "Inventory"
    if income is not None:
        draft.account(income, "IncomeAccountRef", usable)
    if expense is not None:
        kinds = {"Cost of Goods Sold"} if inventory else usable
        draft.account(expense, "ExpenseAccountRef", kinds)
    asset = draft.ref("AssetAccountRef")
    if asset is not None:
        draft.account(asset, "AssetAccountRef", {"Other Current Asset"})
    if draft.ref("ParentRef") is not None:
        draft.found("Item", str(draft.ref("ParentRef")), "ParentRef")


def finish_item(draft: Draft) -> Record:
    """Return the item with its defaults; a new inventory item posts its first quantity."""
    draft.body["FullyQualifiedName"] = path_of(draft, "Name")
    claim_name(draft)
    defaults: Json = {"Active": True}
    if draft.body["Type"] != "Category":
        defaults |= {
            "Taxable": draft.company.profile.country == "US",
            "UnitPrice": ZERO,
            "PurchaseCost": ZERO,
            "TrackQtyOnHand": False,
        }
    body = {**defaults, **draft.body}
    if draft.old is not None:
        if draft.old.body["Type"] == "Inventory" != body["Type"]:
            raise errors.business("You can't change the type of an inventory item.")
        return draft.record(body, draft.old.postings)
    inventory = body["Type"] == "Inventory" and number(body.get("QtyOnHand"))
    return draft.record(body, stock.opening(draft, body) if inventory else ())


def require_account(draft: Draft) -> None:
    """Refuse an account without name (2020) or type (6010)."""
    draft.require("Name")
    if "AccountType" not in draft.body and "AccountSubType" not in draft.body:
        raise errors.simple(6010, "Account Type or Account Sub Type needed")
    subtype = draft.body.get("AccountSubType")
    if subtype is not None and subtype not in schema().enums["AccountSubTypeEnum"]:
        raise errors.bad_enumeration(subtype, "AccountSubType")
    most = 20 if draft.company.profile.country == "CA" else 7
    number_length = len(draft.body.get("AcctNum", ""))
    if number_length > most:
        raise errors.too_long("AcctNum", most, number_length)


def refer_account(draft: Draft) -> None:
    """Refuse (2500) a parent that is no account."""
    if draft.ref("ParentRef") is not None:
        draft.found("Account", str(draft.ref("ParentRef")), "ParentRef")


def finish_account(draft: Draft) -> Record:
    """Return the account with its type, class and defaults."""
    body = draft.body
    if '"' in body["Name"]:
        raise errors.business("The Name may not hold a double quote.")
    kind = body.get("AccountType") or _type_of(body["AccountSubType"])
    subtype = body.get("AccountSubType") or SUBTYPES[kind][0]
    if kind not in CLASSIFICATION:
        raise errors.bad_enumeration(kind, "AccountType")
    if any(subtype in each for other, each in SUBTYPES.items() if other != kind):
        raise errors.business("The detail type does not belong to the account type.")
    if body.get("Active") is False and subtype in _SYSTEM:
        raise errors.business("You can't make a system account inactive.")
    body["FullyQualifiedName"] = path_of(draft, "Name")
    claim_name(draft)
    defaults = {"SubAccount": "ParentRef" in body, "Active": True}
    derived = {
        "Classification": CLASSIFICATION[kind],
        "AccountType": kind,
        "AccountSubType": subtype,
        "CurrencyRef": draft.home_currency(),
    }
    return draft.record({**defaults, **body, **derived})


def _type_of(subtype: str) -> str:
    for kind, subtypes in SUBTYPES.items():
        if subtype in subtypes:
            return kind
    raise errors.simple(6010, "Account Type or Account Sub Type needed")
