"""Sales and refunds at random."""

from hypothesis import strategies as st

from tests.stories.told import ITEMS, Json, Story


def sale(story: Story) -> Json:
    fact = story.envelope("sale_completed")
    inside = story.one(False, False, False, True)  # noqa: FBT003 - a choice, no switch
    lines = [story.line(inside=inside) for _ in range(story.one(1, 1, 2, 3))]
    total = sum(paid for _, paid in lines)
    tip = story.maybe(2, story.cents(900))
    fact |= {"lines": [line for line, _ in lines]}
    fact |= {"prices_include_tax": True} if inside else {}
    if tip:
        fact |= {"tip": story.text(tip)}
    if story.one(0, 0, 0, 1):
        rounding = story.draw(st.integers(-2, 2))
        paid = max(0, total + (tip or 0) + rounding)
        fact |= {"rounding": story.text(paid - total - (tip or 0))}
        fact |= {"tenders": [{"kind": "cash", "amount": story.text(paid)}]}
    else:
        total += tip or 0
        fact |= {"tenders": story.tenders(total, customer="customer" in fact)}
    _note_accounts(story, fact)
    story.sales.append(fact | {"total": sum(paid for _, paid in lines), "paid": lines})
    return fact


def _note_accounts(story: Story, fact: Json) -> None:
    """Remember what is owed, so that it can be paid."""
    for tender in fact["tenders"]:
        if tender["kind"] == "on_account":
            name = tender.get("invoice", fact["id"])
            amount = int(tender["amount"].replace(".", ""))
            story.invoices.append((name, fact.get("customer"), amount))


def visit(story: Story) -> Json:
    """Sell a service that uses of a package pay for, now and then with something beside it."""
    fact = story.envelope("sale_completed")
    package = story.one(*story.packages) if story.packages else "PK-0"
    lines: list[Json] = [{"kind": "service", "category": story.one("Massage", "Hats")}]
    lines += [{"kind": "service", "quantity": "2"}] if story.one(0, 0, 1) else []
    tenders: list[Json] = [{"kind": "package", "package": package, "uses": story.one(1, 1, 2)}]
    if story.one(0, 0, 1):
        line, paid = story.line(inside=False)
        lines, tenders = [*lines, line], [*tenders, *story.money(paid)]
    return fact | {"lines": lines, "tenders": tenders}


def refund(story: Story) -> Json:
    fact = story.envelope("refund_issued") | {"restock": story.one("no", "yes", "damaged")}
    if not story.sales or story.one(0, 0, 0, 0, 1):
        amount = story.cents()
        line = {"kind": "goods", "item": story.one(*ITEMS), "net": story.text(amount)}
        fact |= {"lines": [line]}
    else:
        sale = story.one(*story.sales)
        at = story.draw(st.integers(0, len(sale["lines"]) - 1))
        line, paid = sale["paid"][at]
        how = story.one("all", "line", "amount")
        amount = {"all": sale["total"], "line": paid, "amount": story.cents(max(1, sale["total"]))}[
            how
        ]
        fact |= {"sale": sale["id"]}
        if how == "line" and line["quantity"] != "1" and story.one(0, 1, 1):
            amount = _of_one(line, paid, inside="prices_include_tax" in sale)
            fact |= {"lines": [{"sale_line": at, "quantity": "1"}]}
        elif how == "line":
            fact |= {"lines": [{"sale_line": at}]}
        fact |= {"amount": story.text(amount)} if how == "amount" else {}
        if how == "all" and "tip" not in sale and "rounding" not in sale and story.one(0, 1, 1):
            return fact | {"tenders": sale["tenders"]}
    return fact | {"tenders": story.tenders(amount, customer="customer" in fact, back=True)}


def _of_one(line: Json, paid: int, *, inside: bool) -> int:
    """Return what one of several units comes to: its share of the net and of each tax, half up."""
    units, taxes = int(line["quantity"]), line.get("taxes", ())
    parts = [int(tax["amount"].replace(".", "")) for tax in taxes]
    if inside:
        return (2 * paid + units) // (2 * units)
    return sum((2 * part + units) // (2 * units) for part in (paid - sum(parts), *parts))
