"""Stock in the model: weighted average, issues half up, below zero at the last average."""

from fractions import Fraction

from tests.model.arithmetic import part, pro_rata, rounded
from tests.model.model import Entry, Json, Model, Refused

MILLION = 1_000_000


def millionths(text: str | None) -> int:
    """Return a quantity in millionths."""
    return int(Fraction(text or "0") * MILLION)


class Shelf:
    """What is held of each item while one fact moves it, line by line."""

    def __init__(self, model: Model, entry: Entry) -> None:
        self.model, self.entry, self.now = model, entry, dict(model.shelf)

    def keeps(self, item: str | None, kind: str, quantity: int) -> bool:
        """Tell whether the ledger keeps the stock of a line."""
        if item is None or kind != "goods" or not quantity:
            return False
        defined = self.model.known(("item", item), self.entry.day)
        return item in self.model.stocked or bool(defined and defined.get("stocked"))

    def average(self, item: str, quantity: int) -> int:
        """Return what *quantity* is worth at the average now, or the last that was known."""
        held, value, last, last_value = self._of(item)
        return part(value, quantity, held) if held > 0 else part(last_value, quantity, last)

    def cost(self, item: str, quantity: int) -> int:
        """Return what *quantity* costs when it leaves; the last unit takes the rest."""
        held, value, _, _ = self._of(item)
        if 0 < held <= quantity:
            return value + part(value, quantity - held, held)
        return self.average(item, quantity)

    def take(self, item: str, quantity: int, value: int) -> None:
        """Let goods leave."""
        self.entry.post("inventory", -value, item, -quantity)
        self._move(item, -quantity, -value)

    def put(self, item: str, quantity: int, value: int, category: str, place: str = "") -> None:
        """Let goods come in; units below zero are trued up to cost_of_goods."""
        held, worth, _, _ = self._of(item)
        more = 0
        if held < 0:
            covered = min(-held, quantity)
            more = part(value, covered, quantity) - part(-worth, covered, -held)
        self.entry.post("inventory", value - more, item, quantity, place)
        self.entry.post("cost_of_goods", more, category)
        self._move(item, quantity, value - more)

    def category(self, item: str) -> str:
        """Return the category that an item's cost is counted to."""
        return str(
            (self.model.known(("item", item), self.entry.day) or {}).get("category") or "goods"
        )

    def _of(self, item: str) -> tuple[int, int, int, int]:
        held = self.now.get(item, (0, 0, 0, 0))
        return held[0], held[1], held[2], held[3]

    def _move(self, item: str, quantity: int, value: int) -> None:
        before = self._of(item)
        after = (before[0] + quantity, before[1] + value)
        last = after if after[0] > 0 else before[:2] if before[0] > 0 else before[2:]
        self.now[item] = (*after, *last)


def received(model: Model, entry: Entry) -> None:
    """Goods from a vendor, with what they cost to land."""
    fact, lines = entry.fact, entry.fact["lines"]
    costs = [cost_of(line["quantity"], line["unit_cost"]) for line in lines]
    landed = sum(entry.money(fact.get(name)) for name in ("freight", "duty"))
    landed -= entry.money(fact.get("discount"))
    if landed + sum(costs) < 0:
        raise Refused("discount")
    lost, owed = 0, sum(costs) + landed
    for tax in fact.get("taxes", ()):
        amount, known = entry.money(tax["amount"]), model.known(("tax", tax["tax"]), entry.day)
        owed += amount
        if known is not None and not known.get("recoverable", True):
            lost += amount
        else:
            entry.post("tax_recoverable", amount, tax["tax"])
    expensed = model.known(("policy", "landed_cost", fact.get("channel")), entry.day)
    expensed = expensed or model.known(("policy", "landed_cost", None), entry.day)
    if expensed == "expense":
        entry.post("freight_in", entry.money(fact.get("freight")))
        entry.post("duty", entry.money(fact.get("duty")))
        entry.post("purchase_discounts", -entry.money(fact.get("discount")))
        landed = 0
    shelf = Shelf(model, entry)
    shares = pro_rata(landed + lost, _weights(fact, costs))
    for line, cost, more in zip(lines, costs, shares, strict=True):
        quantity = millionths(line["quantity"])
        shelf.put(line["item"], quantity, cost + more, shelf.category(line["item"]))
        entry.stocks.add(line["item"])
    entry.refers.add(("receipt", fact["receipt"]))
    if fact.get("bill"):
        entry.post("payable", -owed, fact["bill"])
    else:
        entry.post("goods_received_not_billed", -owed, fact["receipt"])


def cost_of(quantity: str, unit_cost: str) -> int:
    """Return quantity x unit cost in minor units, half up."""
    return rounded(Fraction(quantity) * Fraction(unit_cost) * 100)


def _weights(fact: Json, costs: list[int]) -> list[int]:
    quantities = [millionths(line["quantity"]) for line in fact["lines"]]
    how = fact.get("allocate_by", "value")
    if how == "weight":
        weights = [millionths(line.get("weight")) for line in fact["lines"]]
        return [q * w for q, w in zip(quantities, weights, strict=True)]
    return costs if how == "value" and any(costs) else quantities


def adjusted(model: Model, entry: Entry) -> None:
    """Stock corrected by hand, at average cost unless one is stated."""
    shelf = Shelf(model, entry)
    for line in entry.fact["lines"]:
        item, quantity = line["item"], millionths(line["quantity"])
        _adjust(shelf, item, quantity, line.get("unit_cost"))
        if line.get("unit_cost") is not None:
            entry.stocks.add(item)


def _adjust(shelf: Shelf, item: str, quantity: int, unit_cost: str | None) -> None:
    held, value = shelf.now.get(item, (0, 0, 0, 0))[:2]
    if quantity < 0 and held + quantity == 0:
        worth = value
    elif unit_cost is not None:
        worth = abs(rounded(Fraction(quantity, MILLION) * Fraction(unit_cost) * 100))
    else:
        worth = shelf.average(item, quantity) if quantity > 0 else shelf.cost(item, -quantity)
    if quantity > 0:
        shelf.entry.post("stock_adjustments", -worth, item)
        shelf.put(item, quantity, worth, shelf.category(item))
    else:
        shelf.entry.post("stock_adjustments", worth, item)
        shelf.take(item, -quantity, worth)


def counted(model: Model, entry: Entry) -> None:
    """Count: the difference to what is held at the place, at average cost."""
    shelf, where = Shelf(model, entry), entry.fact.get("location")
    for line in entry.fact["lines"]:
        item = line["item"]
        held = model.sums["at", item, where] if where else model.shelf.get(item, (0,))[0]
        difference = millionths(line["counted"]) - held
        if difference:
            _adjust(shelf, item, difference, None)


def carried(_: Model, entry: Entry) -> None:
    """Carry stock from one place to another; its value stays."""
    for line in entry.fact["lines"]:
        quantity = millionths(line["quantity"])
        entry.post("inventory", 0, line["item"], -quantity, entry.fact["from_location"])
        entry.post("inventory", 0, line["item"], quantity, entry.fact["to_location"])
