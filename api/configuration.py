"""The book's configuration: what holds on a day, and PUT to state that something changes."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Final, TypeVar
from uuid import uuid4

from litestar import get, put
from litestar.params import FromPath, QueryParameter
from msgspec import Struct

from api.access import BOOKKEEPERS, OFFICE, SHOP
from api.answers import EventAnswer, Page, event_answer
from api.caller import signed_in
from api.decoding import read_json
from api.health import BookShown
from api.parameters import today, unescaped
from api.problems import language_of
from api.recording import outcomes
from api.rules import RulesShown, rules_of
from api.service import Call, service_of
from ledger.accounts import AccountType
from ledger.codec import from_json
from ledger.database import snapshot
from ledger.errors import Invalid, LedgerError, fault
from ledger.events.configuration import (
    AccountDefined,
    ConfiguringEvent,
    ItemDefined,
    MethodDefined,
    PolicySet,
    TaxDefined,
)
from ledger.log.store import load_settings
from ledger.policies import POLICIES
from ledger.recorder import Command
from ledger.settings import Dated, Settings
from ledger.store import instant

T = TypeVar("T")

_STATED_BY_US: Final = ("type", "id", "occurred_at")

Day = Annotated[date | None, QueryParameter(description="What holds on this day; default today.")]


class BookSettings(BookShown, frozen=True):
    """What a book is from its first day, which never changes, and the rules of its region."""

    country: str
    region: str | None
    currency: str
    timezone: str
    day_starts: str
    locale: str
    fiscal_year_starts: int
    rules: RulesShown


class NamesShown(Struct, frozen=True):
    """A name in both languages."""

    en: str
    fr: str


class AccountSetting(Struct, frozen=True):
    """An account; `serves` tells whether its role posts to it."""

    code: str
    role: str
    name: NamesShown
    account_type: AccountType
    serves: bool


class TaxSetting(Struct, frozen=True):
    """A tax code; `rate` in per cent."""

    tax: str
    name: str
    rate: str
    agency: str
    recoverable: bool


class MethodSetting(Struct, frozen=True):
    """A tender method."""

    method: str
    name: str
    kind: str


class ItemSetting(Struct, frozen=True):
    """Something sold."""

    item: str
    name: str
    category: str
    kind: str
    stocked: bool
    taxes: list[str] | None


class PolicySetting(Struct, frozen=True):
    """A policy; without a channel it holds for all that have none of their own.

    `is_default` tells that nobody has set it; a `value` of null is "no such limit".
    """

    policy: str
    value: str | None
    channel: str | None
    is_default: bool


@get(
    "/v1/settings/book",
    operation_id="getBook",
    tags=["Settings"],
    summary="What the book is",
    guards=[SHOP],
)
async def get_book(request: Call) -> BookSettings:
    """Answer the book's country, currency, time zone and calendar, and its region's rules."""
    book = signed_in(request.scope).book
    rules = rules_of(book, today(book, service_of(request).clock()))
    return BookSettings(**{name: getattr(book, name) for name in _OF_BOOK}, rules=rules)


_OF_BOOK: Final = tuple(name for name in BookSettings.__struct_fields__ if name != "rules")


@get(
    "/v1/settings/accounts",
    operation_id="listAccountSettings",
    tags=["Settings"],
    summary="The chart of accounts",
    guards=[OFFICE],
    sync_to_thread=True,
)
def list_account_settings(request: Call, *, day: Day = None) -> Page[AccountSetting]:
    """Answer every account that holds on a day."""

    def shown(settings: Settings, on: date) -> list[AccountSetting]:
        found = sorted(_holding(settings.accounts, on).values(), key=lambda account: account.code)
        return [
            AccountSetting(
                code=account.code,
                role=account.role,
                name=NamesShown(account.name_en, account.name_fr),
                account_type=account.type,
                serves=settings.roles.get(account.role, on) == account.code,
            )
            for account in found
        ]

    return _read(request, day, shown)


@get(
    "/v1/settings/tax-codes",
    operation_id="listTaxCodes",
    tags=["Settings"],
    summary="The tax codes",
    guards=[SHOP],
    sync_to_thread=True,
)
def list_tax_codes(request: Call, *, day: Day = None) -> Page[TaxSetting]:
    """Answer every tax code that holds on a day."""

    def shown(settings: Settings, on: date) -> list[TaxSetting]:
        return [
            TaxSetting(tax.code, tax.name, format(tax.rate, "f"), tax.agency, tax.recoverable)
            for tax in _holding(settings.taxes, on).values()
        ]

    return _read(request, day, shown)


@get(
    "/v1/settings/methods",
    operation_id="listMethods",
    tags=["Settings"],
    summary="The tender methods",
    guards=[SHOP],
    sync_to_thread=True,
)
def list_methods(request: Call, *, day: Day = None) -> Page[MethodSetting]:
    """Answer every tender method that holds on a day."""

    def shown(settings: Settings, on: date) -> list[MethodSetting]:
        found = _holding(settings.methods, on)
        return [MethodSetting(key, method.name, method.kind) for key, method in found.items()]

    return _read(request, day, shown)


@get(
    "/v1/settings/items",
    operation_id="listItems",
    tags=["Settings"],
    summary="The items",
    guards=[SHOP],
    sync_to_thread=True,
)
def list_items(request: Call, *, day: Day = None) -> Page[ItemSetting]:
    """Answer every item that holds on a day."""

    def shown(settings: Settings, on: date) -> list[ItemSetting]:
        return [
            ItemSetting(
                item=item.code,
                name=item.name,
                category=item.category,
                kind=item.kind,
                stocked=item.stocked,
                taxes=None if item.taxes is None else list(item.taxes),
            )
            for item in _holding(settings.items, on).values()
        ]

    return _read(request, day, shown)


@get(
    "/v1/settings/policies",
    operation_id="listPolicies",
    tags=["Settings"],
    summary="The policies",
    guards=[OFFICE],
    sync_to_thread=True,
)
def list_policies(request: Call, *, day: Day = None) -> Page[PolicySetting]:
    """Answer every policy with what holds on a day, for all channels and for single ones."""

    def shown(settings: Settings, on: date) -> list[PolicySetting]:
        found = _holding(settings.policies, on)
        stated = [
            PolicySetting(name, _policy_text(value), channel or None, is_default=False)
            for key, value in found.items()
            for name, _, channel in [key.partition("/")]
        ]
        defaults = [
            PolicySetting(name, _policy_text(policy.default), None, is_default=True)
            for name, policy in POLICIES.items()
            if name not in found
        ]
        return sorted([*stated, *defaults], key=lambda p: (p.policy, p.channel or ""))

    return _read(request, day, shown)


def _policy_text(value: object) -> str | None:
    """Return a policy's value as PUT takes it."""
    if isinstance(value, timedelta):
        minutes = value // timedelta(minutes=1)
        return f"{minutes}m" if minutes % 60 else f"{minutes // 60}h"
    return None if value is None else str(value)


def _put(path: str, kind: type[ConfiguringEvent], name: str, what: str) -> Any:
    """Return the route that states what holds for one *name* from a day on."""

    @put(
        f"/v1/settings/{path}/{{key:str}}",
        operation_id=f"put{kind.__name__}",
        tags=["Settings"],
        summary=f"Define {what}",
        description=f"Record that from a day on ({{from}}, default today) {what} is as stated. "
        "The answer is that of the recorded event. In the path write `~1` for a slash and `~0` "
        "for a tilde.",
        guards=[BOOKKEEPERS],
        opt={"body": kind, "given": (*_STATED_BY_US, name)},
        name=f"put_{path}",
    )
    async def write_setting(request: Call, key: FromPath[str]) -> EventAnswer:
        return await _state(request, kind, {name: unescaped(key)})

    return write_setting


async def _state(
    request: Call, kind: type[ConfiguringEvent], given: Mapping[str, str]
) -> EventAnswer:
    """Record the configuring event that a body and the path state together."""
    body = await read_json(request, dict[str, Any])
    for name, value in given.items():
        if body.setdefault(name, value) != value:
            raise Invalid([fault(f"/{name}", "differs-from-path", stated=value)])
    service, caller = service_of(request), signed_in(request.scope)
    tag = str(kind.__struct_config__.tag)
    if body.setdefault("type", tag) != tag:
        raise Invalid([fault("/type", "differs-from-path", stated=tag)])
    body.setdefault("id", f"{tag}:{uuid4().hex}")
    body.setdefault("occurred_at", instant(service.clock()).isoformat())
    command = Command(caller.book.id, caller.actor, (from_json(body),))
    (outcome,) = await outcomes(service, command)
    if isinstance(outcome, LedgerError):
        raise outcome
    return event_answer(outcome.entry, language_of(request), caller.book.currency)


def _read(request: Call, day: date | None, shown: Callable[[Settings, date], list[T]]) -> Page[T]:
    service, caller = service_of(request), signed_in(request.scope)
    with snapshot(service.database) as connection:
        settings = load_settings(connection, caller.book)
    return Page(shown(settings, day or today(caller.book, service.clock())))


def _holding(values: Dated[T], day: date) -> dict[str, T]:
    found = {key: values.get(key, day) for key in values.keys()}  # noqa: SIM118 - Dated is no dict
    return {key: value for key, value in found.items() if value is not None}


ROUTES: Final = (
    get_book,
    list_account_settings,
    list_tax_codes,
    list_methods,
    list_items,
    list_policies,
    _put("accounts", AccountDefined, "code", "an account"),
    _put("tax-codes", TaxDefined, "tax", "a tax code"),
    _put("methods", MethodDefined, "method", "a tender method"),
    _put("items", ItemDefined, "item", "an item"),
    _put("policies", PolicySet, "policy", "a policy"),
)
