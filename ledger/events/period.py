"""PeriodClosed and PeriodReopened: days that no further fact may be of."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from ledger.book import Book
from ledger.errors import Conflict, Fault, fault
from ledger.events.base import Earlier
from ledger.events.configuration import ConfiguringEvent
from ledger.postings import Caveat, Posting
from ledger.settings import Settings

FIRST_CLOSED: Final = date(1900, 1, 1)
LAST_CLOSED: Final = date(2199, 12, 30)
"""The days that may be closed: after each there is one that a fact can be of."""


class PeriodClosed(ConfiguringEvent, frozen=True, kw_only=True, tag="period_closed"):
    """Every day through `through` is closed. It has no entry."""

    through: date

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield a fault for a day that no fact can be of."""
        if not FIRST_CLOSED <= self.through <= LAST_CLOSED:
            yield fault("/through", "date-out-of-range", first=FIRST_CLOSED, last=LAST_CLOSED)

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield nothing; Conflict where these days are closed already."""
        closed = earlier.settings.closed_through
        if closed is not None and self.through <= closed:
            raise Conflict("period-closed-already", pointer="/through", through=closed)
        return ()

    def configure(self, settings: Settings) -> None:
        """Close the days."""
        settings.closings.append(self.through)


class PeriodReopened(ConfiguringEvent, frozen=True, kw_only=True, tag="period_reopened"):
    """The closing through `through` is withdrawn; an earlier one holds on. It has no entry."""

    through: date

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield nothing; Conflict where there is no such closing."""
        if self.through not in earlier.settings.closings:
            raise Conflict("period-not-closed", pointer="/through", through=self.through)
        return ()

    def configure(self, settings: Settings) -> None:
        """Open the days again."""
        settings.closings.remove(self.through)
