"""What every report is asked: of which days, as known when, of which part of the shop."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated, Any

from litestar.params import QueryParameter
from msgspec import Struct, field

from api.caller import signed_in
from api.catalogue import Language
from api.parameters import bad_parameter, known_at_of, today
from api.problems import language_of
from api.service import Call, service_of
from api.tabular import form_of
from ledger.book import Book
from ledger.clocks.store import known_seq
from ledger.database import Connection, snapshot
from ledger.decide import FIRST_DAY, LAST_DAY
from ledger.log.store import load_settings
from ledger.reports.store import last_day
from ledger.reports.views import Cut, View
from ledger.settings import Settings
from ledger.store import head

Location = Annotated[
    str | None, QueryParameter(max_length=64, description="What was posted at this location.")
]
Register = Annotated[
    str | None, QueryParameter(max_length=64, description="What this register stated.")
]
Channel = Annotated[
    str | None, QueryParameter(max_length=64, description="What came through this channel.")
]
Staff = Annotated[
    str | None, QueryParameter(max_length=64, description="What this member of staff did.")
]
From = Annotated[
    date | None,
    QueryParameter(
        name="from", description="First business date; default: the fiscal year's first."
    ),
]
To = Annotated[
    date | None,
    QueryParameter(name="to", description="Last business date; default: the last with a posting."),
]
AsOfTo = Annotated[date | None, QueryParameter(description="The same as `to`.")]


class OnDay(Struct, frozen=True, kw_only=True):
    """Stands at the end of `as_of`, as known when the log ended at `known_at`."""

    as_of: date
    known_at: int
    currency: str
    filters: dict[str, str]


class OverPeriod(Struct, frozen=True, kw_only=True):
    """Of the days `from` through `to`, as known when the log ended at `known_at`."""

    since: date = field(name="from")
    through: date = field(name="to")
    known_at: int
    currency: str
    filters: dict[str, str]


class Reading(Struct, frozen=True):
    """One consistent state of a book, and how the report that is made of it is to be answered.

    `known` is where the log ended; `stated` the same when it was asked for, None for now.
    """

    connection: Connection
    book: Book
    settings: Settings
    language: Language
    form: str
    cut: Cut
    known: int
    stated: int | None
    today: date

    @property
    def last(self) -> date:
        """Return the last day with a posting; today in a book that has none."""
        return last_day(self.connection, self.book.id, self.stated) or self.today

    def on(self, as_of: date | None) -> View:
        """Return everything through a day."""
        return View(through=_within("as_of", as_of or self.last), known=self.stated, cut=self.cut)

    def over(self, since: date | None, through: date | None, as_of: date | None) -> View:
        """Return a period: by default the fiscal year so far; a Refusal when it ends first."""
        if through is not None and as_of is not None and through != as_of:
            raise bad_parameter("as_of")
        last = _within("to", through or as_of or self.last)
        first = _within("from", since or self.year_start(last))
        if first > last:
            raise bad_parameter("from")
        return View(since=first, through=last, known=self.stated, cut=self.cut)

    def year_start(self, day: date) -> date:
        """Return the first day of the fiscal year that a day is in."""
        return max(self.book.fiscal_year_start(day), FIRST_DAY)

    def day_head(self, view: View) -> dict[str, Any]:
        """Return the fields of `OnDay`."""
        return {"as_of": view.through, **self._head()}

    def period_head(self, view: View) -> dict[str, Any]:
        """Return the fields of `OverPeriod`."""
        return {"since": view.since, "through": view.through, **self._head()}

    def _head(self) -> dict[str, Any]:
        return {
            "known_at": self.known,
            "currency": self.book.currency,
            "filters": self.cut.stated(),
        }


def _within(name: str, day: date) -> date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise bad_parameter(name)
    return day


@contextmanager
def reading(request: Call, cut: Cut, known_at: str | None) -> Iterator[Reading]:
    """Open a book to report on; a Refusal for a form or an instant that cannot be."""
    form = form_of(request.headers.get("accept", ""))
    service, caller = service_of(request), signed_in(request.scope)
    book = caller.book
    with snapshot(service.database) as connection:
        stated = known_seq(connection, book.id, known_at_of(known_at))
        end = head(connection, book.id)
        assert end is not None
        yield Reading(
            connection=connection,
            book=book,
            settings=load_settings(connection, book),
            language=language_of(request),
            form=form,
            cut=cut,
            known=end.seq if stated is None else stated,
            stated=stated,
            today=today(book, service.clock()),
        )
