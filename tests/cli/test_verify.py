"""Verify and rebuild from the command line."""

import pytest
from sqlalchemy import update

from ledger import codec
from ledger.database import open_database, transaction
from ledger.events.base import Actor
from ledger.recorder import Recorder
from ledger.tables import BALANCE
from tests.cli.conftest import CommandLine
from tests.cli.test_commands import BOUTIQUE


@pytest.fixture
def sold(command_line: CommandLine) -> CommandLine:
    """Return the command line of a book that has sold a hat."""
    command_line(*BOUTIQUE)
    database = open_database(command_line.environment["DAYBOOK_DATABASE_URL"])
    recorder = Recorder(database)
    fact = {
        "type": "sale_completed",
        "id": "S-1",
        "occurred_at": "2026-03-14T14:00:00-04:00",
        "register": "till-3",
        "lines": [{"kind": "goods", "category": "Hats", "net": "40.00"}],
        "tenders": [{"kind": "cash", "amount": "40.00"}],
    }
    recorder.record(1, Actor("k", "bookkeeper"), codec.from_json(fact))
    recorder.close()
    database.dispose()
    return command_line


def test_a_book_that_is_well_says_so(sold: CommandLine) -> None:
    assert "The book is well through event 1." in sold("verify").output
    said = sold.json("verify", "--no-replay")
    assert (said["well"], said["head"]) == (True, 1)


def test_a_fault_is_named_and_rebuilt(sold: CommandLine) -> None:
    database = open_database(sold.environment["DAYBOOK_DATABASE_URL"])
    with transaction(database) as connection:
        of_cash = update(BALANCE).where(BALANCE.c.book_id == 1, BALANCE.c.account == "1000")
        connection.execute(of_cash.values(debit=1))
    database.dispose()
    said = sold.json("verify", code=4)
    wrong = {check["check"]: check["finding"] for check in said["checks"] if not check["well"]}
    assert wrong["balances"] == {
        "what": "debit",
        "expected": "4000",
        "found": "1",
        "account": "1000",
        "holder": "till-3",
        "currency": "CAD",
    }
    shown = sold("verify", code=4).output
    assert "account 1000, holder till-3, currency CAD" in shown
    rebuilt = sold.json("rebuild")
    assert (rebuilt["rows"]["balance"], rebuilt["generation"]) == (1, 1)
    sold("verify")
    assert "Rebuilt through event 1." in sold("rebuild").output
