"""Gift cards, store credit and packages in the model (`docs/accounting.md` 5.4 and 5.5)."""

from typing import Any

from tests.model.arithmetic import part
from tests.model.held import voucher
from tests.model.model import Entry, Json, Model, Refused, Unsure
from tests.model.shelf import MILLION


def credit_issued(_: Model, entry: Entry) -> None:
    """Store credit by hand."""
    amount = entry.money(entry.fact["amount"])
    entry.post("store_credit_expense", amount)
    entry.post("store_credit", -amount, voucher(entry.fact))


def lapsed(model: Model, entry: Entry) -> None:
    """Let stored value expire: not in Québec, unless a bookkeeper says why."""
    fact = entry.fact
    if model.region != "CA-QC":
        raise Unsure("another region's years")
    if "override" not in fact:
        raise Refused("forbidden")
    kind, holder = ("gift_card", fact.get("gift_card")) if "gift_card" in fact else ("", "")
    role = "gift_cards" if kind else "store_credit"
    amount = entry.money(fact["amount"])
    entry.post(role, amount, holder or voucher(fact))
    entry.post("gift_card_breakage" if kind else "store_credit_breakage", -amount)


def card_free(_: Model, entry: Entry) -> None:
    """Give a gift card for nothing."""
    amount = entry.money(entry.fact["amount"])
    entry.post("promotion_expense", amount)
    entry.post("gift_cards", -amount, entry.fact["gift_card"])


def cashed_out(model: Model, entry: Entry) -> None:
    """Pay out the little that is left of a card."""
    fact = entry.fact
    if fact.get("tenders") or entry.offline:
        raise Unsure("paid out another way, or by a till that cannot know what is left")
    amount = entry.money(fact["amount"])
    held = -model.held(entry, "gift_cards", fact["gift_card"])
    if held > 500 and "override" not in fact and model.region == "CA-QC":
        raise Refused("more than the law asks for")
    entry.post("gift_cards", amount, fact["gift_card"])
    entry.post("cash", -amount, model.drawer(fact))


def draw_package(model: Model, entry: Entry, tender: Json) -> int:
    """Draw uses of a package; return what they are worth."""
    name, uses = tender["package"], tender.get("uses", 1)
    key: tuple[Any, ...] = ("package", name)
    left = model.sums[*key, "uses"] + entry.marks[*key, "uses"]
    value = model.sums[*key, "value"] + entry.marks[*key, "value"]
    if uses > left:
        if entry.offline or any(line.get("package") == name for line in entry.fact["lines"]):
            raise Unsure("uses that it does not have")
        raise Refused("uses")
    each = part(model.sums[*key, "price"], 1, model.sums[*key, "sold"])
    worth = value if uses == left else min(value, uses * each)
    if "amount" in tender and entry.money(tender["amount"]) != worth:
        if entry.offline:
            raise Unsure("another value, offline")
        raise Refused("value")
    entry.post("packages", worth, name, uses * MILLION)
    entry.marks[*key, "uses"] -= uses
    entry.marks[*key, "value"] -= worth
    entry.refers.add(key)
    return worth


def package_expired(model: Model, entry: Entry) -> None:
    """Make what is left of a package income, where a bookkeeper says why."""
    name = entry.fact["package"]
    if not any(("package", name) in e.refers for e in model.entries.values()):
        if not entry.offline:
            raise Refused("package")
        if model.region != "CA-QC" or "override" in entry.fact:
            return
    if model.region == "CA-QC" and "override" not in entry.fact:
        raise Refused("forbidden")
    if model.region != "CA-QC":
        raise Unsure("another region's rule")
    uses, value = model.sums["package", name, "uses"], model.sums["package", name, "value"]
    if not uses:
        raise Unsure("nothing to expire, offline") if entry.offline else Refused("empty")
    entry.post("packages", value, name, uses * MILLION)
    entry.post("package_breakage", -value)
    entry.marks["package", name, "uses"] -= uses
    entry.marks["package", name, "value"] -= value
    entry.refers.add(("package", name))
