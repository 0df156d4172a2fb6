"""Tax amounts that a request states itself, and whether they are complete."""

from collections.abc import Mapping
from decimal import Decimal

from msgspec import Struct

from sync.quickbooks.emulator import errors
from sync.quickbooks.emulator.amounts import ZERO, number, rounded
from sync.quickbooks.emulator.drafts import Draft
from sync.quickbooks.emulator.records import Record


class Stated(Struct, frozen=True):
    """One explicit TaxLine."""

    amount: Decimal
    net: Decimal
    """Its NetAmountTaxable."""


def stated_lines(draft: Draft, bases: Mapping[str, Decimal]) -> dict[str, Stated]:
    """Return the explicit tax lines by rate; one for each rate, or a refusal.

    A line without its NetAmountTaxable has the base of its rate.
    """
    found: dict[str, Stated] = {}
    for line in (draft.body.get("TxnTaxDetail") or {}).get("TaxLine", ()):
        if line.get("DetailType") != "TaxLineDetail" or "TaxLineDetail" not in line:
            raise errors.required("TxnTaxDetail.TaxLine.TaxLineDetail")
        detail = line["TaxLineDetail"]
        rate = (detail.get("TaxRateRef") or {}).get("value")
        if rate is None:
            raise errors.required("TxnTaxDetail.TaxLine.TaxLineDetail.TaxRateRef")
        if rate in found:
            raise errors.business(errors.TAX_CALCULATION)
        amount = rounded(number(line.get("Amount")))
        net = detail.get("NetAmountTaxable", bases.get(rate, ZERO))
        found[rate] = Stated(amount, number(net))
    return found


def check_stated(
    draft: Draft,
    stated: dict[str, Stated],
    used: dict[str, Record],
    bases: dict[str, Decimal],
    *,
    untaxed: bool,
    purchase: bool,
) -> None:
    """Refuse (6000) tax lines that do not cover exactly the rates of the codes used.

    A taxable base without tax is refused too. Beside codes of 0 %, explicit lines are refused
    when a purchase is created (recorded behaviour), not when it is updated.
    """
    if not stated:
        return
    for rate in stated:
        if rate not in used:
            raise errors.business(f"Invalid Tax Rate id - {rate}")
    strict = purchase or draft.company.profile.strict_sales_tax_lines
    if set(stated) != set(used) or (untaxed and strict and draft.old is None):
        raise errors.business(errors.TAX_CALCULATION)
    for rate, line in stated.items():
        due = rounded(line.net * number(used[rate].body["RateValue"]) / 100)
        nothing = line.amount == ZERO and line.net > 0 and due != ZERO
        if nothing or (line.net == ZERO and line.amount and bases[rate] == ZERO):
            raise errors.business(errors.TAX_CALCULATION)
