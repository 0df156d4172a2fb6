"""Comparing what was written with what was asked; pure."""

from decimal import Decimal
from typing import Any

from sync.protocol import Sent
from sync.quickbooks.numbers import decimal, minor
from sync.quickbooks.terms import Payload

Row = dict[str, Any]


def sent(row: Row, trace: str = "") -> Sent:
    """Return what stands there, as the rest of the service knows it."""
    return Sent(str(row["Id"]), str(row.get("SyncToken", "0")), trace)


def tax_gap(asked: Payload, written: Row, currency: str) -> int:
    """Return by how much the tax that stands there exceeds the one asked for, in minor units."""
    return minor(_total(written), currency) - minor(_total(asked), currency)


def taxes_differ(asked: Payload, written: Row) -> bool:
    """Tell whether the total or any rate's part of the tax is another than asked for."""
    if decimal(_total(asked)) != decimal(_total(written)):
        return True
    ours, theirs = by_rate(asked), by_rate(written)
    return any(theirs.get(rate, 0) != amount for rate, amount in ours.items() if theirs or amount)


def by_rate(body: Row) -> dict[str, Decimal]:
    """Return the tax of each rate by the rate's id."""
    amounts: dict[str, Decimal] = {}
    for line in detail_of(body).get("TaxLine") or ():
        amounts[rate_of(line)] = decimal(line.get("Amount"))
    return amounts


def rate_of(line: Row) -> str:
    """Return the id of the rate that a TaxLine is about."""
    rate = (line.get("TaxLineDetail") or {}).get("TaxRateRef") or {}
    return str(rate.get("value", ""))


def detail_of(body: Row) -> Row:
    """Return what a document says of its taxes."""
    return body.get("TxnTaxDetail") or {}


def is_void(written: Row) -> bool:
    """Tell whether a document has nothing left in it; a total of zero alone does not mean that."""
    amounts = [written.get("TotalAmt"), *(line.get("Amount") for line in written.get("Line") or ())]
    return "TotalAmt" in written and not any(map(decimal, amounts))


def _total(body: Row) -> Any:
    return detail_of(body).get("TotalTax")
