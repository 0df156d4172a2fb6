"""A shop step by step: whatever comes next, ledger and model are equal; looking changes nothing."""

from typing import Any, cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from ledger import codec
from ledger.errors import LedgerError
from ledger.events.base import Entry
from tests.ledger.memory import TILL, Memory
from tests.model.model import Model
from tests.model.second import Json, Second
from tests.strategies import QUEBEC, TELLERS, Story, Teller


class ShopAndModel(RuleBasedStateMachine):
    """A shop in Montréal: a fact of any kind at each step, by a bookkeeper or by a till."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger, self.second = Memory(), Second(Model())
        self.story: Story | None = None

    @rule(data=st.data(), teller=st.sampled_from(TELLERS))
    def happens(self, data: st.DataObject, teller: Teller) -> None:
        """Record a fact; the model says the same of it."""
        fact = self._next(data, teller)
        outcome: Entry | LedgerError
        try:
            outcome = self.ledger.record(codec.from_json(fact))
        except LedgerError as refusal:
            outcome = refusal
        self.second.agree(fact, outcome)

    @rule(data=st.data(), teller=st.sampled_from(TELLERS))
    def is_asked_about(self, data: st.DataObject, teller: Teller) -> None:
        """Preview a fact, which records nothing."""
        try:
            self.ledger.preview(codec.from_json(self._next(data, teller)))
        except LedgerError:
            return

    @rule(data=st.data(), teller=st.sampled_from(TELLERS))
    def is_told_by_a_till(self, data: st.DataObject, teller: Teller) -> None:
        """Let a till state a fact that only a bookkeeper may override, which is refused."""
        fact = self._next(data, teller) | {"override": "because"}
        with pytest.raises(LedgerError):
            self.ledger.record(codec.from_json(fact), TILL)

    @invariant()
    def balances_are_the_models(self) -> None:
        """Compare every balance."""
        kept = {key: amount for key, amount in self.ledger._balances.items() if amount}
        assert kept == self.second.balances()

    @invariant()
    def the_books_balance(self) -> None:
        """Add everything up."""
        assert sum(self.ledger._balances.values()) == 0

    def _next(self, data: st.DataObject, teller: Teller) -> Json:
        draw = cast("st.DrawFn", data.draw)
        if self.story is None:
            self.story = Story(draw, QUEBEC)
        self.story.draw = draw
        fact: dict[str, Any] = teller(self.story)
        self.story.told.append(fact)
        return fact


def test_a_shop_and_its_model_step_by_step() -> None:
    run_state_machine_as_test(
        ShopAndModel,
        settings=settings(
            max_examples=60,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
