"""What surrounds the calls: headers, unknown addresses, health, the description and its viewer."""

import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from msgspec.structs import replace
from sqlalchemy.exc import OperationalError

from api.access import _check
from api.app import create_app
from api.problems import as_refusal, preferred
from ledger.book import Book
from ledger.database import Engine, open_database, transaction
from ledger.recorder import Recorder, Unavailable
from ledger.store import create_book
from tests.api.conftest import SETTINGS, Office, keys_of
from tests.api.facts import a_sale
from tests.conftest import quebec


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/nope", "/v1/events/x/y", "/docs/../secret", "/%00"]
)
def test_an_unknown_address_is_a_problem(office: Office, path: str) -> None:
    answer = office.call("GET", path, None)
    assert (answer.status_code, answer.json()["code"]) == (404, "path-unknown")
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_method_that_an_address_does_not_take(office: Office) -> None:
    answer = office.call("PATCH", "/v1/events")
    assert (answer.status_code, answer.json()["code"]) == (405, "method-not-allowed")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "POST", "OPTIONS"}


@pytest.mark.parametrize("path", ["/health", "/v1/me", "/docs", "/v1/events"])
def test_head_answers_what_get_answers_without_its_body(office: Office, path: str) -> None:
    told, head = office.call("GET", path), office.call("HEAD", path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == told.headers["Content-Length"]
    assert head.headers["Content-Type"] == told.headers["Content-Type"]


def test_head_of_what_cannot_be_got_is_refused(office: Office) -> None:
    answer = office.call("HEAD", "/v1/events/batch")
    assert (answer.status_code, answer.content) == (405, b"")


@pytest.mark.parametrize("path", ["/v1/me", "/nope", "/health", "/openapi.json", "/docs"])
def test_every_answer_is_sealed(office: Office, path: str) -> None:
    answer = office.call("GET", path)
    assert re.fullmatch(r"[0-9a-f]{24}", answer.headers["Request-Id"])
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    if answer.status_code >= 400:
        assert answer.json()["request_id"] == answer.headers["Request-Id"]


def test_me(office: Office) -> None:
    office.record(a_sale())
    told = office.read("/v1/me", "operator")
    assert (told["role"], told["currency"], told["region"]) == ("operator", "CAD", "QC")
    assert told["book"] == {"id": office.book.id, "name": "Boutique Sainte-Catherine"}
    assert told["head"]["seq"] == 1
    assert re.fullmatch("[0-9a-f]{64}", told["head"]["hash"])


def test_the_books_language_is_used_where_none_is_asked_for(
    database: Engine, client: TestClient[Litestar], open_book: Any
) -> None:
    book: Book = open_book(locale="fr-CA")
    office = Office(client, book, keys_of(database, book))
    assert office.record(a_sale(tenders=[])).headers["Content-Language"] == "fr"
    english = office.record(a_sale(tenders=[]), headers={"Accept-Language": "en"})
    assert english.headers["Content-Language"] == "en"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("fr-CA,fr;q=0.9,en;q=0.8", "fr"),
        ("en;q=0.2, fr;q=0.1", "en"),
        ("de, *;q=0.5", None),
        ("fr;q=0", None),
        ("fr;q=x, en", "en"),
        ("french", None),
        ("", None),
    ],
)
def test_the_language_that_is_asked_for(header: str, language: str | None) -> None:
    assert preferred(header) == language


def test_health_and_readiness(office: Office) -> None:
    assert office.call("GET", "/health", None).json() == {"status": "ok"}
    ready = office.call("GET", "/ready", None)
    assert (ready.status_code, ready.json()["ready"]) == (200, True)


def test_a_schema_that_is_not_current_is_not_ready(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/empty.db")
    with TestClient(create_app(SETTINGS, database, Recorder(database))) as client:
        answer = client.get("/ready")
    database.dispose()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert answer.json() == {
        "ready": False,
        "database": True,
        "migrations": False,
        "recorder": True,
    }


def test_a_recorder_that_stopped_takes_nothing(database: Engine, book: Book) -> None:
    recorder = Recorder(database)
    with TestClient(create_app(SETTINGS, database, recorder)) as client:
        office = Office(client, book, keys_of(database, book))
        recorder.close()
        assert client.get("/ready").json()["recorder"] is False
        refused = office.record(a_sale())
        lines = office.call("POST", "/v1/events/batch", json=[a_sale(), {}])
        whole = office.call("POST", "/v1/events/batch?atomic=true", json=[a_sale()])
    assert (refused.status_code, refused.json()["code"]) == (503, "closing")
    assert refused.headers["Retry-After"] == "1"
    assert [r["status"] for r in lines.json()["results"]] == [503, 422]
    assert (whole.status_code, whole.headers["Retry-After"]) == (503, "1")


def test_a_database_that_is_away_is_told_and_the_process_lives_on() -> None:
    database = open_database("postgresql://nobody@127.0.0.1:9/none")
    key = "dbk_1_000000000000_" + "0" * 43 + _check("0" * 43)
    with TestClient(create_app(SETTINGS, database, Recorder(database))) as client:
        bearer = {"Authorization": f"Bearer {key}"}
        refused = client.post("/v1/events", json=a_sale(), headers=bearer)
        ready, health = client.get("/ready"), client.get("/health")
    database.dispose()
    assert (refused.status_code, refused.json()["code"]) == (503, "database-away")
    assert (ready.status_code, ready.json()["database"]) == (503, False)
    assert refused.headers["Retry-After"] == ready.headers["Retry-After"] == "1"
    assert "127.0.0.1" not in refused.text
    assert health.status_code == 200


def test_the_recorder_is_closed_with_the_application(database: Engine) -> None:
    recorder = Recorder(database)
    with TestClient(create_app(SETTINGS, database, recorder)):
        assert recorder.alive
    assert not recorder.alive


def test_nobody_ever_sees_a_stack_trace(database: Engine, caplog: pytest.LogCaptureFixture) -> None:
    def broken_clock() -> int:
        raise ZeroDivisionError("a secret detail")

    app = create_app(SETTINGS, database, Recorder(database), broken_clock)
    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.get("/v1/me", headers={"Authorization": f"Bearer {_some_key(database)}"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret detail" not in answer.text
    assert answer.json()["request_id"] in caplog.text


def _some_key(database: Engine) -> str:
    book = quebec()
    with transaction(database) as connection:
        create_book(connection, book, now_us=1)
    return keys_of(database, book)["pos"]


def test_what_the_database_says_when_it_is_away() -> None:
    away = OperationalError("SELECT 1", {}, Exception("connection refused"))
    assert (as_refusal(away).code, as_refusal(away).status) == ("database-away", 503)
    full = as_refusal(Unavailable("overloaded"))
    assert (full.status, full.headers) == (503, {"Retry-After": "1"})


def test_the_access_log_tells_no_secrets(
    database: Engine, book: Book, caplog: pytest.LogCaptureFixture
) -> None:
    settings = replace(SETTINGS, access_log=True)
    with (
        caplog.at_level(logging.INFO, "daybook.access"),
        TestClient(create_app(settings, database, Recorder(database))) as client,
    ):
        office = Office(client, book, keys_of(database, book))
        office.call("GET", "/v1/customers/lea@example.com?q=Tremblay")
    (line,) = [json.loads(r.message) for r in caplog.records if r.name == "daybook.access"]
    assert (line["method"], line["route"], line["status"]) == (
        "GET",
        "/v1/customers/{customer_id}",
        400,
    )
    assert line["book"] == book.id
    told = json.dumps(line)
    assert not any(word in told for word in ("lea", "Tremblay", office.tokens["pos"].split("_")[3]))


def test_the_dictionary_of_problems(office: Office) -> None:
    page = office.call("GET", "/problems/overdrawn", None).json()
    assert page["en"]["title"] == "There is not enough left"
    assert page["fr"]["title"] == "Il n\u2019en reste pas assez"
    assert office.call("GET", "/problems/nope", None).status_code == 404


def test_the_viewer_is_shipped_and_loads_nothing_from_elsewhere(office: Office) -> None:
    page = office.call("GET", "/docs", None)
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(links) == 4
    for link in links:
        answer = office.call("GET", link, None)
        assert (answer.status_code, len(answer.content) > 100) == (200, True), link
    assert "<script>" not in page.text
    assert office.call("GET", "/docs/LICENSE", None).status_code == 404
