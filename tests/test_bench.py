"""The bench runs: every part of it, for a moment. What it measures is not judged here."""

import asyncio
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import msgspec
import pytest
from sqlalchemy import Select, Table, func, select

from bench import sales, syncing
from bench.cells import BUSIEST, IN_BATCHES, ONE_TILL, Cell
from bench.checks import find
from bench.figures import Figure, Options, Report, lines, ratio
from bench.ground import ENGINES, EngineName, Ground, ground
from bench.load import Outcome, Spec, drive
from bench.machine import described
from bench.store_limit import Limit
from bench.table import markdown
from ledger.database import open_database, snapshot
from ledger.tables import BALANCE, BLOCK_DELTA, DELTA, EVENT, POSTING

MOMENT = Options(seconds=0.05, rounds=1, scale=0.0001)


@pytest.fixture(scope="module")
def prepared() -> Iterator[Ground]:
    with ground(books=8) as made:
        yield made


def figure(*values: float, **fields: float | str) -> Figure:
    return Figure("Reach", "a thing / another", "ratio", list(values), **fields)  # type: ignore[arg-type]  # a goal or a note


def test_a_goal_is_held_against_the_median() -> None:
    assert figure(0.2, 0.3, 0.9, at_least=0.25).verdict() == "reached"
    assert figure(0.2, 0.4, 0.9, at_least=0.25, aim=0.35).verdict() == "reached, and the aim"
    assert figure(1.0, 3.5, 4.0, at_most=3.0, note="commit").verdict() == "short by 0.50: commit"
    assert figure(1.0).verdict() == ""


def test_ratios_are_taken_inside_a_round() -> None:
    assert ratio([10, 30], [5, 10]) == [2, 3]


def test_columns_of_a_row_are_one_line() -> None:
    shown = [figure(1, 2, 3, column="ratio"), figure(7, 8, 9, column="again")]
    *_, row = lines(shown)
    assert row.split() == ["a", "thing", "/", "another", "1.00", "2.00", "3.00", "8.00"]


def test_a_report_is_read_back_as_a_table() -> None:
    made = Report(described(), MOMENT, [figure(1, 2, 3, at_least=5)], "today")
    back = msgspec.json.decode(msgspec.json.encode(made), type=Report)
    *_, row = markdown(back)
    assert row == "| a thing / another | 1.00 | 2.00 | 3.00 | >= 5.00 | short by 3.00 |"


def test_sales_over_http(prepared: Ground) -> None:
    two = Cell(processes=2, books=4, batch=50, clients=8)
    cells = [ONE_TILL, BUSIEST, IN_BATCHES, two]
    found = sales.measure(MOMENT, prepared, cells, engines=["postgresql"])
    assert found
    assert all(figure.values for figure in found)


@pytest.mark.parametrize("part", ["soak", "steps", "telling"])
def test_a_part(part: str, prepared: Ground) -> None:
    found: list[Figure] = import_module(f"bench.{part}").measure(MOMENT, prepared)
    assert found
    assert all(figure.values for figure in found)


def test_sync_in_virtual_time(prepared: Ground) -> None:
    found = syncing.measure(MOMENT, prepared, latencies=[0.25])
    assert found
    assert all(figure.values for figure in found)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_store_alone_writes_what_the_product_writes(
    engine: EngineName, prepared: Ground
) -> None:
    database = open_database(prepared.database(engine, "compared"))
    entries = sales.record(database, 1, 300)
    limit = Limit(database, find(database, 1), entries)
    for written in (limit.batched("copy"), limit.batched("arrays"), limit.single(300)):
        assert written.per_second > 0
    with snapshot(database) as connection:
        rows = {
            table.name: [count for (count,) in connection.execute(_counted(table))]
            for table in (POSTING, BALANCE, DELTA, BLOCK_DELTA)
        }
        sums = {tuple(row) for row in connection.execute(_summed())}
    database.dispose()
    assert all(len(counts) == 4 and len(set(counts)) == 1 for counts in rows.values()), rows
    assert len(sums) == 1


def _counted(table: Table) -> Select[Any]:
    book = table.c.book_id
    beside = select(EVENT.c.book_id).where(EVENT.c.type == "sale_completed")
    return select(func.count()).where(book.in_(beside)).group_by(book)


def _summed() -> Select[Any]:
    """Return the sums of the debits of each book that moved."""
    return select(func.sum(BALANCE.c.debit)).group_by(BALANCE.c.book_id)


def test_an_open_loop_charges_a_stall_to_all_who_wait() -> None:
    answered = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal answered
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            answered += 1
            if answered == 5:
                await asyncio.sleep(0.5)
            writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")

    async def main() -> Outcome:
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            spec = Spec(
                port=port, keys=["k"], prefix="S", clients=1, seconds=0.6, rate=100, warm=0.0
            )
            return await drive(spec)

    outcome = asyncio.run(main())
    assert outcome.worst > 400
    assert outcome.p50 > 20, "those who were due meanwhile waited too"
