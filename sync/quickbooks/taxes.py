"""A company's tax codes and rates, and which of them stands for a set of ours; pure.

Codes are found by their rates and agencies, never by name, which differs by language and year.
Only codes without tax (exempt, zero, out of scope) have nothing but their name to be known by.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, Literal

from msgspec import Struct

from ledger.regions import TaxCode as OurTax
from sync.quickbooks.numbers import decimal

Side = Literal["Sales", "Purchase"]

_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "exempt": ("exempt", "exonere", "exoneree"),
    "zero": ("zero", "zero-rated", "detaxe", "detaxee", "0.0% z", "0% z"),
    "out_of_scope": ("out of scope", "hors champ", "no vat", "no tax"),
}
_AGENCIES: Final = (
    ("canada revenue agency", "cra", "receiver general", "receveur general", "arc"),
    ("revenu quebec", "revenue quebec", "ministere du revenu du quebec"),
    ("hmrc", "hm revenue customs", "hm revenue and customs"),
    ("british columbia", "bc"),
    ("saskatchewan", "sk"),
    ("manitoba", "mb"),
)


class Rate(Struct, frozen=True):
    """A tax rate over there, in per cent, of an agency."""

    id: str
    percent: Decimal
    agency: str = ""
    special: bool = False


class Code(Struct, frozen=True):
    """A tax code over there with the ids of its rates, for sales and for purchases."""

    id: str
    name: str
    sales: tuple[str, ...] = ()
    purchase: tuple[str, ...] = ()

    def rates(self, side: Side) -> tuple[str, ...]:
        """Return the ids of the rates that count on a side."""
        return self.sales if side == "Sales" else self.purchase


class Taxes(Struct, frozen=True):
    """All codes and rates of a company."""

    codes: Mapping[str, Code]
    rates: Mapping[str, Rate]

    def code_for(self, ours: Sequence[OurTax], side: Side) -> Code | None:
        """Return the code that charges exactly these taxes; the plainest where several do."""
        fit = [code for code in self.codes.values() if self._charges(code, ours, side)]
        same = [code for code in fit if self._agrees(code, ours, side)]
        return min(same or fit, key=_plainness, default=None)

    def without_tax(self, treatment: str) -> Code | None:
        """Return the code of a treatment that bears no tax: exempt, zero or out_of_scope."""
        for name in _NAMES[treatment]:
            for code in self.codes.values():
                if folded(code.name).startswith(name) and not self._taxed(code):
                    return code
        return None

    def share(self, code: Code, ours: Sequence[OurTax], side: Side) -> dict[str, str]:
        """Return which of our taxes each rate of a code charges, by rate id.

        By the percentage where it is the same, else in order of size; a rate too many stands alone.
        """
        left = sorted(ours, key=lambda tax: tax.rate)
        by_size = sorted(code.rates(side), key=lambda rate: self.rates[rate].percent)
        found: dict[str, str] = {}
        for exact in (True, False):
            for rate in by_size:
                match = [t for t in left if not exact or t.rate == self.rates[rate].percent]
                if rate not in found and match:
                    found[rate] = match[0].code
                    left.remove(match[0])
        return found

    def _taxed(self, code: Code) -> bool:
        return any(self.rates[rate].percent for rate in code.sales if rate in self.rates)

    def _charges(self, code: Code, ours: Sequence[OurTax], side: Side) -> bool:
        rates = [self.rates[rate] for rate in code.rates(side) if rate in self.rates]
        theirs = sorted(rate.percent for rate in rates)
        plain = not any(rate.special for rate in rates)
        return bool(theirs) and plain and theirs == sorted(tax.rate for tax in ours)

    def _agrees(self, code: Code, ours: Sequence[OurTax], side: Side) -> bool:
        charged = {tax.code: tax for tax in ours}
        return all(
            same_agency(self.rates[rate].agency, charged[tax].agency)
            for rate, tax in self.share(code, ours, side).items()
        )


def taxes_of(
    codes: Sequence[dict[str, Any]],
    rates: Sequence[dict[str, Any]],
    agencies: Sequence[dict[str, Any]],
) -> Taxes:
    """Return what the answers to the three queries say, inactive codes left out."""
    names = {agency["Id"]: str(agency.get("DisplayName", "")) for agency in agencies}
    return Taxes(
        {str(row["Id"]): _code(row) for row in codes if row.get("Active", True)},
        {str(row["Id"]): _rate(row, names) for row in rates},
    )


def _rate(row: dict[str, Any], agencies: Mapping[str, str]) -> Rate:
    agency = (row.get("AgencyRef") or {}).get("value", "")
    special = row.get("SpecialTaxType", "NONE") not in ("NONE", "ZERO_RATE")
    return Rate(
        str(row["Id"]), decimal(row.get("RateValue")), agencies.get(agency, str(agency)), special
    )


def _code(row: dict[str, Any]) -> Code:
    return Code(
        str(row["Id"]),
        str(row.get("Name", "")),
        _rate_ids(row.get("SalesTaxRateList")),
        _rate_ids(row.get("PurchaseTaxRateList")),
    )


def _rate_ids(rates: dict[str, Any] | None) -> tuple[str, ...]:
    details = (rates or {}).get("TaxRateDetail") or ()
    return tuple(str(detail["TaxRateRef"]["value"]) for detail in details)


def _plainness(code: Code) -> tuple[int, int, str]:
    return len(code.name), len(code.id), code.id


def same_agency(theirs: str, ours: str) -> bool:
    """Tell whether two names mean one agency, in either language; an unnamed one may be any."""
    if not theirs or not ours or has_word(theirs, ours) or has_word(ours, theirs):
        return True
    return any(
        any(has_word(theirs, name) for name in names)
        and any(has_word(ours, name) for name in names)
        for names in _AGENCIES
    )


def has_word(text: str, word: str) -> bool:
    """Tell whether whole words stand in a text; case, accents and punctuation do not count."""
    return f" {_words(word)} " in f" {_words(text)} "


def folded(text: str) -> str:
    """Return text without case, accents and doubled spaces."""
    letters = unicodedata.normalize("NFKD", text)
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).casefold().split())


def _words(text: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in folded(text)).split())
