"""What the routes work with: made once in `app.py`, found on the request."""

from collections.abc import Callable
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from msgspec import Struct

from api.access import Keys
from api.settings import Settings
from ledger.database import Engine
from ledger.recorder import Recorder

Call = Request[Any, Any, Any]
"""A request, as a route gets it."""


class Service(Struct, frozen=True):
    """Settings, database, recorder, keys, and the clock (microseconds since 1970)."""

    settings: Settings
    database: Engine
    recorder: Recorder
    keys: Keys
    clock: Callable[[], int]


def service_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Service:
    """Return what the application was made with."""
    service = connection.app.state["service"]
    assert isinstance(service, Service)
    return service
