"""Goods at random: received, landed, returned, counted, moved, billed."""

from hypothesis import strategies as st

from tests.stories.told import ITEMS, Json, Story


def received(story: Story) -> Json:
    fact = story.envelope("goods_received")
    lines = [
        {
            "item": story.one(*ITEMS),
            "quantity": str(story.draw(st.integers(1, 20))),
            "unit_cost": story.text(story.cents(5_000)),
            "weight": "0.5",
        }
        for _ in range(story.one(1, 2, 3))
    ]
    tax = {"tax": next(iter(story.region.taxes)), "amount": story.text(story.cents(500))}
    extras = {
        "freight": story.maybe(3, story.text(story.cents(3_000))),
        "duty": story.maybe(2, story.text(story.cents(3_000))),
        "discount": story.maybe(2, story.text(story.cents(1_000))),
        "taxes": story.maybe(5, [tax]),
        "allocate_by": story.maybe(3, story.one("value", "quantity", "weight")),
        "bill": story.maybe(5, f"B-{len(story.told)}"),
    }
    fact |= {name: value for name, value in extras.items() if value is not None}
    story.receipts.append((f"G-{len(story.told)}", lines))
    return fact | {"receipt": f"G-{len(story.told)}", "vendor": "Lavoie", "lines": lines}


def adjusted(story: Story) -> Json:
    quantity = story.one(-3, -1, 1, 4)
    line = {"item": story.one(*ITEMS), "quantity": str(quantity)}
    line |= {"unit_cost": story.text(story.cents(3_000))} if story.one(0, 1) else {}
    return story.envelope("stock_adjusted") | {"lines": [line], "reason": "count"}


def landed_later(story: Story) -> Json:
    fact = story.envelope("landed_cost_added") | {"receipts": [_receipt(story)[0]]}
    fact |= {"vendor": "Roy"} | {story.one("freight", "duty"): story.text(story.cents(3_000))}
    fact |= {"bill": f"B-{len(story.told)}"} if story.one(0, 0, 1) else {}
    return fact | {"allocate_by": story.one("value", "quantity", "weight")}


def returned(story: Story) -> Json:
    receipt, lines = _receipt(story)
    line = story.one(*lines)
    fact = story.envelope("goods_returned") | {"vendor": "Lavoie"}
    fact |= {"receipt": receipt} if story.one(0, 1) else {}
    fact |= {"credit_note": f"CN-{len(story.told)}"} if story.one(0, 1) else {}
    back = {"item": line["item"], "quantity": story.one("1", "2"), "unit_cost": line["unit_cost"]}
    return fact | {"lines": [back]}


def counted(story: Story) -> Json:
    items = story.draw(st.lists(st.sampled_from(ITEMS), min_size=1, max_size=2, unique=True))
    lines = [{"item": item, "counted": str(story.draw(st.integers(0, 20)))} for item in items]
    return story.envelope("stock_counted") | {"lines": lines}


def carried(story: Story) -> Json:
    line = {"item": story.one(*ITEMS), "quantity": story.one("1", "3")}
    way = {"from_location": "laurier", "to_location": "plateau"}
    return story.envelope("stock_moved") | {"lines": [line]} | way


def billed(story: Story) -> Json:
    """Bill what was received, at that cost or another, or something else."""
    fact = story.envelope("bill_received") | {"bill": f"B-{len(story.told)}", "vendor": "Lavoie"}
    if story.one(0, 0, 1):
        line = {"account": "merchant_fees", "amount": story.text(story.cents(3_000))}
        return fact | {"lines": [line], "taxes": story.taxed(1_000)}
    fact |= {"receipts": [_receipt(story)[0]]}
    asked = {"account": "goods_received_not_billed", "amount": story.text(story.cents())}
    return fact | ({"lines": [asked]} if story.one(0, 1) else {})


def _receipt(story: Story) -> tuple[str, list[Json]]:
    """Return a receipt and its lines; one that never came where there is none."""
    nothing = ("G-0", [{"item": "HAT", "unit_cost": "10.00"}])
    return story.one(*story.receipts) if story.receipts else nothing
