"""Sending a document by e-mail: nothing leaves the emulator, but the document remembers it."""

from typing import Final

from msgspec.structs import replace

from sync.quickbooks.emulator import errors
from sync.quickbooks.emulator.amounts import Json
from sync.quickbooks.emulator.clock import Clock
from sync.quickbooks.emulator.company import Unit
from sync.quickbooks.emulator.entities import Entity
from sync.quickbooks.emulator.operations import read
from sync.quickbooks.emulator.records import Record

MAILED: Final = ("Invoice", "SalesReceipt", "CreditMemo", "RefundReceipt", "Payment")
"""The entities that can be sent."""


def send(unit: Unit, entity: Entity, identifier: str, to: str | None, clock: Clock) -> Record:
    """Send to an address, by default the document's own; refuse (2020) where there is none."""
    old = read(unit, entity.name, identifier)
    address = to or (old.body.get("BillEmail") or {}).get("Address")
    if not address:
        raise errors.required("BillEmail")
    body: Json = {
        **old.body,
        "BillEmail": {"Address": address},
        "EmailStatus": "EmailSent",
        "DeliveryInfo": {"DeliveryType": "Email", "DeliveryTime": clock.stamp()},
        "SyncToken": str(int(old.body["SyncToken"]) + 1),
        "MetaData": {**old.body["MetaData"], "LastUpdatedTime": clock.stamp()},
    }
    record = replace(old, body=body)
    unit.put(record)
    return record
