"""The database under the ledger: brought up to date by many at once, and lost on the way."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Column, Engine, LargeBinary, MetaData, Table, Text, select
from sqlalchemy.engine import make_url

from ledger import store
from ledger.database import (
    AWAY,
    insert_rows,
    migrate,
    open_database,
    pipelined,
    schema_is_current,
    transaction,
    writing,
)
from ledger.recorder import Recorder, Unavailable
from tests.builders import a_sale
from tests.conftest import BOOKKEEPER, OpenBook, quebec


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the address of a database that holds nothing."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    server, name = request.getfixturevalue("postgres_url"), f"empty_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_processes_that_start_together_bring_the_schema_up_to_date_once(empty: str) -> None:
    databases = [open_database(empty) for _ in range(4)]
    assert not schema_is_current(databases[0])
    with ThreadPoolExecutor(4) as starting:
        list(starting.map(migrate, databases))
    assert all(schema_is_current(database) for database in databases)
    for database in databases:
        database.dispose()


def test_a_till_is_told_to_come_back_while_the_database_is_away(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/away.db")
    recorder = Recorder(database)  # no schema yet: as good as away
    book = quebec()
    with pytest.raises(Unavailable, match="store-unavailable"):
        recorder.record(book.id, BOOKKEEPER, a_sale("S-1"))
    migrate(database)
    with transaction(database) as connection:
        store.create_book(connection, book, now_us=1)
    assert recorder.record(book.id, BOOKKEEPER, a_sale("S-1")).entry.seq == 1
    recorder.close()
    database.dispose()


def test_a_connection_that_the_server_dropped_costs_no_sale(postgres_url: str) -> None:
    named = make_url(postgres_url).update_query_dict({"application_name": "dropped"})
    database = open_database(named.render_as_string(hide_password=False))
    migrate(database)
    book, recorder = quebec(), Recorder(database)
    with transaction(database) as connection:
        store.create_book(connection, book, now_us=1)
    recorder.record(book.id, BOOKKEEPER, a_sale("S-1"))
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        dropped = admin.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE application_name = 'dropped'"
        ).fetchone()
    assert dropped
    assert dropped[0] >= 1
    assert recorder.record(book.id, BOOKKEEPER, a_sale("S-2")).entry.seq == 2
    recorder.close()
    database.dispose()


def test_a_connection_that_wrote_is_never_given_to_who_sorts(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/a.db")
    migrate(database)
    in_memory, as_ever = 2, 0
    with writing(database) as connection:
        assert connection.exec_driver_sql("PRAGMA temp_store").scalar() == in_memory
    database.dispose()
    recorder = Recorder(database)
    with transaction(database) as connection:
        store.create_book(connection, book := quebec(), now_us=1)
    recorder.record(book.id, BOOKKEEPER, a_sale())
    recorder.close()
    with ExitStack() as held:
        given = [held.enter_context(database.connect()) for _ in range(3)]
        kept = [each.exec_driver_sql("PRAGMA temp_store").scalar() for each in given]
    assert kept == [as_ever] * 3


def test_a_connection_lost_within_a_pipeline_counts_as_an_absent_database(
    postgres_url: str,
) -> None:
    database = open_database(postgres_url)
    with database.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
        with pytest.raises(AWAY), pipelined(connection):
            connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
        connection.invalidate()
    with transaction(database) as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1
    database.dispose()


NUMBERS = st.integers(-(2**63), 2**63 - 1)
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=9)
BOOK_ID = 7
ROW = st.tuples(
    st.just(BOOK_ID), WORDS, st.none() | WORDS, st.binary(max_size=9), st.none() | NUMBERS
)

ODD = Table(
    "odd",
    MetaData(),
    Column("book_id", BigInteger),
    Column("word", Text),
    Column("maybe", Text),
    Column("bytes", LargeBinary),
    Column("rarely", BigInteger),
)


@given(rows=st.lists(ROW, min_size=1, max_size=5))
@example(rows=[(7, "null", None, b"", None), (7, 'a "b" \\c, {d}', "\\", b"\\x", 1)])
def test_rows_are_stored_as_they_are(database: Engine, rows: list[tuple[Any, ...]]) -> None:
    with database.connect() as connection, connection.begin() as transient:
        ODD.create(connection)
        insert_rows(connection, ODD, rows)
        stored = [
            tuple(row) for row in connection.execute(select(ODD).where(ODD.c.book_id == BOOK_ID))
        ]
        transient.rollback()
    assert stored == rows


def test_facts_that_are_known_are_found_whatever_their_ids_look_like(
    database: Engine, open_book: OpenBook
) -> None:
    ids = ["unknown", "S-1", "null", "7", "a:b"]
    book, recorder = open_book(), Recorder(database)
    for name in ids[1:]:
        recorder.record(book.id, BOOKKEEPER, a_sale(name))
    recorder.close()
    asked = [(place, name) for place in (book.id, 404) for name in ids]
    with transaction(database) as connection:
        found = store.known(connection, asked)
    assert {place: sorted(names) for place, names in found.items()} == {book.id: sorted(ids[1:])}
