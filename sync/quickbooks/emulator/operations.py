"""Create, update, delete, void and read, with the faults in QuickBooks' order."""

import re
from typing import Any

from msgspec.structs import replace

from sync.quickbooks.emulator import errors, schema
from sync.quickbooks.emulator.amounts import ZERO, Json
from sync.quickbooks.emulator.clock import Clock
from sync.quickbooks.emulator.company import Unit
from sync.quickbooks.emulator.drafts import Draft, check_references, refuse_closed
from sync.quickbooks.emulator.entities import Entity
from sync.quickbooks.emulator.lines import zeroed
from sync.quickbooks.emulator.payments import trim_links
from sync.quickbooks.emulator.records import Record

_IDENTIFIER = re.compile(r"\d{1,24}\Z")
_PSEUDO = frozenset({"TAX", "NON"})


def read(unit: Unit, entity: str, identifier: str) -> Record:
    """Return the object; refuse an id that is no number (2030) or not there (610)."""
    if not _IDENTIFIER.match(identifier) and identifier not in _PSEUDO:
        raise errors.invalid_id(identifier)
    record = unit.find(entity, identifier)
    if record is None:
        raise errors.not_found()
    return record


def save(unit: Unit, entity: Entity, request: Any, options: frozenset[str], clock: Clock) -> Record:
    """Create the object, or update it when the request holds an Id; return it as staged."""
    schema.refuse_unknown(entity.name, request)
    request = {name: schema.pruned(value) for name, value in request.items()}
    update = request.get("Id") is not None
    if update and request.get("SyncToken") is None:
        raise errors.required("SyncToken")
    old = unit.find(entity.name, str(request["Id"])) if update else None
    sparse = old is not None and request.get("sparse") in (True, "true")
    sent = {name: value for name, value in request.items() if name not in entity.read_only}
    draft = Draft(unit, entity.name, sent, old, options, clock)
    draft.body = _merged(entity, draft) if sparse else dict(sent)
    if old is not None or not update:
        entity.require(draft)
    cleaned = schema.clean(entity.name, request)
    if update and old is None:
        raise errors.not_found()
    draft.sent = {name: cleaned[name] for name in sent if name in cleaned}
    draft.body = schema.clean(entity.name, draft.body) if sparse else dict(draft.sent)
    check_references(draft, draft.sent)
    entity.refer(draft)
    if old is not None:
        _refuse_stale(old, cleaned)
        _refuse_deposited(unit, old)
    record = entity.finish(draft)
    unit.put(record)
    return record


def delete(unit: Unit, entity: Entity, request: Any, clock: Clock) -> Record:
    """Delete a transaction: its postings and links are gone, a tombstone stays."""
    old = _addressed(unit, entity, request)
    if not entity.transaction:
        raise errors.unsupported(f"delete of {entity.name}")
    _let_go(unit, old, clock)
    body = {"Id": old.id, "MetaData": {"LastUpdatedTime": clock.stamp()}}
    record = replace(old, body=body, postings=(), deleted=True)
    unit.put(record)
    return record


def void(unit: Unit, entity: Entity, request: Any, clock: Clock) -> Record:
    """Void a transaction: amounts become zero, links are cleared, the note says so."""
    old = _addressed(unit, entity, request)
    _let_go(unit, old, clock)
    note = old.body.get("PrivateNote")
    body: Json = {
        **old.body,
        "PrivateNote": f"Voided - {note}" if note else "Voided",
        "TotalAmt": ZERO,
        "SyncToken": str(int(old.body["SyncToken"]) + 1),
        "MetaData": {**old.body["MetaData"], "LastUpdatedTime": clock.stamp()},
    }
    if entity.name == "Payment":
        body.update(Line=[], UnappliedAmt=ZERO)
    else:
        body.update(Line=zeroed(old.body["Line"]), Balance=ZERO, TxnTaxDetail={"TotalTax": ZERO})
    record = replace(old, body=body, postings=())
    unit.put(record)
    return record


def _merged(entity: Entity, draft: Draft) -> Json:
    """Return the earlier object with what was sent over it; a null takes a property away."""
    assert draft.old is not None
    kept = {name: value for name, value in draft.old.body.items() if name not in entity.read_only}
    if "Line" in draft.sent:
        kept.pop("TxnTaxDetail", None)
    if entity.name in ("Customer", "Vendor") and "DisplayName" in draft.sent:
        kept.pop("PrintOnCheckName", None)
    merged = {**kept, **draft.sent}
    return {name: value for name, value in merged.items() if value is not None}


def _addressed(unit: Unit, entity: Entity, request: Any) -> Record:
    schema.refuse_unknown(entity.name, request)
    for name in ("Id", "SyncToken"):
        if request.get(name) is None:
            raise errors.required(name)
    cleaned = schema.clean(entity.name, {name: request[name] for name in ("Id", "SyncToken")})
    old = unit.find(entity.name, cleaned["Id"])
    if old is None:
        raise errors.not_found()
    _refuse_stale(old, cleaned)
    return old


def _let_go(unit: Unit, old: Record, clock: Clock) -> None:
    """Refuse what the books hold fast, and take back what payments applied to it."""
    _refuse_deposited(unit, old)
    refuse_closed(unit.company, old.body, None)
    if old.entity != "Payment":
        trim_links(unit, old.entity, old.id, ZERO, clock.stamp())


def _refuse_stale(old: Record, sent: Json) -> None:
    if str(sent["SyncToken"]) != old.body["SyncToken"]:
        raise errors.stale()


def _refuse_deposited(unit: Unit, old: Record) -> None:
    if unit.company.deposit_of(old.entity, old.id) is not None:
        raise errors.deposited()
