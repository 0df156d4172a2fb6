"""GET /v1/reports/income-statement."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Final

from litestar import Response, get
from litestar.params import QueryParameter
from msgspec import Struct, field
from msgspec.structs import replace

from api.access import OFFICE
from api.parameters import KnownAt
from api.reports.amounts import AmountShown, amount_cells, amount_shown, total_cells
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
from ledger.reports.balances import by_account
from ledger.reports.income import Comparison, IncomeStatement, compared_with, income_statement
from ledger.reports.lines import total, total_before
from ledger.reports.views import Cut, View

_COLUMNS: Final = ("section", "code", "account", "role", "amount", "previous", "foreign")


class Compared(Struct, frozen=True):
    """The totals of the period compared with."""

    since: date = field(name="from")
    through: date = field(name="to")
    total_income: str
    total_cost_of_sales: str
    gross_profit: str
    total_expenses: str
    net_income: str


class IncomeShown(OverPeriod, frozen=True, kw_only=True):
    """What the period earned and what it cost, in home money.

    Returns and discounts stand in the income as less; a loss is negative.
    """

    income: list[AmountShown]
    total_income: str
    cost_of_sales: list[AmountShown]
    total_cost_of_sales: str
    gross_profit: str
    expenses: list[AmountShown]
    total_expenses: str
    net_income: str
    previous: Compared | None = None


@get(
    "/v1/reports/income-statement",
    operation_id="getIncomeStatement",
    tags=["Reports"],
    summary="The income statement",
    guards=[OFFICE],
    sync_to_thread=True,
    opt={"answer": IncomeShown, "csv": True},
)
def get_income_statement(  # noqa: PLR0913 - each is a parameter of the query
    request: Call,
    *,
    since: From = None,
    through: To = None,
    as_of: AsOfTo = None,
    known_at: KnownAt = None,
    compare: Annotated[
        Comparison,
        QueryParameter(
            description="With the period of the same length just before (whole months with whole "
            "months), or with the same days a year earlier."
        ),
    ] = "none",
    location: Location = None,
    register: Register = None,
    channel: Channel = None,
    staff: Staff = None,
) -> Response[Any]:
    """Answer income, cost of sales, gross profit, expenses and net income of a period.

    By account, in JSON, or as a table with `Accept: text/csv`.
    """
    cut = Cut(location=location, register=register, channel=channel, staff=staff)
    with reading(request, cut, known_at) as book:
        view = book.over(since, through, as_of)
        before = _before(view, compare)
        moved = by_account(book.connection, book.book.id, book.settings, view)
        earlier = (
            by_account(book.connection, book.book.id, book.settings, before) if before else None
        )
        made = income_statement(book.settings, moved, earlier)
    answer = _shown(book, view, made, before)
    return answered(book.form, answer, _COLUMNS, _cells(answer, book), book.language)


def _before(view: View, compare: Comparison) -> View | None:
    assert view.since is not None
    days = compared_with(view.since, view.through, compare)
    return None if days is None else replace(view, since=days[0], through=days[1])


def _shown(book: Reading, view: View, made: IncomeStatement, before: View | None) -> IncomeShown:
    home, language, compared = book.book.currency, book.language, before is not None
    previous = None
    if before is not None and before.since is not None:
        previous = Compared(
            since=before.since,
            through=before.through,
            total_income=to_text(total_before(made.income), home),
            total_cost_of_sales=to_text(total_before(made.cost_of_sales), home),
            gross_profit=to_text(made.gross_profit_before, home),
            total_expenses=to_text(total_before(made.expenses), home),
            net_income=to_text(made.net_income_before, home),
        )
    return IncomeShown(
        **book.period_head(view),
        income=[amount_shown(line, home, language, compared=compared) for line in made.income],
        total_income=to_text(total(made.income), home),
        cost_of_sales=[
            amount_shown(line, home, language, compared=compared) for line in made.cost_of_sales
        ],
        total_cost_of_sales=to_text(total(made.cost_of_sales), home),
        gross_profit=to_text(made.gross_profit, home),
        expenses=[amount_shown(line, home, language, compared=compared) for line in made.expenses],
        total_expenses=to_text(total(made.expenses), home),
        net_income=to_text(made.net_income, home),
        previous=previous,
    )


def _cells(answer: IncomeShown, book: Reading) -> Iterator[Row]:
    """Yield the rows of the table: each section's accounts, then its total."""
    language = book.language
    sections: tuple[tuple[str, list[AmountShown], tuple[str, ...]], ...] = (
        ("income", answer.income, ("total_income",)),
        ("cost_of_sales", answer.cost_of_sales, ("total_cost_of_sales", "gross_profit")),
        ("expenses", answer.expenses, ("total_expenses", "net_income")),
    )
    for section, lines, totals in sections:
        for line in lines:
            yield amount_cells(section, line, language)
        for name in totals:
            previous = getattr(answer.previous, name) if answer.previous else ""
            yield total_cells(name, getattr(answer, name), language, previous)
