"""What became known between two moments, event by event: why a past day's balance has changed."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Any, Final

from litestar import Response, get
from litestar.params import QueryParameter
from msgspec import Struct

from api.access import OFFICE
from api.accounts import find_account
from api.answers import MOST, PAGE, EntryLine, entry_lines
from api.caller import signed_in
from api.parameters import (
    KNOWN_PATTERN,
    AfterNumber,
    AsOf,
    Limit,
    bad_parameter,
    known_at_of,
)
from api.problems import language_of
from api.reports.asking import Channel, Location, Register, Staff
from api.service import Call, service_of
from api.tabular import CSV, Row, form_of, streamed
from ledger.book import Book
from ledger.changes.store import Between, Change, changes_between
from ledger.clocks.store import known_seq
from ledger.database import Engine, snapshot
from ledger.reports.views import Cut

_LINE: Final = EntryLine.__struct_fields__
_COLUMNS: Final = ("seq", "event", "type", "business_date", *_LINE)


class ChangeShown(Struct, frozen=True):
    """An event with those of its postings that move the balances asked for."""

    id: str
    seq: int
    type: str
    business_date: date
    recorded_at: datetime
    entry: list[EntryLine]


class ChangesKnown(Struct, frozen=True):
    """What became known after `from_known_at` through `to_known_at`, both sequence numbers."""

    from_known_at: int
    to_known_at: int
    as_of: date | None
    filters: dict[str, str]
    data: list[ChangeShown]
    next: str | None = None


@get(
    "/v1/reports/changes",
    operation_id="getChangesKnown",
    tags=["Reports"],
    summary="What changed between two moments of knowledge",
    guards=[OFFICE],
    sync_to_thread=True,
    opt={"answer": ChangesKnown, "csv": True, "problems": (404,)},
)
def get_changes_known(  # noqa: PLR0913 - each is a parameter of the query
    request: Call,
    *,
    from_known_at: Annotated[
        str | None,
        QueryParameter(
            pattern=KNOWN_PATTERN,
            description="What was known before: a sequence number or an instant; default: nothing.",
        ),
    ] = None,
    to_known_at: Annotated[
        str | None,
        QueryParameter(
            pattern=KNOWN_PATTERN,
            description="What was known then: a sequence number or an instant; default: now.",
        ),
    ] = None,
    as_of: AsOf = None,
    account: Annotated[
        str | None, QueryParameter(max_length=64, description="Of one account: code or role.")
    ] = None,
    location: Location = None,
    register: Register = None,
    channel: Channel = None,
    staff: Staff = None,
    limit: Limit = PAGE,
    after: AfterNumber = None,
) -> Response[Any]:
    """Answer the events that moved balances as of a day, in the order in which they were recorded.

    A balance known at `to_known_at` is the one known at `from_known_at` and these postings.
    `Accept: text/csv` streams all of them, a row a posting; `limit` and `after` are of JSON.
    """
    form, database = form_of(request.headers.get("accept", "")), service_of(request).database
    cut = Cut(location=location, register=register, channel=channel, staff=staff)
    book = signed_in(request.scope).book
    since = known_at_of(from_known_at or "0", "from_known_at")
    then = known_at_of(to_known_at, "to_known_at")
    with snapshot(database) as connection:
        first = known_seq(connection, book.id, since)
        last = known_seq(connection, book.id, MOST_EVENTS if then is None else then)
        assert first is not None
        assert last is not None
        if last < first:
            raise bad_parameter("to_known_at")
        code = None
        if account is not None:
            code = find_account(connection, book, account, service_of(request).clock()).code
        between = Between(after=first, through=last, as_of=as_of, account=code, cut=cut)
        if form == CSV:
            return streamed(_COLUMNS, _streamed(database, book, between), language_of(request))
        found = changes_between(
            connection, book.id, between, after=int(after or 0), limit=limit + 1
        )
    rows = [_shown(change, book.currency) for change in found[:limit]]
    more = str(rows[-1].seq) if len(found) > limit else None
    return Response(ChangesKnown(first, last, as_of, cut.stated(), rows, more))


def _streamed(database: Engine, book: Book, between: Between) -> Iterator[Row]:
    """Yield every posting in a reading of its own, which lasts as long as the sending."""
    after = 0
    with snapshot(database) as connection:
        while found := changes_between(connection, book.id, between, after=after, limit=MOST):
            for change in found:
                yield from _rows(_shown(change, book.currency))
            after = found[-1].seq


def _rows(change: ChangeShown) -> Iterator[Row]:
    of_event = {
        "seq": str(change.seq),
        "event": change.id,
        "type": change.type,
        "business_date": change.business_date.isoformat(),
    }
    for line in change.entry:
        yield of_event | {name: getattr(line, name) or "" for name in _LINE}


MOST_EVENTS: Final = 2**62
"""More events than any log has: as known now."""


def _shown(change: Change, home: str) -> ChangeShown:
    return ChangeShown(
        id=change.event_id,
        seq=change.seq,
        type=change.type,
        business_date=change.business_date,
        recorded_at=change.recorded_at,
        entry=entry_lines(change.postings, home),
    )


ROUTES: Final = (get_changes_known,)
