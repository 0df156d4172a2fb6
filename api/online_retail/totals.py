"""What the file adds up to, computed from its rows alone, to stand beside the ledger's balances."""

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from msgspec import Struct

from api.online_retail.documents import (
    CHARGES,
    Class,
    Document,
    Rows,
    is_postage,
    is_voucher,
    pence,
    sort,
)
from api.online_retail.rows import Row

CLEARING: Final = "clearing"
RECEIVED: Final = "clearing, received"
GIVEN_BACK: Final = "clearing, given back"
CANCELLED: Final = "clearing, cancellations"

_APART: Final = (RECEIVED, GIVEN_BACK, CLEARING, CANCELLED)
"""What looks at the same money from the other side."""

_WORDS: Final = {
    "sales": "Goods sold",
    "shipping_income": "Postage",
    "gift_cards": "Gift vouchers sold",
    "sales_returns": "Taken back",
    "discounts": "Discounts",
    "merchant_fees": "Amazon's fees, bank charges",
    "promotion_expense": "Samples",
    "bad_debt": "Bad debts",
    RECEIVED: "Received from customers",
    GIVEN_BACK: "Given back and charged",
    CLEARING: "Everything together",
    CANCELLED: "of which cancellations",
}


class Unbooked(Struct, frozen=True):
    """A row that is not booked, and why."""

    row: int
    invoice: str
    reason: str


class Sum(Struct, frozen=True):
    """Pounds, exact as the file states them, and in pence as rows are rounded when booked."""

    exact: Decimal = Decimal(0)
    booked: int = 0

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(self.exact + other.exact, self.booked + other.booked)

    @property
    def rounding(self) -> Decimal:
        """Return what rounding took away, in pounds; negative where it added."""
        return self.exact - Decimal(self.booked).scaleb(-2)


class Totals(Struct, frozen=True):
    """The file's own totals. `sums` are by account role, income and money received positive."""

    rows: int
    documents: int
    cancellations: int
    classes: Mapping[Class, int]
    sums: Mapping[str, Sum]
    unbooked: tuple[Unbooked, ...]

    @property
    def value(self) -> Sum:
        """Return what all rows are worth."""
        return self.sums[CLEARING]

    @property
    def cancelled(self) -> Sum:
        """Return what the cancellations are worth, negative."""
        return self.sums[CANCELLED]


class Comparison(Struct, frozen=True):
    """One total of the file beside the ledger's, which is in pence."""

    what: str
    file: Sum
    ledger: int

    @property
    def equal(self) -> bool:
        """Tell whether the ledger holds what the file states, to the penny."""
        return self.file.booked == self.ledger


def totals(documents: Iterable[Document]) -> Totals:
    """Return what the file adds up to."""
    classes: Counter[Class] = Counter()
    sums: dict[str, Sum] = dict.fromkeys(_APART, Sum())
    rows = cancellations = 0
    unbooked: list[Unbooked] = []
    for document in documents:
        found = sort(document)
        classes[found.kind] += 1
        rows += len(document.rows)
        if document.cancels:
            cancellations += 1
            sums[CANCELLED] += _sum(document.rows)
        for role, part in _by_role(document):
            sums[role] = sums.get(role, Sum()) + part
        unbooked += [Unbooked(r.number, r.invoice, "its quantity is zero") for r in found.unbooked]
    return Totals(rows, classes.total(), cancellations, dict(classes), sums, tuple(unbooked))


def compared(found: Totals, ledger: Mapping[str, int]) -> list[Comparison]:
    """Return each of the file's totals beside the ledger's; what the ledger lacks is 0."""
    return [
        Comparison(words, found.sums.get(role, Sum()), ledger.get(role, 0))
        for role, words in _WORDS.items()
        if role in found.sums or ledger.get(role)
    ]


def _by_role(document: Document) -> Iterable[tuple[str, Sum]]:
    """Yield what a document adds to each account, and to the clearing of its money."""
    found = sort(document)
    for row in found.sold:
        yield _role_sold(row), _sum((row,))
    sold, taken_back = found.sold, found.taken_back
    if document.cancels:
        taken_back += found.discounts
    else:
        sold += found.discounts
        yield from (("discounts", _sum((row,))) for row in found.discounts)
    if taken_back:
        yield "sales_returns", _sum(taken_back)
    for row in found.charges:
        yield CHARGES[row.code.upper()][0], _sum((row,))
    for part in (sold, taken_back, found.charges):
        worth = _sum(part)
        yield CLEARING, worth
        yield RECEIVED if worth.booked > 0 else GIVEN_BACK, worth


def _role_sold(row: Row) -> str:
    if is_postage(row):
        return "shipping_income"
    return "gift_cards" if is_voucher(row) else "sales"


def _sum(rows: Rows) -> Sum:
    exact = sum((row.value for row in rows), Decimal(0))
    return Sum(exact, sum(pence(row) for row in rows))
