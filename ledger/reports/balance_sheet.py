"""The balance sheet: what the book owns, owes and is worth at the end of a day."""

from collections.abc import Mapping

from msgspec import Struct

from ledger.reports.balances import Place
from ledger.reports.lines import AccountLine, account_lines, total
from ledger.reports.store import Sums
from ledger.settings import Settings


class BalanceSheet(Struct, frozen=True):
    """Home minor units. Assets stand on the debit side; liabilities and equity on the credit side.

    `retained` is what earlier fiscal years earned, `earnings` what this one has so far.
    """

    assets: list[AccountLine]
    liabilities: list[AccountLine]
    equity: list[AccountLine]
    retained: int
    earnings: int

    @property
    def total_equity(self) -> int:
        """Return equity with what was earned."""
        return total(self.equity) + self.retained + self.earnings

    @property
    def elsewhere(self) -> int:
        """Return what a part of the shop has from others: assets less all claims on them.

        Always 0 for the whole shop. An entry that moves something between two locations stands in
        each of their sheets with its own part alone.
        """
        return total(self.assets) - total(self.liabilities) - self.total_equity


def balance_sheet(
    settings: Settings, sums: Mapping[Place, Sums], earlier: Mapping[Place, Sums]
) -> BalanceSheet:
    """Return the sheet of all that was posted; *earlier* is what stood before this fiscal year."""
    retained = -_earned(settings, earlier)
    return BalanceSheet(
        assets=account_lines(settings, sums, lambda account: account.type == "asset", 1),
        liabilities=account_lines(settings, sums, lambda account: account.type == "liability", -1),
        equity=account_lines(settings, sums, lambda account: account.type == "equity", -1),
        retained=retained,
        earnings=-_earned(settings, sums) - retained,
    )


def _earned(settings: Settings, sums: Mapping[Place, Sums]) -> int:
    """Return the balance of income and expense together, debit positive."""
    lines = account_lines(settings, sums, lambda account: account.type in ("income", "expense"), 1)
    return total(lines)
