"""What is decided before it is stored: commands that wait to be sent, and those under way."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, field

from ledger.desk import Answer
from ledger.growth.rows import Grown
from ledger.queue import Outcome, Waiting
from ledger.state import State


class NotAhead(Exception):
    """What was decided ahead stands on something that was not stored."""


class Decided(Struct, frozen=True):
    """Commands that were decided and not sent yet, with the books they go into."""

    batch: list[Waiting] = field(default_factory=list)
    outcomes: list[list[Outcome]] = field(default_factory=list)
    states: dict[int, State] = field(default_factory=dict)

    def add(
        self,
        batch: Iterable[Waiting],
        outcomes: Iterable[list[Outcome]],
        states: Mapping[int, State],
    ) -> None:
        """Add commands that were decided behind these."""
        self.batch.extend(batch)
        self.outcomes.extend(outcomes)
        self.states.update(states)

    @property
    def facts(self) -> int:
        """Return how many facts these are."""
        return sum(map(len, self.outcomes))

    @property
    def since(self) -> float | None:
        """Return since when the one that came first waits, if any does."""
        return self.batch[0].since if self.batch else None


class UnderWay(Struct, frozen=True):
    """What was decided and sent to the store, whose answer is not awaited yet."""

    decided: Decided
    grown: Sequence[Grown]
    answer: Answer
    began: float


def growth(states: Mapping[int, State]) -> list[Grown]:
    """Return what each book grew by that grew since this was asked last."""
    return [grown for grown in (state.grown() for state in states.values()) if grown.entries]
