"""Sending prepared events through the API, and reading back what the ledger then holds."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Final

from msgspec import Struct

from api.client import Client, Unreachable, words_of
from api.online_retail.facts import METHOD
from api.online_retail.prepare import Prepared, batches
from api.online_retail.totals import CANCELLED, CLEARING, GIVEN_BACK, RECEIVED

CANCELLATIONS: Final = "OR-C"
"""How the ids of what cancellations become begin."""

BATCH_EVENTS: Final = 500
BATCH_BYTES: Final = 4_000_000


class NotRecorded(Exception):
    """The ledger refused an event: which one, the first row that it books, and why."""

    def __init__(self, event_id: str, row: int, reason: str) -> None:
        super().__init__(event_id, row, reason)
        self.event_id, self.row, self.reason = event_id, row, reason


class Progress(Struct, frozen=True):
    """How far the transfer is: rows of the file, and events recorded now or found there."""

    rows: int = 0
    recorded: int = 0
    repeated: int = 0


async def send(
    client: Client, prepared: Iterable[Prepared], told: Callable[[Progress], None]
) -> Progress:
    """Record every event, in order; what is there already is found there.

    A batch whose answer was lost is sent again: its ids make it the same. Raises NotRecorded,
    Refused or Unreachable.
    """
    done = Progress()
    for batch in batches(prepared, events=BATCH_EVENTS, size=BATCH_BYTES):
        results = await client.batch(b"\n".join(one.body for one in batch) + b"\n")
        if len(results) != len(batch):
            raise Unreachable(f"{len(results)} answers to {len(batch)} events")
        for one, result in zip(batch, results, strict=True):
            if result["status"] not in (200, 201):
                raise NotRecorded(one.event_id, one.row, words_of(result.get("problem", {})))
        repeated = sum(result["status"] == 200 for result in results)
        done = Progress(
            done.rows + sum(one.rows for one in batch),
            done.recorded + len(batch) - repeated,
            done.repeated + repeated,
        )
        told(done)
    return done


async def ledger_totals(client: Client) -> dict[str, int]:
    """Return the ledger's turnover by role in pence, income positive, and that of clearing."""
    found = dict.fromkeys((RECEIVED, GIVEN_BACK, CANCELLED), 0)
    async for account in client.listed("/v1/accounts"):
        role = account["role"]
        found[role] = found.get(role, 0) - _pence(account["balance"])
    query = {"holder": METHOD, "limit": "200"}
    async for posting in client.listed(f"/v1/accounts/{CLEARING}/postings", **query):
        debit, credit = _pence(posting["debit"]), _pence(posting["credit"])
        found[RECEIVED] += debit
        found[GIVEN_BACK] -= credit
        if posting["event"].startswith(CANCELLATIONS):
            found[CANCELLED] += debit - credit
    return found | {CLEARING: -found[CLEARING]}


def _pence(text: str) -> int:
    return int(Decimal(text).scaleb(2))
