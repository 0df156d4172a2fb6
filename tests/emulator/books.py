"""A company in an emulator, called as a bookkeeping program calls QuickBooks."""

import asyncio
import base64
from collections.abc import Callable
from typing import Any

import httpx

from sync.quickbooks.emulator.amounts import decode, encode
from sync.quickbooks.emulator.app import Emulator, create_app
from sync.quickbooks.emulator.settings import EmulatorSettings
from sync.quickbooks.emulator.transport import EmulatorTransport

Json = dict[str, Any]

MONDAY = 1_772_460_000.0
"""2026-03-02, seconds since 1970."""


class Time:
    """A clock that moves when told."""

    def __init__(self, now: float = MONDAY) -> None:
        self.now = now

    def __call__(self) -> float:
        """Return seconds since 1970."""
        return self.now


class Office:
    """An emulator with its event loop; calls are plain functions."""

    def __init__(self, **settings: Any) -> None:
        self.time = Time()
        values = {"clock": self.time, "per_second": 10**6, "per_minute": 10**6, **settings}
        self.emulator: Emulator = create_app(EmulatorSettings(**values))
        self._runner = asyncio.Runner()

    def close(self) -> None:
        """End the emulator and its event loop."""
        self.emulator.hub.store.close()
        self._runner.close()

    def send(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        form: dict[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        """Send a request and return the answer, whatever it is."""

        async def go() -> httpx.Response:
            transport = EmulatorTransport(self.emulator)
            async with httpx.AsyncClient(transport=transport, base_url="http://qbo") as client:
                return await client.request(
                    method,
                    path,
                    content=content if json is None else encode(json),
                    params=params,
                    headers=_media(json) | (headers or {}),
                    data=form,
                )

        return self._runner.run(go())

    def company(self, **profile: Any) -> "Books":
        """Make a company and return it with a token."""
        answer = self.send("POST", "/_emulator/companies", json=profile)
        assert answer.status_code == 201, answer.text
        return Books(self, answer.json()["realmId"])

    def faults(self, *rules: Json) -> None:
        """Put faults into force."""
        assert self.send("POST", "/_emulator/faults", json=list(rules)).status_code == 201


class Books:
    """One company with a token of its own."""

    def __init__(self, office: Office, realm: str) -> None:
        self.office = office
        self.realm = realm
        tokens = office.send("POST", f"/_emulator/companies/{realm}/tokens").json()
        self.headers = {"authorization": f"Bearer {tokens['access_token']}"}
        self._ids: dict[tuple[str, str], str] = {}

    def send(self, method: str, path: str, json: Any = None, **params: str) -> httpx.Response:
        """Send a request and return the answer, whatever it is."""
        where = f"/v3/company/{self.realm}/{path}"
        return self.office.send(method, where, json=json, params=params, headers=self.headers)

    def post(self, entity: str, body: Json, **params: str) -> Json:
        """Write and return the object."""
        answer = self.send("POST", entity.lower(), body, **params)
        assert answer.status_code == 200, answer.text
        written: Json = decode(answer.content)[entity]
        return written

    def refusal(self, entity: str, body: Any, **params: str) -> Json:
        """Write, expect a 400, and return its first error."""
        answer = self.send("POST", entity.lower(), body, **params)
        assert answer.status_code == 400, answer.text
        error: Json = answer.json()["Fault"]["Error"][0]
        return error

    def code(self, entity: str, body: Any, **params: str) -> str:
        """Write, expect a 400, and return its code."""
        return str(self.refusal(entity, body, **params)["code"])

    def read(self, entity: str, identifier: str) -> Json:
        """Read an object."""
        answer = self.send("GET", f"{entity.lower()}/{identifier}")
        assert answer.status_code == 200, answer.text
        found: Json = decode(answer.content)[entity]
        return found

    def query(self, statement: str) -> Json:
        """Return the QueryResponse of a statement."""
        answer = self.send("GET", "query", query=statement)
        assert answer.status_code == 200, answer.text
        response: Json = decode(answer.content)["QueryResponse"]
        return response

    def query_error(self, statement: str) -> Json:
        """Expect the statement to be refused and return the error."""
        answer = self.send("GET", "query", query=statement)
        assert answer.status_code == 400, answer.text
        error: Json = answer.json()["Fault"]["Error"][0]
        return error

    def report(self, name: str, **params: str) -> Json:
        """Return a report."""
        answer = self.send("GET", f"reports/{name}", **params)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    def trial_balance(self, day: str) -> dict[str, str]:
        """Return each account's balance: 12.00 in debit, -12.00 in credit."""
        rows = self.report("TrialBalance", end_date=day, start_date=day)["Rows"]["Row"]
        cells = [[cell["value"] for cell in row["ColData"]] for row in rows[:-1]]
        return {name: debit or f"-{credit}" for name, debit, credit in cells}

    def find(self, entity: str, name: str) -> str:
        """Return the id of a list entry by its name."""
        if (entity, name) not in self._ids:
            found = self.query(f"select * from {entity} where Name = '{name}'")  # noqa: S608 - not SQL
            self._ids[entity, name] = found[entity][0]["Id"]
        return self._ids[entity, name]

    def line(self, amount: str, code: str | None = None, item: str = "Sales", **more: Any) -> Json:
        """Return a sales line; `code` is a tax code's name."""
        detail: Json = {"ItemRef": {"value": self.find("Item", item)}, **more}
        if code is not None:
            detail["TaxCodeRef"] = {"value": self.tax(code)}
        return {
            "Amount": number(amount),
            "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": detail,
        }

    def tax(self, code: str) -> str:
        """Return the id of a tax code."""
        return code if code in ("TAX", "NON") else self.find("TaxCode", code)

    def rates(self, code: str, side: str = "Sales") -> list[str]:
        """Return the ids of a code's rates on that side."""
        body = self.read("TaxCode", self.find("TaxCode", code))
        listed = body[f"{side}TaxRateList"]["TaxRateDetail"]
        return [each["TaxRateRef"]["value"] for each in listed]

    def customer(self, name: str = "Marie Tremblay") -> str:
        """Make a customer and return its id."""
        return str(self.post("Customer", {"DisplayName": name})["Id"])

    def vendor(self, name: str = "Hydro-Québec") -> str:
        """Make a vendor and return its id."""
        return str(self.post("Vendor", {"DisplayName": name})["Id"])

    def leg(self, side: str, account: str, amount: str, **more: Any) -> Json:
        """Return a journal line."""
        account_id = self.find("Account", account)
        detail = {"PostingType": side, "AccountRef": {"value": account_id}, **more}
        return {
            "Amount": number(amount),
            "DetailType": "JournalEntryLineDetail",
            "JournalEntryLineDetail": detail,
        }


def number(text: str) -> Any:
    """Return the text as a JSON number, exactly."""
    return decode(text.encode())


def basic(credentials: str = "emulator-client:emulator-secret") -> dict[str, str]:
    """Return the header that proves a client."""
    token = base64.b64encode(credentials.encode()).decode()
    return {"authorization": f"Basic {token}"}


def tax_line(rate: str, amount: str, net: str) -> Json:
    """Return an explicit TaxLine."""
    return {
        "Amount": number(amount),
        "DetailType": "TaxLineDetail",
        "TaxLineDetail": {
            "TaxRateRef": {"value": rate},
            "PercentBased": True,
            "NetAmountTaxable": number(net),
        },
    }


def _media(json: Any) -> dict[str, str]:
    return {} if json is None else {"content-type": "application/json"}


Make = Callable[..., Office]
