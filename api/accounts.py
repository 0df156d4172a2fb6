"""The chart with its balances, an account's subsidiary ledger, and its register."""

from datetime import date
from typing import Annotated

from litestar import get
from litestar.params import FromPath, QueryParameter
from msgspec import Struct

from api.access import OFFICE, SHOP
from api.answers import PAGE, Page, columns, home_columns, page, quantity_text
from api.caller import signed_in
from api.catalogue import Language
from api.parameters import (
    AsOf,
    KnownAt,
    Limit,
    Since,
    Through,
    bad_parameter,
    known_at_of,
    today,
)
from api.problems import Refusal, language_of
from api.service import Call, service_of
from ledger.accounts import Account, AccountType
from ledger.book import Book
from ledger.clocks.store import known_seq
from ledger.clocks.sums import Sums
from ledger.database import Connection, snapshot
from ledger.log.store import load_settings
from ledger.money import to_text
from ledger.registers.store import RegisterRow, Span, postings
from ledger.reports.store import BalanceRow, HolderRow, account_balances, holders


class AccountShown(Struct, frozen=True, omit_defaults=True):
    """An account with what was debited and credited; `balance` is debit positive.

    `home_...` stands where the currency is not the book's.
    """

    code: str
    role: str
    name: str
    type: AccountType
    currency: str
    debit: str
    credit: str
    balance: str
    home_debit: str | None = None
    home_credit: str | None = None


class HolderShown(Struct, frozen=True, omit_defaults=True):
    """What one holder has; `quantity` on stock, `home_...` on foreign money."""

    holder: str
    currency: str
    debit: str
    credit: str
    balance: str
    quantity: str | None = None
    home_debit: str | None = None
    home_credit: str | None = None


class PostingShown(Struct, frozen=True, omit_defaults=True):
    """One posting of an account with the balance after it, debit positive."""

    business_date: date
    seq: int
    event: str
    type: str
    holder: str
    currency: str
    debit: str
    credit: str
    balance: str
    quantity: str | None = None
    home_debit: str | None = None
    home_credit: str | None = None


@get(
    "/v1/accounts",
    operation_id="listAccounts",
    tags=["Accounts"],
    summary="The chart of accounts with its balances",
    guards=[OFFICE],
    sync_to_thread=True,
)
def list_accounts(
    request: Call, *, as_of: AsOf = None, known_at: KnownAt = None
) -> Page[AccountShown]:
    """Answer every account with its turnover and balance at the end of a business date."""
    caller = signed_in(request.scope)
    language, stated = language_of(request), known_at_of(known_at)
    with snapshot(service_of(request).database) as connection:
        settings = load_settings(connection, caller.book)
        known = known_seq(connection, caller.book.id, stated)
        rows = account_balances(connection, caller.book, settings, as_of, known)
    return Page([_account(row, language, caller.book.currency) for row in rows])


@get(
    "/v1/accounts/{code:str}/holders",
    operation_id="listHolders",
    tags=["Accounts"],
    summary="The subsidiary ledger of an account",
    guards=[SHOP],
    sync_to_thread=True,
    opt={"problems": (404,)},
)
def list_holders(
    request: Call,
    code: FromPath[str],
    *,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    limit: Limit = PAGE,
    after: Annotated[
        str | None,
        QueryParameter(pattern=r"^[A-Z]{3}:.{0,128}$", description="`next` of the page before."),
    ] = None,
) -> Page[HolderShown]:
    """Answer what each holder (card, deposit, item, drawer, ...) has, by code or by role."""
    caller, stated = signed_in(request.scope), known_at_of(known_at)
    book, behind = caller.book, (after[4:], after[:3]) if after else None
    with snapshot(service_of(request).database) as connection:
        account = find_account(connection, book, code, service_of(request).clock())
        known = known_seq(connection, book.id, stated)
        rows = holders(
            connection, book.id, account, as_of, known=known, after=behind, limit=limit + 1
        )
    return page(
        rows,
        limit,
        lambda row: _holder(row, book.currency),
        lambda row: f"{row.currency}:{row.holder}",
    )


@get(
    "/v1/accounts/{code:str}/postings",
    operation_id="listPostings",
    tags=["Accounts"],
    summary="The register of an account, with a running balance",
    guards=[OFFICE],
    sync_to_thread=True,
    opt={"problems": (404,)},
)
def list_postings(  # noqa: PLR0913 - each is a filter of the query
    request: Call,
    code: FromPath[str],
    *,
    holder: Annotated[str | None, QueryParameter(max_length=128)] = None,
    since: Since = None,
    through: Through = None,
    known_at: KnownAt = None,
    limit: Limit = PAGE,
    after: Annotated[
        str | None,
        QueryParameter(
            pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\.[0-9]{1,18}\.[0-9]{1,9}$",
            description="`next` of the page before.",
        ),
    ] = None,
) -> Page[PostingShown]:
    """Answer an account's postings by day, then in the order in which they were recorded."""
    caller, stated, place = signed_in(request.scope), known_at_of(known_at), _place(after)
    book = caller.book
    with snapshot(service_of(request).database) as connection:
        account = find_account(connection, book, code, service_of(request).clock())
        known = known_seq(connection, book.id, stated)
        span = Span(holder=holder, since=since, through=through, known=known)
        rows = postings(connection, book.id, account, span, after=place, limit=limit + 1)
    return page(rows, limit, lambda row: _posting(row, book.currency), _cursor)


def find_account(connection: Connection, book: Book, code: str, now_us: int) -> Account:
    """Return the account of a code or role; a Refusal when the book has none."""
    settings = load_settings(connection, book)
    account = settings.account(code, today(book, now_us))
    if account is None:
        raise Refusal("account-not-found", 404, account=code)
    return account


def _place(cursor: str | None) -> tuple[date, int, int] | None:
    if cursor is None:
        return None
    day, seq, line = cursor.split(".")
    try:
        return date.fromisoformat(day), int(seq), int(line)
    except ValueError:
        raise bad_parameter("after") from None


def _cursor(row: RegisterRow) -> str:
    return f"{row.business_date}.{row.seq}.{row.line}"


def _account(row: BalanceRow, language: Language, home: str) -> AccountShown:
    account, currency = row.account, row.currency
    home_debit, home_credit = _home(row.sums, currency, home)
    return AccountShown(
        code=account.code,
        role=account.role,
        name=account.name_fr if language == "fr" else account.name_en,
        type=account.type,
        currency=currency,
        debit=to_text(row.sums.debit, currency),
        credit=to_text(row.sums.credit, currency),
        balance=to_text(row.sums.balance, currency),
        home_debit=home_debit,
        home_credit=home_credit,
    )


def _holder(row: HolderRow, home: str) -> HolderShown:
    home_debit, home_credit = _home(row.sums, row.currency, home)
    return HolderShown(
        holder=row.holder,
        currency=row.currency,
        debit=to_text(row.sums.debit, row.currency),
        credit=to_text(row.sums.credit, row.currency),
        balance=to_text(row.sums.balance, row.currency),
        quantity=quantity_text(row.quantity) if row.quantity else None,
        home_debit=home_debit,
        home_credit=home_credit,
    )


def _home(sums: Sums, currency: str, home: str) -> tuple[str, str] | tuple[None, None]:
    """Return what foreign money is worth in the home currency; nothing where it is at home."""
    if currency == home:
        return None, None
    return to_text(sums.home_debit, home), to_text(sums.home_credit, home)


def _posting(row: RegisterRow, home: str) -> PostingShown:
    debit, credit = columns(row.amount, row.currency)
    home_debit, home_credit = home_columns(None if row.currency == home else row.home, home)
    return PostingShown(
        business_date=row.business_date,
        seq=row.seq,
        event=row.event_id,
        type=row.type,
        holder=row.holder,
        currency=row.currency,
        debit=debit,
        credit=credit,
        balance=to_text(row.balance, row.currency),
        quantity=quantity_text(row.quantity) if row.quantity else None,
        home_debit=home_debit,
        home_credit=home_credit,
    )
