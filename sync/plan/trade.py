"""A trade: what an entry says as a commercial deal, apart from costs, counts and corrections."""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from sync.documents import BillLine, Line, Place, Tax

MONEY: Final = ("cash", "clearing", "bank", "suspense")
"""Roles that money goes to: their accounts are assets that take deposits."""

STORED: Final = ("gift_cards", "store_credit", "deposits", "packages")
"""What the shop owes to holders of cards, vouchers, deposits and packages."""


class Trade(Struct, frozen=True, kw_only=True):
    """Lines and taxes (positive: the shop gives them) for money and open items (positive: it gets).

    Of a refund all of it is negative. Lines and taxes are worth money and open items, unless what
    happened offline left a part in suspense.
    """

    lines: tuple[Line, ...]
    taxes: dict[Place, int]
    money: dict[Place, int]
    receivable: dict[Place, int]

    @property
    def total(self) -> int:
        """Return what lines and taxes come to."""
        return sum(line.amount for line in self.lines) + sum(self.taxes.values())

    @property
    def is_plain(self) -> bool:
        """Tell whether lines and taxes are worth what was given, all of it one way."""
        given = [*self.money.values(), *self.receivable.values()]
        return self.total == sum(given) and min(given, default=0) >= 0

    @property
    def largest(self) -> Place | None:
        """Return where most of the money goes; of equals the first."""
        return max(self.money, key=lambda place: self.money[place], default=None)


def turned(trade: Trade) -> Trade:
    """Return the same trade the other way."""
    return Trade(
        lines=tuple(replace(line, amount=-line.amount) for line in trade.lines),
        taxes={place: -amount for place, amount in trade.taxes.items()},
        money={place: -amount for place, amount in trade.money.items()},
        receivable={place: -amount for place, amount in trade.receivable.items()},
    )


def together(trades: Iterable[Trade]) -> Trade:
    """Add trades up: lines by item, taxes by code, money by place; in order of their names."""
    trades = list(trades)
    return Trade(
        lines=condensed(line for trade in trades for line in trade.lines),
        taxes=_sums(trade.taxes for trade in trades),
        money=_sums(trade.money for trade in trades),
        receivable=_sums(trade.receivable for trade in trades),
    )


def _sums(parts: Iterable[dict[Place, int]]) -> dict[Place, int]:
    sums: dict[Place, int] = {}
    for part in parts:
        for place, amount in part.items():
            sums[place] = sums.get(place, 0) + amount
    return dict(sorted(sums.items()))


def condensed(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Add up lines of one item, one set of taxes and one side; drop what says nothing."""
    sums: dict[tuple[object, ...], Line] = {}
    for line in lines:
        key = (line.item, line.place, line.taxes, line.treatment, line.amount < 0)
        before = sums.get(key)
        amount = line.amount + (before.amount if before else 0)
        sums[key] = Line(line.place, line.item, amount, "", line.taxes, line.treatment)
    ordered = sorted(sums.values(), key=lambda line: (line.item, line.taxes, line.treatment))
    return tuple(line for line in ordered if line.amount or line.taxes)


def taxes_on(lines: Iterable[Line | BillLine], taxes: dict[Place, int]) -> tuple[Tax, ...]:
    """Return a document's taxes with their bases; codes that only lines bear must be in *taxes*."""
    bases = bases_of(lines)
    return tuple(
        Tax(place, place.holder, amount, bases.get(place.holder, 0) if amount else 0)
        for place, amount in sorted(taxes.items())
    )


def bases_of(lines: Iterable[Line | BillLine]) -> dict[str, int]:
    """Return the sum of the lines that bear each code."""
    bases: dict[str, int] = {}
    for line in lines:
        for code in line.taxes:
            bases[code] = bases.get(code, 0) + line.amount
    return bases
