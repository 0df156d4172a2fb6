"""When stored value may expire: where and how soon the law of the region lets it (5.4)."""

from collections.abc import Iterable
from datetime import date

from ledger.errors import Conflict
from ledger.events.base import BusinessEvent, Earlier, Entry
from ledger.events.standing import is_reversed
from ledger.regions import StoredValue


def refuse_expiry(
    event: BusinessEvent, role: StoredValue, holder: str, filled: Iterable[date], earlier: Earlier
) -> None:
    """Raise a Conflict where the region forbids expiry, or not that soon after it was last filled.

    A bookkeeper's `override` lifts it.
    """
    rules = earlier.settings.region
    if event.override is not None:
        return
    if not rules.may_expire(role):
        book = earlier.book
        where = "-".join(filter(None, (book.country, book.region)))
        raise Conflict("expiry-forbidden", role=role, holder=holder, region=where)
    years, last = rules.expiry_years(role), max(filled, default=None)
    if not years or last is None:
        return
    first = _years_after(last, years)
    if event.day() < first:
        raise Conflict("expiry-too-early", role=role, holder=holder, years=years, first=first)


def filled_on(subject: str, role: StoredValue, holder: str, earlier: Earlier) -> list[date]:
    """Return the days on which a holder was filled by what stands."""
    return [
        entry.event.day()
        for entry in earlier.about(subject, holder)
        if _fills(entry, role, holder) and not is_reversed(entry, earlier)
    ]


def _fills(entry: Entry, role: StoredValue, holder: str) -> bool:
    found = (posting for posting in entry.postings if posting.amount < 0)
    return any((posting.role, posting.holder) == (role, holder) for posting in found)


def _years_after(day: date, years: int) -> date:
    """Return the same day some years later; of 29 February, 1 March where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
