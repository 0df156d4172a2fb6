"""Lines to accounts that people name: their postings, or every fault of them at once."""

from collections.abc import Iterable

from ledger.errors import Fault, Invalid
from ledger.events.base import BusinessEvent, Earlier
from ledger.events.naming import posted_to
from ledger.postings import Caveat, Posting

NamedLine = tuple[str, str, str | None, int]
"""Where a line stands in the event, its account (a role or a code), its holder, its amount."""


def posted_lines(
    event: BusinessEvent, lines: Iterable[NamedLine], earlier: Earlier
) -> list[Posting | Caveat]:
    """Return what lines post, debits positive; Invalid with every line that cannot be posted."""
    faults, parts = list[Fault](), list[Posting | Caveat]()
    for at, account, holder, amount in lines:
        try:
            parts += posted_to(event, account, holder, amount, f"{at}/account", earlier)
        except Invalid as wrong:
            faults += wrong.faults
    if faults:
        raise Invalid(faults)
    return parts
