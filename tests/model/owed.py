"""What customers owe, in the model: invoices, payments, bad debts (5.6)."""

from tests.model.arithmetic import part
from tests.model.held import tendered
from tests.model.model import Entry, Model, Refused, Unsure
from tests.model.trade import Line, cost_of_sold

SAYS = ("invoice_issued", "invoice_revised")


def _document(model: Model, name: str) -> Entry | None:
    """Return the entry that says what an invoice is for: the last that stands."""
    return next(reversed(list(model.standing(("invoice", name), kinds=SAYS))), None)


def _is_voided(model: Model, name: str) -> bool:
    return any(model.standing(("invoice", name), kinds=("invoice_voided",)))


def issued(model: Model, entry: Entry) -> None:
    """Issue an invoice; its number is used once."""
    fact, name = entry.fact, entry.fact["invoice"]
    if any(("invoice", name) in e.refers for e in model.entries.values()):
        if any(model.standing(("invoice", name), kinds=("invoice_issued",))):
            raise Refused("number")
        raise Unsure("a number that something else had")
    if any(line.get("kind") == "package" for line in fact["lines"]):
        raise Unsure("a package on account")
    lines = [Line(model, entry, line) for line in fact["lines"]]
    entry.post("receivable", sum(line.total for line in lines), name)
    for line in lines:
        line.sell(entry)
    cost_of_sold(model, entry, lines)
    entry.refers.add(("invoice", name))


def _changeable(model: Model, entry: Entry) -> Entry:
    name = entry.fact["invoice"]
    document = _document(model, name)
    if document is None:
        charged = any(("invoice", name) in e.refers for e in model.entries.values())
        if entry.offline or charged:
            raise Unsure("no invoice of its own")
        raise Refused("invoice")
    if _is_voided(model, name):
        raise Refused("voided")
    if any(model.standing(("invoice", name), kinds=("invoice_written_off",))):
        raise Refused("written off")
    return document


def revised(model: Model, entry: Entry) -> None:
    """Post the difference to other lines, account by account; what is overpaid is credit."""
    name = entry.fact["invoice"]
    document = _changeable(model, entry)
    if any(line.get("kind") == "package" for line in entry.fact["lines"]):
        raise Unsure("a package on account")
    lines = [Line(model, entry, line) for line in entry.fact["lines"]]
    if any(line.item for line in (*lines, *document.lines)):
        raise Unsure("goods that come and go")
    new = Entry(entry.fact, entry.currency, entry.day)
    for line in lines:
        line.sell(new)
    was: dict[tuple[str, str], int] = {}
    for e in model.standing(("invoice", name), kinds=SAYS):
        for post in e.posts:
            if post.role != "receivable" and not post.holder.startswith("receivable:"):
                was[post.role, post.holder] = was.get((post.role, post.holder), 0) - post.amount
    for post in new.posts:
        was[post.role, post.holder] = was.get((post.role, post.holder), 0) + post.amount
    for (role, holder), amount in was.items():
        entry.post(role, amount, holder)
    more = -sum(was.values())
    beyond = max(0, -(model.held(entry, "receivable", name) + more))
    entry.post("receivable", more + beyond, name)
    _owe(model, entry, name, beyond)
    entry.refers.add(("invoice", name))
    entry.lines = lines


def _owe(model: Model, entry: Entry, name: str, amount: int) -> None:
    """Credit the customer with what was paid too much."""
    documents = model.standing(("invoice", name), kinds=SAYS)
    customers = [e.fact["customer"] for e in documents if "customer" in e.fact]
    customer = entry.fact.get("customer") or (customers[-1] if customers else None)
    if amount and customer is None:
        raise Unsure("nobody to owe it to")
    entry.post("receivable", -amount, f"credit:{customer}")


def voided(model: Model, entry: Entry) -> None:
    """Take an invoice back; what was paid becomes the customer's credit."""
    name, document = entry.fact["invoice"], _changeable(model, entry)
    if any(line.item for line in document.lines) or _has_goods(model, name):
        raise Unsure("goods that come back")
    total = 0
    for e in model.standing(("invoice", name), kinds=SAYS):
        for post in e.posts:
            if post.role != "receivable" and not post.holder.startswith("receivable:"):
                entry.post(post.role, -post.amount, post.holder)
                total -= post.amount
    settled = min(total, max(0, model.held(entry, "receivable", name)))
    entry.post("receivable", -settled, name)
    _owe(model, entry, name, total - settled)
    entry.refers.add(("invoice", name))


def _has_goods(model: Model, name: str) -> bool:
    documents = model.standing(("invoice", name), kinds=SAYS)
    return any(post.role == "inventory" for e in documents for post in e.posts)


def paid(model: Model, entry: Entry) -> None:
    """Settle invoices; the rest is the customer's credit."""
    fact = entry.fact
    if any(model.standing(("payment", fact["payment"]), kinds=("payment_received",))):
        raise Refused("known")
    given = sum(entry.money(t["amount"]) for t in fact["tenders"])
    applied = [(p["invoice"], entry.money(p["amount"])) for p in fact["applied"]]
    rounding = entry.money(fact.get("rounding"))
    for name, _ in applied:
        charged = any(
            e for e in model.standing(("invoice", name)) if e.moved("receivable", name) > 0
        )
        if not charged and not model.held(entry, "receivable", name):
            raise Unsure("paid offline") if entry.offline else Refused("invoice")
        if _is_voided(model, name):
            raise Unsure("paid offline") if entry.offline else Refused("voided")
    rest = given - rounding - sum(amount for _, amount in applied)
    if rest < 0:
        raise Refused("applied too much")
    if rest and "customer" not in fact:
        raise Unsure("whose credit it is")
    tendered(model, entry, fact["tenders"], invoice=fact["id"])
    for name, amount in applied:
        entry.post("receivable", -amount, name)
        entry.refers.add(("invoice", name))
    entry.post("receivable", -rest, f"credit:{fact.get('customer')}")
    entry.post("cash_rounding", -rounding)
    entry.refers.add(("payment", fact["payment"]))


def bounced(model: Model, entry: Entry) -> None:
    """Take a payment back, and the bank's fee with it."""
    fact = entry.fact
    payments = list(model.standing(("payment", fact["payment"]), kinds=("payment_received",)))
    if not payments:
        if entry.offline:
            raise Unsure("a payment that nobody knows")
        raise Refused("payment")
    if any(model.standing(("payment", fact["payment"]), kinds=("payment_bounced",))):
        raise Refused("bounced")
    if len(payments[0].fact["tenders"]) > 1 or payments[0].fact.get("session"):
        raise Unsure("several tenders")
    for part_ in payments[0].fact["applied"]:
        name = part_["invoice"]
        revised_ = any(model.standing(("invoice", name), kinds=("invoice_revised",)))
        if revised_ or _is_voided(model, name):
            raise Unsure("its invoice is another by now")
    for post in payments[0].posts:
        entry.post(post.role, -post.amount, post.holder)
    fee = entry.money(fact.get("fee"))
    entry.post("merchant_fees", fee)
    money = [p for p in payments[0].posts if p.role in ("clearing", "cash", "suspense")]
    if fee and (not money or any(p.role == "suspense" for p in money)):
        raise Unsure("where the fee is taken")
    entry.post(money[0].role if money else "bank", -fee, money[0].holder if money else "main")
    entry.refers |= {("payment", fact["payment"])}
    entry.refers |= {("invoice", p["invoice"]) for p in payments[0].fact["applied"]}


def written_off(model: Model, entry: Entry) -> None:
    """Give up what will not be paid: a loss, and its share of the taxes back."""
    fact, name = entry.fact, entry.fact["invoice"]
    if _document(model, name) is None:
        raise Unsure("an invoice of a sale")
    if _is_voided(model, name):
        raise Refused("voided")
    if any(model.standing(("invoice", name), kinds=("invoice_written_off", "refund_issued"))):
        raise Unsure("the rest of a bad debt, or partly given back")
    open_ = model.held(entry, "receivable", name)
    amount = entry.money(fact["amount"]) if "amount" in fact else open_
    if amount > open_ or not amount:
        raise Refused("more than is open") if not entry.offline else Unsure("offline")
    taxes, billed = _billed(model, name)
    shares = {code: part(tax, amount, billed) for code, tax in taxes.items()}
    entry.post("bad_debt", amount - sum(shares.values()))
    for code, tax in shares.items():
        entry.post("sales_tax", tax, code)
    entry.post("receivable", -amount, name)
    entry.refers.add(("invoice", name))


def _billed(model: Model, name: str) -> tuple[dict[str, int], int]:
    """Return the taxes of an invoice and its revisions, and what they come to with all else."""
    taxes, billed = dict[str, int](), 0
    for e in model.standing(("invoice", name), kinds=SAYS):
        for post in e.posts:
            if post.role in ("receivable", "cost_of_goods", "inventory"):
                continue
            billed -= post.amount if not post.holder.startswith("receivable:") else 0
            if post.role == "sales_tax":
                taxes[post.holder] = taxes.get(post.holder, 0) - post.amount
    return taxes, billed


def recovered(model: Model, entry: Entry) -> None:
    """Recover what was given up: its share of what was lost, and of the taxes."""
    fact, name = entry.fact, entry.fact["invoice"]
    losses = list(model.standing(("invoice", name), kinds=("invoice_written_off",)))
    if not losses and not entry.offline:
        raise Refused("nothing was lost")
    if len(losses) != 1 or any(model.standing(("invoice", name), kinds=("bad_debt_recovered",))):
        raise Unsure("which loss it is of")
    amount = entry.money(fact["amount"])
    if sum(entry.money(t["amount"]) for t in fact["tenders"]) != amount:
        raise Refused("tenders differ")
    lost = -losses[0].moved("receivable", name)
    if amount > lost:
        raise Unsure("more than was lost")
    taxes = {p.holder: p.amount for p in losses[0].posts if p.role == "sales_tax"}
    shares = {code: part(tax, amount, lost) for code, tax in taxes.items()}
    tendered(model, entry, fact["tenders"], invoice=fact["id"])
    for code, tax in shares.items():
        entry.post("sales_tax", -tax, code)
    entry.post("bad_debt_recovery", sum(shares.values()) - amount)
    entry.refers.add(("invoice", name))
