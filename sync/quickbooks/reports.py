"""Reading QuickBooks' reports: by the type of their columns, never by position; pure."""

from collections.abc import Iterator
from typing import Any

from sync.quickbooks.numbers import minor

Row = dict[str, Any]


def trial_balance_of(report: dict[str, Any], currency: str) -> dict[str, int]:
    """Return each account's balance by its id, minor units, debit positive; zeros are left out."""
    columns = (report.get("Columns") or {}).get("Column") or []
    debit, credit = _column(columns, "debit", 1), _column(columns, "credit", 2)
    balances: dict[str, int] = {}
    for cells in _cells(report.get("Rows") or {}):
        account = str(cells[0].get("id") or "")
        if account:
            said = minor(_text(cells, debit), currency) - minor(_text(cells, credit), currency)
            balances[account] = balances.get(account, 0) + said
    return {account: balance for account, balance in balances.items() if balance}


def _cells(rows: dict[str, Any]) -> Iterator[list[Row]]:
    """Yield the cells of every row of data, however deep; sections' own sums are left out."""
    for row in rows.get("Row") or ():
        if row.get("ColData"):
            yield row["ColData"]
        if row.get("Rows"):
            yield from _cells(row["Rows"])


def _column(columns: list[Row], name: str, otherwise: int) -> int:
    for index, column in enumerate(columns):
        keys = [str(data.get("Value", "")) for data in column.get("MetaData") or ()]
        if any(name in key.lower() for key in [*keys, str(column.get("ColTitle", ""))]):
            return index
    return otherwise


def _text(cells: list[Row], index: int) -> str:
    return str(cells[index].get("value", "")) if index < len(cells) else ""
