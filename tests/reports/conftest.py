"""A shop's office that records facts as bookkeepers state them, and reads reports."""

from collections.abc import Iterator
from typing import Any

import pytest
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient

from api.app import create_app
from ledger import codec
from ledger.database import Engine
from ledger.events import Event
from ledger.recorder import Recorder
from tests.api.conftest import SETTINGS, Office, keys_of
from tests.conftest import OpenBook


class Desk:
    """A book's office; facts are those of tests/builders."""

    def __init__(self, office: Office) -> None:
        self.office = office

    def record(self, *facts: Event) -> int:
        """Record facts, in turn; return where the log ends then."""
        seq = 0
        for fact in facts:
            body = codec.encode(fact)
            answer = self.office.call(
                "POST",
                "/v1/events",
                "bookkeeper",
                content=body,
                headers={"Content-Type": "application/json"},
            )
            assert answer.status_code == 201, answer.text
            seq = answer.json()["seq"]
        return seq

    def report(self, name: str, **asked: Any) -> Any:
        """Return a report as JSON; `since` stands for `from`."""
        return self.office.read(f"/v1/reports/{name}", "auditor", **_asked(asked))

    def table(self, name: str, language: str = "en", **asked: Any) -> Response:
        """Return a report as CSV."""
        answer = self.office.call(
            "GET",
            f"/v1/reports/{name}",
            "auditor",
            params=_asked(asked),
            headers={"Accept": "text/csv", "Accept-Language": language},
        )
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"].startswith("text/csv")
        return answer

    def refused(self, name: str, **asked: Any) -> tuple[int, str]:
        """Return status and code of a refusal."""
        answer = self.office.call("GET", f"/v1/reports/{name}", "auditor", params=_asked(asked))
        return answer.status_code, answer.json()["code"]


def _asked(asked: dict[str, Any]) -> dict[str, Any]:
    return {"from" if name == "since" else name: value for name, value in asked.items()}


@pytest.fixture(scope="module")
def app_client(database: Engine) -> Iterator[TestClient[Litestar]]:
    """Return a client of the application on each database."""
    with TestClient(create_app(SETTINGS, database, Recorder(database))) as client:
        yield client


@pytest.fixture
def desk(database: Engine, app_client: TestClient[Litestar], open_book: OpenBook) -> Desk:
    """Return the desk of a new book of a shop in Montréal."""
    book = open_book()
    return Desk(Office(app_client, book, keys_of(database, book)))
