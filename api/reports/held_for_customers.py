"""GET /v1/reports/liabilities."""

from collections.abc import Iterator
from typing import Annotated, Any, Final

from litestar import Response, get
from litestar.params import QueryParameter
from msgspec import Struct

from api.access import OFFICE
from api.answers import PAGE
from api.catalogue import Language, account_name
from api.parameters import KnownAt, Limit
from api.reports.amounts import ForeignShown, foreign_cell, foreign_shown
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
from api.tabular import CSV, Row, answered
from ledger.money import to_text
from ledger.reports.liabilities import KINDS, MOVEMENTS, Place, Roll, rolls, rolls_by_holder
from ledger.reports.views import Cut, View

_FIGURES: Final = ("opening", *MOVEMENTS, "closing")
_COLUMNS: Final = ("kind", "account", "currency", *_FIGURES, "foreign")
_HOLDER_COLUMNS: Final = ("kind", "account", "holder", "currency", *_FIGURES, "home_closing")


class KindShown(Struct, frozen=True, omit_defaults=True):
    """One kind of liability from opening to closing, in home money, what is owed positive.

    opening + issued - redeemed - expired - refunded + adjusted = closing, the balance of its
    account. Forfeited deposits are among the expired; journals are adjustments. `foreign` has what
    of the closing balance stands in other currencies.
    """

    kind: str
    account: str
    opening: str
    issued: str
    redeemed: str
    expired: str
    refunded: str
    adjusted: str
    closing: str
    foreign: list[ForeignShown] = []


class HolderRoll(Struct, frozen=True, omit_defaults=True):
    """One card, credit, deposit or package from opening to closing, in its currency.

    `home_closing` stands where that is not the book's.
    """

    kind: str
    holder: str
    currency: str
    opening: str
    issued: str
    redeemed: str
    expired: str
    refunded: str
    adjusted: str
    closing: str
    home_closing: str | None = None


class Liabilities(OverPeriod, frozen=True, kw_only=True, omit_defaults=True):
    """What is owed for value sold or held. `holders` and `next` with `holders=true` alone."""

    kinds: list[KindShown]
    closing: str
    holders: list[HolderRoll] | None = None
    next: str | None = None


@get(
    "/v1/reports/liabilities",
    operation_id="getLiabilities",
    tags=["Reports"],
    summary="Gift cards, store credit, deposits and packages: opening to closing",
    guards=[OFFICE],
    sync_to_thread=True,
    opt={"answer": Liabilities, "csv": True},
)
def get_liabilities(  # noqa: PLR0913 - each is a parameter of the query
    request: Call,
    *,
    since: From = None,
    through: To = None,
    as_of: AsOfTo = None,
    known_at: KnownAt = None,
    holders: Annotated[
        bool, QueryParameter(description="Also each holder that had something or moved, by pages.")
    ] = False,
    location: Location = None,
    register: Register = None,
    channel: Channel = None,
    staff: Staff = None,
    limit: Limit = PAGE,
    after: Annotated[
        str | None,
        QueryParameter(
            pattern=rf"^({'|'.join(KINDS)})\.[A-Z]{{3}}\..{{1,128}}$",
            description="`next` of the page before.",
        ),
    ] = None,
) -> Response[Any]:
    """Answer what was owed, issued, redeemed, expired, refunded and is owed then, by kind.

    With `Accept: text/csv` a table: of kinds, or of all holders (`limit` and `after` are of JSON).
    """
    cut = Cut(location=location, register=register, channel=channel, staff=staff)
    behind, held, following = _place(after), None, None
    with reading(request, cut, known_at) as book:
        view = book.over(since, through, as_of)
        kinds = rolls(book.connection, book.book.id, book.settings, view)
        if holders and book.form == CSV:
            cells = _holder_cells(_held(book, view, None, None), book)
            return answered(CSV, None, _HOLDER_COLUMNS, cells, book.language)
        if holders:
            found = _held(book, view, behind, limit + 1)
            held = [_holder(roll, book.book.currency) for roll in found[:limit]]
            following = _cursor(found[limit - 1]) if len(found) > limit else None
    home = book.book.currency
    answer = Liabilities(
        **book.period_head(view),
        kinds=[_kind(roll, home, book.language) for roll in kinds],
        closing=to_text(sum(roll.closing for roll in kinds), home),
        holders=held,
        next=following,
    )
    return answered(book.form, answer, _COLUMNS, _cells(answer), book.language)


def _held(book: Reading, view: View, after: Place | None, limit: int | None) -> list[Roll]:
    return rolls_by_holder(
        book.connection, book.book.id, book.settings, view, after=after, limit=limit
    )


def _place(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    role, currency, holder = cursor.split(".", 2)
    return role, holder, currency


def _cursor(roll: Roll) -> str:
    return f"{roll.role}.{roll.currency}.{roll.holder}"


def _figures(roll: Roll, currency: str) -> dict[str, str]:
    return {name: to_text(getattr(roll, name), currency) for name in _FIGURES}


def _kind(roll: Roll, home: str, language: Language) -> KindShown:
    return KindShown(
        kind=roll.role,
        account=account_name(roll.role, language),
        foreign=foreign_shown(roll.foreign),
        **_figures(roll, home),
    )


def _holder(roll: Roll, home: str) -> HolderRoll:
    return HolderRoll(
        kind=roll.role,
        holder=roll.holder,
        currency=roll.currency,
        home_closing=to_text(roll.home_closing, home) if roll.currency != home else None,
        **_figures(roll, roll.currency),
    )


def _cells(answer: Liabilities) -> Iterator[Row]:
    for kind in answer.kinds:
        cells = {name: getattr(kind, name) for name in (*_FIGURES, "kind", "account")}
        yield cells | {"currency": answer.currency, "foreign": foreign_cell(kind.foreign)}


def _holder_cells(found: list[Roll], book: Reading) -> Iterator[Row]:
    home = book.book.currency
    for roll in found:
        shown = _holder(roll, home)
        cells = {name: getattr(shown, name) or "" for name in shown.__struct_fields__}
        yield cells | {"account": account_name(roll.role, book.language)}
