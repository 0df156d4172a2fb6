"""Answers queries from the objects in memory."""

import operator
from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from sync.quickbooks.emulator import errors
from sync.quickbooks.emulator.amounts import Json
from sync.quickbooks.emulator.clock import parse as parse_moment
from sync.quickbooks.emulator.company import INDEXED, Company
from sync.quickbooks.emulator.entities import BY_PATH, ENTITIES
from sync.quickbooks.emulator.query import Condition, Query, parse
from sync.quickbooks.emulator.records import Record
from sync.quickbooks.emulator.render import shown
from sync.quickbooks.emulator.schema import schema
from sync.quickbooks.emulator.singletons import company_info, preferences

_UNFILTERABLE = frozenset({"PrivateNote", "Line", "TxnTaxDetail", "LinkedTxn", "CustomField"})
_DERIVED = frozenset({"Balance", "BalanceWithJobs", "CurrentBalance", "RemainingCredit"})
_MISSING = object()
_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}

Test = Callable[[Record], bool]


def search(company: Company, statement: str) -> Json:
    """Return the QueryResponse of the statement."""
    query = parse(statement)
    if query.entity not in BY_PATH.values():
        raise errors.query_invalid(f"invalid context declaration: {query.entity}")
    tests = [_test(company, query.entity, condition) for condition in query.conditions]
    candidates = _candidates(company, query)
    found = [record for record in candidates if all(test(record) for test in tests)]
    if query.count:
        return {"totalCount": len(found)}
    for name, descending in reversed(query.order):
        kind = _kind(query.entity, name)
        found.sort(key=_sort_key(company, name, kind), reverse=descending)
    page = found[query.start - 1 : query.start - 1 + query.most]
    if not page:
        return {}
    return {
        query.entity: [shown(company, record) for record in page],
        "startPosition": query.start,
        "maxResults": len(page),
    }


def _candidates(company: Company, query: Query) -> list[Record]:
    """Return the objects to look through: by id, number or name when the query gives one."""
    entity = query.entity
    if entity == "CompanyInfo":
        return [company_info(company)]
    if entity == "Preferences":
        return [preferences(company)]
    chosen: Iterable[Record] = company.all(entity)
    for condition in query.conditions:
        if condition.operator in ("=", "IN") and condition.name == "Id":
            chosen = _present(company, entity, condition.values)
        elif condition.operator == "=" and condition.name in INDEXED:
            found = company.worded(entity, condition.name, condition.values[0])
            chosen = _present(company, entity, found) if condition.values != (" ",) else chosen
    listed = entity not in ENTITIES or not ENTITIES[entity].transaction
    if listed and not any(condition.name == "Active" for condition in query.conditions):
        return [record for record in chosen if record.active]
    return list(chosen)


def _present(company: Company, entity: str, identifiers: Iterable[str]) -> list[Record]:
    found = (company.find(entity, identifier) for identifier in dict.fromkeys(identifiers))
    return [record for record in found if record is not None]


def _test(company: Company, entity: str, condition: Condition) -> Test:
    """Return what tells whether an object meets the condition; refuse (4001) a wrong one."""
    kind, name, sign = _kind(entity, condition.name), condition.name, condition.operator
    if sign not in ("=", "IN") and (name == "Id" or kind == "boolean"):
        raise errors.query_invalid(f"operator {sign} is not supported for {name}")
    if condition.values == (" ",):
        return lambda record: _property(company, record, name) is _MISSING and sign == "="
    matches = _matcher(sign, condition.values, kind)

    def test(record: Record) -> bool:
        value = _property(company, record, name)
        return value is not _MISSING and matches(value)

    return test


def _matcher(sign: str, values: tuple[str, ...], kind: str) -> Callable[[Any], bool]:
    if sign == "LIKE":
        return lambda value: _like(str(value), values[0])
    wanted = [_comparable(text, kind) for text in values]
    if None in wanted:
        raise errors.query_invalid(f"invalid value: {', '.join(values)}")
    if sign == "IN":
        return lambda value: _comparable(value, kind) in wanted
    compare = _COMPARISONS[sign]
    return lambda value: bool(compare(_comparable(value, kind), wanted[0]))


def _kind(entity: str, name: str) -> str:
    if name.startswith("MetaData."):
        kind, many = schema().types["ModificationMetaData"].get(name[9:], ("", False))
    else:
        kind, many = schema().types[entity].get(name, ("", False))
    if not kind:
        raise errors.query_invalid(f"property '{name}' not found for {entity}")
    filterable = kind == "ReferenceType" or kind not in schema().types
    if many or not filterable or name in _UNFILTERABLE:
        raise errors.query_invalid(f"property '{name}' is not queryable")
    return kind


def _property(company: Company, record: Record, name: str) -> Any:
    """Return the value as it is compared: a reference by its id, nothing as _MISSING."""
    body = shown(company, record) if name in _DERIVED else record.body
    value: Any = body
    for part in name.split("."):
        value = value.get(part, _MISSING) if isinstance(value, dict) else _MISSING
    return value.get("value", _MISSING) if isinstance(value, dict) else value


def _comparable(value: Any, kind: str) -> Any:
    if kind in ("decimal", "int", "positiveInteger"):
        try:
            return Decimal(value)
        except InvalidOperation:
            return None
    if kind == "dateTime":
        return parse_moment(str(value))
    if kind == "date":
        return str(value)[:10]
    return str(value).casefold()


def _like(value: str, pattern: str) -> bool:
    """Match case-insensitively; % stands for any text."""
    value, parts = value.casefold(), pattern.casefold().split("%")
    if len(parts) == 1:
        return value == parts[0]
    if not (value.startswith(parts[0]) and value[len(parts[0]) :].endswith(parts[-1])):
        return False
    position = len(parts[0])
    for part in parts[1:-1]:
        position = value.find(part, position)
        if position < 0:
            return False
        position += len(part)
    return position <= len(value) - len(parts[-1])


def _sort_key(company: Company, name: str, kind: str) -> Callable[[Record], tuple[bool, Any]]:
    def key(record: Record) -> tuple[bool, Any]:
        value = _property(company, record, name)
        if value is _MISSING:
            return False, ""
        if name == "Id" and str(value).isdigit():
            return True, int(value)
        return True, _comparable(value, kind)

    return key
