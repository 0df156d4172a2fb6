"""Facts with readable defaults, stated as a till states them: JSON, read by the codec.

Each builder takes the fields that matter to a test; `on` is the business date (14 March 2026, a
Saturday), `at` the hour in Montréal.
"""

from typing import Any

from ledger import codec
from ledger.events import Event

Json = dict[str, Any]
DAY = "2026-03-14"


def fact(kind: str, id_: str, /, on: str = DAY, at: str = "14:00", **fields: Any) -> Event:
    """Return a fact of any kind; `from_` stands for the field `from`."""
    return codec.from_json(fact_json(kind, id_, on, at, **fields))


def fact_json(kind: str, id_: str, /, on: str = DAY, at: str = "14:00", **fields: Any) -> Json:
    """Return a fact as JSON; fields that are None are left out."""
    stated = {"type": kind, "id": id_, "occurred_at": f"{on}T{at}:00-05:00"} | fields
    if "from_" in stated:
        stated["from"] = stated.pop("from_")
    return {name: value for name, value in stated.items() if value is not None}


def goods(unit_price: str | None = None, category: str | None = "Hats", **fields: Any) -> Json:
    """Return a line of goods."""
    line = {"kind": "goods", "unit_price": unit_price, "category": category} | fields
    return {name: value for name, value in line.items() if value is not None}


def taxes(**amounts: str) -> list[Json]:
    """Return the taxes of a line, by code: `taxes(GST="2.00", QST="3.99")`."""
    return [{"tax": code, "amount": amount} for code, amount in amounts.items()]


def hat(**fields: Any) -> Json:
    """Return a hat at 40.00 with its Québec taxes."""
    return goods("40.00", taxes=taxes(GST="2.00", QST="3.99")) | fields


def card_sold(gift_card: str, value: str) -> Json:
    """Return a line that sells or tops up a gift card."""
    return {"kind": "gift_card", "gift_card": gift_card, "net": value}


def cash(amount: str) -> Json:
    """Return a tender of cash."""
    return {"kind": "cash", "amount": amount}


def card(amount: str, method: str | None = "visa") -> Json:
    """Return a tender of a payment card."""
    return tender("card", amount, method=method)


def gift_card(number: str, amount: str) -> Json:
    """Return a tender out of a gift card."""
    return tender("gift_card", amount, gift_card=number)


def tender(kind: str, amount: str, **fields: Any) -> Json:
    """Return a tender of any kind."""
    stated = {"kind": kind, "amount": amount} | fields
    return {name: value for name, value in stated.items() if value is not None}


def a_sale(
    id_: str = "S-1",
    lines: list[Json] | None = None,
    tenders: list[Json] | None = None,
    **fields: Any,
) -> Event:
    """Return a sale; by default a hat at 40.00 and its taxes, paid 45.99 by card."""
    return fact(
        "sale_completed",
        id_,
        lines=[hat()] if lines is None else lines,
        tenders=[card("45.99", None)] if tenders is None else tenders,
        **fields,
    )


def a_refund(
    id_: str = "R-1", sale: str | None = "S-1", tenders: list[Json] | None = None, **fields: Any
) -> Event:
    """Return a refund; by default of all of the sale S-1, 45.99 to the card."""
    given = [card("45.99", None)] if tenders is None else tenders
    return fact("refund_issued", id_, sale=sale, tenders=given, **fields)


def a_deposit(
    id_: str = "D-7-in", deposit: str = "D-7", amount: str = "16.10", **fields: Any
) -> Event:
    """Return a deposit received, by default 16.10 by card."""
    stated = {"tenders": [card(amount, None)]} | fields
    return fact("deposit_received", id_, deposit=deposit, amount=amount, **stated)


def deposit_back(id_: str = "D-7-out", deposit: str = "D-7", **fields: Any) -> Event:
    """Return a deposit refunded, by default all of it, the way it came."""
    return fact("deposit_refunded", id_, deposit=deposit, **fields)


def a_credit(id_: str = "C-1", amount: str = "25.00", **fields: Any) -> Event:
    """Return store credit given by hand; by default on the voucher V-1."""
    stated = {"voucher": "V-1", "reason": "late delivery"} | fields
    return fact("store_credit_issued", id_, amount=amount, **stated)


def a_gift_card(number: str, value: str, id_: str | None = None, **fields: Any) -> Event:
    """Return the sale of a gift card for cash."""
    lines, tenders = [card_sold(number, value)], [cash(value)]
    return a_sale(id_ or f"sold-{number}", lines, tenders, **fields)


def opened(
    session: str = "Z-1", float_: str = "200.00", register: str = "till-3", **fields: Any
) -> Event:
    """Return a register opened."""
    id_ = fields.pop("id_", f"open-{session}")
    return fact("register_opened", id_, session=session, register=register, float=float_, **fields)


def closed(session: str = "Z-1", register: str | None = "till-3", /, **counted: str) -> Event:
    """Return a register closed with what was counted, by method."""
    return fact(
        "register_closed",
        f"close-{session}",
        session=session,
        register=register,
        counted=[{"method": method, "amount": amount} for method, amount in counted.items()],
    )


def moved(kind: str, amount: str, id_: str = "M-1", **fields: Any) -> Event:
    """Return cash moved in or out of a drawer."""
    return fact("cash_moved", id_, kind=kind, amount=amount, **fields)


def a_receipt(id_: str = "G-1", *lines: tuple[str, str, str], **fields: Any) -> Event:
    """Return goods received: (item, quantity, unit cost) of each line."""
    stated = {"receipt": id_, "vendor": "Chapeaux Lavoie"} | fields
    rows = [
        {"item": item, "quantity": quantity, "unit_cost": cost} for item, quantity, cost in lines
    ]
    return fact("goods_received", id_, lines=rows, **stated)


def adjusted(id_: str = "A-1", *lines: Json, **fields: Any) -> Event:
    """Return stock adjusted by hand."""
    return fact("stock_adjusted", id_, lines=list(lines), reason="count", **fields)


def a_journal(id_: str = "J-1", *lines: Json, **fields: Any) -> Event:
    """Return a journal entry by hand."""
    return fact("journal_posted", id_, lines=list(lines), reason="correction", **fields)


def reversal(of: str, id_: str | None = None, **fields: Any) -> Event:
    """Return the reversal of an event."""
    return fact("event_reversed", id_ or f"undo-{of}", reverses=of, reason="mistake", **fields)


def item(code: str = "HAT", category: str = "Hats", **fields: Any) -> Event:
    """Return an item defined; by default goods whose stock is not kept."""
    id_ = fields.pop("id_", f"item-{code}")
    stated: Json = {"name": code.title(), "kind": "goods", "stocked": False} | fields
    return fact("item_defined", id_, item=code, category=category, **stated)


def policy(name: str, value: str, **fields: Any) -> Event:
    """Return a policy set."""
    id_ = fields.pop("id_", f"policy-{name}")
    return fact("policy_set", id_, policy=name, value=value, **fields)


def method(name: str, kind: str = "card", **fields: Any) -> Event:
    """Return a tender method defined."""
    id_ = fields.pop("id_", f"method-{name}")
    return fact("method_defined", id_, method=name, kind=kind, name=name.title(), **fields)


def tax(code: str, rate: str, **fields: Any) -> Event:
    """Return a tax code defined."""
    id_ = fields.pop("id_", f"tax-{code}")
    stated: Json = {"name": code, "agency": "Revenu Québec", "recoverable": True} | fields
    return fact("tax_defined", id_, tax=code, rate=rate, **stated)


def account(code: str, role: str, account_type: str, **fields: Any) -> Event:
    """Return an account defined."""
    id_ = fields.pop("id_", f"account-{code}")
    names = {"en": f"Account {code}", "fr": f"Compte {code}"}
    return fact(
        "account_defined",
        id_,
        code=code,
        role=role,
        account_type=account_type,
        name=names,
        **fields,
    )
