"""What a book's region lays down, as the API tells it."""

from datetime import date
from typing import get_args

from msgspec import Struct

from ledger.book import Book
from ledger.regions import region
from ledger.regions.rules import Forfeits, StoredValue


class RulesShown(Struct, frozen=True):
    """What the book's region lays down, with its sources.

    `forfeits` is how a kept deposit is taxed: `each` tax as if it alone were in it, all of them
    `inside` it together, or `untaxed`. Of stored value by role (`gift_cards`, `store_credit`,
    `packages`), `may_expire` tells whether it ever may, `expiry_years` how long after it was last
    filled. `cash_out_limit` is the highest balance paid out on request today, null where no law
    says so; `cash_step` the smallest amount of cash.
    """

    prices_include_tax: bool
    forfeits: Forfeits
    forfeit_taxes: list[str]
    may_expire: dict[str, bool]
    expiry_years: dict[str, int]
    cash_out_limit: str | None
    cash_step: str | None
    sources: list[str]


def rules_of(book: Book, day: date) -> RulesShown:
    """Return the rules of a book's region as they hold on a day."""
    found = region(book.country, book.region)
    roles: tuple[StoredValue, ...] = get_args(StoredValue)
    limit = found.cash_out_limit(day)
    return RulesShown(
        prices_include_tax=found.prices_include_tax,
        forfeits=found.forfeits,
        forfeit_taxes=list(found.forfeit_taxes),
        may_expire={role: found.may_expire(role) for role in roles},
        expiry_years={role: found.expiry_years(role) for role in roles},
        cash_out_limit=None if limit is None else format(limit, "f"),
        cash_step=None if found.cash_step is None else format(found.cash_step, "f"),
        sources=list(found.sources),
    )
