"""Drawers, settlements, journals and settings in the model, and what takes a fact back."""

from datetime import date

from tests.model.model import POSTED, SETTINGS, Entry, Json, Model, Refused, Unsure

ROLES = {
    "1000": "cash",
    "1050": "bank",
    "1060": "cash_in_transit",
    "4000": "sales",
    "6200": "merchant_fees",
}
CONTROL = frozenset(
    (
        *("cash", "clearing", "receivable", "disputes_receivable", "inventory", "tax_recoverable"),
        *("suspense", "payable", "goods_received_not_billed", "gift_cards", "store_credit"),
        *("deposits", "packages", "sales_tax", "tips", "sales", "sales_returns", "discounts"),
        "cost_of_goods",
    )
)
PLAIN = frozenset(
    (
        *("bank", "cash_in_transit", "opening_balance", "merchant_fees", "promotion_expense"),
        *("stock_adjustments", "freight_in", "duty", "dispute_losses", "bad_debt"),
    )
)


def post_to(entry: Entry, named: str, holder: str | None, amount: int) -> None:
    """Post to an account that is named by role or code."""
    role = ROLES.get(named, named)
    if role not in CONTROL | PLAIN:
        raise Unsure("an account that the model does not know")
    if role in CONTROL and not holder:
        raise Refused("holder")
    entry.post(role, amount, holder or ("main" if role == "bank" else ""))


def opened(model: Model, entry: Entry) -> None:
    """Bring the drawer to its float."""
    fact = entry.fact
    if any(model.standing(("session", fact["session"]), kinds=("register_opened",))):
        raise Refused("opened")
    place = ("session", fact["session"], "cash", fact["register"], entry.currency)
    own = model.sums.get(place, 0)
    more = entry.money(fact["float"]) - (model.held(entry, "cash", fact["register"]) - own)
    entry.post("cash", more, fact["register"])
    post_to(entry, fact.get("float_from", "bank"), None, -more)
    entry.refers.add(("session", fact["session"]))


def moved(model: Model, entry: Entry) -> None:
    """Cash in or out without a sale."""
    fact, kind = entry.fact, entry.fact["kind"]
    amount = entry.money(fact["amount"]) * (-1 if kind == "paid_in" else 1)
    if kind == "drop":
        entry.post("cash_in_transit", amount)
    elif kind == "bank":
        entry.post("bank", amount, fact.get("bank", "main"))
    else:
        post_to(entry, fact["account"], fact.get("holder") or fact.get("vendor"), amount)
    entry.post("cash", -amount, model.drawer(fact))


def closed(model: Model, entry: Entry) -> None:
    """Bring what stands in the books to what was counted."""
    fact, session = entry.fact, entry.fact["session"]
    if any(model.standing(("session", session), kinds=("register_closed",))):
        raise Refused("closed")
    drawer, piles = model.drawer(fact), dict[tuple[str, str], int]()
    for count in fact["counted"]:
        if model.is_money(count["method"], entry.day):
            place = model.place(count["method"], drawer, entry.day)
            piles[place] = piles.get(place, 0) + entry.money(count["amount"])
    for (role, holder), counted in piles.items():
        expected = model.sums["session", session, role, holder, entry.currency]
        if role == "cash":
            expected = model.held(entry, role, holder)
        entry.post(role, counted - expected, holder)
        entry.post("till_over_short", expected - counted, drawer)
    entry.refers.add(("session", session))
    entry.way = ("cash", drawer)


def tips_out(model: Model, entry: Entry) -> None:
    """Tips paid to their staff."""
    from_ = entry.fact["tenders"]
    amount = entry.money(entry.fact["amount"])
    if sum(entry.money(t["amount"]) for t in from_) != amount:
        raise Refused("tenders differ")
    entry.post("tips", amount, entry.fact["staff"])
    for tender in from_:
        way = tender.get("method") or tender["kind"]
        role, holder = model.place(way, model.drawer(entry.fact), entry.day)
        entry.post(role, -entry.money(tender["amount"]), holder)


def payout(model: Model, entry: Entry) -> None:
    """Bring what an acquirer pays to the bank, less its fees."""
    fact, more = entry.fact, 0
    gross, fees = entry.money(fact["gross"]), entry.money(fact["fees"])
    for adjustment in fact.get("adjustments", ()):
        amount = entry.money(adjustment["amount"])
        post_to(entry, adjustment["account"], adjustment.get("holder"), -amount)
        more += amount
    entry.post("bank", gross - fees + more, fact.get("bank", "main"))
    entry.post("merchant_fees", fees)
    role, holder = model.place(fact["method"], model.drawer(fact), entry.day)
    entry.post(role, -gross, holder)


def dispute_opened(model: Model, entry: Entry) -> None:
    """Take a disputed payment out of its clearing, with the fee."""
    fact, name = entry.fact, entry.fact["dispute"]
    if any(model.standing(("dispute", name), kinds=("dispute_opened",))):
        raise Refused("known")
    amount, fee = entry.money(fact["amount"]), entry.money(fact.get("fee"))
    way = _disputed(model, entry)
    role, holder = model.place(way, model.drawer(fact), entry.day)
    entry.post("disputes_receivable", amount, name)
    entry.post("dispute_fees", fee)
    entry.post(role, -amount - fee, holder)
    entry.refers.add(("dispute", name))
    entry.way = ("", way)


def _disputed(model: Model, entry: Entry) -> str:
    """Return the method that is disputed: the one named, else of the sale's first money.

    Cash only where nothing else was paid.
    """
    if "method" in entry.fact:
        return str(entry.fact["method"])
    sale = model.entries.get(entry.fact["sale"])
    if sale is None or sale.kind != "sale_completed" or sale.undone:
        raise Unsure("a sale that is not there") if entry.offline else Refused("sale")
    entry.refers.add(("event", entry.fact["sale"]))
    money = ("card", "cheque", "transfer", "other", "cash")
    paid = [tender for tender in sale.fact["tenders"] if tender["kind"] in money]
    paid.sort(key=lambda tender: tender["kind"] == "cash")
    ways = (tender.get("method") or tender["kind"] for tender in paid)
    way = next(ways, None)
    if way is None:
        raise Unsure("a sale without money")
    return str(way)


def dispute_ended(model: Model, entry: Entry) -> None:
    """Won: it comes back. Lost: it is a loss. All that the dispute holds goes."""
    fact, name, won = entry.fact, entry.fact["dispute"], entry.kind == "dispute_won"
    opened_ = list(model.standing(("dispute", name), kinds=("dispute_opened",)))
    if not opened_ or any(model.standing(("dispute", name), kinds=("dispute_won", "dispute_lost"))):
        if entry.offline:
            raise Unsure("no such dispute")
        raise Refused("dispute")
    held = model.held(entry, "disputes_receivable", name)
    fee = entry.money(fact.get("fee_returned")) if won else entry.money(fact.get("fee"))
    if won and fee > opened_[0].moved("dispute_fees", ""):
        raise Unsure("a fee that was not taken")
    role, holder = model.place(opened_[0].way[1], model.drawer(fact), entry.day)
    entry.post("disputes_receivable", -held, name)
    entry.post("dispute_fees", -fee if won else fee)
    entry.post(role, held + fee if won else -fee, holder)
    entry.post("dispute_losses", 0 if won else held)
    entry.refers.add(("dispute", name))


def journal(_: Model, entry: Entry) -> None:
    """Debits and credits as stated."""
    total = 0
    for line in entry.fact["lines"]:
        amount = entry.money(line.get("debit")) - entry.money(line.get("credit"))
        total += amount
        role = ROLES.get(line["account"], line["account"])
        holder = line.get("holder")
        if role == "receivable" and not line.get("customer"):
            raise Refused("customer")
        if role == "payable":
            if not line.get("vendor"):
                raise Refused("vendor")
            holder = holder or line["vendor"]
        if role == "receivable":
            holder = holder or f"credit:{line['customer']}"
        post_to(entry, line["account"], holder, amount)
    if total:
        raise Refused("unbalanced")


def configured(model: Model, entry: Entry) -> None:
    """Note what holds from a day on."""
    fact, since = entry.fact, date.fromisoformat(entry.fact.get("from") or str(entry.day))
    match entry.kind:
        case "method_defined":
            model.define(("method", fact["method"]), since, fact["kind"])
        case "item_defined":
            model.define(("item", fact["item"]), since, fact)
        case "tax_defined":
            model.define(("tax", fact["tax"]), since, fact)
        case "policy_set":
            model.define(("policy", fact["policy"], fact.get("channel")), since, fact["value"])
        case "account_defined":
            if fact["role"] != "sales" or fact["account_type"] != "income":
                raise Unsure("an account of another role")


def period(model: Model, entry: Entry) -> None:
    """Close a period, or withdraw a closing."""
    through = date.fromisoformat(entry.fact["through"])
    if entry.kind == "period_closed":
        if through <= max(model.closings, default=date.min):
            raise Unsure("closed before")
        model.closings.append(through)
    elif through in model.closings:
        model.closings.remove(through)
    else:
        raise Refused("not closed")


def reversed_(model: Model, entry: Entry) -> None:
    """Turn the postings of a fact round, unless something later stands on it."""
    original = model.entries.get(entry.fact["reverses"])
    if original is None or original.kind in (*SETTINGS, "event_reversed", "exception_cleared"):
        if original is not None and original.kind == "exception_cleared":
            raise Unsure("a clearing taken back")
        raise Refused("nothing to reverse")
    if original.undone or any(model.standing(("event", original.fact["id"]))):
        raise Refused("undone, or referred to")
    names = {
        key
        for key in original.refers
        if key[0] in ("invoice", "payment", "receipt", "dispute", "bill")
    }
    later = [e for e in _after(model, original) if not e.undone and e.refers & names]
    if later:
        raise Unsure("something later names what it names")
    for post in original.posts:
        if post.role in ("gift_cards", "store_credit", "deposits", "packages") and post.amount < 0:
            _refuse_drawn(model, original, post.role, post.holder, entry)
    shared = ("location", "register", "session", "staff", "channel", "customer", "booking", "order")
    stated = {n: original.fact[n] for n in shared if n in original.fact and n not in entry.fact}
    entry.fact = {**entry.fact, **stated}
    entry.currency = original.currency
    for post in original.posts:
        entry.posts.append(post._replace(amount=-post.amount, quantity=-post.quantity))
    for key, amount in original.marks.items():
        if key[0] not in POSTED:
            entry.marks[key] -= amount
    entry.takes_back = original


def _after(model: Model, original: Entry) -> list[Entry]:
    entries = list(model.entries.values())
    return entries[entries.index(original) + 1 :]


def _refuse_drawn(model: Model, original: Entry, role: str, holder: str, entry: Entry) -> None:
    for later in _after(model, original):
        if later.kind == "event_reversed" or later.undone:
            continue
        if any((p.role, p.holder) == (role, holder) and p.amount > 0 for p in later.posts):
            if not entry.offline:
                raise Refused("drawn on since")
            if role in ("packages", "deposits"):
                raise Unsure("taken back offline")


def unsure(_: Model, entry: Entry) -> None:
    """Leave it to the ledger."""
    raise Unsure(entry.kind)


def facts_of(fact: Json) -> set[str]:
    """Return the names in a fact, so that what follows from an unsure one is unsure too."""
    names = (
        "id",
        "deposit",
        "package",
        "invoice",
        "sale",
        "receipt",
        "dispute",
        "payment",
        "reverses",
    )
    found = {str(fact[name]) for name in names if name in fact}
    for part in (*fact.get("tenders", ()), *fact.get("lines", ()), *fact.get("applied", ())):
        found |= {str(part[name]) for name in names if name in part}
    return found | set(map(str, fact.get("receipts", ())))
