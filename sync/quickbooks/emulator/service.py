"""The company API under /v3: from a request to an answer, without any transport."""

from typing import Any

import msgspec

from sync.quickbooks.emulator import batch, changes, errors, mailing, operations, search
from sync.quickbooks.emulator.amounts import Json, decode
from sync.quickbooks.emulator.clock import Clock
from sync.quickbooks.emulator.company import Company, Unit
from sync.quickbooks.emulator.entities import BY_PATH, ENTITIES, Entity
from sync.quickbooks.emulator.exchange import Answer, Request, answer
from sync.quickbooks.emulator.mailing import MAILED
from sync.quickbooks.emulator.records import Record
from sync.quickbooks.emulator.render import shown
from sync.quickbooks.emulator.replay import Replays
from sync.quickbooks.emulator.reports import report
from sync.quickbooks.emulator.singletons import company_info, preferences

_SUBSCRIBED = ("PAID", "TRIAL")


class Outcome(msgspec.Struct):
    """What a request comes to: a body, or an object that was written, and all that changed."""

    body: Json = {}
    written: Record | None = None
    changed: list[Record] = []


class Service:
    """Answers the calls of one company after they have been let in."""

    def __init__(self, replays: Replays, clock: Clock) -> None:
        self._replays = replays
        self._clock = clock

    def handle(self, company: Company, parts: list[str], request: Request) -> Answer:
        """Return the answer; a refusal becomes its fault, and is kept by request id too."""
        try:
            repeated = self._replays.earlier(company, request)
            if repeated is not None:
                return repeated
            if company.profile.subscription not in _SUBSCRIBED:
                raise errors.simple(6190, "Invalid Company Status", "Subscription ended.")
            outcome = self._dispatch(company, parts, request)
        except errors.Refusal as refusal:
            return self._refused(company, request, refusal)
        body = outcome.body
        if outcome.written is not None:
            body = {outcome.written.entity: _answered(company, outcome.written)}
        if parts[0] != "reports":
            body = {**body, "time": self._clock.answered()}
        result = answer(body)
        self._replays.commit(company, request, result, outcome.changed)
        return result

    def _refused(self, company: Company, request: Request, refusal: errors.Refusal) -> Answer:
        body = {"Fault": refusal.fault(), "time": self._clock.answered()}
        result = answer(body, refusal.status)
        if request.method == "POST" and refusal.error.get("element") != "requestid":
            self._replays.commit(company, request, result, [])
        return result

    def _dispatch(self, company: Company, parts: list[str], request: Request) -> Outcome:
        match request.method, parts:
            case "POST", ["batch"]:
                return self._batch(company, request)
            case "POST", [path] if BY_PATH.get(path) in ENTITIES:
                return self._write(company, ENTITIES[BY_PATH[path]], request)
            case "POST", [path, identifier, "send"] if BY_PATH.get(path) in MAILED:
                return self._mail(company, ENTITIES[BY_PATH[path]], identifier, request)
            case "POST", ["query"]:
                return Outcome(_query(company, request.body.decode()))
            case "GET", _:
                return Outcome(self._read(company, parts, request))
        raise _no_resource(request)

    def _read(self, company: Company, parts: list[str], request: Request) -> Json:
        asked = request.query
        match parts:
            case ["query"]:
                return _query(company, asked.get("query", ""))
            case ["cdc"]:
                entities, since = asked.get("entities", ""), asked.get("changedSince", "")
                return changes.changes(company, entities, since, self._clock)
            case ["reports", name]:
                return report(company, name, asked, self._clock)
            case [path, *rest] if path in BY_PATH and len(rest) <= 1:
                return _object(company, BY_PATH[path], rest)
        raise _no_resource(request)

    def _mail(self, company: Company, entity: Entity, identifier: str, request: Request) -> Outcome:
        unit = Unit(company)
        record = mailing.send(unit, entity, identifier, request.query.get("sendTo"), self._clock)
        unit.apply()
        return Outcome(written=record, changed=list(unit.changes.values()))

    def _batch(self, company: Company, request: Request) -> Outcome:
        items = batch.items_of(_body(request))
        answers, records = batch.run(company, items, self._clock)
        return Outcome({"BatchItemResponse": answers}, changed=records)

    def _write(self, company: Company, entity: Entity, request: Request) -> Outcome:
        unit = Unit(company)
        record = self._operate(unit, entity, request)
        unit.apply()
        return Outcome(written=record, changed=list(unit.changes.values()))

    def _operate(self, unit: Unit, entity: Entity, request: Request) -> Record:
        body = _body(request)
        operation = request.query.get("operation")
        options = frozenset(filter(None, request.query.get("include", "").split(",")))
        if operation == "delete":
            return operations.delete(unit, entity, body, self._clock)
        if operation == "void" and entity.void == "operation":
            return operations.void(unit, entity, body, self._clock)
        if operation == "update" and "void" in options and entity.void == "include":
            return operations.void(unit, entity, body, self._clock)
        if operation not in (None, "create", "update") or "void" in options:
            raise errors.unsupported(f"{operation} of {entity.name}")
        return operations.save(unit, entity, body, options, self._clock)


def _answered(company: Company, record: Record) -> Json:
    if record.deleted:
        return {"domain": "QBO", "status": "Deleted", "Id": record.id}
    return shown(company, record)


def _query(company: Company, statement: str) -> Json:
    return {"QueryResponse": search.search(company, statement)}


def _object(company: Company, entity: str, rest: list[str]) -> Json:
    if entity == "Preferences":
        return {entity: preferences(company).body}
    if not rest:
        raise errors.unsupported(f"GET of {entity} without an id")
    if entity == "CompanyInfo":
        return {entity: company_info(company).body}
    record = operations.read(Unit(company), entity, rest[0])
    return {entity: shown(company, record)}


def _no_resource(request: Request) -> errors.Refusal:
    where = f"Could not find resource for relative : {request.path} of full path: {request.path}"
    return errors.unsupported(where)


def _body(request: Request) -> Any:
    """Return the decoded body, or refuse what is not JSON (500) or of another type (1050)."""
    media = request.headers.get("content-type", "application/json")
    if "json" not in media:
        raise errors.simple(1050, "Invalid content type", media)
    try:
        return decode(request.body)
    except msgspec.DecodeError as cause:
        raise errors.unsupported(f"Malformed JSON: {cause}: it") from cause
