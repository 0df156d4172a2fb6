"""GET /v1/reports/sales-tax."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Annotated, Any, Final

from litestar import Response, get
from litestar.params import QueryParameter
from msgspec import Struct, field

from api.access import OFFICE
from api.catalogue import word
from api.parameters import KnownAt
from api.reports.asking import (
    AsOfTo,
    Channel,
    From,
    Location,
    OverPeriod,
    Reading,
    Register,
    Staff,
    To,
    reading,
)
from api.service import Call
from api.tabular import Row, answered
from ledger.money import to_text
from ledger.reports.taxes import Per, TaxRow, by_code, sales_tax
from ledger.reports.views import Cut

_MOVED: Final = ("collected", "refunded", "recoverable", "adjusted", "net")
_COLUMNS: Final = ("from", "tax", "name", "taxable", *_MOVED, "tax_without_base")


class TaxShown(Struct, frozen=True):
    """One tax code, in home money.

    `net` = collected - refunded - recoverable + adjusted: what has come to be owed; a remittance
    by journal is a negative adjustment. `taxable` is the price without tax that lines of facts
    state for it, less refunds; `tax_without_base` is the tax of facts that state no lines. Both are
    null with `base=false`.
    """

    tax: str
    name: str
    taxable: str | None
    collected: str
    refunded: str
    recoverable: str
    adjusted: str
    net: str
    tax_without_base: str | None


class TaxPeriod(Struct, frozen=True):
    """The codes of one month, quarter, or of the whole period."""

    since: date = field(name="from")
    taxes: list[TaxShown]


class SalesTax(OverPeriod, frozen=True, kw_only=True):
    """Sales tax by period and code, and of each code altogether."""

    periods: list[TaxPeriod]
    totals: list[TaxShown]
    net: str


@get(
    "/v1/reports/sales-tax",
    operation_id="getSalesTax",
    tags=["Reports"],
    summary="Sales tax by code and period",
    guards=[OFFICE],
    sync_to_thread=True,
    opt={"answer": SalesTax, "csv": True},
)
def get_sales_tax(  # noqa: PLR0913 - each is a parameter of the query
    request: Call,
    *,
    since: From = None,
    through: To = None,
    as_of: AsOfTo = None,
    known_at: KnownAt = None,
    per: Annotated[Per, QueryParameter(description="How the period is divided.")] = "month",
    base: Annotated[
        bool,
        QueryParameter(
            description="Whether to add up what the taxes are on, from every fact of the period."
        ),
    ] = True,
    location: Location = None,
    register: Register = None,
    channel: Channel = None,
    staff: Staff = None,
) -> Response[Any]:
    """Answer what was collected, refunded, paid on purchases and adjusted, and the net.

    Together they are what the accounts of sales tax and recoverable tax moved. JSON, or a table
    with `Accept: text/csv`.
    """
    cut = Cut(location=location, register=register, channel=channel, staff=staff)
    with reading(request, cut, known_at) as book:
        view = book.over(since, through, as_of)
        rows = sales_tax(book.connection, book.book.id, book.settings, view, per, bases=base)
    totals = list(by_code(rows))
    answer = SalesTax(
        **book.period_head(view),
        periods=_periods(rows, book, base=base),
        totals=[_shown(row, book, base=base) for row in totals],
        net=to_text(sum(row.net for row in totals), book.book.currency),
    )
    return answered(book.form, answer, _COLUMNS, _cells(answer, book), book.language)


def _periods(rows: Iterable[TaxRow], book: Reading, *, base: bool) -> list[TaxPeriod]:
    found: dict[date, list[TaxShown]] = {}
    for row in rows:
        found.setdefault(row.since, []).append(_shown(row, book, base=base))
    return [TaxPeriod(since, taxes) for since, taxes in found.items()]


def _shown(row: TaxRow, book: Reading, *, base: bool) -> TaxShown:
    tax, home = book.settings.taxes.get(row.tax, date.max), book.book.currency
    return TaxShown(
        tax=row.tax,
        name=tax.name if tax else row.tax,
        taxable=to_text(row.taxable, home) if base else None,
        tax_without_base=to_text(row.tax_without_base, home) if base else None,
        **{name: to_text(getattr(row, name), home) for name in _MOVED},
    )


def _cells(answer: SalesTax, book: Reading) -> Iterator[Row]:
    for period in answer.periods:
        for shown in period.taxes:
            yield {"from": period.since.isoformat(), **_row(shown)}
    for shown in answer.totals:
        yield {"from": word("total", book.language), **_row(shown)}


def _row(shown: TaxShown) -> dict[str, str]:
    return {name: getattr(shown, name) or "" for name in shown.__struct_fields__}
