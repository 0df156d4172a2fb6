"""An office: a book of its own with a key for each role, and the API to call with them."""

from collections.abc import Iterator
from os import getpid
from tempfile import gettempdir
from typing import Any, get_args

import pytest
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient
from msgspec.structs import replace

from api.access import create_key
from api.app import create_app
from api.settings import Settings
from ledger.book import Book
from ledger.database import Engine, transaction
from ledger.desk import AmongCallers
from ledger.events.base import Role
from ledger.recorder import Recorder, now_us
from tests.conftest import OpenBook

SETTINGS = Settings(
    secret_key="QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=",
    access_log=False,
    erasures_file=f"{gettempdir()}/daybook-erased-{getpid()}.jsonl",
)
ROLES: tuple[Role, ...] = get_args(Role)


class Office:
    """A book, the tokens of its four roles, and the ways to call the API with them."""

    def __init__(self, client: TestClient[Litestar], book: Book, tokens: dict[Role, str]) -> None:
        self.client, self.book, self.tokens = client, book, tokens

    def call(self, method: str, path: str, role: Role | None = "pos", **sent: Any) -> Response:
        """Call with the key of a role (None: with none)."""
        headers = dict(sent.pop("headers", {}))
        if role is not None:
            headers["Authorization"] = f"Bearer {self.tokens[role]}"
        return self.client.request(method, path, headers=headers, **sent)

    def record(self, event: Any, role: Role = "pos", **sent: Any) -> Response:
        """Record one fact."""
        return self.call("POST", "/v1/events", role, json=event, **sent)

    def read(self, path: str, role: Role = "bookkeeper", **params: Any) -> Any:
        """Return what a GET answers with 200."""
        answer = self.call("GET", path, role, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def head(self) -> dict[str, Any]:
        """Return where the log ends."""
        head: dict[str, Any] = self.read("/v1/me")["head"]
        return head


@pytest.fixture(scope="session")
def app(database: Engine, tmp_path_factory: pytest.TempPathFactory) -> Litestar:
    """Return the application on each database."""
    erasures = tmp_path_factory.mktemp("erasures") / "erased.jsonl"
    settings = replace(SETTINGS, erasures_file=str(erasures))
    return create_app(settings, database, Recorder(database, desk=AmongCallers()))


@pytest.fixture(scope="session")
def client(app: Litestar) -> Iterator[TestClient[Litestar]]:
    """Return a client of the application, which is shut down at the end."""
    with TestClient(app) as client:
        yield client


def keys_of(database: Engine, book: Book) -> dict[Role, str]:
    """Return a new key for each role of a book."""
    with transaction(database) as connection:
        return {
            role: create_key(
                connection, SETTINGS.pepper(), book.id, role, f"{role} key", now_us=now_us()
            )
            for role in ROLES
        }


@pytest.fixture
def office(database: Engine, client: TestClient[Litestar], book: Book) -> Office:
    """Return the office of a new book."""
    return Office(client, book, keys_of(database, book))


@pytest.fixture
def next_door(database: Engine, client: TestClient[Litestar], open_book: OpenBook) -> Office:
    """Return the office of another new book."""
    book = open_book(name="Salon Saint-Denis")
    return Office(client, book, keys_of(database, book))


@pytest.fixture
def anyio_backend() -> str:
    """Run coroutines on asyncio."""
    return "asyncio"
