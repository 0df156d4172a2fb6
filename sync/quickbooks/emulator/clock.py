"""QuickBooks' time stamps: Pacific time with its offset, never Z."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")


class Clock:
    """Reads the injected seconds since 1970 in the forms the protocol needs."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self.seconds = seconds

    def now(self) -> datetime:
        """Return the moment in Pacific time."""
        return datetime.fromtimestamp(self.seconds(), tz=UTC).astimezone(PACIFIC)

    def stamp(self) -> str:
        """Return the moment to the second, as in MetaData."""
        return self.now().isoformat(timespec="seconds")

    def answered(self) -> str:
        """Return the moment to the millisecond, as in the `time` of an answer."""
        return self.now().isoformat(timespec="milliseconds")

    def today(self) -> str:
        """Return the server's date, the default of TxnDate."""
        return self.now().date().isoformat()


def parse(text: str) -> datetime | None:
    """Return the moment that a date or date-time text means (Pacific without offset), or None."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=PACIFIC)


def is_date(text: str) -> bool:
    """Tell whether the text is a calendar date YYYY-MM-DD."""
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False
