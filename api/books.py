"""Opening a book, with a key for each role."""

from typing import Final, get_args

from msgspec.structs import replace

from api.access import create_key
from ledger.book import Book
from ledger.database import AWAY, DBAPIError, Engine, transaction
from ledger.events.base import Role
from ledger.store import books, create_book

ROLES: Final[tuple[Role, ...]] = get_args(Role)

_ATTEMPTS: Final = 5
"""How often a number is chosen anew when another process took it first."""


def open_with_keys(
    database: Engine, pepper: bytes, book: Book, now_us: int
) -> tuple[Book, dict[Role, str]]:
    """Open *book* under the next free number, and return it with a key for each role."""
    for attempt in range(_ATTEMPTS):
        try:
            return _opened(database, pepper, book, now_us)
        except AWAY:
            raise
        except DBAPIError:  # somebody else took the number
            if attempt == _ATTEMPTS - 1:
                raise
    raise AssertionError("the last attempt returns or raises")


def _opened(
    database: Engine, pepper: bytes, book: Book, now_us: int
) -> tuple[Book, dict[Role, str]]:
    with transaction(database) as connection:
        number = max((known.id for known in books(connection)), default=0) + 1
        opened = replace(book, id=number)
        create_book(connection, opened, now_us)
        keys = {
            role: create_key(connection, pepper, number, role, role, now_us=now_us)
            for role in ROLES
        }
    return opened, keys
