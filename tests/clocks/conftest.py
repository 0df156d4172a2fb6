"""A plain sale, for tests that need many of them."""

from collections.abc import Callable
from typing import Any

import pytest

from ledger import codec
from ledger.events import Event


@pytest.fixture
def fact() -> Callable[..., Event]:
    """Return how a hat is sold for 45.99 in cash."""

    def sold(event_id: str, **changes: Any) -> Event:
        stated = {
            "type": "sale_completed",
            "id": event_id,
            "occurred_at": "2026-03-14T14:00:00-04:00",
            "register": "till-3",
            "lines": [
                {
                    "kind": "goods",
                    "category": "Hats",
                    "net": "40.00",
                    "taxes": [{"tax": "GST", "amount": "2.00"}, {"tax": "QST", "amount": "3.99"}],
                }
            ],
            "tenders": [{"kind": "cash", "amount": "45.99"}],
        }
        return codec.from_json(stated | changes)

    return sold
