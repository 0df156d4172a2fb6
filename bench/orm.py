"""What is usually built: the same entry through SQLAlchemy's ORM, a session a request.

It is let off easily: no authentication, no rules, no chain, no deltas by month and year, and the
postings are not worked out but taken from `BENCH_ENTRY`. What it keeps is the event, its
postings, the balances, the deltas of the day and the head of the book, in one transaction.
"""

import os
from typing import Any, Final

import msgspec
from litestar import Litestar, Request, Response, post
from sqlalchemy import BigInteger, LargeBinary, Text, create_engine, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from ledger import codec
from ledger.events import Event

POOL: Final = 16
"""Connections, and clients that make the most of them."""

Lines = list[tuple[str, str, str, int]]
"""Account, holder, currency and amount of each posting."""


class Base(DeclarativeBase):
    """The tables of the stand-in."""

    type_annotation_map = {int: BigInteger, str: Text, bytes: LargeBinary}  # noqa: RUF012 - as SQLAlchemy reads it


class Head(Base):
    """The head of a book."""

    __tablename__ = "orm_head"
    book_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]


class Fact(Base):
    """An event."""

    __tablename__ = "orm_event"
    book_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(index=True)
    day: Mapped[int]
    body: Mapped[bytes]


class Line(Base):
    """A posting."""

    __tablename__ = "orm_posting"
    book_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account: Mapped[str]
    holder: Mapped[str]
    currency: Mapped[str]
    amount: Mapped[int]


class Balance(Base):
    """What an account holds for a holder; with a day, what it moved on that day."""

    __tablename__ = "orm_balance"
    book_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    amount: Mapped[int]


def record(session: Session, book_id: int, event: Event, body: bytes, lines: Lines) -> int:
    """Record an event and return its place in the log."""
    head = session.get(Head, book_id, with_for_update=True)
    assert head is not None, "the book was opened when the server started"
    known = select(Fact).where(Fact.book_id == book_id, Fact.id == event.id)
    found = session.scalars(known).first()
    if found is not None:
        return found.seq
    head.seq += 1
    day = int(event.occurred_at.strftime("%Y%m%d"))
    session.add(Fact(book_id=book_id, seq=head.seq, id=event.id, day=day, body=body))
    held = select(Balance).where(Balance.book_id == book_id, Balance.day.in_((0, day)))
    held = held.where(Balance.account.in_({account for account, *_ in lines})).with_for_update()
    balances = {(b.day, b.account, b.holder, b.currency): b for b in session.scalars(held)}
    for number, (account, holder, currency, amount) in enumerate(lines):
        place = {"account": account, "holder": holder, "currency": currency}
        session.add(Line(book_id=book_id, seq=head.seq, line=number, amount=amount, **place))
        for of_day in (0, day):
            key = (of_day, account, holder, currency)
            if key not in balances:
                balances[key] = Balance(book_id=book_id, day=of_day, amount=0, **place)
                session.add(balances[key])
            balances[key].amount += amount
    session.commit()
    return head.seq


def application(url: str, entry: Lines, books: int) -> Litestar:
    """Return the service over a database of its own."""
    where = make_url(url).set(drivername="postgresql+psycopg")
    engine = create_engine(where, pool_size=POOL, max_overflow=0)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all(Head(book_id=number + 1, seq=0) for number in range(books))
        session.commit()

    @post("/v1/events", status_code=201, sync_to_thread=True)
    def record_event(request: Request[Any, Any, Any], body: bytes) -> Response[bytes]:
        event = codec.decode(body)
        book_id = int(request.headers["authorization"].rpartition(" ")[2])
        lines = [
            (account, event.register or "" if holder == "till" else holder, currency, amount)
            for account, holder, currency, amount in entry
        ]
        with Session(engine) as session:
            seq = record(session, book_id, event, body, lines)
        answer = b'{"id":"%s","seq":%d}' % (event.id.encode(), seq)
        return Response(answer, media_type="application/json")

    return Litestar([record_event], openapi_config=None)


def app() -> Litestar:
    """Return the service that the environment describes, for `uvicorn --factory`."""
    entry = msgspec.json.decode(os.environ["BENCH_ENTRY"], type=Lines)
    return application(os.environ["BENCH_ORM"], entry, int(os.environ["BENCH_BOOKS"]))
