"""The scene that the tests of delivery share."""

import pytest

from ledger.book import Book
from ledger.database import Engine
from tests.sync.scene import Scene


@pytest.fixture
def scene(database: Engine, book: Book) -> Scene:
    """Return a connected book without documents."""
    return Scene(database, book)
