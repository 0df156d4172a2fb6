"""What a payload must know beside its document: the company, the mapping, our tax rates; pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from msgspec import Struct

from ledger.money import spread
from ledger.regions import TaxCode as OurTax
from sync.documents import Place as OurPlace
from sync.documents import Tax, Treatment, account_key, customer_key
from sync.protocol import Rejected, Sent
from sync.quickbooks.company import Company
from sync.quickbooks.mapping import QuickBooksMapping
from sync.quickbooks.numbers import number
from sync.quickbooks.taxes import Code, Side

UNTAXED: Final = ("exempt", "zero", "out_of_scope")

Payload = dict[str, Any]


class Taxed(Struct, frozen=True):
    """A line as the tax rules see it: its net, the set of our codes it bears, its treatment."""

    net: int
    codes: tuple[str, ...]
    treatment: Treatment


class Terms(Struct, frozen=True):
    """What stands for what, in one company; `our_tax` gives a code's rate and agency on a day."""

    company: Company
    mapping: QuickBooksMapping
    our_tax: Callable[[str, date], OurTax | None]

    def code(self, codes: Sequence[str], treatment: str, side: Side, day: date) -> Code:
        """Return the tax code over there. Raises Rejected where none stands for ours."""
        name = "+".join(sorted(codes)) or (treatment if treatment in UNTAXED else "exempt")
        taxes = self.company.taxes
        found = taxes.codes.get(self.mapping.tax_codes.get(name, ""))
        if found is None and codes:
            found = taxes.code_for(self.ours(codes, day), side)
        elif found is None:
            found = taxes.without_tax(name)
        if found is None:
            raise Rejected("tax-unmapped", subject=name)
        return found

    def ours(self, codes: Sequence[str], day: date) -> list[OurTax]:
        """Return our tax codes with their rates of a day. Raises Rejected for an unknown one."""
        found = {code: self.our_tax(code, day) for code in codes}
        for code, tax in found.items():
            if tax is None:
                raise Rejected("tax-unmapped", subject=code)
        return [tax for tax in found.values() if tax is not None]


def detail(
    lines: Sequence[Taxed], taxes: Sequence[Tax], terms: Terms, side: Side, day: date
) -> tuple[list[Code], list["RateShare"]]:
    """Return each line's tax code, and what each rate of every code used is to bear.

    A tax whose code is met in several of theirs is spread over these by the nets that bear it.
    """
    codes = [terms.code(line.codes, line.treatment, side, day) for line in lines]
    shares = _bases(lines, codes, terms, side, day)
    for tax in taxes:
        mine = [share for share in shares.values() if share.tax == tax.code]
        if tax.amount and not mine:
            raise Rejected("tax-unmapped", subject=tax.code)
        weights = [share.base for share in mine]
        parts = spread(tax.amount, weights) if sum(weights) else [tax.amount] + [0] * len(mine)
        for share, part in zip(mine, parts, strict=False):
            share.amount += part
    return codes, list(shares.values())


class RateShare(Struct):
    """What one of their rates bears: the nets it is on and the tax, in minor units."""

    rate: str
    tax: str | None = None
    base: int = 0
    amount: int = 0


def _bases(
    lines: Sequence[Taxed], codes: Sequence[Code], terms: Terms, side: Side, day: date
) -> dict[str, RateShare]:
    shares: dict[str, RateShare] = {}
    for line, code in zip(lines, codes, strict=True):
        ours = terms.company.taxes.share(code, terms.ours(line.codes, day), side)
        for rate in code.rates(side):
            share = shares.setdefault(rate, RateShare(rate))
            if rate in ours:
                share.tax = ours[rate]
                share.base += line.net
    return shares


def tax_lines(shares: Sequence[RateShare], terms: Terms, currency: str) -> list[Payload]:
    """Return a TaxLine for each rate: a rate without tax states no base, or it is refused."""
    rates = terms.company.taxes.rates
    return [
        {
            "Amount": number(share.amount, currency),
            "DetailType": "TaxLineDetail",
            "TaxLineDetail": {
                "TaxRateRef": {"value": share.rate},
                "PercentBased": True,
                "TaxPercent": rates[share.rate].percent,
                "NetAmountTaxable": number(share.base if share.amount else 0, currency),
            },
        }
        for share in shares
    ]


def reference(links: Mapping[str, Sent], key: str) -> Payload:
    """Return a reference to what stands there for one of our keys."""
    return {"value": links[key].remote_id}


def account(links: Mapping[str, Sent], place: OurPlace) -> Payload:
    """Return a reference to the account of a place."""
    return reference(links, account_key(place))


def customer(links: Mapping[str, Sent], name: str | None) -> Payload:
    """Return a reference to a customer; None is the walk-in customer."""
    return reference(links, customer_key(name))
