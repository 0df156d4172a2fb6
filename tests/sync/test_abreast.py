"""Several documents of a company at a time: what depends on another waits, and nothing else."""

import asyncio
from collections.abc import Callable, Mapping
from itertools import pairwise
from random import Random
from typing import Any, TypeVar

import pytest

from ledger.database import snapshot
from sync.abreast import abreast, first_free
from sync.documents import AnyDocument, Email, Vendor, Void
from sync.lane import store as lane
from sync.outbox import Due, is_master, threads_of
from sync.protocol import Sent
from sync.settings import PRODUCTION
from sync.worker import Progress
from tests.sync.outside import Company, Fault, Outside
from tests.sync.scene import CASH, DAY, SALES, Scene, a_customer, takings
from tests.sync.test_delivery import once
from tests.sync.virtual import VirtualLoop, run

T = TypeVar("T")


class Far(Outside):
    """A line on which each call takes a while of its own, so that answers overtake each other."""

    def __init__(
        self,
        company: Company,
        fault: Callable[[str, str], Fault | None] = lambda _call, _key: None,
        seed: int = 1,
    ) -> None:
        super().__init__(company, fault)
        self.random = Random(seed)  # noqa: S311 - luck, not secrets
        self.under_way: dict[str, AnyDocument] = {}
        self.most = 0
        self.pairs: set[frozenset[str]] = set()
        self.began: list[tuple[float, str]] = []
        self.ended: list[str] = []

    async def push(self, document: AnyDocument, version: int, links: Mapping[str, Sent]) -> Sent:
        """Push, and note what is on the wire beside it."""
        self.pairs |= {frozenset((document.key, other)) for other in self.under_way}
        self.under_way[document.key] = document
        self.most = max(self.most, len(self.under_way))
        self.began.append((asyncio.get_running_loop().time(), document.key))
        try:
            await asyncio.sleep(self.random.uniform(0.1, 1.0))
            return await super().push(document, version, links)
        finally:
            del self.under_way[document.key]
            self.ended.append(document.key)

    def order(self, *keys: str) -> list[str]:
        """Return the keys among *keys* that began, in that order."""
        return [key for _, key in self.began if key in keys]


def test_independent_documents_are_on_the_wire_at_once(scene: Scene) -> None:
    far = Far(Company())
    scene.put(CASH, SALES, takings("S-1"), takings("S-2"))

    scene.drain(far)

    assert frozenset(("rest:S-1", "rest:S-2")) in far.pairs
    assert set(scene.states().values()) == {"synced"}


def test_no_more_than_so_many_at_once(scene: Scene) -> None:
    far = Far(Company(replays=False))
    scene.put(CASH, SALES, *(takings(f"S-{number}") for number in range(40)))

    scene.drain(far)

    assert far.most == PRODUCTION.at_once == 8
    assert far.company.live() == dict.fromkeys(scene.states(), 1)


def test_what_needs_another_waits_while_others_go(scene: Scene) -> None:
    far = Far(Company())
    scene.put(CASH, SALES, takings("S-1"), takings("S-2", needs=("rest:S-1",)), takings("S-3"))

    scene.drain(far)

    assert far.ended.index("rest:S-1") < [key for _, key in far.began].index("rest:S-2")
    assert frozenset(("rest:S-1", "rest:S-3")) in far.pairs


@pytest.mark.parametrize("seed", range(10))
def test_documents_of_a_thread_go_in_the_order_of_the_log(scene: Scene, seed: int) -> None:
    company, luck = Company(), Random(seed)  # noqa: S311 - luck, not secrets
    far = Far(company, seed=seed)
    people = [a_customer(reference) for reference in ("C-1", "C-2", None)]
    of: dict[str, list[str]] = {person.key: [] for person in people}
    documents = []
    for number in range(30):
        person = luck.choice(people)
        documents.append(takings(f"S-{number}", needs=(person.key,)))
        of[person.key].append(documents[-1].key)
    scene.put(CASH, SALES, *people, *documents)

    scene.drain(far)

    for key in ("customer:C-1", "customer:C-2"):
        assert far.order(*of[key]) == of[key]
        assert not any(pair <= set(of[key]) for pair in far.pairs)
    nobodys = set(of["customer:"])
    assert any(pair <= nobodys for pair in far.pairs), "the walk-in customer is many people"
    assert far.ended != [key for _, key in far.began], "answers overtook each other"
    assert company.live() == dict.fromkeys(scene.states(), 1)


def test_what_is_shared_is_created_one_after_another(scene: Scene) -> None:
    far = Far(Company())
    scene.put(CASH, SALES, *(a_customer(f"C-{number}") for number in range(5)))

    scene.drain(far)

    assert far.most == 1


def test_what_changes_one_document_goes_one_after_another() -> None:
    at = {"day": DAY, "currency": "CAD", "needs": ("sale:S-1",), "target": "sale:S-1"}
    void = Void(key="void:R-1:1", target_kind="Invoice", **at)  # type: ignore[arg-type]
    email = Email(key="email:S-1", customer="C-1", **at)  # type: ignore[arg-type]
    assert threads_of(void) == threads_of(email) == {"sale:S-1"}
    bare = takings("S-1", needs=("customer:", "vendor:Mill", "item:Hats"))
    assert threads_of(bare) == {"vendor:Mill"}
    vendor = Vendor(key="vendor:Mill", day=DAY, currency="CAD", name="Mill")
    assert threads_of(vendor) == threads_of(CASH) != frozenset()


def test_a_refused_document_holds_back_only_what_needs_it(scene: Scene) -> None:
    far = Far(Company(), once("rest:S-0", "rejected"))
    mine = a_customer("C-1")
    scene.put(CASH, SALES, mine, takings("S-0", needs=(mine.key,)))
    scene.put(takings("S-1", needs=(mine.key, "rest:S-0")), seq=2)
    scene.put(takings("S-2", needs=(mine.key,)), *(takings(f"T-{n}") for n in range(9)), seq=3)

    scene.drain(far)

    left = {key: state for key, state in scene.states().items() if state != "synced"}
    assert left == {"rest:S-0": "needs_attention", "rest:S-1": "waiting"}
    assert any("rest:S-0" in pair for pair in far.pairs), "it failed beside others"


def test_an_outage_that_meets_several_counts_once(scene: Scene) -> None:
    company = Company()
    scene.put(CASH, SALES)
    scene.drain(Outside(company))
    scene.put(*(takings(f"S-{number}") for number in range(30)), seq=2)
    far = Far(company, lambda _call, _key: "down")
    called: list[str] = []

    async def counted(function: Callable[..., T], /, *arguments: Any) -> T:
        called.append(function.__name__)
        return function(*arguments)

    async def main(loop: VirtualLoop) -> None:
        worker = scene.worker(loop, far, call=counted)
        await worker.round(scene.book)
        assert (len(far.began), failures(scene)) == (PRODUCTION.at_once, 1)
        assert called.count("_claim") == PRODUCTION.at_once, "nothing more was begun"
        assert await worker.courier.due(scene.book.id) == []
        await asyncio.sleep(10)
        await worker.round(scene.book)
        assert (len(far.began), failures(scene)) == (PRODUCTION.at_once + 1, 2)

    run(main)


def failures(scene: Scene) -> int:
    """Return how many attempts of the book have failed in a row."""
    with snapshot(scene.database) as connection:
        return lane.failures(connection, scene.book.id)


def test_what_arrives_beside_a_failure_does_not_end_the_back_off(scene: Scene) -> None:
    company = Company()
    scene.put(CASH, SALES)
    scene.drain(Outside(company))
    scene.put(*(takings(f"S-{number}") for number in range(30)), seq=2)
    far = Far(company, once("rest:S-0", "throttled"))

    scene.drain(far)

    times = [when for when, _ in far.began]
    refused = far.ended.index("rest:S-0")
    assert refused < PRODUCTION.at_once - 1, "others were still under way"
    before = sum(when < 30 for when in times)
    assert before == refused + PRODUCTION.at_once
    assert [key for when, key in far.began if when >= 30].count("rest:S-0") == 1
    assert failures(scene) == 0
    assert company.live() == dict.fromkeys(scene.states(), 1)


def test_the_longest_wait_that_is_asked_for_counts(scene: Scene) -> None:
    company = Company()
    scene.put(CASH, SALES)
    scene.drain(Outside(company))
    scene.put(*(takings(f"S-{number}") for number in range(30)), seq=2)
    left = ["throttled", *["down"] * (PRODUCTION.at_once - 1)]
    far = Far(company, lambda call, _key: left.pop(0) if call == "push" and left else None)

    scene.drain(far)

    times = [when for when, _ in far.began]
    assert sum(when < 30 for when in times) == PRODUCTION.at_once
    assert company.live() == dict.fromkeys(scene.states(), 1)


def test_after_a_failure_one_goes_ahead(scene: Scene) -> None:
    company = Company()
    scene.put(CASH, SALES, *(takings(f"S-{number}") for number in range(12)))
    left: list[Fault] = ["down"] * (PRODUCTION.at_once + 3)
    far = Far(company, lambda _call, key: left.pop() if "rest" in key and left else None)

    scene.drain(far)

    alone = [when for when, key in far.began if "rest" in key][PRODUCTION.at_once :][:4]
    assert all(later - when >= 0.1 for when, later in pairwise(alone))
    assert far.most == PRODUCTION.at_once
    assert company.live() == dict.fromkeys(scene.states(), 1)


def test_a_stop_lets_end_what_is_under_way(scene: Scene) -> None:
    far, stop = Far(Company()), asyncio.Event()
    scene.put(CASH, SALES, *(takings(f"S-{number}") for number in range(30)))

    def heard(progress: Progress) -> None:
        if progress.settled and far.ended[-1].startswith("rest:"):
            stop.set()

    async def main(loop: VirtualLoop) -> None:
        await scene.worker(loop, far).drain([scene.book], progress=heard, stop=stop)

    run(main)
    arrived = [key for key, state in scene.states().items() if state == "synced"]
    assert len(arrived) == 2 + PRODUCTION.at_once
    assert set(scene.states().values()) == {"synced", "queued"}


def test_a_failure_of_our_own_lets_the_others_end() -> None:
    ended: list[str] = []

    async def deliver(key: str) -> str:
        await asyncio.sleep(float(key))
        if key == "1":
            raise ConnectionError("the database is away")
        ended.append(key)
        return key

    async def main(_loop: VirtualLoop) -> None:
        due = [Due(key, frozenset()) for key in ("2", "1", "3", "4")]
        with pytest.raises(ConnectionError):
            await abreast(due, 3, deliver, lambda _key: True)

    run(main)
    assert ended == ["2", "3"]


def test_who_is_cancelled_leaves_nothing_under_way() -> None:
    ended: list[str] = []

    async def deliver(key: str) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(key)

    async def main(loop: VirtualLoop) -> None:
        due = [Due(key, frozenset()) for key in "abc"]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(abreast(due, 2, deliver, lambda _: True), 1)
        assert ended == ["a", "b"]
        assert loop.time() < 2

    run(main)


def test_nothing_overtakes_what_waits_before_it_on_its_thread() -> None:
    wire = [Due("x", frozenset("1"))]
    waiting = [Due("a", frozenset("12")), Due("b", frozenset("2")), Due("c", frozenset("3"))]
    found = first_free(waiting, wire)
    assert found is not None
    assert found.key == "c"
    assert first_free(waiting[:2], wire) is None
    assert not is_master(takings("S-1"))
