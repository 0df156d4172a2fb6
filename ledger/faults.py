"""Why JSON is no event: every fault at once, by pointer (RFC 6901). Run once decoding failed."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Annotated, Any, Final

import msgspec
from msgspec import inspect

from ledger.errors import Fault, fault
from ledger.events import Event
from ledger.money import Number
from ledger.privacy import personal_faults
from ledger.text import pointer_part, text_faults

_KINDS: Final[dict[str, Any]] = {kind.__struct_config__.tag: kind for kind in Event.__args__}
_Instant = Annotated[datetime, msgspec.Meta(tz=True)]


def event_faults(value: Any, reason: str = "") -> list[Fault]:
    """Return everything in *value* that keeps it from being an event.

    *reason* is what the decoder said, for what is found nowhere here.
    """
    if not isinstance(value, dict):
        return [fault("", "not-an-object")]
    name, choices = value.get("type"), ", ".join(_KINDS)
    if name is None:
        return [fault("/type", "required", choices=choices)]
    if not isinstance(name, str):
        return [fault("/type", "not-text", choices=choices)]
    if name not in _KINDS:
        return [fault("/type", "unknown-type", type=name, choices=choices)]
    rest = {key: part for key, part in value.items() if key != "type"}
    found = [*_struct(inspect.type_info(_KINDS[name]), rest, ""), *text_faults(rest)]
    found += personal_faults(rest)
    return found or [fault("", "not-valid", reason=reason)]


def struct_faults(kind: type[msgspec.Struct], value: Any) -> list[Fault]:
    """Return everything in *value* that keeps it from being a Struct of *kind*."""
    return list(_struct(inspect.type_info(kind), value, ""))


def _faults(info: Any, value: Any, at: str) -> Iterator[Fault]:
    """Yield why *value* is not of a type."""
    if isinstance(info, inspect.UnionType):
        yield from _union(info, value, at)
    elif isinstance(info, inspect.CustomType):
        yield from _number(info, value, at)
    else:
        yield from _CHECKS[type(info)](info, value, at)


def _union(info: Any, value: Any, at: str) -> Iterator[Fault]:
    kinds = [kind for kind in info.types if not isinstance(kind, inspect.NoneType)]
    if value is None and len(kinds) < len(info.types):
        return
    lists = [kind for kind in kinds if isinstance(kind, inspect.VarTupleType)]
    others = [kind for kind in kinds if kind not in lists]
    yield from _faults(
        (lists if isinstance(value, list) and lists else others or lists)[0], value, at
    )


def _struct(info: Any, value: Any, at: str) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield fault(at, "not-an-object")
        return
    known = {field.encode_name: field for field in info.fields}
    for key in value:
        if key not in known:
            yield fault(f"{at}/{pointer_part(key)}", "unknown-field", field=key)
    for name, field in known.items():
        if name in value:
            yield from _faults(field.type, value[name], f"{at}/{name}")
        elif field.required:
            yield fault(f"{at}/{name}", "required")


def _named(info: Any, value: Any, at: str) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield fault(at, "not-an-object")
        return
    for name, part in value.items():
        yield from _faults(info.value_type, part, f"{at}/{pointer_part(name)}")


def _list(info: Any, value: Any, at: str) -> Iterator[Fault]:
    if not isinstance(value, list):
        yield fault(at, "not-a-list")
        return
    if info.min_length is not None and len(value) < info.min_length:
        yield fault(at, "too-few", least=info.min_length)
    if info.max_length is not None and len(value) > info.max_length:
        yield fault(at, "too-many", most=info.max_length)
    for index, part in enumerate(value):
        yield from _faults(info.item_type, part, f"{at}/{index}")


def _number(info: Any, value: Any, at: str) -> Iterator[Fault]:
    kind: type[Number] = info.cls
    try:
        kind.parse(value)
    except ValueError:
        signed = "yes" if kind.signed else "no"
        yield fault(at, kind.code, signed=signed, digits=kind.digits, decimals=6)


def _text(info: Any, value: Any, at: str) -> Iterator[Fault]:
    if not isinstance(value, str):
        yield fault(at, "not-text")
    elif info.min_length is not None and len(value) < info.min_length:
        yield fault(at, "text-too-short", least=info.min_length)
    elif info.max_length is not None and len(value) > info.max_length:
        yield fault(at, "text-too-long", most=info.max_length)
    elif info.pattern is not None and not _fits(value, str, pattern=info.pattern):
        code = "not-an-amount" if info.pattern == Number.schema else "bad-format"
        facts = {"form": info.pattern} if code == "bad-format" else _AMOUNT_FACTS
        yield fault(at, code, **facts)


_AMOUNT_FACTS: Final = {"signed": "no", "digits": Number.digits, "decimals": 6}


def _whole_number(info: Any, value: Any, at: str) -> Iterator[Fault]:
    bounds = {name: getattr(info, name) for name in ("ge", "le") if getattr(info, name) is not None}
    if not _fits(value, int, **bounds):
        least, most = (bounds.get(name, "") for name in ("ge", "le"))
        yield fault(at, "not-a-whole-number", least=least, most=most)


def _choice(info: Any, value: Any, at: str) -> Iterator[Fault]:
    if value not in info.values:
        yield fault(at, "not-one-of", choices=", ".join(map(str, info.values)))


def _of(kind: Any, code: str) -> Callable[[Any, Any, str], Iterator[Fault]]:
    def check(_: Any, value: Any, at: str) -> Iterator[Fault]:
        if not _fits(value, kind):
            yield fault(at, code)

    return check


def _fits(value: Any, kind: Any, **bounds: Any) -> bool:
    try:
        msgspec.convert(value, Annotated[kind, msgspec.Meta(**bounds)] if bounds else kind)
    except (msgspec.ValidationError, ValueError, OverflowError):
        return False
    return True


_CHECKS: Final[dict[Any, Callable[[Any, Any, str], Iterator[Fault]]]] = {
    inspect.StructType: _struct,
    inspect.DictType: _named,
    inspect.VarTupleType: _list,
    inspect.StrType: _text,
    inspect.IntType: _whole_number,
    inspect.LiteralType: _choice,
    inspect.BoolType: _of(bool, "not-true-or-false"),
    inspect.DateType: _of(date, "not-a-date"),
    inspect.DateTimeType: _of(_Instant, "not-an-instant"),
}
