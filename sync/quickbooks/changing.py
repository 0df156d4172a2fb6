"""What is done to an invoice that stands there: it is made to say something else, or e-mailed.

Whether that was done is read off the invoice itself: by the mark in its note, by its e-mail
status. So neither happens twice, whatever is tried again.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from msgspec.structs import replace

from sync.documents import Email, Revision
from sync.protocol import Rejected, Sent, Unavailable
from sync.quickbooks.answers import Row, is_void, sent
from sync.quickbooks.api import Api
from sync.quickbooks.faults import REPEATED_ID, STALE, Refusal
from sync.quickbooks.marker import is_ours, marks_in, request_id
from sync.quickbooks.rest import Asked
from sync.quickbooks.settling import Settling

INVOICE: Final = "Invoice"
SENT: Final = "EmailSent"

AskedOf = Callable[[Revision, int, Mapping[str, Sent]], Awaitable[Asked]]
AddressOf = Callable[[str], Awaitable[str | None]]
"""Gives the e-mail address of a customer of ours; None where there is none."""


async def nobodys(_: str) -> str | None:
    """Return no address: nobody's is known."""
    return None


class Changing:
    """Changes the invoices of one company; `asked` gives what a revision is written with."""

    def __init__(self, api: Api, settling: Settling, asked: AskedOf, address: AddressOf) -> None:
        self._api, self._settling, self._asked, self._address = api, settling, asked, address

    async def revise(self, document: Revision, version: int, links: Mapping[str, Sent]) -> Sent:
        """Make the invoice say what it says from now on. Raises Rejected when it is voided."""
        row = await self._invoice(document.target, links)
        asked = await self._asked(document, version, links)
        for _ in range(2):
            asked = _over(asked, row)
            if is_ours(row, document, version):
                return await self._settling.settle(asked, row)
            if is_void(row):
                raise Rejected("link-refused", subject=document.number)
            token = str(row.get("SyncToken", "0"))
            name = request_id(self._api.realm, document.key, version, f"revise:{token}")
            try:
                row, trace = await self._api.write(INVOICE, _whole(asked, row, token), name)
            except Refusal as refused:
                if refused.code not in (STALE, REPEATED_ID):
                    raise
                row = await self._invoice(document.target, links)
                continue
            return await self._settling.settle(asked, row, trace)
        raise Unavailable("changed-meanwhile", detail=document.key)

    async def find_revision(
        self, document: Revision, version: int, links: Mapping[str, Sent]
    ) -> Sent | None:
        """Return the invoice if it says already what it is to say."""
        row = await self._invoice(document.target, links)
        if not is_ours(row, document, version):
            return None
        asked = _over(await self._asked(document, version, links), row)
        return await self._settling.settle(asked, row)

    async def email(self, document: Email, version: int, links: Mapping[str, Sent]) -> Sent:
        """Have the invoice sent to its customer, unless it was. Raises Rejected without address."""
        row = await self._invoice(document.target, links)
        if row.get("EmailStatus") == SENT or is_void(row):
            return sent(row)
        address = await self._address(document.customer) or _address_in(row)
        if not address:
            raise Rejected("no-address", subject=f"customer:{document.customer}")
        name = request_id(self._api.realm, document.key, version, "send")
        answer, trace = await self._api.send(INVOICE, str(row["Id"]), name, address)
        return sent(answer, trace)

    async def find_email(self, document: Email, links: Mapping[str, Sent]) -> Sent | None:
        """Return the invoice if it was sent to its customer."""
        row = await self._invoice(document.target, links)
        return sent(row) if row.get("EmailStatus") == SENT else None

    async def _invoice(self, target: str, links: Mapping[str, Sent]) -> Row:
        path = f"{INVOICE.lower()}/{links[target].remote_id}"
        row: Row | None = (await self._api.read(path)).get(INVOICE)
        if row is None:
            raise Unavailable("no-clear-answer", detail=path)
        return row


def _over(asked: Asked, row: Row) -> Asked:
    """Return what is written over an invoice: its earlier marks stay in its note."""
    own = str(asked.body["PrivateNote"])
    marks = [mark for mark in marks_in(str(row.get("PrivateNote", ""))) if mark not in own]
    note = "\n".join((*marks, own))
    return replace(asked, body={**asked.body, "PrivateNote": note})


def _whole(asked: Asked, row: Row, token: str) -> dict[str, object]:
    """Return the body of a full update; that it was e-mailed is not forgotten."""
    kept = {name: row[name] for name in ("EmailStatus", "BillEmail") if row.get(name)}
    if row.get("EmailStatus") != SENT:
        kept = {}
    return {**asked.body, **kept, "Id": row["Id"], "SyncToken": token, "sparse": False}


def _address_in(row: Row) -> str | None:
    address: str | None = (row.get("BillEmail") or {}).get("Address")
    return address
