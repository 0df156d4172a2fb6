"""Statements: issued once, the same for ever; what is posted later stands on the next."""

import asyncio
from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Any, Final

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from msgspec import Meta, Struct, field

from api.access import BOOKKEEPERS, OFFICE
from api.answers import PAGE, Page, columns, home_columns, page
from api.caller import Caller, signed_in
from api.catalogue import word
from api.decoding import read_json
from api.parameters import Limit, today
from api.problems import Refusal, language_of
from api.service import Call, Service, service_of
from api.tabular import Row, answered, form_of
from ledger.database import snapshot, transaction
from ledger.decide import FIRST_DAY, LAST_DAY
from ledger.errors import Conflict, Fault, Invalid, fault
from ledger.events.base import EventId, Reference
from ledger.log.store import load_settings
from ledger.money import to_text
from ledger.privacy import personal_faults
from ledger.statements.issuing import issue
from ledger.statements.statement import Content, Statement, Subject, Sum, digest_of
from ledger.statements.store import content_of, find_statement, statements
from ledger.store import instant
from ledger.text import text_faults

_COLUMNS: Final = (
    "business_date",
    "seq",
    "event",
    "type",
    "account",
    "holder",
    "currency",
    "debit",
    "credit",
    "balance",
    "late",
    "home_debit",
    "home_credit",
    "home_balance",
)


Holder = Annotated[str, Meta(min_length=1, max_length=128)]


class StatementStated(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to issue: of an `account` (code or role), of one `holder` of it, or of a `customer`.

    `from` is for the first of its kind: later ones start right after the one before.
    """

    id: EventId
    account: Reference | None = None
    holder: Holder | None = None
    customer: Reference | None = None
    through: date
    since: date | None = field(default=None, name="from")


class StatementHead(Struct, frozen=True, kw_only=True):
    """Of what a statement is, of which days, as known when it was issued.

    `digest` is the SHA-256 of all that it says. It holds the bare reference of a customer.
    """

    id: str
    account: str | None
    holder: str | None
    customer: str | None
    since: date | None = field(name="from")
    through: date
    known_at: int
    issued_at: datetime
    previous: str | None
    digest: str


class BalanceOf(Struct, frozen=True, omit_defaults=True):
    """A balance in one currency, debit positive: what a customer owes; at home where foreign."""

    currency: str
    balance: str
    home_balance: str | None = None


class StatementLine(Struct, frozen=True, omit_defaults=True):
    """One posting, with the balance of its currency after it; at home too where it is foreign.

    `late`: its day was covered by an earlier statement, and it was recorded after that was issued.
    """

    business_date: date
    seq: int
    event: str
    type: str
    account: str
    holder: str
    currency: str
    debit: str
    credit: str
    balance: str
    late: bool
    home_debit: str | None = None
    home_credit: str | None = None
    home_balance: str | None = None


class StatementShown(StatementHead, frozen=True, kw_only=True):
    """A statement whole. `proven` tells that the log still gives what the digest is of."""

    opening: list[BalanceOf]
    lines: list[StatementLine]
    closing: list[BalanceOf]
    proven: bool


@post(
    "/v1/statements",
    operation_id="issueStatement",
    tags=["Statements"],
    summary="Issue a statement",
    guards=[BOOKKEEPERS],
    opt={
        "body": StatementStated,
        "answer": StatementShown,
        "answers": {200: StatementShown},
        "problems": (409,),
        "headers": {200: {"Idempotent-Replayed": "`true`: the first answer again."}},
    },
)
async def issue_statement(request: Call) -> Response[StatementShown]:
    """Issue a statement of an account, a holder or a customer through a business date.

    It has every posting through that day that no statement of the same subject had before; its
    opening balance is the closing balance of the one before. The `id` is the caller's: sent again,
    the same statement comes again (200).
    """
    stated = await read_json(request, StatementStated)
    faults = [*text_faults(stated), *personal_faults(stated), *_faults(stated)]
    if faults:
        raise Invalid(faults)
    service, caller = service_of(request), signed_in(request.scope)
    shown, repeated = await asyncio.to_thread(_issue, service, caller, stated)
    headers = {"Idempotent-Replayed": "true"} if repeated else {}
    return Response(shown, status_code=200 if repeated else 201, headers=headers)


def _faults(stated: StatementStated) -> Iterator[Fault]:
    """Yield what can never be right about a statement."""
    if (stated.account is None) == (stated.customer is None):
        yield fault("/account", "account-or-customer")
    elif stated.account is None and stated.holder is not None:
        yield fault("/holder", "account-or-customer")
    if not FIRST_DAY <= stated.through <= LAST_DAY:
        yield fault("/through", "date-out-of-range", first=FIRST_DAY, last=LAST_DAY)
    if stated.since is not None and not FIRST_DAY <= stated.since <= stated.through:
        yield fault("/from", "date-out-of-range", first=FIRST_DAY, last=stated.through)


def _issue(
    service: Service, caller: Caller, stated: StatementStated
) -> tuple[StatementShown, bool]:
    with transaction(service.database) as connection:
        if stated.customer is not None:
            subject = Subject("customer", stated.customer)
        else:
            settings = load_settings(connection, caller.book)
            day = today(caller.book, service.clock())
            account = settings.account(stated.account or "", day)
            if account is None:
                raise Conflict("account-unknown", pointer="/account", account=stated.account)
            subject = Subject("account", account.code, stated.holder or "")
        issued, content, repeated = issue(
            connection,
            caller.book,
            stated.id,
            subject,
            stated.since,
            stated.through,
            service.clock(),
        )
    return _shown(issued, content, caller.book.currency), repeated


@get(
    "/v1/statements",
    operation_id="listStatements",
    tags=["Statements"],
    summary="List statements",
    guards=[OFFICE],
    sync_to_thread=True,
)
def list_statements(
    request: Call,
    *,
    account: Annotated[
        str | None, QueryParameter(max_length=64, description="Of this account, by code.")
    ] = None,
    holder: Annotated[
        str | None, QueryParameter(max_length=128, description="Of this holder.")
    ] = None,
    customer: Annotated[
        str | None, QueryParameter(max_length=64, description="Of this customer.")
    ] = None,
    limit: Limit = PAGE,
    after: Annotated[
        str | None,
        QueryParameter(
            pattern=r"^[0-9]{1,18}\.[A-Za-z0-9._:\-]{1,64}$",
            description="`next` of the page before.",
        ),
    ] = None,
) -> Page[StatementHead]:
    """Answer the statements that were issued, oldest first, without their lines."""
    issued, _, name = (after or "").partition(".")
    kind = "account" if account is not None else "customer" if customer is not None else None
    if account is not None and customer is not None:
        return Page([])
    with snapshot(service_of(request).database) as connection:
        found = statements(
            connection,
            signed_in(request.scope).book.id,
            kind=kind,
            name=account if account is not None else customer,
            holder=holder,
            after=(int(issued), name) if after else None,
            limit=limit + 1,
        )
    return page(found, limit, _head, lambda one: f"{one.issued_us}.{one.id}")


@get(
    "/v1/statements/{statement_id:str}",
    operation_id="getStatement",
    tags=["Statements"],
    summary="Read a statement",
    guards=[OFFICE],
    sync_to_thread=True,
    opt={"answer": StatementShown, "csv": True, "problems": (404,)},
)
def get_statement(request: Call, statement_id: FromPath[str]) -> Response[Any]:
    """Answer a statement as it was issued, made again from the log: JSON, or CSV by `Accept`."""
    form, book = form_of(request.headers.get("accept", "")), signed_in(request.scope).book
    with snapshot(service_of(request).database) as connection:
        found = find_statement(connection, book.id, statement_id)
        if found is None:
            raise Refusal("statement-not-found", 404, statement=statement_id)
        settings = load_settings(connection, book)
        content = content_of(connection, book.id, settings, found)
    shown, language = _shown(found, content, book.currency), language_of(request)
    return answered(form, shown, _COLUMNS, _cells(shown, word("opening", language)), language)


def _head(statement: Statement) -> StatementHead:
    return StatementHead(**_head_fields(statement))


def _head_fields(statement: Statement) -> dict[str, Any]:
    subject = statement.subject
    of_account = subject.kind == "account"
    return {
        "id": statement.id,
        "account": subject.name if of_account else None,
        "holder": subject.holder or None,
        "customer": None if of_account else subject.name,
        "since": statement.since,
        "through": statement.through,
        "known_at": statement.known,
        "issued_at": instant(statement.issued_us),
        "previous": statement.previous,
        "digest": statement.digest,
    }


def _shown(statement: Statement, content: Content, home: str) -> StatementShown:
    return StatementShown(
        **_head_fields(statement),
        opening=_balances(content.opening, home),
        lines=list(_lines(content, home)),
        closing=_balances(content.closing, home),
        proven=digest_of(statement, content) == statement.digest,
    )


def _balances(sums: dict[str, Sum], home: str) -> list[BalanceOf]:
    return [
        BalanceOf(currency, to_text(found.amount, currency), _at_home(found, currency, home))
        for currency, found in sums.items()
    ]


def _at_home(found: Sum, currency: str, home: str) -> str | None:
    return None if currency == home else to_text(found.home, home)


def _lines(content: Content, home: str) -> Iterator[StatementLine]:
    running = dict(content.opening)
    for line in content.lines:
        balance = running[line.currency] = running.get(line.currency, Sum()) + line.moves
        debit, credit = columns(line.amount, line.currency)
        foreign = line.currency != home
        home_debit, home_credit = home_columns(line.home if foreign else None, home)
        yield StatementLine(
            business_date=line.day,
            seq=line.seq,
            event=line.event_id,
            type=line.type,
            account=line.account,
            holder=line.holder,
            currency=line.currency,
            debit=debit,
            credit=credit,
            balance=to_text(balance.amount, line.currency),
            late=line.late,
            home_debit=home_debit,
            home_credit=home_credit,
            home_balance=_at_home(balance, line.currency, home),
        )


def _cells(shown: StatementShown, opening: str) -> Iterator[Row]:
    for balance in shown.opening:
        cells = {"type": opening, "currency": balance.currency, "balance": balance.balance}
        yield cells | {"home_balance": balance.home_balance or ""}
    for line in shown.lines:
        told = ((name, getattr(line, name)) for name in line.__struct_fields__)
        cells = {name: str(value) for name, value in told if value is not None}
        yield cells | {"late": "1" if line.late else ""}


ROUTES: Final = (issue_statement, list_statements, get_statement)
"""Every route of statements."""
