"""Configuration as facts: accounts, taxes, methods, items and policies, each from a day on."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct, field

from ledger.accounts import ROLES, Account, AccountType
from ledger.book import Book
from ledger.errors import Conflict, Fault, fault
from ledger.events.base import BusinessEvent, Earlier, Name, Reference
from ledger.events.unknown import unknown_taxes
from ledger.money import Percent
from ledger.policies import POLICIES, meaning
from ledger.postings import Caveat, Posting
from ledger.regions import TaxCode
from ledger.settings import Item, Method, Settings


class ConfiguringEvent(BusinessEvent, frozen=True, kw_only=True):
    """A fact about the book itself; it has no entry."""

    tills_may_record: ClassVar[bool] = False

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield nothing; Conflict when the book's state forbids the change."""
        self.refuse(earlier.settings)
        return ()

    def refuse(self, settings: Settings) -> None:
        """Raise a Conflict when the change contradicts what is there."""

    def configure(self, settings: Settings) -> None:
        """Change *settings* as the event says."""
        raise NotImplementedError


class DatedConfiguration(ConfiguringEvent, frozen=True, kw_only=True):
    """Configuration that holds from `from` on; by default from its own day."""

    since: date | None = field(name="from", default=None)

    def holds_from(self) -> date:
        """Return the first day on which it holds."""
        return self.since or self.day()


class Names(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A name in both languages."""

    en: Name
    fr: Name


class AccountDefined(DatedConfiguration, frozen=True, kw_only=True, tag="account_defined"):
    """An account added or renamed; from its day on its role posts to it."""

    code: Annotated[str, Meta(pattern=r"^[A-Za-z0-9.\-]{1,20}$")]
    name: Names
    role: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    account_type: AccountType

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield a fault when a role that the code uses is given another type."""
        known = ROLES.get(self.role)
        if known is not None and known.type != self.account_type:
            yield fault("/account_type", "role-type", role=self.role, type=known.type)

    def refuse(self, settings: Settings) -> None:
        """Refuse to give a code to another role or type: its postings would change in meaning."""
        known = settings.accounts.get(self.code, date.max)
        if known is not None and (known.role, known.type) != (self.role, self.account_type):
            role, kind = known.role, known.type
            raise Conflict("code-taken", pointer="/code", account=self.code, role=role, type=kind)

    def configure(self, settings: Settings) -> None:
        """Define the account, with the rules of its role."""
        like = ROLES.get(self.role)
        settings.define_account(
            Account(
                self.code,
                self.role,
                self.account_type,
                self.name.en,
                self.name.fr,
                guarded=like is not None and like.guarded,
                control=like is not None and like.control,
                busy=like is not None and like.busy,
            ),
            self.holds_from(),
        )


class TaxDefined(DatedConfiguration, frozen=True, kw_only=True, tag="tax_defined"):
    """A tax code with its rate in per cent."""

    tax: Reference
    name: Name
    states_exchange_rate: ClassVar[bool] = False

    rate: Percent  # type: ignore[assignment]  # of the tax; a configuring fact has no exchange rate
    agency: Name
    recoverable: bool = True

    def configure(self, settings: Settings) -> None:
        """Define the tax code."""
        code = TaxCode(self.tax, self.name, self.rate, self.agency, self.recoverable)
        settings.taxes.put(self.tax, self.holds_from(), code)


class MethodDefined(DatedConfiguration, frozen=True, kw_only=True, tag="method_defined"):
    """A tender method, as tills name it."""

    method: Reference
    kind: Literal["cash", "card", "cheque", "transfer", "other"]
    name: Name

    def configure(self, settings: Settings) -> None:
        """Define the method."""
        settings.methods.put(self.method, self.holds_from(), Method(self.name, self.kind))


class ItemDefined(DatedConfiguration, frozen=True, kw_only=True, tag="item_defined"):
    """Something sold."""

    item: Reference
    name: Name
    category: Reference
    kind: Literal["goods", "service"] = "goods"
    stocked: bool = False
    taxes: tuple[Reference, ...] | None = None

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield a caveat for each tax code that the book hears of for the first time."""
        return unknown_taxes(self.taxes or (), earlier)

    def configure(self, settings: Settings) -> None:
        """Define the item."""
        item = Item(self.item, self.name, self.category, self.kind, self.stocked, self.taxes)
        settings.define_item(item, self.holds_from())


class PolicySet(DatedConfiguration, frozen=True, kw_only=True, tag="policy_set"):
    """How the book wants something done, for one channel or for all (`ledger.policies`)."""

    policy: Reference
    value: Reference

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield a fault for a policy or a value that there is not."""
        known = POLICIES.get(self.policy)
        if known is None:
            yield fault("/policy", "not-one-of", choices=", ".join(POLICIES))
            return
        try:
            meaning(self.policy, self.value)
        except ValueError:
            yield fault("/value", known.code, choices=", ".join(known.words))

    def configure(self, settings: Settings) -> None:
        """Set the policy."""
        key = f"{self.policy}/{self.channel}" if self.channel else self.policy
        settings.policies.put(key, self.holds_from(), meaning(self.policy, self.value))
