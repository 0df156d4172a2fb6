"""A posting: one debit or credit of one account, for one holder."""

from typing import Final

from msgspec import Struct
from msgspec.structs import replace


class Posting(Struct, frozen=True, gc=False):
    """One leg of an entry.

    `amount` is in minor units of `currency`, debit positive. `role` is what the code means by the
    account, `account` its code in this book's chart (empty until `decide` looks it up). `quantity`
    is in millionths and only on stock. `home` is the amount in the home currency, None where that
    is the posting's own.
    """

    role: str
    amount: int
    holder: str = ""
    quantity: int = 0
    account: str = ""
    currency: str = ""
    location: str | None = None
    home: int | None = None

    @property
    def at_home(self) -> int:
        """Return the amount in minor units of the home currency."""
        return self.amount if self.home is None else self.home


class Caveat(Struct, frozen=True, gc=False):
    """What an entry leaves for a person to look at, listed until it is cleared.

    `cause` keys the catalogue that says what happened and what to do; `amount` is in minor units,
    as it stands in suspense, or 0.
    """

    cause: str
    subject: str = ""
    amount: int = 0


SUSPENSE: Final = "suspense"


def debit(role: str, amount: int, holder: str = "") -> Posting:
    """Return a debit of *amount* minor units; a negative amount makes it a credit."""
    return Posting(role, amount, holder)


def credit(role: str, amount: int, holder: str = "") -> Posting:
    """Return a credit of *amount* minor units; a negative amount makes it a debit."""
    return Posting(role, -amount, holder)


def opposite(posting: Posting) -> Posting:
    """Return the same posting on the other side."""
    home = None if posting.home is None else -posting.home
    return replace(posting, amount=-posting.amount, quantity=-posting.quantity, home=home)


def total(first: Posting, second: Posting) -> Posting:
    """Return the first posting with the amounts of a second of the same account added to its."""
    home = None if first.home is None else first.home + second.at_home
    amount, quantity = first.amount + second.amount, first.quantity + second.quantity
    return replace(first, amount=amount, quantity=quantity, home=home)
