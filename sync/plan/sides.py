"""The sides of a deal beside its lines: money, open items and taxes, as they were posted."""

from collections.abc import Iterable, Sequence
from datetime import date

from ledger.postings import Posting
from sync.documents import Line, Place, place
from sync.plan.desk import Desk, where
from sync.plan.trade import MONEY


def money_of(postings: Iterable[Posting], side: int) -> dict[Place, int]:
    """Return where money goes; *side* is that of the goods, whose own is not the deal's.

    (A closed drawer that stays at its count.) 0: both sides together.
    """
    money: dict[Place, int] = {}
    for posting in postings:
        if posting.role in MONEY and posting.amount * side <= 0:
            money[where(posting)] = money.get(where(posting), 0) + posting.amount
    return {at: amount for at, amount in money.items() if amount or side}


def receivable_of(
    postings: Sequence[Posting], side: int, day: date, desk: Desk
) -> dict[Place, int]:
    """Return what stays open on account; the account is there when nothing does."""
    posted = [posting for posting in postings if posting.role == "receivable"]
    at = where(posted[0]) if posted else desk.place("receivable", day)
    open_items = sum(posting.amount for posting in posted if where(posting) == at)
    return {at: open_items if open_items * side < 0 else 0}


def taxes_of(
    postings: Iterable[Posting], lines: Iterable[Line], day: date, desk: Desk
) -> dict[Place, int]:
    """Return the net of each code, as posted; codes that lines bear are there with nothing."""
    taxes: dict[Place, int] = {}
    for posting in postings:
        if posting.role == "sales_tax":
            taxes[where(posting)] = taxes.get(where(posting), 0) - posting.amount
    return with_borne(taxes, lines, day, desk)


def with_borne(
    taxes: dict[Place, int], lines: Iterable[Line], day: date, desk: Desk
) -> dict[Place, int]:
    """Return taxes with every code that lines bear, of the account that the others are on."""
    account = next((tax.account for tax in taxes), None)
    found = dict(taxes)
    borne = {code for line in lines for code in line.taxes}
    for code in sorted(borne):
        at = desk.place("sales_tax", day, code)
        at = place(account, at.role, code) if account else at
        found.setdefault(at, 0)
    return {at: amount for at, amount in found.items() if amount or at.holder in borne}
