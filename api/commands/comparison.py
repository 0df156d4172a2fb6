"""Two trial balances side by side, and a month's days in a line, as the terminal shows them."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from api.commands.output import money
from api.proof import account_name
from ledger.money import exponent
from ledger.settings import Settings
from sync.reconcile import Comparison


def balances(comparison: Comparison, settings: Settings) -> Table:
    """Return both trial balances at the end of a day, account by account."""
    places = exponent(settings.book.currency)
    table = Table(
        title=f"Trial balance at the end of {comparison.day:%d %B %Y}, {settings.book.currency}",
        header_style="bold",
        box=None,
        pad_edge=False,
    )
    table.add_column("account")
    for name in ("Daybook debit", "credit", "QuickBooks debit", "credit"):
        table.add_column(name, justify="right")
    table.add_column("")
    rows = sorted(comparison.rows, key=lambda row: account_code(row.keys))
    for row in rows:
        ours, theirs = _sides(row.ours, places), _sides(row.theirs, places)
        table.add_row(account_name(row, settings), *ours, *theirs, mark(equal=not row.difference))
    table.add_section()
    sums = []
    for side in ("ours", "theirs"):
        amounts = [getattr(row, side) for row in rows]
        sums += [
            money(sum(amount for amount in amounts if amount > 0), places),
            money(-sum(amount for amount in amounts if amount < 0), places),
        ]
    table.add_row("together", *sums, mark(equal=comparison.equal), style="bold")
    return table


def calendar(days: Sequence[Comparison]) -> Table:
    """Return a line for each month: one mark a day."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("month", "each day", "equal"):
        table.add_column(name)
    months: dict[str, list[Comparison]] = {}
    for day in days:
        months.setdefault(f"{day.day:%Y-%m}", []).append(day)
    for month, found in months.items():
        before = Text("·" * (found[0].day.day - 1), style="dim")
        marks = [("✓", "green") if day.equal else ("✗", "bold red") for day in found]
        equal = f"{sum(day.equal for day in found)} of {len(found)}"
        table.add_row(month, Text.assemble(before, *marks), equal)
    return table


def mark(*, equal: bool) -> Text:
    """Return the mark of two things that agree, or do not."""
    return Text("✓", style="green") if equal else Text("✗ differs", style="bold red")


def account_code(keys: Sequence[str]) -> tuple[str, ...]:
    """Return what the accounts of a row are sorted by; those that only QuickBooks has come last."""
    return tuple(key.partition(":")[2] for key in keys) or ("~",)


def _sides(amount: int, places: int) -> tuple[str, str]:
    text = money(abs(amount), places) if amount else ""
    return ("", text) if amount < 0 else (text, "")
