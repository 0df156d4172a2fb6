"""Everything that is kept in step with the log, built anew from it and put in place at once.

The log is told again into a scratch while the book goes on recording. What was written once is
compared beside; then the head is held for as long as it takes to tell the last events, to compare
what every event moves on, and to put right the rows that differ. Until that one transaction
commits, nothing of the book is touched; killed at any moment it leaves what was there.
"""

from collections.abc import Callable, Iterator

from msgspec import Struct

from ledger import store
from ledger.book import Book
from ledger.database import Connection, Engine, snapshot, transaction
from ledger.rebuild.store import Beside, begin_generation
from ledger.replay.scratch import Scratch, scratch
from ledger.replay.store import logged, stated, take_time
from ledger.verify.entries import Chain
from ledger.verify.findings import Finding
from ledger.verify.replayed import Replayed

CLOSE: int = 256
"""How many events may be left to tell when the head is held."""

Told = Callable[[int, int], None]
"""Takes how many events were told, of how many."""


class Differs(Exception):
    """The log itself, or its postings, are not what they ought to be: nothing was changed."""

    def __init__(self, check: str, finding: Finding) -> None:
        super().__init__(check, finding)
        self.check, self.finding = check, finding


class Rebuilt(Struct, frozen=True):
    """What was put right, in rows of each table, and in which generation the book is now."""

    book: int
    head: int
    generation: int
    rows: dict[str, int]


class _Work:
    """A rebuild under way."""

    def __init__(self, book: Book, again: Scratch, told: Told, *, postings: bool) -> None:
        self.book, self.again, self.told = book, again, told
        self._chain, self._replayed = Chain(book), Replayed(again)
        self._postings = postings
        self.beside = Beside(again.connection, book.id, postings=postings)

    def catch_up(self, connection: Connection, head: int) -> None:
        """Tell the events that were not told yet, a batch of them."""
        entries = logged(connection, self.book.id, after=self.again.through, through=head)
        if not entries:
            missing = self.again.through + 1
            raise Differs("chain", Finding("sequence", str(missing), "nothing", seq=missing))
        for entry in entries:
            self._chain.look(entry)
            self._replayed.look(entry, stated(entry))
            self._refuse()
        self.told(self.again.through, head)

    def _refuse(self) -> None:
        """Raise where the log is broken, or has other postings than it ought to."""
        for check in (self._chain.check, self._replayed.check):
            finding = check.finding
            of_postings = check is self._replayed.check and not self._replayed.ended
            if finding is not None and not (of_postings and self._postings):
                raise Differs(check.name, finding)


def rebuild(database: Engine, book: Book, told: Told, *, postings: bool = False) -> Rebuilt:
    """Build anew what is kept in step with a book's log, and put it in its place.

    With *postings*, postings that the log does not bear out are put right too. Raises Differs
    where the chain is broken, or postings differ and are not to be touched.
    """
    with scratch(book, keeps=True) as again:
        work = _Work(book, again, told, postings=postings)
        for head in _until_close(database, book, again):
            with snapshot(database) as connection:
                work.catch_up(connection, head)
        again.write()
        told_first = again.through
        with snapshot(database) as connection:
            take_time(connection)
            work.beside.compare_written_once(connection, 0, told_first)
        with transaction(database) as connection:
            return _swap(connection, work, told_first)


def _until_close(database: Engine, book: Book, again: Scratch) -> Iterator[int]:
    """Yield the head for as long as there is more to tell than the head may be held for."""
    while True:
        with snapshot(database) as connection:
            head = store.head(connection, book.id)
        assert head is not None
        if head.seq - again.through <= CLOSE:
            return
        yield head.seq


def _swap(connection: Connection, work: _Work, told_first: int) -> Rebuilt:
    """Put everything in place while nobody records."""
    take_time(connection)
    head = store.head(connection, work.book.id, lock=True)
    assert head is not None
    while work.again.through < head.seq:
        work.catch_up(connection, head.seq)
    work.again.write()
    work.beside.compare_written_once(connection, told_first, None)
    work.beside.compare_standing(connection)
    rows = work.beside.put_right(connection)
    begin_generation(connection, work.book.id)
    return Rebuilt(work.book.id, head.seq, head.generation + 1, rows)
