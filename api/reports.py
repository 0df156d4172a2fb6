"""Reports: the trial balance, in JSON and CSV."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from io import StringIO
from typing import Annotated, Any, Final, Literal

from litestar import Response, get
from litestar.params import QueryParameter
from msgspec import Struct

from api.access import OFFICE
from api.answers import columns
from api.caller import signed_in
from api.catalogue import Language
from api.decoding import JSON
from api.parameters import AsOf
from api.preferences import preferences
from api.problems import Refusal, language_of
from api.service import Call, service_of
from ledger.database import snapshot
from ledger.log.store import load_settings
from ledger.money import to_text
from ledger.reports.store import BalanceRow, last_day, trial_balance, trial_balance_by_holder
from ledger.store import head

CSV: Final = "text/csv"


class BalanceShown(Struct, frozen=True, omit_defaults=True):
    """One row of a trial balance. `account` is its name; `holder` only with `by=holder`."""

    code: str
    account: str
    role: str
    currency: str
    debit: str
    credit: str
    holder: str | None = None


class TrialBalance(Struct, frozen=True):
    """Balances at the end of `as_of`, as known when the log ended at `known_at`."""

    as_of: date | None
    known_at: int
    currency: str
    rows: list[BalanceShown]
    debit: str
    credit: str


@get(
    "/v1/reports/trial-balance",
    operation_id="getTrialBalance",
    tags=["Reports"],
    summary="The trial balance",
    guards=[OFFICE],
    sync_to_thread=True,
    opt={"answer": TrialBalance, "csv": True},
)
def get_trial_balance(
    request: Call,
    *,
    as_of: AsOf = None,
    by: Annotated[
        Literal["account", "holder"], QueryParameter(description="How far down to go.")
    ] = "account",
) -> Response[Any]:
    """Answer every account that has a balance: JSON, or CSV with `Accept: text/csv`.

    Income and expense of earlier fiscal years stand in retained earnings.
    """
    form = _form(request.headers.get("accept", ""))
    caller = signed_in(request.scope)
    language, book = language_of(request), caller.book
    reading = trial_balance_by_holder if by == "holder" else trial_balance
    with snapshot(service_of(request).database) as connection:
        settings = load_settings(connection, book)
        found = reading(connection, book, settings, as_of)
        end = head(connection, book.id)
        day = as_of or last_day(connection, book.id)
    assert end is not None
    rows = [_row(row, language, split=by == "holder") for row in found]
    if form == CSV:
        return Response(_csv(rows, split=by == "holder"), media_type=CSV)
    balances = [row.sums.balance for row in found]
    answer = TrialBalance(
        as_of=day,
        known_at=end.seq,
        currency=book.currency,
        rows=rows,
        debit=to_text(sum(max(balance, 0) for balance in balances), book.currency),
        credit=to_text(sum(max(-balance, 0) for balance in balances), book.currency),
    )
    return Response(answer)


def _form(accept: str) -> str:
    """Return the media type to answer in; a Refusal (406) when it is none of ours."""
    for name in preferences(accept or "*/*"):
        if name in (CSV, "text/*"):
            return CSV
        if name in (JSON, "application/*", "*/*"):
            return JSON
    raise Refusal("not-acceptable", 406, accepted=f"{JSON}, {CSV}")


def _row(row: BalanceRow, language: Language, *, split: bool) -> BalanceShown:
    debit, credit = columns(row.sums.balance, row.currency)
    return BalanceShown(
        code=row.account.code,
        account=row.account.name_fr if language == "fr" else row.account.name_en,
        role=row.account.role,
        currency=row.currency,
        debit=debit,
        credit=credit,
        holder=row.holder if split else None,
    )


def _csv(rows: Sequence[BalanceShown], *, split: bool) -> bytes:
    names = ["code", "account", "role", "currency", "debit", "credit"]
    if split:
        names.insert(3, "holder")
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow(_guarded(getattr(row, name) for name in names))
    return text.getvalue().encode()


def _guarded(cells: Iterable[str]) -> list[str]:
    """Keep a spreadsheet from taking a text for a formula (ASVS 1.2.10)."""
    return [
        f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell for cell in cells
    ]
