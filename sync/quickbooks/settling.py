"""What was written is brought to the till's amounts: the taxes, else the total by a rounding line.

    taxed otherwise -> an update with the till's taxes -> still so -> an update with a rounding line

Each step looks at what stands there, so that one who comes back after a crash goes on with it. An
update that is refused leaves the document as it is, and the difference is told.
"""

import asyncio
from collections.abc import Callable
from functools import partial

from sync.protocol import Rejected, Sent, Unavailable, Unknown
from sync.quickbooks.answers import Row, is_void, sent, taxes_differ
from sync.quickbooks.api import Api
from sync.quickbooks.faults import REPEATED_ID, STALE, Refusal
from sync.quickbooks.marker import request_id
from sync.quickbooks.masters import push_master
from sync.quickbooks.reading import Lists
from sync.quickbooks.rest import Asked, Rest, may_round, told, with_our_tax, with_rounding
from sync.quickbooks.rounding import RoundingOf
from sync.quickbooks.terms import Payload


class Settling:
    """Settles the documents of one company; `rounding` names the account and item of a rest."""

    def __init__(self, api: Api, lists: Lists, rounding: RoundingOf) -> None:
        self._api, self._lists, self._rounding = api, lists, rounding
        self._creating = asyncio.Lock()

    async def settle(self, asked: Asked, row: Row, trace: str = "") -> Sent:
        """Return what stands there in the end; raises Unknown where that cannot be told yet."""
        if "TotalTax" not in asked.body.get("TxnTaxDetail", {}) or is_void(row):
            return sent(row, trace)
        try:
            change = partial(with_our_tax, asked)
            row, trace = await self._changed(asked, row, trace, "tax", change)
            if is_void(row) or not taxes_differ(asked.body, row):
                return sent(row, trace)
            return await self._rounded(asked, row, trace)
        except (Unavailable, Unknown) as failed:
            raise Unknown("tax-correction-open", detail=failed.cause) from failed

    async def _rounded(self, asked: Asked, row: Row, trace: str) -> Sent:
        """Return what stands there once a line has made its total ours, if such a line may be."""
        if not may_round(asked, row):
            return told(asked, row, trace)
        try:
            rest = await self._rest(asked)
            change = partial(with_rounding, asked, rest)
            row, trace = await self._changed(asked, row, trace, "round", change)
        except Rejected as refused:
            return told(asked, row, refused.trace or trace)
        return told(asked, row, trace, rest)

    async def _rest(self, asked: Asked) -> Rest:
        """Return the account and the item of the rounding, found or created as any other."""
        account, item = self._rounding(asked.document)
        links = dict(asked.links)
        async with self._creating:  # several documents may miss them at the same time
            for master in (account, item):
                if master.key not in links:
                    links[master.key] = await push_master(
                        self._api, self._lists, master, 1, links, asked.terms
                    )
        return Rest(account, item, links)

    async def _changed(
        self,
        asked: Asked,
        row: Row,
        trace: str,
        operation: str,
        change: Callable[[Row], Payload | None],
    ) -> tuple[Row, str]:
        """Return what stands there after a full update, if *change* asks for one.

        Where somebody was faster, what stands there now is looked at once more.
        """
        for _ in range(2):
            body = change(row)
            if body is None:
                break
            token = str(row.get("SyncToken", "0"))
            whole = {**body, "Id": row["Id"], "SyncToken": token, "sparse": False}
            name = request_id(
                self._api.realm, asked.document.key, asked.version, f"{operation}:{token}"
            )
            try:
                return await self._api.write(asked.entity, whole, name)
            except Rejected as refused:
                trace = refused.trace
                if not (isinstance(refused, Refusal) and refused.code in (STALE, REPEATED_ID)):
                    break
            row = await self._now(asked, row)
        return row, trace

    async def _now(self, asked: Asked, row: Row) -> Row:
        """Return what stands there now; what was seen last where it is gone."""
        try:
            answer = await self._api.read(f"{asked.entity.lower()}/{row['Id']}")
        except Rejected:
            return row
        found: Row = answer.get(asked.entity) or row
        return found
