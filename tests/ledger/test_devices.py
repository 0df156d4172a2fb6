"""The gapless counters of tills: runs, holes, and numbers that come twice."""

from hypothesis import given
from hypothesis import strategies as st

from ledger.devices import Run, Runs
from ledger.postings import Caveat
from tests.builders import a_sale, fact_json, hat
from tests.ledger.memory import Memory
from tests.ledger.refusals import undecodable


def test_what_is_between_runs_is_missing() -> None:
    runs = Runs([])
    for number in (1, 2, 5, 9, 8):
        runs.add(number, day=20260310 + number)
    assert runs.runs == [
        Run(1, 2, 20260311, 20260312),
        Run(5, 5, 20260315, 20260315),
        Run(8, 9, 20260318, 20260319),
    ]
    assert runs.holes() == [Run(3, 4, 20260312, 20260315), Run(6, 7, 20260315, 20260318)]
    assert 5 in runs
    assert 4 not in runs


@given(st.lists(st.integers(0, 40), max_size=60), st.integers(1, 60))
def test_runs_are_what_was_received_in_any_order(numbers: list[int], write_after: int) -> None:
    """What is written between, piece by piece, is the runs too."""
    runs, stored = Runs([]), dict[int, int]()
    for count, number in enumerate(numbers, 1):
        runs.add(number, 20260314)
        if count % write_after == 0 or count == len(numbers):
            put, gone = runs.changed()
            for first in gone:
                stored.pop(first, None)
            stored |= {run.first: run.last for run in put}
    assert {n for run in runs.runs for n in range(run.first, run.last + 1)} == set(numbers)
    assert all(a.last + 1 < b.first for a, b in zip(runs.runs, runs.runs[1:], strict=False))
    assert stored == {run.first: run.last for run in runs.runs}


def test_a_number_given_twice_is_an_exception(ledger: Memory) -> None:
    counted = {"device": "till-3", "epoch": 1, "seq": 7}
    for field in ("epoch", "seq"):
        beyond = {"device": "till-3", "epoch": 1, "seq": 7} | {field: 2**53}
        json = fact_json("sale_completed", "S-0", lines=[hat()], device_seq=beyond)
        assert undecodable(json) == {f"/device_seq/{field}": "not-a-whole-number"}
    again = Caveat("device-number-again", "till-3:1:7")
    assert again not in ledger.record(a_sale("S-1", device_seq=counted)).caveats
    assert again in ledger.record(a_sale("S-2", device_seq=counted)).caveats
    other_epoch = ledger.record(a_sale("S-3", device_seq=counted | {"epoch": 2}))
    assert "device-number-again" not in {caveat.cause for caveat in other_epoch.caveats}
