"""From the log to documents: what is planned at once, what waits, and what is taken back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from ledger.database import Engine, snapshot, transaction
from ledger.store import to_us
from sync.intake.step import Terms, take_in, work_waits
from sync.lane.store import take_lane
from sync.reconcile import Reconciler
from sync.settings import SECOND
from sync.status import store as status
from sync.status.standing import Standing, standing_of
from sync.store import claim
from tests.builders import DAY, a_sale, closed, opened, policy, reversal
from tests.conftest import Shop
from tests.sync.outside import Company, Outside
from tests.sync.scene import Scene
from tests.sync.test_delivery import once
from tests.sync.virtual import MIDNIGHT_US, VirtualLoop, inline, run

TODAY = date.fromisoformat(DAY)
MASTERS = ("account:", "item:", "customer:", "vendor:")


class Counter:
    """A shop whose book is connected, and what its planning does."""

    def __init__(self, shop: Shop, scene: Scene) -> None:
        self.shop, self.scene = shop, scene
        self.company = Company()
        self.outside = Outside(self.company)

    def plan(self, terms: Terms) -> None:
        """Plan everything that is due."""
        with transaction(self.shop.database) as connection:
            while take_in(connection, self.shop.book, terms).more:
                pass

    def states(self) -> dict[str, str]:
        """Return the states of the documents, accounts, items and people left out."""
        states = self.scene.states()
        return {key: state for key, state in states.items() if not key.startswith(MASTERS)}

    def of(self, event_id: str) -> list[str]:
        """Return the keys of an event's documents."""
        with snapshot(self.shop.database) as connection:
            found = status.documents_by_event(connection, self.shop.book.id, [event_id])
            return [document.key for document in found.get(event_id, [])]

    def drain(self, through: date | None = None) -> None:
        """Plan and send everything that goes by itself."""

        async def main(loop: VirtualLoop) -> None:
            worker = self.scene.worker(loop, self.outside)
            await worker.drain([self.shop.book], through=through)

        run(main)

    def is_equal(self, day: date = TODAY) -> bool:
        """Tell whether both trial balances agree at the end of a day."""

        async def main(_loop: VirtualLoop) -> bool:
            reconciler = Reconciler(self.shop.database, self.shop.book, self.outside, inline)
            return (await reconciler.at(day)).equal

        return run(main)

    def standing(self, now_us: int) -> Standing:
        """Return where the sync stands."""
        with snapshot(self.shop.database) as connection:
            return standing_of(connection, self.shop.book, now_us)


@pytest.fixture
def counter(shop: Shop, database: Engine) -> Counter:
    return Counter(shop, Scene(database, shop.book))


NOW = Terms(now_us=0)
ASKED = Terms(now_us=0, through=TODAY)


def test_a_sale_is_planned_at_once_with_all_that_it_needs(counter: Counter) -> None:
    counter.shop.record(a_sale("S-1"))
    counter.plan(NOW)
    assert counter.of("S-1") == ["sale:S-1"]
    assert counter.states() == {"sale:S-1": "waiting"}
    assert "account:3100" in counter.scene.states(), "what each year's result is rolled into"

    counter.drain()
    assert counter.states() == {"sale:S-1": "synced"}
    assert counter.is_equal()


def test_planning_twice_is_planning_once(counter: Counter) -> None:
    counter.shop.record(a_sale("S-1"))
    counter.plan(NOW)
    before = counter.scene.states()
    counter.plan(NOW)
    assert counter.scene.states() == before


def test_two_who_plan_at_once_plan_each_entry_once(counter: Counter) -> None:
    for number in range(30):
        counter.shop.record(a_sale(f"S-{number}"))

    def plan(_number: int) -> None:
        with transaction(counter.shop.database) as connection:
            take_in(connection, counter.shop.book, NOW)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(plan, range(8)))
    assert counter.states() == {f"sale:S-{number}": "waiting" for number in range(30)}


def test_a_day_waits_until_it_is_over_and_its_grace(counter: Counter) -> None:
    counter.shop.record(policy("posting", "per_day"))
    entry = counter.shop.record(a_sale("S-1"))
    counter.plan(NOW)
    assert counter.of("S-1") == []
    (waiting,) = counter.standing(0).waiting
    assert (waiting.spot.name, waiting.entries) == (DAY, 1)

    over = counter.shop.book.day_ends(TODAY) + timedelta(hours=2)
    due_us = max(to_us(over), to_us(entry.recorded_at) + 60 * SECOND)
    with snapshot(counter.shop.database) as connection:
        book, late = counter.shop.book, 60 * SECOND
        assert not work_waits(connection, book, Terms(to_us(over) - 1, late_us=late))
        assert not work_waits(connection, book, Terms(due_us - 1, late_us=late))
        assert work_waits(connection, book, Terms(due_us, late_us=late))


def test_what_comes_late_makes_a_further_set(counter: Counter) -> None:
    counter.shop.record(policy("posting", "per_day"))
    counter.shop.record(a_sale("S-1"))
    counter.drain(through=TODAY)
    first = dict(counter.states())
    assert first == {f"day:{DAY}:-:1:sale": "synced"}

    counter.shop.record(a_sale("S-2"))
    counter.drain(through=TODAY)
    assert counter.states() == first | {f"day:{DAY}:-:2:sale": "synced"}
    assert counter.of("S-2") == [f"day:{DAY}:-:2:sale"]
    assert counter.is_equal()


def test_a_session_waits_until_it_is_closed(counter: Counter) -> None:
    counter.shop.record(policy("posting", "per_closure"))
    counter.shop.record(opened("Z-1"))
    counter.shop.record(a_sale("S-1", session="Z-1", register="till-3"))
    counter.plan(ASKED)
    assert counter.of("S-1") == []

    counter.shop.record(closed("Z-1", cash="200.00", card="45.99"))
    counter.drain()
    assert counter.of("S-1")
    assert set(counter.states().values()) == {"synced"}
    assert counter.is_equal()


def test_a_reversal_supersedes_what_was_never_sent(counter: Counter) -> None:
    counter.shop.record(a_sale("S-1"))
    counter.plan(NOW)
    counter.shop.record(reversal("S-1"))
    counter.plan(NOW)
    assert counter.states() == {"sale:S-1": "superseded"}
    assert counter.of("undo-S-1") == []

    counter.drain()
    assert "sale:S-1" not in counter.company.live()
    assert counter.is_equal()


def test_a_reversal_of_what_was_sent_is_sent_too(counter: Counter) -> None:
    counter.shop.record(a_sale("S-1"))
    counter.drain()
    counter.shop.record(reversal("S-1"))
    counter.drain()
    assert counter.states()["sale:S-1"] == "synced"
    assert counter.of("undo-S-1")
    assert set(counter.states().values()) == {"synced"}


def test_a_reversal_comes_too_late_for_what_is_on_its_way(counter: Counter) -> None:
    counter.shop.record(a_sale("S-0"))
    counter.drain()
    counter.shop.record(a_sale("S-1"))
    counter.plan(NOW)
    book_id, now = counter.shop.book.id, MIDNIGHT_US
    with transaction(counter.shop.database) as connection:
        take_lane(connection, book_id, "worker-1", now, now + SECOND)
        mine = claim(connection, book_id, "sale:S-1", "worker-1", now, now + SECOND)
    assert mine is not None

    counter.shop.record(reversal("S-1"))
    counter.plan(NOW)
    assert counter.states()["sale:S-1"] == "sending"
    assert counter.of("undo-S-1"), "what may have arrived has to be taken back there"
    counter.drain()
    assert set(counter.states().values()) == {"synced"}


def test_on_another_day_both_are_sent_so_that_the_days_between_agree(counter: Counter) -> None:
    counter.shop.record(a_sale("S-1"))
    counter.plan(NOW)
    later = TODAY + timedelta(days=2)
    counter.shop.record(reversal("S-1", on=later.isoformat(), business_date=later.isoformat()))
    counter.drain()
    assert counter.states()["sale:S-1"] == "synced"
    assert all(counter.is_equal(TODAY + timedelta(days=number)) for number in range(4))


def test_a_reversal_in_a_summary_joins_the_next_set(counter: Counter) -> None:
    counter.shop.record(policy("posting", "per_day"))
    counter.shop.record(a_sale("S-1"))
    counter.shop.record(a_sale("S-2"))
    counter.drain(through=TODAY)
    counter.shop.record(reversal("S-1"))
    counter.drain(through=TODAY)
    assert [key.partition(":refund")[0] for key in counter.of("undo-S-1")] == [f"day:{DAY}:-:2"]
    assert counter.is_equal()


def test_a_summary_undoes_what_it_took_in_whatever_the_policy_is_by_then(counter: Counter) -> None:
    """The morning goes by day; from noon on, sales go one by one, and one of the morning is undone.

    A journal by itself would undo the money, too, but no tax return reads it.
    """
    counter.shop.record(policy("posting", "per_day", from_=DAY))
    counter.shop.record(a_sale("S-1"))
    counter.shop.record(a_sale("S-2"))
    counter.plan(NOW)
    counter.shop.record(policy("posting", "per_transaction", id_="policy-2", from_=DAY))
    counter.shop.record(a_sale("S-3"))
    counter.shop.record(reversal("S-1"))
    counter.drain(through=TODAY)

    assert counter.of("undo-S-1") == counter.of("S-2") != []
    assert counter.of("S-3") == ["sale:S-3"]
    assert counter.is_equal()


def test_what_was_surely_refused_is_superseded_by_its_reversal(counter: Counter) -> None:
    counter.outside.fault = once("sale:S-1", "rejected")
    counter.shop.record(a_sale("S-1"))
    counter.drain()
    assert counter.states() == {"sale:S-1": "needs_attention"}

    counter.shop.record(reversal("S-1"))
    counter.drain()
    assert counter.states() == {"sale:S-1": "superseded"}
    assert counter.is_equal()


def test_it_is_in_step_through_the_day_before_what_is_open(counter: Counter) -> None:
    yesterday = TODAY - timedelta(days=1)
    counter.shop.record(a_sale("S-1", on=yesterday.isoformat()))
    counter.drain()
    counter.shop.record(a_sale("S-2"))
    noon = to_us(counter.shop.book.day_ends(TODAY)) - 12 * 3600 * SECOND

    standing = counter.standing(noon)
    assert (standing.in_step_through, standing.unplanned) == (yesterday, 1)
    counter.plan(NOW)
    standing = counter.standing(noon)
    assert (standing.in_step_through, standing.unplanned) == (yesterday, 0)
    counter.drain()
    assert counter.standing(noon).in_step_through == TODAY


def test_what_is_not_there_yet_explains_the_difference(counter: Counter) -> None:
    counter.shop.record(a_sale("S-1"))
    counter.drain()
    counter.shop.record(a_sale("S-2"))
    counter.plan(NOW)
    counter.shop.record(a_sale("S-3"))

    async def main(_loop: VirtualLoop) -> None:
        reconciler = Reconciler(counter.shop.database, counter.shop.book, counter.outside, inline)
        comparison = await reconciler.at(TODAY)
        assert not comparison.equal
        assert comparison.explained
        sales = next(row for row in comparison.rows if row.keys == ("account:4000",))
        assert (sales.ours, sales.theirs, sales.difference) == (-12000, -4000, -8000)
        assert [(r.kind, r.key, r.amount) for r in sales.reasons] == [
            ("document", "sale:S-2", -4000),
            ("entry", "S-3", -4000),
        ]
        arrivals = await reconciler.arrivals(TODAY, TODAY)
        assert (arrivals.there, arrivals.waiting, arrivals.whole) == (1, ("sale:S-2",), True)

    run(main)


def test_a_double_and_a_loss_are_named(counter: Counter) -> None:
    counter.shop.record(a_sale("S-1"))
    counter.shop.record(a_sale("S-2"))
    counter.drain()
    booked = {b.key: b for b in counter.company.booked}
    counter.company.booked.append(booked["sale:S-1"])
    counter.company.booked.remove(booked["sale:S-2"])

    async def main(_loop: VirtualLoop) -> None:
        reconciler = Reconciler(counter.shop.database, counter.shop.book, counter.outside, inline)
        arrivals = await reconciler.arrivals(TODAY, TODAY)
        assert (arrivals.doubled, arrivals.lost) == (("sale:S-1",), ("sale:S-2",))
        assert not arrivals.whole

    run(main)
