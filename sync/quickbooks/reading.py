"""Reading what a company is, from its API."""

from typing import Any

from sync.protocol import Unavailable
from sync.quickbooks.api import Api
from sync.quickbooks.company import Company, company_of, tax_model
from sync.quickbooks.taxes import Taxes, taxes_of


async def read_company(api: Api) -> Company:
    """Return the facts of a company. Raises Unavailable."""
    info = await _one(api, f"companyinfo/{api.realm}", "CompanyInfo")
    preferences = await _one(api, "preferences", "Preferences")
    if tax_model(info, preferences) != "global":
        return company_of(info, preferences, Taxes({}, {}))
    codes = await rows(api, "TaxCode")
    rates = await rows(api, "TaxRate")
    return company_of(info, preferences, taxes_of(codes, rates, await rows(api, "TaxAgency")))


class Lists:
    """A company's lists, each read once and kept while they are right.

    They need not be: a name that has appeared since is refused as a duplicate, and then the list
    is read again.
    """

    def __init__(self, api: Api) -> None:
        self._api = api
        self._kept: dict[str, list[dict[str, Any]]] = {}

    async def rows(self, entity: str) -> list[dict[str, Any]]:
        """Return every active *entity*. Raises Unavailable."""
        if entity not in self._kept:
            self._kept[entity] = await rows(self._api, entity)
        return self._kept[entity]

    def add(self, entity: str, row: dict[str, Any]) -> None:
        """Remember what has been created."""
        if entity in self._kept:
            self._kept[entity].append(row)

    def forget(self) -> None:
        """Read every list again when it is next asked for."""
        self._kept.clear()


async def rows(api: Api, entity: str, where: str = "") -> list[dict[str, Any]]:
    """Return every active *entity* that a condition selects. Raises Unavailable."""
    return [row async for row in api.pages(entity, where)]


async def _one(api: Api, path: str, entity: str) -> dict[str, Any]:
    found = (await api.read(path)).get(entity)
    if not isinstance(found, dict):
        raise Unavailable("no-clear-answer", detail=path)
    return found
