"""Sales tax by code and month, quarter or period: collected, refunded, recoverable, and net."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final, Literal

from msgspec import Struct

from ledger.database import Connection
from ledger.reports.moved.store import Moved, Which, moved_by_kind
from ledger.reports.taxable import Taxed, taxed
from ledger.reports.views import View
from ledger.settings import Settings
from ledger.store import from_day

Per = Literal["month", "quarter", "period"]

GIVEN_BACK: Final = frozenset(
    ("refund_issued", "invoice_voided", "invoice_written_off", "deposit_refunded")
)
"""Kinds of fact that give tax back, or take it off what is owed."""

BY_HAND: Final = frozenset(("journal_posted", "exception_cleared"))
"""Kinds of fact by which a bookkeeper remits, claims or corrects."""


class TaxRow(Struct):
    """One tax code in one month, quarter or period; home minor units.

    `adjusted` is what was stated by hand, a remittance being negative. `taxable` is the price that
    the taxes of facts with lines are on; `tax_without_base` what of collected less refunded is the
    tax of others.
    """

    since: date
    tax: str
    collected: int = 0
    refunded: int = 0
    recoverable: int = 0
    adjusted: int = 0
    taxable: int = 0
    with_base: int = 0

    @property
    def net(self) -> int:
        """Return what has come to be owed: what both tax accounts moved, credit positive."""
        return self.collected - self.refunded - self.recoverable + self.adjusted

    @property
    def tax_without_base(self) -> int:
        """Return the tax of facts that state no lines."""
        return self.collected - self.refunded - self.with_base


def sales_tax(
    connection: Connection,
    book_id: int,
    settings: Settings,
    view: View,
    per: Per,
    *,
    bases: bool = True,
) -> list[TaxRow]:
    """Return the taxes of a view, by period and code.

    *bases*: also what they are on, which reads every fact of the period that bears tax.
    """
    assert view.since is not None
    rows: dict[tuple[date, str], TaxRow] = {}
    for role in ("sales_tax", "tax_recoverable"):
        which = Which(accounts=settings.codes(role))
        for part in moved_by_kind(connection, book_id, view, ("day", "holder"), which):
            day, tax, kind = part.key
            row = _row(rows, bucket(from_day(day), view.since, per), tax)
            _add(row, role, kind, part)
    for one in taxed(connection, book_id, settings, view) if bases else ():
        _base(_row(rows, bucket(one.day, view.since, per), one.tax), one)
    return [rows[key] for key in sorted(rows)]


def _row(rows: dict[tuple[date, str], TaxRow], since: date, tax: str) -> TaxRow:
    return rows.setdefault((since, tax), TaxRow(since, tax))


def _add(row: TaxRow, role: str, kind: str, part: Moved) -> None:
    credit = -part.sums.home_balance
    if kind in BY_HAND:
        row.adjusted += credit
    elif role == "tax_recoverable":
        row.recoverable -= credit
    elif kind in GIVEN_BACK:
        row.refunded -= credit
    else:
        row.collected += credit


def _base(row: TaxRow, one: Taxed) -> None:
    if one.base is not None:
        row.taxable += one.base
        row.with_base += one.amount


def bucket(day: date, since: date, per: Per) -> date:
    """Return the first day of the month or quarter of a day, not before the report's first."""
    if per == "period":
        return since
    month = day.month if per == "month" else (day.month - 1) // 3 * 3 + 1
    return max(since, date(day.year, month, 1))


def by_code(rows: Iterable[TaxRow]) -> Iterator[TaxRow]:
    """Yield the sums of each code over all periods."""
    sums: dict[str, TaxRow] = {}
    for row in rows:
        whole = sums.setdefault(row.tax, TaxRow(row.since, row.tax))
        for name in ("collected", "refunded", "recoverable", "adjusted", "taxable", "with_base"):
            setattr(whole, name, getattr(whole, name) + getattr(row, name))
    yield from (sums[tax] for tax in sorted(sums))
