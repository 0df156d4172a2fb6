"""How the sync keeps time, and where QuickBooks is; production by default, brisk for rehearsals."""

from typing import Final

from msgspec import Struct

SECOND: Final = 1_000_000
"""Microseconds in a second."""


class QuickBooksSettings(Struct, frozen=True, kw_only=True):
    """Where QuickBooks Online is and who this application is there."""

    api_url: str = "https://quickbooks.api.intuit.com"
    authorize_url: str = "https://appcenter.intuit.com/connect/oauth2"
    token_url: str = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"  # noqa: S105 - an address
    revoke_url: str = "https://developer.api.intuit.com/v2/oauth2/tokens/revoke"
    client_id: str = ""
    client_secret: str = ""
    redirect_uri: str = ""
    minor_version: int = 75

    def __repr__(self) -> str:
        return f"QuickBooksSettings(api_url={self.api_url!r}, client_id={self.client_id!r})"


class WorkerSettings(Struct, frozen=True, kw_only=True):
    """Waits of the worker, in seconds, over an injected clock.

    `quiesce` is longer than any request can be under way: only then is a look-up after an unknown
    outcome to be believed. A lease is renewed every `heartbeat`; nothing is put on the wire when
    less than `margin` of it is left. Back-off is full jitter, `backoff` to `backoff_most`, and
    longer where they ask for it, up to `asked_most`; an absent database is asked for again within
    `rest_most`. A day that got a late entry waits
    `late_grace` for more. The rates are one company's, and so is how many documents are under
    way `at_once`, each of which makes one call at a time.
    """

    lease: float = 120
    heartbeat: float = 30
    margin: float = 60
    quiesce: float = 300
    backoff: float = 1
    backoff_most: float = 900
    asked_most: float = 3600
    poll: float = 2
    rest_most: float = 30
    late_grace: float = 60
    calls_per_second: int = 8
    calls_per_minute: int = 450
    at_once: int = 8


PRODUCTION: Final = WorkerSettings()

BRISK: Final = WorkerSettings(
    lease=1,
    heartbeat=0.25,
    margin=0.25,
    quiesce=1,
    backoff=0.05,
    backoff_most=0.5,
    asked_most=1,
    poll=0.1,
    rest_most=0.5,
    late_grace=0,
    calls_per_second=1_000_000,
    calls_per_minute=1_000_000,
)
"""For the demonstration and tests, against an emulator that answers in milliseconds."""
