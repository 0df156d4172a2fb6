"""Lines by category as they were posted, with the taxes that each category most likely bears."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from msgspec.structs import replace

from ledger.events.lines import Priced
from ledger.postings import Posting
from sync.documents import Line, Place
from sync.plan.desk import Desk, where
from sync.plan.tax_sets import Share, shares

GOODS: Final = ("sales", "shipping_income", "discounts", "sales_returns")
"""Roles of what is sold and comes back."""

DEALT: Final = (*GOODS, "forfeited_deposits", "bad_debt", "bad_debt_recovery")
"""Roles that stand as lines of a commercial document."""

SHIPPING: Final = "shipping"


def as_posted(
    postings: Sequence[Posting], side: int, stated: Iterable[Priced], day: date, desk: Desk
) -> Iterator[Line]:
    """Yield what was posted by category; *stated* lines tell which taxes the categories bear.

    *side* is the sign of what the goods post: -1 of a sale, 1 of what comes back. Of a line what
    the shop gives is positive in either case.
    """
    posted: dict[str, dict[Place, int]] = {}
    for posting in postings:
        if posting.role in DEALT:
            places = posted.setdefault(_category(posting), {})
            at = where(posting)
            places[at] = places.get(at, 0) + side * posting.at_home
    taxes = {code: side * tax for code, tax in taxes_on(postings, side).items()}
    found = shares(
        {category: sum(places.values()) for category, places in posted.items()},
        taxes,
        stated,
        {code: desk.settings.tax_rate(code, day) for code in taxes},
    )
    for category, places in posted.items():
        mine = [share for share in found if share.category == category]
        for line in _divided(category, places, mine, desk):
            yield replace(line, amount=-side * line.amount)


def taxes_on(postings: Iterable[Posting], side: int) -> dict[str, int]:
    """Return what is posted to each tax code on one side."""
    sums: dict[str, int] = {}
    for posting in postings:
        if posting.role == "sales_tax" and posting.amount * side > 0:
            sums[posting.holder] = sums.get(posting.holder, 0) + posting.amount
    return sums


def _category(posting: Posting) -> str:
    if posting.role in GOODS:
        return posting.holder or SHIPPING
    return posting.role


def _divided(
    category: str, places: Mapping[Place, int], found: Sequence[Share], desk: Desk
) -> Iterator[Line]:
    """Yield a category's lines: its shares on its main place, what else it has under the first."""
    main = max(places, key=lambda place: places[place])
    other = sum(places.values()) - places[main]
    for place in places:
        name = desk.names.item(place, category)
        for number, share in enumerate(found):
            amount = places[place] if place != main else share.amount - (0 if number else other)
            if place == main or number == 0:
                bearing = share.bearing
                yield Line(place, name, amount, "", bearing.codes, bearing.treatment)
