"""One document at a time: whatever goes wrong on the way, it ends up there once."""

from collections.abc import Callable

import pytest

from ledger.database import snapshot, transaction
from ledger.errors import Conflict
from sync import store
from sync.connections import store as connections
from sync.lane import store as lane
from sync.mending import store as mending
from sync.outbox import Ended
from sync.protocol import Sent
from sync.settings import PRODUCTION, SECOND
from sync.status import store as status
from tests.sync.outside import Company, Fault, Outside
from tests.sync.scene import CASH, SALES, Scene, takings
from tests.sync.virtual import MIDNIGHT_US, VirtualLoop, run


def once(key: str, *faults: Fault) -> Callable[[str, str], Fault | None]:
    """Return a script: the pushes of *key* meet these faults one after another, then none."""
    left = list(faults)

    def fault(call: str, called: str) -> Fault | None:
        return left.pop(0) if call == "push" and called == key and left else None

    return fault


def test_documents_go_in_the_order_of_their_needs(scene: Scene) -> None:
    company = Company()
    scene.put(takings("S-2", needs=("rest:S-1",)), takings("S-1"), SALES, CASH)
    assert scene.states() == {
        "rest:S-2": "waiting",
        "rest:S-1": "waiting",
        "account:4000": "queued",
        "account:1000": "queued",
    }

    scene.drain(Outside(company))

    assert company.live() == dict.fromkeys(scene.states(), 1)
    assert set(scene.states().values()) == {"synced"}
    assert [key for _, key in company.calls][-2:] == ["rest:S-1", "rest:S-2"]


BREAKS: dict[str, tuple[Fault, ...]] = {
    "time-out before the commit": ("timeout-before",),
    "time-out after the commit": ("timeout-after",),
    "server error before the commit": ("5xx-before",),
    "server error after the commit": ("5xx-after",),
    "answer cut": ("cut",),
    "throttled": ("throttled", "throttled"),
    "down": ("down",) * 30,
    "arrives after it was given up": (("late", 90.0),),
    "everything in turn": ("down", "timeout-before", "throttled", "5xx-before", "timeout-after"),
}


@pytest.mark.parametrize("replays", [True, False], ids=["replaying", "forgetful"])
@pytest.mark.parametrize("name", BREAKS)
def test_a_document_arrives_once_whatever_breaks(scene: Scene, name: str, *, replays: bool) -> None:
    company = Company(replays=replays)
    scene.put(CASH, SALES, takings("S-1"))

    scene.drain(Outside(company, once("rest:S-1", *BREAKS[name])))

    assert company.live() == {"account:1000": 1, "account:4000": 1, "rest:S-1": 1}
    assert scene.document("rest:S-1").state == "synced"
    assert scene.document("rest:S-1").version == 1


def test_after_an_unknown_outcome_it_looks_before_it_sends(scene: Scene) -> None:
    company = Company()
    scene.put(CASH)

    took = scene.drain(Outside(company, once(CASH.key, "timeout-before")))

    assert [call for call, _ in company.calls] == ["push", "find", "push"]
    assert took >= PRODUCTION.quiesce
    assert scene.trail(CASH.key) == [
        ("send", ""),
        ("answer", "unknown"),
        ("look", ""),
        ("send", ""),
        ("answer", "done"),
    ]


def test_what_is_found_is_not_sent_again(scene: Scene) -> None:
    company = Company(replays=False)
    scene.put(CASH)

    scene.drain(Outside(company, once(CASH.key, "timeout-after")))

    assert [call for call, _ in company.calls] == ["push", "find"]
    assert scene.document(CASH.key).remote_id == "1"
    assert scene.trail(CASH.key)[-1] == ("answer", "found")


def test_a_journal_is_looked_for_before_every_further_send(scene: Scene) -> None:
    company = Company()
    scene.put(CASH, SALES, takings("S-1"))

    scene.drain(Outside(company, once("rest:S-1", "down")))

    journal = [call for call, key in company.calls if key == "rest:S-1"]
    assert journal == ["push", "find", "push"]


def test_a_refusal_waits_for_a_person_and_holds_back_what_needs_it(scene: Scene) -> None:
    company = Company()
    scene.put(CASH, SALES, takings("S-1"), takings("S-2"))

    scene.drain(Outside(company, once(SALES.key, "rejected")))

    assert company.live() == {"account:1000": 1}
    stopped = scene.document(SALES.key)
    assert (stopped.state, stopped.cause, stopped.subject) == (
        "needs_attention",
        "account-unmapped",
        "account:4000",
    )
    assert scene.states()["rest:S-1"] == scene.states()["rest:S-2"] == "waiting"
    with snapshot(scene.database) as connection:
        (cause,) = status.causes(connection, scene.book.id)
    assert (cause.documents, cause.waiting) == (1, 2)


def test_a_refused_document_goes_again_under_a_new_version(scene: Scene) -> None:
    company = Company()
    outside = Outside(company, once(SALES.key, "rejected"))
    scene.put(CASH, SALES, takings("S-1"))
    scene.drain(outside)

    with transaction(scene.database) as connection:
        count = mending.retry_cause(
            connection, scene.book.id, "account-unmapped", None, MIDNIGHT_US, 0
        )
    scene.drain(outside)

    assert count == 1
    assert scene.document(SALES.key).version == 2
    assert set(scene.states().values()) == {"synced"}


def test_a_refused_look_up_leaves_the_version_alone(scene: Scene) -> None:
    company = Company()
    left = ["timeout-after", "rejected"]
    outside = Outside(company, lambda _call, _key: left.pop(0) if left else None)
    scene.put(CASH)
    scene.drain(outside)
    assert scene.document(CASH.key).state == "needs_attention"

    with transaction(scene.database) as connection:
        again = mending.retry(connection, scene.book.id, CASH.key, MIDNIGHT_US, 0)
    assert again is not None
    assert (again.state, again.version) == ("unknown", 1)

    scene.drain(outside)
    assert company.live() == {CASH.key: 1}


def test_what_is_not_stuck_cannot_be_retried(scene: Scene) -> None:
    scene.put(CASH)
    with transaction(scene.database) as connection, pytest.raises(Conflict) as refused:
        mending.retry(connection, scene.book.id, CASH.key, MIDNIGHT_US, 0)
    assert refused.value.code == "document-not-retryable"
    assert refused.value.facts == {"key": CASH.key, "state": "queued"}


def test_a_document_that_needs_what_nobody_knows_says_so(scene: Scene) -> None:
    scene.put(CASH, SALES, takings("S-2", needs=("rest:S-0",)))
    lost = scene.document("rest:S-2")
    assert (lost.state, lost.cause, lost.subject) == ("needs_attention", "need-unknown", "rest:S-0")


def test_they_say_how_long_to_wait(scene: Scene) -> None:
    company = Company()
    scene.put(CASH)
    assert scene.drain(Outside(company, once(CASH.key, "throttled"))) >= 30


def test_a_dead_connection_stops_the_book(scene: Scene) -> None:
    company = Company()
    scene.put(CASH, SALES)

    scene.drain(Outside(company, once(CASH.key, "dead")))

    assert [key for _, key in company.calls] == [CASH.key]
    assert set(scene.states().values()) == {"paused"}
    with transaction(scene.database) as connection:
        connections.connect(connection, scene.book.id, "quickbooks", "realm-1", b"", MIDNIGHT_US)
    scene.drain(Outside(company))
    assert company.live() == {CASH.key: 1, SALES.key: 1}


def test_a_paused_book_sends_nothing(scene: Scene) -> None:
    company = Company()
    scene.put(CASH)
    with transaction(scene.database) as connection:
        connections.pause(connection, scene.book.id, "k-1", "stock-taking", MIDNIGHT_US)
    scene.drain(Outside(company))
    assert company.calls == []
    assert scene.states() == {CASH.key: "paused"}

    with transaction(scene.database) as connection:
        connections.resume(connection, scene.book.id)
    scene.drain(Outside(company))
    assert company.live() == {CASH.key: 1}


def test_a_stale_lease_changes_nothing(scene: Scene) -> None:
    scene.put(CASH)
    book, soon = scene.book.id, MIDNIGHT_US + SECOND
    with transaction(scene.database) as connection:
        lane.take_lane(connection, book, "worker-1", MIDNIGHT_US, soon)
        first = store.claim(connection, book, CASH.key, "worker-1", MIDNIGHT_US, soon)
    assert first is not None
    later = soon + SECOND
    with transaction(scene.database) as connection:
        lane.take_lane(connection, book, "worker-2", later, later + SECOND)
        assert [due.key for due in lane.due(connection, book, later, 0, 10)] == [CASH.key]
        second = store.claim(connection, book, CASH.key, "worker-2", later, later + SECOND)
    assert second is not None
    assert (second.look, second.token) == (True, first.token + 1)

    with transaction(scene.database) as connection:
        assert not store.renew(connection, first, "worker-1", later)
        ended = Ended(state="synced", outcome="done", sent=Sent("1"))
        assert not store.settle(connection, first, ended, later)
        assert store.claim(connection, book, CASH.key, "worker-1", later, later) is None
    assert scene.document(CASH.key).state == "sending"


def test_two_workers_bring_each_document_once(scene: Scene) -> None:
    company = Company(replays=False)
    scene.put(CASH, SALES, *(takings(f"S-{number}") for number in range(20)))

    async def main(loop: VirtualLoop) -> None:
        first = scene.worker(loop, Outside(company), owner="worker-1")
        second = scene.worker(loop, Outside(company), owner="worker-2")
        drains = [worker.drain([scene.book]) for worker in (first, second)]
        await drains[0]
        await drains[1]

    run(main)
    assert set(company.live().values()) == {1}
    assert len(company.live()) == 22
