"""Change data capture: what was written or deleted since a moment."""

from datetime import datetime, timedelta

from sync.quickbooks.emulator import errors
from sync.quickbooks.emulator.amounts import Json
from sync.quickbooks.emulator.clock import Clock, parse
from sync.quickbooks.emulator.company import Company
from sync.quickbooks.emulator.entities import BY_PATH
from sync.quickbooks.emulator.records import Record
from sync.quickbooks.emulator.render import shown

_UNSUPPORTED = frozenset({"JournalCode", "TaxAgency", "TimeActivity", "TaxCode", "TaxRate"})
_OLDEST = timedelta(days=30)
_MOST = 1000


def changes(company: Company, entities: str, since: str, clock: Clock) -> Json:
    """Return the CDCResponse; at most 1000 objects, no paging, 30 days back."""
    moment = parse(since)
    if moment is None:
        raise errors.bad_number(since, "changedSince")
    if clock.now() - moment > _OLDEST:
        raise errors.query_invalid("changedSince is more than 30 days ago")
    left = _MOST
    answers: list[Json] = []
    for name in filter(None, entities.split(",")):
        entity = BY_PATH.get(name.strip().lower())
        if entity is None or entity in _UNSUPPORTED:
            raise errors.query_invalid(f"invalid context declaration: {name}")
        found = [record for record in _all(company, entity) if _changed(record) >= moment][:left]
        left -= len(found)
        answers.append(_response(company, entity, found))
    return {"CDCResponse": [{"QueryResponse": answers}]}


def _all(company: Company, entity: str) -> list[Record]:
    found = [*company.all(entity), *company.graves(entity)]
    return sorted(found, key=_changed)


def _changed(record: Record) -> datetime:
    moment = parse(record.body["MetaData"]["LastUpdatedTime"])
    assert moment is not None
    return moment


def _response(company: Company, entity: str, found: list[Record]) -> Json:
    if not found:
        return {}
    objects = [shown(company, record) for record in found]
    return {entity: objects, "startPosition": 1, "maxResults": len(found)}
