"""The access log: every call is in it, in order, with nothing personal, soon and at the end."""

import asyncio
import json
import logging
from typing import Any

import pytest
from litestar.testing import TestClient
from msgspec.structs import replace

from api import envelope
from api.app import create_app
from api.envelope import AccessLog, Call
from ledger.book import Book
from ledger.database import Engine
from ledger.recorder import Recorder
from tests.api.conftest import SETTINGS, Office, keys_of
from tests.api.facts import a_sale


def call(number: int) -> Call:
    return Call(f"r{number}", "POST", "/v1/events", 201, 1.5, 1, "k")


def said(caplog: pytest.LogCaptureFixture) -> list[Any]:
    written = [record.message for record in caplog.records if record.name == "daybook.access"]
    return [json.loads(line) for text in written for line in text.split("\n")]


@pytest.fixture(autouse=True)
def listening(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "daybook.access")


@pytest.mark.anyio
async def test_calls_are_written_together_a_moment_later(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(envelope, "SOON_SECONDS", 0.01)
    log = AccessLog()
    for number in range(3):
        log.add(call(number))
    assert said(caplog) == []
    await asyncio.sleep(0.1)
    assert [line["request"] for line in said(caplog)] == ["r0", "r1", "r2"]
    assert len(caplog.records) == 1
    log.add(call(3))
    await asyncio.sleep(0.1)
    assert said(caplog)[-1] == {
        "request": "r3",
        "method": "POST",
        "route": "/v1/events",
        "status": 201,
        "ms": 1.5,
        "book": 1,
        "key": "k",
    }


@pytest.mark.anyio
async def test_no_more_wait_than_a_few(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(envelope, "TOGETHER", 4)
    log = AccessLog()
    for number in range(10):
        log.add(call(number))
    assert [line["request"] for line in said(caplog)] == [f"r{number}" for number in range(8)]
    log.flush()
    assert [line["request"] for line in said(caplog)] == [f"r{number}" for number in range(10)]
    log.flush()
    assert len(said(caplog)) == 10


def test_every_call_is_there_when_the_service_has_ended(
    database: Engine, book: Book, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(envelope, "SOON_SECONDS", 3600)
    settings = replace(SETTINGS, access_log=True)
    with TestClient(create_app(settings, database, Recorder(database))) as client:
        office = Office(client, book, keys_of(database, book))
        answers = [
            office.record(a_sale()),
            office.record(a_sale(memo="Tremblay")),
            office.call("POST", "/v1/events?q=Tremblay", None),
            office.call("GET", "/v1/events/S-1"),
        ]
    lines = said(caplog)
    assert [line["request"] for line in lines] == [a.headers["request-id"] for a in answers]
    assert [(line["route"], line["status"]) for line in lines] == [
        ("/v1/events", 201),
        ("/v1/events", 409),
        ("/v1/events", 401),
        ("/v1/events/{event_id}", 200),
    ]
    assert [line["book"] for line in lines] == [book.id, book.id, None, book.id]
    assert "Tremblay" not in json.dumps(lines)
