"""Accounts with what they come to in home money, foreign amounts beside: lines of a report."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from msgspec import Struct

from ledger.accounts import Account
from ledger.reports.balances import Place
from ledger.reports.store import Sums
from ledger.settings import Settings

COST_OF_SALES: Final = (
    "cost_of_goods",
    "stock_adjustments",
    "freight_in",
    "duty",
    "purchase_discounts",
)
"""Roles of expenses that stand above the gross profit."""


class AccountLine(Struct, frozen=True):
    """One account in home minor units, positive on its section's side.

    `foreign` has what of it stands in other currencies, each in its own minor units; `before` is
    the figure of the period compared with.
    """

    account: Account
    amount: int
    foreign: tuple[tuple[str, int], ...] = ()
    before: int = 0


def account_lines(
    settings: Settings,
    sums: Mapping[Place, Sums],
    belongs: Callable[[Account], bool],
    sign: int,
    before: Mapping[Place, Sums] | None = None,
) -> list[AccountLine]:
    """Return the accounts that belong to a section and moved, by code; *sign* 1 is debit."""
    earlier = before or {}
    found: list[AccountLine] = []
    for code in sorted({code for code, _ in [*sums, *earlier]}):
        account = settings.accounts.get(code, date.max)
        assert account is not None, code
        if belongs(account):
            line = AccountLine(
                account,
                sign * _home(sums, code),
                _foreign(sums, code, settings.book.currency, sign),
                sign * _home(earlier, code),
            )
            if line.amount or line.foreign or line.before:
                found.append(line)
    return found


def _home(sums: Mapping[Place, Sums], code: str) -> int:
    return sum(amounts.home_balance for (of, _), amounts in sums.items() if of == code)


def _foreign(
    sums: Mapping[Place, Sums], code: str, home: str, sign: int
) -> tuple[tuple[str, int], ...]:
    return tuple(
        (currency, sign * amounts.balance)
        for (of, currency), amounts in sorted(sums.items())
        if of == code and currency != home and amounts.balance
    )


def total(lines: list[AccountLine]) -> int:
    """Return what lines come to."""
    return sum(line.amount for line in lines)


def total_before(lines: list[AccountLine]) -> int:
    """Return what lines came to in the period compared with."""
    return sum(line.before for line in lines)
