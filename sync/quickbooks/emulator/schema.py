"""The published properties of each entity: unknown ones are refused, values brought into form.

`properties.json` is Intuit's schema cut down to the entities served here.
"""

import re
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import resources
from typing import Any

import msgspec

from sync.quickbooks.emulator import errors
from sync.quickbooks.emulator.amounts import Json
from sync.quickbooks.emulator.clock import is_date, parse
from sync.quickbooks.emulator.lengths import limit

_IDENTIFIER = re.compile(r"-?\d{1,24}\Z")
_SYNC_TOKEN = re.compile(r"\d{1,12}\Z")
_MOST = Decimal("1e15")


class Schema(msgspec.Struct, frozen=True):
    """Types and enumerations: a property is (type, whether it is a list)."""

    types: dict[str, dict[str, tuple[str, bool]]]
    enums: dict[str, frozenset[str]]


@cache
def schema() -> Schema:
    """Return the schema, read once."""
    data = resources.files(__package__ or "").joinpath("properties.json").read_bytes()
    return msgspec.json.decode(data, type=Schema)


def refuse_unknown(entity: str, body: Any) -> None:
    """Refuse, anywhere in the body, a property that its type lacks, or a value of another shape."""
    properties = schema().types[entity]
    if not isinstance(body, dict):
        raise errors.unsupported(f"Cannot deserialize a value of {entity}: it")
    for name, value in body.items():
        if name not in properties:
            raise errors.unknown_property(name, entity, list(properties))
        kind, many = properties[name]
        if value is None:
            continue
        if many != isinstance(value, list):
            raise errors.unsupported(f"Cannot deserialize the value of {entity}.{name}: it")
        for each in value if many else [value]:
            if kind in schema().types:
                refuse_unknown(kind, each)
            elif isinstance(each, (dict, list)) and kind != "IntuitAnyType":
                raise errors.unsupported(f"Cannot deserialize the value of {entity}.{name}: it")


def pruned(value: Any) -> Any:
    """Return the value without nulls at any depth."""
    if isinstance(value, list):
        return [pruned(each) for each in value]
    if isinstance(value, dict):
        return {name: pruned(each) for name, each in value.items() if each is not None}
    return value


def clean(entity: str, body: Json, path: str = "", root: str | None = None) -> Json:
    """Return the body in canonical form: no nulls, decimals, checked ids, dates and words.

    Refuses 2030, 2050, 2080 and 2170. `path` names the place in a fault.
    """
    properties = schema().types[entity]
    cleaned: Json = {}
    for name, value in body.items():
        kind, many = properties[name]
        place = f"{path}{name}"
        if value is None or value == "":
            continue
        if many:
            cleaned[name] = [_value(kind, each, place, entity, root or entity) for each in value]
        else:
            cleaned[name] = _value(kind, value, place, entity, root or entity)
    return cleaned


def _value(kind: str, value: Any, place: str, owner: str, root: str) -> Any:
    if kind in schema().types:
        return clean(kind, value, f"{place}.", root)
    if kind in ("decimal", "int", "positiveInteger"):
        return _number(value, place)
    if kind == "boolean":
        return _boolean(value, place)
    if kind == "IntuitAnyType":
        return value
    return _text(kind, str(value), place, owner, root)


def _text(kind: str, text: str, place: str, owner: str, root: str) -> str:
    last = place.rpartition(".")[2]
    if kind == "id" and not _IDENTIFIER.match(text):
        raise errors.invalid_id(text, place)
    if last == "SyncToken" and not _SYNC_TOKEN.match(text):
        raise errors.bad_number(text, place)
    if kind == "date" and not is_date(text[:10]):
        raise errors.bad_number(text, place)
    if kind == "dateTime" and parse(text) is None:
        raise errors.bad_number(text, place)
    if kind in schema().enums and kind != "id" and text not in schema().enums[kind]:
        raise errors.bad_enumeration(text, place)
    most = limit(root, owner, last)
    if most and len(text) > most:
        raise errors.too_long(place, most, len(text))
    return text[:10] if kind == "date" else text


def _number(value: Any, place: str) -> Decimal:
    if isinstance(value, bool):
        raise errors.bad_number(value, place)
    try:
        amount = Decimal(value)
    except (InvalidOperation, ValueError) as cause:
        raise errors.bad_number(value, place) from cause
    if not amount.is_finite() or abs(amount) >= _MOST:
        raise errors.bad_number(value, place)
    return Decimal(format(amount, "f"))


def _boolean(value: Any, place: str) -> bool:
    if value in (True, "true"):
        return True
    if value in (False, "false"):
        return False
    raise errors.bad_number(value, place)
