"""A book recomputed in one reading of it, beside whoever records into it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ledger import store
from ledger.book import Book
from ledger.database import Connection, Engine, snapshot
from ledger.replay.scratch import Scratch, scratch
from ledger.replay.store import (
    logged,
    page_end,
    rows_in_order,
    stated,
    take_time,
)
from ledger.verify import store as sums
from ledger.verify.entries import Balanced, Chain, Columns
from ledger.verify.findings import Check, Report
from ledger.verify.replayed import Replayed

Told = Callable[[int, int], None]
"""Takes how many events were looked at, of how many."""


def verify(database: Engine, book: Book, told: Told, *, replay: bool = True) -> Report:
    """Return what is wrong with a book, the first place of each kind.

    Everything is read in one snapshot, through the head of that moment. Without *replay* nothing
    is decided again: the chain, the entries and the sums alone.
    """
    with snapshot(database) as connection, _scratch(book, wanted=replay) as again:
        take_time(connection)
        head = store.head(connection, book.id)
        assert head is not None
        checks = list(_log(connection, book, head, told, again))
        checks.append(sums.control_accounts(connection, book.id))
        checks.append(sums.balances(connection, book.id))
        checks.append(sums.deltas(connection, book.id))
        checks.append(sums.block_deltas(connection, book.id, head.seq))
        if again is not None:
            checks += _projections(connection, again, head)
    return Report(book.id, head.seq, checks)


@contextmanager
def _scratch(book: Book, *, wanted: bool) -> Iterator[Scratch | None]:
    if not wanted:
        yield None
        return
    with scratch(book, admits=True) as again:
        yield again


def _log(
    connection: Connection, book: Book, head: store.Head, told: Told, again: Scratch | None
) -> Iterator[Check]:
    """Yield what the log itself shows, read from its first event to its head."""
    chain, columns = Chain(book), Columns()
    balanced = Balanced(book, sums.roles(connection, book.id))
    replayed = Replayed(again) if again else None
    after = 0
    while after < head.seq:
        batch = logged(connection, book.id, after=after, through=head.seq)
        for entry in batch:
            event = stated(entry)
            chain.look(entry)
            columns.look(entry, event)
            balanced.look(entry)
            if replayed is not None:
                replayed.look(entry, event)
        after = page_end(after, head.seq)
        told(after, head.seq)
    chain.end(head)
    balanced.check.compare(
        "postings of events", balanced.postings, sums.count_postings(connection, book.id)
    )
    yield from (chain.check, columns.check, balanced.check)
    if replayed is not None:
        yield from (replayed.check, replayed.caveats)


def _projections(connection: Connection, again: Scratch, head: store.Head) -> Iterator[Check]:
    """Yield what else is kept in step, beside what the log told again keeps."""
    again.write()
    for ought in again.ought():
        check = Check(ought.table.name.replace("_", " "))
        if again.through != head.seq:
            check.skipped = f"the log could not be told again after event {again.through}"
            yield check
            continue
        found = rows_in_order(connection, ought.table, again.book.id)
        sums.compare_rows(check, ought, found)
        yield check
