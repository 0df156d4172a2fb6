"""GET /v1/reports/trial-balance."""

from datetime import date
from typing import Annotated, Any, Literal

from litestar import Response, get
from litestar.params import QueryParameter
from msgspec import Struct

from api.access import OFFICE
from api.answers import columns
from api.catalogue import Language
from api.parameters import AsOf, KnownAt
from api.reports.amounts import name_of
from api.reports.asking import Channel, Location, Reading, Register, Staff, reading
from api.service import Call
from api.tabular import answered
from ledger.money import to_text
from ledger.reports.balances import part_of_shop
from ledger.reports.store import (
    BalanceRow,
    last_day,
    trial_balance,
    trial_balance_by_holder,
)
from ledger.reports.views import Cut

_COLUMNS = ("code", "account", "role", "currency", "debit", "credit", "home_debit", "home_credit")


class BalanceShown(Struct, frozen=True, omit_defaults=True):
    """One row of a trial balance; `account` is its name, `holder` stands only with `by=holder`.

    `home_debit` and `home_credit` stand where the currency is not the book's.
    """

    code: str
    account: str
    role: str
    currency: str
    debit: str
    credit: str
    holder: str | None = None
    home_debit: str | None = None
    home_credit: str | None = None


class TrialBalance(Struct, frozen=True, omit_defaults=True):
    """Balances at the end of `as_of`, as known at `known_at`; the totals are home money.

    `as_of` is null in a book where nothing was posted.
    """

    as_of: date | None
    known_at: int
    currency: str
    rows: list[BalanceShown]
    debit: str
    credit: str
    filters: dict[str, str] = {}


@get(
    "/v1/reports/trial-balance",
    operation_id="getTrialBalance",
    tags=["Reports"],
    summary="The trial balance",
    guards=[OFFICE],
    sync_to_thread=True,
    opt={"answer": TrialBalance, "csv": True},
)
def get_trial_balance(  # noqa: PLR0913 - each is a parameter of the query
    request: Call,
    *,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    by: Annotated[
        Literal["account", "holder"], QueryParameter(description="How far down to go.")
    ] = "account",
    location: Location = None,
    register: Register = None,
    channel: Channel = None,
    staff: Staff = None,
) -> Response[Any]:
    """Answer every account that has a balance: JSON, or CSV with `Accept: text/csv`.

    Income and expense of earlier fiscal years stand in retained earnings.
    """
    cut = Cut(location=location, register=register, channel=channel, staff=staff)
    with reading(request, cut, known_at) as book:
        found = _rows(book, as_of, split=by == "holder")
        day = as_of or last_day(book.connection, book.book.id, book.stated)
    home = book.book.currency
    rows = [_row(row, home, book.language, split=by == "holder") for row in found]
    balances = [row.sums.home_balance for row in found]
    answer = TrialBalance(
        as_of=day,
        known_at=book.known,
        currency=home,
        rows=rows,
        debit=to_text(sum(max(balance, 0) for balance in balances), home),
        credit=to_text(sum(max(-balance, 0) for balance in balances), home),
        filters=cut.stated(),
    )
    names = [*_COLUMNS[:3], "holder", *_COLUMNS[3:]] if by == "holder" else _COLUMNS
    cells = [{name: getattr(row, name) or "" for name in names} for row in rows]
    return answered(book.form, answer, names, cells, book.language)


def _rows(book: Reading, as_of: date | None, *, split: bool) -> list[BalanceRow]:
    view = book.on(as_of)
    if not book.cut.whole:
        return part_of_shop(book.connection, book.book, book.settings, view, by_holder=split)
    finding = trial_balance_by_holder if split else trial_balance
    return finding(book.connection, book.book, book.settings, as_of, book.stated)


def _row(row: BalanceRow, home: str, language: Language, *, split: bool) -> BalanceShown:
    debit, credit = columns(row.sums.balance, row.currency)
    home_debit, home_credit = columns(row.sums.home_balance, home)
    foreign = row.currency != home
    return BalanceShown(
        code=row.account.code,
        account=name_of(row.account, language),
        role=row.account.role,
        currency=row.currency,
        debit=debit,
        credit=credit,
        holder=row.holder if split else None,
        home_debit=home_debit if foreign else None,
        home_credit=home_credit if foreign else None,
    )
