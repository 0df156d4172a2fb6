"""Books that are kept warm: what was read of them stays in memory for the next fact."""

from collections.abc import Callable, Iterable
from typing import Final

from ledger import store
from ledger.database import Connection
from ledger.errors import Conflict
from ledger.log import store as log
from ledger.state import State

CATCH_UP: Final = 64
"""How many entries of others a warm book is read on by; behind further, it is opened anew."""

BOOKS: Final = 256
"""How many books are kept warm."""


class WarmBooks:
    """The books of a recorder, those that were asked for last at the end.

    What is not warm of one is looked up through *settled*: a connection, asked for when needed, on
    which nothing is under way.
    """

    def __init__(self, settled: Callable[[], Connection]) -> None:
        self._settled = settled
        self._books: dict[int, State] = {}

    def all_of(self, book_ids: Iterable[int]) -> dict[int, State] | None:
        """Return books as they were left, if all of them are warm."""
        wanted = sorted(book_ids)
        if not self._books.keys() >= set(wanted):
            return None
        return {book_id: self._kept(book_id, self._books[book_id]) for book_id in wanted}

    def held(self, connection: Connection, book_ids: Iterable[int]) -> dict[int, State]:
        """Return the books that exist as they are now, their heads held one after the other."""
        heads = {
            book_id: store.head(connection, book_id, lock=True) for book_id in sorted(book_ids)
        }
        return {
            book_id: self._at(connection, book_id, head)
            for book_id, head in heads.items()
            if head is not None
        }

    def undo(self) -> None:
        """Take back what is pending in any book."""
        for state in self._books.values():
            state.undo()

    def forget(self, book_ids: Iterable[int] | None = None) -> None:
        """Ask everything of the store anew: of these books, or of all."""
        for book_id in list(self._books) if book_ids is None else book_ids:
            self._books.pop(book_id, None)

    def _at(self, connection: Connection, book_id: int, head: store.Head) -> State:
        """Return a book at its head; a warm one reads on by what others wrote."""
        state = self._books.pop(book_id, None)
        if state is not None and state.is_behind(head, CATCH_UP):
            after, through = state.head.seq, head.seq
            state.catch_up(log.entries(connection, book_id, after=after, through=through))
        if state is None or state.head != head or state.pending:
            state = open_book(connection, book_id, head)
        self._kept(book_id, state)
        if len(self._books) > BOOKS:
            self._books.pop(next(iter(self._books)))
        return state

    def _kept(self, book_id: int, state: State) -> State:
        state.read_through(self._settled)
        self._books.pop(book_id, None)
        self._books[book_id] = state
        return state


def open_book(connection: Connection, book_id: int, head: store.Head | None) -> State:
    """Return a book at its head, of which nothing is warm; a Conflict where there is none."""
    book = store.find_book(connection, book_id)
    if book is None or head is None:
        raise Conflict("book-unknown", book=book_id)
    return State(connection, book, head)
