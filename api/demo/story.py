"""A day of the boutique: what happens at two tills, in the web shop and in the office."""

from datetime import date
from random import Random
from typing import Final, Literal

from msgspec import Struct

from api.demo.scenes import afternoon, closing, midday, morning, opening
from api.demo.shop import ARTICLES, CUSTOMERS, FITTING, Event
from api.demo.till import Shop, line, shipping

Part = Literal["opening", "morning", "midday", "afternoon", "closing"]
PARTS: Final[tuple[Part, ...]] = ("opening", "morning", "midday", "afternoon", "closing")

ROUTINE_SALES: Final = {"morning": 45, "midday": 60, "afternoon": 45}
"""How many ordinary sales each part of the day has, besides its scenes."""


class Step(Struct, frozen=True):
    """Facts that are stated in one call; all of them or none when there are several."""

    events: tuple[Event, ...]
    by: Literal["pos", "bookkeeper"] = "pos"


def day_of_trade(day: date, run: str, seed: int = 1) -> dict[Part, list[Step]]:
    """Return a day's facts by part of the day; *run* begins every id, so that days do not meet."""
    rng = Random(seed)  # noqa: S311 - a story, not a secret
    shop = Shop(day, run)
    scenes = {
        "opening": opening,
        "morning": morning,
        "midday": midday,
        "afternoon": afternoon,
        "closing": closing,
    }
    return {
        part: _mixed(
            rng,
            [_step(*scene) for scene in scenes[part](shop)],
            [Step((_routine(shop, rng),)) for _ in range(ROUTINE_SALES.get(part, 0))],
        )
        for part in PARTS
    }


def _step(by: Literal["pos", "bookkeeper"], *events: Event) -> Step:
    return Step(events, by)


def _mixed(rng: Random, scenes: list[Step], routine: list[Step]) -> list[Step]:
    """Return both, shuffled into each other, each in its own order."""
    places = sorted(rng.sample(range(len(scenes) + len(routine)), len(scenes)))
    mixed, others = list[Step](), iter(routine)
    for at in range(len(scenes) + len(routine)):
        mixed.append(scenes.pop(0) if at in places else next(others))
    return mixed


def _routine(shop: Shop, rng: Random) -> Event:
    """Return an ordinary sale: one to three articles, paid by card or cash."""
    chosen = rng.sample(ARTICLES, rng.choice((1, 1, 1, 2, 2, 3)))
    lines = [line(article, rng.choice((1, 1, 1, 2))) for article in chosen]
    if rng.random() < 0.2:
        method = rng.choice(("visa", "mastercard"))
        return shop.web.sale([*lines, shipping(1200)], {"kind": "card", "method": method})
    if rng.random() < 0.15:
        lines[0] = line(chosen[0], 1, discount=chosen[0].price // 10)
    till = rng.choice(shop.tills)
    if rng.random() < 0.3:
        return till.sale(lines, {"kind": "cash"})
    card = {"kind": "card", "method": rng.choice(("visa", "mastercard", "interac", "interac"))}
    if rng.random() < 0.1:
        return till.sale([*lines, line(FITTING)], card, tip="5.00")
    if rng.random() < 0.1:
        customer = rng.choice(tuple(CUSTOMERS))
        return till.sale(lines, card, customer=customer)
    return till.sale(lines, card)
