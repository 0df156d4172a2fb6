"""The general ledger: account by account, what stood, what was posted, and what stands then."""

from collections.abc import Iterator
from datetime import date, timedelta

from msgspec import Struct
from msgspec.structs import replace

from ledger.clocks.sums import one_side
from ledger.database import Connection
from ledger.reports.balances import Place, by_account
from ledger.reports.legs.store import At, Leg, every_leg, legs, moved_until
from ledger.reports.store import Sums
from ledger.reports.views import View
from ledger.settings import Settings

Start = tuple[Place, At | None]
"""Where a page starts: an account in a currency, and the posting behind which to go on."""


class Balance(Struct, frozen=True):
    """Minor units, debit positive, in an account's currency and in home money."""

    amount: int
    home: int

    def after(self, leg: Leg) -> "Balance":
        """Return the balance once a posting is made."""
        return Balance(self.amount + leg.amount, self.home + leg.home)


class Section(Struct, frozen=True):
    """An account in one currency: its part of a page. `legs` stand with the balance after each."""

    place: Place
    opening: Balance
    legs: list[tuple[Leg, Balance]]
    closing: Balance


class Ledger:
    """The general ledger of a view, of one account or of all.

    Income and expense open with what the fiscal year of the first day has so far; what earlier
    years earned opens retained earnings.
    """

    def __init__(
        self,
        connection: Connection,
        book_id: int,
        settings: Settings,
        view: View,
        only: str | None = None,
    ) -> None:
        self._connection, self._book_id, self._view = connection, book_id, view
        opening = _opening(connection, book_id, settings, view)
        moved = by_account(connection, book_id, settings, view)
        standing = {place for place, sums in opening.items() if sums.open}
        self._opening = {place: _balance(sums) for place, sums in opening.items()}
        self.places = sorted(p for p in standing | set(moved) if only in (None, p[0]))

    def page(self, start: Start | None, limit: int) -> tuple[list[Section], Start | None]:
        """Return sections with at most *limit* postings, and where the next page starts.

        An account without a posting counts as one.
        """
        sections, left = list[Section](), limit
        for place in self.places:
            if start is not None and place < start[0]:
                continue
            if left <= 0:
                return sections, (place, None)
            at = start[1] if start is not None and place == start[0] else None
            section, more = self._section(place, at, left)
            sections.append(section)
            if more:
                return sections, (place, section.legs[-1][0].at)
            left -= max(1, len(section.legs))
        return sections, None

    def _section(self, place: Place, after: At | None, limit: int) -> tuple[Section, bool]:
        opening = self._opening.get(place, Balance(0, 0))
        if after is not None:
            amount, home = moved_until(self._connection, self._book_id, self._view, place, after)
            opening = Balance(opening.amount + amount, opening.home + home)
        found = legs(
            self._connection, self._book_id, self._view, place, after=after, limit=limit + 1
        )
        running = list(_running(opening, iter(found[:limit])))
        closing = running[-1][1] if running else opening
        return Section(place, opening, running, closing), len(found) > limit

    def opening(self, place: Place) -> Balance:
        """Return what an account had before the view."""
        return self._opening.get(place, Balance(0, 0))

    def every(self, place: Place) -> Iterator[tuple[Leg, Balance]]:
        """Yield all postings of an account with the balance after each."""
        found = every_leg(self._connection, self._book_id, self._view, place)
        return _running(self.opening(place), found)


def _running(balance: Balance, found: Iterator[Leg]) -> Iterator[tuple[Leg, Balance]]:
    for leg in found:
        balance = balance.after(leg)
        yield leg, balance


def _opening(
    connection: Connection, book_id: int, settings: Settings, view: View
) -> dict[Place, Sums]:
    """Return what stood on each account before a view's first day, earlier years rolled up."""
    before = view.before()
    if before is None or view.since is None:
        return {}
    sums = by_account(connection, book_id, settings, before)
    year = settings.book.fiscal_year_start(view.since)
    earlier = replace(before, through=year - timedelta(days=1))
    retained = settings.code_of("retained_earnings", view.since)
    for place, earned in by_account(connection, book_id, settings, earlier).items():
        account = settings.accounts.get(place[0], date.max)
        if account is not None and account.type in ("income", "expense"):
            sums[place] = sums.get(place, Sums()) - earned
            kept = (retained, place[1])
            sums[kept] = sums.get(kept, Sums()) + one_side(earned)
    return sums


def _balance(sums: Sums) -> Balance:
    return Balance(sums.balance, sums.home_balance)
