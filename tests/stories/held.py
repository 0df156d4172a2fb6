"""Deposits, bookings, gift cards, store credit and packages at random."""

from tests.stories.told import BOOKINGS, CARDS, DEPOSITS, VOUCHERS, Json, Story


def _other(tenders: list[Json], deposit: str) -> list[Json]:
    """Return tenders of which none is a deposit itself."""
    return [
        {"kind": "cheque", "amount": tender["amount"]}
        if tender.get("deposit") == deposit
        else tender
        for tender in tenders
    ]


def deposit_received(story: Story) -> Json:
    fact = story.envelope("deposit_received") | {"deposit": story.one(*DEPOSITS)}
    fact |= {"booking": story.one(*BOOKINGS)} if story.one(0, 1) else {}
    amount = story.cents()
    if fact["deposit"].startswith("P"):
        tax = {"tax": next(iter(story.region.taxes)), "amount": story.text(amount // 20)}
        fact |= {"kind": "prepayment", "taxes": [tax]}
    tenders = story.tenders(amount, customer="customer" in fact)
    return fact | {"amount": story.text(amount), "tenders": _other(tenders, fact["deposit"])}


def deposit_refunded(story: Story) -> Json:
    fact = story.envelope("deposit_refunded") | {"deposit": _deposit(story)}
    return fact | ({"amount": story.text(story.cents(5_000))} if story.one(0, 1) else {})


def store_credit(story: Story) -> Json:
    fact = story.envelope("store_credit_issued") | {"voucher": story.one(*VOUCHERS)}
    return fact | {"amount": story.text(story.cents()), "reason": "late delivery"}


def deposit_moved(story: Story) -> Json:
    fact = story.envelope("deposit_moved") | {"deposit": _deposit(story)}
    return fact | {"to_booking": story.one(*BOOKINGS)}


def deposit_forfeited(story: Story) -> Json:
    fact = story.envelope("deposit_forfeited") | {"deposit": _deposit(story)}
    fact |= {"amount": story.text(story.cents(5_000))} if story.one(0, 0, 1) else {}
    return fact | (
        {"taxes": story.one([], [next(iter(story.region.taxes))])} if story.one(0, 1) else {}
    )


def booking_ended(story: Story) -> Json:
    """Tell of a no-show or a cancellation; deposits go one of four ways, perhaps with a fee."""
    fact = story.envelope(story.one("no_show_recorded", "booking_cancelled"))
    fact |= {"booking": story.one(*BOOKINGS)}
    how = story.one(None, "keep", "refund", "store_credit", "move")
    fact |= {"deposit": how} if how else {}
    fact |= {"to_booking": story.one(*BOOKINGS)} if how == "move" else {}
    if story.one(0, 0, 1):
        amount = story.cents(5_000)
        taxes = story.taxed(amount)
        due = amount + sum(int(tax["amount"].replace(".", "")) for tax in taxes)
        fact |= {"fee": {"amount": story.text(amount), "taxes": taxes}}
        fact |= {"tenders": story.money(due)} if story.one(0, 1) else {}
        if "tenders" not in fact:
            story.invoices.append((fact["id"], fact.get("customer"), due))
    return fact


def card_given(story: Story) -> Json:
    fact = story.envelope("gift_card_issued_free") | {"gift_card": story.one(*CARDS)}
    return fact | {"amount": story.text(story.cents(5_000))}


def card_ended(story: Story) -> Json:
    """Tell of a card that lapses (with a reason or without), or whose rest is paid out."""
    fact = story.envelope(story.one("gift_card_expired", "gift_card_cashed_out"))
    fact |= {"gift_card": story.one(*CARDS), "amount": story.text(story.cents(600))}
    return fact | ({"override": "the holder is gone"} if story.one(0, 0, 1) else {})


def credit_expired(story: Story) -> Json:
    fact = story.envelope("store_credit_expired") | {"voucher": story.one(*VOUCHERS)}
    fact |= {"amount": story.text(story.cents(3_000)), "reason": "old"}
    return fact | ({"override": "the holder is gone"} if story.one(0, 1) else {})


def package_expired(story: Story) -> Json:
    package = story.one(*story.packages) if story.packages else "PK-0"
    fact = story.envelope("package_expired") | {"package": package}
    return fact | ({"override": "the holder is gone"} if story.one(0, 1) else {})


def _deposit(story: Story) -> str:
    """Return a deposit that was received; any where there is none."""
    received = story.told_of("deposit_received")
    return str(received["deposit"] if received else story.one(*DEPOSITS))


def drawn_on(story: Story) -> Json:
    """Sell a service that a part of a deposit pays for, or a card that was given away."""
    fact = story.envelope("sale_completed")
    amount = story.cents(2_000)
    line = {"kind": "service", "category": "Massage", "net": story.text(amount)}
    way: Json = story.one({"kind": "deposit", "deposit": _deposit(story)}, _card(story))
    return fact | {"lines": [line], "tenders": [way | {"amount": story.text(amount)}]}


def _card(story: Story) -> Json:
    given = story.told_of("gift_card_issued_free")
    return {"kind": "gift_card", "gift_card": given["gift_card"] if given else "GC-1"}
