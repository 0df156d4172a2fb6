"""What waits for a vendor's bill: goods received, and costs of bringing them in (5.8)."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from ledger.errors import Conflict, Fault, fault
from ledger.events.allocation import AllocateBy, Delivered
from ledger.events.base import BusinessEvent, Earlier, Entry
from ledger.events.goods import GoodsReceived
from ledger.events.standing import standing
from ledger.postings import SUSPENSE, Caveat, Posting


def received(receipt: str, earlier: Earlier) -> list[Entry]:
    """Return the goods of a receipt that stand; they may have come in several parts."""
    return standing(earlier, "receipt", receipt, "goods_received")


def delivered(receipts: Sequence[str], earlier: Earlier) -> list[Delivered]:
    """Return the lines of receipts, at what the goods cost in home money."""
    return [
        replace(line, value=entry.event.at_home(line.value, earlier))
        for receipt in receipts
        for entry in received(receipt, earlier)
        if isinstance(entry.event, GoodsReceived)
        for line in entry.event.delivered()
    ]


def refuse_unknown(event: BusinessEvent, receipt: str, pointer: str, earlier: Earlier) -> None:
    """Raise a Conflict where nothing stands of a receipt, but for what happened offline."""
    if not received(receipt, earlier) and not event.happened_offline:
        raise Conflict("receipt-unknown", pointer=pointer, receipt=receipt)


def refuse_unweighed(lines: Sequence[Delivered], by: AllocateBy) -> None:
    """Raise a Conflict where a cost is to be spread by weights that nobody stated."""
    for line in lines:
        if by == "weight" and not line.weight:
            raise Conflict("weight-unknown", pointer="/allocate_by", item=line.item)


def check_receipts(receipts: Sequence[str]) -> Iterator[Fault]:
    """Yield a fault for each receipt that is named again."""
    for index, receipt in enumerate(receipts):
        if receipt in receipts[:index]:
            yield fault(f"/receipts/{index}", "named-twice", name=receipt)


def astray(amount: int, receipts: Sequence[str]) -> Iterator[Posting | Caveat]:
    """Yield a cost of goods that nobody knows: to suspense, for a person to look at."""
    holder = f"goods_received_not_billed:{receipts[0]}"
    yield Posting(SUSPENSE, amount, holder)
    yield Caveat("receipt-offline", holder, amount)


def bill_of(receipt: str, earlier: Earlier) -> str | None:
    """Return the bill that a receipt's goods are owed under, if it is there."""
    billed = standing(earlier, "receipt", receipt, "bill_received")
    bills = (getattr(entry.event, "bill", None) for entry in (*received(receipt, earlier), *billed))
    return next(filter(None, bills), None)
