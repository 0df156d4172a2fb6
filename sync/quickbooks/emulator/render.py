"""How an object is shown: what is stored, and what the ledger and links say today."""

from typing import Any

from sync.quickbooks.emulator.amounts import ZERO, Json, money, number
from sync.quickbooks.emulator.catalog import CLASSIFICATION
from sync.quickbooks.emulator.company import Company
from sync.quickbooks.emulator.records import Record

_CREDIT_CLASSES = frozenset({"Liability", "Equity", "Revenue"})


def shown(company: Company, record: Record) -> Json:
    """Return the object with its derived balances and links."""
    if record.deleted:
        return {
            "domain": "QBO",
            "status": "Deleted",
            "Id": record.id,
            "MetaData": record.body["MetaData"],
        }
    derive = _DERIVED.get(record.entity)
    return record.body if derive is None else {**record.body, **derive(company, record)}


def natural(account_type: str, cents: int) -> int:
    """Return cents (debit positive) with the sign that the account's kind is read in."""
    return -cents if CLASSIFICATION[account_type] in _CREDIT_CLASSES else cents


def _customer(company: Company, record: Record) -> Json:
    account = company.role("Accounts Receivable")
    balance = money(company.ledger.holder_balance(account, f"Customer:{record.id}"))
    return {"Balance": balance, "BalanceWithJobs": balance}


def _vendor(company: Company, record: Record) -> Json:
    account = company.role("Accounts Payable")
    return {"Balance": money(-company.ledger.holder_balance(account, f"Vendor:{record.id}"))}


def _account(company: Company, record: Record) -> Json:
    kind = record.body["AccountType"]
    if CLASSIFICATION[kind] in ("Revenue", "Expense"):
        balance = ZERO
    else:
        balance = money(natural(kind, company.ledger.balance(record.id)))
    return {"CurrentBalance": balance, "CurrentBalanceWithSubAccounts": balance}


def _settled(company: Company, record: Record) -> Json:
    links = company.links(record.entity, record.id)
    open_amount = number(record.body["TotalAmt"]) - sum(links.values(), ZERO)
    derived: Json = {
        "Balance": open_amount,
        "LinkedTxn": [{"TxnId": payment, "TxnType": "Payment"} for payment in links],
    }
    if record.entity == "CreditMemo":
        derived["RemainingCredit"] = open_amount
    return derived


_DERIVED: dict[str, Any] = {
    "Customer": _customer,
    "Vendor": _vendor,
    "Account": _account,
    "Invoice": _settled,
    "CreditMemo": _settled,
}
