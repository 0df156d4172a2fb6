"""The connection to QuickBooks: consent, what stands for what over there, and the end of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Final

import httpx
import msgspec
from litestar import Request, Response, get, post, put
from litestar.params import QueryParameter
from msgspec import Struct

from api.access import open_to_all, require
from api.caller import signed_in
from api.decoding import read_json
from api.parameters import today
from api.problems import Refusal
from api.service import Service, service_of
from ledger.database import snapshot, transaction
from ledger.errors import Conflict
from ledger.regions import TaxCode
from sync.connections import store
from sync.connections.chart import our_accounts, our_taxes
from sync.connections.company import CompanyFacts
from sync.connections.office import Office
from sync.connections.tokens import TARGET
from sync.documents import Account
from sync.mending import store as mending
from sync.protocol import Failure, Unavailable
from sync.quickbooks.api import TIMEOUT
from sync.quickbooks.client import QuickBooks
from sync.quickbooks.mapping import QuickBooksMapping
from sync.settings import SECOND

_CONNECTORS: Final = require("bookkeeper", "operator")
_MAPPERS: Final = require("bookkeeper")
_READERS: Final = require("bookkeeper", "auditor", "operator")

_MASTERS: Final = ("accounts", "items", "customers", "vendors")


class ConsentShown(Struct, frozen=True):
    """Where a person lets this service in; the address works once, for ten minutes."""

    url: str


class ConnectionShown(Struct, frozen=True):
    """The company that the book is bound to, as it called itself when it was bound."""

    state: str
    realm: str
    company: CompanyFacts


class MappingFault(Struct, frozen=True):
    """What is wrong with the mapping of one of our accounts."""

    key: str
    fault: str


class MappingChecked(Struct, frozen=True):
    """What a check against QuickBooks' chart found; empty when the mapping can be used."""

    faults: list[MappingFault]


@get(
    "/v1/sync/quickbooks/connect",
    operation_id="connectQuickBooks",
    tags=["QuickBooks"],
    summary="Ask for consent",
    guards=[_CONNECTORS],
    opt={"answers": {302: ConsentShown}, "problems": (409,)},
)
async def connect(request: Request[Any, Any, Any]) -> Response[ConsentShown]:
    """Lead to QuickBooks' consent page, whose answer comes to `callback`."""
    caller = signed_in(request.scope)
    async with _office(request) as office:
        url = office.consent_url(caller.book, caller.key_id)
    return Response(ConsentShown(url), status_code=302, headers={"Location": url})


@get(
    "/v1/sync/quickbooks/callback",
    operation_id="finishQuickBooksConnection",
    tags=["QuickBooks"],
    summary="Where QuickBooks sends the person back",
    guards=[open_to_all],
    opt={"problems": (409, 503)},
)
async def callback(
    request: Request[Any, Any, Any],
    *,
    signed: Annotated[str, QueryParameter(name="state", max_length=1000)] = "",
    code: Annotated[str, QueryParameter(max_length=1000)] = "",
    realm: Annotated[str, QueryParameter(name="realmId", pattern="^[0-9A-Za-z-]{0,40}$")] = "",
    error: Annotated[str, QueryParameter(max_length=100)] = "",
) -> ConnectionShown:
    """Bind the book to the company that the person chose. The signed `state` says which book."""
    if error or not (code and realm):
        raise Conflict("consent-denied", error=error or "-")
    async with _office(request) as office:
        book_id = await office.admitted(signed, code, realm)
    return await asyncio.to_thread(_connection, service_of(request), book_id)


@get(
    "/v1/sync/quickbooks",
    operation_id="getQuickBooks",
    tags=["QuickBooks"],
    summary="Which company the book is bound to",
    guards=[_READERS],
    sync_to_thread=True,
    opt={"problems": (409,)},
)
def get_connection(request: Request[Any, Any, Any]) -> ConnectionShown:
    """Answer the company and whether the connection is alive."""
    return _connection(service_of(request), signed_in(request.scope).book.id)


@post(
    "/v1/sync/quickbooks/disconnect",
    operation_id="disconnectQuickBooks",
    tags=["QuickBooks"],
    summary="Give the consent back",
    guards=[_CONNECTORS],
    status_code=200,
    opt={"problems": (409, 503)},
)
async def disconnect(request: Request[Any, Any, Any]) -> ConnectionShown:
    """Revoke the tokens and forget them; what was sent stays, what was not waits."""
    book = signed_in(request.scope).book
    async with _office(request) as office:
        await office.disconnect(book)
    return await asyncio.to_thread(_connection, service_of(request), book.id)


@get(
    "/v1/sync/quickbooks/mapping",
    operation_id="getMapping",
    tags=["QuickBooks"],
    summary="What stands for what",
    guards=[_READERS],
    sync_to_thread=True,
)
def get_mapping(request: Request[Any, Any, Any]) -> Response[QuickBooksMapping]:
    """Answer the mapping; its version is the `ETag`."""
    with snapshot(service_of(request).database) as connection:
        version, body = store.find_mapping(connection, signed_in(request.scope).book.id, TARGET)
    return _mapping(version, msgspec.json.decode(body, type=QuickBooksMapping))


@put(
    "/v1/sync/quickbooks/mapping",
    operation_id="putMapping",
    tags=["QuickBooks"],
    summary="Say what stands for what",
    guards=[_MAPPERS],
    opt={"body": QuickBooksMapping, "answer": QuickBooksMapping, "problems": (412,)},
)
async def put_mapping(request: Request[Any, Any, Any]) -> Response[QuickBooksMapping]:
    """Replace the mapping; what waited for it goes again at once.

    With `If-Match` it is refused when somebody else was faster.
    """
    mapping = await read_json(request, QuickBooksMapping)
    version = await asyncio.to_thread(_put_mapping, request, mapping)
    return _mapping(version, mapping)


@post(
    "/v1/sync/quickbooks/mapping/suggest",
    operation_id="suggestMapping",
    tags=["QuickBooks"],
    summary="Propose a mapping",
    guards=[_MAPPERS],
    status_code=200,
    opt={"problems": (409, 503)},
)
async def suggest(request: Request[Any, Any, Any]) -> QuickBooksMapping:
    """Answer a mapping to everything in QuickBooks that is the same by name and type; keep none."""
    accounts, taxes = await asyncio.to_thread(_ours, request)
    async with _office(request) as office:
        company = await _company(office, request)
        return await company.suggest(accounts, taxes)


@post(
    "/v1/sync/quickbooks/mapping/check",
    operation_id="checkMapping",
    tags=["QuickBooks"],
    summary="Check the mapping",
    guards=[_CONNECTORS],
    status_code=200,
    opt={"problems": (409, 503)},
)
async def check(request: Request[Any, Any, Any]) -> MappingChecked:
    """Tell which mapped accounts are not in QuickBooks' chart, or of a type that does not fit."""
    accounts, _ = await asyncio.to_thread(_ours, request)
    async with _office(request) as office:
        company = await _company(office, request)
        faults = await company.check(accounts)
    return MappingChecked([MappingFault(key, fault) for key, fault in sorted(faults.items())])


ROUTES: Final = (
    connect,
    callback,
    get_connection,
    disconnect,
    get_mapping,
    put_mapping,
    suggest,
    check,
)


@asynccontextmanager
async def _office(request: Request[Any, Any, Any]) -> AsyncIterator[Office]:
    """Open the office for one request; what QuickBooks refuses becomes a problem of ours.

    The application's state may hold a transport of its own under `quickbooks_transport`.
    """
    service = service_of(request)
    transport = request.app.state.get("quickbooks_transport")
    async with httpx.AsyncClient(timeout=TIMEOUT, transport=transport) as http:
        settings = service.settings
        try:
            yield Office(
                service.database,
                settings.vault(),
                settings.qbo,
                http,
                service.clock,
                settings.worker,
            )
        except Unavailable as failure:
            dead = failure.cause == "connection-dead"
            raise _refusal(failure, 409 if dead else 503) from failure
        except Failure as failure:
            raise _refusal(failure, 409) from failure


def _refusal(failure: Failure, status_code: int) -> Refusal:
    if not failure.detail:
        return Refusal(failure.cause, status_code)
    return Refusal(failure.cause, status_code, detail=failure.detail)


async def _company(office: Office, request: Request[Any, Any, Any]) -> QuickBooks:
    book = signed_in(request.scope).book
    shown = await asyncio.to_thread(_connection, service_of(request), book.id)
    if shown.state == "disconnected":
        raise Conflict("not-connected")
    return await office.open(book)


def _connection(service: Service, book_id: int) -> ConnectionShown:
    with snapshot(service.database) as connection:
        found = store.find(connection, book_id, TARGET)
    if found is None:
        raise Conflict("not-connected")
    facts = msgspec.json.decode(found.company, type=CompanyFacts)
    return ConnectionShown(found.state, found.realm, facts)


def _put_mapping(request: Request[Any, Any, Any], mapping: QuickBooksMapping) -> int:
    """Store a mapping, and let what it may have mended go again."""
    service, book_id = service_of(request), signed_in(request.scope).book.id
    expected, now = request.headers.get("if-match"), service.clock()
    quiesce = int(service.settings.worker.quiesce * SECOND)
    with transaction(service.database) as connection:
        version, body = store.find_mapping(connection, book_id, TARGET)
        if expected not in (None, "*", f'"{version}"'):
            raise Refusal("mapping-stale", 412, version=version)
        before = msgspec.json.decode(body, type=QuickBooksMapping)
        changed = [
            key
            for name in _MASTERS
            for key, remote_id in getattr(mapping, name).items()
            if getattr(before, name).get(key) != remote_id
        ]
        version = store.put_mapping(connection, book_id, TARGET, msgspec.json.encode(mapping))
        mending.renew_masters(connection, book_id, changed, now, quiesce)
        for cause in mending.MENDED_BY_MAPPING:
            mending.retry_cause(connection, book_id, cause, None, now, quiesce)
    return version


def _ours(request: Request[Any, Any, Any]) -> tuple[list[Account], list[TaxCode]]:
    service, book = service_of(request), signed_in(request.scope).book
    day = today(book, service.clock())
    with snapshot(service.database) as connection:
        return our_accounts(connection, book, day), our_taxes(connection, book, day)


def _mapping(version: int, mapping: QuickBooksMapping) -> Response[QuickBooksMapping]:
    return Response(mapping, headers={"ETag": f'"{version}"'})
