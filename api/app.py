"""The application: the only place that wires things together."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Final

import anyio.to_thread
from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.enums import HttpMethod
from litestar.routes import HTTPRoute

from api import (
    accounts,
    batch,
    changed,
    changes,
    completeness,
    configuration,
    customers,
    dictionary,
    events,
    exceptions,
    health,
    holders,
    items,
    metrics,
    openapi,
    preview,
    quickbooks,
    recording,
    reports,
    sessions,
    statements,
    sync,
    threads,
    viewer,
)
from api.access import Keys
from api.board import Board
from api.envelope import AccessLog, enveloped, request_ids
from api.express import Express
from api.problems import on_error
from api.service import Service
from api.settings import Settings
from api.standing import Stands
from api.watch import watch_of
from ledger.database import Engine
from ledger.recorder import Recorder, now_us

_ROUTES: Final = (
    recording.record_event,
    batch.record_batch,
    preview.preview_event,
    events.list_events,
    events.get_event,
    changes.list_changes,
    accounts.list_accounts,
    accounts.list_holders,
    accounts.list_postings,
    *changed.ROUTES,
    *reports.ROUTES,
    *statements.ROUTES,
    *configuration.ROUTES,
    customers.list_customers,
    customers.get_customer,
    customers.export_customer,
    customers.write_customer,
    customers.remove_customer,
    exceptions.list_exceptions,
    *holders.ROUTES,
    *items.ROUTES,
    *sessions.ROUTES,
    *threads.ROUTES,
    *completeness.ROUTES,
    *sync.ROUTES,
    *quickbooks.ROUTES,
    health.get_health,
    health.get_readiness,
    health.get_me,
    metrics.get_metrics,
    dictionary.get_problem,
    *viewer.ROUTES,
)
"""Every route."""

READERS: Final = 16
"""Threads that read at once: fewer than connections, so that recording always has one."""


def create_app(
    settings: Settings,
    database: Engine,
    recorder: Recorder,
    clock: Callable[[], int] = now_us,
    board: Board | None = None,
) -> Litestar:
    """Return the API over a database and a recorder; when it shuts down, so does the recorder."""
    keys = Keys(database, settings.peppers(), clock)
    watch, stands = watch_of(database), Stands(database)
    board, log = board or Board(), AccessLog()
    service = Service(settings, database, recorder, keys, clock, watch, board, stands)

    @asynccontextmanager
    async def recording_until_the_end(_: Litestar) -> AsyncIterator[None]:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(READERS, "reader"))
        recorder.open()
        telling = asyncio.create_task(board.keep_telling(lambda: metrics.told_of(service)))
        try:
            yield
        finally:
            telling.cancel()
            await anyio.to_thread.run_sync(recorder.close)
            log.flush()

    app = Litestar(
        route_handlers=[_joined()],
        state=State({"service": service}),
        exception_handlers={Exception: on_error},
        lifespan=[recording_until_the_end],
        openapi_config=openapi.config(),
        logging_config=None,
    )
    told, ids = log if settings.access_log else None, request_ids()
    app.state["express"] = Express(service, log=told, request_ids=ids)
    app.asgi_handler = enveloped(
        recording.straight(app.asgi_handler, service), log=told, request_ids=ids
    )
    return app


def _joined() -> Router:
    """Return every route, those of one path together.

    litestar gives a path its OPTIONS when its first method comes; it is made anew when the router
    is registered, and then knows all of them.
    """
    router = Router("/", route_handlers=_ROUTES)
    for route in router.routes:
        if isinstance(route, HTTPRoute):
            stated = [h for h in route.route_handlers if HttpMethod.OPTIONS not in h.http_methods]
            route.route_handlers = stated
    return router
