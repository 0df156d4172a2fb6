"""A book: the accounts of one business, and its calendar."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from msgspec import Struct


class Book(Struct, frozen=True):
    """What a book is from its first day; it never changes, so that a replay gives the same days."""

    id: int
    name: str
    country: str
    region: str | None
    currency: str
    timezone: str
    day_starts: str = "00:00"
    locale: str = "en"
    fiscal_year_starts: int = 1

    def business_date(self, at: datetime) -> date:
        """Return the shop's day at an instant: local time less the hour at which its day starts."""
        local = at.astimezone(ZoneInfo(self.timezone))
        return (local - _after_midnight(self.day_starts)).date()

    def day_ends(self, day: date) -> datetime:
        """Return the instant at which a business date is over."""
        next_day = datetime(day.year, day.month, day.day) + timedelta(days=1)  # noqa: DTZ001 - local, made aware below
        local = next_day + _after_midnight(self.day_starts)
        return local.replace(tzinfo=ZoneInfo(self.timezone))

    def fiscal_year_start(self, day: date) -> date:
        """Return the first day of the fiscal year that *day* is in."""
        first = date(day.year, self.fiscal_year_starts, 1)
        return first if first <= day else date(day.year - 1, self.fiscal_year_starts, 1)


@lru_cache(maxsize=256)
def _after_midnight(day_starts: str) -> timedelta:
    """Return how long after midnight a day starts, by the clock on the wall."""
    hours, minutes = day_starts.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))
