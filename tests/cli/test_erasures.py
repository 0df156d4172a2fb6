"""Erasures from the command line: who was erased, and that a restored backup forgets them again."""

import json
from pathlib import Path

from ledger.customers.store import Customer, Erasure, erase_customer, opened_us, put_customer
from ledger.database import open_database, snapshot, transaction
from tests.cli.conftest import CommandLine
from tests.cli.test_commands import BOUTIQUE

LEA = Customer("c-1", "Léa Tremblay")


def erased(line: CommandLine) -> Erasure:
    """Erase a customer of the first book, and return how it is remembered."""
    database = open_database(line.environment["DAYBOOK_DATABASE_URL"])
    with transaction(database) as connection:
        opened = opened_us(connection, 1)
        assert opened is not None
        erasure = Erasure(1, opened, LEA.id, 2_000)
        put_customer(connection, 1, LEA, 1_000)
        assert erase_customer(connection, erasure)
    database.dispose()
    return erasure


def restored(line: CommandLine) -> None:
    """Put the customer back, as a backup does that is older than the erasure."""
    database = open_database(line.environment["DAYBOOK_DATABASE_URL"])
    with transaction(database) as connection:
        put_customer(connection, 1, LEA, 1_000)
    database.dispose()


def test_the_list_is_what_is_applied_after_a_restore(
    command_line: CommandLine, tmp_path: Path
) -> None:
    command_line.json(*BOUTIQUE)
    erasure = erased(command_line)
    said = command_line("erasures", "list").stdout
    assert json.loads(said) == {
        "book": 1,
        "opened_us": erasure.opened_us,
        "customer": "c-1",
        "at_us": 2_000,
    }
    assert command_line.json("erasures", "list") == [json.loads(said)]
    kept = tmp_path / "kept.jsonl"
    kept.write_text(said)
    restored(command_line)
    assert command_line.json("erasures", "apply", str(kept)) == {"erased": 1}
    assert command_line.json("erasures", "apply", str(kept)) == {"erased": 0}
    database = open_database(command_line.environment["DAYBOOK_DATABASE_URL"])
    with snapshot(database) as connection:
        assert opened_us(connection, 1) == erasure.opened_us
    database.dispose()


def test_a_list_that_is_none(command_line: CommandLine, tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    kept.write_text("c-1\n")
    said = command_line("erasures", "apply", str(kept), code=1)
    assert "line 1" in said.output
