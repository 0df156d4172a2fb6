"""What is asked of an outside bookkeeping system, and the three ways in which it can fail.

Unavailable   surely nothing happened there: try again later
Rejected      surely refused: a person, or a changed setting, must act
Unknown       anything else: look before sending again
"""

from collections.abc import Mapping
from datetime import date
from typing import Protocol

from msgspec import Struct

from sync.documents import AnyDocument


class Sent(Struct, frozen=True):
    """What stands over there: their id, the version to change it by, and their trace of the call.

    `tax_difference` is by how much (minor units) their tax exceeds ours, where they insist on it.
    `differences` says by how much their accounts then end off ours, debit positive: the tax, and
    against it the rounding, or the side the document ends on where no rounding line could be.
    """

    remote_id: str
    sync_token: str = "0"  # noqa: S105 - a version counter, no secret
    trace: str = ""
    tax_difference: int = 0
    differences: tuple[tuple[str, int], ...] = ()


class Failure(Exception):
    """How a call ended without its effect; `trace` is their id of the call, `status` HTTP's."""

    def __init__(self, cause: str, *, detail: str = "", trace: str = "", status: int = 0) -> None:
        super().__init__(cause, detail)
        self.cause, self.detail, self.trace, self.status = cause, detail, trace, status


class Unavailable(Failure):
    """Surely nothing happened there. `after_seconds` is how long to wait, where they say so.

    The cause "connection-dead" means that nothing goes on before somebody reconnects.
    """

    def __init__(
        self,
        cause: str,
        *,
        detail: str = "",
        trace: str = "",
        status: int = 0,
        after_seconds: float | None = None,
    ) -> None:
        super().__init__(cause, detail=detail, trace=trace, status=status)
        self.after_seconds = after_seconds


class Rejected(Failure):
    """Surely refused. `cause` keys the catalogue; `subject` is what to mend: an account, a name."""

    def __init__(
        self, cause: str, *, subject: str = "", detail: str = "", trace: str = "", status: int = 0
    ) -> None:
        super().__init__(cause, detail=detail, trace=trace, status=status)
        self.subject = subject


class Unknown(Failure):
    """It may have happened: a time-out, a cut answer, any 5xx."""


class Marked(Struct, frozen=True):
    """Something over there that bears our mark. Two with one key are a double."""

    key: str
    version: int
    kind: str
    remote_id: str
    day: date


class Target(Protocol):
    """An outside bookkeeping system, for one book."""

    def request_id(self, document: AnyDocument, version: int) -> str:
        """Return the name under which a push goes out, for the record of the attempt."""

    async def push(self, document: AnyDocument, version: int, links: Mapping[str, Sent]) -> Sent:
        """Create *document* there, once per (key, version), whatever is repeated.

        *links* holds what stands there for each key in `needs`. Raises Unavailable, Rejected or
        Unknown. Anything else is a bug.
        """

    async def find(
        self, document: AnyDocument, version: int, links: Mapping[str, Sent]
    ) -> Sent | None:
        """Return what an earlier push of *document* left behind; None when nothing is there.

        Finishes what that push had begun. Raises Unavailable when it cannot look.
        """

    async def trial_balance(self, through: date) -> dict[str, int]:
        """Return balances by their account id at a day's end, minor units, debit positive.

        Income and expense of earlier fiscal years are in their retained earnings.
        """

    async def marked(self, since: date, through: date) -> list[Marked]:
        """Return every transaction of these days that bears our mark."""
