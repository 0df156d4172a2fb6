"""Statements that were issued, and the postings that each covers.

Every SQL statement names its book.
"""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select, tuple_

from ledger.database import insert_rows
from ledger.reports.moved.store import of_event
from ledger.settings import Settings
from ledger.statements.owned.store import AT_HOME, MOVES, owned_lines, to_line
from ledger.statements.statement import (
    OF_CUSTOMERS,
    Content,
    Statement,
    Subject,
    Sum,
    Window,
    added,
    content_in,
)
from ledger.store import from_day, to_day
from ledger.tables import EVENT, POSTING, STATEMENT


def find_statement(connection: Connection, book_id: int, statement_id: str) -> Statement | None:
    """Return a statement, or None."""
    query = select(STATEMENT).where(
        STATEMENT.c.book_id == book_id, STATEMENT.c.statement_id == statement_id
    )
    row = connection.execute(query).first()
    return _statement(row) if row else None


def latest_statement(connection: Connection, book_id: int, subject: Subject) -> Statement | None:
    """Return the last statement of a subject, or None: the one that no other follows."""
    of_subject = [
        STATEMENT.c.book_id == book_id,
        STATEMENT.c.kind == subject.kind,
        STATEMENT.c.subject == subject.name,
        STATEMENT.c.holder == subject.holder,
    ]
    found = [_statement(row) for row in connection.execute(select(STATEMENT).where(*of_subject))]
    followed = {statement.previous for statement in found}
    return next((statement for statement in found if statement.id not in followed), None)


def statements(
    connection: Connection,
    book_id: int,
    *,
    kind: str | None = None,
    name: str | None = None,
    holder: str | None = None,
    after: tuple[int, str] | None = None,
    limit: int = 100,
) -> list[Statement]:
    """Return statements in the order of their issue, from behind (issued_us, id)."""
    chosen = [STATEMENT.c.book_id == book_id]
    for column, value in (("kind", kind), ("subject", name), ("holder", holder)):
        if value is not None:
            chosen.append(STATEMENT.c[column] == value)
    if after is not None:
        chosen.append(tuple_(STATEMENT.c.issued_us, STATEMENT.c.statement_id) > tuple_(*after))
    query = (
        select(STATEMENT)
        .where(*chosen)
        .order_by(STATEMENT.c.issued_us, STATEMENT.c.statement_id)
        .limit(limit)
    )
    return [_statement(row) for row in connection.execute(query)]


def add_statement(connection: Connection, book_id: int, statement: Statement) -> None:
    """Keep a statement; the caller holds the book's head, so that no two follow the same one."""
    row = (
        book_id,
        statement.id,
        statement.subject.kind,
        statement.subject.name,
        statement.subject.holder,
        None if statement.since is None else to_day(statement.since),
        to_day(statement.through),
        statement.known,
        statement.issued_us,
        statement.previous,
        statement.digest,
    )
    insert_rows(connection, STATEMENT, [row])


def _statement(row: Row[Any]) -> Statement:
    return Statement(
        id=row.statement_id,
        subject=Subject(row.kind, row.subject, row.holder),
        since=None if row.since is None else from_day(row.since),
        through=from_day(row.through),
        known=row.known_seq,
        issued_us=row.issued_us,
        previous=row.previous,
        digest=row.digest,
    )


def content_of(
    connection: Connection,
    book_id: int,
    settings: Settings,
    statement: Statement,
    *,
    most: int | None = None,
) -> Content:
    """Return what a statement says, from the log; of an account at most *most* lines and one."""
    previous = (
        find_statement(connection, book_id, statement.previous) if statement.previous else None
    )
    window = Window(statement, previous)
    if statement.subject.kind == "account":
        return _of_account(connection, book_id, window, most)
    codes = {role: settings.codes(role) for role in OF_CUSTOMERS}
    lines = owned_lines(connection, book_id, statement.subject.name, codes)
    return content_in(window, lines)


def _of_account(connection: Connection, book_id: int, window: Window, most: int | None) -> Content:
    """Return what a statement of an account says; the opening balance is summed where it stands."""
    statement, subject = window.statement, window.statement.subject
    of_subject = [POSTING.c.book_id == book_id, POSTING.c.account == subject.name]
    if subject.holder:
        of_subject.append(POSTING.c.holder == subject.holder)
    seen = _covered(statement.through, statement.known)
    before = _opened_with(window)
    opening: dict[str, Sum] = {}
    if before is not None:
        sums = connection.execute(
            select(POSTING.c.currency, func.sum(POSTING.c.amount), func.sum(AT_HOME))
            .where(*of_subject, before)
            .group_by(POSTING.c.currency)
        )
        opening = added({}, ((currency, Sum(int(a), int(home))) for currency, a, home in sums))
        of_subject.append(~before)
    rows = connection.execute(
        select(POSTING, EVENT.c.event_id, EVENT.c.type)
        .select_from(POSTING)
        .join(EVENT, of_event())
        .where(*of_subject, seen, MOVES)
        .order_by(POSTING.c.business_date, POSTING.c.seq, POSTING.c.line)
        .limit(None if most is None else most + 1)
    )
    return Content(
        opening,
        [to_line(row, late=window.is_late(from_day(row.business_date))) for row in rows],
    )


def _opened_with(window: Window) -> ColumnElement[bool] | None:
    """Return the condition on what stands in the opening balance; None where nothing does."""
    statement, previous = window.statement, window.previous
    if previous is not None:
        return _covered(previous.through, previous.known)
    if statement.since is None:
        return None
    first = POSTING.c.business_date < to_day(statement.since)
    return and_(first, _covered(statement.through, statement.known))


def _covered(through: date, known: int) -> ColumnElement[bool]:
    return and_(POSTING.c.business_date <= to_day(through), POSTING.c.seq <= known)
