"""What a round costs does not depend on how long a book has been kept."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final

from sqlalchemy.event import listen

from ledger.database import migrate, open_database, transaction
from ledger.recorder import Recorder
from ledger.store import create_book
from sync.connections import store as connections
from tests.builders import a_refund, a_sale, closed, opened, policy, reversal
from tests.conftest import Shop, quebec
from tests.sync.outside import Company, Fault, Outside
from tests.sync.scene import Scene
from tests.sync.virtual import MIDNIGHT_US, VirtualLoop, run

WALK: Final = re.compile(r"(SCAN \w+|SEARCH (?P<table>\w+) USING [\w ]+ \(book_id=\?\))$")
SMALL: Final = ("account", "book", "book_head", "sync_book", "sync_connection", "sync_mapping")
"""Tables that do not grow with a book's history; the index of what waits does not either."""


def bad_luck() -> Callable[[str, str], Fault | None]:
    """Return a script in which everything happens once."""
    left: list[Fault] = ["timeout-after", "down", "rejected", "5xx-before", "throttled"]

    def fault(call: str, _key: str) -> Fault | None:
        return left.pop(0) if call == "push" and left else None

    return fault


def test_no_statement_of_the_worker_walks_a_book(tmp_path: Path) -> None:
    """Each look-up goes by more than the book, whatever becomes of the documents."""
    database = open_database(f"sqlite:///{tmp_path}/plans.db")
    migrate(database)
    book = quebec()
    with transaction(database) as connection:
        create_book(connection, book, now_us=1)
    shop = Shop(database, Recorder(database), book)
    scene = Scene(database, book)
    shop.record(opened("Z-1", "100.00"))
    shop.record(a_sale("S-1", session="Z-1", register="till-3"))
    shop.record(a_sale("S-2"))
    shop.record(a_sale("S-3"))
    shop.record(a_refund("R-1", "S-2"))
    shop.record(reversal("S-3"))
    asked: dict[str, Any] = {}
    listen(database, "before_cursor_execute", lambda *call: asked.setdefault(call[2], call[3]))

    async def main(loop: VirtualLoop) -> None:
        worker = scene.worker(loop, Outside(Company(), bad_luck()))
        await worker.drain([book], through=date(2026, 12, 31))
        shop.record(policy("posting", "per_day", from_="2026-03-01"))
        shop.record(a_sale("S-4"))
        shop.record(a_sale("S-5", session="Z-1", register="till-3"))
        shop.record(closed("Z-1", cash="100.00"))
        await worker.drain([book], through=date(2026, 12, 31))
        await worker.courier.surrender(book.id, "internal-error")
        with transaction(database) as connection:
            connections.disconnect(connection, book.id, "quickbooks", MIDNIGHT_US)

    run(main)
    shop.recorder.close()
    words = ("SELECT", "UPDATE", "DELETE")
    chosen = {query: facts for query, facts in asked.items() if query.startswith(words)}
    assert len(chosen) > 30
    walks = {}
    with database.connect() as connection:
        for query, facts in chosen.items():
            plan = [
                row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", facts)
            ]
            steps = [step for step in plan if WALK.match(step) and "sync_entry_waiting" not in step]
            if any(step.split()[1] not in SMALL for step in steps):
                walks[query] = plan
    assert walks == {}
    database.dispose()
