"""Sales and purchase tax: which model a company has, and what a document owes."""

from decimal import Decimal
from typing import Literal

from msgspec import Struct

from sync.quickbooks.emulator import errors
from sync.quickbooks.emulator.amounts import ZERO, Json, number, rounded
from sync.quickbooks.emulator.drafts import Draft, Leg
from sync.quickbooks.emulator.records import Record
from sync.quickbooks.emulator.taxlines import Stated, check_stated, stated_lines

Side = Literal["Sales", "Purchase"]


class Taxed(Struct, frozen=True):
    """What a document sells or buys under one tax code; `code` is None when it names none."""

    code: str | None
    net: Decimal


class Assessment(Struct, frozen=True):
    """The tax of a document: what its TxnTaxDetail says, the sum, and where it is posted."""

    detail: Json
    total: Decimal = ZERO
    legs: tuple[tuple[str, Decimal], ...] = ()
    """(account, amount): what is owed for sales, what comes back for purchases."""

    def posted(self, sign: int, memo: str = "") -> list[Leg]:
        """Return the tax as legs with the given sign."""
        return [Leg(account, sign * amount, memo=memo) for account, amount in self.legs]


def assess(draft: Draft, lines: list[Taxed], side: Side) -> Assessment:
    """Return the tax of a document by the company's model, or refuse (6000, 6100)."""
    if draft.company.profile.country == "US":
        return _automated(draft, lines) if side == "Sales" else Assessment({})
    if draft.body.get("GlobalTaxCalculation") == "NotApplicable":
        return Assessment({"TotalTax": ZERO})
    return _by_codes(draft, lines, side)


def rates(draft: Draft, code: str, side: Side) -> list[Record]:
    """Return the rates of a tax code on that side."""
    listed = draft.found("TaxCode", code, "TaxCodeRef").body.get(f"{side}TaxRateList") or {}
    return [
        draft.found("TaxRate", each["TaxRateRef"]["value"], "TaxRateRef")
        for each in listed.get("TaxRateDetail", ())
    ]


def payable(draft: Draft, rate: Record) -> str:
    """Return the account in which the rate's agency is kept."""
    agency = draft.unit.find("TaxAgency", rate.body["AgencyRef"]["value"])
    assert agency is not None
    return agency.account


def tax_line(rate: Record, net: Decimal, amount: Decimal, computed: Decimal) -> Json:
    """Return a TaxLine; an override shows what it differs by."""
    detail: Json = {
        "TaxRateRef": {"value": rate.id},
        "PercentBased": True,
        "TaxPercent": rate.body["RateValue"],
        "NetAmountTaxable": rounded(net),
    }
    if amount != computed:
        detail["OverrideDeltaAmount"] = amount - computed
    return {"Amount": amount, "DetailType": "TaxLineDetail", "TaxLineDetail": detail}


def _automated(draft: Draft, lines: list[Taxed]) -> Assessment:
    """Stub of Automated Sales Tax: one rate; a TotalTax that was sent is mostly honoured."""
    for line in lines:
        if line.code not in (None, "TAX", "NON"):
            raise errors.simple(6100, "Invalid Line TaxCode in the request", element="TaxCodeRef")
    net = sum((line.net for line in lines if line.code != "NON"), ZERO)
    rate = next(iter(draft.company.all("TaxRate")))
    computed = rounded(net * number(rate.body["RateValue"]) / 100)
    sent = draft.body.get("TxnTaxDetail") or {}
    honoured = "TotalTax" in sent and not draft.company.profile.insists_on_tax
    total = rounded(number(sent["TotalTax"])) if honoured else computed
    if total and not any(line.code != "NON" for line in lines):
        raise errors.business(errors.TAX_CALCULATION)
    detail: Json = {"TotalTax": total}
    if any(line.code != "NON" for line in lines):
        code = next(each for each in draft.company.all("TaxCode") if each.body["TaxGroup"])
        detail["TxnTaxCodeRef"] = {"value": code.id}
        detail["TaxLine"] = [tax_line(rate, net, total, computed)]
        detail["TaxReviewStatus"] = "AST_TAX_OVERRIDE" if total != computed else "NON_AST_TAX"
    return Assessment(detail, total, ((payable(draft, rate), total),))


def _by_codes(draft: Draft, lines: list[Taxed], side: Side) -> Assessment:
    """Every line has a code; each rate is rounded once, on the sum of what it applies to."""
    bases: dict[str, Decimal] = {}
    used: dict[str, Record] = {}
    untaxed = False
    for line in lines:
        if line.code is None:
            raise errors.business(errors.NO_TAX_CODE[draft.company.profile.country])
        found = rates(draft, line.code, side)
        untaxed = untaxed or not any(number(rate.body["RateValue"]) for rate in found)
        for rate in found:
            used[rate.id] = rate
            bases[rate.id] = bases.get(rate.id, ZERO) + line.net
    computed = {
        key: rounded(bases[key] * number(rate.body["RateValue"]) / 100)
        for key, rate in used.items()
    }
    stated = stated_lines(draft, bases)
    check_stated(draft, stated, used, bases, untaxed=untaxed, purchase=side == "Purchase")
    insists = draft.company.profile.insists_on_tax
    return _assessment(draft, used, bases, computed, {} if insists else stated)


def _assessment(
    draft: Draft,
    used: dict[str, Record],
    bases: dict[str, Decimal],
    computed: dict[str, Decimal],
    stated: dict[str, Stated],
) -> Assessment:
    amounts = {key: stated[key].amount if stated else computed[key] for key in used}
    nets = {key: stated[key].net if stated else bases[key] for key in used}
    total = sum(amounts.values(), ZERO)
    detail: Json = {"TotalTax": total}
    if used:
        detail["TaxLine"] = [
            tax_line(rate, nets[key], amounts[key], computed[key]) for key, rate in used.items()
        ]
    legs = tuple((payable(draft, rate), amounts[key]) for key, rate in used.items())
    return Assessment(detail, total, legs)
