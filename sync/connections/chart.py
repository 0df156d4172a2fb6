"""The accounts and taxes of ours that a mapping may speak of."""

from datetime import date

from ledger.book import Book
from ledger.database import Connection
from ledger.log import store as log
from ledger.regions import TaxCode
from ledger.reports.store import turnover
from sync.documents import BY_HOLDER, Account, account_key, place
from sync.plan.names import Names


def our_accounts(connection: Connection, book: Book, day: date) -> list[Account]:
    """Return an account document for each account, and each holder where holders are mapped apart.

    Holders are those that have ever moved.
    """
    settings = log.load_settings(connection, book)
    names = Names(settings, book)
    moved = {(code, holder) for code, holder, _ in turnover(connection, book.id)}
    found: dict[str, Account] = {}
    for code in settings.accounts.keys():  # noqa: SIM118 - Dated is no mapping
        account = settings.accounts.get(code, date.max)
        assert account is not None, code
        apart = account.role in BY_HOLDER
        holders = sorted(h for c, h in moved if c == code) if apart else [""]
        for holder in holders:
            at = place(code, account.role, holder)
            found[account_key(at)] = Account(
                key=account_key(at),
                day=day,
                currency=book.currency,
                place=at,
                name=names.account(account, at.holder),
                account_type=account.type,
            )
    return list(found.values())


def our_taxes(connection: Connection, book: Book, day: date) -> list[TaxCode]:
    """Return the tax codes that hold on a day."""
    taxes = log.load_settings(connection, book).taxes
    held = (taxes.get(code, day) for code in taxes.keys())  # noqa: SIM118 - Dated is no mapping
    return [tax for tax in held if tax is not None]
