"""Inventory items: what a sale takes out of stock, at the item's purchase cost."""

from collections.abc import Iterable
from typing import Protocol

from sync.quickbooks.emulator.amounts import Json, number
from sync.quickbooks.emulator.drafts import Draft, Leg, balanced
from sync.quickbooks.emulator.records import Posting, Record


class Moved(Protocol):
    """A line that moves an item."""

    line: Json
    item: Record | None


def cost_legs(draft: Draft, moved: Iterable[Moved], sign: int) -> tuple[Posting, ...]:
    """Return cost of goods sold against the inventory asset; sign -1 takes goods back."""
    postings: tuple[Posting, ...] = ()
    for each in moved:
        if each.item is None or each.item.body.get("Type") != "Inventory":
            continue
        body, detail = each.item.body, each.line["SalesItemLineDetail"]
        if draft.body["TxnDate"] < body["InvStartDate"]:
            continue
        cost = number(detail.get("Qty")) * number(body.get("PurchaseCost")) * sign
        expense = Leg(body["ExpenseAccountRef"]["value"], cost, memo=body["Name"])
        asset = Leg(body["AssetAccountRef"]["value"], -cost, memo=body["Name"])
        postings += balanced([expense, asset])
    return postings


def opening(draft: Draft, body: Json) -> tuple[Posting, ...]:
    """Return the posting of an inventory item's first quantity, against opening balances."""
    value = number(body.get("QtyOnHand")) * number(body.get("PurchaseCost"))
    equity = draft.company.role("Equity", "OpeningBalanceEquity")
    asset = Leg(body["AssetAccountRef"]["value"], value, memo=body["Name"])
    return balanced([asset, Leg(equity, -value, memo=body["Name"])])
