"""GET /metrics: what the service does and how far it is, for Prometheus.

Collected when it is asked for. It names no book, nobody and no secret. A call answers for all
processes of the service on this machine; what the database tells is of all machines.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from litestar import Response, get
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from api.access import open_to_all
from api.board import Told
from api.bodies import ROOM
from api.service import Call, Service, service_of
from ledger.figures import Figures, Histogram
from sync.status.metrics.store import Standing

TYPE: Final = "text/plain; version=0.0.4"
GAUGES: Final = {
    "queue_facts": "Facts that wait to be recorded.",
    "queue_oldest_seconds": "How long the fact has waited that waits longest.",
    "facts_under_way": "Single facts between their body and their answer.",
    "batches_under_way": "Calls with many facts that are being worked on.",
    "large_bodies_bytes": "Memory that large bodies take up.",
    "long_polls": "Callers who wait for news of a book.",
    "database_connections": "Connections to the database in use.",
    "resident_memory_bytes": "Memory of the process.",
}
"""What each process tells of itself, by name."""


@get(
    "/metrics",
    operation_id="getMetrics",
    tags=["Health"],
    summary="What a monitor wants to know",
    guards=[open_to_all],
    sync_to_thread=True,
    opt={"answer": None, "text": "text/plain"},
)
def get_metrics(request: Call) -> Response[bytes]:
    """Answer counts, waits and lags in Prometheus' text form; no names, no amounts."""
    return Response(as_text(collected(service_of(request))), media_type=TYPE)


class _Given:
    """A collector of what was collected."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def as_text(metrics: Iterable[Metric]) -> bytes:
    """Return metrics in Prometheus' text form."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Given(list(metrics)))
    return generate_latest(registry)


def collected(service: Service) -> Iterator[Metric]:
    """Yield everything that is known."""
    mine = told_of(service)
    told = [mine, *service.board.others()]
    figures = mine.figures
    for other in told[1:]:
        figures = figures.plus(other.figures)
    yield from _counted(figures)
    for name, meaning in GAUGES.items():
        gauge = GaugeMetricFamily(f"daybook_{name}", meaning, labels=["process"])
        for one in told:
            if name in one.gauges:
                gauge.add_metric([str(one.place)], one.gauges[name])
        yield gauge
    yield from _stood(service.standing.now())


def told_of(service: Service) -> Told:
    """Return what this process has to tell of itself."""
    recorder, gate = service.recorder, service.gate
    queue = recorder.queue
    gauges: dict[str, float] = {
        "queue_facts": queue.facts,
        "queue_oldest_seconds": queue.oldest_seconds,
        "facts_under_way": gate.facts,
        "batches_under_way": gate.batches,
        "large_bodies_bytes": ROOM.held,
        "long_polls": service.watch.waiting,
        "database_connections": service.database.pool.checkedout(),  # type: ignore[attr-defined] # a queue's
    }
    memory = resident_bytes()
    if memory is not None:
        gauges["resident_memory_bytes"] = memory
    figures = service.board.before.plus(recorder.figures)
    for code, times in tuple(gate.refused.items()):
        figures.turn_away(code, times)
    return Told(service.board.place, time.time(), figures, gauges)


def resident_bytes() -> int | None:
    """Return the memory of this process, where the system tells (Linux)."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    return None


def _counted(figures: Figures) -> Iterator[Metric]:
    for name, meaning, count in (
        ("accepted", "Facts that were queued to be recorded.", figures.accepted),
        ("recorded", "Facts that were recorded.", figures.recorded),
        ("repeated", "Facts that were recorded before.", figures.repeated),
    ):
        yield CounterMetricFamily(f"daybook_facts_{name}", meaning, value=count)
    refused = CounterMetricFamily(
        "daybook_facts_refused", "Facts that were refused, by code.", labels=["code"]
    )
    for code, count in sorted(figures.refused.items()):
        refused.add_metric([code], count)
    yield refused
    yield _histogram("daybook_batch_facts", "Facts that were decided together.", figures.batches)
    yield _histogram(
        "daybook_commit_seconds", "How long writing a batch took, commit included.", figures.commits
    )


def _histogram(name: str, meaning: str, of: Histogram) -> Metric:
    buckets, below = list[tuple[str, float]](), 0
    for bound, count in zip((*of.bounds, float("inf")), of.counts, strict=True):
        below += count
        buckets.append(("+Inf" if bound == float("inf") else str(bound), below))
    return HistogramMetricFamily(name, meaning, buckets=buckets, sum_value=of.sum)


def _stood(found: Standing | None) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "daybook_database_up", "Whether the database answers.", value=found is not None
    )
    if found is None:
        return
    oldest = found.oldest_open_us
    for name, meaning, value in (
        ("books", "Books that are kept.", found.books),
        ("log_facts", "Facts in all logs.", found.facts),
        ("planner_lag_facts_most", "Facts of the worst book not planned yet.", found.behind_most),
        ("planner_lag_facts", "Facts of connected books not planned yet.", found.behind_all),
        ("unsealed_facts_most", "Facts of a book that stand in no block yet.", found.unsealed),
        ("books_paused", "Books whose deliveries are paused.", found.paused),
        (
            "documents_oldest_open_seconds",
            "Age of the oldest document that is not over there.",
            time.time() - oldest / 1e6 if oldest else 0,
        ),
    ):
        yield GaugeMetricFamily(f"daybook_{name}", meaning, value=value)
    yield _by_state("daybook_documents", "Documents, by state.", found.documents)
    yield _by_state("daybook_connections", "Connected companies, by state.", found.connections)


def _by_state(name: str, meaning: str, counts: dict[str, int]) -> Metric:
    gauge = GaugeMetricFamily(name, meaning, labels=["state"])
    for state, count in sorted(counts.items()):
        gauge.add_metric([state], count)
    return gauge
