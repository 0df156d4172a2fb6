"""Journal entries in QuickBooks' words; outside the United States taxes go by their codes; pure.

A plain line on a tax account would be left out of the tax return there, so the tax of such a line
becomes the tax of another one: of the largest on the same side, or, where there is none, of a pair
of lines on one account that cancel each other.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from msgspec import Struct

from ledger.money import half_up
from sync.documents import JournalEntry, JournalLine, Tax, vendor_key
from sync.protocol import Rejected, Sent
from sync.quickbooks.marker import plain
from sync.quickbooks.numbers import number
from sync.quickbooks.roles import TAX_ROLES
from sync.quickbooks.taxes import Code, Side
from sync.quickbooks.terms import (
    Payload,
    Taxed,
    Terms,
    account,
    customer,
    detail,
    reference,
    tax_lines,
)

_NO_BASE: Final = ("receivable", "payable", "cash", "clearing", "bank")
"""Roles whose lines do not bear a tax code if any other can."""


class _Group(Struct, frozen=True):
    """Taxes of one role on one side of the entry: to be borne by one line. Debit positive."""

    role: str
    taxes: tuple[Tax, ...]

    @property
    def amount(self) -> int:
        return sum(tax.amount for tax in self.taxes)

    @property
    def side(self) -> Side:
        return "Sales" if self.role == "sales_tax" else "Purchase"

    @property
    def sign(self) -> int:
        """Return 1 where such a tax arises (Cr sales tax, Dr recoverable tax), -1 for a return."""
        natural = self.amount < 0 if self.role == "sales_tax" else self.amount > 0
        return 1 if natural else -1


class _Bearer(Struct, frozen=True):
    """A line that bears taxes: its code over there and their amount, without sign."""

    code: Code
    side: Side
    tax: int


def journal_entry(document: JournalEntry, links: Mapping[str, Sent], terms: Terms) -> Payload:
    """Return the lines of a journal entry, and its taxes. Raises Rejected for an unmapped code."""
    lines = [line for line in document.lines if line.amount]
    plain_lines = [line for line in lines if line.place.role not in TAX_ROLES]
    if terms.company.tax_model != "global" or not plain_lines:
        # Between two taxes alone there is no other line to bear them.
        return {"Line": [_line(line, links, document.currency) for line in lines]}
    groups = [one for group in _groups(lines) for one in _known(group, terms, document)]
    if not groups:
        return {"Line": [_line(line, links, document.currency) for line in plain_lines]}
    bearers: dict[int, _Bearer] = {}
    stated: list[Payload] = []
    for group in groups:
        at = _base(plain_lines, bearers, group, terms, document)
        # A TaxLine has no side of its own: what is given back is negative in it.
        net = group.sign * abs(plain_lines[at].amount)
        taxes = [Tax(tax.place, tax.code, group.sign * abs(tax.amount)) for tax in group.taxes]
        names = tuple(tax.code for tax in taxes)
        codes, shares = detail(
            [Taxed(net, names, "taxable")], taxes, terms, group.side, document.day
        )
        bearers[at] = _Bearer(codes[0], group.side, abs(group.amount))
        stated += tax_lines(shares, terms, document.currency)
    return {
        "GlobalTaxCalculation": "TaxExcluded",
        "Line": [
            _line(line, links, document.currency, bearers.get(index))
            for index, line in enumerate(plain_lines)
        ],
        "TxnTaxDetail": {"TaxLine": stated},
    }


def _groups(lines: Sequence[JournalLine]) -> list[_Group]:
    """Return the taxes by role and side; those of one place are netted before."""
    nets: dict[tuple[str, str], Tax] = {}
    for line in lines:
        if line.place.role in TAX_ROLES:
            key = (line.place.role, line.place.holder)
            sum_so_far = nets[key].amount if key in nets else 0
            nets[key] = Tax(line.place, line.place.holder, sum_so_far + line.amount)
    groups: dict[tuple[str, bool], list[Tax]] = {}
    for (role, _), tax in sorted(nets.items()):
        if tax.amount:
            groups.setdefault((role, tax.amount > 0), []).append(tax)
    return [_Group(role, tuple(taxes)) for (role, _), taxes in groups.items()]


def _known(group: _Group, terms: Terms, document: JournalEntry) -> list[_Group]:
    """Return the group where one code stands for all its taxes, else a group for each tax."""
    try:
        terms.code([tax.code for tax in group.taxes], "taxable", group.side, document.day)
    except Rejected:
        return [_Group(group.role, (tax,)) for tax in group.taxes]
    return [group]


def _base(
    lines: list[JournalLine],
    taken: Mapping[int, _Bearer],
    group: _Group,
    terms: Terms,
    document: JournalEntry,
) -> int:
    """Return which line bears a group's taxes; where none can, add a pair that cancels itself."""
    same_side = [
        index
        for index, line in enumerate(lines)
        if index not in taken
        and (line.amount > 0) == (group.amount > 0)
        and line.place.role not in _NO_BASE
    ]
    if same_side:
        return max(same_side, key=lambda index: abs(lines[index].amount))
    other = max(lines, key=lambda line: (line.place.role not in _NO_BASE, abs(line.amount)))
    rate = sum(tax.rate for tax in terms.ours([tax.code for tax in group.taxes], document.day))
    base = half_up(abs(group.amount) * 100 / Decimal(rate)) if rate else abs(group.amount)
    signed = base if group.amount > 0 else -base
    lines += [
        JournalLine(other.place, amount, "", other.customer, other.vendor)
        for amount in (signed, -signed)
    ]
    return len(lines) - 2


def _line(
    line: JournalLine, links: Mapping[str, Sent], currency: str, bearer: _Bearer | None = None
) -> Payload:
    posted: Payload = {
        "PostingType": "Debit" if line.amount > 0 else "Credit",
        "AccountRef": account(links, line.place),
    }
    if line.place.role == "receivable":
        posted["Entity"] = {"Type": "Customer", "EntityRef": customer(links, line.customer)}
    elif line.place.role == "payable":
        name = vendor_key(line.vendor or "")
        posted["Entity"] = {"Type": "Vendor", "EntityRef": reference(links, name)}
    if bearer is not None:
        posted["TaxCodeRef"] = {"value": bearer.code.id}
        posted["TaxApplicableOn"] = bearer.side
        posted["TaxAmount"] = number(bearer.tax, currency)
    described = {"Description": plain(line.description)[:4000]} if line.description else {}
    return {
        "Amount": number(abs(line.amount), currency),
        "DetailType": "JournalEntryLineDetail",
        **described,
        "JournalEntryLineDetail": posted,
    }
