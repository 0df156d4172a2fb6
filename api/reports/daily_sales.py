"""GET /v1/reports/daily-sales."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Annotated, Any, Final

from litestar import Response, get
from litestar.params import QueryParameter
from msgspec import Struct

from api.access import OFFICE
from api.catalogue import account_name, word
from api.parameters import KnownAt
from api.reports.amounts import ForeignShown, foreign_cell, foreign_shown
from api.reports.asking import (
    AsOfTo,
    Channel,
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
from ledger.reports.daily import Category, Day, Tendered, daily_sales
from ledger.reports.views import Cut

_COLUMNS: Final = (
    "business_date",
    "section",
    "name",
    "gross",
    "discounts",
    "returns",
    "net",
    "received",
    "refunded",
    "adjusted",
    "foreign",
)
_OTHERS: Final = ("shipping", "tips", "stored_value", "rounding", "other")


class CategoryShown(Struct, frozen=True):
    """One category: `net` = gross - discounts - returns. `adjusted`: by journal, beside the net."""

    category: str
    gross: str
    discounts: str
    returns: str
    net: str
    adjusted: str


class TaxCharged(Struct, frozen=True):
    """One tax code: what was charged less what was given back."""

    tax: str
    amount: str


class TenderShown(Struct, frozen=True, omit_defaults=True):
    """One way of paying, in home money; cash by drawer. `foreign` has what came in other money."""

    tender: str
    method: str
    received: str
    refunded: str
    net: str
    foreign: list[ForeignShown] = []


class DayShown(Struct, frozen=True):
    """One business date in home money.

    `charged` = net + taxes + tips + stored_value + rounding + shipping + other, and equals
    `tendered`. `stored_value` is cards and packages sold less those taken back; `other` is
    forfeited deposits, exchange and the like.
    """

    business_date: date
    categories: list[CategoryShown]
    gross: str
    discounts: str
    returns: str
    net: str
    taxes: list[TaxCharged]
    shipping: str
    tips: str
    stored_value: str
    rounding: str
    other: str
    charged: str
    tenders: list[TenderShown]
    tendered: str


class DailySales(OverPeriod, frozen=True, kw_only=True):
    """The days on which something was sold, oldest first."""

    days: list[DayShown]


@get(
    "/v1/reports/daily-sales",
    operation_id="getDailySales",
    tags=["Reports"],
    summary="Sales of each day by category and tender",
    guards=[OFFICE],
    sync_to_thread=True,
    opt={"answer": DailySales, "csv": True},
)
def get_daily_sales(  # noqa: PLR0913 - each is a parameter of the query
    request: Call,
    *,
    since: Annotated[
        date | None,
        QueryParameter(name="from", description="First business date; default: the last."),
    ] = None,
    through: To = None,
    as_of: AsOfTo = None,
    known_at: KnownAt = None,
    location: Location = None,
    register: Register = None,
    channel: Channel = None,
    staff: Staff = None,
) -> Response[Any]:
    """Answer gross sales, discounts, returns, net, taxes, tips and tenders of each day.

    Of sales, refunds, invoices, and of deposits kept. Default: the last day with a posting alone.
    JSON, or a table with `Accept: text/csv`.
    """
    cut = Cut(location=location, register=register, channel=channel, staff=staff)
    with reading(request, cut, known_at) as book:
        view = book.over(since or through or as_of or book.last, through, as_of)
        days = daily_sales(book.connection, book.book.id, book.settings, view)
    answer = DailySales(**book.period_head(view), days=[_day(day, book) for day in days])
    return answered(book.form, answer, _COLUMNS, _cells(answer.days, book), book.language)


def _day(day: Day, book: Reading) -> DayShown:
    home = book.book.currency
    categories = [day.categories[name] for name in sorted(day.categories)]
    tenders = [day.tenders[place] for place in sorted(day.tenders)]
    return DayShown(
        business_date=day.day,
        categories=[_category(category, home) for category in categories],
        gross=to_text(day.all("gross"), home),
        discounts=to_text(day.all("discounts"), home),
        returns=to_text(day.all("returns"), home),
        net=to_text(day.all("net"), home),
        taxes=[
            TaxCharged(code, to_text(amount, home)) for code, amount in sorted(day.taxes.items())
        ],
        charged=to_text(day.charged, home),
        tenders=[_tender(tender, home) for tender in tenders],
        tendered=to_text(day.tendered, home),
        **{name: to_text(getattr(day, name), home) for name in _OTHERS},
    )


def _category(category: Category, home: str) -> CategoryShown:
    return CategoryShown(
        category=category.category,
        gross=to_text(category.gross, home),
        discounts=to_text(category.discounts, home),
        returns=to_text(category.returns, home),
        net=to_text(category.net, home),
        adjusted=to_text(category.adjusted, home),
    )


def _tender(tender: Tendered, home: str) -> TenderShown:
    return TenderShown(
        tender=tender.tender,
        method=tender.method,
        received=to_text(tender.received, home),
        refunded=to_text(tender.refunded, home),
        net=to_text(tender.net, home),
        foreign=foreign_shown(sorted(tender.foreign.items())),
    )


def _cells(days: Iterable[DayShown], book: Reading) -> Iterator[Row]:
    """Yield the rows of each day: categories, taxes, the other figures, tenders, and both sums."""
    language = book.language
    for day in days:
        of_day = {"business_date": day.business_date.isoformat()}
        for category in day.categories:
            cells = {name: getattr(category, name) for name in category.__struct_fields__}
            yield (
                of_day | cells | {"section": word("category", language), "name": category.category}
            )
        for tax in day.taxes:
            yield of_day | {"section": word("tax", language), "name": tax.tax, "net": tax.amount}
        for name in (*_OTHERS, "charged"):
            yield of_day | {"section": word(name, language), "net": getattr(day, name)}
        for tender in day.tenders:
            yield of_day | {
                "section": word("tender", language),
                "name": " ".join(
                    filter(None, (account_name(tender.tender, language), tender.method))
                ),
                "received": tender.received,
                "refunded": tender.refunded,
                "net": tender.net,
                "foreign": foreign_cell(tender.foreign),
            }
        yield of_day | {"section": word("tendered", language), "net": day.tendered}
