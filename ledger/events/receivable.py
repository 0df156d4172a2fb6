"""What customers owe, and what they are owed: the two kinds of holder of the receivable (5.6)."""

from collections.abc import Iterator
from typing import Annotated, Final

from msgspec import Meta

from ledger.errors import Conflict, Invalid, fault
from ledger.events.base import BusinessEvent
from ledger.postings import SUSPENSE, Caveat, Posting

CREDIT: Final = "credit:"
"""What a customer is owed stands under this and the customer."""

InvoiceName = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^(?!credit:)")]
"""What an invoice goes by: a holder of the receivable that is no customer's credit."""


def owed_to(
    event: BusinessEvent, customer: str | None, amount: int, source: str
) -> Iterator[Posting | Caveat]:
    """Yield the credit of what a customer is owed from now on; *source* says for what.

    Invalid when no customer is known: a credit belongs to somebody. Offline it is in suspense.
    """
    if amount and customer:
        yield Posting("receivable", -amount, CREDIT + customer)
    elif amount and event.happened_offline:
        yield from unplaced(source, -amount)
    elif amount:
        raise Invalid([fault("/customer", "required")])


def unplaced(name: str, amount: int) -> Iterator[Posting | Caveat]:
    """Yield what happened offline to a receivable that the book does not know: to suspense."""
    holder = f"receivable:{name}"
    yield Posting(SUSPENSE, amount, holder)
    yield Caveat("receivable-offline", holder, amount)


def refuse_other_currency(event: BusinessEvent, currency: str | None) -> None:
    """Raise a Conflict when an event is in another currency than what it speaks of."""
    if currency != event.currency:
        facts = {"currency": currency, "stated": event.currency}
        raise Conflict("other-currency", pointer="/currency", **facts)
