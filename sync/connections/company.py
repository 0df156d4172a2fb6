"""What is kept of an outside company beside its tokens."""

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ledger.book import Book
from ledger.database import Connection
from sync.connections import store


class CompanyFacts(Struct, frozen=True):
    """What a company said of itself when the book was bound to it."""

    name: str = ""
    country: str = ""
    currency: str = ""
    year_starts: int = 0


def as_kept_there(connection: Connection, book: Book, target: str) -> Book:
    """Return the book with the fiscal year that the company has, where it says so."""
    found = store.find(connection, book.id, target)
    facts = msgspec.json.decode(found.company if found else b"{}", type=CompanyFacts)
    return replace(book, fiscal_year_starts=facts.year_starts or book.fiscal_year_starts)
