"""What customers owe, as tills and the office state it."""

from typing import Any

from ledger.events import Event
from tests.builders import Json, fact, goods, taxes, tender


def work(net: str = "129.99", gst: str = "6.50", qst: str = "12.97", **fields: Any) -> Json:
    """Return a line of work with its Québec taxes: 149.46 together."""
    return {"kind": "service", "net": net, "taxes": taxes(GST=gst, QST=qst)} | fields


def an_invoice(
    id_: str = "I-1", invoice: str = "INV-1", lines: list[Json] | None = None, **fields: Any
) -> Event:
    """Return an invoice issued to C-1; by default work for 149.46."""
    stated = {"customer": "C-1"} | fields
    return fact("invoice_issued", id_, invoice=invoice, lines=lines or [work()], **stated)


def hats(quantity: str = "1", price: str = "40.00", **fields: Any) -> Json:
    """Return a line of hats without tax."""
    return goods(price, item="HAT", quantity=quantity) | fields


def revised(*lines: Json, id_: str = "I-1-b", invoice: str = "INV-1", **fields: Any) -> Event:
    """Return an invoice revised to other lines."""
    return fact("invoice_revised", id_, invoice=invoice, lines=list(lines), **fields)


def voided(id_: str = "I-1-void", invoice: str = "INV-1", **fields: Any) -> Event:
    """Return an invoice voided."""
    return fact("invoice_voided", id_, invoice=invoice, **fields)


def cheque(amount: str) -> Json:
    """Return a tender of a cheque."""
    return tender("cheque", amount)


def applied(**amounts: str) -> list[Json]:
    """Return what a payment is for, by invoice; `INV_1` stands for INV-1."""
    return [
        {"invoice": name.replace("_", "-"), "amount": amount} for name, amount in amounts.items()
    ]


def paid(
    amount: str = "30.00", payment: str = "P-1", tenders: list[Json] | None = None, **fields: Any
) -> Event:
    """Return a payment; by default a cheque of 30.00 for INV-1. Its event is `<payment>-in`."""
    stated: Json = {"applied": applied(INV_1=amount)} | fields
    given = [cheque(amount)] if tenders is None else tenders
    id_ = stated.pop("id_", f"{payment}-in")
    return fact("payment_received", id_, payment=payment, tenders=given, **stated)


def bounced(payment: str = "P-1", id_: str = "B-1", **fields: Any) -> Event:
    """Return a payment that came back."""
    return fact("payment_bounced", id_, payment=payment, **fields)


def written_off(
    amount: str | None = None, id_: str = "W-1", invoice: str = "INV-1", **fields: Any
) -> Event:
    """Return what is open of an invoice, or an amount of it, written off."""
    return fact("invoice_written_off", id_, invoice=invoice, amount=amount, **fields)


def recovered(
    amount: str = "60.00", id_: str = "V-1", invoice: str = "INV-1", **fields: Any
) -> Event:
    """Return a bad debt that is paid after all; by default 60.00 by cheque."""
    stated = {"tenders": [cheque(amount)]} | fields
    return fact("bad_debt_recovered", id_, invoice=invoice, amount=amount, **stated)


def on_account(amount: str, **fields: Any) -> Json:
    """Return a tender on account."""
    return tender("on_account", amount, **fields)
