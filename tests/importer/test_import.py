"""A whole file, from the command line into the ledger, and from there to QuickBooks."""

import gzip
from pathlib import Path

import pytest

from ledger.database import open_database, snapshot
from ledger.store import books, head
from tests.cli.conftest import CommandLine, command_line

RETAIL = Path(__file__).with_name("retail.csv")
IMPORT = ("import", "online-retail")

__all__ = ["command_line"]


def ledger_head(line: CommandLine) -> tuple[int, bytes] | None:
    engine = open_database(line.environment["DAYBOOK_DATABASE_URL"])
    with snapshot(engine) as connection:
        known = books(connection)
        end = head(connection, known[0].id) if known else None
    engine.dispose()
    return (end.seq, end.hash) if end else None


def test_the_ledger_holds_what_the_file_states(command_line: CommandLine) -> None:
    done = command_line.json(*IMPORT, str(RETAIL))
    assert done["equal"]
    assert (done["rows"], done["documents"], done["cancellations"]) == (319, 114, 31)
    assert done["recorded"] == ledger_head(command_line)[0]  # type: ignore[index]  # it is there
    totals = {one["what"]: one for one in done["totals"]}
    assert totals["Everything together"]["file"] == "14355.301"
    assert totals["Everything together"]["rounding"] == "0.001"
    assert totals["Everything together"]["ledger"] == "14355.30"
    assert totals["of which cancellations"]["ledger"] == "-1039.79"
    assert [(row["row"], row["reason"]) for row in done["unbooked"]] == [
        (232, "its quantity is zero")
    ]


def test_a_second_import_adds_nothing(command_line: CommandLine) -> None:
    first = command_line.json(*IMPORT, str(RETAIL))
    before = ledger_head(command_line)
    second = command_line.json(*IMPORT, str(RETAIL))
    assert (second["recorded"], second["repeated"]) == (0, first["recorded"])
    assert second["equal"]
    assert ledger_head(command_line) == before


def test_a_part_and_then_the_whole_is_the_whole(command_line: CommandLine, tmp_path: Path) -> None:
    lines = RETAIL.read_text(encoding="utf-8").splitlines(keepends=True)
    whole, part = tmp_path / "whole.csv", tmp_path / "part.csv"
    whole.write_text("".join(lines[:-1]), encoding="utf-8")
    cut = next(n for n in range(150, 200) if lines[n][:6] != lines[n - 1][:6])
    part.write_text("".join(lines[:cut]), encoding="utf-8")
    some = command_line.json(*IMPORT, str(part))
    rest = command_line.json(*IMPORT, str(whole))
    assert rest["repeated"] == some["recorded"]
    assert rest["recorded"] > 0
    assert rest["equal"]


def test_of_a_broken_file_nothing_is_recorded(command_line: CommandLine, tmp_path: Path) -> None:
    command_line("migrate")
    broken = tmp_path / "broken.csv.gz"
    lines = RETAIL.read_text(encoding="utf-8").splitlines()
    lines[200] = lines[200].replace(",United Kingdom", "").replace(",Belgium", "")
    lines[300] = lines[300].replace("2024-01-", "2024-13-").replace("2023-12-", "2023-13-")
    broken.write_bytes(gzip.compress("\n".join(lines).encode()))
    said = command_line(*IMPORT, str(broken), code=1).stderr
    assert "row 201: 7 columns where 8 belong" in said
    assert "row 301: InvoiceDate" in said
    assert "nothing of it was sent" in said
    assert ledger_head(command_line) is None


def test_a_book_that_is_not_the_files_own_is_seen_in_the_totals(
    command_line: CommandLine, tmp_path: Path
) -> None:
    other = tmp_path / "other.csv"
    heading, row, *_ = RETAIL.read_text(encoding="utf-8").splitlines()
    other.write_text(f"{heading}\n{row.replace('700002', '800002')}\n", encoding="utf-8")
    command_line(*IMPORT, str(other))
    done = command_line.json(*IMPORT, str(RETAIL), code=4)
    assert not done["equal"]


def test_a_key_goes_with_an_address(command_line: CommandLine) -> None:
    command_line(*IMPORT, str(RETAIL), "--key", "dbk_1_x", code=2)


@pytest.mark.parametrize("command_line", ["sqlite"], indirect=True)
def test_quickbooks_holds_the_same_on_every_day(command_line: CommandLine) -> None:
    command_line(*IMPORT, str(RETAIL))
    sent = command_line.json("sync", "--through", "2024-01-31")
    assert set(sent["states"]) >= {"synced"}
    assert sent["sent"] == sent["states"]["synced"]
    compared = command_line.json("reconcile")
    assert compared["equal"]
    assert (compared["from"], compared["to"]) == ("2023-12-21", "2024-01-13")
    assert len(compared["days"]) == 24
    documents = compared["documents"]
    assert documents["there"] > 20
    assert [documents[name] for name in ("waiting", "lost", "doubled", "strange")] == [[]] * 4
    assert command_line.json("sync", "--through", "2024-01-31")["sent"] == 0
    assert "Equal to the cent on each of 24 days." in command_line("reconcile").stdout
    command_line("reconcile", "--from", "2024-01-31", "--to", "2024-01-01", code=2)


def test_what_a_person_reads_says_the_same(command_line: CommandLine) -> None:
    said = command_line(*IMPORT, str(RETAIL))
    assert "Not booked: row 232 (700080): its quantity is zero." in said.stdout
    assert "The ledger holds what the file states." in said.stdout
    assert "319 rows, 114 documents, 31 of them cancellations" in said.stderr


def test_a_refusal_in_the_middle_names_the_event_and_its_row(
    command_line: CommandLine, tmp_path: Path
) -> None:
    command_line(*IMPORT, str(RETAIL))
    other = tmp_path / "other.csv"
    lines = RETAIL.read_text(encoding="utf-8").splitlines()
    lines[1] = lines[1].replace(",12.75,", ",12.76,")
    other.write_text("\n".join(lines), encoding="utf-8")
    said = command_line(*IMPORT, str(other), code=1).stderr
    assert "The ledger refused OR-700002, from row 2" in said
    assert "start the same command again" in said
