"""Shops at random: sequences of facts of every kind, of which nearly all are right.

`histories(region, least, most)` gives JSON, in the order in which a shop states it;
`events` gives them decoded. They refer to one another (refunds to sales, draws to cards, closings
to sessions, reversals to anything), so some are refused: whoever records them lets a refusal pass.
What can happen stands in `tests.stories`.
"""

from collections.abc import Callable, Iterator
from typing import Final

from hypothesis import strategies as st

from ledger import codec
from ledger.events import Event
from tests.stories import held, money, owed, settings, stock, trade
from tests.stories.told import ENGLAND, FIRST, QUEBEC, Json, Region, Story

__all__ = [
    "ENGLAND",
    "FIRST",
    "QUEBEC",
    "TELLERS",
    "Json",
    "Region",
    "Story",
    "Teller",
    "events",
    "histories",
]

Teller = Callable[[Story], Json]

_USUAL: Final[dict[Teller, int]] = {
    trade.sale: 12,
    trade.refund: 5,
    money.taken_back: 3,
    settings.configured: 2,
}
"""What happens in any shop, and how often."""

_HELD: Final = {
    trade.visit: 2,
    held.deposit_received: 3,
    held.drawn_on: 3,
    held.deposit_refunded: 1,
    held.deposit_moved: 1,
    held.deposit_forfeited: 2,
    held.booking_ended: 2,
    held.store_credit: 1,
    held.card_given: 2,
    held.card_ended: 1,
    held.credit_expired: 1,
    held.package_expired: 1,
}
_OWED: Final = {
    owed.invoice_issued: 3,
    owed.invoice_revised: 1,
    owed.invoice_voided: 1,
    owed.payment_received: 4,
    owed.payment_bounced: 1,
    owed.written_off: 1,
    owed.recovered: 1,
    held.booking_ended: 1,
    money.journal: 1,
}
_TILL: Final = {
    money.opened: 2,
    money.moved: 1,
    money.closed: 2,
    money.tips_paid_out: 1,
    money.payout: 1,
    money.dispute_opened: 1,
    money.dispute_ended: 2,
    money.journal: 1,
    money.exception_cleared: 1,
    settings.period_closed: 1,
    settings.period_reopened: 1,
    settings.backdated: 1,
}
_STOCK: Final = {
    stock.received: 4,
    stock.adjusted: 1,
    stock.landed_later: 2,
    stock.returned: 1,
    stock.counted: 1,
    stock.carried: 1,
    stock.billed: 2,
}


def _themes() -> Iterator[list[Teller]]:
    """Yield what a history is drawn from: everything, or one subject beside what is usual."""
    subjects = (_HELD, _OWED, _TILL, _STOCK)
    for theme in ({k: n for subject in subjects for k, n in subject.items()}, *subjects):
        weights = _USUAL | theme
        yield [teller for teller, weight in weights.items() for _ in range(weight)]


_THEMES: Final = list(_themes())

TELLERS: Final = list(dict.fromkeys(_THEMES[0]))
"""Everything that can happen, each once: `teller(story)` tells of it."""


@st.composite
def histories(
    draw: st.DrawFn,
    region: Region = QUEBEC,
    least: int = 1,
    most: int = 25,
    *,
    foreign: bool = False,
) -> list[Json]:
    """Return facts as JSON, in the order in which they are stated.

    *foreign*: some in US dollars, at a stated rate.
    """
    story = Story(draw, region, foreign=foreign)
    tellers = draw(st.sampled_from(_THEMES))
    for _ in range(draw(st.integers(least, most))):
        story.told.append(draw(st.sampled_from(tellers))(story))
    return story.told


def events(
    least: int = 1, most: int = 25, region: Region = QUEBEC, *, foreign: bool = False
) -> st.SearchStrategy[list[Event]]:
    """Return facts decoded, in the order in which they are stated."""
    told = histories(region, least, most, foreign=foreign)
    return told.map(lambda facts: [codec.from_json(fact) for fact in facts])
