"""What a new company has: chart of accounts, payment methods, terms, items, taxes."""

from sync.quickbooks.emulator.amounts import Json
from sync.quickbooks.emulator.clock import Clock
from sync.quickbooks.emulator.company import Company, Unit
from sync.quickbooks.emulator.entities import ENTITIES
from sync.quickbooks.emulator.operations import save
from sync.quickbooks.emulator.records import Profile, Record
from sync.quickbooks.emulator.taxstarter import AGENCIES, Starter

_ACCOUNTS = (
    ("Checking", "Bank", "Checking"),
    ("Cash on hand", "Bank", "CashOnHand"),
    ("Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable"),
    ("Undeposited Funds", "Other Current Asset", "UndepositedFunds"),
    ("Inventory Asset", "Other Current Asset", "Inventory"),
    ("Uncategorized Asset", "Other Current Asset", "OtherCurrentAssets"),
    ("Accounts Payable (A/P)", "Accounts Payable", "AccountsPayable"),
    ("Opening Balance Equity", "Equity", "OpeningBalanceEquity"),
    ("Retained Earnings", "Equity", "RetainedEarnings"),
    ("Sales", "Income", "SalesOfProductIncome"),
    ("Services", "Income", "ServiceFeeIncome"),
    ("Discounts given", "Income", "DiscountsRefundsGiven"),
    ("Shipping Income", "Income", "OtherPrimaryIncome"),
    ("Cost of Goods Sold", "Cost of Goods Sold", "SuppliesMaterialsCogs"),
    ("Purchases", "Expense", "OtherMiscellaneousServiceCost"),
    ("Bank Charges", "Expense", "BankCharges"),
    ("Uncategorized Expense", "Expense", "OtherMiscellaneousServiceCost"),
)
_METHODS = (
    ("Cash", "NON_CREDIT_CARD"),
    ("Cheque", "NON_CREDIT_CARD"),
    ("Visa", "CREDIT_CARD"),
    ("MasterCard", "CREDIT_CARD"),
)
_TERMS = (("Due on receipt", 0), ("Net 15", 15), ("Net 30", 30))
_ITEMS = (("Services", "Services"), ("Sales", "Sales"))


def found(profile: Profile, clock: Clock) -> tuple[Company, list[Record]]:
    """Return a new company and the records it starts with."""
    company = Company(profile)
    records: list[Record] = []
    accounts = _write_accounts(company, clock, records)
    unit = Unit(company)
    Starter(unit, clock).write(accounts)
    for name, kind in _METHODS:
        _save(unit, "PaymentMethod", {"Name": name, "Type": kind}, clock)
    for name, days in _TERMS:
        _save(unit, "Term", {"Name": name, "DueDays": days}, clock)
    for name, account in _ITEMS:
        item = {
            "Name": name,
            "Type": "Service",
            "IncomeAccountRef": {"value": accounts[account]},
            "ExpenseAccountRef": {"value": accounts["Purchases"]},
        }
        _save(unit, "Item", item, clock)
    _commit(unit, records)
    return company, records


def _write_accounts(company: Company, clock: Clock, records: list[Record]) -> dict[str, str]:
    unit = Unit(company)
    taxes = "SalesTaxPayable" if company.profile.country == "US" else "GlobalTaxPayable"
    payables = [
        (name, "Other Current Liability", taxes)
        for name in AGENCIES[company.profile.country].values()
    ]
    for name, kind, subtype in (*_ACCOUNTS, *payables):
        body = {"Name": name, "AccountType": kind, "AccountSubType": subtype}
        _save(unit, "Account", body, clock)
    _commit(unit, records)
    return {record.body["Name"]: record.id for record in company.all("Account")}


def _save(unit: Unit, entity: str, body: Json, clock: Clock) -> None:
    save(unit, ENTITIES[entity], body, frozenset(), clock)


def _commit(unit: Unit, records: list[Record]) -> None:
    unit.apply()
    records += unit.changes.values()
