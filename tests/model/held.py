"""Tenders, deposits and bookings in the model (`docs/accounting.md` 5.3)."""

from fractions import Fraction

from tests.model.arithmetic import part, pro_rata
from tests.model.model import REGION_TAXES, Entry, Json, Model, Refused, Unsure


def deposit(model: Model, name: str) -> tuple[int, dict[str, int]]:
    """Return (what was paid and is left, the taxes in it) of a deposit."""
    taxes = {
        key[3]: n for key, n in model.sums.items() if key[:3] == ("deposit", name, "tax") and n
    }
    return max(0, model.sums["deposit", name, "paid"]), taxes


def _share(paid: int, taxes: dict[str, int], amount: int) -> dict[str, int]:
    """Return the taxes in a part of a deposit; all of it has the rest."""
    if amount == paid:
        return taxes
    return {code: part(tax, amount, paid) for code, tax in taxes.items()}


def take_deposit(model: Model, entry: Entry, name: str, amount: int) -> tuple[int, dict[str, int]]:
    """Take an amount out; return (what was there of it, the taxes in that). Nothing is posted."""
    paid, taxes = deposit(model, name)
    if taxes and _filled_otherwise(model, name):
        raise Unsure("a deposit and a prepayment in one")
    there = min(amount, paid)
    if there < amount and not entry.offline:
        raise Refused("deposit overdrawn")
    shares = _share(paid, taxes, there)
    entry.marks["deposit", name, "paid"] -= there
    for code, tax in shares.items():
        entry.marks["deposit", name, "tax", code] -= tax
    entry.refers.add(("deposit", name))
    return there, shares


def draw_deposits(model: Model, entry: Entry, name: str, amount: int) -> None:
    """Draw on a deposit, net and tax; a negative amount puts money back into it."""
    if amount < 0:
        entry.post("deposits", amount, name)
        entry.marks["deposit", name, "paid"] -= amount
        entry.refers.add(("deposit", name))
        return
    there, taxes = take_deposit(model, entry, name, amount)
    entry.post("deposits", there - sum(taxes.values()), name)
    for code, tax in taxes.items():
        entry.post("sales_tax", tax, code)
    entry.post("suspense", amount - there, f"deposits:{name}")


def tendered(
    model: Model, entry: Entry, tenders: list[Json], *, invoice: str, back: bool = False
) -> None:
    """Debit what is given to the shop (*back*: credit what it gives)."""
    fact, deposits = entry.fact, dict[str, int]()
    for tender in tenders:
        amount = entry.money(tender["amount"]) * (-1 if back else 1)
        kind = tender["kind"]
        if kind == "gift_card":
            entry.post("gift_cards", amount, tender["gift_card"])
        elif kind == "store_credit":
            entry.post("store_credit", amount, voucher(tender | fact))
        elif kind == "customer_credit":
            if "customer" not in fact:
                raise Refused("whose credit")
            entry.post("receivable", amount, f"credit:{fact['customer']}")
        elif kind == "on_account":
            name = tender.get("invoice") or invoice
            entry.post("receivable", amount, name)
            entry.refers.add(("invoice", name))
        elif kind == "deposit":
            deposits[tender["deposit"]] = deposits.get(tender["deposit"], 0) + amount
        else:
            way = tender.get("method") or kind
            role, holder = model.place(way, model.drawer(fact), entry.day)
            entry.post(role, amount, holder)
    for name, amount in deposits.items():
        draw_deposits(model, entry, name, amount)


def deposit_received(model: Model, entry: Entry) -> None:
    """Take a deposit without tax, or a prepayment with it."""
    fact, name = entry.fact, entry.fact["deposit"]
    if sum(entry.money(t["amount"]) for t in fact["tenders"]) != entry.money(fact["amount"]):
        raise Refused("tenders differ")
    tendered(model, entry, fact["tenders"], invoice=fact["id"])
    taxes = {tax["tax"]: entry.money(tax["amount"]) for tax in fact.get("taxes", ())}
    amount = entry.money(fact["amount"])
    entry.post("deposits", sum(taxes.values()) - amount, name)
    for code, tax in taxes.items():
        entry.post("sales_tax", -tax, code)
        entry.marks["deposit", name, "tax", code] += tax
    entry.marks["deposit", name, "paid"] += amount
    entry.refers.add(("deposit", name))


def deposit_refunded(model: Model, entry: Entry) -> None:
    """Give a deposit back, by default all of it, the way it came."""
    fact, name = entry.fact, entry.fact["deposit"]
    known = any(("deposit", name) in other.refers for other in model.entries.values())
    if not known and not entry.offline:
        raise Refused("deposit")
    if fact.get("tenders"):
        raise Unsure("given back another way")
    left, _ = deposit(model, name)
    amount = entry.money(fact["amount"]) if "amount" in fact else left
    if not amount and "amount" not in fact:
        raise Refused("empty")
    draw_deposits(model, entry, name, amount)
    way_it_came(model, entry, name, amount)


def way_it_came(model: Model, entry: Entry, name: str, amount: int) -> None:
    """Give money back by the tenders that a deposit came by, in proportion."""
    fact = entry.fact
    came = [
        (e, t)
        for e in model.standing(("deposit", name), kinds=("deposit_received",))
        if e.fact["deposit"] == name
        for t in e.fact["tenders"]
    ]
    weights = [e.money(t["amount"]) for e, t in came]
    if not any(weights) or any(t["kind"] == "deposit" for _, t in came):
        raise Refused("tenders needed")
    for (e, tender), share in zip(came, pro_rata(amount, weights), strict=True):
        stated: Json = {n: fact[n] for n in ("register", "session", "customer") if n in fact}
        giver = Entry({**e.fact, **stated, "happened_offline": True}, entry.currency, entry.day)
        tendered(model, giver, [tender | {"amount": text(share)}], invoice=e.fact["id"], back=True)
        entry.posts += giver.posts


def text(amount: int) -> str:
    """Return minor units as text."""
    return f"{amount // 100}.{amount % 100:02}"


def forfeited(model: Model, entry: Entry) -> None:
    """Keep a deposit."""
    fact, name = entry.fact, entry.fact["deposit"]
    if not any(("deposit", name) in other.refers for other in model.entries.values()):
        if entry.offline:
            raise Unsure("a deposit that nobody knows")
        raise Refused("deposit")
    left, _ = deposit(model, name)
    if not left and "amount" not in fact:
        if entry.offline:
            raise Unsure("an empty deposit")
        raise Refused("empty")
    keep(model, entry, name, entry.money(fact["amount"]) if "amount" in fact else left)


def keep(model: Model, entry: Entry, name: str, amount: int) -> None:
    """Make a deposit income: of a prepayment its net, else less the tax that is deemed in it."""
    there, prepaid = take_deposit(model, entry, name, amount)
    if there < amount or (prepaid and entry.fact.get("taxes")):
        raise Unsure("kept beyond what it holds")
    net = there - sum(prepaid.values())
    entry.post("deposits", net, name)
    inside: dict[str, int] = {}
    if not _is_prepayment(model, name):
        rates = REGION_TAXES[model.region]
        codes = entry.fact.get("taxes", list(rates)) if entry.kind == "deposit_forfeited" else rates
        for code in codes:
            rate = Fraction(rates.get(code, 0), 1000)
            inside[code] = part(there, rate, 100 + rate)
    for code, tax in inside.items():
        entry.post("sales_tax", -tax, code)
    entry.post("forfeited_deposits", sum(inside.values()) - net)


def _is_prepayment(model: Model, name: str) -> bool:
    kinds = {
        e.fact.get("kind", "deposit")
        for e in model.standing(("deposit", name), kinds=("deposit_received",))
        if e.fact["deposit"] == name
    }
    if len(kinds) > 1:
        raise Unsure("a deposit and a prepayment in one")
    if kinds == {"prepayment"} and _filled_otherwise(model, name):
        raise Unsure("a prepayment filled otherwise")
    return kinds == {"prepayment"}


def _filled_otherwise(model: Model, name: str) -> bool:
    """Tell whether a deposit was filled by something else than being received, or without tax."""
    return any(
        post.amount < 0 and (post.role, post.holder) == ("deposits", name)
        for e in model.entries.values()
        if not (e.undone or e.kind == "event_reversed" or e.fact.get("kind") == "prepayment")
        for post in e.posts
    )


def deposit_moved(model: Model, entry: Entry) -> None:
    """Carry a deposit to another booking; nothing is posted."""
    known = any(("deposit", entry.fact["deposit"]) in e.refers for e in model.entries.values())
    if not known and not entry.offline:
        raise Refused("deposit")
    if known and not deposit(model, entry.fact["deposit"])[0]:
        raise Unsure("an empty deposit")
    entry.refers.add(("deposit", entry.fact["deposit"]))


def _bookings(model: Model, name: str) -> str | None:
    """Return the booking that a deposit is for: where it was moved last, else received for."""
    moved = [
        e.fact["to_booking"] for e in model.standing(("deposit", name), kinds=("deposit_moved",))
    ]
    came = model.standing(("deposit", name), kinds=("deposit_received",))
    tied = [e.fact["booking"] for e in came if e.fact["deposit"] == name and "booking" in e.fact]
    return next(iter((moved or tied)[-1:]), None)


def ended(model: Model, entry: Entry) -> None:
    """End a booking: its deposits go as told, its unpaid invoices are voided."""
    fact, booking = entry.fact, entry.fact["booking"]
    usual = "keep" if entry.kind == "no_show_recorded" else "refund"
    how = fact.get("deposit", usual)
    if any(
        e.fact.get("deposit") == "move"
        for e in model.standing(kinds=("no_show_recorded", "booking_cancelled"))
    ):
        raise Unsure("deposits that an ending moved")
    if how == "move" and "to_booking" not in fact:
        raise Refused("where to")
    if any(
        e.fact.get("booking") == booking
        for e in model.standing(kinds=("invoice_issued", "invoice_revised"))
    ):
        raise Unsure("its invoices")
    if fact.get("tenders") and "fee" not in fact:
        raise Unsure("how deposits go back")
    if "fee" in fact:
        _charge(model, entry)
    names = {key[1] for key in model.sums if key[0] == "deposit" and key[2] == "paid"}
    mine = [n for n in sorted(names) if _bookings(model, n) == booking and deposit(model, n)[0]]
    if how != "move":
        for name in mine:
            _dispose(model, entry, name, how)
    entry.refers.add(("booking", booking))


def _charge(model: Model, entry: Entry) -> None:
    """Charge a fee: a taxed sale, on account where it is not paid."""
    fact, fee = entry.fact, entry.fact["fee"]
    due = entry.money(fee["amount"])
    entry.post("sales", -due, "fee")
    for tax in fee.get("taxes", ()):
        entry.post("sales_tax", -entry.money(tax["amount"]), tax["tax"])
        due += entry.money(tax["amount"])
    if not fact.get("tenders"):
        entry.post("receivable", due, fact["id"])
        entry.refers.add(("invoice", fact["id"]))
        return
    if sum(entry.money(tender["amount"]) for tender in fact["tenders"]) != due:
        raise Refused("tenders differ")
    tendered(model, entry, fact["tenders"], invoice=fact["id"])


def _dispose(model: Model, entry: Entry, name: str, how: str) -> None:
    amount = deposit(model, name)[0]
    if how == "keep":
        keep(model, entry, name, amount)
        return
    draw_deposits(model, entry, name, amount)
    if how == "refund":
        way_it_came(model, entry, name, amount)
        return
    came = list(model.standing(("deposit", name), kinds=("deposit_received",)))
    whose = [e.fact["customer"] for e in came if e.fact["deposit"] == name and "customer" in e.fact]
    customer = entry.fact.get("customer") or next(reversed(whose), None)
    if customer is None:
        raise Refused("whose credit")
    entry.post("store_credit", -amount, customer)


def voucher(fact: Json) -> str:
    """Return whose store credit a tender or a fact speaks of."""
    return str(fact.get("voucher") or fact.get("customer"))
