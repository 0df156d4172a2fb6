"""What goes wrong with one document is that document's: the others go on."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.event import listen

from ledger import rows
from ledger.database import Engine, migrate, open_database, transaction
from ledger.store import create_book
from sync.connections import store as connections
from sync.documents import AnyDocument
from sync.mending import store as mending
from sync.protocol import Sent
from tests.conftest import quebec
from tests.sync.outside import Company, Fault, Outside
from tests.sync.scene import CASH, SALES, Scene, takings
from tests.sync.test_delivery import once
from tests.sync.virtual import MIDNIGHT_US, VirtualLoop, run


class Broken(Outside):
    """A line whose code cannot put one document into words."""

    async def push(self, document: AnyDocument, version: int, links: Mapping[str, Sent]) -> Sent:
        """Push what is not `rest:S-1`."""
        if document.key == "rest:S-1":
            raise KeyError(document.key)
        return await super().push(document, version, links)


def always(key: str, fault: Fault) -> Callable[[str, str], Fault | None]:
    """Return a script: whatever is asked about *key* meets a fault."""
    return lambda _call, called: fault if called == key else None


@pytest.mark.parametrize("fault", ["down", "5xx-before"])
def test_what_fails_for_ever_does_not_hold_up_the_others(scene: Scene, fault: Fault) -> None:
    company = Company()
    scene.put(CASH, SALES, *(takings(f"S-{number}") for number in range(100)))

    async def main(loop: VirtualLoop) -> None:
        worker = scene.worker(loop, Outside(company, always("rest:S-0", fault)))
        while len(company.booked) < 101:
            assert loop.time() < 300, "the others wait"
            if (await worker.round(scene.book)).idle:
                await asyncio.sleep(1)

    run(main)
    assert scene.states().pop("rest:S-0") in ("retrying", "unknown")
    assert list(company.live().values()) == [1] * 101


def test_a_document_that_breaks_our_own_code_is_named_and_put_aside(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    company = Company()
    outside = Broken(company)
    scene.put(CASH, SALES, takings("S-1"), takings("S-2"), takings("S-3"))

    with caplog.at_level(logging.CRITICAL, "daybook.sync"):
        scene.drain(outside)

    stopped = scene.document("rest:S-1")
    assert (stopped.state, stopped.cause, stopped.detail) == (
        "needs_attention",
        "internal-error",
        "KeyError",
    )
    assert scene.trail("rest:S-1").count(("answer", "bug")) == 3
    assert {key for key, state in scene.states().items() if state != "synced"} == {"rest:S-1"}
    assert set(company.live().values()) == {1}

    with transaction(scene.database) as connection:
        mending.retry(connection, scene.book.id, "rest:S-1", MIDNIGHT_US, 0)
    scene.drain(Outside(company))
    assert scene.document("rest:S-1").state == "synced"
    assert company.live()["rest:S-1"] == 1


@pytest.fixture
def narrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Return a database that takes 99 values in a statement, as a real one takes 32,766."""
    monkeypatch.setattr(rows, "_VALUES", 99)
    database = open_database(f"sqlite:///{tmp_path}/narrow.db")
    migrate(database)
    database.dispose()

    def narrowed(raw: Any, _record: Any) -> None:
        raw.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 99)

    listen(database, "connect", narrowed)
    return database


def test_any_number_of_documents_may_wait_for_one(narrow: Engine) -> None:
    book, company = quebec(), Company()
    with transaction(narrow) as connection:
        create_book(connection, book, now_us=1)
    scene = Scene(narrow, book)
    scene.put(CASH, SALES)
    for number in range(150):
        scene.put(takings(f"S-{number}"), seq=number + 2)

    scene.drain(Outside(company))

    assert set(scene.states().values()) == {"synced"}
    narrow.dispose()


def test_a_master_that_is_asked_for_anew_holds_back_what_needs_it(scene: Scene) -> None:
    company = Company()
    scene.put(CASH, SALES)
    scene.drain(Outside(company))
    scene.put(takings("S-1"), seq=2)
    with transaction(scene.database) as connection:
        mending.renew_masters(connection, scene.book.id, [CASH.key], MIDNIGHT_US, 0)

    scene.drain(Outside(company, once(CASH.key, "rejected")))

    assert scene.states() == {
        CASH.key: "needs_attention",
        SALES.key: "synced",
        "rest:S-1": "waiting",
    }
    with transaction(scene.database) as connection:
        mending.retry(connection, scene.book.id, CASH.key, MIDNIGHT_US, 0)
    scene.drain(Outside(company))
    assert set(scene.states().values()) == {"synced"}


def test_nothing_is_sent_under_the_mapping_of_before(scene: Scene) -> None:
    """A mapping is put while an account is on its way, and while a round is under way."""
    company = Company()
    scene.put(CASH, SALES, takings("S-1"))
    opened: list[int] = []
    asked: list[tuple[str, int]] = []

    def remap(call: str, key: str) -> Fault | None:
        asked.append((f"{call} {key}", len(opened)))
        if (call, key) == ("push", CASH.key):
            with transaction(scene.database) as connection:
                connections.put_mapping(connection, scene.book.id, "quickbooks", b"{}")
                mending.renew_masters(connection, scene.book.id, [CASH.key], MIDNIGHT_US, 0)
        return None

    async def main(loop: VirtualLoop) -> None:
        outside = Outside(company, remap)
        worker = scene.worker(loop, outside)

        async def target(_book: object) -> Outside:
            opened.append(1)
            return outside

        worker.target = target
        await worker.drain([scene.book])

    run(main)
    assert asked[0] == (f"push {CASH.key}", 1)
    assert all(opening > 1 for _, opening in asked[1:])
    assert ("find account:1000", 2) in asked
    assert set(scene.states().values()) == {"synced"}
