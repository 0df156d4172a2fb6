"""Whether a statement names its book: what a store that is spread out by book asks of each.

Every table in it must be held to a book, by a value or by another table's `book_id` that is. Only
what lists books, keys and connections may ask all of them.
"""

import re
from functools import lru_cache
from typing import Any, Final

import sqlglot
from sqlalchemy import Connection, Engine, event
from sqlglot import exp

ASKED_AS_A_WHOLE: Final = {"book", "api_key", "sync_connection"}
"""Small tables that are also asked for what they hold of all books."""

_NOT_OURS: Final = re.compile(
    r"\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|PRAGMA|SET|SHOW|CREATE|ALTER|DROP|SELECT pg_)",
    re.IGNORECASE,
)
_LIST: Final = re.compile(r"\((\?|%\(\w+\)s(::\w+)?)(, (\?|%\(\w+\)s(::\w+)?))+\)")


def watch(database: Engine) -> None:
    """Let every statement on *database* fail that does not name its book."""
    event.listen(database, "before_cursor_execute", _refuse_nameless)


def _refuse_nameless(_: Connection, __: Any, statement: str, *___: Any) -> None:
    found = nameless(_LIST.sub("(?)", statement))
    assert not found, f"no book is named for {', '.join(found)} in: {statement}"


@lru_cache(maxsize=10_000)
def nameless(statement: str) -> tuple[str, ...]:
    """Return the tables of a statement that are not held to a book."""
    if _NOT_OURS.match(statement):
        return ()
    sql = re.sub(r"%\((\w+)\)s", r":\1", statement)
    parsed = sqlglot.parse_one(sql, dialect="postgres" if "::" in sql else "sqlite")
    defined = {cte.alias for cte in parsed.find_all(exp.CTE)}
    return tuple(
        table.name
        for table in parsed.find_all(exp.Table)
        if table.name
        and table.name not in defined
        and table.name not in ASKED_AS_A_WHOLE
        and not table.name.startswith(("pg_", "alembic", "sqlite_"))
        and not _is_held(table)
    )


def _is_held(table: exp.Table) -> bool:
    around = table.find_ancestor(exp.Select, exp.Update, exp.Delete, exp.Insert)
    assert around is not None
    if isinstance(around, exp.Insert):
        return any(part.name == "book_id" for part in around.this.find_all(exp.Identifier))
    alone = len(list(_tables(around))) == 1
    names = {table.alias_or_name} | ({""} if alone else set())
    return any(
        column.name == "book_id" and column.table in names
        for equal in around.find_all(exp.EQ)
        for column in (equal.left, equal.right)
        if isinstance(column, exp.Column)
    )


def _tables(around: exp.Expression) -> Any:
    return (
        table
        for table in around.find_all(exp.Table)
        if table.find_ancestor(exp.Select, exp.Update, exp.Delete, exp.Insert) is around
    )
