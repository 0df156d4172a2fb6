"""GET /metrics: what a monitor reads, and what it must never read there."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from prometheus_client.parser import text_string_to_metric_families

from api.app import create_app
from api.board import Board, Told
from api.calls import CountingClient
from api.standing import Stands
from ledger.book import Book
from ledger.database import Engine, insert_rows, open_database
from ledger.figures import Figures
from ledger.recorder import Recorder
from sync.status.metrics.store import standing
from sync.tables import CONNECTION
from tests.api.conftest import SETTINGS, Office, keys_of
from tests.api.facts import a_sale

A_CONNECTION = ("quickbooks", "realm", "dead", b"", 1, b"", 0, 0, 0)


@pytest.fixture
def alone(database: Engine, book: Book) -> Iterator[Office]:
    """Return the office of an application that nobody else uses."""
    with TestClient(create_app(SETTINGS, database, Recorder(database))) as client:
        yield Office(client, book, keys_of(database, book))


def read(client: TestClient[Litestar]) -> dict[tuple[str, str], float]:
    """Return each figure by its name and its label."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, "".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_facts_are_counted_by_what_became_of_them(alone: Office) -> None:
    alone.record(a_sale())
    alone.record(a_sale())
    alone.record(a_sale(memo="x"))
    alone.record(a_sale(id="S-2", tenders=[]))
    alone.record({"type": "nonsense"})
    lines = [json.dumps(a_sale(id=f"S-{number}")) for number in range(10, 15)]
    alone.call(
        "POST",
        "/v1/events/batch",
        content="\n".join([*lines, "{"]),
        headers={"Content-Type": "application/x-ndjson"},
    )
    told = read(alone.client)
    assert told["daybook_facts_accepted_total", ""] == 9
    assert told["daybook_facts_recorded_total", ""] == 6
    assert told["daybook_facts_repeated_total", ""] == 1
    refused = {of: n for (name, of), n in told.items() if name == "daybook_facts_refused_total"}
    assert refused == {"id-reused": 1, "invalid": 2, "malformed-json": 1}
    assert told["daybook_batch_facts_sum", ""] == 9
    assert told["daybook_commit_seconds_count", ""] == 2
    assert told["daybook_queue_facts", "0"] == 0
    assert told["daybook_facts_under_way", "0"] == 0
    assert told["daybook_batches_under_way", "0"] == 0
    assert told["daybook_resident_memory_bytes", "0"] > 2**24


def test_how_far_all_books_are(alone: Office, database: Engine) -> None:
    for number in range(3):
        alone.record(a_sale(id=f"S-{number}"))
    with database.connect() as connection:  # nothing of it is committed
        before = standing(connection)
        insert_rows(connection, CONNECTION, [(alone.book.id, *A_CONNECTION)])
        after = standing(connection)
    assert before.unsealed >= 3
    assert after.behind_most >= 3
    assert after.behind_all == before.behind_all + 3
    assert after.connections["dead"] == before.connections.get("dead", 0) + 1
    told = read(alone.client)
    assert told["daybook_database_up", ""] == 1
    assert told["daybook_log_facts", ""] >= 3
    assert ("daybook_planner_lag_facts_most", "") in told


def test_a_database_that_is_away_is_told(tmp_path: Path) -> None:
    away = open_database(f"sqlite:///{tmp_path}/empty.db")
    assert Stands(away).now() is None
    away.dispose()


def test_a_monitor_reads_no_name_and_no_secret(alone: Office) -> None:
    alone.record(a_sale(customer="C-77", memo="for Camille"))
    text = alone.client.get("/metrics").text
    for secret in ("C-77", "Camille", "dbk_", alone.book.name, str(alone.book.id)):
        assert secret not in text


def test_one_process_answers_for_all_and_goes_on_counting(tmp_path: Path) -> None:
    first = Board(tmp_path, 0)
    assert list(first.others()) == []
    gone = Told(1, 0.0, Figures(accepted=5, recorded=4, refused={"overdrawn": 1}), {"queue": 3.0})
    Board(tmp_path, 1).write(gone)
    (other,) = first.others()
    assert (other.figures.accepted, other.gauges) == (5, {})
    again = Board(tmp_path, 1)
    assert again.before.plus(Figures(accepted=2)).accepted == 7
    assert again.before.plus(Figures(refused={"overdrawn": 1})).refused == {"overdrawn": 2}


@pytest.mark.anyio
async def test_the_worker_counts_its_calls_by_how_they_ended() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/away":
            raise httpx.ConnectError("away")
        return httpx.Response(int(request.url.path[1:]))

    async with CountingClient(transport=httpx.MockTransport(answer)) as http:
        for status in (200, 201, 400, 401, 429, 500, 503):
            await http.get(f"http://qbo/{status}")
        with pytest.raises(httpx.ConnectError):
            await http.get("http://qbo/away")
        counted: dict[str, Any] = dict(http.calls)
    assert counted == {
        "done": 2,
        "refused": 1,
        "unauthorized": 1,
        "throttled": 1,
        "failed": 2,
        "no_answer": 1,
    }
    names = {metric.name for metric in http.collect()}
    assert "daybook_quickbooks_calls" in names
