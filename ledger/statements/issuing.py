"""Issuing a statement: right behind the one before, once for each id."""

from datetime import date, timedelta
from typing import Final

from msgspec.structs import replace

from ledger.book import Book
from ledger.database import Connection
from ledger.errors import Conflict
from ledger.log.store import load_settings
from ledger.statements.statement import Content, Statement, Subject, digest_of
from ledger.statements.store import (
    add_statement,
    content_of,
    find_statement,
    latest_statement,
)
from ledger.store import head

MOST_LINES: Final = 50_000
"""A statement is made, proven and answered as a whole."""


def issue(
    connection: Connection,
    book: Book,
    statement_id: str,
    subject: Subject,
    since: date | None,
    through: date,
    now_us: int,
) -> tuple[Statement, Content, bool]:
    """Issue a statement, or return the one of this id; the flag tells that it was there before.

    Conflict: the id stands for another statement; the days do not follow the statement before; it
    would have too many lines. The transaction holds the book's head until it ends.
    """
    end = head(connection, book.id, lock=True)
    assert end is not None
    settings = load_settings(connection, book)
    known = find_statement(connection, book.id, statement_id)
    if known is not None:
        _check_same(known, subject, since, through)
        return known, content_of(connection, book.id, settings, known), True
    before = latest_statement(connection, book.id, subject)
    if before is not None:
        _check_follows(before, since, through)
    issued = Statement(
        id=statement_id,
        subject=subject,
        since=None if before is not None else since,
        through=through,
        known=end.seq,
        issued_us=now_us,
        previous=None if before is None else before.id,
    )
    content = content_of(connection, book.id, settings, issued, most=MOST_LINES)
    if len(content.lines) > MOST_LINES:
        raise Conflict("statement-too-long", pointer="/through", most=MOST_LINES)
    issued = replace(issued, digest=digest_of(issued, content))
    add_statement(connection, book.id, issued)
    return issued, content, False


def _check_same(known: Statement, subject: Subject, since: date | None, through: date) -> None:
    """Refuse an id that stands for another statement; a day left out is the one it got."""
    if known.subject != subject:
        raise Conflict("statement-id-reused", pointer="/id", id=known.id)
    if known.through != through or (since is not None and not _starts(known, since)):
        raise Conflict("statement-id-reused", pointer="/id", id=known.id)


def _starts(known: Statement, since: date) -> bool:
    return known.since == since or known.previous is not None


def _check_follows(before: Statement, since: date | None, through: date) -> None:
    """Refuse days that were covered, or that would leave some out."""
    right = since is None or since == before.through + timedelta(days=1)
    if through < before.through or not right:
        raise Conflict(
            "statement-not-next",
            pointer="/from" if through >= before.through else "/through",
            previous=before.id,
            through=before.through,
        )
