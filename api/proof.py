"""Both sides of a book beside each other: nothing lost, nothing doubled, equal balances."""

from datetime import date

from msgspec import Struct

from ledger.book import Book
from ledger.database import Engine, snapshot
from ledger.log import store as log
from ledger.reports.store import movements
from ledger.settings import Settings
from ledger.store import head
from sync.reconcile import Arrivals, Comparison, Reconciler, Row


class Proof(Struct, frozen=True):
    """What stands on both sides through a day."""

    events: int
    arrivals: Arrivals
    balances: Comparison
    days: int
    equal_days: int

    @property
    def holds(self) -> bool:
        """Tell whether everything arrived once and both trial balances are equal on every day."""
        arrived = self.arrivals.whole and not self.arrivals.waiting
        return arrived and self.balances.equal and self.equal_days == self.days


async def prove(database: Engine, book: Book, reconciler: Reconciler) -> Proof:
    """Return the proof for everything that the book holds."""
    first, last = span(database, book)
    days = [day async for day in reconciler.every_day(first, last)]
    arrivals = await reconciler.arrivals(first, last)
    with snapshot(database) as connection:
        end = head(connection, book.id)
    assert end is not None
    return Proof(end.seq, arrivals, days[-1], len(days), sum(day.equal for day in days))


def span(database: Engine, book: Book) -> tuple[date, date]:
    """Return the first and the last day on which anything moved; 1970-01-01 where nothing did."""
    with snapshot(database) as connection:
        days = [moved[0] for moved in movements(connection, book.id)]
    return (min(days), max(days)) if days else (date(1970, 1, 1), date(1970, 1, 1))


def read_settings(database: Engine, book: Book) -> Settings:
    """Return what the book's configuring events say."""
    with snapshot(database) as connection:
        return log.load_settings(connection, book)


def account_name(row: Row, settings: Settings) -> str:
    """Return what people call an account that both sides have: its name here, and its holder."""
    names = [_name(key, settings) for key in row.keys]
    shown = [name for name in dict.fromkeys(names) if name]
    return ", ".join(shown) or f"account {row.account}"


def _name(key: str, settings: Settings) -> str:
    _, code, *holder = key.split(":", 2)
    account = settings.accounts.get(code, date.max)
    name = account.name_en if account else code
    return f"{name}, {holder[0]}" if holder and holder[0] else name
