"""What takes an invoice back: the opposite of all that it posted; what is paid is owed (5.6)."""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from ledger.errors import Conflict
from ledger.events.base import BusinessEvent, Earlier
from ledger.events.invoice_state import InvoiceState, invoice_state
from ledger.events.invoice_story import documents, moves
from ledger.events.netting import charged
from ledger.events.receivable import owed_to, refuse_other_currency, unplaced
from ledger.events.restating import goods_restated
from ledger.money import share
from ledger.postings import Caveat, Posting, opposite


def void_postings(
    event: BusinessEvent, invoice: str, earlier: Earlier, pointer: str = "/invoice"
) -> Iterator[Posting | Caveat]:
    """Yield the opposite of an invoice and its revisions, stock included.

    What is open is taken off the receivable; what is paid becomes the customer's credit. Conflict
    when there is no such invoice (offline: left for a person), or it cannot be voided any more.
    """
    state = changeable(event, invoice, earlier, pointer)
    if state is None:
        yield from unplaced(invoice, 0)
        return
    stated = documents(moves(invoice, earlier))
    back = [opposite(posting) for posting in charged(stated)]
    refuse_packages(invoice, back)
    total = sum(posting.amount for posting in back)
    settled = min(total, max(0, state.open))
    yield from back
    yield from goods_restated(event, (), stated, earlier)
    yield settling(event, earlier, Posting("receivable", -settled, invoice))
    customer = event.customer or state.customer
    for part in owed_to(event, customer, total - settled, invoice):
        yield at_the_rate(event, earlier, part) if isinstance(part, Posting) else part


def changeable(
    event: BusinessEvent, invoice: str, earlier: Earlier, pointer: str
) -> InvoiceState | None:
    """Return the state of an invoice that may be revised or voided; None when it is unknown.

    Conflict when it is voided, written off in part, of a sale, of another currency, or (unless
    that happened offline) unknown.
    """
    state = invoice_state(invoice, earlier)
    if state is None:
        if not event.happened_offline:
            raise Conflict("invoice-unknown", pointer=pointer, invoice=invoice)
        return None
    refuse_voided(state, pointer)
    if state.is_of_sale:
        by = state.document.event.id
        raise Conflict("invoice-of-sale", pointer=pointer, invoice=invoice, event=by)
    if state.written_off:
        raise Conflict("invoice-written-off", pointer=pointer, invoice=invoice)
    refuse_other_currency(event, state.currency)
    return state


def refuse_voided(state: InvoiceState, pointer: str) -> None:
    """Raise a Conflict when an invoice is voided."""
    if state.voided:
        raise Conflict("invoice-voided", pointer=pointer, invoice=state.invoice)


def refuse_packages(invoice: str, change: Iterable[Posting]) -> None:
    """Raise a Conflict when a change touches what an invoice sold into a package."""
    for posting in change:
        if posting.role == "packages" and (posting.amount or posting.quantity):
            facts = {"invoice": invoice, "package": posting.holder}
            raise Conflict("invoice-sells-package", pointer="/invoice", **facts)


def settling(event: BusinessEvent, earlier: Earlier, posting: Posting) -> Posting:
    """Return what draws on a foreign holder at what that is carried at; home money as it is."""
    currency, home = event.currency or "", earlier.book.currency
    held = event.held(earlier, posting.role, posting.holder)
    if currency != home and held:
        worth = earlier.carried(posting.role, posting.holder, currency)
        return replace(posting, home=share(worth, posting.amount, held))
    return posting


def at_the_rate(event: BusinessEvent, earlier: Earlier, posting: Posting) -> Posting:
    """Return a posting with what it comes to in home money at the event's rate."""
    if event.currency == earlier.book.currency:
        return posting
    return replace(posting, home=event.at_home(posting.amount, earlier))
