"""GET /v1/reports/general-ledger."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Final

from litestar import Response, get
from litestar.params import QueryParameter
from msgspec import Struct
from msgspec.structs import replace

from api.access import OFFICE
from api.answers import PAGE, columns
from api.catalogue import Language, word
from api.parameters import KnownAt, Limit, bad_parameter
from api.problems import Refusal
from api.reports.amounts import name_of
from api.reports.asking import (
    AsOfTo,
    Channel,
    From,
    Location,
    OverPeriod,
    Reading,
    Register,
    Staff,
    To,
    reading,
)
from api.service import Call, service_of
from api.tabular import CSV, Row, streamed
from ledger.database import Engine, snapshot
from ledger.money import to_text
from ledger.reports.balances import Place
from ledger.reports.general import Balance, Ledger, Section, Start
from ledger.reports.legs.store import Leg
from ledger.reports.views import Cut, View

_COLUMNS: Final = (
    "code",
    "account",
    "currency",
    "business_date",
    "seq",
    "event",
    "type",
    "holder",
    "debit",
    "credit",
    "balance",
    "home_debit",
    "home_credit",
    "home_balance",
)


class LegShown(Struct, frozen=True, omit_defaults=True):
    """One posting with the balance after it, debit positive; home money where it is another."""

    business_date: date
    seq: int
    event: str
    type: str
    holder: str
    debit: str
    credit: str
    balance: str
    home_debit: str | None = None
    home_credit: str | None = None
    home_balance: str | None = None


class SectionShown(Struct, frozen=True, omit_defaults=True):
    """One account in one currency: what stood before its first posting here, and after its last."""

    code: str
    account: str
    role: str
    currency: str
    opening: str
    postings: list[LegShown]
    closing: str
    home_opening: str | None = None
    home_closing: str | None = None


class GeneralLedger(OverPeriod, frozen=True, kw_only=True):
    """A page of the general ledger. `next` goes into `after`, with the same other parameters.

    Where an account goes on on the next page, its closing is what is carried forward. So that
    nothing moves meanwhile, ask for the pages that follow with this page's `known_at`.
    """

    accounts: list[SectionShown]
    next: str | None


@get(
    "/v1/reports/general-ledger",
    operation_id="getGeneralLedger",
    tags=["Reports"],
    summary="The general ledger",
    guards=[OFFICE],
    sync_to_thread=True,
    opt={"answer": GeneralLedger, "csv": True, "problems": (404,)},
)
def get_general_ledger(  # noqa: PLR0913 - each is a parameter of the query
    request: Call,
    *,
    since: From = None,
    through: To = None,
    as_of: AsOfTo = None,
    known_at: KnownAt = None,
    account: Annotated[
        str | None, QueryParameter(max_length=64, description="One account, by code or role.")
    ] = None,
    location: Location = None,
    register: Register = None,
    channel: Channel = None,
    staff: Staff = None,
    limit: Limit = PAGE,
    after: Annotated[
        str | None,
        QueryParameter(
            pattern=r"^[A-Z]{3}\.[0-9]{4}-[0-9]{2}-[0-9]{2}\.[0-9]{1,18}\.[0-9]{1,4}\..{1,64}$",
            description="`next` of the page before.",
        ),
    ] = None,
) -> Response[Any]:
    """Answer what stood on each account, every posting of a period, and what stands then.

    `Accept: text/csv` streams all of it; `limit` and `after` are of JSON.
    """
    cut = Cut(location=location, register=register, channel=channel, staff=staff)
    start = _start(after)
    with reading(request, cut, known_at) as book:
        view = book.over(since, through, as_of)
        only = None if account is None else _code(account, book, view)
        if book.form == CSV:
            fixed = replace(view, known=book.known)
            rows = _streamed(service_of(request).database, book, fixed, only)
            return streamed(_COLUMNS, rows, book.language)
        made = Ledger(book.connection, book.book.id, book.settings, view, only)
        sections, behind = made.page(start, limit)
    shown = [_section(section, book) for section in sections]
    following = None if behind is None else _cursor(behind)
    return Response(GeneralLedger(**book.period_head(view), accounts=shown, next=following))


def _code(stated: str, book: Reading, view: View) -> str:
    found = book.settings.account(stated, view.through)
    if found is None:
        raise Refusal("account-not-found", 404, account=stated)
    return found.code


def _start(cursor: str | None) -> Start | None:
    if cursor is None:
        return None
    currency, day, seq, line, code = cursor.split(".", 4)
    try:
        return (code, currency), (date.fromisoformat(day), int(seq), int(line))
    except ValueError:
        raise bad_parameter("after") from None


def _cursor(start: Start) -> str:
    (code, currency), at = start
    day, seq, line = at or (date.min, 0, 0)
    return f"{currency}.{day.isoformat()}.{seq}.{line}.{code}"


def _account(place: Place, book: Reading) -> tuple[str, str]:
    account = book.settings.accounts.get(place[0], date.max)
    assert account is not None
    return name_of(account, book.language), account.role


def _section(section: Section, book: Reading) -> SectionShown:
    (code, currency), home = section.place, book.book.currency
    name, role = _account(section.place, book)
    foreign = currency != home
    return SectionShown(
        code=code,
        account=name,
        role=role,
        currency=currency,
        opening=to_text(section.opening.amount, currency),
        postings=[_leg(leg, balance, currency, home) for leg, balance in section.legs],
        closing=to_text(section.closing.amount, currency),
        home_opening=to_text(section.opening.home, home) if foreign else None,
        home_closing=to_text(section.closing.home, home) if foreign else None,
    )


def _leg(leg: Leg, balance: Balance, currency: str, home: str) -> LegShown:
    debit, credit = columns(leg.amount, currency)
    home_debit, home_credit = columns(leg.home, home)
    foreign = currency != home
    return LegShown(
        business_date=leg.day,
        seq=leg.seq,
        event=leg.event_id,
        type=leg.kind,
        holder=leg.holder,
        debit=debit,
        credit=credit,
        balance=to_text(balance.amount, currency),
        home_debit=home_debit if foreign else None,
        home_credit=home_credit if foreign else None,
        home_balance=to_text(balance.home, home) if foreign else None,
    )


def _streamed(database: Engine, book: Reading, view: View, only: str | None) -> Iterator[Row]:
    """Yield the whole ledger in a reading of its own, which lasts as long as the sending."""
    with snapshot(database) as connection:
        made = Ledger(connection, book.book.id, book.settings, view, only)
        for place in made.places:
            yield from _table(made, place, book)


def _table(made: Ledger, place: Place, book: Reading) -> Iterator[Row]:
    (code, currency), home, language = place, book.book.currency, book.language
    account = {"code": code, "account": _account(place, book)[0], "currency": currency}
    closing = made.opening(place)
    yield account | _stands("opening", closing, place, home, language)
    for leg, balance in made.every(place):
        shown = _leg(leg, balance, currency, home)
        cells = {name: getattr(shown, name) or "" for name in shown.__struct_fields__}
        yield account | {name: str(cell) for name, cell in cells.items()}
        closing = balance
    yield account | _stands("closing", closing, place, home, language)


def _stands(
    name: str, balance: Balance, place: Place, home: str, language: Language
) -> dict[str, str]:
    cells = {"type": word(name, language), "balance": to_text(balance.amount, place[1])}
    return cells | ({"home_balance": to_text(balance.home, home)} if place[1] != home else {})
