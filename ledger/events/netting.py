"""What several entries posted together, added up (5.6)."""

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec.structs import replace

from ledger.events.base import Entry
from ledger.postings import Posting

STOCK: Final = ("inventory", "cost_of_goods")
"""Roles of goods that an invoice takes out of stock, and of what they cost."""

_KEPT: Final = ("receivable", "exchange_gain_loss")


def charged(stated: Sequence[Entry]) -> list[Posting]:
    """Return what an invoice and its revisions posted together for what it is for.

    In home money too; what a revision at another rate gained or lost stays, and so does what
    became the customer's credit.
    """
    return net(
        posting
        for entry in stated
        for posting in entry.postings
        if posting.role not in (*_KEPT, *STOCK) and not posting.holder.startswith("receivable:")
    )


def stock_of(stated: Sequence[Entry]) -> list[Posting]:
    """Return what an invoice and its revisions moved of stock, and its cost."""
    return net(p for entry in stated for p in entry.postings if p.role in STOCK)


def net(postings: Iterable[Posting]) -> list[Posting]:
    """Return postings added up by what they are about, whatever their side."""
    sums: dict[tuple[object, ...], Posting] = {}
    for posting in postings:
        key = (posting.role, posting.holder, posting.location, posting.currency)
        before = sums.get(key)
        sums[key] = posting if before is None else _sum(before, posting)
    return list(sums.values())


def _sum(first: Posting, second: Posting) -> Posting:
    home = None
    if first.home is not None or second.home is not None:
        home = first.at_home + second.at_home
    return replace(
        first,
        amount=first.amount + second.amount,
        quantity=first.quantity + second.quantity,
        home=home,
    )
