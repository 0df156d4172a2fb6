"""GET /v1/reports/closures."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final

from litestar import Response, get
from msgspec import Struct

from api.access import OFFICE
from api.answers import PAGE
from api.parameters import AfterNumber, KnownAt, Limit
from api.reports.asking import (
    AsOfTo,
    Channel,
    From,
    Location,
    OverPeriod,
    Register,
    Staff,
    To,
    reading,
)
from api.service import Call
from api.tabular import CSV, Row, answered
from ledger.money import to_text
from ledger.reports.closures import Closure, Count, closures
from ledger.reports.views import Cut

_COLUMNS: Final = (
    "session",
    "register",
    "location",
    "staff",
    "business_date",
    "opened_at",
    "closed_at",
    "currency",
    "float",
    "method",
    "expected",
    "counted",
    "difference",
    "late",
)


class CountShown(Struct, frozen=True):
    """One method: `difference` = counted - expected, negative where something is missing."""

    method: str
    expected: str
    counted: str
    difference: str


class ClosureShown(Struct, frozen=True):
    """One register session that was counted and closed.

    `late` is what facts recorded after the count put over, or short where negative: the drawer
    stays at its count. `opened_at` is null where no opening was recorded.
    """

    session: str
    event: str
    register: str
    location: str | None
    staff: str | None
    business_date: date
    opened_at: datetime | None
    closed_at: datetime
    currency: str
    opening_float: str
    methods: list[CountShown]
    expected: str
    counted: str
    difference: str
    late: str


class Closures(OverPeriod, frozen=True, kw_only=True):
    """Sessions in the order in which their closing was recorded, a page of them."""

    data: list[ClosureShown]
    next: str | None


@get(
    "/v1/reports/closures",
    operation_id="getClosures",
    tags=["Reports"],
    summary="Register closures: expected, counted, difference",
    guards=[OFFICE],
    sync_to_thread=True,
    opt={"answer": Closures, "csv": True},
)
def get_closures(  # noqa: PLR0913 - each is a parameter of the query
    request: Call,
    *,
    since: From = None,
    through: To = None,
    as_of: AsOfTo = None,
    known_at: KnownAt = None,
    location: Location = None,
    register: Register = None,
    channel: Channel = None,
    staff: Staff = None,
    limit: Limit = PAGE,
    after: AfterNumber = None,
) -> Response[Any]:
    """Answer each session that was closed in a period, by method.

    With `Accept: text/csv` a table of all, a row a method (`limit` and `after` are of JSON).
    """
    cut = Cut(location=location, register=register, channel=channel, staff=staff)
    with reading(request, cut, known_at) as book:
        view = book.over(since, through, as_of)
        whole = book.form == CSV
        found = closures(
            book.connection,
            book.book.id,
            book.settings,
            view,
            after=0 if whole else int(after or 0),
            limit=None if whole else limit + 1,
        )
    if whole:
        return answered(CSV, None, _COLUMNS, _cells(found), book.language)
    following = str(found[limit - 1].seq) if len(found) > limit else None
    shown = [_shown(closure) for closure in found[:limit]]
    return Response(Closures(**book.period_head(view), data=shown, next=following))


def _shown(closure: Closure) -> ClosureShown:
    currency = closure.currency
    return ClosureShown(
        session=closure.session,
        event=closure.event_id,
        register=closure.register,
        location=closure.location,
        staff=closure.staff,
        business_date=closure.day,
        opened_at=closure.opened_at,
        closed_at=closure.closed_at,
        currency=currency,
        opening_float=to_text(closure.opening, currency),
        methods=[_count(count, currency) for count in closure.counts],
        expected=to_text(closure.all("expected"), currency),
        counted=to_text(closure.all("counted"), currency),
        difference=to_text(closure.all("difference"), currency),
        late=to_text(closure.late, currency),
    )


def _count(count: Count, currency: str) -> CountShown:
    return CountShown(
        method=count.method,
        expected=to_text(count.expected, currency),
        counted=to_text(count.counted, currency),
        difference=to_text(count.difference, currency),
    )


def _cells(found: Sequence[Closure]) -> Iterator[Row]:
    for closure in found:
        shown = _shown(closure)
        session = {
            "session": shown.session,
            "register": shown.register,
            "location": shown.location or "",
            "staff": shown.staff or "",
            "business_date": shown.business_date.isoformat(),
            "opened_at": shown.opened_at.isoformat() if shown.opened_at else "",
            "closed_at": shown.closed_at.isoformat(),
            "currency": shown.currency,
        }
        first = {"float": shown.opening_float, "late": shown.late}
        for count in shown.methods:
            cells = {name: getattr(count, name) for name in count.__struct_fields__}
            yield session | cells | first
            first = {}
        if not shown.methods:
            yield session | first
