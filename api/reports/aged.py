"""GET /v1/reports/aging."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from litestar import Response, get
from msgspec import Struct

from api.access import OFFICE
from api.catalogue import word
from api.parameters import AsOf, KnownAt
from api.reports.asking import Channel, Location, OnDay, Reading, Register, Staff, reading
from api.service import Call
from api.tabular import Row, answered
from ledger.money import to_text
from ledger.reports.aging import BUCKETS, Aging, Debtor, Owed, aging
from ledger.reports.views import Cut

_COLUMNS: Final = (
    "customer",
    "invoice",
    "due",
    "days",
    "currency",
    "amount",
    *BUCKETS,
    "credit",
    "total",
)


class Aged(Struct, frozen=True):
    """Home money by how many days it is overdue; what is not due yet is current."""

    current: str
    days_1_30: str
    days_31_60: str
    days_61_90: str
    over_90: str


class OpenInvoice(Struct, frozen=True, omit_defaults=True):
    """An invoice with a balance: in its currency, and in home money where that is another.

    `due` is its due date, else the day of its issue; `days` are past it, negative before.
    """

    invoice: str
    due: date
    days: int
    currency: str
    amount: str
    home_amount: str | None = None


class DebtorShown(Struct, frozen=True):
    """What one customer owes; null where no fact says who. `total` = aged less `credit`."""

    customer: str | None
    aged: Aged
    credit: str
    total: str
    invoices: list[OpenInvoice]


class OpenDispute(Struct, frozen=True, omit_defaults=True):
    """A payment that the customer's bank took back, undecided; `days` since it was opened."""

    dispute: str
    opened: date
    days: int
    currency: str
    amount: str
    home_amount: str | None = None


class AgingShown(OnDay, frozen=True, kw_only=True):
    """Receivables by customer; `total` is the balance of accounts receivable.

    `credit` is what customers are owed. `total_disputed` is the balance of disputed payments.
    """

    customers: list[DebtorShown]
    aged: Aged
    credit: str
    total: str
    disputes: list[OpenDispute]
    total_disputed: str


@get(
    "/v1/reports/aging",
    operation_id="getAging",
    tags=["Reports"],
    summary="What customers owe, by age",
    guards=[OFFICE],
    sync_to_thread=True,
    opt={"answer": AgingShown, "csv": True},
)
def get_aging(
    request: Call,
    *,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    location: Location = None,
    register: Register = None,
    channel: Channel = None,
    staff: Staff = None,
) -> Response[Any]:
    """Answer each customer's open invoices by how long they are overdue at the end of a day.

    Default: today. Credits and open disputes stand apart. JSON, or a table with `Accept: text/csv`.
    """
    cut = Cut(location=location, register=register, channel=channel, staff=staff)
    with reading(request, cut, known_at) as book:
        view = book.on(as_of or max(book.today, book.last))
        made = aging(book.connection, book.book.id, book.settings, view)
    home = book.book.currency
    answer = AgingShown(
        **book.day_head(view),
        customers=[_debtor(debtor, home) for debtor in made.debtors],
        aged=_aged(made.debtors, home),
        credit=to_text(sum(debtor.credit for debtor in made.debtors), home),
        total=to_text(sum(debtor.total for debtor in made.debtors), home),
        disputes=[
            OpenDispute(owed.name, owed.due, owed.days, *_amounts(owed, home))
            for owed in made.disputes
        ],
        total_disputed=to_text(sum(owed.home for owed in made.disputes), home),
    )
    return answered(book.form, answer, _COLUMNS, _cells(made, book), book.language)


def _aged(debtors: list[Debtor], home: str) -> Aged:
    sums = [sum(debtor.aged(bucket) for debtor in debtors) for bucket in BUCKETS]
    return Aged(*(to_text(amount, home) for amount in sums))


def _debtor(debtor: Debtor, home: str) -> DebtorShown:
    return DebtorShown(
        customer=debtor.customer or None,
        aged=_aged([debtor], home),
        credit=to_text(debtor.credit, home),
        total=to_text(debtor.total, home),
        invoices=[
            OpenInvoice(owed.name, owed.due, owed.days, *_amounts(owed, home))
            for owed in debtor.invoices
        ],
    )


def _amounts(owed: Owed, home: str) -> tuple[str, str, str | None]:
    there = to_text(owed.home, home) if owed.currency != home else None
    return owed.currency, to_text(owed.amount, owed.currency), there


def _cells(made: Aging, book: Reading) -> Iterator[Row]:
    """Yield a row an invoice, a row a customer's credit, a row a dispute, and the totals."""
    home, language = book.book.currency, book.language
    for debtor in made.debtors:
        for owed in debtor.invoices:
            yield {
                "customer": debtor.customer,
                **_owed(owed, home),
                owed.bucket: to_text(owed.home, home),
            }
        if debtor.credit:
            credit = {
                "credit": to_text(debtor.credit, home),
                "total": to_text(-debtor.credit, home),
            }
            yield {"customer": debtor.customer, "currency": home, **credit}
    sums = _aged(made.debtors, home)
    yield {
        "customer": word("total", language),
        "currency": home,
        **{bucket: getattr(sums, bucket) for bucket in BUCKETS},
        "credit": to_text(sum(debtor.credit for debtor in made.debtors), home),
        "total": to_text(sum(debtor.total for debtor in made.debtors), home),
    }
    for owed in made.disputes:
        yield {"customer": word("dispute", language), **_owed(owed, home)}


def _owed(owed: Owed, home: str) -> dict[str, str]:
    return {
        "invoice": owed.name,
        "due": owed.due.isoformat(),
        "days": str(owed.days),
        "currency": owed.currency,
        "amount": to_text(owed.amount, owed.currency),
        "total": to_text(owed.home, home),
    }
