"""The batch endpoint: up to 30 independent operations in one request."""

from typing import Any

from sync.quickbooks.emulator import errors, operations, search
from sync.quickbooks.emulator.amounts import Json
from sync.quickbooks.emulator.clock import Clock
from sync.quickbooks.emulator.company import Company, Unit
from sync.quickbooks.emulator.entities import ENTITIES, Entity
from sync.quickbooks.emulator.records import Record
from sync.quickbooks.emulator.render import shown

MOST_ITEMS = 30


def items_of(request: Any) -> list[Json]:
    """Return the items, or refuse a body of another shape (500) or too many (1040)."""
    items = request.get("BatchItemRequest") if isinstance(request, dict) else None
    if not isinstance(items, list) or not all(isinstance(each, dict) for each in items):
        raise errors.unsupported("batch without BatchItemRequest")
    if len(items) > MOST_ITEMS:
        raise errors.simple(1040, "Batch size exceeds the limit", f"{len(items)} > {MOST_ITEMS}")
    return items


def run(company: Company, items: list[Json], clock: Clock) -> tuple[list[Json], list[Record]]:
    """Return the answers by bId and all records written; an item's fault is its own."""
    answers: list[Json] = []
    records: list[Record] = []
    for item in items:
        unit = Unit(company)
        try:
            result = _one(unit, item, clock)
        except errors.Refusal as refusal:
            answers.append({"Fault": refusal.fault(), "bId": item.get("bId")})
            continue
        records += unit.changes.values()
        answers.append({**result, "bId": item.get("bId")})
    return answers, records


def _one(unit: Unit, item: Json, clock: Clock) -> Json:
    if "bId" not in item:
        raise errors.required("bId")
    if "Query" in item:
        return {"QueryResponse": search.search(unit.company, str(item["Query"]))}
    names = [name for name in item if name in ENTITIES]
    if len(names) != 1:
        raise errors.unsupported("batch item without an entity")
    entity, request = ENTITIES[names[0]], item[names[0]]
    record = _perform(unit, entity, item, request, clock)
    unit.apply()
    if record.deleted:
        return {entity.name: {"domain": "QBO", "status": "Deleted", "Id": record.id}}
    return {entity.name: shown(unit.company, record)}


def _perform(unit: Unit, entity: Entity, item: Json, request: Any, clock: Clock) -> Record:
    operation, options = item.get("operation"), str(item.get("optionsData", ""))
    if operation == "delete":
        return operations.delete(unit, entity, request, clock)
    if operation == "update" and options == "void" and entity.void is not None:
        return operations.void(unit, entity, request, clock)
    if operation in ("create", "update"):
        if not isinstance(request, dict) or (operation == "update") != ("Id" in request):
            raise errors.required("Id") if operation == "update" else errors.invalid_id("", "Id")
        return operations.save(unit, entity, request, frozenset({options}), clock)
    raise errors.unsupported(str(operation))
