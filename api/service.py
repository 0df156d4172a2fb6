"""What the routes work with: made once in `app.py`, found on the request."""

from collections.abc import Callable
from typing import Any

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from msgspec import Struct

from api.access import Keys
from api.board import Board
from api.doorbell import Doorbell
from api.gate import Gate
from api.settings import Settings
from api.standing import Stands
from api.watch import Watch
from ledger.database import Engine
from ledger.recorder import Recorder

Call = Request[Any, Any, Any]
"""A request, as a route gets it."""


class Service(Struct, frozen=True):
    """What the application is made of; the clock tells microseconds since 1970."""

    settings: Settings
    database: Engine
    recorder: Recorder
    keys: Keys
    clock: Callable[[], int]
    watch: Watch
    board: Board
    standing: Stands
    gate: Gate = msgspec.field(default_factory=Gate)
    bell: Doorbell = msgspec.field(default_factory=Doorbell)


def service_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Service:
    """Return what the application was made with."""
    service = connection.app.state["service"]
    assert isinstance(service, Service)
    return service
