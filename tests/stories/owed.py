"""Invoices, payments and bad debts at random."""

from tests.stories.told import BOOKINGS, Json, Story


def invoice_issued(story: Story) -> Json:
    fact = story.envelope("invoice_issued") | {"invoice": f"F-{len(story.told)}"}
    fact |= {"booking": story.one(*BOOKINGS)} if story.one(0, 1) else {}
    lines = _billed(story)
    story.invoices.append((fact["invoice"], fact.get("customer"), _due(lines)))
    return fact | {"lines": [line for line, _ in lines]}


def invoice_revised(story: Story) -> Json:
    name, _, _ = _owed(story)
    return story.envelope("invoice_revised") | {
        "invoice": name,
        "lines": [line for line, _ in _billed(story)],
    }


def invoice_voided(story: Story) -> Json:
    return story.envelope("invoice_voided") | {"invoice": _owed(story)[0]}


def payment_received(story: Story) -> Json:
    """Pay an invoice or two, all of it, a part, or more."""
    fact = story.envelope("payment_received") | {"payment": f"PAY-{len(story.told)}"}
    name, customer, due = _owed(story)
    applied = story.one(due, due, max(1, due // 2), due + 100)
    parts = [(name, applied)]
    if story.one(0, 0, 1):
        other, _, more = _owed(story)
        parts += [(other, more)] if other != name else []
    fact |= {"customer": customer} if customer and story.one(0, 1, 1) else {}
    amount = sum(part for _, part in parts) + story.one(0, 0, 0, 500)
    fact |= {"tenders": story.tenders(amount, customer="customer" in fact, back=True)}
    return fact | {"applied": [{"invoice": n, "amount": story.text(a)} for n, a in parts]}


def payment_bounced(story: Story) -> Json:
    paid = story.told_of("payment_received")
    fact = story.envelope("payment_bounced") | {"payment": paid["payment"] if paid else "PAY-X"}
    return fact | ({"fee": story.text(story.cents(2_000))} if story.one(0, 1) else {})


def written_off(story: Story) -> Json:
    name, _, due = _owed(story)
    fact = story.envelope("invoice_written_off") | {"invoice": name}
    return fact | ({"amount": story.text(max(1, due // 3))} if story.one(0, 0, 1) else {})


def recovered(story: Story) -> Json:
    lost = story.told_of("invoice_written_off")
    name = lost["invoice"] if lost else _owed(story)[0]
    amount = story.cents(3_000)
    fact = story.envelope("bad_debt_recovered") | {"invoice": name, "amount": story.text(amount)}
    return fact | {"tenders": story.money(amount)}


def _billed(story: Story) -> list[tuple[Json, int]]:
    return [story.line(inside=False) for _ in range(story.one(1, 1, 2))]


def _due(lines: list[tuple[Json, int]]) -> int:
    return sum(paid for _, paid in lines)


def _owed(story: Story) -> tuple[str, str | None, int]:
    """Return (number, customer, amount) of an invoice; of none where there is none."""
    return story.one(*story.invoices) if story.invoices else ("F-0", "C-1", 1_000)
