"""Accounts and amounts of reports, as JSON and as cells."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from api.catalogue import Language, word
from ledger.accounts import Account
from ledger.money import to_text
from ledger.reports.lines import AccountLine


class ForeignShown(Struct, frozen=True):
    """What of an amount stands in another currency than the book's."""

    currency: str
    amount: str


class AmountShown(Struct, frozen=True, omit_defaults=True):
    """One account in home money; `account` is its name, `previous` the period compared with."""

    code: str
    account: str
    role: str
    amount: str
    previous: str | None = None
    foreign: list[ForeignShown] = []


def name_of(account: Account, language: Language) -> str:
    """Return an account's name."""
    return account.name_fr if language == "fr" else account.name_en


def foreign_shown(parts: Iterable[tuple[str, int]]) -> list[ForeignShown]:
    """Return amounts in other currencies, each in its own decimals."""
    return [ForeignShown(currency, to_text(amount, currency)) for currency, amount in parts]


def foreign_cell(parts: Sequence[ForeignShown]) -> str:
    """Return amounts in other currencies as one cell: `USD 12.00; EUR 3.50`."""
    return "; ".join(f"{part.currency} {part.amount}" for part in parts)


def amount_shown(
    line: AccountLine, currency: str, language: Language, *, compared: bool = False
) -> AmountShown:
    """Return a line of a report in home money."""
    return AmountShown(
        code=line.account.code,
        account=name_of(line.account, language),
        role=line.account.role,
        amount=to_text(line.amount, currency),
        previous=to_text(line.before, currency) if compared else None,
        foreign=foreign_shown(line.foreign),
    )


def amount_cells(section: str, shown: AmountShown, language: Language) -> dict[str, str]:
    """Return an account's row of a table."""
    return {
        "section": word(section, language),
        "code": shown.code,
        "account": shown.account,
        "role": shown.role,
        "amount": shown.amount,
        "previous": shown.previous or "",
        "foreign": foreign_cell(shown.foreign),
    }


def total_cells(name: str, amount: str, language: Language, previous: str = "") -> dict[str, str]:
    """Return the row of a total: its name stands in the section's column."""
    return {"section": word(name, language), "amount": amount, "previous": previous}
