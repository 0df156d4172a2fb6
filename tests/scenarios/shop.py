"""A shop whose day is told: what it records, what that posts, and what QuickBooks gets of it."""

from collections.abc import Iterable
from typing import Final

from ledger.events.base import Entry
from ledger.money import to_text
from sync.documents import AnyDocument
from sync.plan import conserved
from tests.builders import Json, taxes
from tests.plan.till import Till, transactions

BOOKING: Final = {"booking": "B-1", "customer": "C-1"}
CUT: Final[Json] = {"kind": "service", "category": "Hair", "net": "46.67"} | {
    "taxes": taxes(GST="2.33", QST="4.66")
}
"""A haircut: 53.66 with its taxes."""


def balances(till: Till, *roles: str) -> dict[str, str]:
    """Return what is not zero of some roles (of all where none is named), by role and holder."""
    found = dict[str, int]()
    for entry in till.entries:
        for posting in entry.postings:
            if not roles or posting.role in roles:
                name = f"{posting.role} {posting.holder}".strip()
                found[name] = found.get(name, 0) + posting.amount
    return {name: to_text(amount, "CAD") for name, amount in found.items() if amount}


def kinds(documents: Iterable[AnyDocument]) -> list[str]:
    """Return what kinds of transaction documents are."""
    return [type(document).__name__ for document in transactions(documents)]


def planned(till: Till, *entries: Entry) -> list[AnyDocument]:
    """Return the documents of entries, of the whole log where none is named."""
    return [document for entry in entries or till.entries for document in till.plan(entry)]


def all_told(till: Till) -> None:
    """Assert that the documents of the whole log post what its entries post."""
    conserved(till.entries, planned(till))
