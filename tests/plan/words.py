"""Short words for facts: lines, tenders and taxes as JSON states them."""

from typing import Any


def taxes(gst: str, qst: str) -> list[dict[str, str]]:
    """Return Québec's two taxes."""
    return [{"tax": "GST", "amount": gst}, {"tax": "QST", "amount": qst}]


def goods(category: str, price: str, *charged: str, **fields: Any) -> dict[str, Any]:
    """Return a line of goods; *charged* is (GST, QST) where it is taxed."""
    line: dict[str, Any] = {"kind": "goods", "category": category, "unit_price": price, **fields}
    return line | {"taxes": taxes(*charged)} if charged else line


def card_sold(card: str, amount: str) -> dict[str, Any]:
    """Return a line that sells or tops up a gift card."""
    return {"kind": "gift_card", "gift_card": card, "net": amount}


def cash(amount: str) -> dict[str, Any]:
    """Return a tender of cash."""
    return {"kind": "cash", "amount": amount}


def card(amount: str, method: str = "card") -> dict[str, Any]:
    """Return a tender by payment card."""
    return {"kind": "card", "amount": amount, "method": method}


def gift_card(name: str, amount: str) -> dict[str, Any]:
    """Return a tender out of a gift card."""
    return {"kind": "gift_card", "gift_card": name, "amount": amount}


def deposit(name: str, amount: str) -> dict[str, Any]:
    """Return a tender out of a deposit."""
    return {"kind": "deposit", "deposit": name, "amount": amount}


def store_credit(voucher: str, amount: str) -> dict[str, Any]:
    """Return a tender of store credit."""
    return {"kind": "store_credit", "voucher": voucher, "amount": amount}


def on_account(amount: str, **fields: Any) -> dict[str, Any]:
    """Return a tender on the customer's account."""
    return {"kind": "on_account", "amount": amount, **fields}
