"""PeriodClosed and PeriodReopened: days that no further fact may be of."""

from collections.abc import Iterable
from datetime import date

from ledger.errors import Conflict
from ledger.events.base import Earlier
from ledger.events.configuration import ConfiguringEvent
from ledger.postings import Caveat, Posting
from ledger.settings import Settings


class PeriodClosed(ConfiguringEvent, frozen=True, kw_only=True, tag="period_closed"):
    """Every day through `through` is closed. It has no entry."""

    through: date

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
