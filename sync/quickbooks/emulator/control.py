"""The control interface under /_emulator: companies, faults, tokens."""

from typing import Annotated, Any

import msgspec
from litestar import Router, delete, get, patch, post
from litestar.exceptions import ClientException, NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct
from msgspec.structs import replace

from sync.quickbooks.emulator.company import Company
from sync.quickbooks.emulator.faults import Rule
from sync.quickbooks.emulator.hub import Hub
from sync.quickbooks.emulator.records import Profile
from sync.quickbooks.emulator.taxstarter import AGENCIES

_COUNTRIES = {"UK": "GB", "CAN": "CA", "USA": "US"}
_CURRENCY = {"CA": "CAD", "GB": "GBP", "US": "USD"}


class NewCompany(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A company to make: as Profile, of which only the country matters."""

    name: str = "Emulated Company"
    country: str = "US"
    region: str = ""
    currency: str | None = None
    realm: Annotated[str, Meta(pattern=r"^\d{0,20}$")] = ""
    custom_txn_numbers: bool = False
    warn_duplicate_numbers: bool = False
    close_date: str | None = None
    fiscal_month: Annotated[int, Meta(ge=1, le=12)] = 1
    sales_tax_rate: str = "6.25"
    deleted_frees_name: bool = True
    strict_sales_tax_lines: bool = False
    insists_on_tax: bool = False

    def profile(self) -> Profile:
        """Return the profile, with the country's currency where none is given."""
        country = _COUNTRIES.get(self.country.upper(), self.country.upper())
        if country not in AGENCIES:
            raise ClientException(f"country {self.country}: one of {', '.join(AGENCIES)}")
        values = msgspec.structs.asdict(self)
        values.update(country=country, currency=self.currency or _CURRENCY[country])
        return Profile(**values)


def control(hub: Hub) -> Router:
    """Return the routes of the control interface."""
    handlers: list[HTTPRouteHandler] = [*_company_routes(hub), *_fault_routes(hub)]
    return Router(path="/_emulator", route_handlers=handlers)


def _company_routes(hub: Hub) -> list[HTTPRouteHandler]:
    @post("/companies")
    async def create(data: JSONBody[NewCompany]) -> dict[str, str]:
        """Make a company with its starter data."""
        if data.realm in hub.companies:
            raise ClientException(f"realm {data.realm} is there already")
        return {"realmId": hub.found(data.profile()).profile.realm}

    @get("/companies")
    async def index() -> list[dict[str, str]]:
        """List the companies."""
        return [
            {"realmId": realm, "name": company.profile.name, "country": company.profile.country}
            for realm, company in hub.companies.items()
        ]

    @get("/companies/{realm:str}")
    async def summary(realm: FromPath[str]) -> dict[str, Any]:
        """Count a company's objects, and its calls by outcome."""
        return hub.summary(_company(hub, realm))

    @patch("/companies/{realm:str}")
    async def change(realm: FromPath[str], data: JSONBody[dict[str, Any]]) -> dict[str, Any]:
        """Change a company's switches; realm, country and currency stay."""
        company = _company(hub, realm)
        fixed = {"realm", "country", "currency"} & data.keys()
        unknown = data.keys() - set(Profile.__struct_fields__)
        if fixed or unknown:
            raise ClientException(f"cannot change {', '.join(sorted(fixed | unknown))}")
        try:
            profile = msgspec.convert(
                {**msgspec.to_builtins(company.profile), **data}, type=Profile
            )
        except msgspec.ValidationError as cause:
            raise ClientException(str(cause)) from cause
        hub.change(company, replace(profile))
        return hub.summary(company)

    @post("/companies/{realm:str}/tokens")
    async def tokens(realm: FromPath[str]) -> dict[str, Any]:
        """Give tokens for a company without a browser."""
        return hub.tokens.issue(_company(hub, realm).profile.realm)

    return [create, index, summary, change, tokens]


def _fault_routes(hub: Hub) -> list[HTTPRouteHandler]:
    @post("/faults")
    async def script(data: JSONBody[Rule | list[Rule]]) -> list[dict[str, Any]]:
        """Put faults into force."""
        hub.script.add(data if isinstance(data, list) else [data])
        return hub.script.listed()

    @get("/faults")
    async def listed() -> list[dict[str, Any]]:
        """List the faults in force with their hits."""
        return hub.script.listed()

    @delete("/faults")
    async def clear() -> None:
        """End all faults."""
        hub.script.clear()

    return [script, listed, clear]


def _company(hub: Hub, realm: str) -> Company:
    if realm not in hub.companies:
        raise NotFoundException(f"no company {realm}")
    return hub.companies[realm]
