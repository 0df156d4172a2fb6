"""What makes an invoice stand as revised: the difference to what it posted before (5.6)."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from ledger.events.base import Earlier, Entry
from ledger.events.invoice_state import InvoiceState
from ledger.events.invoice_story import StatesInvoice
from ledger.events.lines import Priced
from ledger.events.netting import charged, net
from ledger.events.receivable import owed_to
from ledger.events.restating import goods_restated
from ledger.events.sale import sold
from ledger.events.voiding import refuse_packages
from ledger.postings import Caveat, Posting, opposite


def revision(
    event: StatesInvoice,
    priced: Sequence[Priced],
    state: InvoiceState | None,
    stated: Sequence[Entry],
    earlier: Earlier,
) -> Iterator[Posting | Caveat]:
    """Yield the difference between an invoice's new lines and what is *stated* so far.

    What is paid beyond the revised invoice becomes the customer's credit.
    """
    lines = [posting for line in priced for posting in sold(line)]
    taken_back = [replace(opposite(posting), account="", home=None) for posting in charged(stated)]
    change = net(
        replace(posting, currency=event.currency or "") for posting in (*lines, *taken_back)
    )
    refuse_packages(event.invoice, change)
    yield from change
    more = -sum(posting.amount for posting in change)
    beyond = max(0, -(event.held(earlier, "receivable", event.invoice) + more))
    yield Posting("receivable", more + beyond, event.invoice)
    customer = event.customer or (state.customer if state else None)
    yield from owed_to(event, customer, beyond, event.invoice)
    yield from goods_restated(event, priced, stated, earlier)
