"""How an emulator runs: where its state lies, how long tokens live, how fast it may be called."""

import time
from collections.abc import Callable
from typing import Literal

from msgspec import Struct

Replay = Literal["atomic", "racy", "forgotten", "ignored", "refused"]
"""What becomes of a repeated `requestid`:

- atomic: the answer is kept with the document and repeated, whatever the body;
- racy: the answer is kept only `replay_seconds` later; a repetition before that is a new request;
- forgotten: the answer is kept, but for `replay_seconds` only;
- ignored: `requestid` has no meaning;
- refused: as atomic, but another body under the same id is a fault 600.
"""


class EmulatorSettings(Struct, frozen=True, kw_only=True):
    """All settings; the defaults are QuickBooks' own figures."""

    state: str | None = None
    """Path of the SQLite file; None keeps everything in memory."""
    public_url: str = "http://localhost:8090"
    """The address under which browsers and clients reach it, without a slash at the end."""
    client_id: str = "emulator-client"
    client_secret: str = "emulator-secret"  # noqa: S105 - the published key of a stand-in
    code_seconds: float = 600
    access_seconds: float = 3600
    refresh_seconds: float = 8_726_400
    rotate_after_seconds: float = 86_400
    """Age at which a refresh gives a new refresh token; 0 rotates at every refresh."""
    hard_expiry_seconds: float = 5 * 365 * 86_400
    per_minute: int = 500
    """Requests per realm and minute, batch items counted one by one."""
    per_second: int = 10
    batches_per_minute: int = 40
    xml_faults: bool = False
    """Whether the gateway answers 401 and 403 in XML."""
    latency_seconds: float = 0.0
    hold_seconds: float = 130.0
    """How long an answer that never comes keeps its connection."""
    replay: Replay = "atomic"
    replay_seconds: float = 0.0
    replay_errors: bool = True
    """Whether a repeated request id gets its first refusal again, too."""
    seed: int = 1
    """Seed of faults with a probability that state none of their own."""
    clock: Callable[[], float] = time.time
    """Seconds since 1970."""
