"""What payments and recoveries of what customers owe have in common (5.6)."""

from collections.abc import Iterator, Sequence
from typing import Final

from ledger.errors import Conflict, Fault, fault
from ledger.events.base import BusinessEvent, Earlier
from ledger.events.invoice_state import InvoiceState
from ledger.events.receivable import unplaced
from ledger.events.tenders import MONEY, Tender
from ledger.postings import Caveat, Posting

PAID_WITH: Final = (*MONEY, "gift_card", "store_credit", "deposit", "customer_credit")
"""Kinds of tender that settle what is owed: no debt pays a debt, and packages pay for sales."""


def check_paid_with(tenders: Sequence[Tender]) -> Iterator[Fault]:
    """Yield a fault for each tender by which nothing that is owed is paid."""
    for index, tender in enumerate(tenders):
        if tender.kind == "on_account":
            yield fault(f"/tenders/{index}/kind", "not-one-of", choices=", ".join(PAID_WITH))


def known_or_refused(
    event: BusinessEvent,
    state: InvoiceState | None,
    invoice: str,
    amount: int,
    pointer: str,
    earlier: Earlier,
) -> Iterator[Posting | Caveat]:
    """Yield a posting of an invoice's receivable; what journals opened is known by its balance.

    Conflict when nothing charges it; offline it goes to suspense.
    """
    if state is not None or event.held(earlier, "receivable", invoice):
        yield Posting("receivable", amount, invoice)
    elif event.happened_offline:
        yield from unplaced(invoice, amount)
    else:
        raise Conflict("invoice-unknown", pointer=pointer, invoice=invoice)
