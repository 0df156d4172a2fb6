"""GET /v1/reports/balance-sheet."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from litestar import Response, get
from msgspec.structs import replace

from api.access import OFFICE
from api.parameters import AsOf, KnownAt
from api.reports.amounts import AmountShown, amount_cells, amount_shown, total_cells
from api.reports.asking import Channel, Location, OnDay, Reading, Register, Staff, reading
from api.service import Call
from api.tabular import Row, answered
from ledger.money import to_text
from ledger.reports.balance_sheet import BalanceSheet, balance_sheet
from ledger.reports.balances import by_account
from ledger.reports.lines import total
from ledger.reports.views import Cut, View

_COLUMNS: Final = ("section", "code", "account", "role", "amount", "foreign")


class BalanceSheetShown(OnDay, frozen=True, kw_only=True):
    """What the book owns, owes and is worth, in home money.

    `retained_earnings` is what earlier fiscal years earned, `earnings` what this one has so far.
    `elsewhere` is 0 for the whole shop; a part of it has that from the other parts.
    """

    assets: list[AmountShown]
    total_assets: str
    liabilities: list[AmountShown]
    total_liabilities: str
    equity: list[AmountShown]
    retained_earnings: str
    earnings: str
    total_equity: str
    total_liabilities_and_equity: str
    elsewhere: str


@get(
    "/v1/reports/balance-sheet",
    operation_id="getBalanceSheet",
    tags=["Reports"],
    summary="The balance sheet",
    guards=[OFFICE],
    sync_to_thread=True,
    opt={"answer": BalanceSheetShown, "csv": True},
)
def get_balance_sheet(
    request: Call,
    *,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    location: Location = None,
    register: Register = None,
    channel: Channel = None,
    staff: Staff = None,
) -> Response[Any]:
    """Answer assets, liabilities and equity at the end of a day.

    By account, in JSON, or as a table with `Accept: text/csv`.
    """
    cut = Cut(location=location, register=register, channel=channel, staff=staff)
    with reading(request, cut, known_at) as book:
        view = book.on(as_of)
        earlier = replace(view, through=book.year_start(view.through) - timedelta(days=1))
        connection, book_id = book.connection, book.book.id
        made = balance_sheet(
            book.settings,
            by_account(connection, book_id, book.settings, view),
            by_account(connection, book_id, book.settings, earlier),
        )
    answer = _shown(book, view, made)
    return answered(book.form, answer, _COLUMNS, _cells(answer, book), book.language)


def _shown(book: Reading, view: View, made: BalanceSheet) -> BalanceSheetShown:
    home, language = book.book.currency, book.language
    return BalanceSheetShown(
        **book.day_head(view),
        assets=[amount_shown(line, home, language) for line in made.assets],
        total_assets=to_text(total(made.assets), home),
        liabilities=[amount_shown(line, home, language) for line in made.liabilities],
        total_liabilities=to_text(total(made.liabilities), home),
        equity=[amount_shown(line, home, language) for line in made.equity],
        retained_earnings=to_text(made.retained, home),
        earnings=to_text(made.earnings, home),
        total_equity=to_text(made.total_equity, home),
        total_liabilities_and_equity=to_text(total(made.liabilities) + made.total_equity, home),
        elsewhere=to_text(made.elsewhere, home),
    )


def _cells(answer: BalanceSheetShown, book: Reading) -> Iterator[Row]:
    """Yield the rows of the table: each section's accounts, then its total."""
    language = book.language
    sections: tuple[tuple[str, list[AmountShown], tuple[str, ...]], ...] = (
        ("assets", answer.assets, ("total_assets",)),
        ("liabilities", answer.liabilities, ("total_liabilities",)),
        (
            "equity",
            answer.equity,
            (
                "retained_earnings",
                "earnings",
                "total_equity",
                "total_liabilities_and_equity",
                "elsewhere",
            ),
        ),
    )
    for section, lines, totals in sections:
        for line in lines:
            yield amount_cells(section, line, language)
        for name in totals:
            yield total_cells(name, getattr(answer, name), language)
