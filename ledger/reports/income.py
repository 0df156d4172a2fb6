"""The income statement: what a period earned and what it cost, by account."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal

from msgspec import Struct

from ledger.accounts import Account
from ledger.reports.balances import Place
from ledger.reports.lines import COST_OF_SALES, AccountLine, account_lines, total, total_before
from ledger.reports.store import Sums
from ledger.settings import Settings

Comparison = Literal["none", "previous", "year"]
"""With nothing, with the period of the same length just before, or with a year earlier."""


class IncomeStatement(Struct, frozen=True):
    """Home minor units: income on the credit side, cost of sales and expenses on the debit side."""

    income: list[AccountLine]
    cost_of_sales: list[AccountLine]
    expenses: list[AccountLine]

    @property
    def gross_profit(self) -> int:
        """Return income less the cost of what was sold."""
        return total(self.income) - total(self.cost_of_sales)

    @property
    def net_income(self) -> int:
        """Return what is left; a loss is negative."""
        return self.gross_profit - total(self.expenses)

    @property
    def gross_profit_before(self) -> int:
        """Return the gross profit of the period compared with."""
        return total_before(self.income) - total_before(self.cost_of_sales)

    @property
    def net_income_before(self) -> int:
        """Return the net income of the period compared with."""
        return self.gross_profit_before - total_before(self.expenses)


def income_statement(
    settings: Settings, sums: Mapping[Place, Sums], before: Mapping[Place, Sums] | None = None
) -> IncomeStatement:
    """Return the statement of what accounts moved in a period, and in the one compared with."""
    return IncomeStatement(
        account_lines(settings, sums, lambda account: account.type == "income", -1, before),
        account_lines(settings, sums, _is_cost_of_sales, 1, before),
        account_lines(settings, sums, _is_expense, 1, before),
    )


def _is_cost_of_sales(account: Account) -> bool:
    return account.type == "expense" and account.role in COST_OF_SALES


def _is_expense(account: Account) -> bool:
    return account.type == "expense" and account.role not in COST_OF_SALES


def compared_with(since: date, through: date, how: Comparison) -> tuple[date, date] | None:
    """Return the period to compare with: whole months stay whole months; None where there is none.

    A year before 29 February is 28 February.
    """
    try:
        if how == "year":
            return _years_back(since), _years_back(through)
        if how == "none":
            return None
        last = since - timedelta(days=1)
        months = _whole_months(since, through)
        if months is None:
            return last - (through - since), last
        first = since.year * 12 + since.month - 1 - months
        return date(first // 12, first % 12 + 1, 1), last
    except (ValueError, OverflowError):
        return None


def _years_back(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def _whole_months(since: date, through: date) -> int | None:
    """Return how many whole months a period is, None when it is not."""
    if since.day != 1 or (through + timedelta(days=1)).day != 1:
        return None
    return (through.year - since.year) * 12 + through.month - since.month + 1
