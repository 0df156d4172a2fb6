"""What is owed to vendors: under the bill where it is there, else under what waits for one."""

from collections.abc import Iterator

from ledger.errors import Conflict
from ledger.events.base import Earlier, Entry
from ledger.events.standing import is_reversed, tag
from ledger.postings import Posting


def owing(bill: str | None, waiting: str, amount: int) -> Posting:
    """Return the credit of *amount* owed under a bill, or under what waits for its bill."""
    if bill is not None:
        return Posting("payable", -amount, bill)
    return Posting("goods_received_not_billed", -amount, waiting)


def refuse_anothers(bill: str, vendor: str | None, earlier: Earlier) -> None:
    """Raise a Conflict where the bill's number is another vendor's: each has its own balance."""
    for entry in earlier.about("bill", bill):
        other = getattr(entry.event, "vendor", None)
        if other != vendor and not is_reversed(entry, earlier):
            raise Conflict("bill-known", pointer="/bill", bill=bill, vendor=other)


def later(earlier: Earlier, subject: str, name: str, entry: Entry, *, but: str) -> Iterator[Entry]:
    """Yield what stands of what was recorded about a subject after *entry*, save one kind."""
    for about in earlier.about(subject, name):
        if about.seq > entry.seq and tag(about) != but and not is_reversed(about, earlier):
            yield about
