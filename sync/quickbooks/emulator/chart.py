"""The chart of accounts as reports read it: order, parents, balances over fiscal years."""

from msgspec import Struct

from sync.quickbooks.emulator.catalog import CLASSIFICATION
from sync.quickbooks.emulator.company import Company
from sync.quickbooks.emulator.records import Record

_RANK = {kind: rank for rank, kind in enumerate(CLASSIFICATION)}
_OF_THE_YEAR = frozenset({"Revenue", "Expense"})


class Period(Struct, frozen=True):
    """The days of a report, and the first day of the fiscal year they end in."""

    start: str
    end: str
    year: str


def fiscal_year(day: str, first_month: int) -> str:
    """Return the first day of the fiscal year that holds the day."""
    year, month = int(day[:4]), int(day[5:7])
    return f"{year if month >= first_month else year - 1:04}-{first_month:02}-01"


def accounts(company: Company) -> list[Record]:
    """Return all accounts, inactive ones too, in the order of reports."""
    return sorted(
        company.all("Account"),
        key=lambda each: (_RANK[each.body["AccountType"]], each.body["FullyQualifiedName"]),
    )


def of_the_year(account: Record) -> bool:
    """Tell whether the account starts every fiscal year at nothing."""
    return CLASSIFICATION[account.body["AccountType"]] in _OF_THE_YEAR


def balance(company: Company, account: Record, through: str) -> int:
    """Return cents, debit positive, at the end of the day.

    Income and expense count from the fiscal year's first day; those of earlier years lie in
    Retained Earnings.
    """
    year = fiscal_year(through, company.profile.fiscal_month)
    if of_the_year(account):
        return company.ledger.balance(account.id, through, year)
    own = company.ledger.balance(account.id, through)
    if account.body.get("AccountSubType") == "RetainedEarnings":
        own += earlier_result(company, year)
    return own


def earlier_result(company: Company, year: str) -> int:
    """Return what income and expense of the years before left, debit positive."""
    return sum(
        company.ledger.balance(each.id, _before(year))
        for each in company.all("Account")
        if of_the_year(each)
    )


def _before(day: str) -> str:
    """Return a text that sorts after every day before this one and before it."""
    return day[:-1] + chr(ord(day[-1]) - 1) + "~"
