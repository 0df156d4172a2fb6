"""Sales, invoices' lines, and refunds in the model (`docs/accounting.md` 5.1 and 5.2)."""

from fractions import Fraction

from tests.model.arithmetic import part, pro_rata, rounded
from tests.model.held import tendered
from tests.model.model import Entry, Json, Model, Refused, Unsure
from tests.model.shelf import MILLION, Shelf, millionths
from tests.model.value import draw_package

SOLD = ("goods", "service", "fee", "donation")


class Line:
    """A line in minor units: what it came to, and what its parts are."""

    def __init__(self, model: Model, entry: Entry, line: Json, net: int | None = None) -> None:
        fact = entry.fact
        self.kind = line.get("kind") or "goods"
        self.item: str | None = line.get("item")
        item = model.known(("item", self.item), entry.day) or {}
        self.category = line.get("category") or item.get("category") or self.kind
        self.holder = line.get("gift_card") or line.get("package") or ""
        self.uses = line.get("uses", 0)
        self.quantity = millionths(line.get("quantity", "1"))
        self.taxes = {tax["tax"]: entry.money(tax["amount"]) for tax in line.get("taxes", ())}
        self.inside = bool(fact.get("prices_include_tax"))
        inside = sum(self.taxes.values()) if self.inside else 0
        discount = entry.money(line.get("discount"))
        if net is not None:
            self.net = net
        elif line.get("net") is not None:
            self.net = entry.money(line["net"])
        else:
            price = Fraction(self.quantity, MILLION) * Fraction(line.get("unit_price", "0"))
            self.net = rounded(price * 100) - discount - inside
        if self.net < 0:
            raise Refused("below zero")
        paid = self.net + inside
        self.discount = part(discount, self.net, paid) if discount and paid else discount

    @property
    def total(self) -> int:
        """Return what is paid for it."""
        return self.net + sum(self.taxes.values())

    def sell(self, entry: Entry) -> None:
        """Credit what is sold; debit its discount."""
        if self.kind in SOLD or self.kind == "shipping":
            role, holder = (
                ("sales", self.category) if self.kind in SOLD else ("shipping_income", "")
            )
            entry.post(role, -self.net - self.discount, holder)
            entry.post("discounts", self.discount, self.category)
        elif self.kind == "gift_card":
            entry.post("gift_cards", -self.net - self.discount, self.holder)
            entry.post("discounts", self.discount, self.category)
        else:
            entry.post("packages", -self.net, self.holder, -self.uses * MILLION)
        for code, tax in self.taxes.items():
            entry.post("sales_tax", -tax, code)


def cost_of_sold(model: Model, entry: Entry, lines: list[Line]) -> None:
    """Let goods whose stock is kept leave at cost."""
    shelf = Shelf(model, entry)
    for line in lines:
        if line.item is not None and shelf.keeps(line.item, line.kind, line.quantity):
            cost = shelf.cost(line.item, line.quantity)
            entry.post("cost_of_goods", cost, line.category)
            shelf.take(line.item, line.quantity, cost)


def sale(model: Model, entry: Entry) -> None:
    """Goods and services given, value received."""
    fact, name = entry.fact, entry.fact["id"]
    worth = 0
    for tender in fact["tenders"]:
        if tender["kind"] == "package":
            worth += draw_package(model, entry, tender)
    lines = _priced(model, entry, worth)
    tips = _tips(fact)
    due = sum(line.total for line in lines) + entry.money(fact.get("rounding"))
    due += sum(entry.money(amount) for _, amount in tips)
    money = [tender for tender in fact["tenders"] if tender["kind"] != "package"]
    if sum(entry.money(tender["amount"]) for tender in money) + worth != due:
        raise Refused("tenders differ")
    tendered(model, entry, money, invoice=name)
    for at, line in enumerate(lines):
        line.sell(entry)
        entry.marks["line", name, at, "quantity"] += line.quantity
        entry.marks["line", name, at, "net"] += line.net
        entry.marks["line", name, at, "discount"] += line.discount
        for code, tax in line.taxes.items():
            entry.marks["line", name, at, code] += tax
        if line.kind == "package":
            _package_sold(model, entry, line)
    for staff, amount in tips:
        entry.post("tips", -entry.money(amount), staff)
    entry.post("cash_rounding", -entry.money(fact.get("rounding")))
    cost_of_sold(model, entry, lines)
    entry.lines = lines


def _package_sold(model: Model, entry: Entry, line: Line) -> None:
    if entry.marks["package", line.holder, "sold"]:
        raise Refused("sold twice at once")
    if model.sums["package", line.holder, "price"]:
        raise Unsure("topped up")
    key = ("package", line.holder)
    entry.marks[*key, "price"] += line.net
    entry.marks[*key, "sold"] += line.uses
    entry.marks[*key, "uses"] += line.uses
    entry.marks[*key, "value"] += line.net
    entry.refers.add(key)


def _priced(model: Model, entry: Entry, worth: int) -> list[Line]:
    """Return the lines; those that state no price share what packages are worth."""
    stated = entry.fact["lines"]
    free = [at for at, line in enumerate(stated) if "net" not in line and "unit_price" not in line]
    shares: dict[int, int] = {}
    if free:
        weights = [millionths(stated[at].get("quantity", "1")) for at in free]
        shares = dict(zip(free, pro_rata(worth, weights), strict=True))
    return [Line(model, entry, line, shares.get(at)) for at, line in enumerate(stated)]


def _tips(fact: Json) -> list[tuple[str, str]]:
    tip, whose = fact.get("tip") or [], fact.get("staff") or "unassigned"
    if isinstance(tip, str):
        return [(whose, tip)]
    return [(part_.get("staff") or whose, part_["amount"]) for part_ in tip]


def refund(model: Model, entry: Entry) -> None:
    """Mirror what is refunded, at most what the sale has left of it."""
    fact = entry.fact
    original = model.entries.get(fact.get("sale", ""))
    stands = original is not None and original.kind == "sale_completed" and not original.undone
    if any(tender["kind"] == "package" for tender in fact["tenders"]):
        raise Unsure("uses given back")
    given = sum(entry.money(tender["amount"]) for tender in fact["tenders"])
    rounding = entry.money(fact.get("rounding"))
    taken: list[tuple[int | None, Line]]
    if "sale" not in fact:
        taken, beyond = [(None, line) for line in _blind(model, entry)], 0
    elif stands and original is not None:
        taken, beyond = _taken(model, entry, original, given - rounding)
    elif entry.offline:
        taken, beyond = [], given - rounding
        if "amount" in fact and entry.money(fact["amount"]) != beyond:
            raise Refused("tenders differ")
    else:
        raise Refused("sale")
    if sum(line.total for _, line in taken) + rounding + beyond != given:
        raise Refused("tenders differ")
    for at, line in taken:
        _give_back(entry, at, line)
    entry.post("cash_rounding", rounding)
    tendered(model, entry, fact["tenders"], invoice=_account(fact, original), back=True)
    entry.post("suspense", beyond, f"refund:{fact.get('sale')}")
    if fact.get("restock", "no") != "no":
        _restock(model, entry, original if stands else None, taken)
    if "sale" in fact:
        entry.refers.add(("event", fact["sale"]))


def _account(fact: Json, original: Entry | None) -> str:
    tenders = (
        original.fact["tenders"] if original is not None and "tenders" in original.fact else ()
    )
    named = (t.get("invoice") for t in tenders if t["kind"] == "on_account")
    return str(next(named, None) or fact.get("sale") or fact["id"])


def _blind(model: Model, entry: Entry) -> list[Line]:
    fact = entry.fact
    return [Line(model, entry, line) for line in fact.get("lines") or [{"net": fact["amount"]}]]


def _give_back(entry: Entry, at: int | None, line: Line) -> None:
    if line.kind == "package":
        raise Unsure("package given back")
    if line.kind == "gift_card":
        entry.post("gift_cards", line.net + line.discount, line.holder)
        entry.post("discounts", -line.discount, line.category)
    else:
        entry.post("sales_returns", line.net, line.category)
    for code, tax in line.taxes.items():
        entry.post("sales_tax", tax, code)
    if at is not None:
        key = ("line", entry.fact["sale"], at)
        entry.marks[*key, "quantity"] -= line.quantity
        entry.marks[*key, "net"] -= line.net
        entry.marks[*key, "discount"] -= line.discount if line.kind == "gift_card" else 0
        for code, tax in line.taxes.items():
            entry.marks[*key, code] -= tax


def remaining(model: Model, original: Entry) -> list[Line]:
    """Return what the lines of a sale still have to refund."""
    found = []
    for at, sold in enumerate(original.lines):
        line = _copy(sold)
        key = ("line", original.fact["id"], at)
        line.quantity, line.net = model.sums[*key, "quantity"], model.sums[*key, "net"]
        line.discount = model.sums[*key, "discount"] if line.kind == "gift_card" else 0
        line.taxes = {code: model.sums[*key, code] for code in sold.taxes}
        found.append(line)
    return found


def _copy(line: Line) -> Line:
    copy = object.__new__(Line)
    copy.__dict__.update(line.__dict__)
    copy.taxes = dict(line.taxes)
    return copy


def _taken(
    model: Model, entry: Entry, original: Entry, paid: int
) -> tuple[list[tuple[int | None, Line]], int]:
    """Return what is taken of each line, and what offline goes beyond what is left."""
    fact, left = entry.fact, remaining(model, original)
    whole = sum(line.total for line in left)
    if "lines" in fact:
        return _by_line(entry, left)
    amount = entry.money(fact["amount"]) if "amount" in fact else whole
    beyond = max(0, amount - whole) if "amount" in fact else max(0, paid - whole)
    if beyond and not entry.offline:
        raise Refused("exceeds")
    lines = left if amount >= whole else _spread(amount, left)
    return list(enumerate(lines)), beyond


def _by_line(entry: Entry, left: list[Line]) -> tuple[list[tuple[int | None, Line]], int]:
    taken: list[tuple[int | None, Line]] = []
    for stated in entry.fact["lines"]:
        at = stated.get("sale_line")
        if at is None or "net" in stated or "unit_price" in stated or stated.get("taxes"):
            raise Unsure("a line that states its price")
        if at >= len(left):
            if entry.offline:
                raise Unsure("a line that is not there")
            raise Refused("line")
        rest, line = left[at], _copy(left[at])
        if "quantity" in stated:
            line.quantity = millionths(stated["quantity"])
            if line.quantity > rest.quantity:
                if entry.offline:
                    raise Unsure("more units than are left")
                raise Refused("exceeds")
            if line.quantity < rest.quantity:
                _share(line, rest)
        taken.append((at, line))
        rest.quantity, rest.net = rest.quantity - line.quantity, rest.net - line.net
        rest.discount -= line.discount
        rest.taxes = {code: tax - line.taxes[code] for code, tax in rest.taxes.items()}
    return taken, 0


def _share(line: Line, rest: Line) -> None:
    """Make a line the share, by quantity, of what remains."""
    units, whole = line.quantity, rest.quantity
    line.taxes = {code: part(tax, units, whole) for code, tax in rest.taxes.items()}
    line.net = part(rest.net, units, whole)
    if rest.inside:
        line.net = part(rest.total, units, whole) - sum(line.taxes.values())
        line.net = max(0, min(line.net, rest.net))
    line.discount = part(rest.discount, line.net, rest.net)


def _spread(amount: int, left: list[Line]) -> list[Line]:
    """Spread an amount over what remains of each net, then of each tax code."""
    codes = list(dict.fromkeys(code for line in left for code in line.taxes))
    bearing = {code: [line.taxes.get(code, 0) for line in left] for code in codes}
    shares = pro_rata(amount, [line.net for line in left] + [sum(bearing[c]) for c in codes])
    by_code = {c: pro_rata(n, bearing[c]) for c, n in zip(codes, shares[len(left) :], strict=True)}
    spread = []
    for at, line in enumerate(left):
        copy = _copy(line)
        copy.quantity, copy.net = 0, shares[at]
        copy.discount = part(line.discount, copy.net, line.net)
        copy.taxes = {code: parts[at] for code, parts in by_code.items()}
        spread.append(copy)
    return spread


def _restock(
    model: Model, entry: Entry, original: Entry | None, taken: list[tuple[int | None, Line]]
) -> None:
    """Bring goods back at the cost at which they left; without their sale at the average."""
    shelf, back = Shelf(model, entry), dict[str, int]()
    for _, line in taken:
        if line.item is None or not shelf.keeps(line.item, line.kind, line.quantity):
            continue
        cost = _cost_back(model, original, line, back, shelf)
        entry.post("cost_of_goods", -cost, line.category)
        if entry.fact["restock"] == "damaged":
            entry.post("stock_adjustments", cost, line.item)
        else:
            place = original.fact.get("location", "") if original is not None else ""
            shelf.put(
                line.item, line.quantity, cost, line.category, entry.fact.get("location") or place
            )


def _cost_back(
    model: Model, original: Entry | None, line: Line, back: dict[str, int], shelf: Shelf
) -> int:
    item = line.item or ""
    left = (
        [p for p in original.posts if (p.role, p.holder) == ("inventory", item)] if original else []
    )
    quantity, cost = -sum(p.quantity for p in left), -sum(p.amount for p in left)
    if original is not None and item not in back:
        still = sum(other.quantity for other in remaining(model, original) if other.item == item)
        back[item] = max(0, quantity - still)
    before = back.get(item, 0)
    if before + line.quantity > quantity:
        return shelf.average(item, line.quantity)
    back[item] = before + line.quantity
    return part(cost, back[item], quantity) - part(cost, before, quantity)
