"""An outside bookkeeping system that fits in one's head: a list of documents, and a bad line."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from msgspec import Struct

from sync.documents import AnyDocument, account_key
from sync.outbox import is_master
from sync.protocol import Failure, Marked, Rejected, Sent, Unavailable, Unknown


class Booked(Struct, frozen=True):
    """What stands in the company's books."""

    key: str
    version: int
    remote_id: str
    document: AnyDocument


Fault = str | tuple[str, float]
"""A word, or `late` with the seconds after which a request that was given up still arrives."""


BEFORE: Final[dict[Fault, Failure]] = {
    "down": Unavailable("unreachable"),
    "throttled": Unavailable("throttled", after_seconds=30),
    "dead": Unavailable("connection-dead"),
    "rejected": Rejected("account-unmapped", subject="account:4000", detail="none such"),
    "timeout-before": Unknown("timeout"),
    "5xx-before": Unknown("server-error", status=500),
}
"""What is answered without an effect."""


class Company:
    """The books over there. `replays`: a request id that was seen gets its first answer again."""

    def __init__(self, *, replays: bool = True) -> None:
        self.replays = replays
        self.booked: list[Booked] = []
        self.requests: dict[str, Sent] = {}
        self.calls: list[tuple[str, str]] = []

    def create(self, document: AnyDocument, version: int, request_id: str) -> Sent:
        """Book a document, as often as it is asked for under another request id."""
        if self.replays and request_id in self.requests:
            return self.requests[request_id]
        remote_id = str(len(self.booked) + 1)
        self.booked.append(Booked(document.key, version, remote_id, document))
        self.requests[request_id] = Sent(remote_id, trace=f"t-{remote_id}")
        return self.requests[request_id]

    def live(self) -> dict[str, int]:
        """Return how many documents there are of each key."""
        keys = [booked.key for booked in self.booked]
        return {key: keys.count(key) for key in keys}


class Outside:
    """The line to a company: *fault* says what goes wrong with a call to push or find a key."""

    def __init__(
        self, company: Company, fault: Callable[[str, str], Fault | None] = lambda _call, _key: None
    ) -> None:
        self.company, self.fault = company, fault
        self.timeout = 60.0

    def request_id(self, document: AnyDocument, version: int) -> str:
        """Return the same name for every attempt of a version."""
        return f"{document.key}/v{version}"

    async def push(self, document: AnyDocument, version: int, links: Mapping[str, Sent]) -> Sent:
        """Create a document, unless the line is down."""
        assert set(links) == set(document.needs), "sent before what it needs"
        self.company.calls.append(("push", document.key))
        return await self._push(document, version, self.fault("push", document.key))

    async def _push(self, document: AnyDocument, version: int, fault: Fault | None) -> Sent:
        name = self.request_id(document, version)
        if isinstance(fault, tuple):
            loop = asyncio.get_running_loop()
            loop.call_later(fault[1], self.company.create, document, version, name)
            await asyncio.sleep(self.timeout)
            raise Unknown("timeout")
        if fault in ("slow", "timeout-before"):
            await asyncio.sleep(self.timeout - 1)
        if fault in BEFORE:
            raise BEFORE[fault]
        sent = self.company.create(document, version, name)
        if fault == "timeout-after":
            await asyncio.sleep(self.timeout)
            raise Unknown("timeout")
        if fault in ("5xx-after", "cut"):
            raise Unknown(fault, status=502)
        if fault == "bug":
            raise KeyError(document.key)
        return sent

    async def find(
        self, document: AnyDocument, version: int, links: Mapping[str, Sent]
    ) -> Sent | None:
        """Look for a document by its key, unless the line is down."""
        self.company.calls.append(("find", document.key))
        fault = self.fault("find", document.key)
        await asyncio.sleep(0.2)
        if fault in ("down", "dead", "throttled"):
            raise Unavailable("connection-dead" if fault == "dead" else "unreachable")
        if fault == "rejected":
            raise Rejected("query-refused")
        found = [booked for booked in self.company.booked if booked.key == document.key]
        return Sent(found[0].remote_id) if found else None

    async def trial_balance(self, through: date) -> dict[str, int]:
        """Return the balances that the booked documents make, by remote id of the accounts."""
        accounts = {b.key: b.remote_id for b in self.company.booked if is_master(b.document)}
        sums: dict[str, int] = {}
        for booked in self.company.booked:
            if booked.document.day > through:
                continue
            for effect in booked.document.effects():
                account = accounts[account_key(effect.place)]
                sums[account] = sums.get(account, 0) + effect.amount
        return sums

    async def marked(self, since: date, through: date) -> list[Marked]:
        """Return what is booked of these days, masters aside."""
        return [
            Marked(b.key, b.version, type(b.document).__name__, b.remote_id, b.document.day)
            for b in self.company.booked
            if not is_master(b.document) and since <= b.document.day <= through
        ]
