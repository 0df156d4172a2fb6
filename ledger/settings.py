"""A book's configuration, as facts with effective dates: what holds on a day, as known by now."""

from bisect import bisect_right
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, Generic, Literal, TypeVar

from msgspec import Struct

from ledger.accounts import CHART, Account
from ledger.book import Book
from ledger.policies import POLICIES
from ledger.regions import TaxCode, region

ALWAYS: Final = date.min

METHODS: Final = ("cash", "card", "cheque", "transfer", "other", "exchange")
"""The tender methods that a new book knows."""

CATEGORIES: Final = ("goods", "service", "gift_card", "package", "shipping", "fee", "donation")
"""The categories that a new book knows: what lines without one are called, by their kind."""

LEARNED: Final = ("unknown-item", "unknown-tax", "unknown-category")
"""Causes of exceptions by which a book learns what it did not know."""

_DAYS: Final = 32
"""For how many days the accounts that serve the roles are remembered."""

T = TypeVar("T")


class Item(Struct, frozen=True):
    """Something sold. A stocked item is kept at cost by the ledger.

    Without a category, as of an item that only tills know, its lines are of their kind's.
    """

    code: str
    name: str
    category: str
    kind: Literal["goods", "service"] = "goods"
    stocked: bool = False
    taxes: tuple[str, ...] | None = None


class Method(Struct, frozen=True):
    """A way of paying, as tills name it; `kind` is one of the tender kinds of money."""

    name: str
    kind: str


class Dated(Generic[T]):
    """Values by the day from which they hold; of two from one day the later recorded wins."""

    def __init__(self) -> None:
        self._days: dict[str, tuple[list[date], list[T]]] = {}

    def put(self, key: str, since: date, value: T) -> None:
        """Let *value* hold for *key* from a day on."""
        days, values = self._days.setdefault(key, ([], []))
        at = bisect_right(days, since)
        days.insert(at, since)
        values.insert(at, value)

    def get(self, key: str, day: date) -> T | None:
        """Return what holds for *key* on a day; before its first day, nothing."""
        known = self._days.get(key)
        if known is None:
            return None
        days, values = known
        if days[-1] <= day:
            return values[-1]  # as a rule
        at = bisect_right(days, day)
        return values[at - 1] if at else None

    def known(self, key: str) -> bool:
        """Tell whether *key* was ever defined."""
        return key in self._days

    def keys(self) -> list[str]:
        """Return everything that was ever defined, in order of definition."""
        return list(self._days)


class Settings:
    """What a book's configuring events say; changed by them alone, in the order of the log."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.region = region(book.country, book.region)
        self.accounts: Dated[Account] = Dated()
        self.roles: Dated[str] = Dated()
        self._codes_on: dict[date, dict[str, str]] = {}
        self.taxes: Dated[TaxCode] = Dated()
        self.methods: Dated[Method] = Dated()
        self.items: Dated[Item] = Dated()
        self.policies: Dated[object] = Dated()
        self.categories = set(CATEGORIES)
        self.closings: list[date] = []
        for account in CHART:
            self.define_account(account, ALWAYS)
        for tax in self.region.taxes:
            self.taxes.put(tax.code, tax.since, tax)
        for name in METHODS:
            self.methods.put(name, ALWAYS, Method(name, "other" if name == "exchange" else name))

    def define_account(self, account: Account, since: date) -> None:
        """Add or rename an account; its role is served by it from that day on."""
        self.accounts.put(account.code, since, account)
        self.roles.put(account.role, since, account.code)
        self._codes_on.clear()

    def define_item(self, item: Item, since: date) -> None:
        """Add or change an item; its category is known from now on."""
        self.items.put(item.code, since, item)
        self.categories.add(item.category)

    @property
    def closed_through(self) -> date | None:
        """Return the last day that is closed, or None; a closing is later than those before it."""
        return self.closings[-1] if self.closings else None

    def first_open(self, day: date) -> date:
        """Return *day* where it is open, else the first open day after it."""
        closed = self.closed_through
        return day if closed is None or day > closed else closed + timedelta(days=1)

    def account(self, role_or_code: str, day: date) -> Account | None:
        """Return the account of a role, or of a code, on a day."""
        code = self.roles.get(role_or_code, day) or role_or_code
        return self.accounts.get(code, day)

    def code_of(self, role: str, day: date) -> str:
        """Return the code of the account that serves a role on a day."""
        code = self.roles.get(role, day)
        assert code is not None, role
        return code

    def codes_on(self, day: date) -> Mapping[str, str]:
        """Return the code of the account that serves each role on a day, by role."""
        found = self._codes_on.get(day)
        if found is None:
            if len(self._codes_on) == _DAYS:
                self._codes_on.clear()
            roles = self.roles.keys()
            serving = {role: self.roles.get(role, day) for role in roles}
            found = self._codes_on[day] = {role: code for role, code in serving.items() if code}
        return found

    def codes(self, role: str) -> list[str]:
        """Return the codes of every account that serves or served a role."""
        codes = self.accounts.keys()
        served = {code: self.accounts.get(code, date.max) for code in codes}
        return [code for code, account in served.items() if account and account.role == role]

    def learn(self, cause: str, subject: str) -> None:
        """Define with defaults what an event named and the book did not know."""
        if cause == "unknown-item" and not self.items.known(subject):
            self.items.put(subject, ALWAYS, Item(subject, subject, category=""))
        elif cause == "unknown-tax" and not self.taxes.known(subject):
            self.taxes.put(subject, ALWAYS, TaxCode(subject, subject, Decimal(0), ""))
        elif cause == "unknown-category":
            self.categories.add(subject)

    def tax_rate(self, code: str, day: date) -> Decimal:
        """Return a tax's rate in per cent on a day; 0 for a code that only tills know."""
        tax = self.taxes.get(code, day)
        return tax.rate if tax else Decimal(0)

    def policy(self, name: str, day: date, channel: str | None = None) -> object:
        """Return a policy's value for a channel on a day, else for all channels, else its default.

        A word, a `timedelta` or a `date`, as `POLICIES` says.
        """
        for key in (f"{name}/{channel}", name) if channel else (name,):
            value = self.policies.get(key, day)
            if value is not None:
                return value
        return POLICIES[name].default
