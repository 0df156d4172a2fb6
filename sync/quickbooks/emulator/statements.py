"""ProfitAndLoss and BalanceSheet: sections of accounts, each with its total."""

from collections.abc import Mapping
from typing import Any

from sync.quickbooks.emulator import chart
from sync.quickbooks.emulator.amounts import Json, money
from sync.quickbooks.emulator.company import Company
from sync.quickbooks.emulator.records import Record
from sync.quickbooks.emulator.render import natural


def column(title: str, kind: str, key: str) -> Json:
    """Return a column with its key."""
    return {
        "ColTitle": title,
        "ColType": kind,
        "MetaData": [{"Name": "ColKey", "Value": key}],
    }


_COLUMNS = [column("", "Account", "account"), column("TOTAL", "Money", "total")]


def profit_and_loss(company: Company, period: chart.Period, _asked: Mapping[str, str]) -> Any:
    """Return income and expense of the period."""
    sums: dict[str, int] = {}
    sections: dict[str, Json] = {}
    for group, title, kind in (
        ("Income", "Income", "Income"),
        ("COGS", "Cost of Goods Sold", "Cost of Goods Sold"),
        ("Expenses", "Expenses", "Expense"),
        ("OtherIncome", "Other Income", "Other Income"),
        ("OtherExpenses", "Other Expenses", "Other Expense"),
    ):
        found = [
            (account, natural(kind, company.ledger.balance(account.id, period.end, period.start)))
            for account in chart.accounts(company)
            if account.body["AccountType"] == kind
        ]
        sums[group] = sum(cents for _, cents in found)
        sections[group] = _section(title, group, found)
    gross = sums["Income"] - sums["COGS"]
    operating = gross - sums["Expenses"]
    other = sums["OtherIncome"] - sums["OtherExpenses"]
    rows = [
        sections["Income"],
        *([sections["COGS"]] if "Rows" in sections["COGS"] else []),
        _total("Gross Profit", "GrossProfit", gross),
        sections["Expenses"],
        _total("Net Operating Income", "NetOperatingIncome", operating),
    ]
    outside = [sections[each] for each in ("OtherIncome", "OtherExpenses")]
    if any("Rows" in each for each in outside):
        rows += [*outside, _total("Net Other Income", "NetOtherIncome", other)]
    rows.append(_total("Net Income", "NetIncome", operating + other))
    return _COLUMNS, rows, not any("Rows" in each for each in sections.values())


def balance_sheet(company: Company, period: chart.Period, _asked: Mapping[str, str]) -> Any:
    """Return assets against liabilities and equity at the end of the period."""
    assets = [
        _group(company, period, title, group, kinds)
        for title, group, kinds in (
            ("Bank Accounts", "BankAccounts", ("Bank",)),
            ("Accounts Receivable", "AR", ("Accounts Receivable",)),
            ("Other Current Assets", "OtherCurrentAssets", ("Other Current Asset",)),
            ("Fixed Assets", "FixedAssets", ("Fixed Asset",)),
            ("Other Assets", "OtherAssets", ("Other Asset",)),
        )
    ]
    liabilities = [
        _group(company, period, title, group, kinds)
        for title, group, kinds in (
            ("Accounts Payable", "AP", ("Accounts Payable",)),
            ("Credit Cards", "CreditCards", ("Credit Card",)),
            ("Other Current Liabilities", "OtherCurrentLiabilities", ("Other Current Liability",)),
            ("Long-Term Liabilities", "LongTermLiabilities", ("Long Term Liability",)),
        )
    ]
    equity = _equity(company, period)
    owed = _nest("Liabilities", "Liabilities", liabilities)
    rows = [
        _nest("ASSETS", "TotalAssets", assets),
        _nest("LIABILITIES AND EQUITY", "TotalLiabilitiesAndEquity", [owed, equity]),
    ]
    parts = [section for section, _ in rows]
    return _COLUMNS, parts, not any(cents for _, cents in rows)


def _equity(company: Company, period: chart.Period) -> tuple[Json, int]:
    found = [
        (account, -chart.balance(company, account, period.end))
        for account in chart.accounts(company)
        if account.body["AccountType"] == "Equity"
    ]
    result = -sum(
        chart.balance(company, account, period.end)
        for account in chart.accounts(company)
        if chart.of_the_year(account)
    )
    section = _section("Equity", "Equity", found)
    if result:
        row = {
            "ColData": [{"value": "Net Income"}, _cell(result)],
            "type": "Data",
            "group": "NetIncome",
        }
        section.setdefault("Rows", {"Row": []})["Row"].append(row)
    total = sum(cents for _, cents in found) + result
    section["Summary"]["ColData"][1] = _cell(total)
    return section, total


def _group(
    company: Company, period: chart.Period, title: str, group: str, kinds: tuple[str, ...]
) -> tuple[Json, int]:
    found = [
        (account, natural(kinds[0], chart.balance(company, account, period.end)))
        for account in chart.accounts(company)
        if account.body["AccountType"] in kinds
    ]
    return _section(title, group, found), sum(cents for _, cents in found)


def _nest(title: str, group: str, parts: list[tuple[Json, int]]) -> tuple[Json, int]:
    total = sum(cents for _, cents in parts)
    section = {
        "Header": {"ColData": [{"value": title}, {"value": ""}]},
        "Rows": {"Row": [section for section, _ in parts if "Rows" in section]},
        "Summary": {"ColData": [{"value": f"Total {title}"}, _cell(total)]},
        "type": "Section",
        "group": group,
    }
    return section, total


def _section(title: str, group: str, found: list[tuple[Record, int]]) -> Json:
    """Return a section of accounts; without Rows when none holds anything."""
    rows = [
        {
            "ColData": [
                {"value": account.body["FullyQualifiedName"], "id": account.id},
                _cell(cents),
            ],
            "type": "Data",
        }
        for account, cents in found
        if cents
    ]
    section: Json = {"Header": {"ColData": [{"value": title}, {"value": ""}]}}
    if rows:
        section["Rows"] = {"Row": rows}
    total = _cell(sum(cents for _, cents in found))
    section["Summary"] = {"ColData": [{"value": f"Total {title}"}, total]}
    return {**section, "type": "Section", "group": group}


def _total(title: str, group: str, cents: int) -> Json:
    return {
        "Summary": {"ColData": [{"value": title}, _cell(cents)]},
        "type": "Section",
        "group": group,
    }


def _cell(cents: int) -> Json:
    return {"value": str(money(cents)) if cents else ""}
