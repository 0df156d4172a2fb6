"""Opens the outside company of a book, and binds books to companies."""

import asyncio
from collections.abc import Callable
from datetime import date
from functools import partial
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
from msgspec import Struct

from ledger.book import Book
from ledger.customers.store import Customer, find_customer
from ledger.database import Engine, snapshot, transaction
from ledger.errors import Conflict
from ledger.log import store as log
from ledger.regions import TaxCode
from ledger.settings import Settings
from ledger.store import find_book
from sync.connections import store
from sync.connections.company import CompanyFacts
from sync.connections.consent import Asked, answered, ask
from sync.connections.tokens import TARGET, TokenShelf
from sync.documents import Document
from sync.protocol import Unavailable
from sync.quickbooks.api import Api
from sync.quickbooks.client import QuickBooks
from sync.quickbooks.limiter import Limiter, even
from sync.quickbooks.mapping import QuickBooksMapping
from sync.quickbooks.oauth import OAuth, StoredTokens, Token
from sync.quickbooks.rounding import Rounding, rounding_of_book
from sync.settings import PRODUCTION, SECOND, QuickBooksSettings, WorkerSettings
from sync.vault import Vault


class Line(Struct, frozen=True):
    """What a process keeps of one company: its token and its pace are shared by all who call it."""

    realm: str
    connected_us: int
    tokens: StoredTokens
    limiter: Limiter


class Office:
    """One a process. `clock` gives microseconds since 1970; the caller closes *http*."""

    def __init__(
        self,
        database: Engine,
        vault: Vault,
        settings: QuickBooksSettings,
        http: httpx.AsyncClient,
        clock: Callable[[], int],
        worker: WorkerSettings = PRODUCTION,
    ) -> None:
        self._database, self._vault, self._settings = database, vault, settings
        self._http, self._clock, self._worker = http, clock, worker
        self._oauth = OAuth(http, settings, self._seconds)
        self._lines: dict[int, Line] = {}
        self._open: dict[int, tuple[int, QuickBooks]] = {}
        self._settings_of: dict[int, Settings] = {}

    async def open(self, book: Book) -> QuickBooks:
        """Return the company of a book. Raises Unavailable when it has none that is alive."""
        found, version, body = await asyncio.to_thread(self._read, book)
        if found is None or found.state != "connected":
            raise Unavailable("connection-dead")
        line = self._lines.get(book.id)
        if line is None or (line.realm, line.connected_us) != (found.realm, found.connected_us):
            line = self._lines[book.id] = self._line(found)
            self._open.pop(book.id, None)
        known = self._open.get(book.id)
        if known is None or known[0] != version:
            mapping = msgspec.json.decode(body, type=QuickBooksMapping)
            api = self._api(line.realm, line.tokens, line.limiter)
            known = (
                version,
                QuickBooks(
                    api,
                    mapping,
                    partial(self._rate, book.id),
                    partial(self._rounding, book),
                    partial(self._address, book.id),
                ),
            )
            self._open[book.id] = known
        return known[1]

    def consent_url(self, book: Book, key: str) -> str:
        """Return where a person lets this service into the book's company."""
        if not self._settings.client_id:
            raise Conflict("connection-not-set-up")
        return self._oauth.authorize_url(ask(self._vault, book.id, key, self._clock()))

    async def admitted(self, state: str, code: str, realm: str) -> int:
        """Bind the book that a consent was asked for to a company; return the book's id.

        An answer that comes again (a page that is loaded anew) changes nothing: a code that is
        used twice is taken for stolen, and what it opened is closed.

        Raises a Conflict when nobody asked, or the company is another book's or in another
        currency, Rejected or Unavailable when they do not honour the code.
        """
        asked = answered(self._vault, state, self._clock())
        if await asyncio.to_thread(self._is_done, asked, realm):
            return asked.book_id
        token = await self._oauth.exchange(code)
        await self.bind(asked.book_id, realm, token)
        return asked.book_id

    async def bind(self, book_id: int, realm: str, token: Token) -> CompanyFacts:
        """Bind a book to the company that a token opens."""
        await asyncio.to_thread(self._check_free, book_id, realm)
        shelf = self._shelf(book_id, realm)
        facts = await self._facts(realm, token)
        await asyncio.to_thread(self._check_currency, book_id, facts)
        await asyncio.to_thread(self._keep, book_id, realm, shelf.sealed(token), facts)
        return facts

    async def connect_unattended(self, book: Book, realm: str | None = None) -> CompanyFacts:
        """Connect through a server that consents at once, as the emulator does."""
        url = self.consent_url(book, "unattended")
        answer = await self._http.get(f"{url}&realm={realm}" if realm else url)
        query = parse_qs(urlsplit(answer.headers.get("location", "")).query)
        if "code" not in query:
            raise Unavailable("no-consent", status=answer.status_code)
        await self.admitted(query["state"][0], query["code"][0], query["realmId"][0])
        found, _, _ = await asyncio.to_thread(self._read, book)
        assert found is not None
        return msgspec.json.decode(found.company, type=CompanyFacts)

    async def disconnect(self, book: Book) -> None:
        """Give the consent back and forget the tokens. Raises Unavailable: nothing changed then."""
        found, _, _ = await asyncio.to_thread(self._read, book)
        if found is None or found.state == "disconnected":
            raise Conflict("not-connected")
        token = await self._shelf(book.id, found.realm).load()
        if token is not None:
            await self._oauth.revoke(token)
        await asyncio.to_thread(self._end, book.id)
        self._open.pop(book.id, None)

    def _line(self, found: store.Connected) -> Line:
        shelf = self._shelf(found.book_id, found.realm)
        tokens = StoredTokens(
            self._oauth, shelf.load, shelf.save_if_unchanged, self._seconds, shelf.turn
        )
        rates = even(self._worker.calls_per_second, self._worker.calls_per_minute)
        limiter = Limiter(rates, clock=self._seconds)
        return Line(found.realm, found.connected_us, tokens, limiter)

    def _rate(self, book_id: int, code: str, day: date) -> TaxCode | None:
        """Return a tax code as the book had it when its company was last opened."""
        return self._settings_of[book_id].taxes.get(code, day)

    def _rounding(self, book: Book, document: Document) -> Rounding:
        """Return what rounding lines are posted with, as the book names it."""
        return rounding_of_book(self._settings_of[book.id], book)(document)

    async def _address(self, book_id: int, reference: str) -> str | None:
        """Return the e-mail address of a customer, as it is now."""
        customer = await asyncio.to_thread(self._customer, book_id, reference)
        return customer.email if customer else None

    def _customer(self, book_id: int, reference: str) -> Customer | None:
        with snapshot(self._database) as connection:
            return find_customer(connection, book_id, reference)

    async def _facts(self, realm: str, token: Token) -> CompanyFacts:
        limiter = Limiter(clock=self._seconds)
        api = self._api(realm, _Fresh(token), limiter)
        company = await QuickBooks(api, QuickBooksMapping(), lambda _code, _day: None).company()
        return CompanyFacts(company.name, company.country, company.currency, company.year_starts)

    def _api(self, realm: str, tokens: "StoredTokens | _Fresh", limiter: Limiter) -> Api:
        return Api(
            self._http,
            realm,
            tokens,
            limiter,
            api_url=self._settings.api_url,
            minor_version=self._settings.minor_version,
        )

    def _shelf(self, book_id: int, realm: str) -> TokenShelf:
        return TokenShelf(self._database, self._vault, book_id, realm, self._clock)

    def _read(self, book: Book) -> tuple[store.Connected | None, int, bytes]:
        with snapshot(self._database) as connection:
            found = store.find(connection, book.id, TARGET)
            self._settings_of[book.id] = log.load_settings(connection, book)
            return found, *store.find_mapping(connection, book.id, TARGET)

    def _check_free(self, book_id: int, realm: str) -> None:
        with snapshot(self._database) as connection:
            for other in store.connections(connection):
                if other.realm == realm and other.book_id != book_id:
                    raise Conflict("company-taken", realm=realm)
            found = store.find(connection, book_id, TARGET)
        if found is not None and found.realm != realm:
            raise Conflict("company-changed", realm=realm, before=found.realm)

    def _is_done(self, asked: Asked, realm: str) -> bool:
        with snapshot(self._database) as connection:
            found = store.find(connection, asked.book_id, TARGET)
        bound = found is not None and (found.state, found.realm) == ("connected", realm)
        return bound and found is not None and found.connected_us >= asked.asked_us

    def _check_currency(self, book_id: int, facts: CompanyFacts) -> None:
        with snapshot(self._database) as connection:
            book = find_book(connection, book_id)
        if book is None:
            raise Conflict("consent-unknown")
        if facts.currency and facts.currency != book.currency:
            raise Conflict("company-currency", company=facts.currency, book=book.currency)

    def _keep(self, book_id: int, realm: str, tokens: bytes, facts: CompanyFacts) -> None:
        with transaction(self._database) as connection:
            store.connect(connection, book_id, TARGET, realm, tokens, self._clock())
            store.put_company(connection, book_id, TARGET, msgspec.json.encode(facts))

    def _end(self, book_id: int) -> None:
        with transaction(self._database) as connection:
            store.disconnect(connection, book_id, TARGET, self._clock())

    def _seconds(self) -> float:
        return self._clock() / SECOND


class _Fresh:
    """A token just received, for the first questions to a company."""

    def __init__(self, token: Token) -> None:
        self._token = token

    async def current(self) -> Token:
        """Return the token."""
        return self._token

    async def refresh(self, seen: Token) -> Token:
        """Refuse: a token that is turned away at once will not do."""
        raise Unavailable("connection-dead")
