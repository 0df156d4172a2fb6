"""The tax agencies, rates and codes that a new company of each country has."""

from decimal import Decimal

from msgspec import Struct

from sync.quickbooks.emulator.amounts import Json
from sync.quickbooks.emulator.clock import Clock
from sync.quickbooks.emulator.company import Unit
from sync.quickbooks.emulator.records import Record

Part = tuple[str, str, str]
"""Agency, name of the rate, percent."""


class Code(Struct, frozen=True):
    """A tax code: the rates for sales, and those for purchases when they come back."""

    name: str
    description: str
    parts: tuple[Part, ...] = ()
    recovered: tuple[str, ...] = ()
    """The agencies whose tax on purchases comes back."""


AGENCIES = {
    "CA": {
        "Receiver General": "GST/HST Payable",
        "Revenu Québec": "QST Payable",
        "Ministry of Finance (BC)": "PST Payable (BC)",
        "Manitoba Finance": "PST Payable (MB)",
        "Saskatchewan Finance": "PST Payable (SK)",
    },
    "GB": {"HM Revenue & Customs (VAT)": "VAT Control"},
    "US": {"State Department of Revenue": "Sales Tax Agency Payable"},
}
"""The agencies of each country and the payable account of each."""

_CRA = ("Receiver General",)
_GST = ("Receiver General", "GST", "5")
_QST = ("Revenu Québec", "QST 9.975", "9.975")
_HMRC = "HM Revenue & Customs (VAT)"


def _harmonised(province: str, percent: str) -> Code:
    part = ("Receiver General", f"HST ({province}) {percent}%", percent)
    return Code(f"HST {province}", f"HST {province} {percent}%", (part,), _CRA)


def _provincial(province: str, agency: str, percent: str) -> tuple[Code, Code]:
    part = (agency, f"PST ({province}) {percent}%", percent)
    both = Code(f"GST/PST {province}", f"GST/PST {province}", (_GST, part), _CRA)
    return both, Code(f"PST {province}", f"PST {province}", (part,))


CODES = {
    "CA": (
        Code("GST", "GST 5%", (_GST,), _CRA),
        Code(
            "GST/QST QC - 9.975",
            "GST/QST QC - 9.975",
            (_GST, _QST),
            ("Receiver General", "Revenu Québec"),
        ),
        Code("QST QC - 9.975", "QST QC - 9.975", (_QST,), ("Revenu Québec",)),
        Code("Exempt", "Exempt", (("Receiver General", "Exempt", "0"),), _CRA),
        Code("Zero-rated", "Zero-rated", (("Receiver General", "Zero-rated", "0"),), _CRA),
        Code("Out of Scope", "Out of Scope"),
        _harmonised("ON", "13"),
        _harmonised("NS", "14"),
        _harmonised("NB 2016", "15"),
        _harmonised("NL 2016", "15"),
        _harmonised("PE 2016", "15"),
        *_provincial("BC", "Ministry of Finance (BC)", "7"),
        *_provincial("MB", "Manitoba Finance", "7"),
        *_provincial("SK", "Saskatchewan Finance", "6"),
    ),
    "GB": (
        Code("20.0% S", "Standard rate", ((_HMRC, "20.0% S", "20"),), (_HMRC,)),
        Code("5.0% R", "Reduced rate", ((_HMRC, "5.0% R", "5"),), (_HMRC,)),
        Code("0.0% Z", "Zero rate", ((_HMRC, "0.0% Z", "0"),), (_HMRC,)),
        Code("Exempt", "Exempt", ((_HMRC, "Exempt", "0"),), (_HMRC,)),
        Code("No VAT", "Outside the scope of VAT"),
    ),
}

_ABROAD = {"CA": " (ITC)", "GB": " (Purchases)"}


class Starter:
    """Writes the records of one company's taxes."""

    def __init__(self, unit: Unit, clock: Clock) -> None:
        self._unit = unit
        self._clock = clock
        self._rates: dict[Part, str] = {}
        self._agencies: dict[str, str] = {}

    def write(self, accounts: dict[str, str]) -> None:
        """Write agencies, rates and codes; `accounts` gives the ids of accounts by name."""
        country = self._unit.company.profile.country
        for name, account in AGENCIES[country].items():
            body: Json = {
                "DisplayName": name,
                "TaxTrackedOnSales": True,
                "TaxTrackedOnPurchases": country != "US",
            }
            self._agencies[name] = self._put("TaxAgency", body, account=accounts[account])
        if country == "US":
            self._write_united_states()
        for code in CODES.get(country, ()):
            self._write_code(code, country)

    def _write_code(self, code: Code, country: str) -> None:
        bought = [
            (agency, name + _ABROAD[country], percent)
            for agency, name, percent in code.parts
            if agency in code.recovered
        ]
        self._code(code.name, code.description, list(code.parts), bought)

    def _write_united_states(self) -> None:
        percent = self._unit.company.profile.sales_tax_rate
        region = self._unit.company.profile.region or "State"
        agency = next(iter(self._agencies))
        for pseudo, taxable in (("TAX", True), ("NON", False)):
            body = {"Name": pseudo, "Description": pseudo, "Taxable": taxable, "TaxGroup": False}
            self._put("TaxCode", {**body, "Active": True}, identifier=pseudo)
        self._code(region, f"{region} sales tax", [(agency, f"{region} sales tax", percent)], [])

    def _code(self, name: str, description: str, sold: list[Part], bought: list[Part]) -> None:
        body: Json = {
            "Name": name,
            "Description": description,
            "Active": True,
            "Taxable": any(Decimal(percent) for _, _, percent in sold),
            "TaxGroup": True,
            "Hidden": False,
            "TaxCodeConfigType": "SYSTEM_GENERATED",
            "SalesTaxRateList": {"TaxRateDetail": self._details(sold)},
            "PurchaseTaxRateList": {"TaxRateDetail": self._details(bought)},
        }
        self._put("TaxCode", body)

    def _details(self, parts: list[Part]) -> list[Json]:
        return [
            {
                "TaxRateRef": {"value": self._rate(part), "name": part[1]},
                "TaxTypeApplicable": "TaxOnAmount",
                "TaxOrder": 0,
            }
            for part in parts
        ]

    def _rate(self, part: Part) -> str:
        if part not in self._rates:
            agency, name, percent = part
            body: Json = {
                "Name": name,
                "Description": name,
                "Active": True,
                "RateValue": Decimal(percent),
                "AgencyRef": {"value": self._agencies[agency]},
                "SpecialTaxType": "NONE" if Decimal(percent) else "ZERO_RATE",
                "DisplayType": "ReadOnly",
                "EffectiveTaxRate": [
                    {"RateValue": Decimal(percent), "EffectiveDate": "2000-01-01T00:00:00-08:00"}
                ],
            }
            self._rates[part] = self._put("TaxRate", body)
        return self._rates[part]

    def _put(
        self, entity: str, body: Json, *, account: str = "", identifier: str | None = None
    ) -> str:
        now = self._clock.stamp()
        key = identifier or self._unit.new_id()
        whole = {
            **body,
            "domain": "QBO",
            "sparse": False,
            "Id": key,
            "SyncToken": "0",
            "MetaData": {"CreateTime": now, "LastUpdatedTime": now},
        }
        self._unit.put(Record(entity=entity, id=key, body=whole, account=account))
        return key
