"""The GeneralLedger report: a section for each account, a row for each posting."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from sync.quickbooks.emulator import chart
from sync.quickbooks.emulator.amounts import Json, money
from sync.quickbooks.emulator.company import Company
from sync.quickbooks.emulator.entities import NAMES_OF_TYPES
from sync.quickbooks.emulator.records import Posting, Record
from sync.quickbooks.emulator.render import natural

_COLUMNS = {
    "tx_date": "Date",
    "txn_type": "Transaction Type",
    "doc_num": "Num",
    "name": "Name",
    "memo": "Memo/Description",
    "split_acc": "Split",
    "subt_nat_amount": "Amount",
    "rbal_nat_amount": "Balance",
}


class _Book(Struct):
    """What the sections are made of."""

    company: Company
    period: chart.Period
    entries: dict[str, list[tuple[Record, Posting]]]
    children: dict[str, list[Record]]
    columns: list[str]


def general_ledger(company: Company, period: chart.Period, asked: Mapping[str, str]) -> Any:
    """Return columns, the sections of all accounts that moved or hold something, and emptiness."""
    wanted = [name for name in asked.get("columns", "").split(",") if name]
    columns = [name for name in _COLUMNS if name in wanted] or list(_COLUMNS)
    entries: dict[str, list[tuple[Record, Posting]]] = defaultdict(list)
    for record, posting in company.ledger.entries(period.start, period.end):
        entries[posting.account].append((record, posting))
    children: dict[str, list[Record]] = defaultdict(list)
    for account in chart.accounts(company):
        children[(account.body.get("ParentRef") or {}).get("value", "")].append(account)
    book = _Book(company, period, entries, children, columns)
    only = asked.get("account", "").split(",") if "account" in asked else None
    tops = children[""] if only is None else [a for a in chart.accounts(company) if a.id in only]
    rows = [section for top in tops for section in _section(book, top)]
    shown = [{"ColTitle": _COLUMNS[name], "ColType": name} for name in columns]
    return shown, rows, not rows


def _section(book: _Book, account: Record) -> list[Json]:
    """Return the account's section, those of its children within; none when it is empty."""
    opening = _opening(book, account)
    entries = book.entries.get(account.id, [])
    inner = [each for child in book.children[account.id] for each in _section(book, child)]
    if not opening and not entries and not inner:
        return []
    kind, name = account.body["AccountType"], account.body["Name"]
    running = natural(kind, opening)
    rows = [
        _row(book, {"tx_date": {"value": "Beginning Balance"}, "rbal_nat_amount": _cell(running)})
    ]
    total = 0
    for record, posting in entries:
        amount = natural(kind, posting.cents)
        running += amount
        total += amount
        rows.append(_row(book, _cells(book, record, posting, amount, running)))
    summary = {"tx_date": {"value": f"Total for {name}"}}
    if entries:
        summary["subt_nat_amount"] = _cell(total)
    return [
        {
            "Header": {"ColData": _line(book, {"tx_date": {"value": name, "id": account.id}})},
            "Rows": {"Row": [*rows, *inner]},
            "Summary": {"ColData": _line(book, summary)},
            "type": "Section",
        }
    ]


def _opening(book: _Book, account: Record) -> int:
    """Return the balance before the first day; income and expense count within their year."""
    company, start = book.company, book.period.start
    year = chart.fiscal_year(start, company.profile.fiscal_month)
    first = year if chart.of_the_year(account) else ""
    before = company.ledger.balance(account.id, start, first)
    before -= company.ledger.balance(account.id, start, start)
    if account.body.get("AccountSubType") == "RetainedEarnings":
        before += chart.earlier_result(company, year)
    return before


def _cells(book: _Book, record: Record, posting: Posting, amount: int, running: int) -> Json:
    entity, _, identifier = posting.holder.partition(":")
    named = book.company.find(entity, identifier) if identifier else None
    name: Json = {"value": ""}
    if named is not None:
        name = {"value": named.body["DisplayName"], "id": identifier}
    return {
        "tx_date": {"value": record.day},
        "txn_type": {
            "value": NAMES_OF_TYPES.get(record.entity, record.entity),
            "id": record.id,
        },
        "doc_num": {"value": record.body.get("DocNumber", "")},
        "name": name,
        "memo": {"value": posting.memo},
        "split_acc": _split(book.company, record, posting),
        "subt_nat_amount": _cell(amount),
        "rbal_nat_amount": _cell(running),
    }


def _split(company: Company, record: Record, posting: Posting) -> Json:
    others = {each.account for each in record.postings} - {posting.account}
    if len(others) != 1:
        return {"value": "-Split-"}
    account = company.find("Account", others.pop())
    return {"value": account.body["Name"], "id": account.id} if account else {"value": ""}


def _row(book: _Book, cells: Json) -> Json:
    return {"ColData": _line(book, cells), "type": "Data"}


def _line(book: _Book, cells: Json) -> list[Json]:
    """Return the cells in order; the first one always shows what the row is."""
    line = [cells.get(name, {"value": ""}) for name in book.columns]
    if "tx_date" not in book.columns and "tx_date" in cells and "txn_type" not in cells:
        line[0] = cells["tx_date"]
    return line


def _cell(cents: int) -> Json:
    return {"value": str(money(cents))}
