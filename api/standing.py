"""How far all books are, asked of the database no oftener than needed."""

import time
from threading import Lock
from typing import Final

from ledger.database import AWAY, Engine, snapshot
from sync.status.metrics.store import Standing, standing

AGAIN_SECONDS: Final = 10.0
"""How old an answer may be: many monitors cost the database no more than one."""


class Stands:
    """Remembers the last answer; None while the database is away."""

    def __init__(self, database: Engine, *, again_seconds: float = AGAIN_SECONDS) -> None:
        self._database, self._again = database, again_seconds
        self._lock = Lock()
        self._until = 0.0
        self._last: Standing | None = None

    def now(self) -> Standing | None:
        """Return how far all books are."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._last = self._ask()
                self._until = time.monotonic() + self._again
            return self._last

    def _ask(self) -> Standing | None:
        try:
            with snapshot(self._database) as connection:
                return standing(connection)
        except AWAY:
            return None
