"""Calls to QuickBooks, counted by how they ended, for the worker's monitor."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import httpx
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from api.metrics import resident_bytes

NO_ANSWER: Final = "no_answer"
_ENDS: Final = {401: "unauthorized", 403: "unauthorized", 429: "throttled"}


class CountingClient(httpx.AsyncClient):
    """A client that counts its calls; a call is counted once, when it ends."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.calls: Counter[str] = Counter()

    async def send(self, request: httpx.Request, **given: Any) -> httpx.Response:
        """Send a request and count how that ended."""
        try:
            answer = await super().send(request, **given)
        except httpx.TransportError:
            self.calls[NO_ANSWER] += 1
            raise
        self.calls[outcome_of(answer.status_code)] += 1
        return answer

    def collect(self) -> Iterator[Metric]:
        """Yield what a monitor wants to know of a worker."""
        calls = CounterMetricFamily(
            "daybook_quickbooks_calls", "Calls to QuickBooks, by outcome.", labels=["outcome"]
        )
        for outcome, times in sorted(self.calls.items()):
            calls.add_metric([outcome], times)
        yield calls
        memory = resident_bytes()
        if memory is not None:
            yield GaugeMetricFamily(
                "daybook_worker_resident_memory_bytes", "Memory of the process.", value=memory
            )


def outcome_of(status: int) -> str:
    """Return how a call ended, in a word."""
    if status in _ENDS:
        return _ENDS[status]
    return "failed" if status >= 500 else "refused" if status >= 400 else "done"
