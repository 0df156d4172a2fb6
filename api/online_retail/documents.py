"""Documents of the file, and what each of their rows stands for: every rule of sorting."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final, Literal

from msgspec import Struct

from api.online_retail.rows import Row
from ledger.money import half_up

POSTAGE: Final = ("POST", "DOT", "C2")
DISCOUNT: Final = "D"
MANUAL: Final = "M"
VOUCHER: Final = "gift_"

CHARGES: Final = {
    "AMAZONFEE": ("merchant_fees", ""),
    "BANK CHARGES": ("merchant_fees", ""),
    "CRUK": ("merchant_fees", ""),
    "S": ("promotion_expense", ""),
    "B": ("bad_debt", ""),
    DISCOUNT: ("discounts", "Goods"),
}
"""Codes that are no trade with a customer: the account, by role, and holder that each charges."""

Rows = tuple[Row, ...]
Class = Literal["sale", "cancellation", "stock adjustment", "charge", "mixed", "nothing to book"]


class Document(Struct, frozen=True):
    """The rows of one InvoiceNo, in the order of the file, dated by the earliest of them."""

    number: str
    rows: Rows

    @property
    def cancels(self) -> bool:
        """Tell whether it is a credit note."""
        return self.number.startswith("C")

    @property
    def at(self) -> datetime:
        """Return its earliest row's time."""
        return min(row.at for row in self.rows)


class Sorted(Struct, frozen=True):
    """A document's rows by what they become; each row stands in exactly one of the lists."""

    sold: Rows = ()
    taken_back: Rows = ()
    discounts: Rows = ()
    charges: Rows = ()
    stock: Rows = ()
    unbooked: Rows = ()

    @property
    def kind(self) -> Class:
        """Return the class of document that these rows make."""
        parts: list[tuple[Class, Rows]] = [
            ("sale", self.sold),
            ("cancellation", self.taken_back),
            ("charge", self.charges),
            ("stock adjustment", self.stock),
        ]
        found = [name for name, rows in parts if rows]
        if not found:
            return "nothing to book"
        return found[0] if len(found) == 1 else "mixed"


def documents(rows: Iterable[Row]) -> list[Document]:
    """Return the documents in the order in which the file first names them."""
    by_number: dict[str, list[Row]] = {}
    for row in rows:
        by_number.setdefault(row.invoice, []).append(row)
    return [Document(number, tuple(found)) for number, found in by_number.items()]


def pence(row: Row) -> int:
    """Return what a row is worth in pence, rounded half up as a line of a sale is."""
    return half_up(row.value.scaleb(2))


def is_postage(row: Row) -> bool:
    """Tell whether a row is postage."""
    return row.code.upper() in POSTAGE


def is_voucher(row: Row) -> bool:
    """Tell whether a row is a gift voucher."""
    return row.code.lower().startswith(VOUCHER)


def is_goods(row: Row) -> bool:
    """Tell whether a row is an article of the shop, with a stock code of its own."""
    code = row.code.upper()
    return not (is_postage(row) or is_voucher(row) or code in CHARGES or code == MANUAL)


def sort(document: Document) -> Sorted:
    """Return a document's rows by what they become."""
    stated, unbooked = _split(document.rows, lambda row: bool(row.quantity))
    if all(row.price == 0 for row in stated):
        return Sorted(stock=stated, unbooked=unbooked)
    charges, trade = _split(stated, _is_charge)
    if all(_is_discount(row) for row in trade):
        return Sorted(charges=(*charges, *trade), unbooked=unbooked)
    sign = -1 if document.cancels else 1
    free, priced = _split(trade, lambda row: row.price == 0)
    given, stock = _split(free, lambda row: row.quantity * sign > 0)
    along, against = _split(priced, lambda row: row.value * sign > 0)
    discounts, against = _discounts(along, against)
    along = tuple(sorted((*along, *given), key=lambda row: row.number))
    sold, taken_back = (against, along) if document.cancels else (along, against)
    return Sorted(sold, taken_back, discounts, charges, stock, unbooked)


def discounted(document: Document, found: Sorted) -> list[Row]:
    """Return the goods that the document's discounts are spread over."""
    return [row for row in (found.taken_back if document.cancels else found.sold) if is_goods(row)]


def _is_discount(row: Row) -> bool:
    return row.code.upper() == DISCOUNT


def _is_charge(row: Row) -> bool:
    return row.code.upper() in CHARGES and not _is_discount(row)


def _discounts(along: Rows, against: Rows) -> tuple[Rows, Rows]:
    """Return the discounts given on goods, and the other rows; none exceeds what the goods cost."""
    discounts, others = _split(against, _is_discount)
    worth = sum(abs(pence(row)) for row in along if is_goods(row))
    given = sum(abs(pence(row)) for row in discounts)
    return (discounts, others) if given <= worth else ((), against)


def _split(rows: Rows, wanted: Callable[[Row], bool]) -> tuple[Rows, Rows]:
    """Return the rows that are wanted, and the others."""
    return (
        tuple(row for row in rows if wanted(row)),
        tuple(row for row in rows if not wanted(row)),
    )
