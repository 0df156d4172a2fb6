"""Balances by both clocks the plain way: every posting of the log, added up in Python."""

from collections.abc import Iterator
from datetime import date

from ledger.accounts import Account
from ledger.book import Book
from ledger.clocks.sums import Place, Sums
from ledger.events.base import Entry
from ledger.postings import Posting
from ledger.settings import Settings


class Model:
    """A log, and what its postings add up to at the end of a day, as known after an event."""

    def __init__(self, book: Book, entries: list[Entry], settings: Settings) -> None:
        self.book, self.entries, self.settings = book, entries, settings

    def account(self, code: str) -> Account:
        """Return an account."""
        found = self.settings.accounts.get(code, date.max)
        assert found is not None
        return found

    def posted(self, as_of: date | None, known: int | None) -> Iterator[tuple[Entry, Posting]]:
        """Yield what is of no later day, and was known."""
        for entry in self.entries:
            early = as_of is None or entry.event.day() <= as_of
            if early and (known is None or entry.seq <= known):
                yield from ((entry, posting) for posting in entry.postings)

    def last_day(self, known: int | None) -> date | None:
        """Return the latest day on which money moved."""
        moved = (e.event.day() for e, p in self.posted(None, known) if p.amount or p.home)
        return max(moved, default=None)

    def places(self, as_of: date | None, known: int | None) -> dict[Place, Sums]:
        """Return what every holder turned over."""
        sums: dict[Place, Sums] = {}
        for _, posting in self.posted(as_of, known):
            place = (posting.account, posting.holder, posting.currency)
            sums[place] = sums.get(place, Sums()) + sides(posting)
        return sums

    def kept(self, as_of: date | None, known: int | None) -> dict[Place, Sums]:
        """Return what was turned over, with holders on busy accounts alone."""
        sums: dict[Place, Sums] = {}
        for (code, holder, currency), moved in self.places(as_of, known).items():
            place = (code, holder if self.account(code).busy else "", currency)
            sums[place] = sums.get(place, Sums()) + moved
        return {place: moved for place, moved in sums.items() if moved != Sums()}

    def trial_balance(self, as_of: date | None, known: int | None) -> dict[Place, tuple[int, int]]:
        """Return balances by holder, here and at home, with earlier years in retained earnings."""
        day = as_of or self.last_day(known)
        if day is None:
            return {}
        retained = self.settings.code_of("retained_earnings", day)
        first, balances = self.book.fiscal_year_start(day), dict[Place, tuple[int, int]]()
        for entry, posting in self.posted(day, known):
            place = (posting.account, posting.holder, posting.currency)
            earned = self.account(posting.account).type in ("income", "expense")
            if earned and entry.event.day() < first:
                place = (retained, "", posting.currency)
            here, home = balances.get(place, (0, 0))
            balances[place] = here + posting.amount, home + posting.at_home
        return {place: balance for place, balance in balances.items() if any(balance)}


def sides(posting: Posting) -> Sums:
    """Return a posting as debit and credit, here and at home."""
    here, home = posting.amount, posting.at_home
    return Sums(max(here, 0), max(-here, 0), max(home, 0), max(-home, 0))
