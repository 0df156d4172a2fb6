"""The demonstration does what it says, from the command line, in a folder of its own."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

from api.demo.story import PARTS, day_of_trade
from ledger import codec

DAY = date(2026, 3, 14)


def test_the_day_has_every_kind_of_fact_and_two_runs_do_not_meet() -> None:
    story = day_of_trade(DAY, "D1")
    events = [event for part in PARTS for step in story[part] for event in step.events]
    kinds = {codec.from_json(event).__struct_config__.tag for event in events}
    assert kinds >= {
        "cash_moved",
        "deposit_received",
        "deposit_refunded",
        "event_reversed",
        "goods_received",
        "journal_posted",
        "refund_issued",
        "register_closed",
        "register_opened",
        "sale_completed",
        "stock_adjusted",
        "store_credit_issued",
    }
    tenders = {tender["kind"] for event in events for tender in event.get("tenders", ())}
    assert tenders >= {"card", "cash", "deposit", "gift_card", "on_account", "store_credit"}
    assert sum(event["type"] == "sale_completed" for event in events) > 150
    ids = {event["id"] for event in events}
    again = {e["id"] for p in PARTS for s in day_of_trade(DAY, "D2")[p] for e in s.events}
    assert len(ids) == len(events)
    assert not ids & again


def test_nothing_is_lost_or_doubled_while_quickbooks_and_the_worker_fall(tmp_path: Path) -> None:
    environment = {**os.environ, "DAYBOOK_PORT": "18580", "DAYBOOK_EMULATOR_PORT": "18590"}
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", "demo", "--once", "--json"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["holds"]
    assert found["events"] > 190
    assert found["documents"] > 250
    assert found["sent_twice"] > 10
    assert (found["lost"], found["doubled"]) == ([], [])
    assert all(row["daybook"] == row["quickbooks"] for row in found["balances"])
    assert len(found["balances"]) > 20
    assert list(tmp_path.iterdir()) == []
