"""JournalPosted: debits and credits stated by a bookkeeper."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from ledger.accounts import Account
from ledger.book import Book
from ledger.errors import Fault, Invalid, fault
from ledger.events.base import BusinessEvent, Earlier, Reference, Text
from ledger.events.naming import posted_to
from ledger.money import Amount, to_text
from ledger.postings import Caveat, Posting


class JournalLine(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """One debit or credit. `account` is a code or a role."""

    account: Reference
    holder: Reference | None = None
    customer: Reference | None = None
    vendor: Reference | None = None
    debit: Amount | None = None
    credit: Amount | None = None

    def held_by(self, account: Account | None) -> str | None:
        """Return the holder: the one named, else the customer's credit, else the vendor."""
        if self.holder is None and account is not None:
            if account.role == "receivable" and self.customer:
                return f"credit:{self.customer}"
            if account.role == "payable":
                return self.vendor
        return self.holder


class JournalPosted(BusinessEvent, frozen=True, kw_only=True, tag="journal_posted"):
    """A journal entry by hand."""

    tills_may_record: ClassVar[bool] = False

    lines: Annotated[tuple[JournalLine, ...], Meta(min_length=2, max_length=1000)]
    reason: Text

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield faults of each line, and both sums when they differ."""
        found = list(check_journal_lines(self, self.lines))
        yield from found
        if found:
            return
        debits = sum(self.minor(line.debit) for line in self.lines)
        credits_ = sum(self.minor(line.credit) for line in self.lines)
        if debits != credits_:
            currency = self.currency or ""
            sums = {"debits": to_text(debits, currency), "credits": to_text(credits_, currency)}
            yield fault("/lines", "journal-unbalanced", currency=currency, **sums)

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield the lines as stated; Invalid with every line that its account cannot take."""
        return journal_postings(self, self.lines, earlier)


def check_journal_lines(event: BusinessEvent, lines: Sequence[JournalLine]) -> Iterator[Fault]:
    """Yield what can never be right about each line of a journal."""
    for index, line in enumerate(lines):
        at = f"/lines/{index}"
        yield from event.misfits((f"{at}/debit", line.debit), (f"{at}/credit", line.credit))
        if (line.debit is None) == (line.credit is None):
            yield fault(at, "debit-or-credit")


def journal_postings(
    event: BusinessEvent, lines: Sequence[JournalLine], earlier: Earlier
) -> list[Posting | Caveat]:
    """Return a journal's lines as postings; Invalid with every line its account cannot take."""
    found = list[Fault]()
    parts = list[Posting | Caveat]()
    for index, line in enumerate(lines):
        at, amount = f"/lines/{index}", event.minor(line.debit) - event.minor(line.credit)
        account = earlier.settings.account(line.account, event.day())
        found += _party_faults(line, account, at)
        try:
            holder = line.held_by(account)
            parts += posted_to(event, line.account, holder, amount, f"{at}/account", earlier)
        except Invalid as wrong:
            found += wrong.faults
    if found:
        raise Invalid(found)
    return parts


def _party_faults(line: JournalLine, account: Account | None, at: str) -> Iterator[Fault]:
    role = account.role if account is not None else ""
    if role == "receivable" and not line.customer:
        yield fault(f"{at}/customer", "customer-missing", account=line.account)
    if role == "payable" and not line.vendor:
        yield fault(f"{at}/vendor", "vendor-missing", account=line.account)
