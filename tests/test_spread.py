"""What a database needs that is spread over servers by book (Citus), and the calls that spread it.

The statements of the whole suite are held to it: see `tests.statements` and the database fixture.
"""

import os

import psycopg
import pytest
from sqlalchemy import Engine, LargeBinary, text
from sqlalchemy.engine import make_url
from sqlalchemy.schema import ColumnCollectionConstraint

from ledger.database import (
    FIRST_SPREAD,
    METADATA,
    CannotSpread,
    Rows,
    inserts,
    migrate,
    open_database,
    spread_by_book,
)
from ledger.growth.store import EXPECTED
from tests.cli.conftest import CommandLine, command_line
from tests.statements import nameless

__all__ = ["command_line"]

STAND_IN = """
CREATE TABLE pg_dist_partition (logicalrelid regclass PRIMARY KEY);
CREATE TABLE calls (place serial, name text, by text, beside text);
CREATE FUNCTION create_distributed_table(name regclass, by text, colocate_with text)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO calls (name, by, beside) VALUES (name::text, by, colocate_with);
    INSERT INTO pg_dist_partition VALUES (name);
$$;
"""
"""What Citus brings, as far as it is called; its own catalogue lists what is spread."""


@pytest.mark.parametrize("name", sorted(METADATA.tables))
def test_every_key_and_index_starts_with_the_book(name: str) -> None:
    table = METADATA.tables[name]
    rules = (rule for rule in table.constraints if isinstance(rule, ColumnCollectionConstraint))
    keys = [rule.columns for rule in rules]
    keys += [index.columns for index in table.indexes]
    assert keys
    assert {next(iter(key)).name for key in keys} == {"book_id"}


@pytest.mark.parametrize(
    ("statement", "tables"),
    [
        ("SELECT * FROM event WHERE event.book_id = ? AND event.seq > ?", ()),
        ("SELECT * FROM event WHERE event.seq > ?", ("event",)),
        ("SELECT max(seq) FROM event WHERE book_id = %(book)s", ()),
        (
            "SELECT 1 FROM posting p JOIN event e ON e.book_id = p.book_id WHERE p.book_id = ?",
            (),
        ),
        (
            "SELECT * FROM posting JOIN event ON event.seq = posting.seq WHERE posting.book_id = ?",
            ("event",),
        ),
        (
            "SELECT * FROM event WHERE event.book_id = ? AND seq IN (SELECT seq FROM subject)",
            ("subject",),
        ),
        ('INSERT INTO "stock" ("book_id", "item") VALUES (?, ?)', ()),
        ("UPDATE book_head SET seq = ? WHERE book_head.seq = ?", ("book_head",)),
        ("DELETE FROM stock WHERE stock.item = ?", ("stock",)),
        ("SELECT * FROM book ORDER BY book.created_us", ()),
    ],
)
def test_a_statement_that_names_no_book_is_known(statement: str, tables: tuple[str, ...]) -> None:
    assert nameless(statement) == tables


def test_a_nameless_statement_fails_wherever_it_is_executed(database: Engine) -> None:
    with database.connect() as connection, pytest.raises(AssertionError, match="no book is named"):
        connection.execute(text("SELECT count(*) FROM posting"))


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_what_goes_to_the_driver_itself_names_its_books(dialect: str) -> None:
    """The recording path passes SQLAlchemy by, and what watches it."""
    parts = [
        Rows(table, [[b"" if isinstance(c.type, LargeBinary) else 0 for c in table.columns]])
        for table in METADATA.tables.values()
    ]
    sent = [EXPECTED[dialect], *(statement for statement, _ in inserts(dialect, parts))]
    assert len(sent) > len(METADATA.tables) // 10
    assert {nameless(statement.replace("%s", "NULL")) for statement in sent} == {()}


def test_tables_are_spread_beside_the_book_once(postgres_url: str) -> None:
    name = f"spread_{os.getpid()}"
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
    url = make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    database = open_database(url)
    migrate(database)
    with pytest.raises(CannotSpread, match="no-citus"):
        spread_by_book(database)
    with database.begin() as connection:
        connection.exec_driver_sql(STAND_IN)
    done = spread_by_book(database)
    with database.begin() as connection:
        rows = connection.exec_driver_sql("SELECT name, by, beside FROM calls ORDER BY place")
        calls = [tuple(row) for row in rows]
    assert calls[0] == (FIRST_SPREAD, "book_id", "none")
    assert {(by, beside) for _, by, beside in calls[1:]} == {("book_id", FIRST_SPREAD)}
    assert sorted(name for name, _, _ in calls) == sorted(METADATA.tables) == sorted(done)
    assert spread_by_book(database) == []
    database.dispose()
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def test_a_database_that_cannot_be_spread_says_so(command_line: CommandLine) -> None:
    refused = command_line("migrate", "--distributed", code=1)
    assert "cannot spread its tables" in refused.stderr
