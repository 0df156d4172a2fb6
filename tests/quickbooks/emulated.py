"""A shop's company in the emulator, and everything its documents refer to."""

from collections.abc import Mapping
from typing import Any, Self

import httpx

from ledger.accounts import ROLES
from sync.documents import (
    Account,
    AnyDocument,
    Customer,
    Item,
    Line,
    Place,
    Vendor,
    account_key,
    customer_key,
)
from sync.protocol import Sent
from sync.quickbooks.api import Api
from sync.quickbooks.client import QuickBooks
from sync.quickbooks.emulator.app import create_app
from sync.quickbooks.emulator.settings import EmulatorSettings
from sync.quickbooks.emulator.transport import EmulatorTransport
from sync.quickbooks.mapping import QuickBooksMapping
from sync.quickbooks.oauth import OAuth, StoredTokens, Token
from sync.settings import QuickBooksSettings
from tests.quickbooks.shop import DAY, Shop, needs
from tests.quickbooks.wire import Unlimited

CALLBACK = "https://shop.example/callback"


class Emulated:
    """A company of a shop's country, connected; `links` holds what stands there already."""

    def __init__(self, shop: Shop, **switches: Any) -> None:
        self.shop = shop
        self.links: dict[str, Sent] = {}
        self._switches = switches
        self._token: Token | None = None

    async def __aenter__(self) -> Self:
        settings = EmulatorSettings(per_second=100_000, per_minute=100_000, rotate_after_seconds=0)
        self.http = httpx.AsyncClient(
            transport=EmulatorTransport(create_app(settings)), base_url=settings.public_url
        )
        made = {"country": self.shop.country, "currency": self.shop.currency, **self._switches}
        answer = await self.http.post("/_emulator/companies", json=made)
        self.realm = answer.json()["realmId"]
        oauth = OAuth(self.http, _application(settings), settings.clock)
        self._token = await oauth.exchange(await self._consent(oauth))
        self.tokens = StoredTokens(oauth, self._load, self._save, settings.clock)
        url = settings.public_url
        self.api = Api(self.http, self.realm, self.tokens, Unlimited(), api_url=url)
        self.target = QuickBooks(self.api, QuickBooksMapping(), self.shop.our_tax)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def send(self, document: AnyDocument, version: int = 1) -> Sent:
        """Push a document after everything that it needs."""
        await self.prepare(document)
        sent = await self.target.push(document, version, self.links)
        self.links[document.key] = sent
        return sent

    async def prepare(self, document: AnyDocument) -> None:
        """Push the accounts, items and names that a document refers to."""
        for key, wanted in needs(document).items():
            master = self._master(key, wanted)
            if master is not None and key not in self.links:
                await self.prepare(master)
                self.links[key] = await self.target.push(master, 1, self.links)

    def account(self, key: str) -> Account | None:
        """Return the document of an account by its key."""
        _, code, holder = [*key.split(":"), ""][:3] if key.startswith("account:") else ("", "", "")
        role = next((role for role, kind in ROLES.items() if kind.code == code), None)
        found = self._master(key, Place(code, role, holder)) if role else None
        return found if isinstance(found, Account) else None

    def id_of(self, place: Place) -> str:
        """Return the account over there of a place."""
        return self.links[account_key(place)].remote_id

    async def fault(self, **rule: Any) -> None:
        """Put a fault into force."""
        (await self.http.post("/_emulator/faults", json=rule)).raise_for_status()

    async def counts(self) -> Mapping[str, int]:
        """Return how many of each entity stand there."""
        counted: dict[str, int] = (
            await self.http.get(f"/_emulator/companies/{self.realm}")
        ).json()["entities"]
        return counted

    def _master(self, key: str, wanted: object) -> AnyDocument | None:
        common: dict[str, Any] = {"key": key, "day": DAY, "currency": self.shop.currency}
        match key.partition(":")[0], wanted:
            case "account", Place() as place:
                kind = ROLES[place.role]
                name = f"{kind.name_en} {place.holder}".strip()
                return Account(place=place, name=name, account_type=kind.type, **common)
            case "item", Line() as line:
                return Item(place=line.place, name=line.item, **common)
            case "customer", str() as name:
                return Customer(reference=name, name=name, **common)
            case "vendor", str() as name:
                return Vendor(name=name, **common)
        if key == customer_key(None):
            return Customer(name="Walk-in customer", **common)
        return None

    async def _consent(self, oauth: OAuth) -> str:
        answer = await self.http.get(oauth.authorize_url("state-1"))
        assert answer.status_code == 302
        return httpx.URL(answer.headers["location"]).params["code"]

    async def _load(self) -> Token | None:
        return self._token

    async def _save(self, seen: Token, new: Token) -> bool:
        assert self._token == seen
        self._token = new
        return True


def _application(settings: EmulatorSettings) -> QuickBooksSettings:
    url = settings.public_url
    return QuickBooksSettings(
        api_url=url,
        authorize_url=f"{url}/connect/oauth2",
        token_url=f"{url}/oauth2/v1/tokens/bearer",
        revoke_url=f"{url}/v2/oauth2/tokens/revoke",
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        redirect_uri=CALLBACK,
    )
