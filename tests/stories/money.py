"""Drawers, journals, settlements and reversals at random."""

from hypothesis import strategies as st

from tests.stories.told import METHODS, REGISTERS, SESSIONS, Json, Story


def opened(story: Story) -> Json:
    fact = story.envelope("register_opened")
    fact |= {"session": story.one(*SESSIONS), "register": story.one(*REGISTERS)}
    return fact | {"float": story.text(story.cents(least=0))}


def moved(story: Story) -> Json:
    fact = story.envelope("cash_moved") | {"amount": story.text(story.cents())}
    way: Json = story.one(
        {"kind": "drop"},
        {"kind": "bank"},
        {"kind": "paid_in", "account": "opening_balance"},
        {"kind": "paid_out", "account": "tips", "holder": "Ana"},
        {"kind": "paid_out", "account": "payable", "vendor": "Lavoie"},
    )
    return fact | way


def closed(story: Story) -> Json:
    fact = story.envelope("register_closed") | {"session": story.one(*SESSIONS)}
    methods = story.draw(st.lists(st.sampled_from(["cash", "coins", *METHODS]), unique=True))
    counted = [{"method": m, "amount": story.text(story.cents(least=0))} for m in methods]
    return fact | {"counted": counted}


def journal(story: Story) -> Json:
    amount = story.text(story.cents())
    debit = story.one(
        {"account": "merchant_fees"},
        {"account": "receivable", "holder": "I-1", "customer": "C-1"},
        {"account": "tax_recoverable", "holder": next(iter(story.region.taxes))},
    )
    credit = story.one(
        {"account": "bank"},
        {"account": "clearing", "holder": "visa"},
        {"account": "payable", "holder": "B-0", "vendor": "Lavoie"},
        {"account": "opening_balance"},
    )
    lines = [debit | {"debit": amount}, credit | {"credit": amount}]
    return story.envelope("journal_posted") | {"lines": lines, "reason": "month end"}


def taken_back(story: Story) -> Json:
    """Reverse something, in half of the cases one of the first things that were told."""
    original = story.one(*story.told[:3]) if story.told and story.one(0, 1) else story.told_of()
    reverses = original["id"] if original else "E-0"
    return story.envelope("event_reversed") | {"reverses": reverses, "reason": "mistake"}


def tips_paid_out(story: Story) -> Json:
    amount = story.cents(2_000)
    fact = story.envelope("tips_paid_out") | {"staff": story.one("Ana", "unassigned")}
    return fact | {"amount": story.text(amount), "tenders": story.money(amount)}


def payout(story: Story) -> Json:
    gross = story.cents(50_000)
    fact = story.envelope("payout_settled") | {"method": story.one(*METHODS)}
    fact |= {"gross": story.text(gross), "fees": story.text(gross // 33)}
    reserve = {"account": "cash_in_transit", "amount": f"-{story.text(story.cents(2_000))}"}
    kept = [reserve | {"reason": "reserve"}]
    return fact | ({"adjustments": kept} if story.one(0, 0, 1) else {})


def dispute_opened(story: Story) -> Json:
    fact = story.envelope("dispute_opened") | {"dispute": f"DP-{len(story.told)}"}
    fact |= {"amount": story.text(story.cents())}
    fact |= {"fee": story.text(1_500)} if story.one(0, 1) else {}
    if story.sales and story.one(0, 1):
        return fact | {"sale": story.one(*story.sales)["id"]}
    return fact | {"method": story.one(*METHODS)}


def dispute_ended(story: Story) -> Json:
    opened_ = story.told_of("dispute_opened")
    kind, field = story.one(("dispute_won", "fee_returned"), ("dispute_lost", "fee"))
    fact = story.envelope(kind) | {"dispute": opened_["dispute"] if opened_ else "DP-X"}
    return fact | ({field: story.text(1_500)} if story.one(0, 0, 1) else {})


def exception_cleared(story: Story) -> Json:
    """Clear what a sale left in suspense for an unknown method, or a thing only to be seen."""
    found = [
        (sale["id"], tender["amount"])
        for sale in story.sales
        for tender in sale["tenders"]
        if tender.get("method") == "moonpay"
    ]
    fact = story.envelope("exception_cleared") | {"reason": "looked into"}
    if not found or story.one(0, 0, 1):
        about = story.told_of()
        return fact | {"exception": f"{about['id'] if about else 'E-0'}:0"}
    name, amount = story.one(*found)
    lines = [{"account": "clearing", "holder": "visa", "debit": amount}]
    return fact | {"exception": f"{name}:0", "lines": lines}
