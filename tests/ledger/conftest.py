"""A book in memory for each test of the pure core."""

import pytest

from tests.ledger.memory import LONDON, Memory


@pytest.fixture
def ledger() -> Memory:
    """Return the empty book of a shop in Montréal."""
    return Memory()


@pytest.fixture
def london() -> Memory:
    """Return the empty book of a shop in London."""
    return Memory(LONDON)
