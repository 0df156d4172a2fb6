"""A book's settings and periods at random."""

from datetime import timedelta

from tests.stories.told import CATEGORIES, FIRST, ITEMS, METHODS, Json, Story


def configured(story: Story) -> Json:
    kind, fields = _definition(story)
    since = {"from": str(FIRST)} if story.one(0, 1) else {}
    return story.envelope(kind) | fields | since


def _definition(story: Story) -> tuple[str, Json]:
    found: tuple[str, Json] = story.one(
        ("method_defined", {"method": story.one(*METHODS), "kind": "card", "name": "Card"}),
        ("method_defined", {"method": "coins", "kind": "cash", "name": "Coins"}),
        (
            "item_defined",
            {
                "item": story.one(*ITEMS),
                "name": "Something",
                "category": story.one(*CATEGORIES),
                "stocked": story.one(*(False, True)),
            },
        ),
        (
            "account_defined",
            {
                "code": story.one("4001", "4002"),
                "role": "sales",
                "account_type": "income",
                "name": {"en": "More sales", "fr": "Autres ventes"},
            },
        ),
        ("tax_defined", {"tax": "LUX", "name": "Luxury", "rate": "10", "agency": "State"}),
        ("policy_set", {"policy": "blind_refunds", "value": story.one("accept", "list")}),
        ("policy_set", {"policy": "landed_cost", "value": story.one("expense", "inventory")}),
    )
    return found


def period_closed(story: Story) -> Json:
    """Close the books through a day before the story's, so that most facts go on."""
    through = story.day - timedelta(days=story.one(1, 1, 2, 0))
    return story.envelope("period_closed") | {"through": str(through)}


def period_reopened(story: Story) -> Json:
    closed = story.told_of("period_closed")
    return story.envelope("period_reopened") | {
        "through": closed["through"] if closed else str(FIRST)
    }


def backdated(story: Story) -> Json:
    """Tell of an earlier day, which may be closed by now."""
    day = FIRST - timedelta(days=story.one(0, 1, 40))
    amount = story.cents()
    fact = story.envelope("sale_completed") | {"business_date": str(day)}
    line = {"kind": "goods", "unit_price": story.text(amount), "category": story.one(*CATEGORIES)}
    return fact | {"lines": [line], "tenders": story.money(amount)}
