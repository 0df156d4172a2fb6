"""Reports: header, columns and rows; TrialBalance, and the way to the others."""

import calendar
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sync.quickbooks.emulator import chart, errors, generalledger, statements
from sync.quickbooks.emulator.amounts import Json, money
from sync.quickbooks.emulator.clock import Clock, is_date
from sync.quickbooks.emulator.company import Company

Rows = tuple[list[Json], list[Json]]
"""Columns and rows."""


def report(company: Company, name: str, asked: Mapping[str, str], clock: Clock) -> Json:
    """Return a report; refuse a name that is not served (500) or a bad date (2080)."""
    if name not in _REPORTS:
        raise errors.unsupported(f"Report {name}")
    if asked.get("accounting_method", "Accrual") not in ("Accrual", "Cash"):
        raise errors.bad_enumeration(asked["accounting_method"], "accounting_method")
    period = _period(company, asked, clock)
    columns, rows, empty = _REPORTS[name](company, period, asked)
    header: Json = {
        "Time": clock.stamp(),
        "ReportName": name,
        "ReportBasis": asked.get("accounting_method", "Accrual"),
        "StartPeriod": period.start,
        "EndPeriod": period.end,
        "SummarizeColumnsBy": asked.get("summarize_column_by", "Total"),
        "Currency": company.profile.currency,
        "Option": [{"Name": "NoReportData", "Value": "true" if empty else "false"}],
    }
    if "start_date" not in asked and "end_date" not in asked:
        header["DateMacro"] = asked.get("date_macro", "this month-to-date").lower()
    return {"Header": header, "Columns": {"Column": columns}, "Rows": {"Row": rows} if rows else {}}


def trial_balance(company: Company, period: chart.Period, _asked: Mapping[str, str]) -> Any:
    """Return one row for each account that is not at nothing, and the totals."""
    rows: list[Json] = []
    debited = credited = 0
    for account in chart.accounts(company):
        cents = chart.balance(company, account, period.end)
        if not cents:
            continue
        debited += max(cents, 0)
        credited += max(-cents, 0)
        name = {"value": account.body["FullyQualifiedName"], "id": account.id}
        rows.append({"ColData": [name, _amount(max(cents, 0)), _amount(max(-cents, 0))]})
    columns = [
        statements.column("", "Account", "account"),
        statements.column("Debit", "Money", "debit"),
        statements.column("Credit", "Money", "credit"),
    ]
    empty = not rows
    total = [{"value": "TOTAL"}, _amount(debited), _amount(credited)]
    rows.append({"Summary": {"ColData": total}, "type": "Section", "group": "GrandTotal"})
    return columns, rows, empty


def _amount(cents: int) -> Json:
    return {"value": str(money(cents)) if cents else ""}


def _period(company: Company, asked: Mapping[str, str], clock: Clock) -> chart.Period:
    today = clock.today()
    start, end = _macro(asked.get("date_macro", "this month-to-date"), today, company)
    start, end = asked.get("start_date", start), asked.get("end_date", end)
    for name, day in (("start_date", start), ("end_date", end)):
        if not is_date(day):
            raise errors.bad_number(day, name)
    return chart.Period(start, end, chart.fiscal_year(end, company.profile.fiscal_month))


def _macro(text: str, today: str, company: Company) -> tuple[str, str]:
    word = text.lower()
    day = date.fromisoformat(today)
    last = calendar.monthrange(day.year, day.month)[1]
    spans = {
        "today": (today, today),
        "all": ("1900-01-01", "2999-12-31"),
        "this month": (f"{today[:7]}-01", f"{today[:7]}-{last:02}"),
        "this month-to-date": (f"{today[:7]}-01", today),
        "this calendar year": (f"{today[:4]}-01-01", f"{today[:4]}-12-31"),
        "this calendar year-to-date": (f"{today[:4]}-01-01", today),
        "this fiscal year-to-date": (
            chart.fiscal_year(today, company.profile.fiscal_month),
            today,
        ),
    }
    if word not in spans:
        raise errors.bad_enumeration(text, "date_macro")
    return spans[word]


_REPORTS: dict[str, Callable[[Company, chart.Period, Mapping[str, str]], Any]] = {
    "TrialBalance": trial_balance,
    "GeneralLedger": generalledger.general_ledger,
    "ProfitAndLoss": statements.profit_and_loss,
    "BalanceSheet": statements.balance_sheet,
}
