"""What a place lays down: taxes with their days, kept deposits, stored value, cash."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from msgspec import Struct

StoredValue = Literal["gift_cards", "store_credit", "packages"]
"""The roles of what customers hold to spend later."""

Forfeits = Literal["each", "inside", "untaxed"]
"""How a kept deposit is taxed: each tax as if it alone were in the whole of it, all of them inside
it together, or not at all."""


class TaxCode(Struct, frozen=True):
    """A tax as tills name it; `rate` in per cent on the price, from the day `since`."""

    code: str
    name: str
    rate: Decimal
    agency: str
    recoverable: bool = True
    since: date = date.min


class Region(Struct, frozen=True):
    """The rules of one place, each from a law or an authority that `sources` names.

    `taxes` has each rate of a code with its day, the latest first. `prices_include_tax` tells how
    prices are shown to consumers. `forfeit_taxes` are the codes that a kept deposit bears where
    nobody says otherwise. `lasting` are the roles of stored value that may not expire; of others
    `years` says how many must have passed since it was last filled. `cash_outs` are the highest
    balances that a holder may ask to be paid out, in major units, by the day from which they hold.
    `cash_step` is the smallest amount of cash, in major units, where that is not the currency's
    smallest unit: a till's rounding is a fact all the same, whatever it is.
    """

    taxes: tuple[TaxCode, ...] = ()
    prices_include_tax: bool = False
    forfeits: Forfeits = "untaxed"
    forfeit_taxes: tuple[str, ...] = ()
    lasting: tuple[StoredValue, ...] = ()
    years: Mapping[StoredValue, int] = {}
    cash_outs: tuple[tuple[date, Decimal], ...] = ()
    cash_step: Decimal | None = None
    sources: tuple[str, ...] = ()

    def may_expire(self, role: StoredValue) -> bool:
        """Tell whether stored value of a role may ever expire."""
        return role not in self.lasting

    def expiry_years(self, role: StoredValue) -> int:
        """Return how many years must pass before stored value of a role may expire."""
        return self.years.get(role, 0)

    def cash_out_limit(self, day: date) -> Decimal | None:
        """Return the highest balance that is paid out on request; None where no law says so."""
        holding = [limit for since, limit in self.cash_outs if since <= day]
        return holding[-1] if holding else None


NOWHERE: Final = Region()
"""A place of which nothing is known: no taxes, and nothing is forbidden."""
