"""Accounts that people name, by role or by code: found, or refused."""

from collections.abc import Iterator

from ledger.accounts import Account
from ledger.errors import Conflict, Fault, Invalid, fault
from ledger.events.base import BusinessEvent, Earlier
from ledger.postings import SUSPENSE, Caveat, Posting

DEFAULT_BANK = "main"
"""The bank account where none is named."""


def posted_to(
    event: BusinessEvent,
    named: str,
    holder: str | None,
    amount: int,
    pointer: str,
    earlier: Earlier,
) -> Iterator[Posting | Caveat]:
    """Yield the posting of an account that is named by role or code.

    Conflict when there is none (offline: to suspense), Invalid when it cannot be posted to so.
    """
    account = earlier.settings.account(named, event.day())
    if account is None:
        if not event.happened_offline:
            raise Conflict("account-unknown", pointer=pointer, account=named)
        yield Posting(SUSPENSE, amount, f"account:{named}")
        yield Caveat("account-offline", f"account:{named}", amount)
        return
    held_by = holder or (DEFAULT_BANK if account.role == "bank" else "")
    found = list(_account_faults(account, held_by, pointer, named))
    if found:
        raise Invalid(found)
    yield Posting(account.role, amount, held_by, account=account.code)


def _account_faults(account: Account, holder: str, pointer: str, named: str) -> Iterator[Fault]:
    if account.role == "retained_earnings":
        yield fault(pointer, "account-not-posted", account=named)
    if account.control and not holder:
        yield fault(pointer.rpartition("/")[0] + "/holder", "holder-missing", account=named)
