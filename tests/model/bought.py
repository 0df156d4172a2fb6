"""What comes from vendors after the goods, in the model: landed cost, bills, returns (5.8)."""

from fractions import Fraction
from typing import NamedTuple

from tests.model.arithmetic import part, pro_rata, rounded
from tests.model.model import Entry, Model, Refused, Unsure
from tests.model.shelf import Shelf, millionths
from tests.model.till import post_to

WAITING = "goods_received_not_billed"


class Came(NamedTuple):
    """A line of goods that came."""

    item: str
    quantity: int
    value: int
    weight: int


def came(model: Model, receipt: str) -> list[Came]:
    """Return the goods of a receipt."""
    return [
        Came(
            line["item"],
            millionths(line["quantity"]),
            rounded(Fraction(line["quantity"]) * Fraction(line["unit_cost"]) * 100),
            millionths(line.get("weight")),
        )
        for e in model.standing(("receipt", receipt), kinds=("goods_received",))
        for line in e.fact["lines"]
    ]


def taxes(model: Model, entry: Entry) -> int:
    """Debit the taxes that can be recovered; return their sum."""
    total = 0
    for tax in entry.fact.get("taxes", ()):
        known = model.known(("tax", tax["tax"]), entry.day)
        if known is not None and not known.get("recoverable", True):
            raise Unsure("a tax that is lost")
        entry.post("tax_recoverable", entry.money(tax["amount"]), tax["tax"])
        total += entry.money(tax["amount"])
    return total


def cost_later(model: Model, entry: Entry, amount: int, lines: list[Came], by: str) -> None:
    """Share a cost over goods: of each item, what is still there to inventory, the rest is cost."""
    weights = [line.quantity for line in lines]
    if by == "value" and any(line.value for line in lines):
        weights = [line.value for line in lines]
    elif by == "weight":
        weights = [line.quantity * line.weight for line in lines]
    parts, received = dict[str, int](), dict[str, int]()
    for line, share in zip(lines, pro_rata(amount, weights), strict=True):
        parts[line.item] = parts.get(line.item, 0) + share
        received[line.item] = received.get(line.item, 0) + line.quantity
    shelf = Shelf(model, entry)
    for item, share in parts.items():
        held, value, *_ = model.shelf.get(item, (0, 0, 0, 0))
        still = part(share, max(0, min(held, received[item])), received[item])
        still = max(still, -max(0, value))
        entry.post("inventory", still, item)
        entry.post("cost_of_goods", share - still, shelf.category(item))


def _expensed(model: Model, entry: Entry) -> bool:
    for channel in (entry.fact.get("channel"), None):
        value = model.known(("policy", "landed_cost", channel), entry.day)
        if value is not None:
            return bool(value == "expense")
    return False


def landed(model: Model, entry: Entry) -> None:
    """Freight and duty that are known after the goods came."""
    fact = entry.fact
    lines = [line for receipt in fact["receipts"] for line in came(model, receipt)]
    if not lines:
        raise Unsure("goods that never came") if entry.offline else Refused("receipt")
    freight, duty = entry.money(fact.get("freight")), entry.money(fact.get("duty"))
    recovered = taxes(model, entry)
    if _expensed(model, entry):
        entry.post("freight_in", freight)
        entry.post("duty", duty)
    else:
        cost_later(model, entry, freight + duty, lines, fact.get("allocate_by", "value"))
    role, holder = ("payable", fact["bill"]) if "bill" in fact else (WAITING, fact["id"])
    entry.post(role, -freight - duty - recovered, holder)
    entry.refers |= {("receipt", receipt) for receipt in fact["receipts"]}


def billed(model: Model, entry: Entry) -> None:
    """Owe under a bill what waited for it; a difference goes where the goods are."""
    fact = entry.fact
    if any(model.standing(("bill", fact["bill"]))):
        raise Refused("known")
    waiting, lines = 0, list[Came]()
    for receipt in fact.get("receipts", ()):
        held = -model.held(entry, WAITING, receipt)
        if not held:
            raise Unsure("nothing waits") if entry.offline else Refused("receipt")
        entry.post(WAITING, held, receipt)
        waiting += held
        lines += came(model, receipt)
        if not came(model, receipt):
            raise Unsure("a landed cost, or goods taken back")
        entry.refers.add(("receipt", receipt))
    asked = [line for line in fact.get("lines", ()) if line["account"] == WAITING]
    total = sum(entry.money(line["amount"]) for line in asked) if asked else waiting
    if asked and not fact.get("receipts"):
        raise Refused("for which goods")
    if total != waiting:
        cost_later(model, entry, total - waiting, lines, "value")
    for line in fact.get("lines", ()):
        if line["account"] != WAITING:
            post_to(entry, line["account"], line.get("holder"), entry.money(line["amount"]))
            total += entry.money(line["amount"])
    total += taxes(model, entry)
    entry.post("payable", -total, fact["bill"])
    entry.refers.add(("bill", fact["bill"]))


def returned(model: Model, entry: Entry) -> None:
    """Goods that go back: credited as stated, out of stock at average, the rest adjusts."""
    fact, shelf, total = entry.fact, Shelf(model, entry), 0
    for line in fact["lines"]:
        item, quantity = line["item"], millionths(line["quantity"])
        credit = rounded(Fraction(line["quantity"]) * Fraction(line["unit_cost"]) * 100)
        cost = shelf.cost(item, quantity)
        entry.post("stock_adjustments", cost - credit, item)
        shelf.take(item, quantity, cost)
        total += credit
    receipt = fact.get("receipt")
    role, holder = "payable", fact["vendor"]
    if receipt is not None:
        _refuse_excess(model, entry, receipt)
        about = model.standing(("receipt", receipt), kinds=("goods_received", "bill_received"))
        bills = [e.fact["bill"] for e in about if "bill" in e.fact]
        if len(bills) > 1:
            raise Unsure("which bill")
        role, holder = ("payable", bills[0]) if bills else (WAITING, receipt)
        entry.refers.add(("receipt", receipt))
    if "credit_note" in fact:
        role, holder = "payable", fact["credit_note"]
    entry.post(role, total, holder)


def _refuse_excess(model: Model, entry: Entry, receipt: str) -> None:
    left = dict[str, int]()
    for line in came(model, receipt):
        left[line.item] = left.get(line.item, 0) + line.quantity
    if not left:
        raise Unsure("goods that never came") if entry.offline else Refused("receipt")
    earlier = list(model.standing(("receipt", receipt), kinds=("goods_returned",)))
    for e in (*earlier, entry):
        for back in e.fact["lines"]:
            left[back["item"]] = left.get(back["item"], 0) - millionths(back["quantity"])
    if any(left.get(line["item"], 0) < 0 for line in entry.fact["lines"]):
        raise Unsure("more than came") if entry.offline else Refused("more than came")
