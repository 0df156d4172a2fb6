"""Which taxes what is given back bears, where the fact states amounts alone.

An entry says what each category gave back and what each tax; a document's lines each need their
set of codes. What the refund or its sale states decides; else the sets follow from the rates.
The amounts of tax are the entry's in any case: only the bases are found here.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from msgspec import Struct

from ledger.events.lines import Priced
from ledger.money import half_up
from sync.documents import Treatment


class Bearing(Struct, frozen=True):
    """A set of tax codes, and how a line without any is treated."""

    codes: tuple[str, ...] = ()
    treatment: Treatment = "exempt"


class Share(Struct, frozen=True):
    """What a category gives back under one bearing, in minor units."""

    category: str
    amount: int
    bearing: Bearing


def bearing_of(line: Priced) -> Bearing:
    """Return what a priced line bears; what is called taxable and was not taxed is exempt."""
    if line.treatment != "taxable":
        return Bearing((), line.treatment)
    codes = tuple(sorted(code for code, _ in line.taxes))
    return Bearing(codes, "taxable") if codes else Bearing()


def shares(
    nets: Mapping[str, int],
    taxes: Mapping[str, int],
    stated: Iterable[Priced],
    rates: Mapping[str, Decimal],
) -> list[Share]:
    """Split each category's net among bearings, so that every code in *taxes* is borne.

    *stated* are lines, of the refund or its sale, that tell what the categories bear.
    """
    told: dict[str, dict[Bearing, int]] = {}
    for line in stated:
        bearings = told.setdefault(line.category, {})
        bearing = bearing_of(line)
        bearings[bearing] = bearings.get(bearing, 0) + line.net
    found = [share for category, net in nets.items() for share in _told(category, net, told)]
    borne = {code for share in found for code in share.bearing.codes}
    whole = sum(share.amount for share in found) == sum(nets.values())
    if whole and borne >= {code for code, tax in taxes.items() if tax}:
        return found
    return list(_by_rate(nets, taxes, rates))


def base_of(taxes: Mapping[str, int], rates: Mapping[str, Decimal]) -> int:
    """Return what taxes were most likely charged on together; 0 where no rate is known."""
    rate = sum((rates.get(code, Decimal(0)) for code in taxes), Decimal(0))
    return half_up(sum(taxes.values()) * 100 / rate) if rate else 0


def _told(category: str, net: int, told: Mapping[str, Mapping[Bearing, int]]) -> list[Share]:
    bearings = told.get(category, {})
    if sum(bearings.values()) == net:
        return [Share(category, amount, bearing) for bearing, amount in bearings.items()]
    return [Share(category, net, bearing) for bearing in bearings] if len(bearings) == 1 else []


class _Layer(Struct, frozen=True):
    """Codes charged on `base`, which may be wrong by `slack` since tax is rounded."""

    codes: tuple[str, ...]
    base: int
    slack: int


def _by_rate(
    nets: Mapping[str, int], taxes: Mapping[str, int], rates: Mapping[str, Decimal]
) -> Iterator[Share]:
    """Yield shares whose sums come near what each tax was charged on, the taxed ones first."""
    layers = _apart(_layers(nets, taxes, rates), sum(nets.values()))
    left = [layer.base for layer in layers]
    for category, net in nets.items():
        rest = net
        for index, layer in enumerate(layers):
            near = abs(rest - left[index]) <= layer.slack
            part = rest if near and left[index] > 0 else min(rest, left[index])
            if part > 0:
                left[index] -= part
                rest -= part
                yield Share(category, part, Bearing(layer.codes, "taxable"))
        if rest:
            yield Share(category, rest, Bearing())


def _layers(
    nets: Mapping[str, int], taxes: Mapping[str, int], rates: Mapping[str, Decimal]
) -> list[_Layer]:
    """Group codes by base, smallest first; a tax of unknown rate is on the whole."""
    whole, layers = sum(nets.values()), list[_Layer]()
    for code, tax in ((code, tax) for code, tax in taxes.items() if tax):
        rate = rates.get(code, Decimal(0)) / 100
        base = half_up(tax / rate) if rate else whole
        slack = int((len(nets) + 1) / rate) + 1 if rate else 0
        base = whole if abs(base - whole) <= slack else min(base, whole)
        layers.append(_Layer((code,), base, slack))
    layers.sort(key=lambda layer: (layer.base, layer.codes))
    grouped: list[_Layer] = []
    for layer in layers:
        last = grouped[-1] if grouped else None
        if last is not None and layer.base - last.base <= max(last.slack, layer.slack):
            codes = tuple(sorted((*last.codes, *layer.codes)))
            grouped[-1] = _Layer(codes, layer.base, min(last.slack, layer.slack))
        else:
            grouped.append(layer)
    return grouped


def _apart(layers: list[_Layer], whole: int) -> list[_Layer]:
    """Return layers that share no base: side by side where there is room, else nested."""
    if sum(layer.base for layer in layers) <= whole:
        return layers
    inner, nested = 0, list[_Layer]()
    for index, layer in enumerate(layers):
        codes = tuple(sorted(code for outer in layers[index:] for code in outer.codes))
        nested.append(_Layer(codes, layer.base - inner, layer.slack))
        inner = layer.base
    return nested
