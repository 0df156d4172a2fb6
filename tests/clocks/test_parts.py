"""The log through an event is whole blocks and few events, some of them taken off again."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from ledger.blocks.store import BLOCK, FAN, size_of
from ledger.clocks.parts import EVENTS, Part, parts_through


def events_of(parts: list[Part]) -> Counter[int]:
    """Return how often each event counts."""
    found = Counter[int]()
    for part in parts:
        for seq in range(part.after + 1, part.through + 1):
            found[seq] += part.sign
    return Counter({seq: times for seq, times in found.items() if times})


@given(known=st.integers(0, 3 * BLOCK * FAN), later=st.integers(0, BLOCK * FAN), data=st.data())
def test_the_parts_are_every_event_once(known: int, later: int, data: st.DataObject) -> None:
    whole = (known + later) // BLOCK
    count = data.draw(st.integers(0, whole), label="blocks that are written already")
    written = [n for n in (count, count // FAN) if n]
    for over in (False, True):
        parts = parts_through(known, written, over=over)
        assert events_of(parts) == Counter(range(1, known + 1))
        for part in parts:
            assert over or part.sign == 1
            size = 1 if part.level == EVENTS else size_of(part.level)
            assert (part.after % size, part.through % size) == (0, 0)
            assert part.level == EVENTS or part.through <= written[part.level] * size


@given(known=st.integers(1, BLOCK * FAN**3))
def test_the_nearest_end_of_a_block_is_taken(known: int) -> None:
    written = [FAN ** (3 - level) for level in range(4)]
    parts = parts_through(known, written, over=True)
    for part in parts:
        if part.level == EVENTS:
            assert part.through - part.after <= BLOCK // 2
        elif part.level < 3:
            assert len(part.blocks) <= FAN // 2


def test_what_lies_behind_the_event_is_taken_off() -> None:
    assert parts_through(250, [4], over=True) == [Part(EVENTS, 250, 256, -1), Part(0, 0, 256)]
    assert parts_through(250, [4], over=False) == [Part(EVENTS, 0, 250)]
    assert parts_through(250, [], over=True) == [Part(EVENTS, 0, 250)]
    assert parts_through(0, [4], over=True) == []
